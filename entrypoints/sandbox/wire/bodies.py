"""Bodies as Juspay sends them: field names and their shapes. Records are read and not changed.

Shapes are recorded from Juspay's public samples (contract sections B.2, B.3, F.1, H.3, I.2).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final, cast

import msgspec

from paystate.entrypoints.sandbox.amounts import json_number, plain_text, sdk_text
from paystate.entrypoints.sandbox.clock import utc_text
from paystate.entrypoints.sandbox.config import Merchant
from paystate.entrypoints.sandbox.gateway.instalments import plan_of
from paystate.entrypoints.sandbox.gateway.records import Customer, Order, Txn
from paystate.entrypoints.sandbox.wire.mandate_bodies import mandate_body
from paystate.entrypoints.sandbox.wire.offer_bodies import taken_body
from paystate.entrypoints.sandbox.wire.refund_bodies import given_back, refund_body
from paystate.entrypoints.sandbox.wire.txn_bodies import capture_members, leading_body, leg_body

Body = dict[str, object]

UDFS: Final = tuple(f"udf{number}" for number in range(1, 11))
SERVICE: Final = "in.juspay.hyperpay"
_NO_EMI: Final[Mapping[str, object]] = {
    "bank": None,
    "monthly_payment": None,
    "interest": None,
    "conversion_details": None,
    "principal_amount": None,
    "additional_processing_fee_info": None,
    "tenure": None,
    "subvention_info": [],
    "emi_type": None,
    "processed_by": None,
}
"""Recorded in the newest samples, of an order without instalments (contract F.1)."""
_JSON: Final = msgspec.json.Encoder(decimal_format="number")


@dataclass(frozen=True, slots=True)
class View:
    """What an order's body depends on beside the order.

    Attributes:
        full_gateway_answer: Show what the gateway said word for word too (`options.add_full_gateway_response`).
        personal_data_filtered: Say FILTERED where Juspay's webhooks do (contract O.6); for answers it has no meaning.
        eligible_in_transaction: Say in the transaction what may still be refunded, as newer bodies do (contract O.1).
        conflicts_told: Say of each transaction whether it is `conflicted` (contract O.4).
    """

    base_url: str
    status_ids: Mapping[str, int]
    full_gateway_answer: bool = False
    personal_data_filtered: bool = False
    eligible_in_transaction: bool = False
    conflicts_told: bool = False


def encoded(body: object) -> bytes:
    """Return `body` as JSON; Decimals become JSON numbers, digit by digit."""
    return _JSON.encode(body)


def payment_links(order: Order, base_url: str) -> Body:
    """Return the links of the hosted page (recorded, contract B.2)."""
    page = f"{base_url}/payment-page/order/{order.juspay_id}"
    return {"web": page, "mobile": f"{page}?mobile=true", "iframe": page}


def order_body(order: Order, view: View) -> Body:
    """Return the order object: answer of order status and refunds, content of webhooks (documented, F.1)."""
    body = {**_order_head(order, view), **_paid_body(order, view), **_extras(order)}
    return {name: value for name, value in body.items() if not (order.is_split and name in _OF_ONE_PAYMENT)}


_OF_ONE_PAYMENT: Final = ("offers", "emi_details", "gateway_reference_id")
"""Members that stand in the legs of a payment in parts, and not beside them (recorded, contract O.3)."""


def _paid_body(order: Order, view: View) -> Body:
    """Return what is told of the payment: of the one transaction that leads, or of each leg (recorded, O.3, O.4)."""
    if order.is_split:  # its own refunds stay empty
        legs = [(one, leg_body(order, one, full=view.full_gateway_answer)) for one in order.txns if one.leg]
        return {"refunds": [], "txn_list": [_more_of_txn(body, _conflict(one, view)) for one, body in legs]}
    txn = order.leading
    if txn is None:  # nothing while NEW (documented, F.1)
        return {}
    refunds = [refund_body(one) for one in order.refunds if one.is_listed]
    leading = leading_body(order, txn, full=view.full_gateway_answer)
    eligible = _eligible_body(order, _ELIGIBLE_OF_TXN) if view.eligible_in_transaction else {}
    return {
        **_more_of_txn(leading, {**_conflict(txn, view), **eligible}),
        **({"refunds": refunds} if refunds else {}),
        **(capture_members(order, txn) if txn.sub_details else {}),
        **({} if view.eligible_in_transaction else _eligible_body(order, _ELIGIBLE)),
    }


def _more_of_txn(body: Body, more: Body) -> Body:
    """Return the body with further members in its transaction."""
    return {**body, "txn_detail": {**cast("Body", body["txn_detail"]), **more}}


def _conflict(txn: Txn, view: View) -> Body:
    """Return whether it took money late or twice, as newer bodies say (recorded, O.4; in which object, inferred)."""
    return {"conflicted": txn.conflicted} if view.conflicts_told else {}


_ELIGIBLE: Final = "maximum_eligible_refund_amount"
_ELIGIBLE_OF_TXN: Final = "remaining_refundable_amount"


def _eligible_body(order: Order, name: str) -> Body:
    """Return what Juspay itself will still refund (recorded, O.1): of what is charged, and never of AUTO_REFUNDED."""
    is_told = order.status == "CHARGED" or (order.status != "AUTO_REFUNDED" and order.eligible_at_first is not None)
    return {name: json_number(order.eligible)} if is_told else {}


def txn_started_body(order: Order, txn: Txn, page: str, shop: str) -> Body:
    """Return the answer of `POST /txns` (recorded, contract L): where to send the shopper on to."""
    opened_by_app: Body = {"sdk_params": _intent(txn, shop)} if txn.method.flow == "INTENT" else {}
    return {
        "order_id": order.order_id,
        "txn_id": txn.txn_id,
        "txn_uuid": txn.txn_uuid,
        "status": txn.status,
        "payment": {"authentication": {"method": "GET", "url": page}, **opened_by_app},
        "offer_details": {"offers": [taken_body(order, txn, txn.offer)] if txn.offer else []},
        "merchant_return_url": order.fields.get("return_url", ""),
    }


def _intent(txn: Txn, shop: str) -> Body:
    """Return what a UPI app is opened with (recorded, contract L; the address and the category are made up)."""
    return {
        "tr": txn.txn_id,
        "tid": txn.txn_uuid,
        "merchant_vpa": "sandbox@dummy",
        "merchant_name": shop,
        "mcc": "5411",
        "amount": plain_text(txn.amount),
    }


def token_body(token: str, expires: datetime) -> Body:
    """Return the `juspay` block that carries a client auth token (recorded, contract B.3)."""
    return {"juspay": {"client_auth_token": token, "client_auth_token_expiry": utc_text(expires)}}


def session_body(order: Order, base_url: str, request_id: str, payload: Body) -> Body:
    """Return the answer of `POST /session` (recorded, contract B.2)."""
    expiry = utc_text(order.expires)
    return {
        "status": order.status,
        "id": order.juspay_id,
        "order_id": order.order_id,
        "payment_links": {"web": payment_links(order, base_url)["web"], "expiry": expiry},
        "sdk_payload": _for_sdk(request_id, payload, expiry),
        "order_expiry": expiry,
    }


def sdk_payload(order: Order, merchant: Merchant, action: str, token: str, token_expires: datetime) -> Body:
    """Return `sdk_payload.payload` (recorded, contract B.2); optional keys only where the merchant sent them."""
    return {
        **managing_payload(merchant, action, token, token_expires, order.fields),
        "amount": sdk_text(order.amount),
        "collectAvsInfo": False,
        "currency": order.currency,
        "orderId": order.order_id,
    }


def managing_payload(
    merchant: Merchant, action: str, token: str, token_expires: datetime, sent: Mapping[str, str]
) -> Body:
    """Return what an SDK payload holds without an order: enough to manage kept ways to pay (inferred, contract O.7)."""
    told: Body = {ours: sent[theirs] for ours, theirs in _TOLD_TO_SDK.items() if theirs in sent}
    told |= {ours: sent[theirs].lower() == "true" for ours, theirs in _FLAGS.items() if theirs in sent}
    told |= {_dotted(name): value for name, value in sent.items() if _DOTTED.match(name)}
    return {
        "action": action,
        "clientAuthToken": token,
        "clientAuthTokenExpiry": utc_text(token_expires),
        "clientId": merchant.client_id,
        "environment": "sandbox",
        "merchantId": merchant.merchant_id,
        "service": SERVICE,
        **told,
    }


def managing_body(request_id: str, payload: Body, expires: datetime) -> Body:
    """Return the answer of a session without an order: it has no order's members (inferred, contract O.7)."""
    return {"status": "NEW", "sdk_payload": _for_sdk(request_id, payload, utc_text(expires))}


def _for_sdk(request_id: str, payload: Body, expiry: str) -> Body:
    return {"requestId": request_id, "service": SERVICE, "payload": payload, "expiry": expiry}


_TOLD_TO_SDK: Final = {
    "customerId": "customer_id",
    "customerEmail": "customer_email",
    "customerPhone": "customer_phone",
    "description": "description",
    "firstName": "first_name",
    "lastName": "last_name",
    "returnUrl": "return_url",
    "language": "language",
    "mobileCountryCode": "mobile_country_code",
}


_FLAGS: Final = {"sendMail": "send_mail", "sendSms": "send_sms"}
_DOTTED: Final = re.compile(r"mandate\.|options\.create_mandate$|metadata\.expiryInMins$", re.ASCII)


def _dotted(name: str) -> str:
    """Return `mandate.max_amount` as `mandate.maxAmount` (recorded, contract B.2)."""
    return re.sub(r"_([a-z])", lambda found: found[1].upper(), name)


def customer_body(customer: Customer) -> Body:
    """Return a customer (documented, contract B.5)."""
    return {
        "id": customer.id,
        "object": "customer",
        "object_reference_id": customer.reference,
        **{name: customer.fields.get(name, "") for name in CUSTOMER_FIELDS},
        "date_created": utc_text(customer.created),
        "last_updated": utc_text(customer.last_updated),
    }


CUSTOMER_FIELDS: Final = ("mobile_number", "mobile_country_code", "email_address", "first_name", "last_name")


def _order_head(order: Order, view: View) -> Body:
    amount = json_number(order.amount)
    refunded = Decimal(0) if order.is_split else given_back(one for one in order.refunds if one.is_listed)
    leading, sent = order.leading, order.fields
    return {
        "customer_email": sent.get("customer_email"),
        "customer_phone": sent.get("customer_phone"),
        "customer_id": sent.get("customer_id"),
        "status_id": view.status_ids[order.status],
        "status": order.status,
        "id": order.juspay_id,
        "merchant_id": order.merchant_id,
        "amount": amount,
        "currency": order.currency,
        "order_id": order.order_id,
        "date_created": utc_text(order.created),
        "last_updated": utc_text(order.last_updated),
        "return_url": sent.get("return_url", ""),
        "product_id": sent.get("product_id", ""),
        "payment_links": payment_links(order, view.base_url),
        **{name: sent.get(name, "") for name in UDFS},
        "refunded": leading is not None and 0 < refunded >= leading.taken - order.kept_of(leading),
        "amount_refunded": json_number(refunded),
        "effective_amount": json_number(order.payable),
        "offers": _offers(order),
        "emi_details": _emi_details(leading),
        "gateway_reference_id": sent.get("metadata.JUSPAY:gateway_reference_id"),
    }


def _offers(order: Order) -> list[Body]:
    """Return the offer that the payment takes, or that takes something off, if any (recorded, contract O.1)."""
    leading = order.leading
    if leading is not None and leading.offer is not None:
        return [taken_body(order, leading, leading.offer)]
    if not order.price.discount:
        return []
    benefit: Body = {"type": "DISCOUNT", "amount": json_number(order.price.discount)}
    return [{"offer_id": "sandbox-offer", "offer_code": "SANDBOX", "status": "AVAILED", "benefits": [benefit]}]


def _emi_details(txn: Txn | None) -> Body:
    """Return how the payment is spread; that it stands here too, and what a plan of ours says of it, is inferred."""
    terms = txn.method.instalments if txn else None
    if txn is None or terms is None:
        return dict(_NO_EMI)
    plan = plan_of(txn.amount, terms.bank, terms.tenure)
    owed: Body = {"monthly_payment": json_number(plan.monthly), "interest": json_number(plan.interest)} if plan else {}
    spread = {"bank": terms.bank, "tenure": terms.tenure, "emi_type": terms.kind or "STANDARD_EMI"}
    return {**_NO_EMI, **spread, "principal_amount": json_number(txn.amount), **owed}


def _extras(order: Order) -> Body:
    """Return the blocks that only some orders have: metadata, mandate, split settlement (recorded, F.1 and L)."""
    prefix = "metadata."
    told = {name.removeprefix(prefix): value for name, value in order.fields.items() if name.startswith(prefix)}
    extras: Body = {"metadata": told} if told else {}
    if order.mandate is not None:
        extras["mandate"] = mandate_body(order.mandate)
    if order.splits:
        details = [
            {
                "sub_vendor_id": one.sub_vendor_id,
                "amount": json_number(one.amount),
                **({"refunded_amount": json_number(taken)} if (taken := order.taken_of(one)) else {}),
            }
            for one in order.splits
        ]
        extras["split_settlement_response"] = {"split_details": details, "split_applied": True}
    return extras
