"""A refund: one reservation of captured money, one id, for ever.

Owns the refund table, the refund record and what one refund call did. All but FAILURE and REJECTED hold capacity.
Amounts against the order's money are the business of `paystate.core.orders.commands.refund_commands`.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from functools import reduce
from typing import Final

from attrs import evolve, field, frozen

from paystate.core.lifecycle.guards import HEARD
from paystate.core.lifecycle.observations import (
    BOTH,
    NEWER,
    NO_PARTICULARS,
    NONE_SEEN,
    OLDER,
    Particulars,
    Said,
    Sightings,
    answers,
    differing,
    freshness,
    named_by,
    newest,
    newest_denial,
    repeated,
    sighted,
)
from paystate.core.lifecycle.statuses import Refunded
from paystate.core.lifecycle.table import MOVING, NAMED, Mark, Outcome, Rule, Step, Table, cells

UNSEEN: Final = "UNSEEN"
REQUESTED: Final = "REQUESTED"
REJECTED: Final = "REJECTED"
FAILURE: Final = "FAILURE"
SUCCESS: Final = "SUCCESS"
CLASSES: Final = tuple(str(kind) for kind in Refunded)
OPEN: Final = ("UNKNOWN", "PENDING", "MANUAL_REVIEW")
SOFT: Final = (*OPEN, FAILURE)
SETTLEABLE: Final = (REQUESTED, "UNKNOWN", "MANUAL_REVIEW")
"""States that a person can end."""
_UNMADE: Final = (FAILURE, REJECTED)
_UNDECIDED: Final = (REQUESTED, *OPEN)
_DENIALS: Final = {SUCCESS: SOFT}
REQUEST: Final = "request"
NO: Final = "refused by Juspay"
GIVEN_UP: Final = "given up unsent"
DONE: Final = "settled as done"
NOT_DONE: Final = "settled as not done"


_D, _I, _O = Mark.DOCUMENTED, Mark.INFERRED, Mark.OURS

RULES: Final = (
    Rule("R1", Outcome.MOVES, cells([UNSEEN], [REQUEST]), to=REQUESTED, ref="H.1", mark=_O,
         says="The refund is reserved and made durable before anything is sent."),
    Rule("R2", Outcome.ALREADY, cells([REQUESTED, REJECTED, *SOFT, SUCCESS], [REQUEST]), ref="H.5", mark=_O,
         says="This key has its refund already; the same refund is returned."),
    Rule("R3", Outcome.MOVES, cells([UNSEEN], answers(CLASSES, *BOTH)), to=NAMED, ref="H.3", mark=_D,
         says="Juspay lists a refund that was made elsewhere; it counts against the order like our own."),
    Rule("R4", Outcome.MOVES, cells([REQUESTED], answers(CLASSES, *BOTH)), to=NAMED, ref="H.4", mark=_D,
         says="Juspay lists our refund."),
    Rule("R5", Outcome.CORRECTED, cells([REJECTED], answers(CLASSES, *BOTH)), to=NAMED, ref="H.5", mark=_I,
         says="Juspay had refused the refund, yet lists it; the list decides."),
    Rule("R6", Outcome.ALREADY, repeated((*SOFT, SUCCESS)), ref="H.4", mark=_D,
         says="Juspay says what it said before."),
    Rule("R7", Outcome.MOVES, differing(OPEN, SOFT, NEWER), to=NAMED, ref="H.4", mark=_D,
         says="The refund is not settled, and the newest answer wins."),
    Rule("R8", Outcome.CORRECTED, differing([FAILURE], SOFT, NEWER), to=NAMED, ref="H.4", mark=_I,
         says="The refund had failed; a newer answer takes that back."),
    Rule("R9", Outcome.STALE, differing(SOFT, SOFT, OLDER), ref="H.4", mark=_O,
         says="The answer belongs to an older question; a newer one was answered already."),
    Rule("R10", Outcome.MOVES, cells(OPEN, answers([SUCCESS], *BOTH)), to=SUCCESS, ref="H.4", mark=_D,
         says="Juspay has given the money back."),
    Rule("R11", Outcome.CORRECTED, cells([FAILURE], answers([SUCCESS], *BOTH)), to=SUCCESS, ref="H.4", mark=_I,
         says="The refund had failed, and the money was given back after all."),
    Rule("R12", Outcome.STALE, differing([SUCCESS], SOFT, OLDER), ref="H.4", mark=_O,
         says="The money was given back; an older answer that knows less changes nothing."),
    Rule("R13", Outcome.CONTRADICTS, differing([SUCCESS], SOFT, NEWER), ref="H.4", mark=_O,
         says="The money was given back and a newer answer denies it; the refund stands, and a person must look."),
    Rule("R14", Outcome.MOVES, cells([REQUESTED], [NO]), to=REJECTED, ref="H.5", mark=_D,
         says="Juspay refused the only call that can have reached it, so the refund will never be made."),
    Rule("R15", Outcome.STALE, cells([*SOFT, SUCCESS], [NO]), ref="H.5", mark=_O,
         says="Juspay lists the refund, and that outweighs a refused call."),
    Rule("R16", Outcome.ALREADY, cells([REJECTED], [NO]), ref="H.5", mark=_O,
         says="The refund was refused before."),
    Rule("R17", Outcome.MOVES, cells(SETTLEABLE, [DONE]), to=SUCCESS, ref="H.4", mark=_O,
         says="A person found that the money was given back."),
    Rule("R18", Outcome.MOVES, cells(SETTLEABLE, [NOT_DONE]), to=FAILURE, ref="H.4",
         mark=_O, says="A person found that the money was not given back; it may be refunded under a new key."),
    Rule("R19", Outcome.ALREADY, cells([SUCCESS], [DONE]) | cells([FAILURE, REJECTED], [NOT_DONE]), ref="H.4", mark=_O,
         says="The refund had ended so already."),
    Rule("R20", Outcome.REFUSED, cells([SUCCESS], [NOT_DONE]) | cells([FAILURE, REJECTED], [DONE]), ref="H.4", mark=_O,
         says="The refund has ended, and not as this verdict says; only Juspay's own answer can correct that."),
    Rule("R21", Outcome.REFUSED, cells(["PENDING"], [DONE, NOT_DONE]), ref="H.4", mark=_O,
         says="Juspay is still working on the refund; there is nothing to settle."),
    Rule("R22", Outcome.REFUSED, cells([UNSEEN], [NO, GIVEN_UP, DONE, NOT_DONE]), ref="-", mark=_O,
         says="There is no such refund."),
    Rule("R23", Outcome.MOVES, cells([REQUESTED], [GIVEN_UP]), to=REJECTED, ref="H.5", mark=_O,
         says="Too little money is left for it, and no call has reached Juspay, so the refund is given up."),
    Rule("R24", Outcome.STALE, cells([REJECTED, *SOFT, SUCCESS], [GIVEN_UP]), ref="H.5", mark=_O,
         says="The refund was ended, or is in Juspay's hands, and is not given up."),
)  # fmt: skip

TABLE: Final = Table(
    "refund",
    states=(UNSEEN, REQUESTED, REJECTED, *SOFT, SUCCESS),
    inputs=(*answers(CLASSES, *BOTH), REQUEST, NO, GIVEN_UP, DONE, NOT_DONE),
    rules=RULES,
    names=named_by(CLASSES),
)


class LastCall(StrEnum):
    """What is known of the newest refund call; a label, not a state."""

    NONE = "none"
    IN_FLIGHT = "in flight"
    UNKNOWN = "unknown"
    NOT_SENT = "not sent"
    REFUSED = "refused"
    ANSWERED = "answered"


@frozen(kw_only=True)
class Refund:
    """One refund of an order, ours or one made elsewhere.

    Attributes:
        refund_id: Juspay's `unique_request_id`.
        amount_minor: Minor units of the order's currency.
        key: Idempotency key it was requested under; None when it was made elsewhere.
        automatic: Juspay made it by itself.
        txn_id: The transaction that it gives back, or `""` where that is not known.
        same_as: The refund under another name that a person has found it to be, which alone counts; or `""`.
        since: When it was requested, or when Juspay says it was made; the order's own beginning where that is not told.
        since_version: Order's version after it was requested; -1 where it was made elsewhere.
        tries: Calls that were begun, each counted before it was made.
        not_sent: How many of them are known never to have reached Juspay.
        sent_at: Begin of the newest call.
        sent_version: Order's version after that call was counted; an answer asked at or after it can know of the call.
        refusal: Juspay's error code for the newest call, or `""`.
        absent_asked: Newest question whose answer did not list this refund, or -1.
        gave_up: The policy's last try was spent without a usable answer; a person must find out.
        doubted: It was asked for while the order's record may have forgotten a refund.
        doubted_since: The version at which that was said, or -1.
        after_failure: It was asked for when a refund of Juspay's own was known to have failed.
        settled_over: The state over which a person settled it, or `""`.
        settled_asked: Order's version after that verdict, or -1; answers asked at or after it are news.
        settled_newest: Newest question that Juspay had answered about it by then, or -1.
    """

    refund_id: str
    amount_minor: int
    since: datetime
    since_version: int = -1
    state: str = UNSEEN
    key: str | None = None
    automatic: bool = False
    txn_id: str = ""
    sightings: Sightings = field(default=NONE_SEEN, hash=False)
    tries: int = 0
    not_sent: int = 0
    sent_at: datetime | None = None
    sent_version: int = -1
    last_call: LastCall = LastCall.NONE
    refusal: str = ""
    absent_asked: int = -1
    gave_up: bool = False
    doubted: bool = False
    doubted_since: int = -1
    after_failure: bool = False
    settled_over: str = ""
    settled_asked: int = -1
    settled_newest: int = -1
    same_as: str = ""

    @property
    def is_known_as_another(self) -> bool:
        """Whether a person found it to be one under another name, and Juspay has not listed it itself since."""
        return bool(self.same_as) and not self.sightings

    @property
    def references(self) -> Particulars:
        """All that was told for finding it at the bank."""
        told = (seen.said.particulars for seen in self.sightings.values())
        return reduce(Particulars.with_more, told, NO_PARTICULARS)

    @property
    def calls_that_left(self) -> int:
        """Calls that may have reached Juspay."""
        return self.tries - self.not_sent

    @property
    def holds(self) -> bool:
        """Whether its amount is kept back from other refunds."""
        return self.state not in _UNMADE

    @property
    def is_open(self) -> bool:
        """Whether its end is not known yet."""
        return self.state in _UNDECIDED

    @property
    def is_found_done(self) -> bool:
        """Whether only a person's word says that the money was given back."""
        return self.state == SUCCESS and SUCCESS not in self.sightings

    @property
    def denied_by(self) -> str | None:
        """The class of a newer answer that denies the success an older question had proved, if there is one."""
        if self.is_found_done:
            return self.told_since_settled()
        return newest_denial(self.sightings, _DENIALS)

    @property
    def is_as_settled(self) -> bool:
        """Whether a person's verdict stands, and Juspay has told no other word since.

        For a refund found not done, since means newer than what the person went by: an answer may be under way.
        """
        if not self.settled_over or self.is_open:
            return False
        if self.state == SUCCESS:
            return self.told_since_settled() is None
        went_by = (self.settled_newest, _rank(self.settled_over))
        others = self.sightings.keys() - {self.settled_over}
        return all((self.sightings[kind].asked_last, _rank(kind)) <= went_by for kind in others)

    def told_since_settled(self) -> str | None:
        """The newest word that Juspay has told since a person settled it, other than the one it was settled over."""
        since = {
            kind: seen.asked_last for kind, seen in self.sightings.items() if seen.asked_last >= self.settled_asked
        }
        return max(since.keys() - {self.settled_over}, key=lambda kind: (since[kind], kind), default=None)


def _rank(kind: str) -> int:
    """Where a class stands among answers to one question; below all of them what is no class of answer."""
    return CLASSES.index(kind) if kind in CLASSES else -1


def observe(refund: Refund, kind: Refunded, asked: int, said: Said) -> tuple[Refund, Step]:
    """Take one listing of `refund` in an answer, which also answers the call that asked for it.

    Returns:
        The refund afterwards, the same object when nothing is new, and the rule that decided.
    """
    heard = sighted(refund.sightings, kind, asked, said)
    step = _step(refund, heard, kind, freshness(refund.sightings, kind, asked, CLASSES))
    is_answered = refund.key is not None and step.rule.outcome in MOVING
    last_call = LastCall.ANSWERED if is_answered else refund.last_call
    if heard is refund.sightings and (step.to, last_call) == (refund.state, refund.last_call):
        return refund, step
    return evolve(refund, state=step.to, sightings=heard, last_call=last_call), step


def _step(before: Refund, heard: Sightings, kind: str, age: str) -> Step:
    if kind != SUCCESS and before.is_as_settled:
        is_as_settled = evolve(before, sightings=heard).is_as_settled
        if is_as_settled and kind == before.settled_over:
            return Step(HEARD, before.state)
        if not is_as_settled:  # now the newest word counts, even where it repeats the settled one
            kind, age = newest(heard, CLASSES) or kind, NEWER
    return TABLE.step(before.state, f"{kind}/{age}")


def missed(refund: Refund, asked: int, tries_max: int) -> Refund:
    """Take an answer that does not list `refund`; returns the same object when that adds nothing."""
    if refund.state != REQUESTED or not refund.tries or asked <= refund.absent_asked:
        return refund
    knows_last_call = asked >= refund.sent_version
    gave_up = refund.gave_up or (knows_last_call and refund.calls_that_left >= tries_max)
    return evolve(refund, absent_asked=asked, gave_up=gave_up)
