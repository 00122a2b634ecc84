"""What the gateway has reported about one thing, kept so that the order of arrival does not matter.

Each class of answer has one observation: the oldest and the newest question with that answer. Merging is a minimum and
a maximum. `paystate.core.orders.answers` explains why, with an example.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from attrs import astuple, evolve, field, frozen

from paystate.core.lifecycle.table import Cell, cells

NEWER: Final = "newer"
OLDER: Final = "older"
BOTH: Final = (NEWER, OLDER)


def answers(kinds: Iterable[str], *ages: str) -> tuple[str, ...]:
    """Input classes of a table that takes answers: each class with each age, such as `CHARGED/newer`."""
    return tuple(f"{kind}/{age}" for kind in kinds for age in ages)


def named_by(kinds: Iterable[str]) -> dict[str, str]:
    """The state that each input class names: the class itself, whatever the age."""
    return {f"{kind}/{age}": kind for kind in kinds for age in BOTH}


def repeated(states: Iterable[str]) -> frozenset[Cell]:
    """Cells in which a state is told again."""
    return frozenset(cell for state in states for cell in cells([state], answers([state], *BOTH)))


def differing(states: Iterable[str], kinds: Sequence[str], *ages: str) -> frozenset[Cell]:
    """Cells in which a state is told as one of the *other* classes out of `kinds`."""
    return frozenset(
        (state, told) for state in states for kind in kinds if kind != state for told in answers([kind], *ages)
    )


UNTOLD: Final = -1
"""An amount that no answer has told; 0 is an amount."""


REFERENCES_MAX: Final = 32
"""References that are remembered of one class of answer; of more, those that sort last."""


@frozen(order=True)
class Particulars:
    """What one answer tells and another leaves out; once told it stays, so two are merged field by field.

    Attributes:
        paid_minor: What the shopper paid, or `UNTOLD`.
        price_minor: The order's price in that answer, or `UNTOLD`.
        done_minor: Of a refund that is not done whole, the shares that are.
        discount_minor: What an offer took off.
        surcharge_minor: What was put on.
        together_minor: Of a leg of a partial capture: what was captured of all legs together, or `UNTOLD`.
        txn_uuid: Juspay's name for a transaction whose held money is to be captured or released.
        gateway, arn, rrn: References that a bank asks for.
        processed_at: When the gateway carried it out, as ISO text.
        references: Every reference that was told, sorted, where they are more than the three above: one that another
            answer corrects is still looked for. Empty otherwise.
    """

    paid_minor: int = UNTOLD
    price_minor: int = UNTOLD
    done_minor: int = 0
    discount_minor: int = 0
    surcharge_minor: int = 0
    txn_uuid: str = ""
    gateway: str = ""
    arn: str = ""
    rrn: str = ""
    processed_at: str = ""
    together_minor: int = UNTOLD
    references: tuple[str, ...] = ()

    @property
    def all_references(self) -> frozenset[str]:
        """Whatever a bank or a gateway was told to call it."""
        return frozenset(filter(None, (self.gateway, self.arn, self.rrn, *self.references)))

    def with_more(self, other: Particulars) -> Particulars:
        """Both together, in whatever order they came: the larger of two amounts, the later of two texts."""
        if self == other:
            return self
        both = Particulars(*map(max, astuple(self, recurse=False), astuple(other, recurse=False)))
        told = sorted(self.all_references | other.all_references)[-REFERENCES_MAX:]
        are_three = {both.gateway, both.arn, both.rrn}.issuperset(told)
        return evolve(both, references=() if are_three else tuple(told))


NO_PARTICULARS: Final = Particulars()


@frozen(order=True)
class GatewayReport:
    """The gateway's own words beside a class.

    Attributes:
        status_word: Its status word, verbatim.
        amount_minor: Money the words speak of, where they do (a partial capture, a refund); else 0.
        method: Payment method, such as `UPI` or `VISA`.
        note: The bank's or gateway's message, or a reference number.
        dated: The answer's own HTTP date as an ISO text, or `""`.
        particulars: What else was told; a later silence takes none of it back.
    """

    status_word: str
    amount_minor: int = 0
    method: str = ""
    note: str = ""
    dated: str = ""
    particulars: Particulars = field(default=NO_PARTICULARS)


@frozen
class Observation:
    """When a class of answer was seen, counted in questions, and the newest words with it."""

    asked_first: int
    asked_last: int
    reported: GatewayReport


Observations = Mapping[str, Observation]
NONE_SEEN: Final[Observations] = {}


def observed(observations: Observations, input_class: str, asked: int, reported: GatewayReport) -> Observations:
    """Merge one answer; returns the same object when it adds nothing."""
    before = observations.get(input_class)
    if before is None:
        return {**observations, input_class: Observation(asked, asked, reported)}
    most = max(before.reported.amount_minor, reported.amount_minor)  # money once told is never taken back by a silence
    all_told = before.reported.particulars.with_more(reported.particulars)
    last, words = max(
        (before.asked_last, _with(before.reported, most, all_told)), (asked, _with(reported, most, all_told))
    )
    first = min(before.asked_first, asked)
    if (first, last, words) == (before.asked_first, before.asked_last, before.reported):
        return observations
    return {**observations, input_class: Observation(first, last, words)}


def _with(reported: GatewayReport, amount_minor: int, particulars: Particulars) -> GatewayReport:
    if (reported.amount_minor, reported.particulars) == (amount_minor, particulars):
        return reported
    return evolve(reported, amount_minor=amount_minor, particulars=particulars)


def newest(observations: Observations, classes: Sequence[str]) -> str | None:
    """Which one of `classes` was answered last, a later one winning a tie; None when none of them was seen."""
    told = [name for name in observations if name in classes]
    return max(told, key=lambda name: (observations[name].asked_last, classes.index(name)), default=None)


def freshness(observations: Observations, input_class: str, asked: int, classes: Sequence[str]) -> str:
    """`NEWER` if this answer outranks every answer seen so far, else `OLDER`."""
    ours = (asked, classes.index(input_class))
    is_newest = all(ours > (seen.asked_last, classes.index(kind)) for kind, seen in observations.items())
    return NEWER if is_newest else OLDER


def newest_denial(observations: Observations, proofs: Mapping[str, Sequence[str]]) -> str | None:
    """The class of the newest answer that says less than an older question had proved, if there is one.

    Args:
        proofs: Classes that prove something for good, each with the classes that would deny it.
    """
    if len(observations) < 2:
        return None
    denials = {
        less: told.asked_last
        for proof, proved in observations.items()
        for less, told in observations.items()
        if told.asked_last > proved.asked_first and less in proofs.get(proof, ())
    }
    return max(denials, key=lambda less: (denials[less], less), default=None)
