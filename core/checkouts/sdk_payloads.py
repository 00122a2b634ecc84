"""What the app hands to the SDK: each payload as its exact text.

Each signed text is made once. The same text is signed and sent, and nobody parses it in between. Everything here is
pure: ids, the instant and the signer come in as arguments. In signature mode every payload is made here. In session
mode nothing is signed: the process payload is the `sdk_payload` of Juspay's session, passed on unchanged. We know
nothing of an `updateOrder` in that mode.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Literal

from attrs import field, frozen

from paystate.core.checkouts.checkout import CheckoutOpened
from paystate.core.errors import ValueInvalid
from paystate.core.orders.facts import Capture
from paystate.core.orders.order import Order

SERVICE: Final = "in.juspay.hyperpay"
"""Name of the HyperCheckout product in the SDK's envelope. Source: gateway contract, D.1."""


@frozen
class Signature:
    """A signature and the id of the key that made it.

    Attributes:
        value: Standard base64, no line breaks.
    """

    value: str
    key_id: str


Sign = Callable[[str], Signature]
"""Signs a text: what a `Signer` does."""


@frozen(kw_only=True)
class Extras:
    """What the order details may say beyond the order's own record. Source: gateway contract, C.3.

    Attributes:
        members: `udf1` to `udf10`, and dotted names that begin with `metadata.`, `options.` or `mandate.`.
        payment_filter: Which methods the page offers; written as text within the text.
        offer_details: Such as `offer_code`; empty for none.
        language: Of the page; it stands beside the signed text and not in it.
    """

    members: Mapping[str, str] = field(factory=dict[str, str], repr=False)
    payment_filter: Mapping[str, Any] = field(factory=dict[str, Any])
    offer_details: Mapping[str, str] = field(factory=dict[str, str])
    language: str = ""

    def __attrs_post_init__(self) -> None:
        """Raise ValueInvalid for a name that is none of these: it could take another member's place."""
        for name in self.members:
            if not _MEMBER.fullmatch(name):
                raise ValueInvalid("validation_failed", f"/members/{name}")


NO_EXTRAS: Final = Extras()


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
    sign: Sign | None,
    browser: InBrowser | None = None,
) -> str:
    """The initiate call; without `sign` that of session mode. Source: gateway contract, C.2 and D.3."""
    payload = {
        "action": "initiate",
        "merchantId": account.merchant_id,
        "clientId": account.client_id,
        "customerId": opened.customer_id,
        "environment": account.environment,
    }
    if browser:
        payload |= {"integrationType": browser.integration} | ({"hyperSDKDiv": browser.div} if browser.div else {})
    if sign:
        payload |= _signed(sign, "signaturePayload", initiate_text(opened, now))
    return _envelope(request_id, payload)


def process(
    account: Account,
    order: Order,
    *,
    request_id: str,
    now: datetime,
    sign: Sign,
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
    return _envelope(request_id, payload | _signed(sign, "orderDetails", text))


def update_order(
    account: Account, order: Order, *, request_id: str, now: datetime, sign: Sign, extras: Extras = NO_EXTRAS
) -> str:
    """The process call that tells an open page the order's details anew. Source: gateway contract, D.4."""
    details = _signed_details(account, order, now, sign, extras)
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
    sign: Sign,
    extras: Extras = NO_EXTRAS,
) -> str:
    """The same, letting the payment go on with the order's details told anew. Source: gateway contract, D.4."""
    details = _signed_details(account, order, now, sign, extras)
    return _envelope(request_id, _resumed(txn_reference, goes_on=True) | details)


def _resumed(txn_reference: str, goes_on: bool) -> dict[str, Any]:
    return {"action": "resumePayment", "txnReference": txn_reference, "status": goes_on}


def _signed_details(account: Account, order: Order, now: datetime, sign: Sign, extras: Extras) -> dict[str, str]:
    """What is known of the two later calls has no `merchantKeyId`."""
    text = order_text(order, account.return_url, now, extras)
    return {"orderDetails": text, "signature": sign(text).value}


def _signed(sign: Sign, member: str, text: str) -> dict[str, str]:
    signature = sign(text)
    return {member: text, "signature": signature.value, "merchantKeyId": signature.key_id}


def _envelope(request_id: str, payload: Mapping[str, Any]) -> str:
    return compact({"requestId": request_id, "service": SERVICE, "payload": payload})


_AUTO_CAPTURE: Final = "metadata.txns.auto_capture"
"""`"false"` asks for a hold (gateway contract, L); `metadata.*` has the order's names here too (C.3)."""

_MEMBER: Final = re.compile(r"udf(?:[1-9]|10)|(?:metadata|options|mandate)\..+", re.ASCII)


def initiate_text(opened: CheckoutOpened, now: datetime) -> str:
    """The `signaturePayload` of an initiate call; members that are not known are left out."""
    known = {
        "mobile_number": opened.phone,
        "email_address": opened.email,
        "first_name": opened.first_name,
        "last_name": opened.last_name,
    }
    members = {"merchant_id": opened.merchant_id, "customer_id": opened.customer_id}
    return compact({**members, **_without_empty(known), "timestamp": _epoch_ms(now)})


def order_text(order: Order, return_url: str, now: datetime, extras: Extras = NO_EXTRAS) -> str:
    """The `orderDetails` of a process call; the amount is a string with the currency's decimals."""
    opened = order.opened
    members = {
        "merchant_id": opened.merchant_id,
        "order_id": opened.order_id,
        "amount": str(order.amount),
        "currency": order.amount.currency,
        "customer_id": opened.customer.customer_id,
    }
    known = {
        "customer_email": opened.customer.email,
        "customer_phone": opened.customer.phone,
        "first_name": opened.customer.first_name,
        "last_name": opened.customer.last_name,
        "description": opened.description,
        **extras.members,
        **({_AUTO_CAPTURE: "false"} if opened.capture is Capture.MANUAL else {}),
        "payment_filter": compact(extras.payment_filter) if extras.payment_filter else "",
        "offer_details": extras.offer_details,
    }
    return compact({**members, **_without_empty(known), "return_url": return_url, "timestamp": _epoch_ms(now)})


def compact(members: Mapping[str, Any]) -> str:
    """Write an object as JSON without spaces, members as they stand, letters as they are."""
    return json.dumps(members, ensure_ascii=False, separators=(",", ":"))


def _without_empty(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value}


def _epoch_ms(now: datetime) -> str:
    # Counted in integers: a timestamp is signed, so not even its last digit may depend on rounding.
    elapsed = now - datetime.fromtimestamp(0, now.tzinfo)
    return str(elapsed.days * 86_400_000 + elapsed.seconds * 1000 + elapsed.microseconds // 1000)
