"""Who waits for whom, with real processes: a payment that Juspay has told of is known while all else hangs.

That is read from the stand-in: it holds answers back, and writes down when a caller has given one up. `make siege`
measures the same in seconds, with many more orders, and in a flood.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

from e2e.shop import ORDER, START, Shop, neighbour, process, shop
from e2e.standin import Call, Fault
from patience import until

from paystate.entrypoints.service.worker import OTHERS_AT_ONCE

MINE = "paid-1"
BACKLOG = 30
NORMAL = timedelta(seconds=60)
"""Within so much time of the clock a new order is looked at, and a refund whose call was lost is sent again."""


def held(is_held: Callable[[Call], bool]) -> Callable[[Call], Awaitable[None]]:
    """Let some calls wait until their callers go away."""

    async def waits(call: Call) -> None:
        if is_held(call):
            await asyncio.Event().wait()

    return waits


async def at_the_page(at: Shop, *order_ids: str) -> None:
    await asyncio.gather(*(at.at_the_page(order_id=order_id) for order_id in order_ids))


async def asks(at: Shop, many: int) -> None:
    """Wait until so many questions have come."""

    async def have_come() -> bool:
        return len(at.called("status")) >= many

    await until(have_come)


def backlog() -> list[str]:
    return [f"open-{number}" for number in range(BACKLOG)]


async def test_a_juspay_that_is_silent_to_one_merchant_delays_no_payment_of_another(tmp_path: Path) -> None:
    async with shop(tmp_path) as silent, neighbour(silent) as at, process(silent):
        silent.juspay.waits = held(lambda _: True)
        await at_the_page(silent, *backlog())
        await asks(silent, OTHERS_AT_ONCE)
        await at_the_page(at, MINE)
        await at.known_paid_after_s(MINE)
        assert [] == silent.juspay.given_up


async def test_a_payment_that_a_webhook_tells_of_is_known_before_the_backlog_moves(tmp_path: Path) -> None:
    async with shop(tmp_path) as at, process(at):
        at.juspay.waits = held(lambda call: call.order_id != MINE)
        await at_the_page(at, *backlog())
        await asks(at, OTHERS_AT_ONCE)
        await at_the_page(at, MINE)
        await at.known_paid_after_s(MINE)
        assert [] == at.juspay.given_up


async def test_an_answer_that_does_not_come_delays_no_other_order(tmp_path: Path) -> None:
    async with shop(tmp_path) as at, process(at):
        at.juspay.waits = held(lambda call: call.order_id == ORDER["order_id"])
        await at_the_page(at, ORDER["order_id"])
        await asks(at, 1)
        await at_the_page(at, MINE)
        await at.known_paid_after_s(MINE)
        assert [] == at.juspay.given_up


async def test_what_was_planned_before_the_clock_was_set_back_has_no_more_than_its_normal_delay(
    tmp_path: Path,
) -> None:
    async with shop(tmp_path, now=START) as at, process(at):
        await at.charged()
        at.juspay.faults["refund"] = deque([Fault("gone")])
        assert 201 == (await at.refund("100.00", "k")).status_code
        await at_the_page(at, MINE)
        at.juspay.paid(MINE)  # and no webhook tells it
        assert at.juspay.now is not None
        at.juspay.now -= timedelta(days=1)
        set_back_to = at.juspay.now
        await until(lambda: is_found_a_second_later(at))
        lasted = at.juspay.now - set_back_to
    assert 1 == len(at.juspay.effects)
    assert lasted <= NORMAL


async def is_found_a_second_later(at: Shop) -> bool:
    """Let a second pass for a service that answers, and look whether the refund was sent and the payment is known."""
    assert at.juspay.now is not None
    at.juspay.now += timedelta(seconds=1)
    states = [refund["state"] for refund in (await at.order())["refunds"]]
    return ["PENDING"] == states and await at.is_paid(MINE)
