"""Cells of the tables that no world reaches, and rules that no step names, each with the reason.

If something on these lists is reached after all, its entry is stale, and that is a finding too.
"""

from __future__ import annotations

from typing import Final

from attrs import frozen

from paystate.core.checkouts import checkout
from paystate.core.checkouts.checkout import CheckoutState
from paystate.core.lifecycle import guards
from paystate.core.lifecycle.observations import OLDER, answers
from paystate.core.lifecycle.table import Cell, cells
from paystate.core.orders import attempt, refund
from paystate.core.orders.attempt import AttemptState
from paystate.core.orders.refund import RefundState


@frozen
class Unreachable:
    """Some cells of one table, and why they are never asked for."""

    table: str
    cells: frozenset[Cell]
    because: str


_SETTLED: Final = (refund.DONE, refund.NOT_DONE)
_LISTED_AND_OPEN: Final = ("UNKNOWN", "PENDING", "MANUAL_REVIEW")

UNREACHABLE: Final = (
    Unreachable(
        attempt.TABLE.name,
        cells([AttemptState.UNSEEN], answers(attempt.CLASSES, OLDER)),
        "Nothing was answered about it yet, so every answer is the newest.",
    ),
    Unreachable(
        refund.TABLE.name,
        cells([RefundState.UNSEEN, RefundState.REQUESTED, RefundState.REJECTED], answers(refund.CLASSES, OLDER)),
        "Juspay has not listed it yet, so every listing is the newest.",
    ),
    Unreachable(
        refund.TABLE.name,
        cells([RefundState.UNSEEN], [refund.REJECTED_BY_GATEWAY, refund.GIVEN_UP, *_SETTLED]),
        "What names a refund that is not there finds none, and the table is not asked.",
    ),
    Unreachable(
        refund.TABLE.name,
        cells(_LISTED_AND_OPEN, [refund.REJECTED_BY_GATEWAY]),
        "A listing that moves a refund ends its call, and what comes of that call later is old news.",
    ),
    Unreachable(
        refund.TABLE.name,
        cells([RefundState.REJECTED, *refund.SOFT, RefundState.SUCCESS], [refund.GIVEN_UP]),
        "Only a refund that still waits to be sent is given up; what has ended or is listed is not asked about.",
    ),
    Unreachable(
        refund.TABLE.name,
        cells([RefundState.REJECTED], [refund.REJECTED_BY_GATEWAY]),
        "A refund is refused once; no call follows.",
    ),
    Unreachable(
        refund.TABLE.name,
        cells([RefundState.REJECTED, "PENDING", RefundState.FAILURE, RefundState.SUCCESS], _SETTLED),
        "Its end is known or near, so no reason is open that a verdict of done or not done would settle.",
    ),
    Unreachable(
        checkout.TABLE.name,
        cells([CheckoutState.OPENED], set(checkout.TABLE.inputs) - {checkout.SIGN_INITIATE}),
        "A checkout is opened and handed its first payload in one decision.",
    ),
)

UNNAMED_GUARDS: Final = {
    guards.OPENED.id: "The order is open when its world begins.",
    guards.OLD_CALL.id: "It decides that nothing is written, so no journal row and no refusal names it.",
    guards.BESIDE.id: "It too decides that nothing is written: the answer to a refund call is no order.",
    guards.HOLD_ALREADY.id: "It too decides that nothing is written: the capture or release is there already.",
    guards.TOO_MANY_SEEN.id: "It bounds what is kept of an answer to more than any world holds.",
    checkout.FORGOTTEN.id: "Whoever forgets a checkout's customer ends it, and its worlds end it by other words.",
    checkout.TOO_LONG.id: "It bounds what is noted of a checkout to more than any world notes.",
    guards.TOO_LONG.id: "It bounds what is noted of an order to more than any world notes.",
}
"""Rules without a table that no fact and no refusal of the worlds names."""
