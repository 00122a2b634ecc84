"""Differences as cases: each with both sums, a rule, and what a person has found.

A case is one thing that differs, under one id for ever. A person closes it. It stays closed while its facts are the
same, whatever is imported again. When they change it opens again, and when the difference is gone it is resolved.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from attrs import evolve, field, frozen

from paystate.core.orders.facts import Refused
from paystate.core.requester import Requester, names_a_person
from paystate.core.settlement import rules
from paystate.core.settlement.matching import Finding
from paystate.core.text import NOTE_MAX, says_something


class CaseState(StrEnum):
    """Where a case stands."""

    OPEN = "open"
    """A person must look."""
    CLOSED = "closed"
    """A person has found why."""
    RESOLVED = "resolved"
    """The two sides agree by now."""


class CaseVerdict(StrEnum):
    """What a person found."""

    EXPLAINED = "explained"
    """The difference is right, and nobody owes anything."""
    CORRECTED = "corrected"
    """The bank or the gateway has put it right, or will by its own word."""
    WRITTEN_OFF = "written_off"
    """It is wrong, and is left so."""


@frozen(kw_only=True)
class CaseWord:
    """A verdict in a person's name."""

    verdict: CaseVerdict
    by: Requester = field(validator=names_a_person)
    note: str = field(validator=says_something(NOTE_MAX))
    at: datetime


@frozen(kw_only=True)
class Case:
    """A difference.

    Attributes:
        finding: What it is now; of a resolved case, how the two sides agree.
        changed_at: When its facts or its state changed last.
        words: All verdicts, the oldest first; each was about the facts of its time.
    """

    finding: Finding
    state: CaseState
    opened_at: datetime
    changed_at: datetime
    words: tuple[CaseWord, ...] = ()

    @property
    def id(self) -> str:
        """Its id."""
        return self.finding.case_id


def judged(case: Case | None, finding: Finding, at: datetime) -> Case | None:
    """The case after a finding: the same object where nothing changes, None where there is no case."""
    if not finding.is_difference:
        if case is None or case.state is CaseState.RESOLVED:
            return case
        return evolve(case, finding=finding, state=CaseState.RESOLVED, changed_at=at)
    if case is None:
        return Case(finding=finding, state=CaseState.OPEN, opened_at=at, changed_at=at)
    if case.finding.facts == finding.facts:
        return case
    return evolve(case, finding=finding, state=CaseState.OPEN, changed_at=at)


def closed(case: Case, word: CaseWord) -> Case | Refused:
    """The case with a person's word; refused for one that is closed or resolved."""
    if case.state is not CaseState.OPEN:
        return Refused(code="case_not_open", rule=rules.NOT_OPEN, looked_at=(("state", case.state),))
    return evolve(case, state=CaseState.CLOSED, changed_at=word.at, words=(*case.words, word))
