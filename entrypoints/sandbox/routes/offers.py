"""`POST /v1/offers/list`: which offers a price gets (documented, contract L; the offers are made up)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

from paystate.entrypoints.sandbox import errors
from paystate.entrypoints.sandbox.amounts import parsed_amount
from paystate.entrypoints.sandbox.gateway.offers import eligible
from paystate.entrypoints.sandbox.routes.calls import Call, Route
from paystate.entrypoints.sandbox.wire import offer_bodies
from paystate.entrypoints.sandbox.wire.answers import Answer


def list_offers(call: Call) -> Answer:
    """List those that the order's amount gets, all or the one of `offer_code`, and the best for each way to pay.

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


def _ways(call: Call) -> Iterator[tuple[str, str]]:
    """Yield the ways to pay that the call names: by which name of its own, and of which type."""
    given = call.fields.get("payment_method_info")
    for one in cast("list[object]", given) if isinstance(given, list) else []:
        if isinstance(one, dict):
            way = cast("Mapping[str, Any]", one)
            yield str(way.get("payment_method_reference", "")), str(way.get("payment_method_type", "")).upper()


ROUTES: Final = (
    Route(
        "POST", "/v1/offers/list", "offers", list_offers, "documented", "L",
        "Lists the offers that a price gets, and the best for each way to pay.",
        about="other",
    ),
)  # fmt: skip
