"""A lifecycle as a table: rows of rules, checked to be total, compiled to a plain lookup.

The rules themselves are in `attempt`, `refund`, `checkout`, `permitted` and `sale_commands`. `transitions` is the
authority on what the rows mean: each table builds one machine without a model, and the lookup is compiled from that
machine. Effects are data elsewhere, so the compiler refuses any callback.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from itertools import product
from typing import Any, Final, Generic, TypeVar

from attrs import frozen
from transitions import Machine, Transition

StateT = TypeVar("StateT", bound=str)
Cell = tuple[str, str]
"""A (state, input class) pair."""


class Outcome(StrEnum):
    """What an input did."""

    MOVES = "moves"
    CORRECTED = "corrected"
    ALLOWED = "allowed"
    ALREADY = "already so"
    STALE = "stale"
    CONTRADICTS = "contradicts"
    REFUSED = "refused"


class Mark(StrEnum):
    """How sure we are of a fact."""

    DOCUMENTED = "documented"
    SECONDARY = "secondary"
    INFERRED = "inferred"
    OURS = "ours"


NAMED: Final = "(the state that the input names)"
MOVING: Final = frozenset({Outcome.MOVES, Outcome.CORRECTED})


@frozen
class Rule:
    """One row: the cells it covers and what happens there.

    Attributes:
        id: Short and stable; journals, refusals and docs name it.
        cells: Every (state, input) this row decides.
        to: Destination of a moving row, a state or `NAMED`.
        ref: Section of the gateway contract, or `-` where the rule is ours.
    """

    id: str
    outcome: Outcome
    cells: frozenset[Cell]
    message: str
    ref: str
    mark: Mark
    to: str | None = None


@frozen
class Step(Generic[StateT]):
    """One decided cell: its rule, and the state afterwards (the same one unless the rule moves)."""

    rule: Rule
    to: StateT


class TableInvalid(Exception):
    """The rows have a hole, a double, a stray cell or a callback; raised at import only."""


def cells(states: Iterable[str], inputs: Iterable[str]) -> frozenset[Cell]:
    """Every pair of `states` and `inputs`."""
    return frozenset(product(states, inputs))


class _RuleTransition(Transition):
    """A transition that remembers which rule it came from."""

    def __init__(self, *args: Any, rule: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rule = rule


class _RuleMachine(Machine):
    transition_cls = _RuleTransition


class Table(Generic[StateT]):
    """A total table of rules.

    Args:
        names: For inputs that name a state: the state each one names.

    Raises:
        TableInvalid: A cell has no rule or two, a rule names an unknown cell, or a destination is missing.
    """

    def __init__(
        self,
        name: str,
        *,
        states: Iterable[StateT],
        inputs: Iterable[str],
        rules: Iterable[Rule],
        names: Mapping[str, str] | None = None,
    ) -> None:
        self.name: Final = name
        self.states: Final = tuple(states)
        self.inputs: Final = tuple(inputs)
        self.rules: Final = {rule.id: rule for rule in rules}
        self._names: Final = dict(names or {})
        by_cell = self._checked_cells()
        self.machine: Final = self._build(by_cell)
        self._steps: Final = self._compile()
        self._legal: Final = {state: tuple(self._legal_in(row)) for state, row in self._steps.items()}

    def step(self, state: str, input_class: str) -> Step[StateT]:
        """Look one cell up. Costs two dictionary lookups; never fails for a known state and input."""
        return self._steps[state][input_class]

    def legal_from(self, state: str) -> tuple[str, ...]:
        """Inputs that are not refused in `state`, in the table's order."""
        return self._legal[state]

    def _legal_in(self, row: Mapping[str, Step[StateT]]) -> Iterator[str]:
        return (name for name in self.inputs if row[name].rule.outcome is not Outcome.REFUSED)

    def destination(self, rule: Rule, input_class: str) -> str | None:
        """Where `rule` leads under `input_class`, or None when the state stays."""
        if rule.outcome not in MOVING:
            return None
        return self._names[input_class] if rule.to == NAMED else rule.to

    def _checked_cells(self) -> dict[Cell, Rule]:
        by_cell: dict[Cell, Rule] = {}
        for rule in self.rules.values():
            if (rule.outcome in MOVING) != (rule.to is not None):
                raise TableInvalid(f"{self.name} {rule.id}: a destination belongs to moving rules, and to all of them")
            for cell in rule.cells:
                if cell in by_cell:
                    raise TableInvalid(f"{self.name} {cell}: both {by_cell[cell].id} and {rule.id}")
                by_cell[cell] = rule
        wanted = set(product(self.states, self.inputs))
        if missing := wanted - by_cell.keys():
            raise TableInvalid(f"{self.name}: no rule for {sorted(missing)}")
        if stray := by_cell.keys() - wanted:
            raise TableInvalid(f"{self.name}: rules for unknown cells {sorted(stray)}")
        return by_cell

    def _build(self, by_cell: Mapping[Cell, Rule]) -> Machine:
        machine = _RuleMachine(
            model=None, states=[str(state) for state in self.states], initial=None, auto_transitions=False
        )
        for (state, input_class), rule in sorted(by_cell.items()):
            destination = self.destination(rule, input_class)
            machine.add_transition(input_class, state, destination, rule=rule.id)
        return machine

    def _compile(self) -> dict[str, dict[str, Step[StateT]]]:
        _refuse_callbacks(self.machine)
        named = {str(state): state for state in self.states}  # the library knows plain texts
        steps: dict[str, dict[str, Step[StateT]]] = {name: {} for name in named}
        for trigger, event in self.machine.events.items():
            for source, candidates in event.transitions.items():
                (only,) = candidates
                rule = self.rules[_rule_of(only)]
                steps[source][trigger] = Step(rule, named[source if only.dest is None else only.dest])
        return steps


def _refuse_callbacks(machine: Machine) -> None:
    hooks = (machine.prepare_event, machine.before_state_change, machine.after_state_change, machine.finalize_event)
    on_states = [hook for state in machine.states.values() for hook in (*state.on_enter, *state.on_exit)]
    if any(hooks) or on_states:
        raise TableInvalid("a callback on the machine or on a state: effects are data")


def _rule_of(transition: Transition) -> str:
    if transition.prepare or transition.conditions or transition.before or transition.after:
        raise TableInvalid("a callback on a transition: effects are data")
    if not isinstance(transition, _RuleTransition):
        raise TableInvalid("a transition that comes from no rule")
    return transition.rule
