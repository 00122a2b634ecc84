"""Order bodies that are not quite right: changed members, strange members, somebody else's order.

The faults of answers and of webhooks share them. They are new bodies; none is changed.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Final, cast

from paystate.entrypoints.sandbox.wire.bodies import Body

_STRANGE: Final[Mapping[str, object]] = {
    "settlement_v3": {"status": "CHARGED", "amount": 1, "lines": [1, 2.5, None, {"order_id": "somebody-elses"}]},
    "orderId": "somebody-elses",
    "payment_status": "SUCCESS",
    "is_final": True,
    "nothing_yet": None,
}
"""Members that nobody has heard of; some look like ours. That keys are added is documented, contract A.3."""


def changed_order(body: Mapping[str, object], **members: object) -> Body:
    """Return the order's body with other members, in its transaction too where that repeats them."""
    changed = {**body, **members}
    detail = body.get("txn_detail")
    if isinstance(detail, Mapping):
        known = cast("Mapping[str, object]", detail)
        repeated = {name: value for name, value in members.items() if name in known}
        changed["txn_detail"] = {**known, **repeated}
    return changed


def with_strange_members(body: Mapping[str, object]) -> Body:
    """Return the body with members that nobody has heard of, in every object of it."""
    return {**{name: _strange_within(value) for name, value in body.items()}, **_STRANGE}


def with_odd_shapes(body: Mapping[str, object]) -> Body:
    """Return an order as careless samples write one: text for numbers, nothing for objects (recorded, contract O.7)."""
    return {name: _odd(name, value) for name, value in body.items()}


def _odd(name: str, value: object) -> object:
    match name:
        case "txn_detail" | "emi_details":
            return []
        case "payment_gateway_response" | "upi":
            return ""
        case "status_id":
            return "27"  # a failure's number beside whatever the word is (recorded, contract O.5)
        case "order_id":
            return int(str(value)) if str(value).isdecimal() else value
        case "amount" | "effective_amount" | "amount_refunded" if value is not None:
            return str(value)
        case "refunded":
            return str(value).lower()
        case "refunds":
            return [None, *cast("list[object]", value)]
        case _:
            return value


def another_order(body: Mapping[str, object]) -> Body:
    """Return the body of a made-up order of the same merchant, paid, with the amount of this one."""
    number = secrets.token_hex(4)
    order_id = f"other-{number}"
    ids = {"order_id": order_id, "id": f"ordeh_{secrets.token_hex(16)}"}
    txn = {"txn_id": f"{body.get('merchant_id')}-{order_id}-1", "txn_uuid": f"moz{number}", "status": "CHARGED"}
    return changed_order({**body, "refunds": []}, **ids, **txn, status_id=21)


def _strange_within(value: object) -> object:
    if isinstance(value, Mapping):
        return with_strange_members(cast("Mapping[str, object]", value))
    if isinstance(value, list):
        return [_strange_within(one) for one in cast("list[object]", value)]
    return value
