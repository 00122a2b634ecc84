"""Two services and two workers of one shop, each a process of its own: on PostgreSQL, and on one SQLite file.

The clock stands still. So whatever is asked or sent twice is so because two processes did the same.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
from attrs import define, evolve, field
from e2e.postgres.test_on_postgres import on
from e2e.programs import Program
from e2e.shop import MERCHANT, START, Shop, kept_port, process, shop
from e2e.standin import Call
from patience import until

from paystate.core.ports.store import InboxVerdict
from paystate.entrypoints.service.worker import OTHERS_AT_ONCE
from paystate.entrypoints.setup import bootstrap
from paystate.entrypoints.setup.settings_checks import load

ORDERS = tuple(f"F{number}" for number in range(OTHERS_AT_ONCE + 3))
"""More than one worker begins at a time of one merchant."""


@define
class Held:
    """Juspay keeps each question waiting until it speaks, and notes how many about one order wait at a time."""

    speaks: asyncio.Event = field(factory=asyncio.Event)
    waiting: Counter[str] = field(factory=Counter[str])
    most: Counter[str] = field(factory=Counter[str])

    async def __call__(self, call: Call) -> None:
        self.waiting[call.order_id] += 1
        self.most[call.order_id] = max(self.most[call.order_id], self.waiting[call.order_id])
        try:
            await self.speaks.wait()
        finally:
            self.waiting[call.order_id] -= 1


@pytest.fixture(params=["sqlite", "postgresql"])
async def at(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[Shop]:
    address: str | None = request.getfixturevalue("postgres_database") if request.param == "postgresql" else None
    async with shop(tmp_path, now=START) as opened:
        opened.juspay.waits = Held()
        yield on(opened, address) if address else opened


@asynccontextmanager
async def services(at: Shop) -> AsyncGenerator[tuple[Shop, Shop]]:
    """The shop as each of its two services shows it."""
    with kept_port() as port:
        other = evolve(at, service_url=f"http://127.0.0.1:{port}", logged=bytearray())
        async with (
            process(at, "serve", "--no-worker"),
            process(other, "serve", "--no-worker", environ={"PAYSTATE_PORT": str(port)}),
        ):
            yield at, other


@asynccontextmanager
async def worker(at: Shop) -> AsyncGenerator[Program]:
    async with process(evolve(at, logged=bytearray()), "worker", ready=b'"working"') as running:
        yield running


async def are_asked(at: Shop, many: int) -> None:
    """Wait until so many questions have come."""

    async def have_come() -> bool:
        return len(at.called("status")) >= many

    await until(have_come)


async def are_all(at: Shop, member: str, value: object) -> bool:
    return all([(await at.order(order_id))[member] == value for order_id in ORDERS])


async def test_each_order_is_one_workers_and_each_webhook_and_refund_is_taken_once(at: Shop) -> None:
    juspay, held = at.juspay, at.juspay.waits
    assert isinstance(held, Held)
    async with services(at) as both:
        for number, order_id in enumerate(ORDERS):
            await both[number % 2].at_the_page(order_id=order_id)
        async with worker(at), worker(at):
            await are_asked(at, len(ORDERS))  # one of them alone would ask about eight
            held.speaks.set()
            await until(partial(are_all, both[1], "juspay_status", "NEW"))
            for order_id in ORDERS:
                juspay.paid(order_id)
                body = juspay.webhook(order_id, "ORDER_SUCCEEDED", f"evt_{order_id}")
                told = await asyncio.gather(*(one.hook(body) for one in both))
                assert [200, 200] == [answer.status_code for answer in told]
            await until(partial(are_all, both[1], "paid", True))
            asked = Counter(at.called("status"))
        refunds = await asyncio.gather(*(one.refund("100.00", "k", ORDERS[0]) for one in both * 3))
    assert dict.fromkeys(ORDERS, 2) == asked  # as the plan wants it, and as its webhook does
    assert {1} == {held.most[order_id] for order_id in ORDERS}
    assert {200: 5, 201: 1} == Counter(answer.status_code for answer in refunds)
    assert 1 == len(juspay.effects) == len(at.called("refund"))
    async with bootstrap.opened_store(load(at.settings)) as store:
        rows = await store.inbox(MERCHANT)
    assert {(InboxVerdict.LOOKED, 1): len(ORDERS)} == Counter((row.verdict, row.repeats) for row in rows)


async def test_a_process_that_is_told_to_end_ends_what_it_has_begun_and_leaves_the_rest_to_the_others(
    at: Shop,
) -> None:
    juspay, held, wanted = at.juspay, at.juspay.waits, "Wanted1"
    assert isinstance(held, Held)
    async with process(at, "serve", "--no-worker") as service:
        for order_id in (*ORDERS, wanted):
            await at.at_the_page(order_id=order_id)
            juspay.paid(order_id)
        looking = asyncio.create_task(at.look(wanted))
        await are_asked(at, 1)
        async with worker(at) as ending:
            await are_asked(at, 1 + OTHERS_AT_ONCE)
            ending.terminate()
            service.terminate()
            async with worker(at):
                await are_asked(at, 1 + len(ORDERS))  # no lease of the first one is in the way
                held.speaks.set()
                assert (await looking)["paid"]
                assert [0, 0] == [await ending.wait(), await service.wait()]

                async def are_known() -> bool:
                    async with bootstrap.opened_store(load(at.settings)) as store:
                        found = (await store.find(MERCHANT)).orders
                    return len(ORDERS) + 1 == sum(bool(order.attempts) for order in found)

                await until(are_known)
    assert dict.fromkeys((*ORDERS, wanted), 1) == Counter(at.called("status"))
