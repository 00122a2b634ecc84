"""A command that calls Juspay hands back both what it decided and the order as the call has left it."""

from __future__ import annotations

import pytest
from integration.api.world import World

from paystate.core.errors import GatewayUnreachable, OutcomeUnknown
from paystate.core.ids import OrderKey
from paystate.core.money import Money
from paystate.core.orders.derived import status
from paystate.core.orders.facts import FactKind
from paystate.core.orders.refund import LastCall
from paystate.core.use_cases.holds import capture, void
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


async def signed(shop: World) -> None:
    """Let the app have its payload, after which Juspay may know the order, as it does here."""
    opened = await shop.ready()
    path = f"/v1/checkouts/{opened['checkout_id']}/process"
    answer = await shop.post(path, {"order_id": "lamp-1"}, token=opened["token"])
    assert 200 == answer.status_code, answer.text
    shop.gateway.says("lamp-1", "NEW")
