"""Merchants are told: in the order of an order's announcements, again where it failed, and nobody waits for another."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from attrs import define, evolve, field
from integration.api.world import World, world
from patience import until

from paystate.core.announcements.delivery import TRIES_MAX, Delivered, NotDelivered, TryEnd, Unwanted
from paystate.core.errors import RecordUnreadable, StorageUnavailable
from paystate.core.orders.facts import AnnouncementKind
from paystate.core.policy import DAY_S
from paystate.core.ports.notifier import Message, Subscriber
from paystate.core.ports.outbox import DeliveryState, OutboxRow
from paystate.core.use_cases.announcements.deliver import deliver, queue
from paystate.core.use_cases.retention.sweep import would_sweep
from paystate.entrypoints.interface.views.announcement_views import message_of
from paystate.entrypoints.service.deliverer import OF_A_MERCHANT, OF_A_SUBSCRIBER, Deliverer
from paystate.entrypoints.service.worker import Worker

ALL = frozenset(AnnouncementKind)


@define
class Listener:
    """A receiver, as a test wants it.

    Attributes:
        ends: How each try ends; afterwards all are taken.
        is_stuck: No try ends until it is set free.
    """

    ends: list[TryEnd] = field(factory=list[TryEnd])
    heard: list[Message] = field(factory=list[Message])
    fault: Exception | None = None
    is_stuck: bool = False
    begun: int = 0
    free: asyncio.Event = field(factory=asyncio.Event)

    async def deliver(self, message: Message, now: object) -> TryEnd:
        self.begun += 1
        if self.is_stuck:
            await self.free.wait()
        if self.fault:
            raise self.fault
        self.heard.append(message)
        return self.ends.pop(0) if self.ends else Delivered("answered 200")

    @property
    def told(self) -> list[tuple[str, str]]:
        bodies = [json.loads(one.body) for one in self.heard]
        return [(body["type"], body["data"]["order_id"]) for body in bodies]


def subscriber(listener: Listener, name: str = "shop", kinds: frozenset[AnnouncementKind] = ALL) -> Subscriber:
    return Subscriber(name=name, kinds=kinds, notifier=listener, timeout_s=15)


@asynccontextmanager
async def listening(*subscribers: Subscriber) -> AsyncGenerator[tuple[World, Worker]]:
    """A shop whose subscribers are known before anything happens."""
    async with world(subscribers=subscribers) as shop:
        worker = Worker(shop.runtime)
        await worker.turn()
        yield shop, worker


async def given_back(shop: World) -> None:
    """Juspay gives the payment of lamp-1 back by itself."""
    shop.gateway.says("lamp-1", "AUTO_REFUNDED", "100.00")
    answer = await shop.post("/v1/orders/lamp-1/look")
    assert "AUTO_REFUNDED" == answer.json()["status"]


async def turns(worker: Worker, most: int = 20) -> None:
    """Let the worker do all that is due now."""
    for _ in range(most):
        if not await worker.turn():
            return


async def test_a_paid_order_is_told_with_the_facts_and_the_order_as_it_was() -> None:
    listener = Listener()
    async with listening(subscriber(listener)) as (shop, worker):
        await shop.charged()
        await turns(worker)
        (message,) = listener.heard
        (row,) = await shop.store.outbox("shop")
        event = json.loads(message.body)
        assert (row.event_id, row.event_id, "order.paid", "2031-05-06T07:08:09Z") == (
            message.event_id, event["id"], event["type"], event["timestamp"],
        )  # fmt: skip
        data = event["data"]
        assert ("shop", "lamp-1", 2, "", "CHARGED", True) == (
            data["merchant_id"], data["order_id"], data["version"], data["about"], data["order"]["status"],
            data["order"]["may_fulfil"],
        )  # fmt: skip
        assert ["Juspay says CHARGED: paid"] == [fact["title"] for fact in data["facts"]]


async def test_every_try_has_the_same_bytes_whatever_the_order_has_become() -> None:
    listener = Listener(ends=[NotDelivered("answered 500")])
    async with listening(subscriber(listener, kinds=frozenset({AnnouncementKind.ORDER_PAID}))) as (shop, worker):
        await shop.charged()
        await turns(worker)
        await shop.refund("100.00", "k1")
        shop.clock.advance(10)
        await turns(worker)
        first, second = listener.heard
        assert first == second
        assert "CHARGED" == json.loads(second.body)["data"]["order"]["status"]
        (row,) = await shop.store.deliveries("shop")
        assert (DeliveryState.DELIVERED, 2, "answered 200") == (row.state, row.tries, row.outcome)


async def test_one_order_s_failure_holds_up_no_other() -> None:
    listener = Listener(ends=[NotDelivered("answered 500")])
    async with listening(subscriber(listener)) as (shop, worker):
        await shop.charged()
        await turns(worker)
        await shop.charged(order_id="lamp-2")
        await given_back(shop)
        await turns(worker)
        assert ("order.paid", "lamp-2") in listener.told
        assert ("order.withdrawn", "lamp-1") not in listener.told
        shop.clock.advance(10)
        await turns(worker)
        of_first = [kind for kind, order_id in listener.told if order_id == "lamp-1"]
        assert ["order.paid", "order.paid"] == of_first[:2]
        assert "order.withdrawn" in of_first[2:]


async def test_after_ten_tries_a_message_is_a_dead_letter_and_its_order_goes_on() -> None:
    listener = Listener(ends=[NotDelivered("answered 500")] * TRIES_MAX)
    async with listening(subscriber(listener)) as (shop, worker):
        await shop.charged()
        await given_back(shop)
        for _ in range(TRIES_MAX):
            await turns(worker)
            shop.clock.advance(2 * DAY_S)
        await turns(worker)
        (dead,) = await shop.store.deliveries("shop", state=DeliveryState.DEAD)
        assert ("order.paid", TRIES_MAX, "answered 500") == (dead.announcement.kind, dead.tries, dead.outcome)
        assert ["order.paid"] * TRIES_MAX == [kind for kind, _ in listener.told][:TRIES_MAX]
        assert ("order.withdrawn", "lamp-1") in listener.told


async def test_an_endpoint_that_hangs_holds_up_no_other() -> None:
    stuck, other = Listener(is_stuck=True), Listener()
    async with listening(subscriber(stuck, "stuck"), subscriber(other, "other")) as (shop, worker):
        for n in range(3 * OF_A_SUBSCRIBER):
            await shop.charged(order_id=f"lamp-{n}")

        async def all_told() -> bool:
            await worker.step()
            return len(other.told) == 3 * OF_A_SUBSCRIBER

        await until(all_told)
        assert OF_A_SUBSCRIBER == stuck.begun
        stuck.free.set()
        await turns(worker)
        assert 3 * OF_A_SUBSCRIBER == len(stuck.told)


async def test_a_merchant_whose_endpoints_all_hang_has_a_share_of_the_places() -> None:
    stuck = [Listener(is_stuck=True) for _ in range(6)]
    async with listening(*(subscriber(one, f"s{n}") for n, one in enumerate(stuck))) as (shop, worker):
        for n in range(OF_A_SUBSCRIBER):
            await shop.charged(order_id=f"lamp-{n}")

        async def all_begun() -> bool:
            await worker.step()
            return all(one.begun for one in stuck)

        await until(all_begun)
        begun = [one.begun for one in stuck]
        assert sum(begun) <= OF_A_MERCHANT + len(stuck)
        for one in stuck:
            one.free.set()
        await turns(worker)
        assert [OF_A_SUBSCRIBER] * 6 == [len(one.told) for one in stuck]


async def test_two_workers_do_not_send_the_same_at_the_same_time() -> None:
    listener = Listener(is_stuck=True)
    async with listening(subscriber(listener)) as (shop, worker):
        await shop.charged()
        second = Worker(shop.runtime)

        async def begun() -> bool:
            await asyncio.gather(worker.step(), second.step())
            return listener.begun > 0

        await until(begun)
        await begun()
        assert 1 == listener.begun
        listener.free.set()
        await turns(worker)
        assert 1 == len(listener.heard)


async def test_what_another_process_has_begun_is_not_sent() -> None:
    listener = Listener()
    async with listening(to := subscriber(listener)) as (shop, _):
        await shop.charged()
        ports, now = shop.runtime.ports, shop.clock.now()
        await queue(ports, "shop", to)
        (row,) = await shop.store.due_deliveries("shop", "shop", now, limit=1)

        async def message(told: OutboxRow) -> Message:
            return await message_of(shop.store, told)

        assert Delivered("answered 200") == await deliver(ports, to, row, message)
        assert None is await deliver(ports, to, row, message)
        assert 1 == len(listener.heard)


async def test_what_was_sent_and_not_noted_is_sent_again_under_the_same_id() -> None:
    listener = Listener(fault=StorageUnavailable("the process died here"))
    async with listening(subscriber(listener)) as (shop, worker):
        await shop.charged()
        await turns(worker)
        listener.fault = None
        await turns(worker)
        assert 1 == listener.begun
        shop.clock.advance(46)  # its time-out and the margin
        await turns(worker)
        assert ["order.paid"] == [kind for kind, _ in listener.told]
        assert 2 == listener.begun


async def test_a_fault_of_the_program_keeps_only_its_own_message() -> None:
    broken, other = Listener(fault=ZeroDivisionError()), Listener()
    async with listening(subscriber(broken, "broken"), subscriber(other, "other")) as (shop, worker):
        await shop.charged()
        await turns(worker)
        assert 1 == len(other.heard)
        (row,) = await shop.store.deliveries("shop", subscriber="broken")
        assert ("failed here", 1) == (row.outcome, row.tries)


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (ZeroDivisionError(), "failed here"),
        (StorageUnavailable("the process died here"), "nothing is known of its last try"),
    ],
    ids=["a fault of the program", "a process that dies"],
)
async def test_a_message_that_breaks_the_program_each_time_is_a_dead_letter_too(fault: Exception, told: str) -> None:
    listener = Listener(fault=fault)
    async with listening(subscriber(listener)) as (shop, worker):
        await shop.charged()
        await given_back(shop)
        for _ in range(TRIES_MAX + 1):
            await turns(worker)
            shop.clock.advance(2 * DAY_S)
        (dead,) = await shop.store.deliveries("shop", state=DeliveryState.DEAD)
        assert ("order.paid", TRIES_MAX, told) == (dead.announcement.kind, dead.tries, dead.outcome)
        listener.fault = None
        await turns(worker)
        assert ("order.withdrawn", "lamp-1") in listener.told


async def test_a_record_that_cannot_be_read_is_tried_again_later(monkeypatch: pytest.MonkeyPatch) -> None:
    listener = Listener()
    async with listening(subscriber(listener)) as (shop, worker):
        await shop.charged()
        journal = shop.store.journal

        async def unreadable(key: object) -> Any:
            raise RecordUnreadable("damaged")

        monkeypatch.setattr(shop.store, "journal", unreadable)
        await turns(worker)
        (row,) = await shop.store.deliveries("shop")
        assert (DeliveryState.WAITING, "its record cannot be read") == (row.state, row.outcome)
        monkeypatch.setattr(shop.store, "journal", journal)
        shop.clock.advance(10)
        await turns(worker)
        assert 1 == len(listener.heard)


async def test_an_endpoint_that_is_gone_gets_nothing_more() -> None:
    listener = Listener(ends=[Unwanted("answered 410")])
    async with listening(subscriber(listener)) as (shop, worker):
        await shop.charged()
        await shop.charged(order_id="lamp-2")
        await turns(worker)
        heard = len(listener.heard)
        await shop.charged(order_id="lamp-3")
        await turns(worker)
        assert heard == len(listener.heard)
        states = {row.state for row in await shop.store.deliveries("shop")}
        assert DeliveryState.WAITING not in states


async def test_only_what_is_wanted_is_sent() -> None:
    refunds, paid = Listener(), Listener()
    async with listening(
        subscriber(refunds, "refunds", frozenset({AnnouncementKind.REFUND_SUCCEEDED})),
        subscriber(paid, "paid", frozenset({AnnouncementKind.ORDER_PAID})),
    ) as (shop, worker):
        await shop.charged()
        await turns(worker)
        assert ([], ["order.paid"]) == (refunds.told, [kind for kind, _ in paid.told])


async def test_a_new_endpoint_gets_no_history() -> None:
    async with world() as shop:
        await shop.charged()
        listener = Listener()
        merchant = evolve(shop.runtime.merchants["shop"], subscribers=(subscriber(listener),))
        shop.runtime.current = evolve(shop.runtime.current, merchants={"shop": merchant})
        worker = Worker(shop.runtime)
        await turns(worker)
        assert [] == listener.told
        await worker.turn()
        await shop.charged(order_id="lamp-2")
        await turns(worker)
        assert [("order.paid", "lamp-2")] == listener.told


async def test_a_store_that_is_gone_keeps_the_worker_from_nothing_else() -> None:
    listener = Listener()
    async with listening(subscriber(listener)) as (shop, worker):
        await shop.charged()
        deliverer = Deliverer(shop.runtime)
        shop.store.is_gone = True
        with pytest.raises(StorageUnavailable):
            await deliverer.step()
        shop.store.is_gone = False
        await turns(worker)
        assert 1 == len(listener.heard)


async def test_a_shop_that_nobody_listens_to_costs_no_read() -> None:
    async with world() as shop:
        await shop.charged()
        before = shop.store.uses.copy()
        await Deliverer(shop.runtime).step()
        assert before == shop.store.uses


async def test_old_announcements_go_a_month_after_and_an_unread_one_after_two() -> None:
    listener = Listener(ends=[NotDelivered("answered 500")])
    async with listening(subscriber(listener)) as (shop, worker):
        await shop.charged()
        await turns(worker)
        await shop.charged(order_id="lamp-2")
        await shop.charged(order_id="lamp-3")
        await turns(worker)
        removed = evolve(shop.runtime.merchants["shop"], subscribers=())
        shop.runtime.current = evolve(shop.runtime.current, merchants={"shop": removed})
        shop.clock.advance(31 * DAY_S)
        policies = {"shop": removed.policy}
        assert 1 == (await would_sweep(shop.store, shop.clock, policies))["shop"].announcements
        await worker.turn()
        left = [row.order_id for row in await shop.store.outbox("shop") if row.kind == AnnouncementKind.ORDER_PAID]
        assert ["lamp-1", "lamp-3"] == left
        shop.clock.advance(30 * DAY_S)
        await worker.turn()
        assert "lamp-1" not in [row.order_id for row in await shop.store.outbox("shop")]
