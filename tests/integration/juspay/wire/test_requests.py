"""What is written for Juspay: bodies of sessions, orders, refunds and customers."""

import json
from urllib.parse import parse_qsl

import pytest
from attrs import evolve
from integration.juspay.played import INR, REQUEST

from paystate.adapters.juspay import requests
from paystate.adapters.juspay.requests import OrderOptions
from paystate.adapters.juspay.wire.writing import form
from paystate.core.money import Money
from paystate.core.orders.facts import Capture, Customer
from paystate.core.ports.gateway import OrderRequest


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
    ("amount", "sent"),
    [
        (Money.parse("120", "INR"), b"unique_request_id=r1&amount=120.00"),
        (Money.parse("0.05", "INR"), b"unique_request_id=r1&amount=0.05"),
        (Money.parse("500", "JPY"), b"unique_request_id=r1&amount=500"),
        (Money.of(10**15 - 1, "INR"), b"unique_request_id=r1&amount=9999999999999.99"),
    ],
)
def test_a_refund_always_says_how_much_with_the_currency_s_decimals(amount: Money, sent: bytes) -> None:
    assert form(requests.refund_fields("r1", amount)) == sent


def test_a_customer_s_form() -> None:
    assert requests.customer_form(REQUEST.customer, country_code="", client_auth_token=False) == (
        b"object_reference_id=c.17&mobile_number=5550100&email_address=lee%40example.test&first_name=Lee&last_name=Ng"
    )
