"""The search itself, in a toy world: a lift of four floors that a wish moves up or down."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from attrs import evolve

from paystate.core.evidence import Answer, Evidence, NotFound, Trust
from paystate.core.lifecycle.guards import NOT_OPEN
from paystate.core.lifecycle.table import Mark, Outcome, Rule, Table
from paystate.core.orders.facts import Decision, Fact, FactKind, Refused
from paystate.entrypoints.verification.search import Asked, Law, Offer, Tried, World, explore, noting_cells

NOW = datetime(2026, 1, 1, tzinfo=UTC)
TOP = 3


def offer(message: str, what: Any, by: Trust = Trust.OPERATOR) -> Offer:
    return Offer(message=message, what=what, now=NOW, by=by)


UP, DOWN = offer("Up.", 1), offer("Down.", -1)


def moved(floor: int, wish: Offer) -> Decision[int, Any] | Refused:
    if not 0 <= floor + wish.what <= TOP:
        return Refused(code="no_floor", rule=NOT_OPEN)
    return Decision(outcome=Outcome.MOVES, fact=None, after=floor + wish.what)


LIFT: World[int] = World(
    name="a lift",
    bounds="Four floors.",
    starts=lambda: (0,),
    offers=lambda _: (UP, DOWN),
    decide=moved,
    key=lambda floor: floor,
    tell=lambda floor: f"floor {floor}",
    laws=(),
    known=lambda floor: floor,
    is_open=lambda floor: floor > 0,
    representative=lambda floor: floor,
)


def law(broken: Callable[[Tried[int]], str | None]) -> Law[int]:
    return Law("L", "The lift keeps off.", broken)


def stories(world: World[Any], *, stop_early: bool = False) -> list[list[str]]:
    return [[*broken.story()] for broken in explore(world, (), stop_early=stop_early).broken]


def test_every_state_is_found_once_and_every_input_is_tried_in_it() -> None:
    found = explore(LIFT, ())
    assert (4, 8, frozenset({"G10"}), ()) == (found.states, found.steps, found.rules, found.broken)
    assert ("a lift", "Four floors.", {}) == (found.name, found.bounds, found.asked)


def test_a_fault_in_one_input_leaves_the_others_to_be_tried() -> None:
    def no_way_up(floor: int, wish: Offer) -> Decision[int, Any] | Refused:
        if wish is UP:
            raise LookupError("no such floor")
        return moved(floor, wish)

    assert 6 == explore(evolve(LIFT, starts=lambda: (2,), decide=no_way_up), ()).steps


def test_the_rules_of_what_was_written_down_are_noted() -> None:
    def noted(floor: int, wish: Offer) -> Decision[int, Any] | Refused:
        fact = Fact(at=NOW, kind=FactKind.SETTLED, trust=Trust.OPERATOR, outcome=Outcome.MOVES, rules=("X1", "X2"))
        result = moved(floor, wish)
        return result if isinstance(result, Refused) else evolve(result, fact=fact)

    assert {"G10", "X1", "X2"} == explore(evolve(LIFT, decide=noted), ()).rules


def test_a_bound_on_steps_leaves_out_what_is_further() -> None:
    found = explore(evolve(LIFT, steps_max=2), ())
    assert (3, 4) == (found.states, found.steps)


def test_states_that_look_alike_count_as_one() -> None:
    assert 2 == explore(evolve(LIFT, representative=lambda floor: floor % 2), ()).states


def test_a_broken_law_is_told_as_its_shortest_story() -> None:
    keeps_off = law(lambda tried: "it is on floor 2" if tried.after == 2 else None)
    assert [
        [
            "L is broken: The lift keeps off.",
            "  1. Up.",
            "  2. Up.",
            "  Then: it is on floor 2",
            "  before: floor 1",
            "  after:  floor 2",
        ]
    ] == stories(evolve(LIFT, laws=(keeps_off,)))


@pytest.mark.parametrize(
    ("asked", "times"),
    [
        (Asked.OF_EVERY_STEP, 8),
        (Asked.OF_EVERY_CHANGE, 6),
        (Asked.OF_EVERY_ARRIVAL, 6),
        (Asked.OF_EVERY_STATE, 4),
    ],
)
def test_a_law_is_asked_as_often_as_it_must_be(asked: Asked, times: int) -> None:
    judged: list[int] = []
    explore(evolve(LIFT, laws=(evolve(law(lambda tried: judged.append(tried.after)), asked=asked),)), ())
    assert times == len(judged)


def test_a_law_that_is_asked_once_of_each_input_is_not_asked_where_another_state_leads_to_the_same() -> None:
    judged: list[tuple[int, str]] = []
    keeps = evolve(law(lambda one: judged.append((one.after, one.offer.message))), asked=Asked.OF_EVERY_ARRIVAL)
    ends: Callable[[int, Offer], Any] = lambda _, wish: Decision(outcome=Outcome.MOVES, fact=None, after=wish.what + 1)  # noqa: E731
    explore(evolve(LIFT, starts=lambda: (0, 1), decide=ends, laws=(keeps,)), ())
    assert [(2, "Up."), (0, "Down.")] == judged


def test_a_search_that_stops_early_goes_no_further_than_the_first_broken_law() -> None:
    never = law(lambda _: "it moved")
    found = explore(evolve(LIFT, laws=(never,)), (), stop_early=True)
    assert (2, 2) == (found.states, found.steps)


def test_a_state_that_nothing_leads_out_of_is_a_dead_end() -> None:
    stuck = evolve(LIFT, offers=lambda floor: (UP,) if floor else (UP, DOWN))
    (story,) = stories(stuck)
    assert [
        "no dead end is broken: An answer or a person leads out of every open state.",
        "  1. Up.",
        "  Then: no answer and no person leads out of here",
        "  before: floor 1",
        "  after:  floor 1",
    ] == story


def test_there_may_be_more_than_one_way_out() -> None:
    apart = evolve(LIFT, starts=lambda: (1, 2), offers=lambda floor: {1: (DOWN,), 2: (UP,)}.get(floor, ()))
    assert [] == stories(evolve(apart, is_open=lambda floor: floor in (1, 2)))


def test_only_some_may_lead_out() -> None:
    ours = evolve(LIFT, offers=lambda _: (UP, offer("Down.", -1, Trust.SELF)))
    assert 1 == len(stories(ours))
    assert [] == stories(evolve(ours, leads_out=frozenset({Trust.SELF})))


def test_what_is_open_beyond_the_bound_is_no_dead_end() -> None:
    assert [] == stories(evolve(LIFT, offers=lambda _: (UP,), starts=lambda: (1,), steps_max=1))


def test_rules_that_raise_are_a_finding() -> None:
    def raising(floor: int, wish: Offer) -> Decision[int, Any] | Refused:
        if floor == 1:
            raise LookupError("no such floor")
        return moved(floor, wish)

    (story,) = stories(evolve(LIFT, decide=raising), stop_early=True)
    assert [
        "no fault is broken: Nothing that a world offers makes the rules raise.",
        "  1. Up.",
        "  2. Up.",
        "  Then: LookupError: no such floor",
        "  before: floor 1",
        "  after:  floor 1",
    ] == story


# --- answers in any order ---------------------------------------------------------------------------------------------


def answers() -> Iterator[Offer]:
    for asked in (1, 2):
        yield offer(f"Answer {asked}.", Evidence(asked=asked, answer=Answer(body=NotFound())), Trust.GATEWAY)


def heard(merge: Callable[[tuple[int, ...], int], tuple[int, ...]]) -> World[tuple[int, ...]]:
    return World(
        name="a list",
        bounds="Two answers.",
        starts=lambda: ((),),
        offers=lambda _: answers(),
        decide=lambda known, one: Decision(outcome=Outcome.MOVES, fact=None, after=merge(known, one.what.asked)),
        key=lambda known: known,
        tell=str,
        laws=(),
        known=lambda known: known,
        is_open=lambda _: False,
        representative=lambda known: known,
        steps_max=2,
    )


def test_answers_that_commute_are_taken_in_both_orders() -> None:
    found = explore(heard(lambda known, asked: tuple(sorted({*known, asked}))), ())
    assert (1, ()) == (found.pairs, found.broken)


def test_every_pair_of_three_answers_is_taken() -> None:
    world = heard(lambda known, asked: tuple(sorted({*known, asked})))
    third = offer("Answer 3.", Evidence(asked=3, answer=Answer(body=NotFound())), Trust.GATEWAY)
    assert 3 == explore(evolve(world, offers=lambda _: (*answers(), third)), ()).pairs


def test_knowledge_that_depends_on_the_order_of_answers_is_found() -> None:
    (story,) = stories(heard(lambda known, asked: (*known, asked)))
    assert [
        "I16 is broken: Any order of the same answers gives the same knowledge.",
        "  1. Answer 1.",
        "  2. Answer 2. Then these two the other way round.",
        "  Then: what is known differs",
        "  before: (1, 2)",
        "  after:  (2, 1)",
    ] == story


def test_an_answer_that_the_world_no_longer_offers_is_taken_all_the_same_for_the_other_order() -> None:
    once = evolve(heard(lambda known, asked: (*known, asked)), offers=lambda known: answers() if known == () else ())
    assert ["  before: (1, 2)", "  after:  (2, 1)"] == stories(once)[0][-2:]
    refusing = Refused(code="not_now", rule=NOT_OPEN)
    deaf = evolve(once, decide=lambda known, one: refusing if known else once.decide(known, one))
    assert ["  before: (1,)", "  after:  (2,)"] == stories(deaf)[0][-2:]


# --- cells ------------------------------------------------------------------------------------------------------------


def small_table() -> Table[Any]:
    rule = Rule("X1", Outcome.STALE, frozenset({("A", "go"), ("B", "go")}), "Nothing.", "-", Mark.OURS)
    return Table("toy", states=("A", "B"), inputs=("go",), rules=(rule,))


def test_cells_that_are_asked_for_are_noted() -> None:
    table = small_table()
    step, asked = noting_cells((table,), lambda: table.step("A", "go"))
    assert ("A", {"toy": frozenset({("A", "go")})}) == (step.to, asked)


def test_a_table_is_left_as_it_was() -> None:
    table = small_table()
    with pytest.raises(KeyError):
        noting_cells((table,), lambda: table.step("C", "go"))
    assert "step" not in vars(table)
