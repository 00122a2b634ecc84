"""Many callers at once over HTTP, and several workers on one database."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from attrs import evolve
from e2e.shop import MERCHANT, ORDER, START, Shop, installed, process, shop
from e2e.standin import Fault
from patience import until

from paystate.adapters.clock import SettableClock
from paystate.adapters.storage.sqlite.store import SqliteStore
from paystate.core.ids import OrderKey
from paystate.core.orders.order import fold
from paystate.core.ports.store import ReceivedWebhook, Store
from paystate.entrypoints.service.worker import Worker
from paystate.entrypoints.setup import bootstrap
from paystate.entrypoints.setup.runtime import Runtime
from paystate.entrypoints.setup.settings_checks import load

ID: str = ORDER["order_id"]
CALLERS = 16


async def kept_well(one: Runtime, order_id: str = ID) -> None:
    """What is stored is what the journal tells, and no decision promised more than was captured."""
    key = OrderKey(MERCHANT, order_id)
    facts = [row.fact for row in await one.ports.store.journal(key)]
    assert fold(facts) == await one.ports.store.load(key)


async def test_33_refunds_of_a_tenth_each(tmp_path: Path) -> None:
    async with shop(tmp_path) as at, installed(at, SettableClock(START)) as one:
        await at.charged(amount="100.00")
        answers = await asyncio.gather(*(at.refund("10.00", f"k{number}") for number in range(33)))
        told = Counter(answer.status_code for answer in answers)
        assert {201: 10, 422: 23} == told
        worker = Worker(one)
        for _ in range(120):
            one.ports.clock.advance(1)  # type: ignore[attr-defined]
            await worker.turn()
        order = await at.order()
        assert "0.00" == order["amount_refundable"]
        assert {refund["refund_id"] for refund in order["refunds"]} == set(at.juspay.effects)
        assert Decimal(100) == sum(refund["amount"] for refund in at.juspay.orders[ID.lower()].refunds)
        await kept_well(one)


async def test_one_key_from_many_callers_is_one_refund(tmp_path: Path) -> None:
    async with shop(tmp_path) as at, installed(at, SettableClock(START)) as one:
        await at.charged()
        answers = await asyncio.gather(*(at.refund("100.00", "k") for _ in range(CALLERS)))
        assert {200: CALLERS - 1, 201: 1} == Counter(answer.status_code for answer in answers)
        assert 1 == len({answer.json()["refund"]["refund_id"] for answer in answers})
        assert {"249.50"} == {answer.json()["amount_refundable"] for answer in answers}
        assert at.juspay.effects == at.called("refund")
        assert 1 == len(at.juspay.effects)
        await kept_well(one)


async def test_one_key_on_two_orders_is_one_orders(tmp_path: Path) -> None:
    async with shop(tmp_path) as at, installed(at, SettableClock(START)):
        for order_id in ("one", "two"):
            await at.charged(order_id=order_id)
        calls = (at.refund("5.00", "k", order_id) for order_id in ("one", "two") * 4)
        answers = await asyncio.gather(*calls)
        wins = {answer.json()["order_id"] for answer in answers if answer.status_code < 300}
        assert 1 == len(wins)
        assert {422: 4} == Counter(answer.status_code for answer in answers if answer.status_code >= 300)
        assert 1 == len(at.called("refund"))


async def test_one_order_opened_by_many_callers(tmp_path: Path) -> None:
    async with shop(tmp_path) as at, installed(at, SettableClock(START)) as one:
        same = [ORDER] * CALLERS
        others = [{**ORDER, "amount": "1.00"}, {**ORDER, "order_id": ID.lower()}]
        answers = await asyncio.gather(*(at.call("POST", "/v1/orders", body) for body in [*same, *others]))
        assert {201: 1, 200: CALLERS - 1, 409: 2} == Counter(answer.status_code for answer in answers)
        assert 1 == len((await at.call("GET", "/v1/orders")).json()["orders"])
        await kept_well(one)


async def test_workers_on_one_file_send_one_id(tmp_path: Path) -> None:
    """Two processes and a third that serves: an outage of the refund call, and then it goes through."""
    async with shop(tmp_path, now=START) as at, AsyncExitStack() as running:
        await running.enter_async_context(process(at, "serve", "--no-worker"))
        await at.charged()
        at.juspay.down = Fault("429")
        refund_id = (await at.refund("100.00", "k")).json()["refund"]["refund_id"]
        for _ in range(2):
            await running.enter_async_context(process(at, "worker", ready=b'"working"'))
        tries = await _tries(at)
        at.juspay.down = None

        async def is_taken() -> bool:
            assert at.juspay.now is not None
            if tries == await _tries(at):  # once the next call is under way, no time passes by which it would be late
                at.juspay.now += timedelta(seconds=1)
            return [refund_id] == at.juspay.effects

        await until(is_taken)
        await until(lambda: _is_pending(at))
        assert {refund_id} == set(at.called("refund"))
        assert len(at.called("refund")) <= 3


async def _tries(at: Shop) -> int:
    tries: int = (await at.order())["refunds"][0]["tries"]
    return tries


async def _is_pending(at: Shop) -> bool:
    return "PENDING" == (await at.order())["refunds"][0]["state"]


async def test_two_workers_in_step_never_ask_twice(tmp_path: Path) -> None:
    clock = SettableClock(START)
    async with (
        shop(tmp_path) as at,
        installed(at, clock) as one,
        bootstrap.opened_runtime(load(at.settings), clock=clock) as other,
    ):
        for number in range(8):
            await at.at_the_page(order_id=f"o{number}")
        workers = [Worker(one), Worker(other), Worker(one)]
        await asyncio.gather(*(worker.turn() for worker in workers))
        assert {f"o{number}": 1 for number in range(8)} == Counter(at.called("status"))


async def test_a_storm_of_webhooks_is_a_few_looks(tmp_path: Path) -> None:
    async with shop(tmp_path) as at, installed(at, SettableClock(START)) as one:
        await at.at_the_page()
        at.juspay.paid(ID, "PENDING_VBV")
        worker, clock = Worker(one), one.ports.clock
        assert isinstance(clock, SettableClock)
        bodies = [at.juspay.webhook(ID, "TXN_CREATED", f"evt_{number}") for number in range(500)]
        for begin in range(0, 500, 10):
            answers = await asyncio.gather(*(at.hook(body) for body in bodies[begin : begin + 10]))
            assert {200} == {answer.status_code for answer in answers}
            await worker.turn()
            clock.advance(0.5)
        assert len(at.called("status")) <= 20
        at.juspay.paid(ID)  # nothing tells of this but the hint that still waits
        for _ in range(700):
            clock.advance(5)
            await worker.turn()
        rows = await one.ports.store.inbox(MERCHANT, limit=1000)
        assert {"looked": 500} == Counter(row.verdict for row in rows)
        assert "CHARGED" == (await at.order())["status"]
        assert len(at.called("status")) <= 60
        announced = await one.ports.store.outbox(MERCHANT)
        # No answer ever told how the try ended that the webhooks named, so a person is asked about it.
        assert ["order.paid", "review.opened"] == [row.kind for row in announced]
        await kept_well(one)


async def test_many_orders_are_all_looked_at(tmp_path: Path) -> None:
    """More than fit into a turn, with one whose answers cannot be read among them."""
    async with shop(tmp_path) as at, installed(at, SettableClock(START)) as one:
        await at.at_the_page(order_id="odd")
        at.juspay.paid("odd", "CHARGED", order_id=["no", "text"])
        for number in range(12):
            await at.at_the_page(order_id=f"o{number}")
            at.juspay.paid(f"o{number}")
        while await Worker(one).turn():
            pass
        orders = (await at.call("GET", "/v1/orders?limit=100")).json()["orders"]
        assert {"CHARGED": 12, "NEW": 1} == Counter(order["status"] for order in orders)


class StoreWithAnOddMoment:
    """Passes everything on, but fails once in a way that no port promises."""

    def __init__(self, store: Store) -> None:
        self._store, self._is_odd = store, True

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def due(self, now: datetime, **which: Any) -> Sequence[OrderKey]:
        was_odd, self._is_odd = self._is_odd, False
        if was_odd:
            raise RuntimeError("odd")
        return await self._store.due(now, **which)


async def test_a_worker_outlives_a_surprise(tmp_path: Path) -> None:
    async with shop(tmp_path) as at, installed(at, SettableClock(START)) as one:
        await at.at_the_page()
        at.juspay.paid(ID)
        odd = evolve(one, ports=evolve(one.ports, store=StoreWithAnOddMoment(one.ports.store)))
        worker = Worker(odd)
        working = asyncio.create_task(worker.run())

        async def is_paid() -> bool:
            return "CHARGED" == (await at.order())["status"]

        await until(is_paid)
        worker.stop()
        await working


async def test_a_store_that_closes_loses_nothing_it_took(tmp_path: Path) -> None:
    async with shop(tmp_path) as at:
        store = SqliteStore(tmp_path / "paystate.sqlite3")
        await store.open()
        taken = [store.append_inbox(ReceivedWebhook(MERCHANT, f"evt_{number}", b"{}", START)) for number in range(50)]
        tasks = [asyncio.ensure_future(one) for one in taken]
        await asyncio.sleep(0)
        await store.close()
        assert [True] * 50 == await asyncio.gather(*tasks)
        async with SqliteStore(tmp_path / "paystate.sqlite3") as again:
            assert 50 == len(await again.inbox(MERCHANT))
        assert not at.juspay.calls
