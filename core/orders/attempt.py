"""An attempt: one try to pay an order (a transaction at Juspay). Its table and its observations are here.

Money not yet proved is soft, and there the newest answer wins. Money once proved is hard and only ever goes forward,
even if the answer that proves it is older.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from attrs import field, frozen

from paystate.core.lifecycle.observations import (
    BOTH,
    NEWER,
    NONE_SEEN,
    OLDER,
    GatewayReport,
    Observations,
    answers,
    differing,
    freshness,
    named_by,
    newest_denial,
    observed,
    repeated,
)
from paystate.core.lifecycle.statuses import Paid
from paystate.core.lifecycle.table import NAMED, Cell, Mark, Outcome, Rule, Step, Table, cells

UNNAMED: Final = ""
"""Name of the attempt that must exist because the order is paid, while the answer names none that took the money."""


class AttemptState(StrEnum):
    """States of an attempt: what Juspay's answers are taken to say of it."""

    UNSEEN = "UNSEEN"
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


_S = AttemptState
CLASSES: Final = tuple(str(kind) for kind in Paid)
SOFT: Final[tuple[str, ...]] = (_S.NEW, _S.UNKNOWN, _S.PENDING, _S.FAILED, _S.COD, _S.VOIDED, _S.HELD)
HARD: Final[tuple[str, ...]] = (_S.PARTIAL, _S.CHARGED, _S.AUTO_REFUNDED)
"""In the order in which money moves within one attempt."""
SHOWS_MONEY: Final[tuple[str, ...]] = (*HARD, _S.HELD)
"""Money is taken, or held to be taken."""
LIVE: Final[tuple[str, ...]] = (_S.NEW, _S.UNKNOWN, _S.PENDING, _S.COD, _S.HELD)
OVER: Final[tuple[str, ...]] = (_S.FAILED, _S.VOIDED)
MAY_TAKE_MONEY: Final[tuple[str, ...]] = (_S.HELD, _S.PENDING, _S.UNKNOWN)
"""States in which money may still be taken."""
_DENIALS: Final[dict[str, tuple[str, ...]]] = {proof: (*SOFT, *HARD[:rank]) for rank, proof in enumerate(HARD)}


def _ranked(upwards: bool, *ages: str) -> frozenset[Cell]:
    """Hard states with the hard classes above (or below) them."""
    above_or_below = ((state, HARD[i + 1 :] if upwards else HARD[:i]) for i, state in enumerate(HARD))
    return frozenset(cell for state, others in above_or_below for cell in differing([state], others, *ages))


_D, _I, _O = Mark.DOCUMENTED, Mark.INFERRED, Mark.OURS

RULES: Final = (
    Rule("A1", Outcome.MOVES, cells([_S.UNSEEN], answers(SOFT, *BOTH)), to=NAMED, ref="G.1", mark=_D,
         message="Juspay reports an attempt that we had not seen."),
    Rule("A2", Outcome.MOVES, cells([_S.UNSEEN], answers(HARD, *BOTH)), to=NAMED, ref="G.2", mark=_D,
         message="Juspay reports an attempt that took money, and the order's ids and amount match ours."),
    Rule("A3", Outcome.ALREADY, repeated(SOFT), ref="F.3", mark=_D,
         message="Juspay repeats its earlier answer, or says the same in another word."),
    Rule("A4", Outcome.MOVES, differing(LIVE, SOFT, NEWER), to=NAMED, ref="G.2", mark=_D,
         message="No money is proved yet, so the newest answer wins."),
    Rule("A5", Outcome.CORRECTED, differing(OVER, SOFT, NEWER), to=NAMED, ref="G.2", mark=_I,
         message="The attempt had ended without money; a newer answer takes that back."),
    Rule("A6", Outcome.STALE, differing(SOFT, SOFT, OLDER), ref="F.3", mark=_O,
         message="The answer belongs to an older question; a newer one was answered already."),
    Rule("A7", Outcome.MOVES, cells(LIVE, answers(HARD, *BOTH)), to=NAMED, ref="G.2", mark=_D,
         message="Juspay reports money taken, and ids and amount match ours. An older answer would prove it too."),
    Rule("A8", Outcome.CORRECTED, cells(OVER, answers(HARD, *BOTH)), to=NAMED, ref="G.2", mark=_D,
         message="The attempt had ended without money, but the money came after all."),
    Rule("A9", Outcome.ALREADY, repeated(HARD), ref="F.3", mark=_D,
         message="The money is already proved; nothing changes."),
    Rule("A10", Outcome.MOVES, _ranked(True, *BOTH), to=NAMED, ref="G.1", mark=_D,
         message="The proved money changed: the rest was captured, or Juspay refunded the attempt by itself."),
    Rule("A11", Outcome.STALE, _ranked(False, OLDER) | differing(HARD, SOFT, OLDER), ref="F.3", mark=_O,
         message="Money was proved; an older answer that knows less changes nothing."),
    Rule("A12", Outcome.CONTRADICTS, _ranked(False, NEWER) | differing(HARD, SOFT, NEWER), ref="G.2", mark=_O,
         message="Money was proved, but a newer answer denies it. The money stands, and a person must look."),
)  # fmt: skip

TABLE: Final = Table(
    "attempt",
    states=AttemptState,
    inputs=answers(CLASSES, *BOTH),
    rules=RULES,
    names=named_by(CLASSES),
)


@frozen
class Attempt:
    """One attempt as far as we know it.

    Attributes:
        txn_id: Juspay's id of the transaction, or `UNNAMED`.
        state: A state of `TABLE`.
        observations: What was said about it, by class.
        leg: It was listed as one of several transactions that pay together.
        held_since: The earliest date of an answer that told its money to be held, as ISO text, or `""`.
    """

    txn_id: str
    state: AttemptState = AttemptState.UNSEEN
    observations: Observations = field(default=NONE_SEEN, hash=False)
    leg: bool = False
    held_since: str = ""

    @property
    def reported(self) -> GatewayReport:
        """Juspay's newest words for the state we hold."""
        return self.observations[self.state].reported

    @property
    def payment(self) -> str:
        """What tells one payment from another: legs of one try to pay are one, `X` of `X-1` (gateway contract, O.3)."""
        return (self.txn_id.rpartition("-")[0] if self.leg else "") or self.txn_id

    @property
    def has_ended(self) -> bool:
        """Whether an answer has told how it ended."""
        return self.state in OVER or self.state in HARD

    @property
    def denied_by(self) -> str | None:
        """The class of a newer answer that denies the money an older question had proved, if there is one."""
        return newest_denial(self.observations, _DENIALS)


def observe(
    attempt: Attempt, kind: Paid, asked: int, reported: GatewayReport, *, leg: bool = False, dated: str = ""
) -> tuple[Attempt, Step[AttemptState]]:
    """Take one answer about `attempt`.

    Args:
        dated: The answer's own date, as ISO text, or `""`.

    Returns:
        The attempt afterwards, the same object when nothing is new, and the rule that decided.
    """
    age = freshness(attempt.observations, kind, asked, CLASSES)
    step = TABLE.step(attempt.state, f"{kind}/{age}")
    heard = observed(attempt.observations, kind, asked, reported)
    is_leg = attempt.leg or leg
    held_since = min(filter(None, (attempt.held_since, dated)), default="") if kind is Paid.HELD else attempt.held_since
    known = (attempt.state, attempt.leg, attempt.held_since)
    if heard is attempt.observations and (step.to, is_leg, held_since) == known:
        return attempt, step
    return Attempt(attempt.txn_id, step.to, heard, is_leg, held_since), step
