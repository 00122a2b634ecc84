"""What the core is told of an order, read from Juspay's bytes."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from attrs import fields_dict
from integration.juspay.played import order, refund, text
from integration.juspay.wire.reading import each, raw, read, record

from paystate.adapters.juspay import answers
from paystate.adapters.juspay.records import objects
from paystate.core.errors import Unreadable
from paystate.core.evidence import OrderAnswer, TxnAnswer


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


def test_a_word_with_a_sign_of_a_newer_unicode_is_read_by_an_older_python_too() -> None:
    """U+1FAE9 came with Unicode 16: only Python 3.14 knows it."""
    answer = read(status="CHARGED\U0001fae9")
    assert "CHARGED\U0001fae9" == answer.status


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


@pytest.mark.parametrize("who", ["asha@example.test", "asha.rao@okaxis", "+91 98765 43210", "9876543210"])
def test_a_note_does_not_tell_who_somebody_is(who: str) -> None:
    txn = read(bank_error_message=f"{who} has too little money").txn
    assert txn
    assert txn.note == "*** has too little money"


def test_a_note_cannot_play_tricks_on_a_terminal_and_keeps_its_letters() -> None:
    txn = read(bank_error_message="no\x9b2J money \u202e क्\u200dष").txn
    assert txn
    assert txn.note == "no 2J money   क्\u200dष"
