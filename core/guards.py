"""Rules of an order that are code and not rows: they look at amounts, times or names.

Owns their ids and sentences; `commands` applies them.
"""

from __future__ import annotations

from typing import Final

from paystate.core.table import Mark, Outcome, Rule


def _guard(id_: str, says: str, ref: str = "-", outcome: Outcome = Outcome.REFUSED) -> Rule:
    return Rule(id_, outcome, frozenset(), ref=ref, mark=Mark.OURS, says=says)


ORDER_EXISTS: Final = _guard("G1", "The merchant has another order under this id.", "B.1")
OPENED: Final = _guard("G2", "The order is opened; nothing was sent to Juspay.", outcome=Outcome.MOVES)
OTHER_CUSTOMER: Final = _guard("G3", "The order belongs to another customer than the checkout.", "C.3")
CLOSED: Final = _guard("G4", "The order's time is over; open a new order.", "F.3")
UNDER_REVIEW: Final = _guard("G5", "A person must settle the order's open reasons before money leaves it.", "H.1")
TOO_MUCH: Final = _guard(
    "G6", "The amount is more than what was captured less all refunds that have not failed.", "H.5"
)
TOO_MANY: Final = _guard("G7", "The order has as many refunds as Juspay takes.", "H.5")
KEY_REUSED: Final = _guard("G8", "This idempotency key was used for another refund.", "H.5")
NOT_SENDABLE: Final = _guard(
    "G9", "The refund may not be sent now: only a newer answer can show whether it is needed.", "H.5"
)
NOT_OPEN: Final = _guard("G10", "There is no such open reason.")
NO_VERDICT: Final = _guard("G11", "This verdict does not settle this kind of reason.")
NO_AMOUNT: Final = _guard("G12", "A refund is more than nothing.", "H.5")
SIGNED: Final = _guard("G13", "The shopper may pay; looks begin.", "F.3", Outcome.MOVES)
SENDS: Final = _guard("G14", "The call is counted before it is made.", "H.5", Outcome.MOVES)
CALL_ENDED: Final = _guard(
    "G15", "The call ended without telling how the refund stands; a look will.", "H.5", Outcome.MOVES
)
GAVE_UP: Final = _guard(
    "G16", "The last permitted call ended without telling; a person must find out.", "H.5", Outcome.MOVES
)
OLD_CALL: Final = _guard(
    "G17", "A newer call was begun; what became of the older one changes nothing.", "H.5", Outcome.STALE
)
ACCEPTS: Final = _guard("G18", "A person has looked and settled the reason.", outcome=Outcome.MOVES)
MISMATCH: Final = _guard("G19", "The answer is about another merchant, order, amount or currency.", "M2",
                         Outcome.CONTRADICTS)  # fmt: skip
LATEST: Final = _guard("G20", "Juspay's newest word about the order itself is kept.", "F.2", Outcome.MOVES)
ABSENT: Final = _guard("G21", "Juspay knows no such order, and had not shown one.", "F.4", Outcome.ALREADY)
DENIED: Final = _guard("G22", "Juspay had shown this order and now knows no such order.", "F.4", Outcome.CONTRADICTS)
UNLISTED: Final = _guard("G23", "The answer does not list a refund that we called for.", "H.5", Outcome.MOVES)
TOO_MANY_SEEN: Final = _guard("G24", "Juspay names more attempts or refunds than an order can have.",
                              "G.1", Outcome.CONTRADICTS)  # fmt: skip
HEARD: Final = _guard(
    "G25",
    "A person has settled the refund over this word; hearing it again changes nothing.",
    "H.4",
    Outcome.ALREADY,
)

GUARDS: Final = (
    ORDER_EXISTS, OPENED, OTHER_CUSTOMER, CLOSED, UNDER_REVIEW, TOO_MUCH, TOO_MANY, KEY_REUSED, NOT_SENDABLE, NOT_OPEN,
    NO_VERDICT, NO_AMOUNT, SIGNED, SENDS, CALL_ENDED, GAVE_UP, OLD_CALL, ACCEPTS, MISMATCH, LATEST, ABSENT, DENIED,
    UNLISTED, TOO_MANY_SEEN, HEARD,
)  # fmt: skip
"""Rules that are code and not rows: they look at amounts, times or names."""
