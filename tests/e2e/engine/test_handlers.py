"""A program with a handler is killed at each step: each paid order is shipped exactly once, and noted exactly then."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from e2e.engine.shipping import STEPS
from e2e.engine.shipping_shop import delivered, finish, program, shipped, shipping
from patience import until


@pytest.mark.parametrize("step", STEPS)
async def test_a_kill_leaves_both_or_neither(tmp_path: Path, step: str) -> None:
    async with shipping(tmp_path) as at:
        order_ids = [f"Ship-{n}" for n in range(3)]
        for order_id in order_ids:
            await at.charged(order_id=order_id)
        async with program(at, step) as doomed:
            await asyncio.wait_for(doomed.wait(), 60)
        assert shipped(at) == delivered(at)
        assert (step in ("committed", "ended")) == bool(shipped(at))
        await finish(at, order_ids)
        assert order_ids == shipped(at)


async def test_orders_paid_while_the_program_is_killed_again_and_again_are_shipped_once(tmp_path: Path) -> None:
    async with shipping(tmp_path) as at:
        order_ids = [f"Ship-{n}" for n in range(9)]
        for n, order_id in enumerate(order_ids):
            async with program(at) as killed:
                await at.charged(order_id=order_id)

                async def is_begun(so_far: int = n // 2) -> bool:
                    assert at.juspay.now is not None
                    at.juspay.now += timedelta(seconds=40)
                    return len(shipped(at)) >= so_far

                await until(is_begun)
                killed.kill()
            assert shipped(at) == delivered(at)
        await finish(at, order_ids)
        assert order_ids == shipped(at)
