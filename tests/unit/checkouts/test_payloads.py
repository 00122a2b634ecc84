"""What stands around the signed texts; the whole texts, with real signatures, are pinned beside the signing adapter."""

import json
from typing import Any

import pytest
from unit.builders import NOW, new_order

from paystate.core.checkouts import sdk_payloads
from paystate.core.checkouts.checkout import CheckoutOpened
from paystate.core.checkouts.sdk_payloads import (
    Account,
    Action,
    Extras,
    InBrowser,
    Signature,
    initiate_text,
    order_text,
)
from paystate.core.orders.facts import Capture, Customer

ACCOUNT = Account(
    merchant_id="acme", client_id="acme_web", environment="sandbox", return_url="https://pay.example.com/return/acme"
)
OPENED = CheckoutOpened(merchant_id="acme", checkout_id="chk_1", customer_id="cust-1", email="a@example.com")
EXTRAS = Extras(members={"udf1": "gift"}, language="hindi")
COPIES = {
    "action": "paymentPage",
    "merchantId": "acme",
    "clientId": "acme_web",
    "orderId": "Order-1",
    "amount": "100.00",
    "customerId": "cust-1",
    "customerEmail": "a@example.com",
}


class FakeSigner:
    """Signs with a word, so that a test can tell which text was signed."""

    def sign(self, text: str) -> Signature:
        return Signature(f"signed:{text}", "k-1")


SIGNER = FakeSigner()


def of_call(text: str) -> dict[str, Any]:
    """The payload of a call, once its envelope is as it has to be."""
    envelope = json.loads(text)
    assert ["requestId", "service", "payload"] == list(envelope)
    assert ("r-1", "in.juspay.hyperpay") == (envelope["requestId"], envelope["service"])
    payload: dict[str, Any] = envelope["payload"]
    return payload


def details(extras: Extras | None = None) -> dict[str, str]:
    text = order_text(new_order(), ACCOUNT.return_url, NOW, extras or Extras())
    return {"orderDetails": text, "signature": f"signed:{text}"}


@pytest.mark.parametrize(("environment", "is_beta"), [("sandbox", "true"), ("production", "false")])
def test_a_prefetch_names_the_assets_and_the_client_and_has_no_id(environment: str, is_beta: str) -> None:
    account = Account(merchant_id="acme", client_id="acme_web", environment=environment, return_url="")
    assert (
        f'{{"service":"in.juspay.hyperpay","betaAssets":{is_beta},"payload":{{"clientId":"acme_web"}}}}'
    ) == sdk_payloads.prefetch(account)


def test_an_initiate_says_whose_it_is_and_for_whom() -> None:
    made = of_call(sdk_payloads.initiate(ACCOUNT, OPENED, request_id="r-1", now=NOW, sign=None))
    assert {
        "action": "initiate",
        "merchantId": "acme",
        "clientId": "acme_web",
        "customerId": "cust-1",
        "environment": "sandbox",
    } == made


@pytest.mark.parametrize(
    ("browser", "members"),
    [
        (InBrowser("redirection"), {"integrationType": "redirection"}),
        (InBrowser("iframe", "pay-here"), {"integrationType": "iframe", "hyperSDKDiv": "pay-here"}),
    ],
)
def test_an_initiate_on_the_web_says_how_the_page_is_shown(browser: InBrowser, members: dict[str, str]) -> None:
    bare = of_call(sdk_payloads.initiate(ACCOUNT, OPENED, request_id="r-1", now=NOW, sign=None))
    made = of_call(sdk_payloads.initiate(ACCOUNT, OPENED, request_id="r-1", now=NOW, sign=None, browser=browser))
    assert {**bare, **members} == made


def test_a_signed_initiate_holds_the_very_text_that_was_signed() -> None:
    bare = of_call(sdk_payloads.initiate(ACCOUNT, OPENED, request_id="r-1", now=NOW, sign=None))
    made = of_call(sdk_payloads.initiate(ACCOUNT, OPENED, request_id="r-1", now=NOW, sign=SIGNER.sign))
    text = initiate_text(OPENED, NOW)
    assert {**bare, "signaturePayload": text, "signature": f"signed:{text}", "merchantKeyId": "k-1"} == made


def test_a_process_has_a_copy_of_what_is_signed() -> None:
    made = of_call(sdk_payloads.process(ACCOUNT, new_order(), request_id="r-1", now=NOW, sign=SIGNER.sign))
    assert {**COPIES, **details(), "merchantKeyId": "k-1"} == made


def test_an_open_page_is_told_of_the_hold_again() -> None:
    held = new_order(capture=Capture.MANUAL)
    made = of_call(sdk_payloads.update_order(ACCOUNT, held, request_id="r-1", now=NOW, sign=SIGNER.sign))
    assert "false" == json.loads(made["orderDetails"])["metadata.txns.auto_capture"]


def test_a_process_of_a_guest_says_that_there_is_no_customer() -> None:
    guest = new_order(customer=Customer())
    made = of_call(sdk_payloads.process(ACCOUNT, guest, request_id="r-1", now=NOW, sign=SIGNER.sign))
    assert ("", False) == (made["customerId"], "customerEmail" in made)


def test_a_phone_that_is_known_is_copied_too() -> None:
    order = new_order(customer=Customer(customer_id="cust-1", phone="9000000000"))
    made = of_call(sdk_payloads.process(ACCOUNT, order, request_id="r-1", now=NOW, sign=SIGNER.sign))
    assert "9000000000" == made["customerMobile"]


@pytest.mark.parametrize("action", Action)
def test_a_process_opens_what_it_is_told_to(action: Action) -> None:
    made = of_call(
        sdk_payloads.process(ACCOUNT, new_order(), request_id="r-1", now=NOW, sign=SIGNER.sign, action=action)
    )
    assert action.value == made["action"]


def test_the_language_stands_beside_the_signed_text_and_the_other_extras_in_it() -> None:
    made = of_call(
        sdk_payloads.process(ACCOUNT, new_order(), request_id="r-1", now=NOW, sign=SIGNER.sign, extras=EXTRAS)
    )
    assert ("hindi", details(EXTRAS)["orderDetails"]) == (made["language"], made["orderDetails"])
    assert "hindi" not in made["orderDetails"]


def test_an_update_tells_the_details_anew_under_a_signature_of_their_own() -> None:
    made = of_call(
        sdk_payloads.update_order(ACCOUNT, new_order(), request_id="r-1", now=NOW, sign=SIGNER.sign, extras=EXTRAS)
    )
    assert {"action": "updateOrder", **details(EXTRAS)} == made


@pytest.mark.parametrize("goes_on", [True, False])
def test_a_payment_that_waits_goes_on_or_is_given_up(goes_on: bool) -> None:
    made = of_call(sdk_payloads.resume_payment("ref-1", goes_on=goes_on, request_id="r-1"))
    assert {"action": "resumePayment", "txnReference": "ref-1", "status": goes_on} == made


def test_a_payment_that_waits_goes_on_with_the_details_told_anew() -> None:
    made = of_call(
        sdk_payloads.resume_payment_with(
            ACCOUNT, new_order(), "ref-1", request_id="r-1", now=NOW, sign=SIGNER.sign, extras=EXTRAS
        )
    )
    assert {"action": "resumePayment", "txnReference": "ref-1", "status": True, **details(EXTRAS)} == made
