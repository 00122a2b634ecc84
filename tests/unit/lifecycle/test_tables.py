"""The tables: total, unambiguous, and cell by cell what the invariants ask for.

The expectations are written from the invariants (newest soft answer wins, money only goes forward), not from the rules.
"""

from collections.abc import Callable
from importlib import import_module
from itertools import product
from pkgutil import walk_packages
from typing import Any

import pytest
from attrs import evolve
from transitions import Machine, Transition

from paystate import core
from paystate.core.describe import citations
from paystate.core.lifecycle.table import NAMED, Mark, Outcome, Rule, Step, Table, TableInvalid, cells
from paystate.core.orders import attempt, permitted

TABLES = {table.name: table for table in citations.TABLES}
EVERY_RULE = [rule for group in citations.GROUPS for rule in (*group.rules, *group.guards)]
EVERY_CELL = [(name, *cell) for name, table in TABLES.items() for cell in product(table.states, table.inputs)]

Expected = tuple[str, str]
STAYS = ""


# --- what each cell should do -----------------------------------------------------------------------------------------


def of_attempt(state: str, told: str) -> Expected:
    """Soft: the newest wins. Hard: forward only. Something that had ended and goes on is a correction."""
    kind, age = told.split("/")
    money = ["PARTIAL", "CHARGED", "AUTO_REFUNDED"]
    ended = ("FAILED", "VOIDED")
    if state == "UNSEEN":
        return "moves", kind
    if kind == state:
        return "already so", STAYS
    if state in money and not (kind in money and money.index(kind) > money.index(state)):
        return ("contradicts" if age == "newer" else "stale"), STAYS
    if kind not in money and age == "older":
        return "stale", STAYS
    return ("corrected" if state in ended else "moves"), kind


def of_refund(state: str, told: str) -> Expected:
    """One request, one id; the list decides; a success stands; a person settles only what no machine can."""
    if told == "request":
        return ("moves", "REQUESTED") if state == "UNSEEN" else ("already so", STAYS)
    if told in ("refused by Juspay", "given up unsent", "settled as done", "settled as not done"):
        return _of_refund_settled(state, told)
    kind, age = told.split("/")
    if state in ("UNSEEN", "REQUESTED"):
        return "moves", kind
    if state == "REJECTED":
        return "corrected", kind
    if kind == state:
        return "already so", STAYS
    if state == "SUCCESS":
        return ("contradicts" if age == "newer" else "stale"), STAYS
    if kind != "SUCCESS" and age == "older":
        return "stale", STAYS
    return ("corrected" if state == "FAILURE" else "moves"), kind


def _of_refund_settled(state: str, told: str) -> Expected:
    if state == "UNSEEN":
        return "refused", STAYS
    if told in ("refused by Juspay", "given up unsent"):
        again = "already so" if told == "refused by Juspay" else "stale"
        return {"REQUESTED": ("moves", "REJECTED"), "REJECTED": (again, STAYS)}.get(state, ("stale", STAYS))
    is_done = told == "settled as done"
    if state in ("REQUESTED", "UNKNOWN", "MANUAL_REVIEW"):
        return "moves", "SUCCESS" if is_done else "FAILURE"
    if state == "PENDING":
        return "refused", STAYS
    return ("already so" if is_done == (state == "SUCCESS") else "refused"), STAYS


_INPUTS = (
    "sign initiate", "sign process", "resume payment", "terminate", "expire", "initiate_result success",
    "initiate_result failure", "page shown", "process_result", "other event",
)  # fmt: skip
# One column per input above. A word in capitals is the state it moves to; = already so, - stale, ! refused.
_CHECKOUT = """
OPENED          INITIATE_SIGNED !              ! TERMINATED EXPIRED -         = -          -        =
INITIATE_SIGNED =               !              ! TERMINATED EXPIRED INITIATED = -          -        =
INITIATED       =               PROCESS_SIGNED ! TERMINATED EXPIRED =         - -          -        =
PROCESS_SIGNED  =               =              = TERMINATED EXPIRED =         - PROCESSING RETURNED =
PROCESSING      =               !              = TERMINATED EXPIRED =         - =          RETURNED =
RETURNED        =               PROCESS_SIGNED ! TERMINATED EXPIRED =         - -          =        =
TERMINATED      !               !              ! =          -       -         - -          -        -
EXPIRED         INITIATE_SIGNED !              ! TERMINATED -       -         - -          -        -
"""
_MARKS = {"=": "already so", "-": "stale", "!": "refused"}
_CHECKOUT_CELLS = {
    (state, told): (_MARKS[mark], STAYS) if mark in _MARKS else ("moves", mark)
    for state, *marks in (line.split() for line in _CHECKOUT.strip().splitlines())
    for told, mark in zip(_INPUTS, marks, strict=True)
}


def of_checkout(state: str, told: str) -> Expected:
    return _CHECKOUT_CELLS[state, told]


def of_sale(state: str, told: str) -> Expected:
    """Call it off while nothing is paid or held, change its price before anybody pays, and tell of cash on delivery."""
    allows = {
        "cancel": ("NEW", "PENDING", "UNKNOWN", "FAILED", "EXPIRED"),
        "amend": ("NEW", "FAILED"),
        "cash": ("COD_INITIATED",),
    }
    return ("allowed" if state in allows[told] else "refused"), STAYS


def of_order(state: str, told: str) -> Expected:
    """Pay while nothing is paid, held or promised; refund what was taken, given back or not; end what is held."""
    allows = {
        "process": ("NEW", "PENDING", "UNKNOWN", "FAILED"),
        "refund": ("PARTIAL_CHARGED", "CHARGED", "PARTIALLY_REFUNDED", "REFUNDED", "AUTO_REFUNDED"),
        "capture": ("AUTHORIZED",),
        "void": ("AUTHORIZED",),
    }
    return ("allowed" if state in allows[told] else "refused"), STAYS


EXPECTED: dict[str, Callable[[str, str], Expected]] = {
    "attempt": of_attempt,
    "refund": of_refund,
    "checkout": of_checkout,
    "order": of_order,
    "sale": of_sale,
}


@pytest.mark.parametrize("name", TABLES)
def test_every_cell_does_what_the_invariants_ask_for(name: str) -> None:
    table = TABLES[name]
    for state, told in product(table.states, table.inputs):
        outcome, to = EXPECTED[name](state, told)
        step = table.step(state, told)
        assert (outcome, to or state) == (str(step.rule.outcome), step.to), (state, told, step.rule.id)


ORDER_STATES = """NEW PENDING UNKNOWN FAILED EXPIRED COD_INITIATED AUTHORIZED VOIDED
PARTIAL_CHARGED CHARGED PARTIALLY_REFUNDED REFUNDED AUTO_REFUNDED"""


@pytest.mark.parametrize(
    ("name", "states"),
    [
        ("attempt", "UNSEEN NEW UNKNOWN PENDING FAILED COD VOIDED HELD PARTIAL CHARGED AUTO_REFUNDED"),
        ("refund", "UNSEEN REQUESTED REJECTED UNKNOWN PENDING MANUAL_REVIEW FAILURE SUCCESS"),
        ("checkout", "OPENED INITIATE_SIGNED INITIATED PROCESS_SIGNED PROCESSING RETURNED TERMINATED EXPIRED"),
        ("order", ORDER_STATES),
        ("sale", ORDER_STATES),
    ],
)
def test_a_table_has_exactly_these_states(name: str, states: str) -> None:
    assert set(states.split()) == set(TABLES[name].states)


# --- structure --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TABLES)
def test_every_cell_has_exactly_one_rule(name: str) -> None:
    table = TABLES[name]
    for cell in product(table.states, table.inputs):
        assert 1 == sum(cell in rule.cells for rule in table.rules.values()), cell


@pytest.mark.parametrize("name", TABLES)
def test_the_compiled_step_agrees_with_the_machine_on_every_cell(name: str) -> None:
    table = TABLES[name]

    class Model:
        state = ""

    model = Model()
    table.machine.add_model(model, initial=table.states[0])
    try:
        for state, told in product(table.states, table.inputs):
            table.machine.set_state(state, model)
            assert table.machine.events[told].trigger(model)
            assert model.state == table.step(state, told).to, (state, told)
    finally:
        table.machine.remove_model(model)


@pytest.mark.parametrize("name", TABLES)
def test_only_moving_rules_change_the_state_and_all_of_them_do(name: str) -> None:
    table = TABLES[name]
    for state, told in product(table.states, table.inputs):
        step = table.step(state, told)
        moves = step.rule.outcome in (Outcome.MOVES, Outcome.CORRECTED)
        assert moves == (step.to != state), (state, told)


def test_money_is_never_unproved_by_any_cell() -> None:
    allowed = {("PARTIAL", "CHARGED"), ("PARTIAL", "AUTO_REFUNDED"), ("CHARGED", "AUTO_REFUNDED")}
    hard = ("PARTIAL", "CHARGED", "AUTO_REFUNDED")
    leaving = {(s, attempt.TABLE.step(s, told).to) for s in hard for told in attempt.TABLE.inputs}
    assert allowed == {(source, to) for source, to in leaving if source != to}


def test_legal_from_lists_what_is_not_refused() -> None:
    assert () == permitted.TABLE.legal_from("EXPIRED")
    assert ("process",) == permitted.TABLE.legal_from("FAILED")
    assert ("refund",) == permitted.TABLE.legal_from("CHARGED")


# --- construction refuses ---------------------------------------------------------------------------------------------


def rule(id_: str, *pairs: tuple[str, str], to: str | None = None) -> Rule:
    outcome = Outcome.MOVES if to else Outcome.ALREADY
    return Rule(id_, outcome, frozenset(pairs), message="A sentence.", ref="-", mark=Mark.OURS, to=to)


def small(*rules: Rule) -> Table[Any]:
    return Table("small", states=("A", "B"), inputs=("go",), rules=rules)


def test_a_whole_table_is_taken() -> None:
    moves, rests = rule("X1", ("A", "go"), to="B"), rule("X2", ("B", "go"))
    table = small(moves, rests)
    assert (Step(moves, "B"), Step(rests, "B")) == (table.step("A", "go"), table.step("B", "go"))
    assert ["A", "B"] == list(table.machine.states)
    assert ["go"] == list(table.machine.events)


def test_a_rule_may_lead_where_the_input_names() -> None:
    named = Table("small", states=("A", "B"), inputs=("to A", "to B"), names={"to A": "A", "to B": "B"},
                  rules=(rule("X1", ("A", "to B"), ("B", "to A"), to=NAMED),
                         rule("X2", ("A", "to A"), ("B", "to B"))))  # fmt: skip
    assert ["B", "A", "A", "B"] == [
        named.step(state, told).to for state, told in (("A", "to B"), ("B", "to A"), ("A", "to A"), ("B", "to B"))
    ]


def test_what_is_refused_is_not_legal() -> None:
    no = evolve(rule("X1", ("A", "no"), ("B", "go")), outcome=Outcome.REFUSED)
    table = Table("small", states=("A", "B"), inputs=("go", "no"),
                  rules=(no, rule("X2", ("A", "go"), to="B"), rule("X3", ("B", "no"))))  # fmt: skip
    assert (("go",), ("no",)) == (table.legal_from("A"), table.legal_from("B"))


def test_a_hole_is_refused() -> None:
    with pytest.raises(TableInvalid, match=r"^small: no rule for \[\('B', 'go'\)\]$"):
        small(rule("X1", ("A", "go"), to="B"))


def test_a_double_is_refused() -> None:
    with pytest.raises(TableInvalid, match=r"^small \('A', 'go'\): both X1 and X2$"):
        small(rule("X1", ("A", "go"), to="B"), rule("X2", ("A", "go"), ("B", "go")))


def test_a_stray_cell_is_refused() -> None:
    with pytest.raises(TableInvalid, match=r"^small: rules for unknown cells \[\('C', 'go'\)\]$"):
        small(rule("X1", ("A", "go"), ("B", "go"), ("C", "go")))


def test_a_moving_rule_without_a_destination_is_refused() -> None:
    with pytest.raises(TableInvalid, match=r"^small X1: a destination belongs to moving rules, and to all of them$"):
        small(evolve(rule("X1", ("A", "go"), ("B", "go")), outcome=Outcome.MOVES))


def test_a_resting_rule_with_a_destination_is_refused() -> None:
    with pytest.raises(TableInvalid, match=r"^small X1: a destination belongs to moving rules, and to all of them$"):
        small(evolve(rule("X1", ("A", "go"), ("B", "go")), to="B"))


def test_two_rules_of_one_id_leave_a_hole() -> None:
    with pytest.raises(TableInvalid):
        small(rule("X1", ("A", "go"), to="B"), rule("X1", ("B", "go")))


@pytest.mark.parametrize("hook", ["prepare_event", "before_state_change", "after_state_change", "finalize_event"])
def test_a_callback_on_the_machine_is_refused(hook: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _build_with(monkeypatch, lambda machine: getattr(machine, hook).append(print))
    with pytest.raises(TableInvalid, match=r"^a callback on the machine or on a state: effects are data$"):
        small(rule("X1", ("A", "go"), ("B", "go")))


@pytest.mark.parametrize("hook", ["on_enter", "on_exit"])
def test_a_callback_on_a_state_is_refused(hook: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _build_with(monkeypatch, lambda machine: getattr(machine.get_state("A"), hook).append(print))
    with pytest.raises(TableInvalid, match=r"^a callback on the machine or on a state: effects are data$"):
        small(rule("X1", ("A", "go"), ("B", "go")))


@pytest.mark.parametrize("hook", ["prepare", "conditions", "before", "after"])
def test_a_callback_on_a_transition_is_refused(hook: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _build_with(monkeypatch, lambda machine: getattr(machine.events["go"].transitions["A"][0], hook).append(print))
    with pytest.raises(TableInvalid, match=r"^a callback on a transition: effects are data$"):
        small(rule("X1", ("A", "go"), ("B", "go")))


def test_a_transition_that_no_rule_made_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = Transition("A", "B")
    _build_with(monkeypatch, lambda machine: machine.events["go"].transitions["A"].__setitem__(0, plain))
    with pytest.raises(TableInvalid, match=r"^a transition that comes from no rule$"):
        small(rule("X1", ("A", "go"), ("B", "go")))


def _build_with(monkeypatch: pytest.MonkeyPatch, breaks: Callable[[Machine], object]) -> None:
    build = Table._build

    def broken(self: Table[Any], by_cell: dict[tuple[str, str], Rule]) -> Machine:
        machine = build(self, by_cell)
        breaks(machine)
        return machine

    monkeypatch.setattr(Table, "_build", broken)


# --- the rules themselves ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "left_out"), [(name, rule_id) for name, table in TABLES.items() for rule_id in table.rules]
)
def test_no_rule_can_be_left_out(name: str, left_out: str) -> None:
    table = TABLES[name]
    kept = [rule for rule in table.rules.values() if rule.id != left_out]
    with pytest.raises(TableInvalid, match="no rule"):
        Table(name, states=table.states, inputs=table.inputs, rules=kept, names=table._names)


def test_no_table_of_the_core_is_left_out() -> None:
    modules = [import_module(one.name) for one in walk_packages(core.__path__, "paystate.core.")]
    found = {value.name for module in modules for value in vars(module).values() if isinstance(value, Table)}
    assert TABLES.keys() == found


def test_every_rule_id_is_unique_among_tables_and_guards() -> None:
    ids = [rule.id for rule in EVERY_RULE]
    assert sorted(set(ids)) == sorted(ids)


@pytest.mark.parametrize("one", EVERY_RULE, ids=lambda one: one.id)
def test_a_rule_has_a_sentence_a_reference_and_a_mark(one: Rule) -> None:
    assert one.message.endswith(".")
    assert one.message[0].isupper()
    assert one.ref
    assert one.mark in Mark


@pytest.mark.parametrize("guard", citations.GUARDS, ids=lambda guard: guard.id)
def test_a_guard_stands_beside_the_tables(guard: Rule) -> None:
    assert (frozenset(), None, Mark.OURS) == (guard.cells, guard.to, guard.mark)


def test_cells_are_the_product() -> None:
    assert {("A", "x"), ("A", "y"), ("B", "x"), ("B", "y")} == cells(["A", "B"], ["x", "y"])
