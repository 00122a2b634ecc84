"""A real worker is stopped in the middle of a call for longer than its lease, and another one does its work.

When it goes on it has an answer in hand that is old, or none: it must change nothing that it no longer holds.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from attrs import evolve
from e2e.programs import Program
from e2e.shop import MERCHANT, ORDER, START, Shop, process, shop, with_endpoint
from e2e.standin import CLOCK, Call, Fault
from integration.delivery.receiver import receiving
from patience import until

from paystate.adapters.storage.sqlite.store import SqliteStore
from paystate.core.ids import OrderKey
from paystate.core.orders.amounts.totals import amounts
from paystate.core.orders.derived import status

ID: str = ORDER["order_id"]
LONGER_THAN_ANY_LEASE = timedelta(minutes=10)


@asynccontextmanager
async def worker(at: Shop) -> AsyncGenerator[tuple[Program, bytearray]]:
    """A worker that works, and its log."""
    own = evolve(at, logged=bytearray())
    async with process(own, "worker", ready=b'"working"') as running:
        yield running, own.logged


def later(at: Shop, by: timedelta) -> None:
    assert at.juspay.now is not None
    at.juspay.now += by


def holding(at: Shop, operation: str) -> asyncio.Event:
    """Let Juspay keep such calls waiting until this is set."""
    released = asyncio.Event()

    async def waits(call: Call) -> None:
        if call.operation == operation:
            await released.wait()

    at.juspay.waits = waits
    return released


async def stop_while_it_waits(at: Shop, running: Program, operation: str, released: asyncio.Event) -> None:
    """Stop a worker that waits for Juspay's answer; the answer is made, and waits for the worker."""
    calls = len(at.called(operation))

    async def is_asked() -> bool:
        return len(at.called(operation)) > calls

    await until(is_asked)
    os.kill(running.pid, signal.SIGSTOP)
    released.set()
    await at.http.get(at.juspay.url + CLOCK)  # Juspay does one thing after the other


async def kept(at: Shop) -> tuple[Any, ...]:
    """What is true of the order, and all that was told of it. That an old answer came may be noted."""
    async with SqliteStore(at.folder / "paystate.sqlite3") as store:
        order = await store.load(OrderKey(MERCHANT, ID))
        assert order is not None
        return (
            status(order),
            amounts(order),
            [(one.refund_id, one.state, one.tries, one.last_call) for one in order.refunds.values()],
            [row for row in await store.outbox(MERCHANT) if row.order_id == ID],
            await store.deliveries(MERCHANT, order_id=ID),
        )


async def goes_on(at: Shop, running: Program) -> None:
    """Wake a worker that is alone, and wait until it has brought another payment to its end."""
    os.kill(running.pid, signal.SIGCONT)
    await at.at_the_page(order_id="After")
    await at.known_paid_after_s("After")


async def test_an_answer_that_a_stopped_worker_had_in_hand_undoes_nothing(tmp_path: Path) -> None:
    async with shop(tmp_path, now=START) as at, process(at, "serve", "--no-worker"), worker(at) as (first, _):
        released = holding(at, "status")
        stopping = asyncio.create_task(stop_while_it_waits(at, first, "status", released))
        await at.at_the_page()
        await stopping  # the answer says that nobody has paid
        later(at, LONGER_THAN_ANY_LEASE)
        async with worker(at):
            await at.known_paid_after_s(ID)
        before = await kept(at)
        await goes_on(at, first)
        assert before == await kept(at)


async def test_a_refund_that_a_stopped_worker_has_sent_is_made_once_and_stays_as_it_ended(tmp_path: Path) -> None:
    async with shop(tmp_path, now=START) as at, process(at, "serve", "--no-worker"):
        await at.charged()
        at.juspay.faults["refund"] = deque([Fault("gone")])
        assert 201 == (await at.refund("100.00", "k")).status_code
        async with worker(at) as (first, _):
            released = holding(at, "refund")
            stopping = asyncio.create_task(stop_while_it_waits(at, first, "refund", released))
            await asyncio.gather(stopping, _seconds_pass(at, stopping))
            (refund_id,) = at.juspay.effects
            at.juspay.settled(refund_id)
            later(at, LONGER_THAN_ANY_LEASE)

            async def is_known() -> bool:
                later(at, timedelta(seconds=5))
                return ["SUCCESS"] == [refund["state"] for refund in (await at.order())["refunds"]]

            async with worker(at):
                await until(is_known)
            before = await kept(at)
            await goes_on(at, first)
            assert before == await kept(at)
            assert [refund_id] == at.juspay.effects


async def _seconds_pass(at: Shop, done: asyncio.Task[None]) -> None:
    async def is_done() -> bool:
        later(at, timedelta(seconds=1))
        return done.done()

    await until(is_done)


async def test_an_announcement_that_another_worker_has_delivered_stays_delivered(tmp_path: Path) -> None:
    async with shop(tmp_path, now=START) as at, receiving() as receiver:
        with_endpoint(at, receiver.url)
        async with process(at, "serve", "--no-worker"), worker(at) as (first, log):
            receiver.hangs = True
            await at.charged()

            async def heard() -> bool:
                return bool(receiver.received)

            await until(heard)
            os.kill(first.pid, signal.SIGSTOP)
            receiver.hangs = False
            later(at, LONGER_THAN_ANY_LEASE)

            async def is_delivered() -> bool:
                return ["delivered"] == [one.state for one in (await kept(at))[-1]]

            async with worker(at):
                await until(is_delivered)
            before = await kept(at)
            receiver.close()  # the first has no answer, and gets none
            await goes_on(at, first)

            async def has_given_up() -> bool:
                return b"not delivered" in log

            await until(has_given_up)
            assert before == await kept(at)
            assert 2 == receiver.ids.count(before[-1][0].announcement.event_id)
