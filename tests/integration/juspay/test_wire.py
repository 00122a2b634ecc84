"""What is read from Juspay's bytes, and what is written for it."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

import pytest
from attrs import evolve, fields_dict
from hypothesis import given
from hypothesis import strategies as st
from integration.juspay.played import INR, REQUEST, order, refund, session, text

from paystate.adapters.juspay import answers, requests, webhooks
from paystate.adapters.juspay.records import objects
from paystate.adapters.juspay.requests import OrderOptions
from paystate.core.errors import Unreadable, ValueInvalid
from paystate.core.evidence import OrderAnswer, TxnAnswer
from paystate.core.money import Money
from paystate.core.orders.facts import Capture, Customer
from paystate.core.ports.gateway import OrderRequest


def read(**changes: Any) -> OrderAnswer:
    return answers.read_order(text(order(**changes)))


ODD: tuple[Any, ...] = ({}, [], True)


def each(member: str, *values: Any) -> list[dict[str, Any]]:
    return [{member: value} for value in values]


def raw(member: str, value: bytes) -> bytes:
    """An order body in which one member stands exactly as written."""
    return text(order(**{member: "@"})).replace(b'"@"', value)


# --- orders


def test_a_whole_order() -> None:
    answer = read(order_expiry="2031-01-02T03:04:05Z", bank_error_message="declined by bank")
    assert answer == OrderAnswer(
        merchant_id="teahouse",
        order_id="tea-041",
        amount=Decimal("120.5"),
        currency="INR",
        status="CHARGED",
        txn=TxnAnswer(txn_id="teahouse-tea-041-1", status="CHARGED", method="CARD/VISA", note="declined by bank"),
        paid=Decimal("120.5"),
        expires_at=datetime(2031, 1, 2, 3, 4, 5, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("written", "exact"),
    [
        (b"120.5", "120.5"),
        (b"120.50", "120.50"),
        (b"120", "120"),
        (b"1.205e2", "120.5"),
        (b"1.205E+2", "120.5"),
        (b"99.999999", "99.999999"),
        (b"0.1", "0.1"),
        (b"9007199254740993.01", "9007199254740993.01"),
        (b"18446744073709551617", "18446744073709551617"),
        (b"-1", "-1"),
        (b'"120.50"', "120.50"),
    ],
)
def test_an_amount_is_exactly_what_is_written(written: bytes, exact: str) -> None:
    assert answers.read_order(raw("amount", written)).amount == Decimal(exact)


@pytest.mark.parametrize(
    "written",
    [
        *[b"null", b'""', b'"NaN"', b'"Infinity"', b'"1_0"', b'" 1 "', b'"12,50"', b'"0x10"', b'"12 INR"', b"1e400"],
        *[
            b"1e-400",
            b"0E-9999999",
            b"1" * 40,
            b"0." + b"1" * 40,
            '"\u0967\u0966.\u0966\u0966"'.encode(),
            '"\uff11\uff10"'.encode(),
        ],
    ],
)
def test_what_is_no_number_is_no_amount(written: bytes) -> None:
    assert answers.read_order(raw("amount", written)).amount is None


def test_a_missing_amount_is_none() -> None:
    body = order()
    del body["amount"], body["effective_amount"]
    answer = answers.read_order(text(body))
    assert (answer.amount, answer.paid) == (None, None)


@pytest.mark.parametrize(
    "changes",
    [
        *each("status", 21, None, "", {}, ["CHARGED"], "CHARGED\x00", "\x9b2J", "CHAR\u202eDEG", "C" * 129),
        *each("order_id", {}, [], True, 4.1, "tea\x00", "x" * 129),
        *each("merchant_id", {}, [], True, 4.1),
        *each("currency", {}, [], True),
        {"order_id": None, "merchant_id": None},
    ],
)
def test_an_answer_that_does_not_say_whose_it_is_or_what_is_unreadable(changes: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        read(**changes)


@pytest.mark.parametrize(
    "body",
    [
        *[b"", b"null", b"[]", b'"CHARGED"', b"1", b"{", b"{}", b"<html>busy</html>", text(order())[:-1]],
        *[text(order()) + b"x", b"\xef\xbb\xbf" + text(order()), text(order()).decode().encode("utf-16")],
        *[b'{"z":' + b"[" * 100_000 + b"]" * 100_000 + b"}", b'{"z":"\xff",' + text(order())[1:]],
        raw("amount", b"9" * 5000),
    ],
)
def test_what_is_no_order_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        answers.read_order(body)


@pytest.mark.parametrize("odd", [None, 1, 1.5, True, [], {}, {"deep": [1.5]}, "x\x00y", "z" * 5000, ""])
@pytest.mark.parametrize(
    "member",
    ["status_id", "order_expiry", "payment_method", "payment_method_type", "bank_error_message", "card", "udf1", "new"],
)
def test_odd_values_where_nothing_hangs_on_them_are_passed_over(member: str, odd: Any) -> None:
    answer = read(**{member: odd})
    assert (answer.status, answer.amount) == ("CHARGED", Decimal("120.5"))
    assert "\x00" not in repr(answer)


@pytest.mark.parametrize(
    ("written", "number"),
    [(21, 21), ("-1", -1), ("21", 21), (None, None), (True, None), ("x", None), (2.5, None)],
    ids=repr,
)
def test_the_status_number_may_be_text(written: Any, number: int | None) -> None:
    assert objects.read_order_record(text(order(status_id=written))).status_id == number


def test_a_leg_tells_merchants_all_that_an_order_of_one_payment_tells() -> None:
    told: dict[str, Any] = {
        "txn_id": "teahouse-tea-041-1-2", "txn_uuid": "mozLeg2", "status": "CHARGED", "effective_amount": "84.25",
        "amount_refunded": 9, "refunded": False, "payment_method_type": "CARD", "payment_method": "VISA",
        "auth_type": "THREE_DS", "gateway_id": "23", "gateway_reference_id": "g23", "bank_error_code": "05",
        "bank_error_message": "declined once", "resp_code": "00", "resp_message": "done", "resp_category": "SUCCESS",
        "txn_detail": {"txn_amount": 84.25}, "card": {"card_brand": "VISA"}, "upi": {"payer_vpa": "asha@bank"},
        "payer_vpa": "asha@bank", "payment_gateway_response": {"rrn": "77"}, "refunds": [refund()],
        "offers": [{"offer_code": "TEA9"}], "metadata": {"shelf": "3"}, "unheard_of": [1],
    }  # fmt: skip
    whole = objects.read_order_record(text(order(**told, txn_list=[told])))
    (leg,) = whole.txn_list
    names = fields_dict(objects.LegRecord).keys() - {"extra"}
    assert told.keys() - {"unheard_of"} == names
    assert {name: getattr(leg, name) for name in names} == {name: getattr(whole, name) for name in names}
    assert (leg.effective_amount, leg.gateway_id, leg.extra) == (Decimal("84.25"), 23, {"unheard_of": [1]})


@pytest.mark.parametrize("sloppy", [27, "21", -1, None])
def test_the_status_number_decides_nothing(sloppy: Any) -> None:
    # Published bodies pair words and numbers wrongly (gateway contract, O.5).
    assert read(status_id=sloppy) == read(status_id=21)


@pytest.mark.parametrize(
    "written", [None, "", "2031-01-02", "2031-13-02T03:04:05Z", "2031-01-02T03:04:05+05:30", 1893456000, {}]
)
def test_what_is_no_instant_is_none(written: Any) -> None:
    assert read(order_expiry=written).expires_at is None


def test_an_instant_may_say_utc_in_digits() -> None:
    body = {"id": "cst_1", "date_created": "2016-08-02T08:07:52+0000"}
    assert objects.read_customer(text(body)).date_created == datetime(2016, 8, 2, 8, 7, 52, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "read"), [("true", True), ("false", False), (True, True), ("yes", None), (1, None)]
)
def test_a_yes_or_no_may_be_text(written: Any, read: bool | None) -> None:
    mandate = record(mandate={"mandate_id": "m", "revokable_by_customer": written}).mandate
    assert mandate is not None
    assert mandate.revokable_by_customer is read


def test_without_a_transaction_there_is_none() -> None:
    assert read(txn_id=None, txn_detail=None).txn is None
    assert read(txn_id="", txn_detail={}).txn is None


def test_a_transaction_may_be_named_in_its_detail_only() -> None:
    answer = read(txn_id=None, txn_detail={"txn_id": "t-2", "status": "AUTHORIZING"})
    assert answer.txn == TxnAnswer(txn_id="t-2", status="AUTHORIZING", method="CARD/VISA")


def test_the_detail_of_another_transaction_says_nothing_of_this_one() -> None:
    txn = read(txn_detail={"txn_id": "another", "status": "CHARGED"}).txn
    assert txn
    assert txn.status == ""


def test_one_method_named_twice_is_named_once() -> None:
    txn = read(payment_method_type="UPI", payment_method="UPI").txn
    assert txn
    assert txn.method == "UPI"


@pytest.mark.parametrize("number", ["4000001234567899", "4000 0012 3456 7899", "4000-0012-3456-7899"])
def test_a_note_holds_no_card_number(number: str) -> None:
    txn = read(bank_error_message=f"card {number} refused").txn
    assert txn
    assert txn.note == "card **** refused"


def test_a_note_cannot_play_tricks_on_a_terminal_and_keeps_its_letters() -> None:
    txn = read(bank_error_message="no\x9b2J money \u202e क्\u200dष").txn
    assert txn
    assert txn.note == "no 2J money   क्\u200dष"


# --- refunds


def refunds_of(*entries: dict[str, Any]) -> list[str]:
    return [listed.refund_id for listed in read(refunds=list(entries)).refunds]


def test_a_whole_refund() -> None:
    (listed,) = read(refunds=[refund(error_message="processed")]).refunds
    assert (listed.refund_id, listed.amount, listed.status, listed.automatic, listed.note) == (
        "r1",
        Decimal("20.5"),
        "PENDING",
        False,
        "processed",
    )
    assert listed.created_at == datetime(2031, 2, 3, 4, 5, 6, tzinfo=UTC)


@pytest.mark.parametrize("empty", [None, []])
def test_no_refunds(empty: Any) -> None:
    assert read(refunds=empty).refunds == ()


def test_a_refund_is_known_by_our_id_else_by_theirs() -> None:
    assert refunds_of(refund(id="g9"), refund(unique_request_id=None, id="g9"), refund(unique_request_id="")) == [
        "r1",
        "g9",
        refunds_of(refund(unique_request_id=None))[0],
    ]


def test_a_refund_without_id_keeps_its_derived_name_while_it_is_carried_out() -> None:
    nameless = refund(unique_request_id=None)
    before = refunds_of(nameless, nameless)
    after = refunds_of(nameless | {"status": "SUCCESS", "ref": "g1"}, nameless | {"amount": "20.50"})
    assert before == after
    assert len(set(before)) == 2
    assert refunds_of(nameless | {"amount": 21}) != before[:1]


@pytest.mark.parametrize("amount", [None, "", "much"])
def test_a_refund_without_an_amount_becomes_no_money(amount: Any) -> None:
    (listed,) = read(refunds=[refund(amount=amount)]).refunds
    with pytest.raises(ValueInvalid):
        Money.from_decimal(listed.amount, "INR")


# --- sessions and customers


def test_the_sdk_payload_is_passed_on_byte_for_byte() -> None:
    payload = '{ "payload":{ "amount" : 1.10}, "a":"é\\u00e9", "a": 2,\n "n":1e2 }'
    body = text(session(sdk_payload="@")).replace(b'"@"', payload.encode())
    assert answers.read_session(body).sdk_payload == payload


def test_a_session_without_a_payload_for_the_sdk_is_unreadable() -> None:
    with pytest.raises(Unreadable):
        answers.read_session(text(session(sdk_payload={"requestId": "r"})))


def test_a_whole_session() -> None:
    answer = answers.read_session(text(session(new_member=[1])))
    assert answer.payment_link == "https://gateway.example.test/payment-page/order/ordeh_1"
    assert answer.expires_at == datetime(2031, 2, 9, tzinfo=UTC)


def test_a_session_s_end_may_stand_elsewhere() -> None:
    assert answers.read_session(text(session(order_expiry=None))).expires_at == datetime(2031, 2, 10, tzinfo=UTC)
    assert answers.read_session(text(session(order_expiry=None, payment_links=None))).expires_at is None


@pytest.mark.parametrize(
    "changes",
    [
        *each("sdk_payload", None, [], "text", 1, True),
        *each("order_id", None, "", 1),
        {"sdk_payload": {"payload": {"orderId": "another"}}},
        {"payment_links": {"web": 1}},
    ],
)
def test_a_session_that_cannot_be_handed_on_is_unreadable(changes: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        answers.read_session(text(session(**changes)))


def test_a_session_without_payload_is_unreadable() -> None:
    body = session()
    del body["sdk_payload"]
    with pytest.raises(Unreadable):
        answers.read_session(text(body))


def test_customers() -> None:
    body = {"id": "cst_1", "object_reference_id": "c.17", "mobile_number": "5550100", "email_address": None, "new": 1}
    customer = objects.read_customer(text(body))
    assert (customer.id, customer.object_reference_id, customer.mobile_number, customer.email_address) == (
        "cst_1",
        "c.17",
        "5550100",
        "",
    )
    assert "5550100" not in repr(customer)
    assert objects.read_customer(b'{"customer_id": "cst_2"}').id == "cst_2"
    with pytest.raises(Unreadable):
        objects.read_customer(b'{"object": "customer"}')


# --- records


def record(**changes: Any) -> objects.OrderRecord:
    return objects.read_order_record(text(order(**changes)))


def test_a_record_holds_what_the_core_is_told() -> None:
    whole = order(refunds=[refund()], card={"card_brand": "VISA"}, udf1="a", udf2="")
    found = objects.read_order_record(text(whole))
    assert found.answer == answers.read_order(text(whole))
    assert (found.order_id, found.status, found.amount) == ("tea-041", "CHARGED", Decimal("120.5"))
    assert (found.udf, found.refunds[0].unique_request_id) == ({"udf1": "a"}, "r1")
    assert found.card is not None
    assert found.card.card_brand == "VISA"


def test_what_is_new_is_kept_at_its_place() -> None:
    found = record(later=1, upi={"txn_flow_type": "QR", "later": [2]}, refunds=[refund(later=3)])
    assert found.upi is not None
    assert (found.extra, found.upi.extra, found.refunds[0].extra) == ({"later": 1}, {"later": [2]}, {"later": 3})


@pytest.mark.parametrize("member", sorted(fields_dict(objects.OrderRecord).keys() - {"answer", "extra", "udf"}))
@pytest.mark.parametrize("odd", [None, [], {}, [7], {"a": {"b": []}}, "", "text", 7, 1.5, True], ids=str)
def test_an_odd_value_in_a_record_spoils_nothing_else(member: str, odd: Any) -> None:
    try:
        strictly = answers.read_order(text(order(**{member: odd})))
    except Unreadable:
        return
    assert record(**{member: odd}).answer == strictly


@pytest.mark.parametrize("listed", [[{"name": "BASE", "sno": 1}], '[{"name": "BASE", "sno": 1}]'], ids=["list", "text"])
def test_a_list_may_be_written_as_text(listed: Any) -> None:
    found = record(txn_detail={"txn_id": "t1", "txn_amount_breakup": listed})
    assert found.txn_detail is not None
    assert found.txn_detail.txn_amount_breakup == ({"name": "BASE", "sno": 1},)


def test_a_long_address_is_kept_whole_or_not_at_all() -> None:
    address = "https://shop.example.test/" + "x" * 1000
    assert record(return_url=address).return_url == address
    assert record(return_url=address * 5).return_url == ""


# --- errors


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"status": "error", "error_code": "access_denied", "error_info": {"code": "UNAUTHORIZED"}}, "access_denied"),
        ({"error": True, "error_info": {"code": "BAD_ORIGIN"}}, "BAD_ORIGIN"),
        ({"status": "Bad Request", "error_code": "Mandatory fields are missing"}, "Mandatory fields are missing"),
        ({"status": "ERROR", "status_id": "-1", "error_code": "duplicate.call"}, "duplicate.call"),
        ({"status": "ERROR", "status_id": -1, "error_code": "invalid amount"}, "invalid amount"),
        ({"status": "NOT_FOUND", "status_id": 40, "order_id": "x"}, "NOT_FOUND"),
        ({"status": "DUPLICATE_ORDER_ID", "status_id": 40}, "DUPLICATE_ORDER_ID"),
        ({"errorCode": "camel", "status": "error"}, "camel"),
        ({"error_code": None, "errorInfo": {"code": "CAMEL"}}, "CAMEL"),
        ({"error_info": '{"code": "AS_TEXT"}'}, "AS_TEXT"),
        ({"error_info": "not json", "status": "error"}, "error"),
        ({"error_info": [], "status": "error"}, "error"),
        ({"error_code": 17, "status": "error"}, "error"),
        ({"error_code": "4000001234567899", "status": "error"}, "error"),
        ({"error_code": "card 4000 0012 3456 7899", "status": "error"}, "error"),
        ({"error_code": "two\nlines", "status": "error"}, "error"),
        ({"error_code": "x" * 65, "status": "error"}, "error"),
        ({}, None),
        ({"message": "busy"}, None),
    ],
)
def test_the_code_of_an_error(body: Any, code: str | None) -> None:
    assert next(iter(answers.read_error_codes(text(body))), None) == code


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"null", b"\xff", b"[" * 100_000])
def test_what_is_no_error_of_theirs_has_no_code(body: bytes) -> None:
    assert answers.read_error_codes(body) == ()
    assert answers.read_named_order(body) is None


# --- whatever comes


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)
MEMBERS = st.sampled_from([*order(), "refunds", "order_expiry", "bank_error_message"])


@given(st.binary(max_size=200))
def test_no_bytes_make_the_readers_raise_anything_else(body: bytes) -> None:
    webhooks.read_webhook(body)
    answers.read_error_codes(body)
    for read in (
        answers.read_order,
        answers.read_refunded,
        answers.read_session,
        objects.read_order_record,
        objects.read_order_page,
    ):
        with suppress(Unreadable):
            read(body)


@given(st.dictionaries(MEMBERS, json_values, max_size=6))
def test_no_values_make_the_readers_raise_anything_else(changes: dict[str, Any]) -> None:
    body = text(order(**changes))
    event = text({"id": "evt_V2_1", "event_name": "ORDER_SUCCEEDED", "content": {"order": order(**changes)}})
    assert webhooks.read_webhook(event) or b"NaN" in body or b"Infinity" in body
    with suppress(Unreadable):
        strictly = answers.read_order(body)
        assert objects.read_order_record(body).answer == strictly


@given(st.decimals(min_value=0, max_value=10**13, places=2))
def test_an_amount_survives_as_a_number_and_as_text(amount: Decimal) -> None:
    for written in (str(amount).encode(), f'"{amount}"'.encode()):
        assert answers.read_order(raw("amount", written)).amount == amount


# --- requests


def test_the_body_of_a_session() -> None:
    assert json.loads(requests.session_body(REQUEST, "teaclient", OrderOptions())) == {
        "order_id": "tea-041",
        "amount": "120.50",
        "currency": "INR",
        "customer_id": "c.17",
        "customer_email": "lee@example.test",
        "customer_phone": "5550100",
        "payment_page_client_id": "teaclient",
        "action": "paymentPage",
        "return_url": "https://shop.example.test/return/teahouse",
        "description": "green tea",
        "first_name": "Lee",
        "last_name": "Ng",
    }


def test_a_session_and_an_order_ask_for_a_hold_where_the_request_does() -> None:
    held = evolve(REQUEST, capture=Capture.MANUAL)
    session = json.loads(requests.session_body(held, "teaclient", OrderOptions()))
    form = dict(parse_qsl(requests.order_form(held, OrderOptions()).decode()))
    assert ("false", "false") == (session["metadata.txns.auto_capture"], form["metadata.txns.auto_capture"])


def test_a_guest_s_fields_are_sent_empty_in_a_session_and_left_out_of_an_order() -> None:
    guest = OrderRequest(order_id="g1", amount=INR, customer=Customer(), return_url="https://shop.example.test/r")
    body = json.loads(requests.session_body(guest, "teaclient", OrderOptions()))
    assert {body[name] for name in ("customer_id", "customer_email", "customer_phone")} == {""}
    assert "description" not in body
    assert dict(parse_qsl(requests.order_form(guest, OrderOptions()).decode(), keep_blank_values=True)) == {
        "order_id": "g1",
        "amount": "120.50",
        "currency": "INR",
        "return_url": "https://shop.example.test/r",
    }


@pytest.mark.parametrize(
    ("amount", "form"),
    [
        (Money.parse("120", "INR"), b"unique_request_id=r1&amount=120.00"),
        (Money.parse("0.05", "INR"), b"unique_request_id=r1&amount=0.05"),
        (Money.parse("500", "JPY"), b"unique_request_id=r1&amount=500"),
        (Money.of(10**15 - 1, "INR"), b"unique_request_id=r1&amount=9999999999999.99"),
    ],
)
def test_a_refund_always_says_how_much_with_the_currency_s_decimals(amount: Money, form: bytes) -> None:
    assert requests.form(requests.refund_fields("r1", amount)) == form


def test_a_customer_s_form() -> None:
    assert requests.customer_form(REQUEST.customer, country_code="", client_auth_token=False) == (
        b"object_reference_id=c.17&mobile_number=5550100&email_address=lee%40example.test&first_name=Lee&last_name=Ng"
    )
