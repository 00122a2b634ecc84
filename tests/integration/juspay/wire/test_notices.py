"""Every event that Juspay tells of gives a notice of its kind, and nothing that comes makes reading it fail."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from generate.fidelity import basis
from hypothesis import given
from hypothesis import strategies as st

from paystate.adapters.juspay import Unreadable
from paystate.adapters.juspay.notices import (
    EVENTS,
    ChargebackNotice,
    MandateNotice,
    Notice,
    NotificationNotice,
    OrderNotice,
    RefundNotice,
    TxnNotice,
    UnknownNotice,
    read_notice,
)
from paystate.adapters.juspay.webhooks import read_webhook
from paystate.core.errors import PaystateError

NAMES: dict[type[Any], str] = {
    OrderNotice: (
        "ORDER_CREATED ORDER_SUCCEEDED ORDER_FAILED ORDER_AUTHORIZED ORDER_VOIDED ORDER_VOID_FAILED"
        " ORDER_CAPTURE_FAILED ORDER_PARTIAL_CHARGED ORDER_COD_INITIATED ORDER_TO_BE_CHARGED ORDER_UPDATED LOAN_ACTIVE"
    ),
    RefundNotice: (
        "ORDER_REFUNDED ORDER_REFUND_FAILED REFUND_MANUAL_REVIEW_NEEDED AUTO_REFUND_SUCCEEDED AUTO_REFUND_FAILED"
        " AUTO_REFUND_INITIATED ORDER_AUTO_REFUNDED REFUND_INITIATED REFUND_SUCCEEDED REFUND_FAILED"
        " REFUND_ARN_CAPTURED"
    ),
    TxnNotice: "TXN_CREATED TXN_CHARGED TXN_FAILED TRANSACTION_AUTHORIZED",
    MandateNotice: (
        "MANDATE_CREATED MANDATE_ACTIVATED MANDATE_FAILED MANDATE_REVOKED MANDATE_PAUSED MANDATE_EXPIRED"
        " MANDATE_UPDATED MANDATE_UNPAUSED"
    ),
    NotificationNotice: "NOTIFICATION_SUCCEEDED NOTIFICATION_FAILED",
    ChargebackNotice: (
        "CHARGEBACK_RECEIVED CHARGEBACK_RESOLVED_IN_MERCHANT_FAVOUR CHARGEBACK_RESOLVED_IN_CUSTOMER_FAVOUR"
        " CHARGEBACK_CANCELED CHARGEBACK_ALREADY_REFUNDED CHARGEBACK_EXPIRED CHARGEBACK_UNDER_REVIEW"
        " CHARGEBACK_EVIDENCE_REQUIRED"
    ),
}
ORDER: dict[str, Any] = {
    "id": "ordeh_00000000000000000000000000000001",
    "merchant_id": "teashop",
    "order_id": "tea-1",
    "status": "CHARGED",
    "status_id": 21,
    "amount": 1.10,
    "currency": "INR",
    "customer_email": "asha@example.com",
    "txn_id": "teashop-tea-1-1",
    "refunds": [{"unique_request_id": "r-1", "amount": 0.10, "status": "SUCCESS"}],
}


def body_of(name: Any = "ORDER_SUCCEEDED", content: Any = None, **changes: Any) -> bytes:
    envelope = {
        "id": "evt_V2_00000000000000000000000000000001",
        "date_created": "2026-03-01T09:00:00Z",
        "content": {"order": ORDER} if content is None else content,
        "event_name": name,
    }
    return json.dumps(envelope | changes).encode()


def notice_of(kind: type[Notice], name: str, content: Any = None) -> Any:
    notice = read_notice(body_of(name, content))
    assert kind is type(notice)
    return notice


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, names in NAMES.items() for name in names.split()])
def test_each_event_gives_a_notice_of_its_kind(kind: type[Notice], name: str) -> None:
    assert name == notice_of(kind, name).name


def test_no_event_is_missing_and_each_says_what_it_means() -> None:
    assert sorted(EVENTS) == sorted(name for names in NAMES.values() for name in names.split())
    assert all(event.message.endswith(".") for event in EVENTS.values())


def test_all_that_the_sandbox_sends_is_known_here_and_is_as_sure() -> None:
    assert {name: one.mark for name, one in basis.EVENTS.items()} == {
        name: EVENTS[name].source for name in basis.EVENTS
    }


@pytest.mark.parametrize("name", ["ORDER_TELEPORTED", "order_succeeded", "", "CHARGEBACK_SOMETHING_NEW"])
def test_an_event_that_is_new_keeps_its_name_and_its_order(name: str) -> None:
    notice = notice_of(UnknownNotice, name)
    assert (name, "tea-1") == (notice.name, notice.order.order_id)


def test_a_notice_has_what_the_envelope_says() -> None:
    notice = read_notice(body_of())
    assert "evt_V2_00000000000000000000000000000001" == notice.event_id
    assert datetime(2026, 3, 1, 9, tzinfo=UTC) == notice.date_created
    assert "tea-1" == notice.content["order"]["order_id"]  # type: ignore[index]


@pytest.mark.parametrize("kind", [OrderNotice, RefundNotice, TxnNotice, ChargebackNotice, MandateNotice])
def test_the_order_is_read_whole_with_exact_amounts(kind: type[Notice]) -> None:
    order = notice_of(kind, NAMES[kind].split()[0]).order
    assert ("tea-1", Decimal("1.1"), "teashop-tea-1-1") == (order.order_id, order.amount, order.txn_id)
    assert [("r-1", Decimal("0.1"))] == [(refund.unique_request_id, refund.amount) for refund in order.refunds]
    event = read_webhook(body_of())
    assert event is not None
    assert (event.order_id, event.merchant_id) == (order.answer.order_id, order.answer.merchant_id)


@pytest.mark.parametrize("name", ["TXN_CHARGED", "TXN_FAILED"])
def test_a_transaction_alone_is_read_whole(name: str) -> None:
    txn = {
        "order_id": "tea-1", "txn_id": "teashop-tea-1-2", "txn_uuid": "mozTea", "status": "AUTHORIZATION_FAILED",
        "status_id": 27, "txn_amount": 12.50, "net_amount": "12.50", "currency": "INR", "error_code": "05",
        "error_message": "no funds", "gateway": "DUMMY", "payment_method_type": "CARD", "payment_method": "VISA",
        "payment_gateway_response": {"rrn": "77", "auth_id_code": "a1"}, "card": "FILTERED",
        "created": "2026-03-01T09:00:00Z",
    }  # fmt: skip
    notice = notice_of(TxnNotice, name, {"txn": txn})
    told = notice.txn
    assert notice.order is None
    assert ("tea-1", "teashop-tea-1-2", "AUTHORIZATION_FAILED", 27) == (
        told.order_id, told.txn_id, told.status, told.status_id,
    )  # fmt: skip
    assert (Decimal("12.5"), Decimal("12.50")) == (told.txn_amount, told.net_amount)
    assert ("CARD", "VISA", "77") == (
        told.payment_method_type, told.payment_method, told.payment_gateway_response.rrn,
    )  # fmt: skip
    assert datetime(2026, 3, 1, 9, tzinfo=UTC) == told.created
    assert {} == told.extra


def test_a_transaction_may_stand_in_its_order() -> None:
    order = ORDER | {"txn_detail": {"txn_id": "teashop-tea-1-1", "status": "PENDING_VBV"}}
    notice = notice_of(TxnNotice, "TXN_CREATED", {"order": order})
    assert ("tea-1", "PENDING_VBV") == (notice.order.order_id, notice.txn.status)


@pytest.mark.parametrize("txn", [None, [], {}, {"status": "CHARGED"}, {"txn_id": "t-1"}, {"txn_id": {}, "status": "X"}])
def test_a_transaction_without_its_names_is_none(txn: Any) -> None:
    assert notice_of(TxnNotice, "TXN_CHARGED", {"txn": txn}).txn is None


def test_a_mandate_as_juspay_sends_it_is_read_whole() -> None:
    mandate = {
        "mandate_id": "m-1", "status": "PAUSED", "order_id": 4017, "customer_id": "cst_1", "currency": "INR",
        "max_amount": "250.50", "amount_rule": "VARIABLE", "frequency": "MONTHLY", "mandate_type": "EMANDATE",
        "revokable_by_customer": "true", "block_fund": False, "start_date": "1780000000", "end_date": "1790000000",
        "payment_info": {"payment_method": "COLLECT"}, "activated_at": "2026-03-01T09:00:00Z",
        "mandate_token": "secret-token", "mandate_debit_token": "secret-debit",
    }  # fmt: skip
    notice = notice_of(MandateNotice, "MANDATE_PAUSED", {"mandate": mandate})
    found = notice.mandate
    assert (None, "m-1", "PAUSED", "4017") == (notice.order, found.mandate_id, found.mandate_status, found.order_id)
    assert (Decimal("250.50"), True, "1780000000") == (found.max_amount, found.revokable_by_customer, found.start_date)
    assert ({"payment_method": "COLLECT"}, datetime(2026, 3, 1, 9, tzinfo=UTC)) == (
        found.payment_info, found.activated_at,
    )  # fmt: skip
    assert {} == found.extra
    assert "secret" not in repr(notice)


def test_a_mandate_s_own_word_for_its_status_counts_first() -> None:
    mandate = {"mandate_id": "m-1", "mandate_status": "ACTIVE", "status": "success"}
    assert "ACTIVE" == notice_of(MandateNotice, "MANDATE_ACTIVATED", {"mandate": mandate}).mandate.mandate_status


def test_a_loan_s_event_is_read_with_its_split_payment() -> None:
    legs = [{"txn_id": "t-1", "status": "CHARGED", "effective_amount": "1.10", "refunds": [{"unique_request_id": 9}]}]
    order = notice_of(OrderNotice, "LOAN_ACTIVE", {"order": ORDER | {"txn_list": legs}}).order
    ((leg,), (told,)) = order.txn_list, order.answer.legs
    assert ("t-1", "CHARGED", Decimal("1.10"), "9") == (
        leg.txn_id, leg.status, leg.effective_amount, leg.refunds[0].unique_request_id,
    )  # fmt: skip
    assert told.txn_id == leg.txn_id


def test_where_a_mandate_stands_does_not_matter() -> None:
    mandate = {"mandate_id": "m-1", "mandate_status": "ACTIVE", "max_amount": 500.00}
    for content in ({"mandate": mandate}, mandate, {"order": ORDER | {"mandate": mandate}}):
        found = notice_of(MandateNotice, "MANDATE_ACTIVATED", content).mandate
        assert ("m-1", "ACTIVE", Decimal("500.0")) == (found.mandate_id, found.mandate_status, found.max_amount)


def test_an_event_of_a_mandate_without_one_is_told_all_the_same() -> None:
    notice = notice_of(MandateNotice, "MANDATE_PAUSED", {"mandate": {"id": "m-1"}})
    assert (None, None, {"mandate": {"id": "m-1"}}) == (notice.mandate, notice.order, notice.content)


def test_a_notification_says_of_which_mandate_it_is() -> None:
    told = {"id": "1", "status": "SUCCESS", "object_reference_id": "ref-1", "mandate": {"mandate_id": "m-1"}}
    notice = notice_of(NotificationNotice, "NOTIFICATION_SUCCEEDED", {"notification": told})
    assert ("1", "SUCCESS", "ref-1", "m-1") == (
        notice.notification_id, notice.status, notice.object_reference_id, notice.mandate_id,
    )  # fmt: skip


@pytest.mark.parametrize("told", [7, {}, {"mandate": 7}, {"status": [], "mandate": {"mandate_id": {}}}])
def test_a_notification_that_says_nothing_is_empty(told: Any) -> None:
    notice = notice_of(NotificationNotice, "NOTIFICATION_FAILED", {"notification": told})
    assert ("", "", "", "") == (
        notice.notification_id, notice.status, notice.object_reference_id, notice.mandate_id,
    )  # fmt: skip


# --- repeats


def test_a_repeat_has_the_key_of_the_event_whatever_its_body() -> None:
    first, again, changed = body_of(), body_of(), body_of("ORDER_FAILED")
    assert read_notice(first).key == read_notice(again).key == read_notice(changed).key
    assert read_notice(first).digest == read_notice(again).digest != read_notice(changed).digest


@pytest.mark.parametrize("event_id", [None, "", 7, "sha256:x", "a b"])
def test_without_a_usable_id_the_body_is_the_key(event_id: Any) -> None:
    one, other = (read_notice(body_of(name, id=event_id)) for name in ("ORDER_FAILED", "ORDER_SUCCEEDED"))
    assert one.key == read_notice(body_of("ORDER_FAILED", id=event_id)).key == f"sha256:{one.digest}"
    assert one.key != other.key


# --- what is odd


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b'"x"', b"7", b"{", b'{"a":"\xff"}', b"[" * 5000])
def test_what_is_no_object_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable, match=r"^not a webhook$"):
        read_notice(body)


def test_who_catches_every_fault_of_paystate_catches_what_is_unreadable() -> None:
    with pytest.raises(PaystateError):
        read_notice(b"x")


@pytest.mark.parametrize(
    "content",
    [{}, [], "x", 7, {"order": None}, {"order": []}, {"order": {"status": 7}}, {"order": ORDER | {"currency": []}}],
)
@pytest.mark.parametrize("name", ["ORDER_SUCCEEDED", "MANDATE_CREATED", "NEW_ONE"])
def test_an_order_that_cannot_be_read_is_none(name: str, content: Any) -> None:
    notice = read_notice(body_of(name, content))
    assert isinstance(notice, OrderNotice)
    assert notice.order is None


def test_nothing_personal_is_in_the_repr() -> None:
    assert "asha" not in repr(read_notice(body_of()))


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from([*EVENTS]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("order mandate status".split()), inner),
    max_leaves=8,
)


@given(st.sampled_from([*EVENTS, "NEW_ONE"]) | anything, anything, anything, anything)
def test_every_object_gives_a_notice(name: Any, content: Any, event_id: Any, created: Any) -> None:
    notice = read_notice(body_of(name, content, id=event_id, date_created=created))
    assert type(notice) is (EVENTS[name].kind if isinstance(name, str) and name in EVENTS else UnknownNotice)
