"""What the app hands to the SDK: each payload as its exact text.

Owns the envelope and what stands around the signed texts of `canonical`. Pure: ids, the instant and the signer come in
as arguments. In signature mode everything is made here. In session mode there is no signer: the process payload is the
`sdk_payload` of Juspay's session, passed on as it stands, and of an `updateOrder` in that mode we know nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Literal

from attrs import frozen

from paystate.core.canonical import NO_EXTRAS, Extras, compact, initiate_text, order_text
from paystate.core.checkout import CheckoutOpened
from paystate.core.order import Order
from paystate.core.ports import Signer

SERVICE: Final = "in.juspay.hyperpay"
"""Name of the HyperCheckout product in the SDK's envelope. Source: gateway contract, D.1."""


class Action(StrEnum):
    """What the SDK's process call is to open. Source: gateway contract, D.4."""

    PAYMENT_PAGE = "paymentPage"
    QUICK_PAY = "quickPay"
    PAYMENT_MANAGEMENT = "paymentManagement"


@frozen(kw_only=True)
class Account:
    """Whose payloads they are.

    Attributes:
        client_id: Juspay's `clientId` of the merchant.
        environment: `sandbox` or `production`, as the SDK wants it told.
        return_url: Our own return route for this merchant; Juspay sends the shopper there.
    """

    merchant_id: str
    client_id: str
    environment: str
    return_url: str


@frozen
class InBrowser:
    """How the payment page is shown on the web. Source: gateway contract, D.3.

    Attributes:
        div: Id of the element that an iframe goes into, or `""`.
    """

    integration: Literal["iframe", "redirection"]
    div: str = ""


def prefetch(account: Account) -> str:
    """The preFetch call, in both modes; nothing in it is secret. Source: gateway contract, D.2."""
    is_beta = account.environment != "production"
    return compact({"service": SERVICE, "betaAssets": is_beta, "payload": {"clientId": account.client_id}})


def initiate(
    account: Account,
    opened: CheckoutOpened,
    *,
    request_id: str,
    now: datetime,
    signer: Signer | None,
    browser: InBrowser | None = None,
) -> str:
    """The initiate call; without a signer that of session mode. Source: gateway contract, C.2 and D.3."""
    payload = {
        "action": "initiate",
        "merchantId": account.merchant_id,
        "clientId": account.client_id,
        "customerId": opened.customer_id,
        "environment": account.environment,
    }
    if browser:
        payload |= {"integrationType": browser.integration} | ({"hyperSDKDiv": browser.div} if browser.div else {})
    if signer:
        payload |= _signed(signer, "signaturePayload", initiate_text(opened, now))
    return _envelope(request_id, payload)


def process(
    account: Account,
    order: Order,
    *,
    request_id: str,
    now: datetime,
    signer: Signer,
    action: Action = Action.PAYMENT_PAGE,
    extras: Extras = NO_EXTRAS,
) -> str:
    """The process call, with every outer copy of what is signed. Source: gateway contract, C.3 and D.4."""
    opened = order.opened
    known = {
        "customerEmail": opened.customer.email,
        "customerMobile": opened.customer.phone,
        "language": extras.language,
    }
    payload = {
        "action": action.value,
        "merchantId": account.merchant_id,
        "clientId": account.client_id,
        "orderId": opened.order_id,
        "amount": str(order.amount),
        "customerId": opened.customer.customer_id,
        **{name: value for name, value in known.items() if value},
    }
    text = order_text(order, account.return_url, now, extras)
    return _envelope(request_id, payload | _signed(signer, "orderDetails", text))


def update_order(
    account: Account, order: Order, *, request_id: str, now: datetime, signer: Signer, extras: Extras = NO_EXTRAS
) -> str:
    """The process call that tells an open page the order's details anew. Source: gateway contract, D.4."""
    details = _signed_details(account, order, now, signer, extras)
    return _envelope(request_id, {"action": "updateOrder", **details})


def resume_payment(txn_reference: str, *, goes_on: bool, request_id: str) -> str:
    """The process call that answers a `paymentAttempt`, in both modes. Source: gateway contract, D.4.

    Args:
        txn_reference: The event's own `txnReference`.
        goes_on: Whether the payment may go on; if not, the SDK gives it up and closes its page.
    """
    return _envelope(request_id, _resumed(txn_reference, goes_on))


def resume_payment_with(
    account: Account,
    order: Order,
    txn_reference: str,
    *,
    request_id: str,
    now: datetime,
    signer: Signer,
    extras: Extras = NO_EXTRAS,
) -> str:
    """The same, letting the payment go on with the order's details told anew. Source: gateway contract, D.4."""
    details = _signed_details(account, order, now, signer, extras)
    return _envelope(request_id, _resumed(txn_reference, goes_on=True) | details)


def _resumed(txn_reference: str, goes_on: bool) -> dict[str, Any]:
    return {"action": "resumePayment", "txnReference": txn_reference, "status": goes_on}


def _signed_details(account: Account, order: Order, now: datetime, signer: Signer, extras: Extras) -> dict[str, str]:
    """What is known of the two later calls has no `merchantKeyId`."""
    text = order_text(order, account.return_url, now, extras)
    return {"orderDetails": text, "signature": signer.sign(text).value}


def _signed(signer: Signer, member: str, text: str) -> dict[str, str]:
    signature = signer.sign(text)
    return {member: text, "signature": signature.value, "merchantKeyId": signature.key_id}


def _envelope(request_id: str, payload: Mapping[str, Any]) -> str:
    return compact({"requestId": request_id, "service": SERVICE, "payload": payload})
