"""What the shop tells its shoppers, from fixed orders."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from paystate.entrypoints.engine import OrderView
from paystate.entrypoints.interface.views.order_models import CashView
from paystate.entrypoints.storefront.outcomes import in_short, outcome
from paystate.entrypoints.storefront.pages import rupees
from paystate.entrypoints.storefront.rows import Note
from paystate.entrypoints.storefront.steps import shown

NOW = datetime(2026, 3, 14, 9, 0, tzinfo=UTC)


def order(status: str, **changes: Any) -> OrderView:
    """An order of which all is empty but its status."""
    empty: dict[str, Any] = {"str": "", "bool": False, "datetime": NOW, "int": 1}
    members: dict[str, Any] = {
        field.name: () if "tuple" in (kind := str(field.type)) else empty.get(getattr(field.type, "__name__", kind))
        for field in msgspec.structs.fields(OrderView)
    }
    members |= {"status": status, **changes}
    return OrderView(**members)


def cash(outcome: str) -> CashView:
    return CashView(outcome=outcome, by="Ravi", note="", at=NOW, key_id="")


@pytest.mark.parametrize(
    ("status", "result", "heading", "may_pay"),
    [
        ("NEW", "", "Your order", True),
        ("NEW", "waiting_for_proof", "We are waiting for proof of your payment", True),
        ("PENDING", "waiting_for_proof", "Your bank has not answered yet", False),
        ("UNKNOWN", "waiting_for_proof", "Your bank has not answered yet", False),
        ("PENDING", "", "Your bank has not answered yet", False),
        ("FAILED", "not_paid", "The payment did not go through", True),
        ("FAILED", "waiting_for_proof", "One moment, please", False),  # of an earlier try: news is on its way
        ("FAILED", "", "The payment did not go through", True),
        ("AUTHORIZED", "waiting_for_proof", "Your bank holds the money for us", False),
        ("AUTHORIZED", "", "Your bank holds the money for us", False),
        ("VOIDED", "not_paid", "The payment was let go", False),
        ("VOIDED", "", "The payment was let go", False),
        ("CHARGED", "paid", "Thank you. Your order is paid", False),
        ("CHARGED", "being_checked", "Somebody at our shop is looking at your payment", False),
        ("CHARGED", "", "Somebody at our shop is looking at your payment", False),  # not `paid`: a person must look
        ("REFUNDED", "refunded", "Your money was given back", False),
        ("COD_INITIATED", "cash_on_delivery", "Thank you. Please pay when it arrives", False),
        ("EXPIRED", "not_paid", "This order's time is over", False),
        ("EXPIRED", "", "This order's time is over", False),
        ("EXPIRED", "waiting_for_proof", "One moment, please", False),  # news is on its way
        ("EXPIRED", "being_checked", "Somebody at our shop is looking at your payment", False),
    ],
)
def test_each_order_has_one_heading(status: str, result: str, heading: str, may_pay: bool) -> None:
    said = outcome(order(status), result)
    assert (heading, may_pay) == (said.heading, said.may_pay)


def test_an_order_that_was_paid_elsewhere_is_paid() -> None:
    assert "Thank you. Your order is paid" == outcome(order("CHARGED", paid=True), "").heading


def test_a_cancelled_order_is_not_offered_for_payment() -> None:
    cancelled = order("NEW", cancelled_at=NOW)
    assert ("Cancelled", False) == (in_short(cancelled), outcome(cancelled, "waiting_for_proof").may_pay)


@pytest.mark.parametrize(
    ("status", "result", "heading", "short"),
    [
        ("CHARGED", "being_checked", "Somebody at our shop is looking at your payment", "Being looked at"),
        ("PENDING", "waiting_for_proof", "Your bank has not answered yet", "Waiting for the bank"),
        ("REFUNDED", "refunded", "Your money was given back", "Given back"),
        ("FAILED", "not_paid", "This order is cancelled", "Cancelled"),
        ("COD_INITIATED", "cash_on_delivery", "This order is cancelled", "Cancelled"),
    ],
)
def test_money_is_told_of_before_that_the_order_was_cancelled(
    status: str, result: str, heading: str, short: str
) -> None:
    cancelled = order(status, cancelled_at=NOW)
    assert (heading, short) == (outcome(cancelled, result).heading, in_short(cancelled))


@pytest.mark.parametrize(
    ("refunded", "result", "heading", "short"),
    [
        ("0.00", "being_checked", "Your payment is to go back to you", "Going back to you"),
        ("0.00", "", "Your payment is to go back to you", "Going back to you"),
        ("349.50", "refunded", "Your money was given back", "Given back by Juspay"),
        ("349.50", "", "Your money was given back", "Given back by Juspay"),
    ],
)
def test_what_juspay_gives_back_is_not_back_before_it_is(refunded: str, result: str, heading: str, short: str) -> None:
    going = order("AUTO_REFUNDED", amount_captured="349.50", amount_refunded=refunded)
    assert (heading, short) == (outcome(going, result).heading, in_short(going))


@pytest.mark.parametrize(
    ("became", "heading", "short"),
    [
        ("collected", "Thank you. You have paid in cash", "Paid in cash"),
        ("returned", "The parcel came back to us", "Came back"),
    ],
)
def test_what_became_of_the_cash_is_told(became: str, heading: str, short: str) -> None:
    known = order("COD_INITIATED", cash=cash(became))
    assert (heading, short) == (outcome(known, "cash_on_delivery").heading, in_short(known))


@pytest.mark.parametrize("result", ["not_paid", ""])
def test_nobody_is_told_that_no_money_was_taken(result: str) -> None:
    told = outcome(order("FAILED"), result).told
    assert told.startswith("If money left your account, it comes back or counts later.")


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        ("5.00", "₹5.00"),
        ("349.50", "₹349.50"),
        ("1000.00", "₹1,000.00"),
        ("123456.50", "₹1,23,456.50"),
        ("12345678.00", "₹1,23,45,678.00"),
    ],
)
def test_rupees_are_grouped_by_thousand_lakh_and_crore(amount: str, written: str) -> None:
    assert written == rupees(amount)


def test_another_currency_is_written_as_it_is() -> None:
    assert "1234.50 USD" == rupees("1234.50", "USD")


def test_a_payload_is_shown_without_what_is_secret_in_it() -> None:
    text = shown({"payload": {"signature": "c2ln", "refunds": [{"clientAuthToken": "tkn_1", "orderId": "A1"}]}})
    assert "c2ln" not in text
    assert '"signature": "(hidden)"' in text
    assert "tkn_1" not in text
    assert '"orderId": "A1"' in text


def test_a_payload_that_is_too_long_is_cut() -> None:
    assert len(shown({"a": "x" * 10_000})) < 6100


@pytest.mark.parametrize("name", ["card_token", "authorization", "clientAuthTokenX", "payer_vpa", "password"])
def test_a_member_that_nobody_has_looked_at_is_hidden(name: str) -> None:
    assert "s3cret" not in shown({"payload": {name: "s3cret", "refunds": [{name: ["s3cret"]}]}})


def test_no_sign_turns_the_panel_s_text_around() -> None:
    bad = "a\u202edegrahc"
    assert "\u202e" not in shown({"status": bad, bad: bad, "payload": [bad]})
    assert "\u202e" not in Note(6, NOW, f"The SDK says {bad}").title
