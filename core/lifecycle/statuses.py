"""Every status word that Juspay is known to use, and the class that we treat it as.

A word outside these lists is UNKNOWN: never success, never failure, ask again. Source of all rows: gateway contract,
F.2 (orders), G.1 (transactions), H.4 (refunds), H.5 (refund refusals).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from attrs import frozen

from paystate.core.lifecycle.table import Mark


class Paid(StrEnum):
    """Classes of what an order or transaction status says about money."""

    NEW = "NEW"
    UNKNOWN = "UNKNOWN"
    PENDING = "PENDING"
    FAILED = "FAILED"
    COD = "COD"
    VOIDED = "VOIDED"
    HELD = "HELD"
    PARTIAL = "PARTIAL"
    CHARGED = "CHARGED"
    AUTO_REFUNDED = "AUTO_REFUNDED"


class Refunded(StrEnum):
    """Classes of what a refund status says."""

    UNKNOWN = "UNKNOWN"
    PENDING = "PENDING"
    MANUAL_REVIEW = "MANUAL_REVIEW"
    FAILURE = "FAILURE"
    SUCCESS = "SUCCESS"


class Refusal(StrEnum):
    """What a refused refund call tells us."""

    FINAL = "final"
    """Not done, and the same call will never be."""
    PROVES_NOTHING = "proves nothing"
    """May have been done before: only the order's list of refunds decides."""
    NOT_ACCEPTED = "not accepted"
    """Turned away at the door (credentials, address, rate): safe to send again."""


@frozen
class StatusWord:
    """One status word of Juspay's.

    Attributes:
        word: As it stands on the wire.
        status_id: Juspay's number for it, or None where none was found; only told, the word decides (O.5).
        kind: The class we treat it as.
    """

    word: str
    status_id: int | None
    kind: Paid
    message: str
    ref: str
    mark: Mark


def _rows(*rows: tuple[str, int | None, Paid, str, str, Mark]) -> dict[str, StatusWord]:
    return {row[0]: StatusWord(*row) for row in rows}


_D, _S, _I = Mark.DOCUMENTED, Mark.SECONDARY, Mark.INFERRED

ORDER_STATUSES: Final = _rows(
    ("NEW", 10, Paid.NEW, "created, nobody has tried to pay", "F.2", _D),
    ("STARTED", 20, Paid.PENDING, "an attempt began but no gateway was found", "F.2", _D),
    ("CHARGED", 21, Paid.CHARGED, "paid", "F.2", _D),
    ("JUSPAY_DECLINED", 22, Paid.FAILED, "Juspay or the gateway refused the input", "F.2", _D),
    ("PENDING_VBV", 23, Paid.PENDING, "the shopper is authenticating", "F.2", _D),
    ("VBV_SUCCESSFUL", 24, Paid.PENDING, "authenticated, the bank is being asked", "F.2", _D),
    ("AUTHORIZED", 25, Paid.HELD, "the money is held, not taken", "F.2", _D),
    ("AUTHENTICATION_FAILED", 26, Paid.FAILED, "the shopper did not authenticate", "F.2", _D),
    ("AUTHORIZATION_FAILED", 27, Paid.FAILED, "the bank refused", "F.2", _D),
    ("AUTHORIZING", 28, Paid.PENDING, "waiting for the bank", "F.2", _D),
    ("COD_INITIATED", 29, Paid.COD, "cash on delivery was chosen", "F.2", _D),
    ("VOIDED", 31, Paid.VOIDED, "the hold was released", "F.2", _D),
    ("VOID_INITIATED", 32, Paid.HELD, "the hold is being released", "F.2", _D),
    ("CAPTURE_INITIATED", 33, Paid.HELD, "the held money is being taken", "F.2", _D),
    ("CAPTURE_FAILED", 34, Paid.HELD, "taking the held money failed", "F.2", _D),
    ("VOID_FAILED", 35, Paid.HELD, "releasing the hold failed", "F.2", _D),
    ("AUTO_REFUNDED", 36, Paid.AUTO_REFUNDED, "Juspay gives the money back by itself", "O.2", _D),
    ("PARTIAL_CHARGED", 37, Paid.PARTIAL, "part of the held money was taken", "O.5", _D),
    ("TO_BE_CHARGED", 40, Paid.PENDING, "validated; the merchant must start the charge", "O.5", _D),
    ("CREATED", None, Paid.UNKNOWN, "an internal word", "F.2", _S),
    ("MERCHANT_VOIDED", None, Paid.UNKNOWN, "an internal word", "F.2", _S),
    ("DECLINED", None, Paid.UNKNOWN, "an internal word", "F.2", _S),
    ("AUTO_VOIDED", None, Paid.UNKNOWN, "an internal word", "F.2", _S),
)

TXN_STATUSES: Final = ORDER_STATUSES | _rows(
    ("NOP", None, Paid.UNKNOWN, "no operation", "G.1", _D),
    ("PENDING", None, Paid.PENDING, "waiting", "G.1", _I),
    ("FAILURE", None, Paid.FAILED, "failed, as the routing engine counts it", "G.1", _D),
    ("Failure", None, Paid.FAILED, "failed, as legs of a split payment spell it", "O.3", _D),
)

REFUND_STATUSES: Final = {
    "PENDING": Refunded.PENDING,
    "SUCCESS": Refunded.SUCCESS,
    "FAILURE": Refunded.FAILURE,
    "Failure": Refunded.FAILURE,
    "MANUAL_REVIEW": Refunded.MANUAL_REVIEW,
}

REFUND_REFUSALS: Final = {
    "invalid.amount.exceeded": Refusal.FINAL,
    "invalid amount": Refusal.FINAL,
    "Mandatory fields are missing": Refusal.FINAL,
    "invalid.order.not_successful": Refusal.FINAL,
    "NOT_FOUND": Refusal.FINAL,
    "request.exceeded": Refusal.FINAL,
    "duplicate.call": Refusal.PROVES_NOTHING,
    "access_denied": Refusal.NOT_ACCEPTED,
    "BAD_ORIGIN": Refusal.NOT_ACCEPTED,
    "rate_limited": Refusal.NOT_ACCEPTED,
}
"""Error codes of a refused refund call; any other code proves nothing. `duplicate.call` has two opposite meanings."""


def paid_class(word: str) -> Paid:
    """The class of an order's status word; UNKNOWN for any word outside the list, compared exactly."""
    row = ORDER_STATUSES.get(word)
    return row.kind if row else Paid.UNKNOWN


def txn_class(word: str) -> Paid:
    """The class of a transaction's status word."""
    row = TXN_STATUSES.get(word)
    return row.kind if row else Paid.UNKNOWN


def refund_class(word: str) -> Refunded:
    """The class of a refund's status word."""
    return REFUND_STATUSES.get(word, Refunded.UNKNOWN)


def refusal_of(code: str) -> Refusal:
    """What a refused refund call proves."""
    return REFUND_REFUSALS.get(code, Refusal.PROVES_NOTHING)
