"""A refund: one reservation of captured money, one id, for ever. Its table and its record are here.

Every state but FAILURE and REJECTED reserves the amount. `paystate.core.orders.commands.refund_commands` compares
amounts with the order's money.
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
    GatewayReport,
    Observations,
    Particulars,
    answers,
    differing,
    freshness,
    named_by,
    newest,
    newest_denial,
    observed,
    repeated,
)
from paystate.core.lifecycle.statuses import Refunded
from paystate.core.lifecycle.table import MOVING, NAMED, Mark, Outcome, Rule, Step, Table, cells


class RefundState(StrEnum):
    """States of a refund: asked for, refused, or what Juspay's answers are taken to say of it."""

    UNSEEN = "UNSEEN"
    REQUESTED = "REQUESTED"
    REJECTED = "REJECTED"
    UNKNOWN = "UNKNOWN"
    PENDING = "PENDING"
    MANUAL_REVIEW = "MANUAL_REVIEW"
    FAILURE = "FAILURE"
    SUCCESS = "SUCCESS"


_S = RefundState
CLASSES: Final = tuple(str(kind) for kind in Refunded)
OPEN: Final = (_S.UNKNOWN, _S.PENDING, _S.MANUAL_REVIEW)
SOFT: Final = (*OPEN, _S.FAILURE)
SETTLEABLE: Final = (_S.REQUESTED, _S.UNKNOWN, _S.MANUAL_REVIEW)
"""States that a person can end."""
_UNMADE: Final = (_S.FAILURE, _S.REJECTED)
_UNDECIDED: Final = (_S.REQUESTED, *OPEN)
_DENIALS: Final[dict[str, tuple[str, ...]]] = {_S.SUCCESS: SOFT}
REQUEST: Final = "request"
REJECTED_BY_GATEWAY: Final = "refused by Juspay"
GIVEN_UP: Final = "given up unsent"
DONE: Final = "settled as done"
NOT_DONE: Final = "settled as not done"


_D, _I, _O = Mark.DOCUMENTED, Mark.INFERRED, Mark.OURS

RULES: Final = (
    Rule("R1", Outcome.MOVES, cells([_S.UNSEEN], [REQUEST]), to=_S.REQUESTED, ref="H.1", mark=_O,
         message="The refund is reserved and stored before anything is sent."),
    Rule("R2", Outcome.ALREADY, cells([_S.REQUESTED, _S.REJECTED, *SOFT, _S.SUCCESS], [REQUEST]), ref="H.5", mark=_O,
         message="This key already has a refund, and the same refund is returned."),
    Rule("R3", Outcome.MOVES, cells([_S.UNSEEN], answers(CLASSES, *BOTH)), to=NAMED, ref="H.3", mark=_D,
         message="Juspay lists a refund that was made elsewhere; it counts against the order like one of ours."),
    Rule("R4", Outcome.MOVES, cells([_S.REQUESTED], answers(CLASSES, *BOTH)), to=NAMED, ref="H.4", mark=_D,
         message="Juspay lists our refund."),
    Rule("R5", Outcome.CORRECTED, cells([_S.REJECTED], answers(CLASSES, *BOTH)), to=NAMED, ref="H.5", mark=_I,
         message="Juspay refused the refund but now lists it. The list decides."),
    Rule("R6", Outcome.ALREADY, repeated((*SOFT, _S.SUCCESS)), ref="H.4", mark=_D,
         message="Juspay repeats its earlier answer."),
    Rule("R7", Outcome.MOVES, differing(OPEN, SOFT, NEWER), to=NAMED, ref="H.4", mark=_D,
         message="The refund is not settled, so the newest answer wins."),
    Rule("R8", Outcome.CORRECTED, differing([_S.FAILURE], SOFT, NEWER), to=NAMED, ref="H.4", mark=_I,
         message="The refund had failed; a newer answer takes that back."),
    Rule("R9", Outcome.STALE, differing(SOFT, SOFT, OLDER), ref="H.4", mark=_O,
         message="The answer belongs to an older question; a newer one was answered already."),
    Rule("R10", Outcome.MOVES, cells(OPEN, answers([_S.SUCCESS], *BOTH)), to=_S.SUCCESS, ref="H.4", mark=_D,
         message="Juspay has given the money back."),
    Rule("R11", Outcome.CORRECTED, cells([_S.FAILURE], answers([_S.SUCCESS], *BOTH)), to=_S.SUCCESS, ref="H.4", mark=_I,
         message="The refund had failed, but the money was given back after all."),
    Rule("R12", Outcome.STALE, differing([_S.SUCCESS], SOFT, OLDER), ref="H.4", mark=_O,
         message="The money was given back; an older answer that knows less changes nothing."),
    Rule("R13", Outcome.CONTRADICTS, differing([_S.SUCCESS], SOFT, NEWER), ref="H.4", mark=_O,
         message="The money was given back, but a newer answer denies it. The refund stands, and a person must look."),
    Rule("R14", Outcome.MOVES, cells([_S.REQUESTED], [REJECTED_BY_GATEWAY]), to=_S.REJECTED, ref="H.5", mark=_D,
         message="Juspay refused the only call that can have reached it, so the refund will never be made."),
    Rule("R15", Outcome.STALE, cells([*SOFT, _S.SUCCESS], [REJECTED_BY_GATEWAY]), ref="H.5", mark=_O,
         message="Juspay lists the refund, and that outweighs a refused call."),
    Rule("R16", Outcome.ALREADY, cells([_S.REJECTED], [REJECTED_BY_GATEWAY]), ref="H.5", mark=_O,
         message="The refund was already refused."),
    Rule("R17", Outcome.MOVES, cells(SETTLEABLE, [DONE]), to=_S.SUCCESS, ref="H.4", mark=_O,
         message="A person found that the money was given back."),
    Rule("R18", Outcome.MOVES, cells(SETTLEABLE, [NOT_DONE]), to=_S.FAILURE, ref="H.4",
         mark=_O, message="A person found that the money was not given back; it may be refunded under a new key."),
    Rule("R19", Outcome.ALREADY, cells([_S.SUCCESS], [DONE]) | cells([_S.FAILURE, _S.REJECTED], [NOT_DONE]),
         ref="H.4", mark=_O,
         message="The refund already ended this way."),
    Rule("R20", Outcome.REFUSED, cells([_S.SUCCESS], [NOT_DONE]) | cells([_S.FAILURE, _S.REJECTED], [DONE]),
         ref="H.4", mark=_O,
         message="The refund ended in another way than this verdict says. Only Juspay's answer can correct that."),
    Rule("R21", Outcome.REFUSED, cells([_S.PENDING], [DONE, NOT_DONE]), ref="H.4", mark=_O,
         message="Juspay is still working on the refund; there is nothing to settle."),
    Rule("R22", Outcome.REFUSED, cells([_S.UNSEEN], [REJECTED_BY_GATEWAY, GIVEN_UP, DONE, NOT_DONE]), ref="-", mark=_O,
         message="There is no such refund."),
    Rule("R23", Outcome.MOVES, cells([_S.REQUESTED], [GIVEN_UP]), to=_S.REJECTED, ref="H.5", mark=_O,
         message="Too little money is left for the refund and no call has reached Juspay, so it is given up."),
    Rule("R24", Outcome.STALE, cells([_S.REJECTED, *SOFT, _S.SUCCESS], [GIVEN_UP]), ref="H.5", mark=_O,
         message="The refund has ended, or Juspay has it, so it is not given up."),
)  # fmt: skip

TABLE: Final = Table(
    "refund",
    states=RefundState,
    inputs=(*answers(CLASSES, *BOTH), REQUEST, REJECTED_BY_GATEWAY, GIVEN_UP, DONE, NOT_DONE),
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
        last_unlisted_at_version: Newest question whose answer did not list this refund, or -1.
        tries_exhausted: The policy's last try was spent without a usable answer; a person must find out.
        doubted: It was asked for while the order's record may have forgotten a refund.
        doubted_since: The version at which that was said, or -1.
        after_failure: It was asked for when a refund of Juspay's own was known to have failed.
        settled_from_state: The state over which a person settled it, or `""`.
        settled_asked: Order's version after that verdict, or -1; answers asked at or after it are news.
        settled_newest: Newest question that Juspay had answered about it by then, or -1.
    """

    refund_id: str
    amount_minor: int
    since: datetime
    since_version: int = -1
    state: RefundState = RefundState.UNSEEN
    key: str | None = None
    automatic: bool = False
    txn_id: str = ""
    observations: Observations = field(default=NONE_SEEN, hash=False)
    tries: int = 0
    not_sent: int = 0
    sent_at: datetime | None = None
    sent_version: int = -1
    last_call: LastCall = LastCall.NONE
    refusal: str = ""
    last_unlisted_at_version: int = -1
    tries_exhausted: bool = False
    doubted: bool = False
    doubted_since: int = -1
    after_failure: bool = False
    settled_from_state: str = ""
    settled_asked: int = -1
    settled_newest: int = -1
    same_as: str = ""

    @property
    def is_ours(self) -> bool:
        """Whether it was asked for here, and not made elsewhere."""
        return self.key is not None

    @property
    def is_known_as_another(self) -> bool:
        """Whether a person found it to be one under another name, and Juspay has not listed it itself since."""
        return bool(self.same_as) and not self.observations

    @property
    def references(self) -> Particulars:
        """All that was told for finding it at the bank."""
        told = (seen.reported.particulars for seen in self.observations.values())
        return reduce(Particulars.with_more, told, NO_PARTICULARS)

    @property
    def calls_that_left(self) -> int:
        """Calls that may have reached Juspay."""
        return self.tries - self.not_sent

    @property
    def reserves_amount(self) -> bool:
        """Whether its amount is kept back from other refunds."""
        return self.state not in _UNMADE

    @property
    def is_open(self) -> bool:
        """Whether its end is not known yet."""
        return self.state in _UNDECIDED

    @property
    def is_found_done(self) -> bool:
        """Whether only a person's word says that the money was given back."""
        return self.state == _S.SUCCESS and _S.SUCCESS not in self.observations

    @property
    def last_listed_at_version(self) -> int:
        """Newest question whose answer listed this refund, or -1."""
        return max((seen.asked_last for seen in self.observations.values()), default=-1)

    @property
    def denied_by(self) -> str | None:
        """The class of a newer answer that denies the success an older question had proved, if there is one."""
        if self.is_found_done:
            return self.told_since_settled()
        return newest_denial(self.observations, _DENIALS)

    @property
    def is_as_settled(self) -> bool:
        """Whether a person's verdict stands, and Juspay has told no other word since.

        For a refund found not done, since means newer than what the person went by: an answer may be under way.
        """
        if not self.settled_from_state or self.is_open:
            return False
        if self.state == _S.SUCCESS:
            return self.told_since_settled() is None
        went_by = (self.settled_newest, _rank(self.settled_from_state))
        others = self.observations.keys() - {self.settled_from_state}
        return all((self.observations[kind].asked_last, _rank(kind)) <= went_by for kind in others)

    def told_since_settled(self) -> str | None:
        """The newest word that Juspay has told since a person settled it, other than the one it was settled over."""
        since = {
            kind: seen.asked_last for kind, seen in self.observations.items() if seen.asked_last >= self.settled_asked
        }
        return max(since.keys() - {self.settled_from_state}, key=lambda kind: (since[kind], kind), default=None)


def _rank(kind: str) -> int:
    """Where a class stands among answers to one question; below all of them what is no class of answer."""
    return CLASSES.index(kind) if kind in CLASSES else -1


def observe(refund: Refund, kind: Refunded, asked: int, reported: GatewayReport) -> tuple[Refund, Step[RefundState]]:
    """Take one listing of `refund` in an answer, which also answers the call that asked for it.

    Returns:
        The refund afterwards, the same object when nothing is new, and the rule that decided.
    """
    heard = observed(refund.observations, kind, asked, reported)
    step = _step(refund, heard, kind, freshness(refund.observations, kind, asked, CLASSES))
    is_answered = refund.is_ours and step.rule.outcome in MOVING
    last_call = LastCall.ANSWERED if is_answered else refund.last_call
    if heard is refund.observations and (step.to, last_call) == (refund.state, refund.last_call):
        return refund, step
    return evolve(refund, state=step.to, observations=heard, last_call=last_call), step


def _step(before: Refund, heard: Observations, kind: str, age: str) -> Step[RefundState]:
    if kind != _S.SUCCESS and before.is_as_settled:
        is_as_settled = evolve(before, observations=heard).is_as_settled
        if is_as_settled and kind == before.settled_from_state:
            return Step(HEARD, before.state)
        if not is_as_settled:  # now the newest word counts, even where it repeats the settled one
            kind, age = newest(heard, CLASSES) or kind, NEWER
    return TABLE.step(before.state, f"{kind}/{age}")


def not_listed(refund: Refund, asked: int, tries_max: int) -> Refund:
    """Take an answer that does not list `refund`; returns the same object when that adds nothing."""
    if refund.state != _S.REQUESTED or not refund.tries or asked <= refund.last_unlisted_at_version:
        return refund
    knows_last_call = asked >= refund.sent_version
    tries_exhausted = refund.tries_exhausted or (knows_last_call and refund.calls_that_left >= tries_max)
    return evolve(refund, last_unlisted_at_version=asked, tries_exhausted=tries_exhausted)
