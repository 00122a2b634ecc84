"""A command that calls Juspay hands back both what it decided and the order as the call has left it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve
from integration.api.world import FakeGateway, World

from paystate.core.errors import GatewayUnreachable, OutcomeUnknown, RateLimited
from paystate.core.ids import OrderKey
from paystate.core.money import Money
from paystate.core.orders.decision import DecisionResult
from paystate.core.orders.derived import status
from paystate.core.orders.facts import FactKind
from paystate.core.orders.order import Order
from paystate.core.orders.refund import LastCall
from paystate.core.use_cases.holds import capture, void
from paystate.core.use_cases.look import look_now
from paystate.core.use_cases.process_due_order import process_due_order
from paystate.core.use_cases.refund import refund
from paystate.core.use_cases.sale import amend
from paystate.core.use_cases.transact import CommandResult

KEY = OrderKey("shop", "lamp-1")
PART = Money.parse("40.00", "INR")


async def stored(shop: World) -> object:
    return await shop.store.load(KEY)


async def refunded(shop: World, key: str = "k-1") -> CommandResult:
    result = await refund(shop.runtime.ports, shop.runtime.merchants["shop"], KEY, idempotency_key=key, amount=PART)
    assert isinstance(result, CommandResult)
    return result


async def test_a_refund_s_result_has_the_order_after_the_answer(shop: World) -> None:
    await shop.charged()
    result = await refunded(shop)
    assert result.decision.fact is not None
    assert (FactKind.REFUND_REQUESTED, result.order) == (result.decision.fact.kind, await stored(shop))
    assert ["PENDING"] == [known.state for known in result.order.refunds.values()]


@pytest.mark.parametrize(
    ("fault", "last_call"),
    [(GatewayUnreachable("refund"), LastCall.NOT_SENT), (OutcomeUnknown("refund"), LastCall.UNKNOWN)],
)
async def test_a_refund_s_result_has_the_order_after_a_call_without_an_answer(
    shop: World, fault: Exception, last_call: LastCall
) -> None:
    await shop.charged()
    shop.gateway.fault = fault
    result = await refunded(shop)
    assert [last_call] == [known.last_call for known in result.order.refunds.values()]
    assert result.order == await stored(shop)


async def test_a_refund_that_was_made_before_decides_nothing_and_is_not_sent(shop: World) -> None:
    await shop.charged()
    first = await refunded(shop)
    again = await refunded(shop)
    assert (None, first.order) == (again.decision.fact, again.order)


async def test_a_capture_s_result_has_the_order_after_the_answer(shop: World) -> None:
    await shop.held()
    ports, merchant = shop.runtime.ports, shop.runtime.merchants["shop"]
    result = await capture(ports, merchant, KEY, idempotency_key="k-1")
    assert isinstance(result, CommandResult)
    assert ("CHARGED", result.order) == (status(result.order), await stored(shop))


async def test_a_release_s_result_has_the_order_after_a_lost_answer(shop: World) -> None:
    await shop.held()
    shop.gateway.fault = OutcomeUnknown("void")
    ports, merchant = shop.runtime.ports, shop.runtime.merchants["shop"]
    result = await void(ports, merchant, KEY, idempotency_key="k-1")
    assert isinstance(result, CommandResult)
    assert [LastCall.UNKNOWN] == [one.last_call for one in result.order.holds.values()]
    assert result.order == await stored(shop)


async def test_a_price_change_s_result_has_the_order_after_the_answer(shop: World) -> None:
    await shop.opened()
    await signed(shop)
    result = await amend(shop.runtime.ports, shop.runtime.merchants["shop"], KEY, PART)
    assert isinstance(result, CommandResult)
    assert (PART, result.order) == (result.order.amount, await stored(shop))


async def test_a_price_that_a_look_has_confirmed_while_the_call_s_answer_was_lost_is_in_the_result(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shop.opened()
    await signed(shop)
    ports, merchant, update = shop.runtime.ports, shop.runtime.merchants["shop"], FakeGateway.update_order

    async def lost(gateway: FakeGateway, order_id: str, amount: Money, *, routing_id: str) -> None:
        await update(gateway, order_id, amount, routing_id=routing_id)
        assert await look_now(ports, merchant, KEY)
        raise OutcomeUnknown("update")

    monkeypatch.setattr(FakeGateway, "update_order", lost)
    result = await amend(ports, merchant, KEY, PART)
    assert isinstance(result, CommandResult)
    assert (PART, result.order) == (result.order.amount, await stored(shop))


async def test_a_refund_that_a_worker_sent_first_is_in_the_result_as_it_was_sent(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shop.charged()
    transact = shop.store.transact

    async def then_a_worker(key: OrderKey, fn: Callable[[Order | None], DecisionResult]) -> object:
        decided = await transact(key, fn)
        monkeypatch.undo()
        assert await process_due_order(shop.runtime.ports, shop.runtime.merchants, key)
        return decided

    monkeypatch.setattr(shop.store, "transact", then_a_worker)
    result = await refunded(shop)
    assert ([("PENDING", 1)], result.order) == (
        [(known.state, known.tries) for known in result.order.refunds.values()],
        await stored(shop),
    )


@pytest.mark.parametrize("what", ["refund", "capture", "price", "session"])
async def test_a_429_to_any_call_slows_the_workers_down(shop: World, what: str) -> None:
    opened = dict[str, Any]()
    if what == "refund":
        await shop.charged()
    elif what == "capture":
        await shop.held()
    else:
        await shop.opened()
        opened = await (signed(shop) if what == "price" else shop.ready())
    shop.gateway.fault = RateLimited(429, 30)
    merchant = shop.runtime.merchants["shop"]
    if what == "session":
        shop.runtime.current = evolve(shop.runtime.current, merchants={"shop": evolve(merchant, signer=None)})
        path = f"/v1/checkouts/{opened['checkout_id']}/process"
        await shop.post(path, {"order_id": "lamp-1"}, token=opened["token"])
    elif what == "price":
        await shop.call("PATCH", "/v1/orders/lamp-1", {"amount": "40.00"})
    else:
        path = "refunds" if what == "refund" else "capture"
        await shop.post(f"/v1/orders/lamp-1/{path}", {"amount": "40.00"}, idempotency_key="k-1")
    pace = await shop.store.pace("shop", lambda kept: (kept, kept))
    assert pace.closed_for == timedelta(seconds=30)


@pytest.mark.parametrize(
    ("begins", "method", "path", "body"),
    [
        ("charged", "POST", "/v1/orders/lamp-1/refunds", {"amount": "40.00"}),
        ("held", "POST", "/v1/orders/lamp-1/capture", {"amount": "40.00"}),
        ("held", "POST", "/v1/orders/lamp-1/void", None),
        ("opened", "PATCH", "/v1/orders/lamp-1", {"amount": "40.00"}),
    ],
    ids=["refund", "capture", "void", "amend"],
)
async def test_a_call_of_the_api_loads_its_order_once(
    shop: World, begins: str, method: str, path: str, body: dict[str, str] | None
) -> None:
    await {"charged": shop.charged, "held": shop.held, "opened": shop.opened}[begins]()
    if begins == "opened":
        await signed(shop)
    shop.store.uses.clear()
    answer = await shop.call(method, path, body, idempotency_key="k-1")
    assert (True, 1) == (answer.is_success, shop.store.uses["load"])


async def signed(shop: World) -> dict[str, Any]:
    """Let the app have its payload, after which Juspay may know the order, as it does here."""
    opened = await shop.ready()
    path = f"/v1/checkouts/{opened['checkout_id']}/process"
    answer = await shop.post(path, {"order_id": "lamp-1"}, token=opened["token"])
    assert 200 == answer.status_code, answer.text
    shop.gateway.says("lamp-1", "NEW")
    return opened
