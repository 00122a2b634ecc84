"""The worlds: nothing is wrong in them, and they see what is planted."""

import ast
from collections.abc import Callable
from pathlib import Path

import pytest
from attrs import evolve
from rich.console import Console
from unit.model.mutations import MUTATIONS
from unit.verification.planted import OUTSIDE, PLANTED

from paystate.core.describe.citations import TABLES
from paystate.core.lifecycle.table import cells
from paystate.core.orders.amounts.totals import amounts
from paystate.core.orders.derived import status
from paystate.core.orders.order import Order
from paystate.core.orders.review.reasons import reasons
from paystate.entrypoints.cli import explore as command
from paystate.entrypoints.verification import report, unreachable
from paystate.entrypoints.verification.planted_faults import FAULTS, PlantedFault
from paystate.entrypoints.verification.report import Exploration
from paystate.entrypoints.verification.search import Found, explore
from paystate.entrypoints.verification.unreachable import Unreachable
from paystate.entrypoints.verification.worlds.large import large_worlds
from paystate.entrypoints.verification.worlds.small import small_worlds

CORE = Path(__file__).resolve().parents[3] / "core"
STEPS_MAX = 8


@pytest.mark.long
def test_nothing_is_wrong_in_the_small_worlds(explored: Exploration) -> None:
    assert [] == [*explored.findings()]


def test_worlds_have_names_of_their_own() -> None:
    for worlds in (small_worlds(), large_worlds()):
        assert len(worlds) == len({world.name for world in worlds})


@pytest.mark.long
def test_every_world_pairs_answers_or_has_none(explored: Exploration) -> None:
    assert {"a checkout, strict", "a checkout, inferred"} == {f.name for f in explored.worlds if not f.pairs}


# --- cells that cannot be reached -------------------------------------------------------------------------------------


@pytest.mark.long
def test_a_cell_that_nothing_reached_and_no_reason_excuses_is_a_finding(
    explored: Exploration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "UNREACHABLE", unreachable.UNREACHABLE[1:])
    (finding,) = report.summed(explored.worlds).findings()
    assert finding.startswith("Cells of the attempt table that nothing reached: UNSEEN x AUTO_REFUNDED/older")


@pytest.mark.long
def test_a_stale_reason_is_a_finding(explored: Exploration, monkeypatch: pytest.MonkeyPatch) -> None:
    stale = Unreachable("attempt", cells(["NEW"], ["CHARGED/newer"]), "Nobody ever pays.")
    monkeypatch.setattr(report, "UNREACHABLE", (*unreachable.UNREACHABLE, stale))
    findings = [*report.summed(explored.worlds).findings()]
    assert ["Excused, but reached: Nobody ever pays."] == findings


@pytest.mark.long
def test_a_rule_without_a_table_that_no_step_names_is_a_finding(
    explored: Exploration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "UNNAMED_GUARDS", {"G4": "Time never ends."})
    assert sorted(unreachable.UNNAMED_GUARDS) == sorted(report.summed(explored.worlds).unnamed)
    assert ("Time never ends.",) == report.summed(explored.worlds).stale


# --- what counts as one order -----------------------------------------------------------------------------------------

WORLDS = {world.name: world for world in small_worlds()}


@pytest.mark.parametrize("name", ["disputes", "a webhook claims a payment"])
def test_of_orders_that_count_as_one_the_same_follows(name: str) -> None:
    world, seen, unlike = WORLDS[name], dict[object, object](), list[object]()

    def key(order: Order) -> object:
        number, follows = world.key(order), (status(order), reasons(order), amounts(order))
        if seen.setdefault(number, follows) != follows:
            unlike.append(follows)
        return number

    explore(evolve(world, key=key), TABLES)
    assert [] == unlike


# --- planted faults ---------------------------------------------------------------------------------------------------


def test_every_planted_fault_is_listed_and_every_fault_of_the_rules_is_planted() -> None:
    assert PLANTED.keys() == {fault.breaks for fault in FAULTS}
    assert OUTSIDE < MUTATIONS.keys()
    assert 20 <= len(FAULTS)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.breaks)
def test_a_planted_fault_is_found_on_a_short_way(fault: PlantedFault) -> None:
    with PLANTED[fault.breaks]():
        found = explore(WORLDS[fault.world], TABLES, stop_early=True)
    shortest = min(found.broken, key=lambda broken: len(broken.path))
    assert fault == PlantedFault(fault.breaks, found.name, shortest.law, len(shortest.path))
    assert fault.steps <= STEPS_MAX


# --- the command ------------------------------------------------------------------------------------------------------


@pytest.mark.long
def test_the_command_tells_worlds_totals_and_that_nothing_is_wrong(
    explored: Exploration, monkeypatch: pytest.MonkeyPatch
) -> None:
    def small(_: str, on_each: Callable[[Found], None]) -> Exploration:
        for found in explored.worlds:
            on_each(found)
        return explored

    monkeypatch.setattr(command, "explored_together", small)
    console = Console(width=200, record=True)
    with console.capture() as shown:
        assert 0 == command.run(large=False, console=console)
    text = shown.get()
    assert all(world.name in text for world in small_worlds())
    assert "a checkout, strict: 84 states, nothing is wrong" in text
    assert f"{explored.states:,} states" in text
    assert text.endswith("Nothing is wrong.\n")


def test_the_command_fails_with_the_story_of_what_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    with PLANTED["the amount is not compared"]():
        broken = report.explored([evolve(WORLDS["mismatches"], steps_max=1)])
    monkeypatch.setattr(command, "explored_together", lambda *_: broken)
    console = Console(width=200)
    with console.capture() as shown:
        assert 1 == command.run(large=False, console=console)
    assert "  1. Juspay answers CHARGED about t1, and lists elsewhere as SUCCESS, with another amount" in shown.get()
    assert "  Then: t1 became CHARGED without an answer that says so of this very order" in shown.get()


# --- nothing else changes a state -------------------------------------------------------------------------------------

FROM_A_STEP = {"step.to", "fact.state"}
"""What a state may be set to: where a table's step leads, or what a fact recorded."""
OF_NO_TABLE = ("DeliveryState.", "CaseState.", "ProposalState.")
"""The states of deliveries, of a settlement's cases and of requests at the console have no table. What happens to money
depends on none of the first two; a request is decided once, and the order's own rules decide what it does."""


def states_set(tree: ast.AST) -> set[str]:
    """What is given as a `state` to any call, and as the second value to an `Attempt`."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            given = {ast.unparse(one.value) for one in node.keywords if one.arg == "state"}
            found |= {one for one in given if not one.startswith(OF_NO_TABLE)}
            if isinstance(node.func, ast.Name) and node.func.id == "Attempt" and len(node.args) > 1:
                found.add(ast.unparse(node.args[1]))
    return found


def test_no_state_is_set_but_by_a_step_of_a_table_or_from_a_fact() -> None:
    odd = {path.name: states_set(ast.parse(path.read_text("utf-8"))) - FROM_A_STEP for path in CORE.rglob("*.py")}
    assert {} == {name: found for name, found in odd.items() if found}


@pytest.mark.parametrize("line", ["evolve(refund, state='SUCCESS')", "Attempt(txn, CHARGED, seen)", "f(state=other)"])
def test_the_reader_of_states_sees(line: str) -> None:
    assert states_set(ast.parse(line)) - FROM_A_STEP
