"""Order bodies in the forms that Juspay sends, with figures of our own; all of one order at one shop.

They are JSON text, as they come over the wire. Source of each form: gateway contract, O.1 to O.6.
"""

import json
from typing import Any

ORDER_ID = "BK7001"
MERCHANT = "bookworm"
TXN = f"{MERCHANT}-{ORDER_ID}"
"""A transaction is this and a number; a leg of it has one more number."""


def txn(number: int = 1) -> str:
    return f"{TXN}-{number}"


def order(status: str, amount: object, **more: Any) -> dict[str, Any]:
    """A paid or tried order: one transaction, named at the top and in full in `txn_detail`."""
    whole = {
        "id": "ordeh_5b1f0c",
        "order_id": ORDER_ID,
        "merchant_id": MERCHANT,
        "customer_id": "FILTERED",
        "status": status,
        "status_id": 21,
        "amount": amount,
        "effective_amount": amount,
        "currency": "INR",
        "amount_refunded": 0,
        "refunded": False,
        "txn_id": txn(),
        "txn_uuid": "mozA1",
        "payment_method_type": "UPI",
        "payment_method": "UPI",
        "offers": [],
        "refunds": [],
        "txn_detail": {"txn_id": txn(), "txn_uuid": "mozA1", "status": status, "txn_amount": amount},
    }
    return whole | more


def paid_by(number: int, status: str, amount: object, **more: Any) -> dict[str, Any]:
    """The same, of another try to pay."""
    detail = {"txn_id": txn(number), "status": status, "txn_amount": amount}
    return order(status, amount, **({"txn_id": txn(number), "txn_uuid": f"mozA{number}", "txn_detail": detail} | more))


def refund(name: str, amount: object, status: str, by: str = "API", **more: Any) -> dict[str, Any]:
    """An entry of `refunds`."""
    whole = {
        "unique_request_id": name,
        "id": None,
        "amount": amount,
        "status": status,
        "initiated_by": by,
        "created": "2026-03-01T09:00:00Z",
        "ref": None,
        "sent_to_gateway": status != "PENDING",
        "refund_type": "STANDARD",
    }
    return whole | more


def given_back(name: str, amount: object, status: str, **more: Any) -> dict[str, Any]:
    """An entry for what Juspay gives back by itself."""
    return refund(name, amount, status, "AUTO_REFUNDED", **more)


def part(number: int, amount: object, kind: str = "PARTIAL_CAPTURE", status: str = "CHARGED") -> dict[str, Any]:
    """An entry of `txn_sub_details`."""
    ids = {"txn_id": f"mozP{number}", "order_id": ORDER_ID, "source_object_id": txn()}
    return {**ids, "status": status, "txn_object_type": kind, "txn_amount": amount, "net_amount": amount}


def split(status: str, amount: object, *legs: dict[str, Any], **more: Any) -> dict[str, Any]:
    """An order that several transactions pay together: none of them at the top, and its refunds in the legs."""
    whole = order(status, amount, txn_list=list(legs), effective_amount=amount)
    return {name: value for name, value in whole.items() if name not in ("txn_id", "txn_uuid", "txn_detail")} | more


def leg(number: int, status: str, amount: object, *refunds: dict[str, Any], **more: Any) -> dict[str, Any]:
    """One of them."""
    name = f"{txn()}-{number}"
    detail = {"txn_id": name, "status": status, "txn_amount": amount}
    whole = {"txn_id": name, "status": status, "effective_amount": amount, "txn_detail": detail}
    return {**whole, "amount_refunded": 0, "refunded": False, "refunds": list(refunds), **more}


def text(body: dict[str, Any]) -> bytes:
    return json.dumps(body).encode()
