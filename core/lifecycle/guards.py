"""Rules of an order that are code and not rows: they look at amounts, times or names.

Here are their ids and sentences; `paystate.core.orders` applies them, in `answers` and in its commands.
"""

from __future__ import annotations

from typing import Final

from paystate.core.lifecycle.table import Mark, Outcome, Rule


def _guard(id_: str, outcome: Outcome, ref: str, message: str) -> Rule:
    return Rule(id_, outcome, frozenset(), ref=ref, mark=Mark.OURS, message=message)


# fmt: off
ORDER_EXISTS: Final = _guard("G1", Outcome.REFUSED, "B.1",
    "The merchant has another order under this id.")
OPENED: Final = _guard("G2", Outcome.MOVES, "-",
    "The order is opened; nothing was sent to Juspay.")
OTHER_CUSTOMER: Final = _guard("G3", Outcome.REFUSED, "C.3",
    "The order belongs to another customer than the checkout.")
CLOSED: Final = _guard("G4", Outcome.REFUSED, "F.3",
    "The order's time is over; open a new order.")
UNDER_REVIEW: Final = _guard("G5", Outcome.REFUSED, "H.1",
    "An open reason makes the order's money doubtful; a person must settle it before money leaves.")
TOO_MUCH: Final = _guard("G6", Outcome.REFUSED, "H.5",
    "The amount is more than was captured less all refunds that have not failed, or than Juspay itself will refund.")
TOO_MANY: Final = _guard("G7", Outcome.REFUSED, "H.5",
    "The order has as many refunds as Juspay takes.")
KEY_REUSED: Final = _guard("G8", Outcome.REFUSED, "H.5",
    "This idempotency key was used for another refund.")
NOT_SENDABLE: Final = _guard("G9", Outcome.REFUSED, "H.5",
    "The refund may not be sent just now: it is too early, or only a newer answer can show its need.")
NOT_OPEN: Final = _guard("G10", Outcome.REFUSED, "-",
    "There is no such open reason.")
NO_VERDICT: Final = _guard("G11", Outcome.REFUSED, "-",
    "This verdict does not settle this kind of reason.")
NO_AMOUNT: Final = _guard("G12", Outcome.REFUSED, "H.5",
    "A refund is more than nothing, and in the order's own currency.")
SIGNED: Final = _guard("G13", Outcome.MOVES, "F.3",
    "The shopper may pay; looks begin.")
SENDS: Final = _guard("G14", Outcome.MOVES, "H.5",
    "The call is counted before it is made.")
CALL_ENDED: Final = _guard("G15", Outcome.MOVES, "H.5",
    "The call ended without telling how the refund stands; a look will.")
TRIES_EXHAUSTED: Final = _guard("G16", Outcome.MOVES, "H.5",
    "The last call that the policy permits told nothing; a person must find out how the refund stands.")
OLD_CALL: Final = _guard("G17", Outcome.STALE, "H.5",
    "That call has ended already, or a newer one was begun; what became of it changes nothing.")
ACCEPTS: Final = _guard("G18", Outcome.MOVES, "-",
    "A person has looked and settled the reason.")
MISMATCH: Final = _guard("G19", Outcome.CONTRADICTS, "M2",
    "The answer does not fit: another merchant, order, amount or currency.")
LATEST: Final = _guard("G20", Outcome.MOVES, "F.2",
    "Juspay's newest word about the order itself is kept.")
ABSENT: Final = _guard("G21", Outcome.ALREADY, "F.4",
    "Juspay knows no such order, and had not shown one.")
DENIED: Final = _guard("G22", Outcome.CONTRADICTS, "F.4",
    "Juspay had shown this order and now knows no such order.")
UNLISTED: Final = _guard("G23", Outcome.MOVES, "H.5",
    "The answer does not list a refund that we had sent.")
TOO_MANY_SEEN: Final = _guard("G24", Outcome.CONTRADICTS, "G.1",
    "Juspay names more attempts or refunds than an order can have.")
HEARD: Final = _guard("G25", Outcome.ALREADY, "H.4",
    "A person has settled the refund over this word; hearing it again changes nothing.")
NO_PRICE: Final = _guard("G26", Outcome.REFUSED, "B.1",
    "An order asks for more than nothing.")
UNCHANGED: Final = _guard("G27", Outcome.ALREADY, "F.3",
    "Juspay's word about the order itself is what it was, or another for the same.")
OLDER_WORD: Final = _guard("G28", Outcome.STALE, "F.3",
    "The word about the order itself answers an older question; a newer one was answered already.")
BESIDE: Final = _guard("G29", Outcome.ALREADY, "O.3",
    "The answer to a refund call is in another form than an order's; a look will tell how the refund stands.")
MENTIONED: Final = _guard("G30", Outcome.MOVES, "O.4",
    "A webhook names a payment that no answer has shown; it proves nothing, and looks go on until it is explained.")
DISPUTED: Final = _guard("G31", Outcome.MOVES, "I.3",
    "A webhook tells of a dispute; it proves nothing, and refunds wait until a person has looked.")
NO_ROOM: Final = _guard("G32", Outcome.REFUSED, "H.5",
    "Too little money is left for all that is reserved; the refund is not sent again, and only a look can free it.")
NO_SUCH_TXN: Final = _guard("G33", Outcome.REFUSED, "O.7",
    "No answer of Juspay's has shown this transaction on the order, so nothing of it can be refunded.")
CASH_ENDED: Final = _guard("G34", Outcome.REFUSED, "-",
    "What became of the cash was told before, and otherwise; that stands.")
ORDER_CANCELLED: Final = _guard("G35", Outcome.REFUSED, "-",
    "The order was cancelled, so nobody may pay it any more; open a new order.")
PRICE_MOVES: Final = _guard("G36", Outcome.REFUSED, "B.4",
    "Juspay was asked to take another price and has not confirmed it; a look will tell which price holds.")
AMENDED: Final = _guard("G37", Outcome.MOVES, "B.4",
    "The new price holds: Juspay shows it, or knows no such order yet.")
NOT_AMENDED: Final = _guard("G38", Outcome.MOVES, "B.4",
    "The price stays as it was: Juspay refused the change, was not reached, or shows the old price afterwards.")
UNSURE: Final = _guard("G39", Outcome.MOVES, "H.5",
    "The record may have forgotten something; no refund is sent before Juspay has answered anew.")
HOLD_UNNAMED: Final = _guard("G40", Outcome.REFUSED, "L",
    "Juspay has not told yet under which name the held money is taken or released; a look will.")
HOLD_IN_DOUBT: Final = _guard("G41", Outcome.REFUSED, "L",
    "An open reason makes the order's money doubtful; a person must settle it before held money is taken or released.")
HOLD_BUSY: Final = _guard("G42", Outcome.REFUSED, "L",
    "A capture or release of this order is under way; one at a time, and only a look can tell how it ended.")
TOO_MANY_HOLDS: Final = _guard("G43", Outcome.REFUSED, "L",
    "The order has as many captures and releases as are taken of one order.")
HOLD_AMOUNT: Final = _guard("G44", Outcome.REFUSED, "L",
    "A capture is more than nothing, and in the order's own currency.")
TOO_MUCH_OF_HOLD: Final = _guard("G45", Outcome.REFUSED, "L",
    "The amount is more than is held.")
HOLD_KEY_REUSED: Final = _guard("G46", Outcome.REFUSED, "L",
    "This idempotency key was used for another capture or release.")
HOLD_REQUESTED: Final = _guard("G47", Outcome.MOVES, "L",
    "The capture or release is reserved and made durable before anything is sent.")
HOLD_ALREADY: Final = _guard("G48", Outcome.ALREADY, "L",
    "This key has its capture or release already; the same one is returned.")
HOLD_SENDS: Final = _guard("G49", Outcome.MOVES, "L",
    "The call on held money is counted before it is made.")
HOLD_NOT_SENDABLE: Final = _guard("G50", Outcome.REFUSED, "L",
    "The call on held money may not be made just now: it is too early, a person must look first, or only a newer answer"
    " can show its need.")
HOLD_CALL_ENDED: Final = _guard("G51", Outcome.MOVES, "L",
    "The call on held money ended without telling how the hold stands; a look will.")
HOLD_REFUSED: Final = _guard("G52", Outcome.MOVES, "L",
    "Juspay refused the only call that can have reached it, so the held money is as it was.")
UNSEEN_PAYMENT: Final = _guard("G53", Outcome.ALLOWED, "O.2",
    "Juspay gives back, or tried to, a payment that no answer names: so money was taken, and may be refunded.")
# fmt: on

GUARDS: Final = (
    ORDER_EXISTS,
    OPENED,
    OTHER_CUSTOMER,
    CLOSED,
    UNDER_REVIEW,
    TOO_MUCH,
    TOO_MANY,
    KEY_REUSED,
    NOT_SENDABLE,
    NOT_OPEN,
    NO_VERDICT,
    NO_AMOUNT,
    SIGNED,
    SENDS,
    CALL_ENDED,
    TRIES_EXHAUSTED,
    OLD_CALL,
    ACCEPTS,
    MISMATCH,
    LATEST,
    ABSENT,
    DENIED,
    UNLISTED,
    TOO_MANY_SEEN,
    HEARD,
    NO_PRICE,
    UNCHANGED,
    OLDER_WORD,
    BESIDE,
    MENTIONED,
    DISPUTED,
    NO_ROOM,
    NO_SUCH_TXN,
    CASH_ENDED,
    ORDER_CANCELLED,
    PRICE_MOVES,
    AMENDED,
    NOT_AMENDED,
    UNSURE,
    HOLD_UNNAMED,
    HOLD_IN_DOUBT,
    HOLD_BUSY,
    TOO_MANY_HOLDS,
    HOLD_AMOUNT,
    TOO_MUCH_OF_HOLD,
    HOLD_KEY_REUSED,
    HOLD_REQUESTED,
    HOLD_ALREADY,
    HOLD_SENDS,
    HOLD_NOT_SENDABLE,
    HOLD_CALL_ENDED,
    HOLD_REFUSED,
    UNSEEN_PAYMENT,
)
"""All of them, by number."""
