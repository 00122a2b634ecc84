"""What is read of a session and of a customer, and what is handed on untouched."""

from datetime import UTC, datetime
from typing import Any

import pytest
from integration.juspay.played import session, text
from integration.juspay.wire.reading import each

from paystate.adapters.juspay import answers
from paystate.adapters.juspay.records import objects
from paystate.core.errors import Unreadable


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
