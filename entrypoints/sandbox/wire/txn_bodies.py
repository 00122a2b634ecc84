"""One transaction as Juspay's bodies have it: in its order, as a leg of a payment in parts, or alone in an event.

Records are read and not changed (gateway contract, F.1, O.1, O.3 and O.6).
"""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import Final, TypeAlias

from paystate.entrypoints.sandbox.amounts import json_number
from paystate.entrypoints.sandbox.clock import utc_text
from paystate.entrypoints.sandbox.gateway.methods import BANKS
from paystate.entrypoints.sandbox.gateway.records import Order, Refund, SubDetail, Txn
from paystate.entrypoints.sandbox.gateway.statuses import FAILED, INITIATED
from paystate.entrypoints.sandbox.wire.refund_bodies import given_back, refund_body

Body: TypeAlias = dict[str, object]

GATEWAY: Final = "DUMMY"
GATEWAY_ID: Final = 100
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


def leading_body(order: Order, txn: Txn, *, full: bool) -> Body:
    """Return what a body says of one transaction (documented, F.1); `full`: with the gateway's own words too."""
    failed = txn.status in FAILED
    body: Body = {
        "txn_id": txn.txn_id,
        "txn_uuid": txn.txn_uuid,
        "payment_method_type": txn.method.group,
        "payment_method": txn.method.name,
        "auth_type": txn.method.auth_type or ("THREE_DS" if txn.method.group == "CARD" else ""),
        "gateway_id": GATEWAY_ID,
        "bank_error_code": txn.error_code,
        "bank_error_message": txn.error_message,
        "resp_code": "PAYMENT_FAILED" if failed else None,
        "resp_message": "The payment failed" if failed else None,
        "resp_category": "PAYMENT_FAILURE" if failed else None,
        "txn_detail": {**_detail(order, txn), **_detail_more(order, txn)},
        **_method_body(txn),
        **_instalments_body(txn),
    }
    if txn.status not in {"PENDING_VBV", "STARTED", "TO_BE_CHARGED"}:
        body["payment_gateway_response"] = _gateway_body(txn, full=full)
    return body


def leg_body(order: Order, txn: Txn, *, full: bool) -> Body:
    """Return one member of `txn_list`: a part of the payment, with the refunds of its own (recorded, O.3)."""
    refunds = [one for one in order.refunds_of(txn) if one.is_listed]
    back = given_back(one for one in refunds if not _is_in_doubt(one))
    return {
        **leading_body(order, txn, full=full),
        "status": txn.told_status,
        "effective_amount": json_number(txn.amount),
        "amount_refunded": json_number(back),
        "refunded": 0 < txn.taken <= back,
        **({"refunds": [refund_body(one) for one in refunds]} if refunds else {}),
        "offers": [],
        "gateway_reference_id": None,
    }


def _is_in_doubt(refund: Refund) -> bool:
    """Whether a leg does not count it: one of Juspay's own that a person has to look at (recorded, O.3)."""
    return refund.initiated_by == "juspay" and refund.status == "MANUAL_REVIEW"


def capture_members(order: Order, txn: Txn) -> Body:
    """Return what is told beside an order of whose held money a part was captured (recorded, O.1)."""
    left = order.left_of(txn)
    return {
        "captured_amount": json_number(txn.taken),
        "refundable_amount": json_number(left),
        "txn_sub_details": [_sub_detail(order, txn, one) for one in txn.sub_details],
    }


def txn_event_body(order: Order, txn: Txn, status_id: int) -> Body:
    """Return `content.txn` of `TXN_CHARGED` and `TXN_FAILED`: no order, no merchant (recorded, O.6)."""
    detail = _detail(order, txn)
    return {
        **detail,
        "status_id": status_id,
        "error_code": txn.error_code,
        "payment_method_type": txn.method.group,
        "payment_method": txn.method.name,
        "payment_gateway_response": {
            "txn_id": None,
            "created": utc_text(txn.last_updated),
            "resp_message": None,
            "resp_code": None,
            "auth_id_code": txn.txn_uuid[-6:] if txn.taken else "",
            "epg_txn_id": None,
            "rrn": None,
        },
        **({"card": _card_body(txn)} if txn.method.group == "CARD" else {}),
    }


def _detail(order: Order, txn: Txn) -> Body:
    """Return how it stands and what it comes to; which sum is `net_amount` is recorded of surcharges (O.1)."""
    price = txn.price
    return {
        "txn_id": txn.txn_id,
        "order_id": order.order_id,
        "status": txn.told_status,
        "error_code": txn.error_code or None,
        "error_message": txn.error_message,
        "net_amount": json_number(order.amount),
        "surcharge_amount": _or_none(price.surcharge),
        "tax_amount": json_number(price.tax) if price.surcharge or price.tax else None,
        "txn_amount": json_number(txn.amount),
        "offer_deduction_amount": _or_none(price.discount),
        "gateway_id": GATEWAY_ID,
        "gateway": GATEWAY,
        "currency": order.currency,
        "express_checkout": False,
        "redirect": True,
        "txn_uuid": txn.txn_uuid,
        "created": utc_text(txn.created),
        "txn_flow_type": txn.method.flow,
    }


def _detail_more(order: Order, txn: Txn) -> Body:
    price = txn.price
    base = txn.amount if txn.leg else order.amount
    parts = (
        ("BASE", base, "ADD"),
        ("SURCHARGE", price.surcharge, "ADD"),
        ("TAX", price.tax, "ADD"),
        ("OFFER", price.discount, "SUBTRACT"),
    )
    told = [one for one in parts if one[1]]
    return {
        "last_updated": utc_text(txn.last_updated),
        "is_cvv_less_txn": False,
        "txn_amount_breakup": [
            {"name": name, "amount": json_number(amount), "sno": number, "method": method}
            for number, (name, amount, method) in enumerate(told, 1)
        ],
    }


def _sub_detail(order: Order, txn: Txn, one: SubDetail) -> Body:
    return {
        **_detail(order, txn),
        "txn_id": one.txn_uuid,
        "txn_uuid": one.txn_uuid,
        "status": "CHARGED" if one.kind == "PARTIAL_CAPTURE" else "VOIDED",
        "net_amount": json_number(one.amount),
        "txn_amount": json_number(one.amount),
        "surcharge_amount": None,
        "tax_amount": None,
        "offer_deduction_amount": None,
        "txn_object_type": one.kind,
        "source_object": "TXN_SUB_DETAIL",
        "source_object_id": txn.txn_id,
        "order_amount": json_number(order.amount),
        "created": utc_text(one.created),
        "payment_gateway_response": _gateway_body(txn, full=False) | {"txn_id": one.txn_uuid},
    }


def _or_none(amount: Decimal) -> int | Decimal | None:
    return json_number(amount) if amount else None


def _method_body(txn: Txn) -> Body:
    method = txn.method
    if method.group == "UPI":
        return {"payer_vpa": method.vpa, "upi": {"payer_vpa": method.vpa, "txn_flow_type": method.flow}}
    return {"card": _card_body(txn)} if method.group == "CARD" else {}


def _instalments_body(txn: Txn) -> Body:
    """Return how the payment is spread; a standard plan's kind is not told (recorded, contract O.7)."""
    terms = txn.method.instalments
    if terms is None:
        return {}
    kind: Body = {"emi_type": terms.kind} if terms.kind not in {"", "STANDARD_EMI"} else {}
    return {"emi_bank": terms.bank, "emi_tenure": terms.tenure, **kind}


def card_token_body(isin: str, last_four: str, fingerprint: str, expiry_year: str, expiry_month: str) -> Body:
    """Return the network token that stands for a card (recorded, contract F.1; the values are made up)."""
    digest = hashlib.sha256(f"{fingerprint} token".encode()).hexdigest()
    return {
        "card_reference": f"token_{digest[:28]}",
        "card_fingerprint": digest[28:50],
        "card_isin": isin,
        "last_four_digits": last_four,
        "expiry_year": expiry_year,
        "expiry_month": expiry_month,
        "par": digest[:29].upper(),
        "tokenization_status": "ACTIVE",
    }


def _token_members(txn: Txn) -> Body:
    """Return what is told of a card for which a token was asked: it is made once the payment went through."""
    method, said = txn.method, txn.method.card
    if not said.is_tokenized:
        return {}
    if not txn.taken:
        return {"tokenization_user_consent": True}
    token = card_token_body(method.card_isin, method.last_four, _fingerprint(txn), said.expiry_year, said.expiry_month)
    created = {name: token[name] for name in ("card_reference", "card_fingerprint", "tokenization_status")}
    return {"tokenization_user_consent": True, "token": token, "token_created": created}


def _fingerprint(txn: Txn) -> str:
    return f"sbx{txn.method.card_isin}{txn.method.last_four}"


def _card_body(txn: Txn) -> Body:
    said = txn.method.card
    return {
        "expiry_year": said.expiry_year,
        "expiry_month": said.expiry_month,
        "card_reference": "",
        "card_fingerprint": _fingerprint(txn),
        "card_isin": txn.method.card_isin,
        "last_four_digits": txn.method.last_four,
        "name_on_card": said.name,
        "card_type": "CREDIT",
        "card_brand": txn.method.name,
        "card_issuer": "SANDBOX BANK",
        "card_issuer_country": "INDIA",
        "using_saved_card": said.is_kept,
        "saved_to_locker": said.is_kept or said.is_to_be_kept,
        "using_token": False,
        "token_type": None,
        "tokens": [],
        "juspay_bank_code": None,
        "extended_card_type": "CREDIT",
        "payment_account_reference": None,
        **_token_members(txn),
    }


def _gateway_body(txn: Txn, *, full: bool) -> Body:
    through = txn.status in {"CHARGED", "AUTHORIZED", "AUTO_REFUNDED", "VOIDED"}
    waiting = txn.status in {"AUTHORIZING", *INITIATED}
    body: Body = {
        "txn_id": txn.txn_id,
        "created": utc_text(txn.last_updated),
        "rrn": _bank_reference(txn) if through else None,
        "epg_txn_id": f"dmy_{txn.txn_uuid}",
        "auth_id_code": txn.txn_uuid[-6:] if through else "",
        "resp_code": "SUCCESS" if through else "PENDING" if waiting else "DECLINED",
        "resp_message": f"{BANKS.get(txn.method.name, 'The dummy gateway')} answered in the sandbox",
        **dict.fromkeys(_GATEWAY_UNSET),
    }
    if full:  # that there is such a block is documented, contract F; its form is inferred
        body["gateway_response"] = {"status": body["resp_code"], "message": body["resp_message"]}
    return body


def _bank_reference(txn: Txn) -> str:
    """Return twelve digits (the length is recorded); two attempts share them once in a thousand million pairs."""
    return f"{int(hashlib.sha256(txn.txn_uuid.encode()).hexdigest(), 16) % 10**9:012d}"
