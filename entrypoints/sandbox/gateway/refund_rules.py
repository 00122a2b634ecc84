"""Which refunds Juspay takes and which it refuses, with which code (contract sections H.1 and H.5). Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from paystate.entrypoints.sandbox.amounts import parsed_amount
from paystate.entrypoints.sandbox.errors import Refusal, invalid_input, mandatory_fields_missing, refund_refused
from paystate.entrypoints.sandbox.gateway.records import Order, Txn

REFUNDS_MAX: Final = 25
"""Secondary source, contract H.5."""

SAME_AMOUNT_GUARD: Final = timedelta(seconds=5)
"""Documented, contract H.5."""

_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,20}", re.ASCII)


def checked_request_id(fields: Mapping[str, object]) -> str:
    """Return `unique_request_id`: fewer than 21 characters, none special but those of samples (documented, recorded).

    Raises:
        Refusal: It is absent or malformed.
    """
    given = fields.get("unique_request_id")
    if given in (None, ""):
        raise mandatory_fields_missing()
    if not isinstance(given, str) or not _REQUEST_ID.fullmatch(given):
        raise invalid_input(("unique_request_id", "Up to 20 letters, digits, - and _"))
    return given


def checked_amount(left: Decimal, fields: Mapping[str, object], *, required: bool) -> Decimal:
    """Return how much to give back; `amount` left out means all that is `left` (documented, contract H.1).

    Raises:
        Refusal: The amount is no amount, or is required and absent.
    """
    if fields.get("amount") in (None, ""):
        if required:
            raise mandatory_fields_missing()
        return left
    amount = parsed_amount(fields["amount"])
    if amount is None:
        raise refund_refused("invalid amount", "The amount must be above zero, with two decimals at most")
    return amount


def left_to_refund(order: Order, txn: Txn | None = None) -> Decimal:
    """Return what may still be given back of the order, or of one of its attempts (contract O.1)."""
    most = min(order.refundable, order.eligible)
    return most if txn is None else min(most, order.left_of(txn))


def check_refundable(order: Order, unique_request_id: str, amount: Decimal, left: Decimal, now: datetime) -> None:
    """Check a refund against what is left and earlier refunds of the order. The sequence of checks is inferred.

    Raises:
        Refusal: One of the rows of contract section H.5.
    """
    if order.refund(unique_request_id) is not None:
        raise made_before()
    if any(one.amount == amount and abs(now - one.created) < SAME_AMOUNT_GUARD for one in order.refunds):
        raise same_amount_busy()
    if len(order.refunds) >= REFUNDS_MAX:
        raise refund_refused("request.exceeded", "The order has too many refunds")
    if amount <= 0 or amount > left:
        raise refund_refused("invalid.amount.exceeded", "The amount is more than what can be given back")


def made_before() -> Refusal:
    """The id was used before (documented, contract H.5)."""
    return refund_refused("duplicate.call", "A refund with this unique_request_id was made before")


def same_amount_busy() -> Refusal:
    """A refund of that amount was made within the last 5 seconds (documented, contract H.5)."""
    return refund_refused("duplicate.call", "A refund of the same amount is being processed", status_id="-1")


def check_paid(order: Order, txn: Txn | None = None) -> None:
    """Check that the order has a charged transaction, or that the named one is (documented, contract H.1).

    One that Juspay could not give back by itself counts as charged (inferred, contract O.2).

    Raises:
        Refusal: It has none.
    """
    if not order.givable or (txn is not None and txn not in order.givable):
        raise refund_refused("invalid.order.not_successful", "Cannot process unsuccessful order.")
