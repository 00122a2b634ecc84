"""Rules of an order that are code and not rows: they look at amounts, times or names.

This module has their ids and sentences; `paystate.core.orders` applies them, in `answers` and in its commands.
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
    "The amount is more than what was captured less all refunds that have not failed, or than Juspay will refund.")
TOO_MANY: Final = _guard("G7", Outcome.REFUSED, "H.5",
    "The order already has as many refunds as Juspay accepts.")
KEY_REUSED: Final = _guard("G8", Outcome.REFUSED, "H.5",
    "This idempotency key was used for another refund.")
NOT_SENDABLE: Final = _guard("G9", Outcome.REFUSED, "H.5",
    "The refund may not be sent now. It is too early, or a newer answer must first show that it is needed.")
NOT_OPEN: Final = _guard("G10", Outcome.REFUSED, "-",
    "The order has no such open reason.")
NO_VERDICT: Final = _guard("G11", Outcome.REFUSED, "-",
    "This verdict does not settle this kind of reason.")
NO_AMOUNT: Final = _guard("G12", Outcome.REFUSED, "H.5",
    "A refund must be more than zero, in the order's own currency.")
SIGNED: Final = _guard("G13", Outcome.MOVES, "F.3",
    "The shopper may pay, and Paystate begins to ask Juspay.")
SENDS: Final = _guard("G14", Outcome.MOVES, "H.5",
    "The call is counted before it is made.")
CALL_ENDED: Final = _guard("G15", Outcome.MOVES, "H.5",
    "The call ended without showing the refund's state; a look will show it.")
TRIES_EXHAUSTED: Final = _guard("G16", Outcome.MOVES, "H.5",
    "The last call that the policy permits showed nothing. A person must find out what became of the refund.")
OLD_CALL: Final = _guard("G17", Outcome.STALE, "H.5",
    "That call has already ended, or a newer one has begun, so its result changes nothing.")
ACCEPTS: Final = _guard("G18", Outcome.MOVES, "-",
    "A person has looked and settled the reason.")
MISMATCH: Final = _guard("G19", Outcome.CONTRADICTS, "M2",
    "The answer does not fit: another merchant, order, amount or currency.")
LATEST: Final = _guard("G20", Outcome.MOVES, "F.2",
    "Juspay's newest status of the order itself is kept.")
ABSENT: Final = _guard("G21", Outcome.ALREADY, "F.4",
    "Juspay does not know the order, and never showed it.")
DENIED: Final = _guard("G22", Outcome.CONTRADICTS, "F.4",
    "Juspay showed this order before, and now does not know it.")
UNLISTED: Final = _guard("G23", Outcome.MOVES, "H.5",
    "The answer does not list a refund that we sent.")
TOO_MANY_SEEN: Final = _guard("G24", Outcome.CONTRADICTS, "G.1",
    "Juspay names more attempts or refunds than an order can have.")
HEARD: Final = _guard("G25", Outcome.ALREADY, "H.4",
    "A person settled the refund after this answer; the same answer again changes nothing.")
NO_PRICE: Final = _guard("G26", Outcome.REFUSED, "B.1",
    "An order's amount must be more than zero.")
UNCHANGED: Final = _guard("G27", Outcome.ALREADY, "F.3",
    "Juspay's status of the order itself is unchanged, or another word for the same.")
OLDER_WORD: Final = _guard("G28", Outcome.STALE, "F.3",
    "This status of the order itself answers an older question; a newer one was answered already.")
BESIDE: Final = _guard("G29", Outcome.ALREADY, "O.3",
    "The refund call's answer is not in the form of an order; a look will show the refund's state.")
MENTIONED: Final = _guard("G30", Outcome.MOVES, "O.4",
    "A webhook names a payment that no answer has shown. It proves nothing; looks go on until it is explained.")
DISPUTED: Final = _guard("G31", Outcome.MOVES, "I.3",
    "A webhook reports a dispute. It proves nothing, but refunds wait until a person has looked.")
NO_ROOM: Final = _guard("G32", Outcome.REFUSED, "H.5",
    "Too little money is left for all that is reserved. The refund is not sent again; only a look can free it.")
NO_SUCH_TXN: Final = _guard("G33", Outcome.REFUSED, "O.7",
    "No answer from Juspay has shown this transaction on the order, so it cannot be refunded.")
CASH_ENDED: Final = _guard("G34", Outcome.REFUSED, "-",
    "Another outcome of the cash was recorded before, and it stands.")
ORDER_CANCELLED: Final = _guard("G35", Outcome.REFUSED, "-",
    "The order was cancelled, so nobody may pay it any more; open a new order.")
PRICE_MOVES: Final = _guard("G36", Outcome.REFUSED, "B.4",
    "Juspay was asked to change the price and has not confirmed it. A look will show which price holds.")
AMENDED: Final = _guard("G37", Outcome.MOVES, "B.4",
    "The new price holds: Juspay shows it, or knows no such order yet.")
NOT_AMENDED: Final = _guard("G38", Outcome.MOVES, "B.4",
    "The price stays as it was: Juspay refused the change, was not reached, or shows the old price afterwards.")
UNSURE: Final = _guard("G39", Outcome.MOVES, "H.5",
    "The record may be incomplete, so no refund is sent until Juspay has answered again.")
HOLD_UNNAMED: Final = _guard("G40", Outcome.REFUSED, "L",
    "Juspay has not yet shown the id that a capture or release needs; a look will show it.")
HOLD_IN_DOUBT: Final = _guard("G41", Outcome.REFUSED, "L",
    "An open reason makes the order's money doubtful; a person must settle it before held money is taken or released.")
HOLD_BUSY: Final = _guard("G42", Outcome.REFUSED, "L",
    "A capture or release of this order is under way. Only one may be, and only a look can show how it ended.")
TOO_MANY_HOLDS: Final = _guard("G43", Outcome.REFUSED, "L",
    "The order already has as many captures and releases as one order may have.")
HOLD_AMOUNT: Final = _guard("G44", Outcome.REFUSED, "L",
    "A capture must be more than zero, in the order's own currency.")
TOO_MUCH_OF_HOLD: Final = _guard("G45", Outcome.REFUSED, "L",
    "The amount is more than is held.")
HOLD_KEY_REUSED: Final = _guard("G46", Outcome.REFUSED, "L",
    "This idempotency key was used for another capture or release.")
HOLD_REQUESTED: Final = _guard("G47", Outcome.MOVES, "L",
    "The capture or release is reserved and stored before anything is sent.")
HOLD_ALREADY: Final = _guard("G48", Outcome.ALREADY, "L",
    "This key already has a capture or release, and the same one is returned.")
HOLD_SENDS: Final = _guard("G49", Outcome.MOVES, "L",
    "The call on held money is counted before it is made.")
HOLD_NOT_SENDABLE: Final = _guard("G50", Outcome.REFUSED, "L",
    "The call on held money may not be made now. It is too early, a person must look first, or a newer answer must"
    " first show that it is needed.")
HOLD_CALL_ENDED: Final = _guard("G51", Outcome.MOVES, "L",
    "The call on held money ended without showing what became of the hold; a look will show it.")
HOLD_REFUSED: Final = _guard("G52", Outcome.MOVES, "L",
    "Juspay refused the only call that can have reached it, so the held money is as it was.")
UNSEEN_PAYMENT: Final = _guard("G53", Outcome.ALLOWED, "O.2",
    "Juspay gives back, or tried to give back, a payment that no answer names. So money was taken and may be refunded.")
TOO_LONG: Final = _guard("G54", Outcome.REFUSED, "-",
    "So much was noted of the order that it takes no further payload and no other price; open a new order.")
FORGOTTEN: Final = _guard("G55", Outcome.MOVES, "-",
    "A person had the customer forgotten. What became of the money stays.")
STILL_OWED: Final = _guard("G56", Outcome.REFUSED, "-",
    "Something is still open, so somebody may have to reach the customer. Forget them once it has ended.")
# fmt: on

GUARDS: Final = tuple([declared for declared in vars().values() if isinstance(declared, Rule)])
"""All of them, by number."""
