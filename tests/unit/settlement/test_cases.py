"""A case from its first difference to a person's word, and back."""

from typing import Any

import pytest
from attrs import evolve
from unit.builders import at, rupees

from paystate.core.errors import ValueInvalid
from paystate.core.money import Money
from paystate.core.orders.facts import Refused
from paystate.core.requester import Requester
from paystate.core.settlement.cases import Case, CaseState, CaseVerdict, CaseWord, closed, judged
from paystate.core.settlement.matching import Finding
from paystate.core.settlement.rows import RowKind

MISSING = Finding(
    case_id="case_1", rule="B2", kind=RowKind.PAYMENT, order_id="A1", name="t1", ours=rupees(100), theirs=None
)
MATCHED = evolve(MISSING, rule="B1", theirs=rupees(100))
LESS = evolve(MISSING, rule="B6", theirs=rupees(90))


def word(**more: Any) -> CaseWord:
    values: dict[str, Any] = {
        "verdict": CaseVerdict.EXPLAINED, "by": Requester("Meera"), "note": "comes tomorrow", "at": at(1)
    }  # fmt: skip
    return CaseWord(**(values | more))


def opened() -> Case:
    case = judged(None, MISSING, at(0))
    assert case is not None
    return case


def closing(case: Case) -> Case:
    after = closed(case, word())
    assert isinstance(after, Case)
    return after


def test_a_difference_opens_a_case_and_agreement_opens_none() -> None:
    assert ("case_1", CaseState.OPEN, at(0)) == (opened().id, opened().state, opened().opened_at)
    assert None is judged(None, MATCHED, at(0))


def test_a_closed_case_stays_closed_while_its_facts_are_the_same() -> None:
    case = closing(opened())
    assert (CaseState.CLOSED, (word(),)) == (case.state, case.words)
    assert case is judged(case, MISSING, at(2))


def test_it_opens_again_when_its_facts_change_and_keeps_the_words() -> None:
    again = judged(closing(opened()), LESS, at(2))
    assert again is not None
    assert (CaseState.OPEN, LESS, at(0), at(2), (word(),)) == (
        again.state, again.finding, again.opened_at, again.changed_at, again.words
    )  # fmt: skip


def test_it_is_resolved_when_both_sides_agree_and_opens_when_they_no_longer_do() -> None:
    resolved = judged(opened(), MATCHED, at(2))
    assert resolved is not None
    assert CaseState.RESOLVED is resolved.state
    assert resolved is judged(resolved, MATCHED, at(3))
    again = judged(resolved, MISSING, at(4))
    assert again is not None
    assert CaseState.OPEN is again.state


def test_only_an_open_case_is_closed() -> None:
    refused = closed(closing(opened()), word())
    assert isinstance(refused, Refused)
    assert ("case_not_open", "B11", (("state", "closed"),)) == (refused.code, refused.rule.id, refused.facts)


@pytest.mark.parametrize(
    "change",
    [
        {"theirs": None},
        {"theirs": rupees(80)},
        {"theirs": Money(90, "USD")},
        {"ours": rupees(110)},
        {"besides": (rupees(5),)},
        {"lines": ("S1, line 2",)},
        {"rule": "B7"},
        {"order_id": "A2"},
        {"name": "t2"},
    ],
    ids=str,
)
def test_a_case_is_closed_only_as_it_was_seen(change: dict[str, Any]) -> None:
    seen = evolve(opened(), finding=LESS)
    now = evolve(seen, finding=evolve(LESS, **change))
    refused = closed(now, word(), seen.revision)
    assert isinstance(refused, Refused)
    assert ("case_changed", "B12", (("revision", now.revision),)) == (refused.code, refused.rule.id, refused.facts)
    assert isinstance(closed(now, word(), now.revision), Case)


def test_the_word_of_another_person_is_something_that_was_not_seen() -> None:
    seen, other = opened(), judged(closing(opened()), LESS, at(2))
    assert other is not None
    again = judged(other, MISSING, at(3))
    assert again is not None
    assert seen.finding == again.finding
    assert isinstance(closed(again, word(), seen.revision), Refused)


def test_facts_that_changed_and_came_back_are_those_that_were_seen() -> None:
    other = judged(opened(), LESS, at(2))
    again = judged(other, MISSING, at(3))
    assert again is not None
    assert opened().revision == again.revision


@pytest.mark.parametrize("more", [{"by": Requester("")}, {"note": " "}, {"note": "4111 1111 1111 1111"}])
def test_a_word_has_a_name_and_says_something(more: dict[str, Any]) -> None:
    with pytest.raises(ValueInvalid, match="validation_failed"):
        word(**more)
