"""Juspay's error answers: owns their HTTP status and their (inconsistent) bodies, as the contract records them.

The shapes, codes and the odd types (a string "-1", a code with a space) are Juspay's; the texts are ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

Body = Mapping[str, object]


class Refusal(Exception):
    """An error answer. Raised where a call is refused, turned into the answer at one place."""

    def __init__(self, status: int, body: Body) -> None:
        """Hold the HTTP status and the body."""
        super().__init__(str(body.get("error_code") or body.get("status")))
        self.status: Final = status
        self.body: Final = body


def access_denied(why: str) -> Refusal:
    """Wrong or missing key, or another merchant's (documented, contract J.2; the mismatch is secondary, A.3)."""
    info = {
        "user_message": "Not authorised.",
        "developer_message": why,
        "code": "UNAUTHORIZED",
        "category": "USER_ERROR",
    }
    return Refusal(401, {"status": "error", "error_code": "access_denied", "error_info": info})


def invalid_input(*fields: tuple[str, str]) -> Refusal:
    """One or more fields, each with its reason (documented, contract J.2)."""
    listed = [{"field_name": name, "reason": reason} for name, reason in fields]
    return Refusal(400, _bad_request("INVALID_REQUEST", "INVALID_INPUT", "The input is not valid", fields=listed))


def invalid_action(message: str) -> Refusal:
    """The order's state doesn't allow it (code documented, contract B.4; its use at /session inferred, B.2)."""
    return Refusal(400, _bad_request("INVALID_REQUEST", "INVALID_ACTION", message))


def coded_bad_request(error_code: str, message: str) -> Refusal:
    """A refusal of /session known by its code alone (secondary source, contract J.2; the shape is inferred)."""
    return Refusal(400, _bad_request(error_code, "INVALID_INPUT", message))


def order_not_found(order_id: str, status: int = 400) -> Refusal:
    """Unknown order (documented for refunds, contract H.5; a switch for order status, F.4)."""
    return Refusal(status, {"status_id": 40, "status": "NOT_FOUND", "order_id": order_id})


def customer_not_found() -> Refusal:
    """Unknown customer (documented, contract B.5 and J.2)."""
    message = "There is no such customer"
    info = {
        "user_message": message,
        "developer_message": message,
        "code": "RESOURCE_NOT_FOUND",
        "category": "USER_ERROR",
    }
    body = {
        "status": "invalid_request_error",
        "error_code": "object_not_found",
        "error_message": message,
        "error_info": info,
    }
    return Refusal(404, body)


def mandatory_fields_missing() -> Refusal:
    """A refund lacks a field; the code is the text (documented, contract H.5)."""
    text = "Mandatory fields are missing"
    return Refusal(400, {"status": "Bad Request", "error_code": text, "error_message": text})


def refund_refused(error_code: str, message: str, status_id: int | str = -1) -> Refusal:
    """A refund is refused with a code (documented, contract H.5)."""
    body = {"status_id": status_id, "status": "ERROR", "error_code": error_code, "error_message": message}
    return Refusal(400, body)


def server_error() -> Refusal:
    """Something broke at Juspay (documented as generic, contract J.2; this shape is inferred)."""
    body = {"error": True, "error_message": "Internal server error", "status": "error", "error_code": "internal_error"}
    return Refusal(500, body)


def rate_limited() -> Refusal:
    """Too many calls (no figure is published; 429 is a secondary reading, contract A.4)."""
    return Refusal(429, {"error": True, "error_message": "Too many requests", "status": "error"})


def _bad_request(error_code: str, code: str, message: str, **more: object) -> Body:
    info = {"user_message": message, "developer_message": message, "code": code, "category": "USER_ERROR", **more}
    return {"status": "Bad Request", "error_code": error_code, "error_message": message, "error_info": info}
