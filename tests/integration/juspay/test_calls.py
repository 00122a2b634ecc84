"""Each call as a value: exactly what is sent, and what its answer is read as; and that both clients send it so."""

import json
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest
from integration.juspay.call_table import CALLS, FULFILLED, MANDATE, NINE, NOTICE
from integration.juspay.played import (
    API_KEY,
    INR,
    REQUEST,
    Recorder,
    answers,
    blocking,
    client,
    config,
    fails,
    order,
    text,
)

from paystate.adapters.juspay import (
    Address,
    Call,
    Calls,
    JuspayClient,
    MandateTerms,
    OrderOptions,
    Reply,
    SplitRefund,
    SplitSettlement,
    VendorShare,
)
from paystate.core.errors import AnswerUnusable, GatewayRejected, OutcomeUnknown, ValueInvalid
from paystate.core.money import Money
from paystate.core.orders.facts import Customer

each_call = pytest.mark.parametrize("name", CALLS)
calls = Calls(config())


def made(name: str) -> Call[Any]:
    return CALLS[name][0](calls)


def reply(body: Any, http_status: int = 200) -> Reply:
    return Reply(http_status=http_status, body=body if isinstance(body, bytes) else text(body))


# --- what is sent


@each_call
def test_the_line_of_each_call(name: str) -> None:
    call = made(name)
    assert f"{call.method} {call.path}" == CALLS[name][1]


@each_call
def test_the_body_of_each_call(name: str) -> None:
    _, _, content_type, body, _ = CALLS[name]
    call = made(name)
    assert call.headers.get("Content-Type", "") == content_type
    if name not in ("create session", "create order"):  # test_wire.py knows these
        assert call.body == body


@each_call
def test_only_what_changes_nothing_is_a_read(name: str) -> None:
    call = made(name)
    assert call.is_read == (call.method == "GET" or name in ("mandate status", "list offers"))


@each_call
def test_each_call_names_merchant_customer_and_version_and_holds_the_key(name: str) -> None:
    headers = made(name).headers
    assert headers["x-merchantid"] == "teahouse"
    assert headers["x-routing-id"] == ("teahouse" if name in ("list orders", "list some orders") else "c.17")
    assert headers["version"] == "2023-06-30"
    assert headers["Authorization"].startswith("Basic ")


@each_call
def test_no_spelling_of_a_call_shows_the_key_or_the_body(name: str) -> None:
    seen = repr(made(name))
    assert "Basic" not in seen
    assert API_KEY not in seen
    assert "5550100" not in seen


@pytest.mark.parametrize(
    "make",
    [
        lambda id_: calls.get_order(id_, routing_id="c"),
        lambda id_: calls.update_order(id_, INR, routing_id="c"),
        lambda id_: calls.fulfil_order(id_, FULFILLED, routing_id="c"),
        lambda id_: calls.capture(id_, routing_id="c"),
        lambda id_: calls.void(id_, routing_id="c"),
        lambda id_: calls.revoke_mandate(id_, routing_id="c"),
        lambda id_: calls.mandate_status(id_, routing_id="c"),
        lambda id_: calls.notify_mandate(id_, NOTICE, routing_id="c"),
        lambda id_: calls.get_notification(id_, routing_id="c"),
        lambda id_: calls.list_mandates(id_),
        lambda id_: calls.cancel_order(id_, "", routing_id="c"),
        lambda id_: calls.get_or_create_customer(Customer(customer_id=id_)),
        lambda id_: calls.payment_methods(id_),
        lambda id_: calls.update_customer(Customer(customer_id=id_)),
    ],
    ids=[
        *("order", "update", "fulfilment", "capture", "void", "mandate", "mandate status", "notice", "notification"),
        *("mandates", "cancelled order", "v2 customer", "methods", "customer"),
    ],
)
@pytest.mark.parametrize("id_", ["", ".", "..", "x" * 257], ids=["nothing", "dot", "dots", "long"])
def test_an_id_that_would_name_another_route_makes_no_call(make: Callable[[str], object], id_: str) -> None:
    with pytest.raises(ValueInvalid):
        make(id_)


def test_a_routing_id_has_its_longest() -> None:
    assert calls.void("u9", routing_id="x" * 256).path
    with pytest.raises(ValueInvalid):
        calls.void("u9", routing_id="x" * 257)


def test_a_part_is_captured_under_a_key_and_all_of_it_without_one() -> None:
    with pytest.raises(ValueInvalid):
        calls.capture("u9", INR, routing_id="c.17")
    with pytest.raises(ValueInvalid):
        calls.capture("u9", idempotence_key="k1", routing_id="c.17")


# --- what may be told beside the order


def rupees(amount: str) -> Money:
    return Money.parse(amount, "INR")


OPTIONS = OrderOptions(
    udf={1: "cart", 10: "käse"},
    metadata={"JUSPAY:gateway_reference_id": "tea"},
    mandate=MandateTerms(max_amount=rupees("500.00"), frequency="MONTHLY", starts_at=NINE),
    split=SplitSettlement(
        marketplace=Money(0, "INR"),
        vendors=(VendorShare(vendor_id="v1", amount=rupees("2.50"), commission=rupees("1.00")),),
    ),
    billing=Address(line1="1 Tea St", country_code_iso="IND"),
    payment_filter={"allowDefaultOptions": False},
    product_id="p1",
    language="hi",
    client_auth_token=True,
    expires_after=timedelta(minutes=90, seconds=59),
    more={"order_type": "TPV_PAYMENT"},
)
TOLD = {
    "udf1": "cart",
    "udf10": "käse",
    "metadata.JUSPAY:gateway_reference_id": "tea",
    "options.create_mandate": "REQUIRED",
    "mandate.max_amount": "500.00",
    "mandate.frequency": "MONTHLY",
    "mandate.start_date": "1927875600",
    "metadata.split_settlement_details": (
        '{"marketplace":{"amount":0.00},"mdr_borne_by":"ALL",'
        '"vendor":{"split":[{"amount":2.50,"merchant_commission":1.00,"sub_mid":"v1"}]}}'
    ),
    "billing_address_line1": "1 Tea St",
    "billing_address_country_code_iso": "IND",
    "product_id": "p1",
    "language": "hi",
    "options.get_client_auth_token": "true",
    "metadata.expiryInMins": "90",
    "order_type": "TPV_PAYMENT",
}


def added(plain: dict[str, Any], told: dict[str, Any]) -> dict[str, Any]:
    assert plain.items() <= told.items()
    return {name: value for name, value in told.items() if name not in plain}


def test_what_a_session_says_beyond_the_port_s_request() -> None:
    plain, told = (
        json.loads(calls.create_session(REQUEST, routing_id="c.17", options=options).body)
        for options in (OrderOptions(), OPTIONS)
    )
    assert added(plain, told) == TOLD | {"payment_filter": {"allowDefaultOptions": False}}


def test_what_an_order_says_beyond_the_port_s_request() -> None:
    plain, told = (
        dict(parse_qsl(calls.create_order(REQUEST, routing_id="c.17", options=options).body.decode()))
        for options in (OrderOptions(), OPTIONS)
    )
    assert added(plain, told) == TOLD | {"payment_filter": '{"allowDefaultOptions":false}'}


def test_the_page_may_be_opened_for_another_action() -> None:
    call = calls.create_session(REQUEST, routing_id="c.17", options=OrderOptions(action="paymentManagement"))
    assert json.loads(call.body)["action"] == "paymentManagement"


@pytest.mark.parametrize("number", [0, 11, -1])
def test_there_are_ten_free_fields(number: int) -> None:
    with pytest.raises(ValueInvalid):
        OrderOptions(udf={number: "x"})


@pytest.mark.parametrize("seconds", [59, 0, -60])
def test_a_payment_link_lives_a_minute_at_least(seconds: int) -> None:
    with pytest.raises(ValueInvalid):
        OrderOptions(expires_after=timedelta(seconds=seconds))


def test_a_session_may_have_its_link_sent() -> None:
    options = OrderOptions(send_mail=True, send_sms=True)
    sent = json.loads(calls.create_session(REQUEST, routing_id="c.17", options=options).body)
    assert (sent["send_mail"], sent["send_sms"]) == (True, True)


def test_a_mandate_may_be_left_to_the_shopper() -> None:
    terms = MandateTerms(max_amount=INR, required=False, ends_at=NINE)
    body = calls.create_session(REQUEST, routing_id="c.17", options=OrderOptions(mandate=terms)).body
    sent = json.loads(body)
    assert (sent["options.create_mandate"], sent["mandate.end_date"]) == ("OPTIONAL", "1927875600")
    assert "mandate.start_date" not in sent


def test_one_transaction_is_refunded_by_one_request_whoever_reads_its_answer() -> None:
    def sent(call: Call[Any]) -> object:
        return (call.operation, call.method, call.path, call.headers, call.body)

    by_order = calls.refund("tea-041", "r1", INR, routing_id="c.17", txn_id="teahouse-tea-041-1")
    assert sent(by_order) == sent(calls.refund_txn("teahouse-tea-041-1", "r1", INR, routing_id="c.17"))


def test_a_refund_may_be_split() -> None:
    split = SplitRefund(marketplace=Money(0, "INR"), vendors={"v1": rupees("20.50")})
    sent = dict(parse_qsl(calls.refund("tea-041", "r1", rupees("20.50"), routing_id="c.17", split=split).body.decode()))
    assert json.loads(sent["metadata.split_settlement_details"], parse_float=Decimal) == {
        "marketplace": {"refund_amount": Decimal("0.00")},
        "vendor": {"split": [{"sub_mid": "v1", "refund_amount": Decimal("20.50")}]},
    }


# --- what is read


@each_call
def test_a_good_answer_is_read(name: str) -> None:
    assert made(name).read(reply(CALLS[name][4]))


@each_call
@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"<html>", b"\xff"])
def test_what_is_no_answer_cannot_be_used(name: str, body: bytes) -> None:
    with pytest.raises(AnswerUnusable):
        made(name).read(reply(body))


@each_call
def test_an_object_of_something_else_cannot_be_used(name: str) -> None:
    if name != "list payment methods":
        with pytest.raises(AnswerUnusable):
            made(name).read(reply({"hello": 1}))


@pytest.mark.parametrize("name", ["get order", "get customer", "get notification"])
def test_what_juspay_does_not_know_is_none(name: str) -> None:
    assert made(name).read(reply({"error_code": "object_not_found"}, 404)) is None


@pytest.mark.parametrize(
    "name",
    sorted(
        CALLS.keys()
        - {"get order", "get order in full", "order status", "get customer", "get customer with a token"}
        - {"get notification"}
    ),
)
def test_elsewhere_it_is_a_refusal(name: str) -> None:
    with pytest.raises(GatewayRejected):
        made(name).read(reply({"error_code": "object_not_found"}, 404))


@pytest.mark.parametrize("odd", [{"status": "CHARGED"}, 7, None, []], ids=str)
def test_an_order_in_the_list_that_cannot_be_read_spoils_the_list(odd: Any) -> None:
    with pytest.raises(AnswerUnusable):
        made("list orders").read(reply({"list": [order(), odd]}))


def test_a_mandate_in_the_list_that_cannot_be_read_spoils_the_list() -> None:
    with pytest.raises(AnswerUnusable):
        made("list mandates").read(reply({"list": [MANDATE, {"status": "ACTIVE"}]}))


def test_amounts_of_offers_are_read_exactly_and_odd_ones_as_none() -> None:
    one = {"offer_id": "o1", "order_breakup": {"order_amount": "120.50", "discount_amount": 25.1, "offer_amount": {}}}
    (offer,) = made("list offers").read(reply({"offers": [one, 7]})).offers
    breakup = offer.order_breakup
    assert (breakup.order_amount, breakup.discount_amount, breakup.offer_amount) == (
        Decimal("120.50"),
        Decimal("25.1"),
        None,
    )


# --- who sends them


@each_call
async def test_both_clients_send_the_same_and_read_the_same(name: str) -> None:
    answer = answers(200, CALLS[name][4])
    awaited, waited = Recorder(answer), Recorder(answer)
    tea, shop = client(awaited), blocking(waited)
    from_async, from_sync = await tea.send(CALLS[name][0](tea.calls)), shop.send(CALLS[name][0](shop.calls))
    assert from_async == from_sync == made(name).read(reply(CALLS[name][4]))
    assert seen(awaited) == seen(waited)


@each_call
async def test_what_changes_something_is_sent_once_by_both(name: str) -> None:
    awaited, waited = Recorder(fails(httpx.ReadError)), Recorder(fails(httpx.ReadError))
    tea, shop = client(awaited), blocking(waited)
    with pytest.raises(OutcomeUnknown):
        await tea.send(CALLS[name][0](tea.calls))
    with pytest.raises(OutcomeUnknown):
        shop.send(CALLS[name][0](shop.calls))
    tries = 2 if made(name).is_read else 1
    assert (len(awaited.requests), len(waited.requests)) == (tries, tries)


def seen(recorder: Recorder) -> list[tuple[str, str, dict[str, str], bytes]]:
    return [(r.method, str(r.url), dict(r.headers), r.content) for r in recorder.requests]


PUBLIC = {name for name in dir(Calls) if not name.startswith("_")}


def test_both_clients_have_every_call_as_a_method_of_its_own() -> None:
    kinds: list[type] = [JuspayClient, type(blocking(lambda _: httpx.Response(200)))]
    for kind in kinds:
        assert vars(kind).keys() >= PUBLIC
        assert all(getattr(kind, name).__doc__ == getattr(Calls, name).__doc__ for name in PUBLIC)


def test_every_call_is_tried_here() -> None:
    assert {name for make, *_ in CALLS.values() for name in make.__code__.co_names} >= PUBLIC
