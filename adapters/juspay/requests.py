"""Our requests, from typed values to bytes.

Owns the members of each request as they stand on the wire.
"""

from __future__ import annotations

from urllib.parse import urlencode

import msgspec

from paystate.core.facts import Customer
from paystate.core.money import Money
from paystate.core.ports import OrderRequest


def session_body(request: OrderRequest, client_id: str) -> bytes:
    """The JSON of `POST /session`; a guest's customer fields are sent empty. Source: gateway contract, B.1."""
    customer = request.customer
    needed = {
        **_order_fields(request),
        "customer_id": customer.customer_id,
        "customer_email": customer.email,
        "customer_phone": customer.phone,
        "payment_page_client_id": client_id,
        "action": "paymentPage",
        "return_url": request.return_url,
    }
    known = _known(description=request.description, first_name=customer.first_name, last_name=customer.last_name)
    return msgspec.json.encode({**needed, **known})


def order_form(request: OrderRequest) -> bytes:
    """The form of `POST /orders`; what is not known is left out. Source: gateway contract, B.3."""
    customer = request.customer
    known = _known(
        customer_id=customer.customer_id,
        customer_email=customer.email,
        customer_phone=customer.phone,
        return_url=request.return_url,
        description=request.description,
    )
    return _form({**_order_fields(request), **known})


def order_update_form(amount: Money) -> bytes:
    """The form of `POST /orders/{order_id}`: only the amount is ever changed by us. Source: gateway contract, B.4."""
    return _form({"amount": str(amount)})


def refund_form(refund_id: str, amount: Money) -> bytes:
    """The form of a refund. The amount is always there: left out, it would mean all. Source: gateway contract, H.1."""
    return _form({"unique_request_id": refund_id, "amount": str(amount)})


def customer_form(customer: Customer) -> bytes:
    """The form of `POST /customers`. Source: gateway contract, B.5."""
    needed = {"object_reference_id": customer.customer_id, "mobile_number": customer.phone}
    known = _known(email_address=customer.email, first_name=customer.first_name, last_name=customer.last_name)
    return _form({**needed, **known})


def _order_fields(request: OrderRequest) -> dict[str, str]:
    return {"order_id": request.order_id, "amount": str(request.amount), "currency": request.amount.currency}


def _known(**fields: str) -> dict[str, str]:
    return {key: value for key, value in fields.items() if value}


def _form(fields: dict[str, str]) -> bytes:
    return urlencode(fields).encode("ascii")
