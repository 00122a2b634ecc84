"""Juspay's error answers: their HTTP status and their (inconsistent) bodies, as the contract records them.

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
    info = _info("UNAUTHORIZED", why, user_message="Not authorised.")
    return Refusal(401, {"status": "error", "error_code": "access_denied", "error_info": info})


def bad_origin() -> Refusal:
    """The caller's address is on no list (documented, contract J.2)."""
    message = "Bad origin."
    info = _info("BAD_ORIGIN", "The address of the caller is not on the list", user_message=message)
    return Refusal(403, {"error": True, "error_message": message, "user_message": message, "error_info": info})


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
    """Unknown order (documented, contract H.5 and F.4; its HTTP status is a switch for order status)."""
    return Refusal(status, {"status_id": 40, "status": "NOT_FOUND", "order_id": order_id})


def customer_not_found() -> Refusal:
    """Unknown customer (documented, contract B.5 and J.2)."""
    return object_not_found("There is no such customer")


def object_not_found(message: str) -> Refusal:
    """Unknown transaction, card or wallet: as for a customer (inferred, contract J.2)."""
    return Refusal(404, _refusal("invalid_request_error", "object_not_found", "RESOURCE_NOT_FOUND", message))


def wrong_in_customer(*names: str) -> Refusal:
    """Fields of a customer are empty (documented, contract B.5): other words than elsewhere."""
    listed = [{"field_name": name, "reason": "Is mandatory"} for name in names]
    message = f"Wrong value in {', '.join(names)}"
    text = "Invalid Request"
    return Refusal(400, _refusal(text, text, "INVALID_INPUT", message, fields=listed))


def customer_known() -> Refusal:
    """A customer of that reference is there already (documented, contract B.5)."""
    message = "There is a customer of this object_reference_id already"
    return Refusal(400, _refusal("invalid_request_error", "unique", "ALREADY_EXISTS", message))


def wrong_state(message: str) -> Refusal:
    """Held money is not there to be captured or released (documented, contract J.2)."""
    return Refusal(400, _bad_request("Invalid", "INVALID_INPUT", message))


def duplicate_order_id() -> Refusal:
    """Create-and-pay names an order that is there (documented, contract J.2)."""
    return Refusal(400, {"status_id": 40, "status": "DUPLICATE_ORDER_ID", "error_message": "The order id is in use"})


def mandate_not_found() -> Refusal:
    """Unknown mandate; the code is the text (documented, contract L)."""
    text = "Mandate not found"
    return Refusal(400, {"status": "invalid_request_error", "error_code": text, "error_message": text})


def invalid_command() -> Refusal:
    """A mandate takes no such command (recorded, contract L)."""
    body = {"status": "Invalid Request", "error_code": "bad_request", "error_message": "Invalid command"}
    return Refusal(400, body)


def link_not_sent() -> Refusal:
    """A payment link could not be sent (recorded, contract L)."""
    message = "Notification dispatch failed."
    return Refusal(400, {"status_id": -1, **_refusal("ERROR", "NOTIFICATION_ERROR", "INVALID_INPUT", message)})


def mandate_in_other_status(message: str) -> Refusal:
    """A mandate is not in a status for it: the rule is documented, the shape as of other commands (inferred, L)."""
    return Refusal(400, {"status": "Invalid Request", "error_code": "bad_request", "error_message": message})


def mandate_refused(error_code: str, message: str) -> Refusal:
    """A mandate is not active, or its shopper was not told; codes documented, the shape inferred (contract L)."""
    return Refusal(400, {"status": "invalid_request_error", "error_code": error_code, "error_message": message})


def mandate_exceeded() -> Refusal:
    """An execution asks for more than the mandate allows (documented, contract L)."""
    message = "The order's amount is greater than the mandate's max_amount"
    return Refusal(400, {"status": "Invalid Request", "error_code": "Invalid", "error_message": message})


def feature_not_enabled(message: str) -> Refusal:
    """The account lacks a feature (code documented, contract J.2; its use secondary, H.2; the shape inferred)."""
    return Refusal(400, _bad_request("INVALID_REQUEST", "FEATURE_NOT_ENABLED", message, category="CONFIG_ERROR"))


def no_paid_txn() -> Refusal:
    """A fulfilment of an order without a successful attempt (recorded, contract L)."""
    message = "No successful transaction found for the given order_id"
    return Refusal(400, _refusal("ERROR", "No txn Found", "RESOURCE_NOT_FOUND", message))


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


def not_served(status: int) -> Refusal:
    """No such route, or not so: the shape is recorded of other refusals, and which code they have is inferred (J.1)."""
    message = "Juspay's sandbox serves no such route, or not with this method or body"
    return Refusal(status, _refusal("error", "invalid_request", "INVALID_ACTION", message))


def rate_limited() -> Refusal:
    """Too many calls (no figure is published; 429 is a secondary reading, contract A.4)."""
    return Refusal(429, {"error": True, "error_message": "Too many requests", "status": "error"})


def _bad_request(error_code: str, code: str, message: str, **more: object) -> Body:
    return _refusal("Bad Request", error_code, code, message, **more)


def _refusal(status: str, error_code: str, code: str, message: str, **more: object) -> Body:
    info = _info(code, message, **more)
    return {"status": status, "error_code": error_code, "error_message": message, "error_info": info}


def _info(code: str, message: str, **more: object) -> Body:
    return {"user_message": message, "developer_message": message, "code": code, "category": "USER_ERROR", **more}
