"""The goals for the core's speed.

Owns what is measured and against what. Each decision is made on a fresh copy of its record, as it comes from a store,
so nothing that was worked out for an earlier decision helps.
"""

from collections.abc import Callable
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

DECISION_MOST = 4.0
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
    rows = {order.version: order}

    def bare(before: Order) -> object:
        return attrs.evolve(rows[before.version], version=before.version + 1)

    def copied() -> Order:
        return attrs.evolve(order)

    return Goal(
        id=f"S{number}",
        message=f"{message} / a dictionary lookup and one attrs.evolve of the same record",
        case=Case(copied, lambda before: decide(before, what, DEFAULT, NOW)),
        floor=Case(copied, bare),
        at_most=DECISION_MOST,
    )


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
