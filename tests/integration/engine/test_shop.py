"""A merchant's calls as methods: what they do, what they refuse, and that the service says the same."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from integration.api.world import CUSTOMER, ORDER, World, returning

from paystate.core.errors import GatewayUnreachable
from paystate.core.orders.facts import CashOutcome
from paystate.entrypoints.engine import (
    CheckoutCredentials,
    CheckoutView,
    Customer,
    EventAnswer,
    HoldView,
    Money,
    OrderView,
    RefundView,
    Refused,
    ReviewView,
    Shop,
    ShopperReturn,
    TryLater,
    UnknownId,
    ValueInvalid,
    as_dict,
)

ASHA = Customer(customer_id="c-7", email="dev@example.test", phone="9000000001", first_name="Dev")
INITIATED = {"event": "initiate_result", "payload": {"status": "success"}, "error": False}


async def opened(shop: Shop, order_id: str = "lamp-1", **changes: Any) -> OrderView:
    given: dict[str, Any] = {"customer": ASHA, **changes}
    order = await shop.open_order(order_id, "100.00", "INR", **given)
    assert isinstance(order, OrderView)
    return order


async def charged(shop: Shop, around: World) -> OrderView:
    await opened(shop)
    around.gateway.says("lamp-1", "CHARGED")
    order = await shop.look("lamp-1")
    assert isinstance(order, OrderView)
    return order


async def ready(shop: Shop) -> CheckoutCredentials:
    """A checkout whose SDK has started."""
    checkout = await shop.start_checkout(customer="c-7")
    assert isinstance(await shop.sdk_event(checkout.checkout_id, INITIATED), EventAnswer)
    return checkout


# --- orders


async def test_an_order_is_opened_and_the_service_shows_the_same(shop: Shop, around: World) -> None:
    order = await opened(shop)
    assert ("lamp-1", "100.00", "NEW", "c-7") == (order.order_id, order.amount, order.status, order.customer_id)
    assert as_dict(await shop.order("lamp-1")) == (await around.get("/v1/orders/lamp-1")).json()


async def test_the_same_values_again_are_the_same_order_for_both(shop: Shop, around: World) -> None:
    await opened(shop)
    again = await around.post("/v1/orders", ORDER)
    assert (200, 1) == (again.status_code, again.json()["version"])


async def test_other_values_are_refused_with_the_rule(shop: Shop) -> None:
    await opened(shop)
    refused = await shop.open_order("lamp-1", "200.00", "INR", customer=ASHA)
    assert isinstance(refused, Refused)
    assert "order_exists" == refused.code
    assert refused.rule.id


@pytest.mark.parametrize("amount", ["100.00", "100", Decimal(100), Decimal("1E+2"), Money.parse("100", "INR")])
async def test_an_amount_is_a_string_a_decimal_or_money(shop: Shop, amount: Any) -> None:
    order = await shop.open_order("lamp-1", amount, "INR")
    assert isinstance(order, OrderView)
    assert "100.00" == order.amount


async def test_money_brings_its_currency(shop: Shop) -> None:
    order = await shop.open_order("lamp-1", Money.parse("100", "JPY"))
    assert isinstance(order, OrderView)
    assert ("100", "JPY") == (order.amount, order.currency)


@pytest.mark.parametrize(
    ("amount", "currency", "code", "pointer"),
    [
        (349.5, "INR", "invalid_amount", "/amount"),
        (349, "INR", "invalid_amount", "/amount"),
        ("349.505", "INR", "invalid_amount", "/amount"),
        (Decimal("349.505"), "INR", "invalid_amount", "/amount"),
        (Decimal("NaN"), "INR", "invalid_amount", "/amount"),
        ("0", "INR", "invalid_amount", "/amount"),
        ("349.50", None, "invalid_currency", "/currency"),
        ("349.50", "inr", "invalid_currency", "/currency"),
        (Money.parse("1", "USD"), "INR", "invalid_currency", "/currency"),
    ],
)
async def test_what_is_no_exact_amount_is_refused_and_nothing_is_opened(
    shop: Shop, amount: Any, currency: str | None, code: str, pointer: str
) -> None:
    with pytest.raises(ValueInvalid) as wrong:
        await shop.open_order("lamp-1", amount, currency)
    assert (code, pointer) == (wrong.value.code, wrong.value.pointer)
    assert wrong.value.rule
    with pytest.raises(UnknownId):
        await shop.order("lamp-1")


async def test_a_float_is_told_what_to_be_instead(shop: Shop) -> None:
    with pytest.raises(ValueInvalid, match=r'is a float, .* give a string such as "349.50", a Decimal or Money'):
        await shop.open_order("lamp-1", 349.5, "INR")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "given",
    [
        {"order_id": "lamp 1"},
        {"order_id": 7},
        {"customer": Customer(email="x" * 255)},
        {"customer": Customer(first_name="4111 1111 1111 1111")},
        {"description": "a\u200bb"},
        {"return_url": "https://elsewhere.example.test/"},
        {"capture": "later"},
        {"by": "\u200b"},
    ],
)
async def test_what_the_api_refuses_is_refused(shop: Shop, given: dict[str, Any]) -> None:
    whole: dict[str, Any] = {"order_id": "lamp-1", "amount": "100.00", "currency": "INR", **given}
    with pytest.raises(ValueInvalid):
        await shop.open_order(**whole)
    assert () == (await shop.orders()).orders


async def test_orders_come_in_pages(shop: Shop) -> None:
    for order_id in ("a-1", "a-2", "a-3"):
        await opened(shop, order_id)
    page = await shop.orders(limit=2)
    assert (["a-3", "a-2"], "a-2") == ([one.order_id for one in page.orders], page.next)
    rest = await shop.orders(limit=2, after="a-2")
    assert (["a-1"], None) == ([one.order_id for one in rest.orders], rest.next)


async def test_orders_are_found_by_what_the_api_takes(shop: Shop) -> None:
    await opened(shop, "a-1")
    await opened(shop, "a-2", customer=Customer(customer_id="asha", phone="+91 98765 43210"))
    found = await shop.orders(phone="9876543210", status="NEW", changed_since=datetime(2026, 1, 1, tzinfo=UTC))
    assert ["a-2"] == [one.order_id for one in found.orders]
    assert () == (await shop.orders(phone="9876543210", status="CHARGED")).orders


async def test_a_refusal_as_plain_dictionaries_is_the_api_s(shop: Shop, around: World) -> None:
    await charged(shop, around)
    refused = as_dict(await shop.refund("lamp-1", "100.01", key="k1"))
    body = {"amount": "100.01"}
    told = (await around.post("/v1/orders/lamp-1/refunds", body, **{"Idempotency-Key": "k1"})).json()
    members = ("code", "rule", "detail", "facts", "legal")
    assert {name: told[name] for name in members} == {name: refused[name] for name in members}
    assert {*members, "help"} == refused.keys()


async def test_a_refusal_among_other_answers_has_the_same_members(shop: Shop, around: World) -> None:
    await charged(shop, around)
    refused = await shop.refund("lamp-1", "100.01", key="k1")
    order = await shop.order("lamp-1")
    alone = as_dict(refused)
    assert [alone, as_dict(order)] == as_dict([refused, order])
    assert {"made": [alone], "order": as_dict(order)} == as_dict({"made": (refused,), "order": order})


async def test_where_no_service_may_answer_a_refusal_links_to_the_published_rule(shop: Shop, around: World) -> None:
    await charged(shop, around)
    refused = as_dict(await shop.refund("lamp-1", "100.01", key="k1"))
    assert "https://github.com/paystate/paystate/blob/main/docs/reference/lifecycle.md#g6" == refused["help"]


@pytest.mark.parametrize(
    "price", [{"amount": Decimal(100), "currency": "INR"}, {"amount": Money.parse("100.00", "INR")}]
)
async def test_an_amount_is_looked_for_as_it_is_given_elsewhere(shop: Shop, price: Any) -> None:
    await opened(shop, "a-1")
    assert ["a-1"] == [one.order_id for one in (await shop.orders(**price)).orders]


@pytest.mark.parametrize(
    ("search", "pointer"),
    [
        ({"customer_id": ""}, "/customer_id"),
        ({"customer_id": None}, "/customer_id"),  # a value that is missing would find every order
        ({"customer": "asha"}, "/customer"),
        ({"phone": "none"}, "/phone"),
        ({"amount": "1.00"}, "/currency"),
        ({"amount": 1.0, "currency": "INR"}, "/amount"),
        ({"amount": "a", "currency": "INR"}, "/amount"),
        ({"status": "PAID"}, "/status"),
        ({"day": "yesterday"}, "/day"),
        ({"day": datetime(2026, 11, 27, tzinfo=UTC)}, "/day"),
        ({"under_review": "false"}, "/under_review"),
        ({"amount": Decimal(5), "currency": "XXX"}, "/currency"),
        ({"changed_since": datetime(2026, 1, 1)}, "/changed_since"),  # noqa: DTZ001 - without a zone
    ],
)
async def test_a_search_that_will_not_do_is_refused(shop: Shop, search: Any, pointer: str) -> None:
    await opened(shop, "a-1")
    with pytest.raises(ValueInvalid) as refused:
        await shop.orders(**search)
    assert pointer == refused.value.pointer


async def test_an_instant_that_is_given_as_a_day_is_told_from_one(shop: Shop) -> None:
    with pytest.raises(ValueInvalid, match="is an instant; give a day, such as 2026-11-27, or look by changed_since"):
        await shop.orders(day=datetime(2026, 11, 27, tzinfo=UTC))
    assert () == (await shop.orders(day=date(2026, 11, 27))).orders


@pytest.mark.parametrize("limit", [0, 101, "5", None])
async def test_a_page_has_a_bound(shop: Shop, limit: Any) -> None:
    with pytest.raises(ValueInvalid, match="/limit"):
        await shop.orders(limit=limit)


@pytest.mark.parametrize("order_id", ["nothing", "no such / name", ""])
async def test_an_order_that_is_not_there_is_not_found(shop: Shop, order_id: str) -> None:
    with pytest.raises(UnknownId):
        await shop.order(order_id)


async def test_another_merchants_order_is_not_found(shop: Shop, around: World) -> None:
    await opened(shop)
    with pytest.raises(LookupError):
        await Shop(around.runtime, "other").order("lamp-1")


async def test_a_look_proves_a_payment(shop: Shop, around: World) -> None:
    order = await charged(shop, around)
    assert (True, True, "100.00") == (order.paid, order.may_fulfil, order.amount_refundable)


async def test_without_looks_left_one_is_told_when_there_is_one(shop: Shop, around: World) -> None:
    await opened(shop)
    told: OrderView | TryLater = await shop.order("lamp-1")
    for _ in range(100):
        told = await shop.look("lamp-1")
        if isinstance(told, TryLater):
            break
    assert isinstance(told, TryLater)
    around.clock.advance(told.retry_after_s)
    assert isinstance(await shop.look("lamp-1"), OrderView)


async def test_a_look_that_gets_no_answer_raises_and_changes_nothing(shop: Shop, around: World) -> None:
    before = await opened(shop)
    around.gateway.fault = GatewayUnreachable("down")
    with pytest.raises(GatewayUnreachable):
        await shop.look("lamp-1")
    assert before.version == (await shop.order("lamp-1")).version


async def test_a_price_is_changed_before_payment(shop: Shop) -> None:
    await opened(shop)
    order = await shop.amend("lamp-1", Decimal(90), by="Meera")
    assert isinstance(order, OrderView)
    assert order.amended_by is not None
    assert ("90.00", "Meera") == (order.amount, order.amended_by.person)


async def test_after_payment_it_is_refused(shop: Shop, around: World) -> None:
    await charged(shop, around)
    refused = await shop.amend("lamp-1", "90")
    assert isinstance(refused, Refused)
    assert "order_not_amendable" == refused.code


async def test_an_order_is_cancelled_by_name(shop: Shop) -> None:
    await opened(shop)
    order = await shop.cancel("lamp-1", by="Meera", note="out of stock")
    assert isinstance(order, OrderView)
    assert order.cancelled_by is not None
    assert "Meera" == order.cancelled_by.person
    with pytest.raises(ValueInvalid):
        await shop.cancel("lamp-1", by="", note="nobody says so")


async def test_cash_that_was_not_expected_is_refused(shop: Shop) -> None:
    await opened(shop)
    refused = await shop.cash("lamp-1", CashOutcome.COLLECTED, by="Meera", note="receipt 7")
    assert isinstance(refused, Refused)
    assert "cash_not_expected" == refused.code


async def test_an_order_is_told_and_explained(shop: Shop, around: World) -> None:
    await charged(shop, around)
    told = (await around.get("/v1/orders/lamp-1/timeline")).json()["timeline"]
    assert told == as_dict(await shop.timeline("lamp-1"))
    sentences = (await around.get("/v1/orders/lamp-1/explain")).json()["sentences"]
    assert sentences == list(await shop.explain("lamp-1"))


# --- money


async def test_a_refund_is_made_once_under_its_key(shop: Shop, around: World) -> None:
    await charged(shop, around)
    refunds = [await shop.refund("lamp-1", "40.00", key="return-1", by="Meera") for _ in range(2)]
    assert all(isinstance(one, RefundView) for one in refunds)
    assert [("refund", refunds[0].refund_id)] == [one for one in around.gateway.calls if one[0] == "refund"]  # type: ignore[union-attr]
    assert "60.00" == (await shop.order("lamp-1")).amount_refundable


async def test_too_large_a_refund_is_refused_with_rule_and_what_is_legal(shop: Shop, around: World) -> None:
    await charged(shop, around)
    refused = await shop.refund("lamp-1", "100.01", key="return-1")
    assert isinstance(refused, Refused)
    assert ("amount_exceeds_refundable", True) == (refused.code, bool(refused.legal))
    assert [] == [one for one in around.gateway.calls if one[0] == "refund"]


@pytest.mark.parametrize(("amount", "key"), [(40.0, "return-1"), ("40", ""), ("40", "a\nb"), ("0", "return-1")])
async def test_a_refund_of_bad_values_sends_nothing(shop: Shop, around: World, amount: Any, key: str) -> None:
    await charged(shop, around)
    with pytest.raises(ValueInvalid):
        await shop.refund("lamp-1", amount, key=key)
    assert [] == [one for one in around.gateway.calls if one[0] == "refund"]


async def test_held_money_is_taken_or_let_go(shop: Shop, around: World) -> None:
    for order_id in ("lamp-1", "lamp-2", "lamp-3"):
        await opened(shop, order_id, capture="manual")
        around.gateway.says(order_id, "AUTHORIZED", txn_id=f"t-{order_id}")
        await shop.look(order_id)
    assert isinstance(await shop.capture("lamp-1", key="take-1"), HoldView)
    assert isinstance(await shop.capture("lamp-2", Decimal("60.00"), key="take-2"), HoldView)
    assert isinstance(await shop.void("lamp-3", key="drop-3"), HoldView)
    assert ["capture", "capture", "void"] == [what for what, _ in around.gateway.calls if what != "status"]
    assert isinstance(await shop.void("lamp-3", key="drop-4"), Refused)


# --- review


async def test_a_person_settles_a_reason(shop: Shop, around: World) -> None:
    await opened(shop)
    around.gateway.says("lamp-1", "CHARGED", amount="1.00")
    await shop.look("lamp-1")
    (waiting,) = (await shop.under_review()).orders
    assert "lamp-1" == waiting.order_id
    (reason,) = (await shop.review("lamp-1")).reasons
    settled = await shop.settle("lamp-1", reason.key, "accepted", by="Meera", note="seen in the dashboard")
    assert isinstance(settled, ReviewView)
    refused = await shop.settle("lamp-1", reason.key, "accepted", by="Meera", note="again")
    assert isinstance(refused, Refused)
    assert () == (await shop.under_review()).orders


# --- checkouts


async def test_a_checkout_runs_from_its_payload_to_its_result(shop: Shop, around: World) -> None:
    await opened(shop)
    checkout = await ready(shop)
    assert checkout.initiate_payload["payload"]["action"] == "initiate"
    payload = await shop.sign_process(checkout.checkout_id, "lamp-1")
    assert not isinstance(payload, Refused)
    assert "lamp-1" in str(payload["payload"]["orderDetails"])
    around.gateway.says("lamp-1", "CHARGED")
    await shop.look("lamp-1")
    ended = await shop.result(checkout.checkout_id)
    assert ("paid", True) == (ended.result, ended.is_proved)
    assert isinstance(await shop.terminate(checkout.checkout_id), CheckoutView)


async def test_the_app_may_go_on_over_http_with_its_token(shop: Shop, around: World) -> None:
    checkout = await shop.start_checkout(customer="c-7")
    answer = await around.post(f"/v1/checkouts/{checkout.checkout_id}/events", INITIATED, token=checkout.token)
    assert 202 == answer.status_code
    assert "INITIATED" == (await shop.checkout(checkout.checkout_id)).state


async def test_a_renewed_checkout_has_another_token(shop: Shop) -> None:
    checkout = await shop.start_checkout(customer="c-7")
    renewed = await shop.renew_checkout(checkout.checkout_id)
    assert isinstance(renewed, CheckoutCredentials)
    assert checkout.token != renewed.token


async def test_a_token_is_not_printed(shop: Shop) -> None:
    checkout = await shop.start_checkout(customer="c-7")
    assert checkout.token not in repr(checkout)


async def test_an_order_of_another_customer_is_refused(shop: Shop) -> None:
    await opened(shop)
    checkout = await shop.start_checkout(customer="somebody-else")
    await shop.sdk_event(checkout.checkout_id, INITIATED)
    assert isinstance(await shop.sign_process(checkout.checkout_id, "lamp-1"), Refused)


async def test_a_payment_goes_on_or_is_given_up(shop: Shop) -> None:
    await opened(shop)
    checkout = await ready(shop)
    await shop.sign_process(checkout.checkout_id, "lamp-1")
    payload = await shop.resume_payment(checkout.checkout_id, "shop-lamp-1-1", goes_on=False)
    assert not isinstance(payload, Refused)


@pytest.mark.parametrize(("customer", "code"), [("", "invalid_customer_id"), ("no blanks", "invalid_customer_id")])
async def test_a_checkout_needs_a_customer(shop: Shop, customer: str, code: str) -> None:
    with pytest.raises(ValueInvalid, match=code):
        await shop.start_checkout(customer=customer)


async def test_an_event_without_a_name_is_refused(shop: Shop) -> None:
    checkout = await shop.start_checkout(customer="c-7")
    with pytest.raises(ValueInvalid, match="/event"):
        await shop.sdk_event(checkout.checkout_id, {"payload": {}})


async def test_no_checkout_is_not_found(shop: Shop) -> None:
    with pytest.raises(UnknownId):
        await shop.checkout("nothing")


async def test_the_prefetch_payload_is_the_services_own(shop: Shop, around: World) -> None:
    def told(payload: Any) -> Any:
        return {name: value for name, value in payload.items() if name != "requestId"}

    served = msgspec.json.decode((await around.get("/v1/sdk/prefetch-payload?merchant=shop")).content)
    assert told(served) == told(shop.prefetch_payload())


# --- what comes from Juspay


async def test_a_signed_return_says_where_to_send_the_shopper(shop: Shop) -> None:
    await opened(shop, return_url="https://shop.example.test/thanks?lang=en")
    back = await shop.handle_return(returning(order_id="lamp-1", status="CHARGED"))
    to = "https://shop.example.test/thanks?lang=en&order_id=lamp-1"
    assert ShopperReturn(is_genuine=True, order_id="lamp-1", location=to) == back
    assert not (await shop.order("lamp-1")).paid


@pytest.mark.parametrize("query", ["", "order_id=lamp-1&status=CHARGED", b"\xff", "é", "a=1&a=2", "x" * 9000])
async def test_a_forged_return_is_told_as_a_value(shop: Shop, query: str | bytes) -> None:
    await opened(shop)
    assert ShopperReturn(is_genuine=False) == await shop.handle_return(query)


async def test_a_return_for_no_order_of_ours_leads_nowhere(shop: Shop) -> None:
    back = await shop.handle_return(returning(order_id="nothing", status="CHARGED").encode())
    assert ShopperReturn(is_genuine=True) == back


def test_the_customer_of_the_samples_is_the_one_of_the_service() -> None:
    assert CUSTOMER == {name: value for name, value in as_dict_of(ASHA).items() if value}


def as_dict_of(customer: Customer) -> dict[str, str]:
    return {name: getattr(customer, name) for name in ("customer_id", "email", "phone", "first_name", "last_name")}
