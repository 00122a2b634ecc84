"""Mandates over the wire (contract L). Their states are in `gateway/mandates.py`."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.sandbox import errors
from paystate.entrypoints.sandbox.routes.calls import Call, Route
from paystate.entrypoints.sandbox.wire import bodies
from paystate.entrypoints.sandbox.wire.answers import Answer


def command_mandate(call: Call) -> Answer:
    """`POST /mandates/{mandate_id}` with `command=revoke` (documented, contract L; other commands not played)."""
    mandate = call.sandbox.mandates.mandate(call.merchant.merchant_id, call.path_id)
    if mandate is None:
        raise errors.mandate_not_found()
    if call.text("command") != "revoke":
        raise errors.invalid_command()
    order = call.sandbox.world.order(mandate.merchant_id, mandate.order_id)
    if order is not None:
        call.sandbox.mandates.become(mandate, order, "REVOKED", call.now)
    return Answer({"mandate_status": mandate.status, "mandate_id": mandate.mandate_id})


def list_mandates(call: Call) -> Answer:
    """`GET /customers/{id}/mandates`, by Juspay's id or the merchant's (recorded, contract O.6)."""
    merchant_id = call.merchant.merchant_id
    customer = call.sandbox.customers.find(merchant_id, call.path_id)
    ids = {call.path_id} if customer is None else {customer.id, customer.reference}
    return call.part_of(call.sandbox.mandates.of(merchant_id, ids), bodies.mandate_listed_body)


ROUTES: Final = (
    Route(
        "GET", "/customers/{path_id:str}/mandates", "mandate_list", list_mandates, "recorded", "L",
        "Lists a customer's mandates, as a sample and an older .NET client ask for them.",
        about="customer",
    ),
    Route(
        "POST", "/mandates/{path_id:str}", "mandate", command_mandate, "documented", "L",
        "Revokes a mandate.",
        about="other",
    ),
)  # fmt: skip
