"""Customers over the wire (contract B.5): their routes, and how their fields are read."""

from __future__ import annotations

from functools import partial
from typing import Final

from paystate.entrypoints.sandbox import errors
from paystate.entrypoints.sandbox.gateway.records import Customer
from paystate.entrypoints.sandbox.routes.calls import Call, Route
from paystate.entrypoints.sandbox.wire import bodies
from paystate.entrypoints.sandbox.wire.answers import Answer


def create_customer(call: Call) -> Answer:
    """`POST /customers` (contract B.5)."""
    _check_given(call, "object_reference_id", "mobile_number")
    merchant_id, reference = call.merchant.merchant_id, call.text("object_reference_id")
    if call.sandbox.customers.find(merchant_id, reference) is not None:
        raise errors.customer_known()
    customer = call.sandbox.customers.keep(merchant_id, reference, _customer_fields(call), call.now)
    return Answer(bodies.customer_body(customer) | call.token_asked_for())


def list_customers(call: Call) -> Answer:
    """`GET /customers` (recorded, contract B.5)."""
    return call.part_of(call.sandbox.customers.of(call.merchant.merchant_id), bodies.customer_body)


def get_or_create_customer(call: Call) -> Answer:
    """`POST /v2/customers/{reference}`; `update` changes a known one (secondary, contract B.5)."""
    known = call.sandbox.customers.find(call.merchant.merchant_id, call.path_id)
    if known is None:
        _check_given(call, "mobile_number")
        known = call.sandbox.customers.keep(call.merchant.merchant_id, call.path_id, _customer_fields(call), call.now)
    elif call.text("update").lower() == "true":
        call.sandbox.customers.amend(known, _customer_fields(call), call.now)
    return Answer(bodies.customer_body(known) | call.token_asked_for())


def get_customer(call: Call) -> Answer:
    """`GET /customers/{id}` (contract B.5)."""
    return Answer(bodies.customer_body(_customer(call)) | call.token_asked_for())


def update_customer(call: Call) -> Answer:
    """`POST /customers/{id}` (contract B.5)."""
    customer = _customer(call)
    call.sandbox.customers.amend(customer, _customer_fields(call), call.now)
    return Answer(bodies.customer_body(customer))


_Row = partial(Route, about="customer")

ROUTES: Final = (
    _Row(
        "POST", "/customers", "customer_create", create_customer, "documented", "B.5",
        "Makes a customer of a reference that is new.",
    ),
    _Row(
        "GET", "/customers", "customer_list", list_customers, "recorded", "B.5",
        "Lists the merchant's customers.",
    ),
    _Row(
        "POST", "/v2/customers/{path_id:str}", "customer_get_or_create", get_or_create_customer, "secondary", "B.5",
        "Tells a customer, made if there is none of that reference.",
    ),
    _Row(
        "GET", "/customers/{path_id:str}", "customer_get", get_customer, "documented", "B.5",
        "Tells a customer, by Juspay's id or the merchant's reference.",
        caller="client",
    ),
    _Row(
        "POST", "/customers/{path_id:str}", "customer_update", update_customer, "documented", "B.5",
        "Changes what is sent anew of a customer.",
    ),
)  # fmt: skip


def _customer(call: Call) -> Customer:
    customer = call.sandbox.customers.find(call.merchant.merchant_id, call.path_id)
    if customer is None:
        raise errors.customer_not_found()
    return customer


def _check_given(call: Call, *names: str) -> None:
    missing = [name for name in names if not call.text(name)]
    if missing:
        raise errors.wrong_in_customer(*missing)


def _customer_fields(call: Call) -> dict[str, str]:
    return {name: call.text(name) for name in bodies.CUSTOMER_FIELDS if name in call.fields}
