"""Which scope an API key needs for which operation: the one table that the guard asks and the description is made from.

A route that a key opens and that is not here refuses every key, so a new one cannot be forgotten.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from paystate.entrypoints.setup.credentials import Scope

SCOPES: Final[Mapping[tuple[str, str], Scope]] = {
    ("POST", "/v1/orders"): Scope.ORDERS,
    ("GET", "/v1/orders"): Scope.READ,
    ("GET", "/v1/orders/{order_id}"): Scope.READ,
    ("PATCH", "/v1/orders/{order_id}"): Scope.ORDERS,
    ("POST", "/v1/orders/{order_id}/look"): Scope.ORDERS,
    ("POST", "/v1/orders/{order_id}/cash"): Scope.ORDERS,
    ("POST", "/v1/orders/{order_id}/cancel"): Scope.ORDERS,
    ("GET", "/v1/orders/{order_id}/timeline"): Scope.READ,
    ("GET", "/v1/orders/{order_id}/explain"): Scope.READ,
    ("GET", "/v1/orders/{order_id}/at"): Scope.READ,
    ("POST", "/v1/orders/{order_id}/what-if"): Scope.READ,
    ("POST", "/v1/orders/{order_id}/refunds"): Scope.MONEY,
    ("GET", "/v1/orders/{order_id}/refunds"): Scope.READ,
    ("GET", "/v1/orders/{order_id}/refunds/{refund_id}"): Scope.READ,
    ("POST", "/v1/orders/{order_id}/capture"): Scope.MONEY,
    ("POST", "/v1/orders/{order_id}/void"): Scope.MONEY,
    ("GET", "/v1/orders/{order_id}/review"): Scope.READ,
    ("POST", "/v1/orders/{order_id}/review"): Scope.REVIEW,
    ("GET", "/v1/review"): Scope.READ,
    ("GET", "/v1/announcements"): Scope.READ,
    ("GET", "/v1/announcements/{event_id}"): Scope.READ,
    ("POST", "/v1/announcements/replay"): Scope.ORDERS,
    ("GET", "/v1/outbox"): Scope.READ,
    ("GET", "/v1/days/{date}"): Scope.READ,
    ("GET", "/v1/settlements/cases"): Scope.READ,
    ("GET", "/v1/settlements/cases/{case_id}"): Scope.READ,
    ("POST", "/v1/settlements/cases/{case_id}/close"): Scope.REVIEW,
    ("POST", "/v1/checkouts"): Scope.ORDERS,
    ("POST", "/v1/checkouts/{checkout_id}/token"): Scope.ORDERS,
    ("GET", "/v1/checkouts/{checkout_id}"): Scope.READ,
}
"""By method, and by path as the description writes it."""
