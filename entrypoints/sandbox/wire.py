"""Bodies as Juspay sends them. Owns field names and their shapes; reads records and changes nothing.

Shapes are recorded from Juspay's public samples (contract sections B.2, B.3, F.1, H.3, I.2).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

import msgspec

from paystate.entrypoints.sandbox.amounts import json_number, parsed_amount, plain_text, sdk_text
from paystate.entrypoints.sandbox.clock import utc_text
from paystate.entrypoints.sandbox.methods import BANKS
from paystate.entrypoints.sandbox.records import Customer, Mandate, Order, Txn
from paystate.entrypoints.sandbox.refund_bodies import GATEWAY, refund_body
from paystate.entrypoints.sandbox.statuses import FAILED, INITIATED

Body = dict[str, object]

UDFS: Final = tuple(f"udf{number}" for number in range(1, 11))
SERVICE: Final = "in.juspay.hyperpay"
_GATEWAY_ID: Final = 100
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
_GATEWAY_UNSET: Final = (
    "gateway_merchant_id",
    "arn",
    "eci",
    "auth_ref_num",
    "umrn",
    "network_error_code",
    "network_error_message",
    "current_blocked_amount",
)
"""Recorded in the newest samples; the dummy gateway has none of it (contract F.1)."""
_JSON: Final = msgspec.json.Encoder(decimal_format="number")


@dataclass(frozen=True, slots=True)
class View:
    """What an order's body depends on beside the order.

    Attributes:
        full_gateway_answer: Show what the gateway said word for word too (`options.add_full_gateway_response`).
    """

    base_url: str
    status_ids: Mapping[str, int]
    full_gateway_answer: bool = False


def encoded(body: object) -> bytes:
    """Return `body` as JSON; Decimals become JSON numbers, digit by digit."""
    return _JSON.encode(body)


def payment_links(order: Order, base_url: str) -> Body:
    """Return the links of the hosted page (recorded, contract B.2)."""
    page = f"{base_url}/payment-page/order/{order.juspay_id}"
    return {"web": page, "mobile": f"{page}?mobile=true", "iframe": page}


def order_body(order: Order, view: View) -> Body:
    """Return the order object: answer of order status and refunds, content of webhooks (documented, F.1)."""
    if order.legs:
        return {**_order_head(order, view), **_leg_list(order, view), **_extras(order)}
    listed = [refund_body(one) for one in order.refunds if one.is_listed]
    refunds: Body = {"refunds": listed} if listed else {}
    return {**_order_head(order, view), **_leading_body(order, view), **refunds, **_extras(order)}


def _leg_list(order: Order, view: View) -> Body:
    """Return the legs of a split payment, each with its own money and refunds (recorded, contract O.3)."""
    return {"txn_list": [_leg_body(order, leg, view) for leg in order.legs]}


def _leg_body(order: Order, leg: Txn, view: View) -> Body:
    mine = [one for one in order.refunds if one.is_listed and one.txn_id == leg.txn_id]
    listed: Body = {"refunds": [refund_body(one) for one in mine]} if mine else {}
    given = sum((one.amount for one in mine if one.holds_money), Decimal(0))
    own = {name: value for name, value in _txn_body(order, leg, view).items() if name != "txn_detail"}
    return {
        **own,
        "status": leg.status,
        "effective_amount": json_number(leg.paid),
        "refunded": 0 < leg.taken <= given,
        "amount_refunded": json_number(given),
        "offers": [],
        "txn_detail": _txn_detail(order, leg),
        **listed,
    }


def mandate_body(mandate: Mandate) -> Body:
    """Return the mandate block of an order (recorded, contract L)."""
    terms = mandate.terms
    return {
        "mandate_id": mandate.mandate_id,
        "mandate_token": mandate.mandate_token,
        "mandate_status": mandate.status,
        "mandate_type": "EMANDATE",
        "frequency": terms.get("frequency", "ASPRESENTED"),
        "max_amount": _number(terms.get("max_amount")),
        "amount_rule": terms.get("amount_rule", "VARIABLE"),
        "start_date": terms.get("start_date"),
        "end_date": terms.get("end_date"),
        "rule_type": terms.get("rule_type"),
        "rule_value": _number(terms.get("rule_value")),
        "revokable_by_customer": terms.get("revokable_by_customer", "true").lower() == "true",
        "block_fund": terms.get("block_funds", "false").lower() == "true",
    }


def txn_started_body(order: Order, txn: Txn, page: str, shop: str) -> Body:
    """Return the answer of `POST /txns` (recorded, contract L): where to send the shopper on to."""
    opened_by_app: Body = {"sdk_params": _intent(txn, shop)} if txn.method.flow == "INTENT" else {}
    return {
        "order_id": order.order_id,
        "txn_id": txn.txn_id,
        "txn_uuid": txn.txn_uuid,
        "status": txn.status,
        "payment": {"authentication": {"method": "GET", "url": page}, **opened_by_app},
        "offer_details": {"offers": []},
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
        "sdk_payload": {"requestId": request_id, "service": SERVICE, "payload": payload, "expiry": expiry},
        "order_expiry": expiry,
    }


def sdk_payload(order: Order, client_id: str, action: str, token: str, token_expires: datetime) -> Body:
    """Return `sdk_payload.payload` (recorded, contract B.2); optional keys only where the merchant sent them."""
    optional = {
        "customerId": "customer_id",
        "customerEmail": "customer_email",
        "customerPhone": "customer_phone",
        "description": "description",
        "firstName": "first_name",
        "lastName": "last_name",
        "returnUrl": "return_url",
        "language": "language",
    }
    sent = {ours: order.fields[theirs] for ours, theirs in optional.items() if theirs in order.fields}
    sent |= {_dotted(name): value for name, value in order.fields.items() if _DOTTED.match(name)}
    return {
        "action": action,
        "amount": sdk_text(order.amount),
        "clientAuthToken": token,
        "clientAuthTokenExpiry": utc_text(token_expires),
        "clientId": client_id,
        "collectAvsInfo": False,
        "currency": order.currency,
        "environment": "sandbox",
        "merchantId": order.merchant_id,
        "orderId": order.order_id,
        "service": SERVICE,
        **sent,
    }


_DOTTED: Final = re.compile(r"mandate\.|options\.create_mandate$", re.ASCII)


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
    told = [] if order.legs else order.refunds  # of a split payment the legs tell their refunds (recorded, O.3)
    refunded = sum((one.amount for one in told if one.is_listed and one.holds_money), Decimal(0))
    sent = order.fields
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
        "refunded": 0 < order.captured <= refunded,
        "amount_refunded": json_number(refunded),
        "effective_amount": _effective_amount(order),
        "offers": [],
        "emi_details": dict(_NO_EMI),
        "gateway_reference_id": sent.get("metadata.JUSPAY:gateway_reference_id"),
    }


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


def _number(text: str | None) -> int | Decimal | None:
    """Return a term of a mandate as a JSON number, where it is one."""
    amount = parsed_amount(text)
    return None if amount is None else json_number(amount)


def _effective_amount(order: Order) -> int | Decimal:
    """Return what the shopper pays; beside a partial capture it is the whole too (recorded, contract O.1)."""
    if order.legs:
        return json_number(sum((leg.paid for leg in order.legs), Decimal(0)))
    return json_number(order.leading.paid if order.leading else order.amount)


def _money_taken(order: Order, txn: Txn) -> Body:
    """Return what was captured, and what Juspay would still give back (recorded, contract O.1)."""
    left = json_number(order.refundable if order.eligible is None else order.eligible)
    if txn.order_status == "PARTIAL_CHARGED":
        taken = json_number(txn.taken)
        return {
            "captured_amount": taken,
            "refundable_amount": left,
            "txn_sub_details": [_sub_detail(order, txn)],
        }
    return {"maximum_eligible_refund_amount": left} if txn.status == "CHARGED" else {}


def _sub_detail(order: Order, txn: Txn) -> Body:
    """Return one capture of a part (recorded, contract O.1)."""
    taken = json_number(txn.taken)
    return {
        "txn_id": f"{txn.txn_uuid}1",
        "txn_uuid": f"{txn.txn_uuid}sub1",
        "order_id": order.order_id,
        "status": "CHARGED",
        "txn_object_type": "PARTIAL_CAPTURE",
        "source_object": "TXN_SUB_DETAIL",
        "source_object_id": txn.txn_id,
        "order_amount": json_number(order.amount),
        "txn_amount": taken,
        "net_amount": taken,
        "currency": order.currency,
        "gateway": GATEWAY,
        "gateway_id": _GATEWAY_ID,
        "created": utc_text(txn.last_updated),
    }


def _leading_body(order: Order, view: View) -> Body:
    """Return what the order says of the transaction that leads it; nothing while NEW (documented, F.1)."""
    txn = order.leading
    return {} if txn is None else {**_txn_body(order, txn, view), **_money_taken(order, txn)}


def _txn_body(order: Order, txn: Txn, view: View) -> Body:
    failed = txn.status in FAILED
    body: Body = {
        "txn_id": txn.txn_id,
        "txn_uuid": txn.txn_uuid,
        "payment_method_type": txn.method.group,
        "payment_method": txn.method.name,
        "auth_type": "THREE_DS" if txn.method.group == "CARD" else "",
        "gateway_id": _GATEWAY_ID,
        "bank_error_code": txn.error_code,
        "bank_error_message": txn.error_message,
        "resp_code": "PAYMENT_FAILED" if failed else None,
        "resp_message": "The payment failed" if failed else None,
        "resp_category": "PAYMENT_FAILURE" if failed else None,
        "txn_detail": _txn_detail(order, txn),
        **_method_body(txn),
    }
    if txn.status not in {"PENDING_VBV", "STARTED"}:
        body["payment_gateway_response"] = _gateway_body(txn, full=view.full_gateway_answer)
    return body


def _txn_detail(order: Order, txn: Txn) -> Body:
    base = json_number(txn.amount)
    breakup: list[Body] = [{"name": "BASE", "amount": base, "sno": 1, "method": "ADD"}]
    if txn.discount:
        breakup.append({"name": "OFFER", "amount": json_number(txn.discount), "sno": 2, "method": "SUBTRACT"})
    if txn.surcharge or txn.tax:
        added = json_number(txn.surcharge + txn.tax)
        breakup.append({"name": "SURCHARGE", "amount": added, "sno": 3, "method": "ADD"})
    return {
        "txn_id": txn.txn_id,
        "order_id": order.order_id,
        "status": txn.status,
        "error_code": txn.error_code or None,
        "error_message": txn.error_message,
        "net_amount": base,
        "surcharge_amount": json_number(txn.surcharge) if txn.surcharge else None,
        "tax_amount": json_number(txn.tax) if txn.tax else None,
        "txn_amount": json_number(txn.paid),
        "offer_deduction_amount": json_number(txn.discount) if txn.discount else None,
        "gateway_id": _GATEWAY_ID,
        "gateway": GATEWAY,
        "currency": order.currency,
        "express_checkout": False,
        "redirect": True,
        "txn_uuid": txn.txn_uuid,
        "created": utc_text(txn.created),
        "last_updated": utc_text(txn.last_updated),
        "txn_flow_type": txn.method.flow,
        "is_cvv_less_txn": False,
        "txn_amount_breakup": breakup,
    }


def txn_event_body(order: Order, txn: Txn, view: View) -> Body:
    """Return an attempt as its own events tell it: no order around it, and no merchant (recorded, contract O.6)."""
    body = _txn_body(order, txn, view)
    beside = ("payment_method_type", "payment_method", "payment_gateway_response")
    of_body: Body = {name: body[name] for name in beside if name in body}
    gateway: Body = (
        {"payment_gateway_response": body["payment_gateway_response"]} if "payment_gateway_response" in body else {}
    )
    return {
        **{name: value for name, value in _txn_detail(order, txn).items() if name != "txn_amount_breakup"},
        "status_id": view.status_ids[txn.status],
        **of_body,
        **gateway,
    }


def _method_body(txn: Txn) -> Body:
    method = txn.method
    if method.group == "UPI":
        return {"payer_vpa": method.vpa, "upi": {"payer_vpa": method.vpa, "txn_flow_type": method.flow}}
    return {"card": _card_body(txn)} if method.group == "CARD" else {}


def _card_body(txn: Txn) -> Body:
    return {
        "expiry_year": "2040",
        "expiry_month": "01",
        "card_reference": "",
        "card_fingerprint": f"sbx{txn.method.card_isin}{txn.method.last_four}",
        "card_isin": txn.method.card_isin,
        "last_four_digits": txn.method.last_four,
        "name_on_card": "SANDBOX SHOPPER",
        "card_type": "CREDIT",
        "card_brand": txn.method.name,
        "card_issuer": "SANDBOX BANK",
        "card_issuer_country": "INDIA",
        "using_saved_card": False,
        "saved_to_locker": False,
        "using_token": False,
        "token_type": None,
        "tokens": [],
        "juspay_bank_code": None,
        "extended_card_type": "CREDIT",
        "payment_account_reference": None,
    }


def _gateway_body(txn: Txn, *, full: bool) -> Body:
    through = txn.status in {"CHARGED", "AUTHORIZED", "AUTO_REFUNDED", "VOIDED"}
    waiting = txn.status in {"AUTHORIZING", *INITIATED}
    body: Body = {
        "txn_id": txn.txn_id,
        "created": utc_text(txn.last_updated),
        "rrn": f"{sum(txn.txn_uuid.encode()) * 104_729 % 10**12:012d}" if through else None,
        "epg_txn_id": f"dmy_{txn.txn_uuid}",
        "auth_id_code": txn.txn_uuid[-6:] if through else "",
        "resp_code": "SUCCESS" if through else "PENDING" if waiting else "DECLINED",
        "resp_message": f"{BANKS.get(txn.method.name, 'The dummy gateway')} answered in the sandbox",
        **dict.fromkeys(_GATEWAY_UNSET),
    }
    if full:  # that there is such a block is documented, contract F; its form is inferred
        body["gateway_response"] = {"status": body["resp_code"], "message": body["resp_message"]}
    return body
