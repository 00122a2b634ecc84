"""A refund of ours that Juspay may list under another name.

This finds the listed refunds that may be one that we sent and that is not listed. Sending it again could give the money
back twice, so a person looks first.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from paystate.core.orders.order import Order
from paystate.core.orders.refund import Refund, RefundState

TWIN_WITHIN: Final = timedelta(minutes=15)
"""How far from our call a refund under another name may lie to be taken for it; Juspay queues one at most so long."""


def listed_elsewhere(order: Order, refund: Refund) -> tuple[str, ...]:
    """Refunds under other names that may be this one, which was sent and is not listed.

    Or it was not sent, and asked for while the record may have forgotten a refund that was found since.
    """
    if refund.state != RefundState.REQUESTED:
        return ()
    if refund.calls_that_left and refund.sent_at is not None:
        return tuple(sorted(one.refund_id for one in _candidates(order, refund) if _fits(order, refund, one)))
    return _found_since_the_doubt(order, refund) if refund.doubted else ()


def failed_as_another(order: Order, refund: Refund) -> str:
    """The refund that a person found it to be, where that one has failed since; else `""`."""
    return refund.same_as if refund.is_known_as_another and not order.refunds[refund.same_as].reserves_amount else ""


def _candidates(order: Order, refund: Refund) -> Iterator[Refund]:
    """Refunds made elsewhere, each of which is at most one of ours."""
    taken = {one.same_as for one in order.refunds.values() if one.refund_id != refund.refund_id}
    made_elsewhere = (one for one in order.refunds.values() if not one.is_ours and not one.automatic)
    return (one for one in made_elsewhere if one.refund_id not in taken)


def _fits(order: Order, refund: Refund, other: Refund) -> bool:
    """Whether amount and time are those of `refund`; of a split payment each leg may list a share of it."""
    is_share = _is_of_a_leg(order, other) and other.amount_minor < refund.amount_minor
    return (is_share or other.amount_minor == refund.amount_minor) and _is_of_its_time(order, refund, other)


def _is_of_a_leg(order: Order, refund: Refund) -> bool:
    of = order.attempts.get(refund.txn_id)
    return of is not None and of.leg


def _is_of_its_time(order: Order, refund: Refund, other: Refund) -> bool:
    if other.since == order.created_at:  # Juspay does not tell when it was made: no earlier than it was first listed
        return _first_listed(other) >= refund.since_version
    return refund.sent_at is not None and refund.since - TWIN_WITHIN <= other.since <= refund.sent_at + TWIN_WITHIN


def _found_since_the_doubt(order: Order, refund: Refund) -> tuple[str, ...]:
    same = (one for one in _candidates(order, refund) if one.amount_minor == refund.amount_minor)
    return tuple(sorted(one.refund_id for one in same if _first_listed(one) >= refund.doubted_since))


def _first_listed(refund: Refund) -> int:
    return min(seen.asked_first for seen in refund.observations.values())
