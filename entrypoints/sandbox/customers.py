"""Customers: making, changing and telling them (contract B.5). Owns the reading of their fields."""

from __future__ import annotations

from functools import partial
from typing import Final

from paystate.entrypoints.sandbox import errors, wire
from paystate.entrypoints.sandbox.answers import Answer
from paystate.entrypoints.sandbox.calls import Call, Route
from paystate.entrypoints.sandbox.records import Customer


def create_customer(call: Call) -> Answer:
    """`POST /customers` (contract B.5)."""
    call.require("object_reference_id", "mobile_number")
    customer = call.sandbox.world.keep_customer(
        call.merchant.merchant_id, call.text("object_reference_id"), _customer_fields(call), call.now
    )
    return Answer(wire.customer_body(customer) | call.token_asked_for())


def get_customer(call: Call) -> Answer:
    """`GET /customers/{id}` (contract B.5)."""
    return Answer(wire.customer_body(_customer(call)) | call.token_asked_for())


def update_customer(call: Call) -> Answer:
    """`POST /customers/{id}` (contract B.5)."""
    customer = _customer(call)
    call.sandbox.world.amend_customer(customer, _customer_fields(call), call.now)
    return Answer(wire.customer_body(customer))


_Row = partial(Route, about="customer")

ROUTES: Final = (
    _Row(
        "POST", "/customers", "customer_create", create_customer, "documented", "B.5",
        "Makes a customer; a known reference gives the known one.",
    ),
    _Row(
        "GET", "/customers/{path_id:str}", "customer_get", get_customer, "documented", "B.5",
        "Tells a customer, by Juspay's id or the merchant's reference.",
    ),
    _Row(
        "POST", "/customers/{path_id:str}", "customer_update", update_customer, "documented", "B.5",
        "Changes what is sent anew of a customer.",
    ),
)  # fmt: skip


def _customer(call: Call) -> Customer:
    customer = call.sandbox.world.customer(call.merchant.merchant_id, call.path_id)
    if customer is None:
        raise errors.customer_not_found()
    return customer


def _customer_fields(call: Call) -> dict[str, str]:
    return {name: call.text(name) for name in wire.CUSTOMER_FIELDS if name in call.fields}
