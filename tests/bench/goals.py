"""The goals for the core's speed.

Owns what is measured and against what. Each decision is made on a fresh copy of its record, as it comes from a store,
so nothing that was worked out for an earlier decision helps. Its floor makes the same new records, with no rule asked:
every object of attrs, dictionary and tuple of the decision that was not in the order before.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

import attrs
from bench.measuring import Case, Goal, Result, measured, median_of
from unit.builders import NOW, after, charged, listed, new_order, refund, refund_id, send, told

from paystate.core.evidence import Evidence
from paystate.core.lifecycle.table import Table
from paystate.core.orders.attempt import TABLE, Attempt, AttemptState
from paystate.core.orders.commands.decide import Command, decide
from paystate.core.orders.order import Order
from paystate.core.policy import DEFAULT

DECISION_MOST = 3.0
MEDIAN_MOST = 2.5
STEP_MOST = 1.4
TRIGGER_LEAST = 8.0

_KEYS = ("k1", "k2", "k3")


def _decisions() -> dict[str, tuple[Order, Command | Evidence]]:
    asked_for = [step for minor, key in enumerate(_KEYS, 1) for step in (refund(1000 * minor, key), send(key))]
    three_listed = [listed(refund_id(key), f"{10 * tens}", "SUCCESS") for tens, key in enumerate(_KEYS, 1)]
    sent = charged(*asked_for)
    paid = told("CHARGED", dated=NOW)
    return {
        "an answer CHARGED": (new_order(), paid),
        "the same answer again": (after(new_order(), paid), paid),
        "an answer that is stale": (after(new_order(), told("CHARGED", 5)), told("PENDING_VBV", 3)),
        "a refund that is refused": (charged(), refund(10_001)),
        "a refund request": (charged(), refund(1000)),
        "an answer that changes three refunds": (sent, told("CHARGED", sent.version, refunds=three_listed)),
    }


def _decision_goal(number: int, message: str, order: Order, what: Command | Evidence) -> Goal:
    once, again = (decide(attrs.evolve(order), what, DEFAULT, NOW) for _ in range(2))
    makes = new_records(once, beside=(order, what, again))  # what both have is a constant of the rules

    def bare(_: Order) -> object:
        return [make() for make in makes]

    def copied() -> Order:
        return attrs.evolve(order)

    return Goal(
        id=f"S{number}",
        message=f"{message} / making the same records with no rule asked",
        case=Case(copied, lambda before: decide(before, what, DEFAULT, NOW)),
        floor=Case(copied, bare),
        at_most=DECISION_MOST,
    )


def new_records(decision: object, *, beside: tuple[object, ...]) -> list[Callable[[], object]]:
    """What makes each record of `decision` that none of `beside` holds, by its own constructor."""
    there = {id(one) for one in _reached(beside)}
    found = {id(one): one for one in _reached(decision) if id(one) not in there}
    return [_maker(one) for one in found.values()]


def _maker(record: Any) -> Callable[[], object]:
    if isinstance(record, dict):
        return partial(dict, record)
    if isinstance(record, tuple):
        return partial(tuple, [*record])
    kind: Any = type(record)
    return partial(kind, **{field.alias: getattr(record, field.name) for field in attrs.fields(kind) if field.init})


def _reached(root: Any) -> Iterator[object]:
    """Every record, dictionary and tuple that `root` is or holds."""
    held: Iterable[object] = ()
    if attrs.has(type(root)):
        held = [getattr(root, field.name) for field in attrs.fields(type(root)) if field.init]
    elif isinstance(root, dict):
        held = root.values()
    elif isinstance(root, tuple):
        held = root
    else:
        return
    yield root
    for one in held:
        yield from _reached(one)


def _step_goals() -> tuple[Goal, Goal]:
    state, told_class = AttemptState.PENDING, "CHARGED/newer"
    cells = {(state, told_class): AttemptState.CHARGED}
    observations: dict[str, Any] = {}

    def bare(before: Attempt) -> object:
        return Attempt(before.txn_id, cells[before.state, told_class], observations)

    def stepped(before: Attempt) -> object:
        return Attempt(before.txn_id, TABLE.step(before.state, told_class).to, observations)

    def known() -> Attempt:
        return Attempt("t1", state, observations)

    step = Case(known, stepped)
    return (
        Goal("S8", "a table's step and a constructor / a dictionary lookup and a constructor", step,
             Case(known, bare), at_most=STEP_MOST),
        Goal("S9", "the same cell by transitions' own trigger / a table's step and a constructor",
             _triggered(TABLE, state, told_class), step, at_least=TRIGGER_LEAST),
    )  # fmt: skip


def _triggered(table: Table[Any], state: str, told_class: str) -> Case:
    class Model:
        state: str

    def known() -> Model:
        model = Model()
        model.state = state
        return model

    trigger: Callable[[Model], object] = table.machine.events[told_class].trigger
    return Case(known, trigger)


def results(*, rounds: int, repeats: int) -> list[Result]:
    """Measure all goals in one run."""
    decisions = [
        _decision_goal(number, says, *given) for number, (says, given) in enumerate(_decisions().items(), start=1)
    ]
    found = measured([*decisions, *_step_goals()], rounds=rounds, repeats=repeats)
    of_decisions, of_steps = found[: len(decisions)], found[len(decisions) :]
    return [*of_decisions, median_of(of_decisions, "S7", "the median of the six", MEDIAN_MOST), *of_steps]
