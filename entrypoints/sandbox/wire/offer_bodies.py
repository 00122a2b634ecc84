"""Offers as Juspay's bodies have them: in a list, and in the order that took one (gateway contract, L and O.1)."""

from __future__ import annotations

from decimal import Decimal
from typing import TypeAlias

from paystate.entrypoints.sandbox.amounts import json_number, plain_text
from paystate.entrypoints.sandbox.gateway.offers import FAILED_CODE, Offer
from paystate.entrypoints.sandbox.gateway.records import Order, Txn
from paystate.entrypoints.sandbox.gateway.statuses import FAILED

Body: TypeAlias = dict[str, object]


def listed_body(offer: Offer, amount: Decimal, ways: list[str]) -> Body:
    """Return one member of `offers` in the list (recorded, contract L); `ways` are those of the call that get it."""
    instrument: Body = {"payment_method_type": offer.group, **{name: [] for name in _INSTRUMENT}}
    return {
        "offer_id": offer.id,
        "offer_code": offer.code,
        "status": "ELIGIBLE",
        "reason": [],
        "offer_description": {"sponsored_by": "MERCHANT", "title": offer.title, "description": "", "tnc": ""},
        "ui_configs": {
            "offer_display_priority": 0,
            "auto_apply": "false",
            "should_validate": "true",
            "is_hidden": "false",
        },
        "offer_rules": {
            "amount": {"currency": "INR", "amount_info": [], "min_order_amount": plain_text(offer.least)},
            "payment_instrument": [instrument] if offer.group else [],
            "gateways": [],
            "filters": {"whitelist": [], "blacklist": []},
            "txn_type": ["ORDER"],
        },
        "order_breakup": breakup_body(offer, amount),
        "application_mode": "ORDER",
        "eligible_saved_payment_methods": ways,
        "actions": [],
    }


_INSTRUMENT = ("variant", "payment_method", "app", "type", "issuer")


def best_body(offer: Offer, amount: Decimal, way: str) -> Body:
    """Return one member of `best_offer_combinations`: the best for one way to pay (recorded, contract L)."""
    breakup = breakup_body(offer, amount)
    told = {name: breakup[name] for name in ("discount_amount", "merchant_discount_amount", "cashback_amount")}
    worth: Body = {"offer_id": offer.id, "total_offered_amount": breakup["offer_amount"], **told}
    return {"payment_method_reference": way, "offers": [worth], "order_breakup": breakup}


def breakup_body(offer: Offer, amount: Decimal) -> Body:
    """Return `order_breakup`: what is paid with the offer (recorded, contract L)."""
    worth, off = offer.benefit(amount), offer.discount(amount)
    return {
        "order_amount": plain_text(amount),
        "applicable_order_amount": plain_text(amount),
        "final_order_amount": plain_text(amount - off),
        "discount_amount": plain_text(off),
        "merchant_discount_amount": "0.00",
        "cashback_amount": plain_text(worth - off),
        "offer_amount": plain_text(worth),
        "benefits": [
            {"type": offer.kind, "calculation_rule": offer.rule, "value": json_number(offer.value), "amount_info": []}
        ],
    }


def taken_body(order: Order, txn: Txn, offer: Offer) -> Body:
    """Return one member of an order's `offers` (recorded, O.1): FAILED with its payment, REFUNDED with all of it back.

    While the payment is open it says INITIATED (inferred).
    """
    failed = txn.status in FAILED
    worth = Decimal(0) if failed else offer.benefit(order.amount)
    rule: Body = {"calculation_rule": offer.rule, "value": json_number(offer.value)}
    bound: Body = {} if offer.most is None else {"max_amount": json_number(offer.most)}
    problem: Body = {"error_code": FAILED_CODE, "error_message": _FAILED} if failed else {}
    return {
        "offer_id": offer.id,
        "offer_code": offer.code,
        "status": _status(order, txn),
        "benefits": [{"type": offer.kind, "amount": json_number(worth), "calculation_info": {**rule, **bound}}],
        **problem,
    }


_FAILED = "Offer Application failed due to transaction failure"


def _status(order: Order, txn: Txn) -> str:
    if txn.status in FAILED:
        return "FAILED"
    if not txn.taken:
        return "INITIATED"
    return "REFUNDED" if order.left_of(txn) <= 0 else "AVAILED"
