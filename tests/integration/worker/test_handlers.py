"""Handlers in the worker: called once in effect, again where they fail, one at a time, and never for too long."""

from __future__ import annotations

import asyncio
import functools
import json
import threading
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve
from integration.api.world import START, World, world
from patience import until

from paystate.core.announcements.delivery import TRIES_MAX
from paystate.core.errors import StorageUnavailable, ValueInvalid, WrongPlace
from paystate.core.orders.facts import AnnouncementKind
from paystate.core.policy import DAY_S
from paystate.core.ports.notifier import Handler
from paystate.core.ports.outbox import DeliveryState, OutboxRow
from paystate.core.use_cases.announcements.deliver import deliver, queue
from paystate.core.use_cases.announcements.replay import Wish, everybody, replay
from paystate.entrypoints.engine import EventView, Shop, handlers
from paystate.entrypoints.interface.views.announcement_views import message_of
from paystate.entrypoints.service.worker import Worker
from paystate.entrypoints.setup.handlers import Handlers


@asynccontextmanager
async def told(function: Any, *kinds: str, name: str = "") -> AsyncGenerator[tuple[World, Worker]]:
    """A shop whose handler is known before anything happens."""
    async with world() as shop:
        Shop(shop.runtime, "shop").on(*kinds or ("order.paid",), name=name)(function)
        worker = Worker(shop.runtime)
        await worker.turn()
        yield shop, worker


async def turns(worker: Worker) -> None:
    """Let the worker do all that is due now."""
    while await worker.turn():
        pass


async def kept(shop: World) -> tuple[DeliveryState, int, str]:
    (row,) = await shop.store.deliveries("shop")
    return row.state, row.tries, row.outcome


async def test_a_handler_is_called_once_with_the_event() -> None:
    events: list[EventView] = []

    async def ship(event: EventView, tx: object) -> None:
        events.append(event)

    async with told(ship) as (shop, worker):
        await shop.charged()
        await turns(worker)
        await turns(worker)
        assert [("order.paid", "lamp-1", True)] == [
            (one.type, one.data.order_id, one.data.order.may_fulfil) for one in events
        ]
        assert (DeliveryState.DELIVERED, 1, "handled") == await kept(shop)
        assert ["ship"] == [row.subscriber for row in await shop.store.deliveries("shop")]


async def test_a_plain_function_runs_in_a_thread_of_its_own() -> None:
    threads: list[str] = []

    def ship(event: EventView, tx: object) -> None:
        threads.append(threading.current_thread().name)

    async with told(ship) as (shop, worker):
        await shop.charged()
        await turns(worker)
        assert [True] == [name.startswith("paystate-ship") for name in threads]
        assert DeliveryState.DELIVERED == (await kept(shop))[0]


async def test_a_handler_that_raises_is_called_again_and_its_words_are_not_kept() -> None:
    faults: list[Exception] = [KeyError("asha@example.test"), TimeoutError("her phone")]

    async def ship(event: EventView, tx: object) -> None:
        if faults:
            raise faults.pop(0)

    async with told(ship) as (shop, worker):
        await shop.charged()
        await turns(worker)
        assert (DeliveryState.WAITING, 1, "raised KeyError") == await kept(shop)
        shop.clock.advance(10)
        await turns(worker)
        assert (DeliveryState.WAITING, 2, "raised TimeoutError") == await kept(shop)
        shop.clock.advance(DAY_S)
        await turns(worker)
        assert (DeliveryState.DELIVERED, 3, "handled") == await kept(shop)


async def test_after_ten_tries_it_is_a_dead_letter() -> None:
    async def ship(event: EventView, tx: object) -> None:
        raise ZeroDivisionError

    async with told(ship) as (shop, worker):
        await shop.charged()
        for _ in range(TRIES_MAX + 1):
            await turns(worker)
            shop.clock.advance(2 * DAY_S)
        assert (DeliveryState.DEAD, TRIES_MAX, "raised ZeroDivisionError") == await kept(shop)


async def test_a_handler_that_takes_too_long_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handlers, "HANDLER_TIMEOUT_S", 0.01)

    async def ship(event: EventView, tx: object) -> None:
        await asyncio.Event().wait()

    async with told(ship) as (shop, worker):
        await shop.charged()
        await turns(worker)
        assert (DeliveryState.WAITING, 1, "took longer than 0.01 s") == await kept(shop)


async def test_a_thread_that_takes_too_long_is_left_alone_and_gets_no_second_beside_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(handlers, "HANDLER_TIMEOUT_S", 0.01)
    free, calls = threading.Event(), list[str]()

    def ship(event: EventView, tx: object) -> None:
        calls.append(event.id)
        free.wait()
        raise ZeroDivisionError

    async with told(ship) as (shop, worker):
        await shop.charged()
        await turns(worker)
        assert (DeliveryState.WAITING, 1, "took longer than 0.01 s") == await kept(shop)
        shop.clock.advance(10)
        await turns(worker)
        assert (DeliveryState.WAITING, 1, "took longer than 0.01 s") == await kept(shop)
        assert 1 == len(calls)
        free.set()
        (handler,) = shop.runtime.handlers.of("shop")
        assert isinstance(handler.notifier, Handler)
        is_busy = handler.notifier.is_busy

        async def has_ended() -> bool:
            return not is_busy()

        await until(has_ended)
        await turns(worker)
        assert (DeliveryState.WAITING, 2, "raised ZeroDivisionError") == await kept(shop)


async def test_a_thread_that_never_ends_keeps_no_program_from_ending() -> None:
    def ship(event: EventView, tx: object) -> None:
        daemons.append(threading.current_thread().daemon)

    daemons = list[bool]()
    async with told(ship) as (shop, worker):
        await shop.charged()
        await turns(worker)
        assert [True] == daemons


async def test_a_plain_function_around_an_async_one_is_waited_for() -> None:
    shipped: list[str] = []

    async def ship(event: EventView, tx: object) -> None:
        await asyncio.sleep(0)
        shipped.append(event.data.order_id)

    async with told(lambda event, tx: ship(event, tx), name="ship") as (shop, worker):
        await shop.charged()
        await turns(worker)
        assert ["lamp-1"] == shipped
        assert (DeliveryState.DELIVERED, 1, "handled") == await kept(shop)


async def test_a_function_that_a_decorator_gives_more_is_a_handler() -> None:
    def with_mail(function: Any) -> Any:
        @functools.wraps(function)
        def inner(event: EventView, tx: object) -> None:
            function(event, tx, "mail")

        return inner

    @with_mail
    def ship(event: EventView, tx: object, mail: str) -> None:
        """What it does is not looked at here."""

    async with world() as shop:
        Shop(shop.runtime, "shop").on("order.paid")(ship)


@pytest.mark.parametrize(
    "function", [lambda: None, lambda event: None, lambda event, tx, more: None], ids=["none", "one", "three"]
)
async def test_a_function_that_does_not_take_two_arguments_is_no_handler(function: Any) -> None:
    async with world() as shop:
        with pytest.raises(ValueInvalid, match="two arguments"):
            Shop(shop.runtime, "shop").on("order.paid", name="ship")(function)


@pytest.mark.parametrize("is_async", [True, False])
async def test_a_function_that_yields_is_no_handler(is_async: bool) -> None:
    async def yields_later(event: EventView, tx: object) -> AsyncGenerator[None]:
        yield

    def yields(event: EventView, tx: object) -> Generator[None]:
        yield

    async with world() as shop:
        with pytest.raises(ValueInvalid, match="yields"):
            Shop(shop.runtime, "shop").on("order.paid")(yields_later if is_async else yields)  # type: ignore[type-var]


@pytest.mark.parametrize("is_async", [True, False])
async def test_an_object_whose_call_yields_is_no_handler(is_async: bool) -> None:
    class YieldsLater:
        async def __call__(self, event: EventView, tx: object) -> AsyncGenerator[None]:
            yield

    class Yields:
        def __call__(self, event: EventView, tx: object) -> Generator[None]:
            yield

    async with world() as shop:
        with pytest.raises(ValueInvalid, match="yields"):
            Shop(shop.runtime, "shop").on("order.paid", name="ship")(YieldsLater() if is_async else Yields())  # type: ignore[type-var]


@pytest.mark.parametrize("fault", [asyncio.CancelledError, SystemExit])
async def test_a_handler_that_ends_as_if_all_did_is_called_again(fault: type[BaseException]) -> None:
    async def ship(event: EventView, tx: object) -> None:
        raise fault

    async with told(ship) as (shop, worker):
        await shop.charged()
        await turns(worker)
        assert (DeliveryState.WAITING, 1, f"raised {fault.__name__}") == await kept(shop)
        (row,) = await shop.store.deliveries("shop")
        assert row.due_at is not None
        assert row.due_at < shop.clock.now() + timedelta(seconds=10)  # and not when its lease would have ended


async def test_what_cannot_be_kept_is_tried_again_as_what_fails_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a row of the merchant's own that breaks a rule of the database at the commit."""

    async def ship(event: EventView, tx: object) -> None:
        return

    @asynccontextmanager
    async def unkept(*_: object, **__: object) -> AsyncGenerator[None]:
        yield
        raise StorageUnavailable("committing a handler's transaction failed")

    async with told(ship) as (shop, worker):
        await shop.charged()
        with monkeypatch.context() as broken:
            broken.setattr(shop.store, "delivering", unkept)
            await turns(worker)
        assert (DeliveryState.WAITING, 1, "what it wrote could not be kept") == await kept(shop)
        shop.clock.advance(10)
        await turns(worker)
        assert (DeliveryState.DELIVERED, 2, "handled") == await kept(shop)


async def test_a_new_handler_hears_what_its_worker_announces_in_its_first_step() -> None:
    async def defend(event: EventView, tx: object) -> None:
        return

    async with world() as shop:
        await shop.charged()
        dispute = {"id": "cb-1", "order_id": "lamp-1", "amount": 100}
        body = {"id": "evt-1", "event_name": "CHARGEBACK_RECEIVED", "content": {"chargeback": dispute}}
        assert 200 == (await shop.hook(json.dumps(body).encode())).status_code
        Shop(shop.runtime, "shop").on("dispute.*")(defend)
        await turns(Worker(shop.runtime))
        assert (DeliveryState.DELIVERED, 1, "handled") == await kept(shop)


async def test_what_is_put_back_for_one_is_not_delivered_to_the_others_again() -> None:
    shipped: list[str] = []

    async def ship(event: EventView, tx: object) -> None:
        shipped.append(event.data.order_id)

    async with told(ship) as (shop, worker):
        await shop.charged()
        await turns(worker)
        await shop.charged(order_id="lamp-2")  # the newest announcement is never swept
        await turns(worker)
        shop.clock.advance(40 * DAY_S)
        await worker.turn()
        assert 1 == len(await shop.store.outbox("shop"))
        await shop.store.subscribe("shop", "note", {AnnouncementKind.ORDER_PAID})
        wish = Wish(order_id="lamp-1")
        again = [
            one.to
            async for one in replay(
                shop.store, shop.clock, "shop", {"note": frozenset({AnnouncementKind.ORDER_PAID})}, wish
            )
        ]
        assert [("note",)] == again
        await turns(worker)
        assert ["lamp-1", "lamp-2"] == shipped
        waiting = await shop.store.deliveries("shop", state=DeliveryState.WAITING)
        assert [("note", "lamp-1")] == [(row.subscriber, row.announcement.order_id) for row in waiting]


async def test_handlers_take_turns() -> None:
    inside, most = 0, list[int]()

    async def ship(event: EventView, tx: object) -> None:
        nonlocal inside
        inside += 1
        most.append(inside)
        await asyncio.sleep(0)
        inside -= 1

    async with told(ship) as (shop, worker):
        for n in range(5):
            await shop.charged(order_id=f"lamp-{n}")
        await turns(worker)
        assert [1] * 5 == most


async def test_what_a_handler_asks_paystate_to_write_is_refused_and_it_is_called_again() -> None:
    refused: list[str] = []

    async def give_back(event: EventView, tx: object) -> None:
        try:
            await Shop(shop.runtime, "shop").refund(event.data.order_id, "1.00", key="k")
        except WrongPlace as wrong:
            refused.append(str(wrong))
            raise

    async with told(give_back, name="back") as (shop, worker):
        await shop.charged()
        await turns(worker)
        assert (DeliveryState.WAITING, 1, "raised WrongPlace") == await kept(shop)
        assert "do it after the transaction" in refused[0]


async def test_a_try_that_another_process_has_taken_over_is_not_kept() -> None:
    async def ship(event: EventView, tx: object) -> None:
        (row,) = await shop.store.deliveries("shop")
        assert row.due_at is not None
        await shop.store.begin_delivery(row, row.due_at, row.due_at)

    async with told(ship) as (shop, _):
        await shop.charged()
        ports = shop.runtime.ports
        (handler,) = shop.runtime.handlers.of("shop")
        await queue(ports, "shop", handler)
        (row,) = await shop.store.due_deliveries("shop", "ship", shop.clock.now(), limit=1)

        async def message(one: OutboxRow) -> Any:
            return await message_of(shop.store, one)

        assert None is await deliver(ports, handler, row, message)
        assert (DeliveryState.WAITING, 2, "") == await kept(shop)


async def test_a_handler_s_dead_letter_is_sent_again_over_the_api() -> None:
    async def ship(event: EventView, tx: object) -> None:
        return

    async with told(ship) as (shop, worker):
        await shop.charged()
        await turns(worker)
        (row,) = await shop.store.outbox("shop")
        again = await shop.post("/v1/announcements/replay", {"ids": [row.event_id], "endpoint": "ship"})
        assert ["ship"] == again.json()["announcements"][0]["endpoints"]
        await turns(worker)
        assert (DeliveryState.DELIVERED, 1, "handled") == await kept(shop)


async def test_a_dead_letter_is_queued_again_by_a_program_without_the_handler() -> None:
    faults = [ZeroDivisionError()] * TRIES_MAX

    async def ship(event: EventView, tx: object) -> None:
        if faults:
            raise faults.pop()

    async with told(ship) as (shop, worker):
        await shop.charged()
        for _ in range(TRIES_MAX):
            await turns(worker)
            shop.clock.advance(2 * DAY_S)
        assert DeliveryState.DEAD == (await kept(shop))[0]
        kinds = await everybody(shop.store, shop.clock, "shop", {})
        again = [one.to async for one in replay(shop.store, shop.clock, "shop", kinds, Wish(dead=True))]
        assert [("ship",)] == again
        await turns(worker)
        assert (DeliveryState.DELIVERED, 1, "handled") == await kept(shop)


async def test_a_program_that_registers_a_handler_for_other_kinds_says_so() -> None:
    async def ship(event: EventView, tx: object) -> None:
        return

    async with told(ship) as (shop, _):
        assert [{AnnouncementKind.ORDER_PAID}] == [one.handles for one in await shop.store.subscriptions(START)]
        Shop(another := evolve(shop.runtime, handlers=Handlers()), "shop").on("refund.failed", name="ship")(ship)
        await Worker(another).turn()
        assert [{AnnouncementKind.REFUND_FAILED}] == [one.handles for one in await shop.store.subscriptions(START)]


@pytest.mark.parametrize(
    ("kinds", "name", "pointer"),
    [
        ((), "", "/kinds"),
        (("order.sold",), "", "/kinds"),
        (("*",), "Ship it", "/name"),
        (("*",), "s" * 33, "/name"),
        (("*",), "ship", "/name"),
    ],
    ids=["none", "unknown kind", "letters", "length", "taken"],
)
async def test_what_will_not_do_is_refused(kinds: tuple[str, ...], name: str, pointer: str) -> None:
    async def ship(event: EventView, tx: object) -> None:
        return

    async with world() as shop:
        of = Shop(shop.runtime, "shop")
        of.on("order.paid")(ship)
        with pytest.raises(ValueInvalid) as refused:
            of.on(*kinds, name=name)(ship)
        assert pointer == refused.value.pointer
        assert 1 == len(shop.runtime.handlers.of("shop"))


async def test_no_more_than_twenty_are_taken() -> None:
    async def ship(event: EventView, tx: object) -> None:
        return

    async with world() as shop:
        of = Shop(shop.runtime, "shop")
        for n in range(20):
            of.on("*", name=f"ship-{n}")(ship)
        with pytest.raises(ValueInvalid, match="more than 20"):
            of.on("*", name="ship-20")(ship)
