"""Differences as cases: each with both sums, a rule, and what a person has found.

A case is one thing that differs, under one id for ever. A person closes it. It stays closed while its facts are the
same, whatever is imported again. When they change it opens again, and when the difference is gone it is resolved.
"""

from __future__ import annotations

import hashlib
import json
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

    @property
    def revision(self) -> str:
        """16 hex digits that change with what a verdict is about: the facts, the rows, and the verdicts before it.

        A digest and no count: facts that changed and came back are those that were looked at.
        """
        finding = self.finding
        sums = [one and f"{one} {one.currency}" for one in (finding.ours, finding.theirs, *finding.besides)]
        said = (finding.rule, finding.order_id, finding.name, sums, finding.lines, len(self.words))
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]


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


def closed(case: Case, word: CaseWord, seen: str | None = None) -> Case | Refused:
    """The case with a person's word; refused for one that is closed or resolved, or that is not as it was seen.

    Args:
        seen: The revision of the case that the word is about; None where nobody says.
    """
    if case.state is not CaseState.OPEN:
        return Refused(code="case_not_open", rule=rules.NOT_OPEN, looked_at=(("state", case.state),))
    if seen not in (None, case.revision):
        return Refused(code="case_changed", rule=rules.CHANGED, looked_at=(("revision", case.revision),))
    return evolve(case, state=CaseState.CLOSED, changed_at=word.at, words=(*case.words, word))
