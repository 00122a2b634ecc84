"""Examples of announcements for the published description."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.service.api.examples import ORDER, Json

_ID: Final = "ann_k3v7q2m5x4z6a2b3c5d7e6f4g2"
EVENT: Final[Json] = {
    "id": _ID,
    "type": "order.paid",
    "timestamp": "2026-03-01T10:02:11Z",
    "data": {
        "merchant_id": "shop",
        "order_id": "A1",
        "version": 3,
        "about": "",
        "facts": [
            {
                "at": "2026-03-01T10:02:11Z",
                "version": 3,
                "title": "Juspay says CHARGED: paid",
                "details": ["to be announced: the order is paid and the goods may go out (order.paid)"],
                "rules": ["A4"],
                "source": "Juspay's answer to our own question",
            }
        ],
        "order": {**ORDER, "version": 3, "next_look_at": None},
    },
}
_CURSOR: Final = "a11-d7e6f4g2"
EVENT_PAGE: Final[Json] = {"announcements": [EVENT], "unreadable": [], "cursors": {_ID: _CURSOR}, "next": _CURSOR}
_DELIVERY: Final[Json] = {
    "id": _ID,
    "type": "order.paid",
    "order_id": "A1",
    "about": "",
    "version": 3,
    "announced_at": "2026-03-01T10:02:11Z",
    "endpoint": "shop",
    "state": "waiting",
    "tries": 2,
    "due_at": "2026-03-01T10:07:40Z",
    "ended_at": None,
    "last": "answered 503",
    "row": 17,
}
DELIVERY_PAGE: Final[Json] = {"deliveries": [_DELIVERY], "next": None}
ORDER_READ: Final[Json] = {**ORDER, "deliveries": [_DELIVERY]}
REPLAY_ASKED: Final[Json] = {"order_id": "A1", "dead": True, "dry_run": True}
REPLAY: Final[Json] = {
    "announcements": [
        {
            "id": _ID,
            "type": "order.paid",
            "order_id": "A1",
            "about": "",
            "version": 3,
            "announced_at": "2026-03-01T10:02:11Z",
            "endpoints": ["shop"],
            "under_way": [],
        }
    ],
    "is_dry_run": True,
}
