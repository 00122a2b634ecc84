"""The inputs of the tables, built by age, and what is kept of answers whatever the order they come in."""

from functools import reduce
from itertools import permutations

import pytest

from paystate.core.lifecycle.observations import (
    BOTH,
    NEWER,
    NONE_SEEN,
    OLDER,
    REFERENCES_MAX,
    GatewayReport,
    Observation,
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

CLASSES = ("A", "B", "C")


def seen(**asked: int) -> dict[str, Observation]:
    return {name: Observation(at, at, GatewayReport(name.lower())) for name, at in asked.items()}


def test_an_input_is_a_class_and_an_age() -> None:
    assert ("A/newer", "A/older", "B/newer", "B/older") == answers(["A", "B"], *BOTH)


def test_whatever_its_age_an_input_names_its_class() -> None:
    assert {"A/newer": "A", "A/older": "A"} == named_by(["A"])


def test_a_state_told_again_is_a_cell_of_each_age() -> None:
    assert {("A", "A/newer"), ("A", "A/older"), ("B", "B/newer"), ("B", "B/older")} == repeated(["A", "B"])


def test_a_state_told_as_another_is_a_cell_of_each_other_class() -> None:
    assert {("A", "B/older"), ("A", "C/older"), ("B", "A/older"), ("B", "C/older")} == differing(
        ["A", "B"], CLASSES, OLDER
    )


def test_the_first_answer_is_kept_as_it_came() -> None:
    assert {"A": Observation(3, 3, GatewayReport("a"))} == observed(NONE_SEEN, "A", 3, GatewayReport("a"))


def test_the_oldest_and_the_newest_question_are_kept_with_the_newest_words() -> None:
    known = observed(
        observed(observed(NONE_SEEN, "A", 3, GatewayReport("three")), "A", 1, GatewayReport("one")),
        "A",
        5,
        GatewayReport("five"),
    )
    assert {"A": Observation(1, 5, GatewayReport("five"))} == known
    assert known is observed(known, "A", 4, GatewayReport("four"))


def test_money_once_told_is_not_taken_back_by_a_silence() -> None:
    known = observed(observed(NONE_SEEN, "A", 1, GatewayReport("one", 700)), "A", 2, GatewayReport("two"))
    assert GatewayReport("two", 700) == known["A"].reported


def test_the_newest_class_is_the_one_asked_last_and_the_later_class_wins_a_tie() -> None:
    assert "A" == newest(seen(A=5, B=4), CLASSES)
    assert "B" == newest(seen(A=4, B=4), CLASSES)
    assert newest({}, CLASSES) is None


@pytest.mark.parametrize(
    ("kind", "asked", "age"),
    [("B", 5, NEWER), ("B", 3, OLDER), ("A", 4, OLDER), ("B", 4, OLDER), ("C", 4, NEWER)],
)
def test_an_answer_is_newer_only_if_it_outranks_all_that_were_seen(kind: str, asked: int, age: str) -> None:
    assert age == freshness(seen(B=4), kind, asked, CLASSES)


def test_the_first_answer_of_all_is_newer() -> None:
    assert NEWER == freshness({}, "A", 0, CLASSES)


def test_a_denial_is_an_answer_to_a_newer_question_than_the_one_that_proved() -> None:
    proofs = {"C": ("A", "B")}
    assert newest_denial(seen(A=5), proofs) is None
    assert newest_denial(seen(A=5, C=5), proofs) is None
    assert "A" == newest_denial(seen(A=6, C=5), proofs)


def test_of_two_denials_the_newest_counts_and_of_equal_ones_the_later_name() -> None:
    proofs = {"C": ("A", "B")}
    assert "A" == newest_denial(seen(A=7, B=6, C=5), proofs)
    assert "B" == newest_denial(seen(A=6, B=6, C=5), proofs)


def test_every_reference_that_was_told_is_kept_whatever_the_order() -> None:
    told = [Particulars(rrn="500", arn="a"), Particulars(rrn="900"), Particulars(rrn="300", gateway="900")]
    (kept,) = {reduce(Particulars.with_more, order) for order in permutations((*told, told[0]))}
    assert ("900", ("300", "500", "900", "a")) == (kept.rrn, kept.references)
    assert {"300", "500", "900", "a"} == kept.all_references


def test_references_that_none_corrects_are_kept_once() -> None:
    both = Particulars(rrn="500").with_more(Particulars(arn="a"))
    assert () == both.references
    assert {"500", "a"} == both.all_references


def test_so_many_references_are_kept_and_no_more() -> None:
    told = [Particulars(rrn=f"{number:03}") for number in range(REFERENCES_MAX + 1)]
    for order in (told, told[::-1]):
        kept = reduce(Particulars.with_more, order).references
        assert (REFERENCES_MAX, "001", "032") == (len(kept), kept[0], kept[-1])
