"""A case from its first difference to a person's word, and back."""

from typing import Any

import pytest
from attrs import evolve
from unit.builders import at, rupees

from paystate.core.errors import ValueInvalid
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


@pytest.mark.parametrize("more", [{"by": Requester("")}, {"note": " "}, {"note": "4111 1111 1111 1111"}])
def test_a_word_has_a_name_and_says_something(more: dict[str, Any]) -> None:
    with pytest.raises(ValueInvalid, match="validation_failed"):
        word(**more)
