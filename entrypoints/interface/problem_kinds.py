"""Every answer that is not a success: the one table of codes, with what each says and what to do about it.

Owns the HTTP statuses of all problems. Texts are fixed; nothing a caller sent is ever repeated. A row is rendered by
`problems`, and the page `/docs/errors` is made from all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from attrs import frozen


@frozen
class Kind:
    """One row of the table.

    Attributes:
        fix: What to do about it, for the person who reads the page of errors.
        retry_after_s: What `Retry-After` says unless the caller of `ApiProblem` knows better.
        closes: The rest of the request is not read, so the connection cannot be used again.
        code: What the caller is told, where another row has the same code.
    """

    status: int
    title: str
    fix: str
    retry_after_s: int | None = None
    closes: bool = False
    code: str = ""


_EXPLAIN: Final = "`paystate order explain` says how the order stands."
_JSON: Final = "Send one JSON object in plain UTF-8, as the route's description shows it."

_UNREADABLE: Final = {
    "bad_request": Kind(400, "The request cannot be understood", "Check the request line and the headers."),
    "invalid_json": Kind(400, "The body is not one JSON document", _JSON),
    "duplicate_key": Kind(400, "The body names a member twice", "Name each member of an object once."),
    "invalid_encoding": Kind(400, "The body is not plain UTF-8", f"{_JSON} A byte order mark is too much."),
    "too_deep": Kind(400, "The body is nested too deeply", _JSON),
    "duplicate_parameter": Kind(400, "A parameter is given twice", "Give each parameter of the address once."),
    "signature_invalid": Kind(
        400,
        "The signature is not valid",
        "Check that the response key in the settings is the one that Juspay shows. For a return URL,"
        " `paystate explain-signature` says at which step its signature differs from ours.",
    ),
    "idempotency_key_required": Kind(
        400,
        "An Idempotency-Key header is required",
        "Choose a key for this refund, capture or release, keep it, and send it with the call and with each repeat.",
    ),
    "idempotency_key_invalid": Kind(
        400,
        "The Idempotency-Key header is not well formed",
        "Send one such header, of 1 to 255 visible ASCII characters.",
    ),
    "request_timeout": Kind(
        408, "The body did not arrive in time", "Send the whole body at once, and try again.", closes=True
    ),
    "body_too_large": Kind(413, "The body is too large", "Send a smaller body.", closes=True),
    "unsupported_encoding": Kind(
        415, "A compressed body is not accepted", "Send the body without a Content-Encoding.", closes=True
    ),
    "headers_too_large": Kind(
        431,
        "The request line and the headers are too large",
        "Send at most 100 headers, and 16 KiB of them together with the request line.",
        closes=True,
    ),
    "unsupported_media_type": Kind(
        415,
        "The media type is not accepted",
        "Name the body's type in one Content-Type header: application/json for a call of the API.",
        closes=True,
    ),
}

_NOT_ALLOWED: Final = {
    "unauthenticated": Kind(
        401,
        "Valid credentials are required",
        "Send one Authorization header with what the route asks for: the API key of the merchant's backend, the token"
        " of this checkout, or the webhook login that Juspay is set up with.",
    ),
    "sealed_body_invalid": Kind(
        401,
        "The sealed body cannot be trusted",
        "Check both sides' keys: Juspay encrypts with a key of yours, and the settings hold the key it signs with."
        " `paystate doctor` looks at yours.",
        code="signature_invalid",
    ),
    "signature_required": Kind(
        401,
        "A sealed body is required",
        "Switch JWT mode on for webhooks at Juspay, or set `webhooks` to `allowed` while Juspay changes over.",
    ),
    "forbidden": Kind(
        403,
        "These credentials are not for this route",
        "Call this route from the merchant's backend with an API key that has the scope for it; an app's token is for"
        " its checkout alone.",
    ),
    "origin_not_allowed": Kind(
        403,
        "This page is another merchant's",
        "Call from a page whose origin stands in `app_origins` of the merchant whose checkout it is.",
    ),
    "not_found": Kind(
        404, "There is nothing here", "Check the path and the id. What belongs to another merchant looks the same."
    ),
    "wrong_host": Kind(
        421,
        "This service does not go by that name",
        "Send the Host of `public_url`. A proxy or a backend that uses another name is listed in `hosts` of the"
        " settings.",
    ),
    "method_not_allowed": Kind(
        405, "The method is not allowed here", "Use a method that the Allow header names. A GET has no body."
    ),
}

_INVALID: Final = {
    "invalid_amount": Kind(
        422,
        "The amount is not accepted",
        'Send a string in major units, more than zero, with no more decimals than the currency has: "349.50".',
    ),
    "invalid_currency": Kind(
        422,
        "The currency is not accepted",
        "Send a three-letter code in capitals, such as INR. A currency of three decimals is not taken.",
    ),
    "invalid_order_id": Kind(
        422,
        "The order id is not well formed",
        "Use 1 to 20 letters of A to Z, digits, hyphens and underscores, or up to 31 where `order_id_max` allows it. "
        "Two ids that differ in case are the same.",
    ),
    "invalid_customer_id": Kind(
        422,
        "The customer id is not well formed",
        "Use at most 64 letters of A to Z, digits and the signs _ . @ + -, or leave it empty for a guest.",
    ),
    "invalid_merchant_id": Kind(
        422,
        "The merchant id is not well formed",
        "Use 1 to 64 letters of A to Z, digits, hyphens and underscores.",
    ),
    "invalid_return_url": Kind(
        422,
        "The return URL is not allowed",
        "Use an https address without a fragment, on a host that `return_hosts` in the merchant's settings names.",
    ),
    "validation_failed": Kind(
        422,
        "A value is missing or not well formed",
        "`errors` says which value; correct it and send the request again.",
    ),
    "unknown_field": Kind(422, "A field is not known", "`errors` says which field; leave it out, or correct its name."),
    "unknown_parameter": Kind(
        422,
        "A parameter of the address is not known",
        "`errors` says which one, and `detail` which ones the route takes; leave it out, or correct its name.",
    ),
    "amount_exceeds_refundable": Kind(
        422,
        "The amount is more than may be refunded",
        "Ask for at most the `amount_refundable` that the order shows.",
    ),
    "amount_exceeds_held": Kind(
        422, "The amount is more than is held", "Ask for at most the `amount_held` that the order shows."
    ),
    "idempotency_key_reused": Kind(
        422,
        "The idempotency key belongs to something else",
        "Send exactly what the key was first used for, or choose a new key for something new.",
    ),
    "unknown_transaction": Kind(
        422,
        "None of Juspay's answers has shown this transaction on the order",
        "Use a `txn_id` of the order's `attempts`. If the payment is new, look at the order first.",
    ),
    "verdict_not_legal": Kind(422, "The verdict does not settle this reason", "Use a verdict that `legal` names."),
}

_REFUSED: Final = {
    "order_exists": Kind(
        409,
        "Another order has this id",
        "Choose another id. To repeat a call that opened an order, send the very same values.",
    ),
    "order_not_payable": Kind(
        409, "The order cannot be paid now", f"`rule` says why. {_EXPLAIN} Open a new order if this one is over."
    ),
    "order_not_cancellable": Kind(
        409,
        "The order cannot be cancelled now",
        "`rule` says why. An order on which money has moved is refunded or released, not cancelled.",
    ),
    "order_not_amendable": Kind(
        409,
        "The order's price cannot be changed now",
        f"`rule` says why. {_EXPLAIN} A price changes only before a payment is under way.",
    ),
    "cash_not_expected": Kind(
        409, "The order is not paid in cash", f"Check the order id. {_EXPLAIN} Only COD_INITIATED waits for cash."
    ),
    "cash_told_otherwise": Kind(
        409,
        "The opposite was recorded of the cash before",
        "The first word stands. `paystate order timeline` shows who said it.",
    ),
    "customer_still_owed": Kind(
        409, "Something is still open with the customer", "Forget them once it has ended; `facts` say what it is."
    ),
    "order_not_refundable": Kind(
        409, "The order cannot be refunded now", f"`rule` says why and `legal` what is possible. {_EXPLAIN}"
    ),
    "too_many_payloads": Kind(
        409,
        "No further process payload is handed out",
        "`rule` says whether the checkout or the order has handed out too many; begin a new one.",
    ),
    "too_many_refunds": Kind(
        409, "The order has as many refunds as it can have", "Give the rest back in another way, outside Juspay."
    ),
    "order_not_held": Kind(409, "The order's money cannot be taken or released now", f"`rule` says why. {_EXPLAIN}"),
    "hold_busy": Kind(
        409,
        "A capture or release is under way",
        "Look at the order until the one under way has ended, then ask again.",
    ),
    "too_many_holds": Kind(
        409,
        "The order has as many captures and releases as it can have",
        "Take or release the held money on Juspay's dashboard.",
    ),
    "hold_not_sendable": Kind(
        409, "The capture or release cannot be sent now", "Wait: the worker sends it as soon as the rules allow it."
    ),
    "refund_not_sendable": Kind(
        409, "The refund cannot be sent now", "Wait: the worker sends it as soon as the rules allow it."
    ),
    "reason_not_open": Kind(
        409, "There is no such open reason", "Read the order's open reasons anew; this one may be settled already."
    ),
    "case_not_open": Kind(
        409, "The case is not open", "Read the case anew; it may be closed already, or the facts may agree by now."
    ),
    "case_changed": Kind(
        409,
        "The case has changed since it was looked at",
        "Read the case anew. If it is still to be closed, send its `revision` of now.",
    ),
    "cursor_unknown": Kind(
        409,
        "The cursor is none of this database",
        "The service runs on a restored backup. Begin without `after`, and pass over what you have taken, by its id.",
    ),
    "checkout_wrong_step": Kind(
        409, "The checkout is in another step", "Do one of the steps that `legal` names, or begin a new checkout."
    ),
    "checkout_expired": Kind(409, "The checkout's time is over", "Begin a new checkout."),
    "rate_limited": Kind(
        429,
        "Too many of these requests now",
        "Nothing was done. Wait for as long as Retry-After says, then try again. Where there is no Retry-After, waiting"
        " does not help: `rule` says which bound was reached.",
    ),
}

_FAILED: Final = {
    "internal_error": Kind(
        500,
        "Something went wrong here",
        "Look for the `request_id` in the service's log. A call with the same values may be made again.",
    ),
    "upstream_rejected": Kind(
        502,
        "Juspay refused the call",
        f"Look for the `request_id` in the service's log. {_EXPLAIN} `paystate doctor --online` tries the API key.",
    ),
    "upstream_invalid": Kind(
        502, "Juspay's answer cannot be used", f"Nothing is lost: the order is looked at again. {_EXPLAIN}"
    ),
    "upstream_unavailable": Kind(
        503,
        "Juspay cannot be reached",
        "Nothing was sent. Wait for as long as Retry-After says, then try again.",
        retry_after_s=5,
    ),
    "overloaded": Kind(
        503,
        "Too many requests are worked on now",
        "Nothing was done. Wait for as long as Retry-After says, then try again.",
        retry_after_s=1,
    ),
    "storage_unavailable": Kind(
        503,
        "Nothing can be stored now",
        "Try again after as long as Retry-After says. Whoever runs the service looks at the disk and the log.",
        retry_after_s=5,
    ),
    "worker_stopped": Kind(
        503,
        "Nobody looks at orders now",
        "The worker of this process makes no step any more. Restart the process, and look at its log.",
        retry_after_s=60,
    ),
    "upstream_unknown": Kind(
        504,
        "Juspay gave no usable answer",
        f"The call may have had its effect. Nothing is lost: the order is looked at again. {_EXPLAIN}",
    ),
}

KINDS: Final[Mapping[str, Kind]] = {**_UNREADABLE, **_NOT_ALLOWED, **_INVALID, **_REFUSED, **_FAILED}
"""Every code there is."""


def rows_by_code() -> dict[str, list[Kind]]:
    """What each code that a caller can be told may mean; one of them has two rows, of different statuses."""
    found: dict[str, list[Kind]] = {}
    for name, kind in KINDS.items():
        found.setdefault(kind.code or name, []).append(kind)
    return found
