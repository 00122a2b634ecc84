"""The exact texts that get signed."""

import json
from datetime import timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.builders import NOW, new_order

from paystate.core.checkouts.checkout import CheckoutOpened
from paystate.core.checkouts.sdk_payloads import Extras, initiate_text, order_text
from paystate.core.errors import ValueInvalid
from paystate.core.money import Money
from paystate.core.orders.facts import Capture, Customer

RETURN_URL = "https://pay.example.com/return/acme"
FULL = CheckoutOpened(
    merchant_id="acme",
    checkout_id="chk_1",
    customer_id="cust-1",
    email="a@example.com",
    phone="9999900000",
    first_name="Asha",
    last_name="Rao",
)


def test_the_initiate_payload_is_this_text() -> None:
    assert (
        '{"merchant_id":"acme","customer_id":"cust-1","mobile_number":"9999900000","email_address":"a@example.com",'
        '"first_name":"Asha","last_name":"Rao","timestamp":"1772355600000"}'
    ) == initiate_text(FULL, NOW)


def test_members_that_are_not_known_are_left_out() -> None:
    guest = CheckoutOpened(merchant_id="acme", checkout_id="chk_1", customer_id="cust-1")
    assert '{"merchant_id":"acme","customer_id":"cust-1","timestamp":"1772355600000"}' == initiate_text(guest, NOW)


def test_the_order_details_are_this_text() -> None:
    assert (
        '{"merchant_id":"acme","order_id":"Order-1","amount":"100.00","currency":"INR","customer_id":"cust-1",'
        '"customer_email":"a@example.com","return_url":"https://pay.example.com/return/acme",'
        '"timestamp":"1772355600000"}'
    ) == order_text(new_order(), RETURN_URL, NOW)


def test_all_that_is_known_of_an_order_is_this_text() -> None:
    customer = Customer(
        customer_id="cust-1", email="é@example.com", phone="9999900000", first_name="Asha", last_name="Rao"
    )
    assert (
        '{"merchant_id":"acme","order_id":"Order-1","amount":"100.00","currency":"INR","customer_id":"cust-1",'
        '"customer_email":"é@example.com","customer_phone":"9999900000","first_name":"Asha","last_name":"Rao",'
        '"description":"shoes","return_url":"https://pay.example.com/return/acme","timestamp":"1772355600000"}'
    ) == order_text(new_order(customer=customer, description="shoes"), RETURN_URL, NOW)


def test_an_order_that_is_captured_by_hand_asks_for_a_hold_in_the_signed_text() -> None:
    assert (
        '{"merchant_id":"acme","order_id":"Order-1","amount":"100.00","currency":"INR","customer_id":"cust-1",'
        '"customer_email":"a@example.com","metadata.txns.auto_capture":"false",'
        '"return_url":"https://pay.example.com/return/acme","timestamp":"1772355600000"}'
    ) == order_text(new_order(capture=Capture.MANUAL), RETURN_URL, NOW)


def test_no_extra_takes_the_hold_away_that_an_order_was_opened_with() -> None:
    taken = Extras(members={"metadata.txns.auto_capture": "true"})
    text = order_text(new_order(capture=Capture.MANUAL), RETURN_URL, NOW, taken)
    assert "false" == json.loads(text)["metadata.txns.auto_capture"]


def test_extras_stand_between_what_is_known_of_the_order_and_its_return_url() -> None:
    extras = Extras(
        members={"udf10": "é", "metadata.JUSPAY:gateway_reference_id": "north"},
        payment_filter={"allowDefaultOptions": False},
        offer_details={"offer_code": "TEA10"},
        language="hindi",
    )
    assert (
        '"customer_email":"a@example.com","udf10":"é","metadata.JUSPAY:gateway_reference_id":"north",'
        '"payment_filter":"{\\"allowDefaultOptions\\":false}","offer_details":{"offer_code":"TEA10"},'
        '"return_url":"https://pay.example.com/return/acme","timestamp":"1772355600000"}'
    ) == order_text(new_order(), RETURN_URL, NOW, extras).partition('"customer_id":"cust-1",')[2]


@pytest.mark.parametrize(
    "name", ["udf1", "udf9", "udf10", "metadata.a", "options.create_mandate", "mandate.max_amount", "metadata.PG:a b"]
)
def test_an_extra_member_has_one_of_juspay_s_names(name: str) -> None:
    assert "x" == json.loads(order_text(new_order(), RETURN_URL, NOW, Extras(members={name: "x"})))[name]


@pytest.mark.parametrize("name", ["", "amount", "udf0", "udf11", "udf1x", "xudf1", "metadata.", "udf\u0661"])
def test_an_extra_member_of_another_name_is_refused(name: str) -> None:
    with pytest.raises(ValueInvalid) as caught:
        Extras(members={"udf1": "x", name: "1.00"})
    assert ("validation_failed", f"/members/{name}") == (caught.value.code, caught.value.pointer)


def test_what_extras_say_of_a_person_is_not_shown() -> None:
    assert "asha" not in repr(Extras(members={"udf1": "asha"}))


@pytest.mark.parametrize(
    ("money", "text"),
    [(Money(1, "INR"), "0.01"), (Money(349, "JPY"), "349"), (Money(10**15 - 1, "INR"), "9999999999999.99")],
)
def test_the_amount_is_text_with_the_currencys_decimals(money: Money, text: str) -> None:
    assert text == json.loads(order_text(new_order(amount=money), RETURN_URL, NOW))["amount"]


@pytest.mark.parametrize(("microseconds", "milliseconds"), [(999_999, "999"), (999, "000"), (1000, "001")])
def test_an_instant_is_whole_milliseconds_cut_and_not_rounded(microseconds: int, milliseconds: str) -> None:
    written = json.loads(initiate_text(FULL, NOW + timedelta(microseconds=microseconds)))["timestamp"]
    assert f"1772355600{milliseconds}" == written


def test_another_time_zone_is_the_same_instant() -> None:
    india = NOW.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert initiate_text(FULL, NOW) == initiate_text(FULL, india)


NAMES = st.text(st.characters(codec="utf-8"), max_size=20)


@given(NAMES, NAMES, NAMES)
def test_any_text_comes_back_from_the_text_that_is_signed(first_name: str, email: str, description: str) -> None:
    customer = Customer(customer_id="cust-1", email=email, first_name=first_name)
    text = order_text(new_order(customer=customer, description=description), RETURN_URL, NOW)
    back = json.loads(text)
    assert (first_name, email, description) == tuple(
        back.get(name, "") for name in ("first_name", "customer_email", "description")
    )
    assert text.encode() == text.encode("utf-8")
    assert all(isinstance(value, str) and value for value in back.values())
