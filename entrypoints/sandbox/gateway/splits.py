"""Split settlement: an order's shares for vendors, and what refunds take back of them (recorded, contract L). Pure."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final, cast

from paystate.entrypoints.sandbox.amounts import parsed_amount
from paystate.entrypoints.sandbox.errors import invalid_input
from paystate.entrypoints.sandbox.gateway.records import Order, Split

FIELD: Final = "metadata.split_settlement_details"


def asked_splits(fields: Mapping[str, str]) -> list[Split]:
    """Return the vendors' shares that an order asks for, none if it asks for none.

    Raises:
        Refusal: The field cannot be read (inferred).
    """
    return [Split(vendor, amount) for vendor, amount in _vendors(fields.get(FIELD), "amount")]


def taken_back(order: Order, fields: Mapping[str, object]) -> Mapping[str, Decimal]:
    """Return what a refund takes back of the vendors' shares.

    Raises:
        Refusal: The field cannot be read, or wants more of a vendor than is left of the share, if any (inferred).
    """
    left = {one.sub_vendor_id: one.amount - order.taken_of(one) for one in order.splits}
    taken: defaultdict[str, Decimal] = defaultdict(Decimal)
    for vendor, amount in _vendors(fields.get(FIELD), "refund_amount"):
        taken[vendor] += amount
        if taken[vendor] > left.get(vendor, Decimal(0)):
            raise invalid_input((FIELD, "The order has no such vendor, or less of its share is left"))
    return taken


def _vendors(raw: object, amount_name: str) -> Iterator[tuple[str, Decimal]]:
    if raw in (None, ""):
        return
    for share in _shares(raw):
        vendor, amount = share.get("sub_mid"), parsed_amount(share.get(amount_name))
        if not isinstance(vendor, str) or amount is None:
            raise invalid_input((FIELD, f"Each vendor has sub_mid and {amount_name}"))
        yield vendor, amount


def _shares(raw: object) -> list[Mapping[str, Any]]:
    try:
        message = json.loads(raw, parse_float=Decimal) if isinstance(raw, str) else raw
        listed = cast("Any", message)["vendor"]["split"]
        return [dict(one) for one in listed]
    except (ValueError, KeyError, TypeError, RecursionError) as exc:
        raise invalid_input((FIELD, "JSON with vendor.split")) from exc
