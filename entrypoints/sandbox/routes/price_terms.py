"""What a price may be paid with, over the wire: offers and instalments (contract L; offers and plans are made up)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

from paystate.entrypoints.sandbox import errors
from paystate.entrypoints.sandbox.amounts import parsed_amount, plain_text
from paystate.entrypoints.sandbox.gateway.instalments import EmiPlan, Paid, plans
from paystate.entrypoints.sandbox.gateway.offers import eligible
from paystate.entrypoints.sandbox.routes.calls import Call, Route
from paystate.entrypoints.sandbox.wire import offer_bodies
from paystate.entrypoints.sandbox.wire.answers import Answer
from paystate.entrypoints.sandbox.wire.bodies import Body
from paystate.entrypoints.sandbox.wire.txn_bodies import GATEWAY, GATEWAY_ID

_PAID: Final[tuple[Paid, ...]] = ("CREDIT", "DEBIT", "CARDLESS")


def list_offers(call: Call) -> Answer:
    """`POST /v1/offers/list`: those that the amount gets, or that of `offer_code`, and the best for each way to pay.

    What the call leaves out stands in nobody's way (documented, contract L).
    """
    order = call.fields.get("order")
    amount = parsed_amount(cast("Mapping[str, Any]", order).get("amount")) if isinstance(order, dict) else None
    if amount is None:
        raise errors.invalid_input(("order.amount", "Above zero, with two decimals at most"))
    ways = list(_ways(call))
    found = list(eligible(amount, call.text("offer_code")))
    listed = [
        offer_bodies.listed_body(one, amount, [name for name, group in ways if one.fits(amount, group)])
        for one in found
    ]
    best: list[offer_bodies.Body] = []
    for name, group in ways:
        fitting = [one for one in found if one.fits(amount, group)]
        if fitting:
            best.append(offer_bodies.best_body(max(fitting, key=lambda one: one.benefit(amount)), amount, name))
    return Answer({"best_offer_combinations": best, "offers": listed})


def list_plans(call: Call) -> Answer:
    """`POST /v2/emi/plans`: the standard plans, by how they are paid and by bank."""
    amount = parsed_amount(call.fields.get("order_amount"))
    if amount is None:
        raise errors.invalid_input(("order_amount", "Above zero, with two decimals at most"))
    found = list(plans(amount))
    standard = {paid: _issuers([one for one in found if one.bank.paid == paid]) for paid in _PAID}
    return Answer({"cart_amount": plain_text(amount), "emi_plans": {"STANDARD_EMI": standard}})


ROUTES: Final = (
    Route(
        "POST", "/v1/offers/list", "offers", list_offers, "documented", "L",
        "Lists the offers that a price gets, and the best for each way to pay.",
        about="other",
    ),
    Route(
        "POST", "/v2/emi/plans", "emi_plans", list_plans, "documented", "L",
        "Tells what an amount comes to in instalments.",
        about="other", caller="anyone",
    ),
)  # fmt: skip


def _ways(call: Call) -> Iterator[tuple[str, str]]:
    """Yield the ways to pay that the call names: by which name of its own, and of which type."""
    given = call.fields.get("payment_method_info")
    for one in cast("list[object]", given) if isinstance(given, list) else []:
        if isinstance(one, dict):
            way = cast("Mapping[str, Any]", one)
            yield str(way.get("payment_method_reference", "")), str(way.get("payment_method_type", "")).upper()


def _issuers(found: list[EmiPlan]) -> Body:
    way = "CONSUMER_FINANCE" if found[0].bank.paid == "CARDLESS" else "CARD"
    banks = dict.fromkeys(one.bank.code for one in found)
    listed = [_issuer([one for one in found if one.bank.code == code]) for code in banks]
    return {"payment_method": way, "payment_method_type": way, "issuers": listed}


def _issuer(found: list[EmiPlan]) -> Body:
    bank = found[0].bank
    return {
        "emi_bank": bank.code,
        "issuer_name": bank.name,
        "juspay_bank_code": f"JP_{bank.code.removesuffix('DC').removesuffix('_CLEMI')}",
        "bank_plan_description": None,
        "tenures": [_tenure(one) for one in found],
    }


def _tenure(plan: EmiPlan) -> Body:
    return {
        "offer_type": None,
        "additional_processing_fee": "0.00",
        "bank_interest_rate": plain_text(plan.rate),
        "tenure": plan.tenure,
        "total_amount_payable": plain_text(plan.total),
        "total_interest_amount": plain_text(plan.interest),
        "total_monthly_amount_payable": plain_text(plan.monthly),
        "total_instant_discount_amount": None,
        "total_cashback_amount": None,
        "additional_discount_amount": None,
        "supported_gateways": [{"gateway": GATEWAY, "gateway_id": GATEWAY_ID}],
    }
