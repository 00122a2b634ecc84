"""Kills that nobody can catch: a real `paystate serve`, SIGKILL, and what the next process makes of it."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from e2e.shop import MERCHANT, ORDER, START, Shop, process, shop
from e2e.standin import Fault
from patience import until

from paystate.adapters.storage.sqlite.store import SqliteStore

ID: str = ORDER["order_id"]
ANSWER_WAITED_FOR_S = 31
"""After that long, a refund call that has not ended is taken for lost."""


async def refund_calls(at: Shop, count: int) -> None:
    async def there_are() -> bool:
        return len(at.called("refund")) >= count

    await until(there_are)


async def refund_is(at: Shop, state: str) -> dict[str, object]:
    """Let the time run until the order's only refund is in `state`."""

    async def is_so() -> bool:
        assert at.juspay.now is not None
        at.juspay.now += timedelta(seconds=1)
        return [state] == [refund["state"] for refund in (await at.order())["refunds"]]

    await until(is_so)
    return (await at.order())["refunds"][0]


@pytest.mark.parametrize("after_effect", [False, True], ids=["before its effect", "after its effect"])
async def test_a_kill_in_the_middle_of_a_refund_call(tmp_path: Path, after_effect: bool) -> None:
    """However often it is killed, the same id is sent or none, and the money is given back once."""
    async with shop(tmp_path, now=START) as at:
        at.juspay.faults["refund"] = deque([Fault("silence", after_effect), Fault("silence")])
        async with process(at) as service:
            await at.charged()
            asking = asyncio.create_task(at.refund("100.00", "k"))
            await refund_calls(at, 1)
            service.kill()
            with suppress(httpx.TransportError):
                await asking
        (refund_id,) = at.called("refund")
        async with process(at) as service:
            kept = (await at.order())["refunds"]
            assert [(refund_id, "REQUESTED", 1)] == [(r["refund_id"], r["state"], r["tries"]) for r in kept]
            again = await at.refund("100.00", "k")
            assert (200, refund_id) == (again.status_code, again.json()["refund"]["refund_id"])
            assert 422 == (await at.refund("300.00", "other")).status_code  # its money is kept back
            if not after_effect:  # killed once more, in the middle of the worker's own call
                at.juspay.now = START + timedelta(seconds=ANSWER_WAITED_FOR_S)
                await until_called_again(at)
            service.kill()
        async with process(at):
            assert at.juspay.now is not None
            at.juspay.now += timedelta(seconds=ANSWER_WAITED_FOR_S)
            await refund_is(at, "PENDING")
        assert [refund_id] == at.juspay.effects
        assert [refund_id] * (1 if after_effect else 3) == at.called("refund")


async def until_called_again(at: Shop) -> None:
    async def called() -> bool:
        assert at.juspay.now is not None
        at.juspay.now += timedelta(seconds=1)
        return len(at.called("refund")) == 2

    await until(called)


async def test_a_webhook_that_was_answered_is_there_after_a_kill(tmp_path: Path) -> None:
    async with shop(tmp_path) as at:
        async with process(at, "serve", "--no-worker") as service:
            bodies = [
                b'{"id":"evt_%d","content":{"order":{"merchant_id":"%b"}}}' % (i, MERCHANT.encode()) for i in range(40)
            ]
            answered: list[bytes] = []

            async def sent(body: bytes) -> None:
                with suppress(httpx.TransportError):
                    if (await at.hook(body)).status_code == 200:
                        answered.append(body)
                        if len(answered) == 20:
                            service.kill()

            await asyncio.gather(*map(sent, bodies))
        async with SqliteStore(tmp_path / "paystate.sqlite3") as store:
            kept = [row.body for row in await store.inbox(MERCHANT, limit=100)]
        assert 20 <= len(answered)
        assert set(answered) <= set(kept)
        assert len(kept) == len(set(kept))
