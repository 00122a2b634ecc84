"""Every state that a small world can reach, found by trying everything in it.

The search is breadth first, over the real `decide` of an order or a checkout, so the first way found to a broken law is
a shortest one. A world says what there is to try, which states count as one, and which laws must hold.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import Enum
from itertools import combinations
from typing import Any, Final, Generic, TypeVar

from attrs import Factory, field, frozen

from paystate.core.evidence import Evidence, Trust
from paystate.core.lifecycle.table import Cell, Step, Table
from paystate.core.orders.facts import Decision, Refused

StateT = TypeVar("StateT")
ResultT = TypeVar("ResultT")


@frozen(kw_only=True)
class Offer:
    """One input that a world offers.

    Attributes:
        message: The input in plain words, a whole sentence.
    """

    message: str
    what: Any
    now: datetime
    by: Trust


def _after(tried: Tried[StateT]) -> StateT:
    return tried.before if isinstance(tried.result, Refused) else tried.result.after


@frozen
class Tried(Generic[StateT]):
    """One offer, tried in one state.

    Attributes:
        after: The state afterwards; the same one where the input was refused.
    """

    before: StateT
    offer: Offer
    result: Decision[StateT, Any] | Refused
    after: StateT = field(init=False, default=Factory(_after, takes_self=True))


class Asked(Enum):
    """How often a law is asked; what it has judged once, it need not judge again."""

    OF_EVERY_STEP = "of every step"
    OF_EVERY_CHANGE = "of every step that leads to another state"
    OF_EVERY_ARRIVAL = "once of each input and each other state that it leads to: where it came from does not matter"
    OF_EVERY_STATE = "once of each other state that a step leads to: how it came to be does not matter"


@frozen
class Law(Generic[StateT]):
    """What must hold of every step: `broken` says what is wrong with one, or gives None."""

    name: str
    message: str
    broken: Callable[[Tried[StateT]], str | None]
    asked: Asked = Asked.OF_EVERY_STEP


@frozen(kw_only=True)
class World(Generic[StateT]):
    """A small part of everything that can happen, to be explored whole.

    Attributes:
        bounds: One sentence: what is in this world, and what is left out.
        representative: The state that stands for all that look alike; numbers are made small, names are sorted.
        key: What tells two representatives apart.
        known: What evidence alone has filled; it must not depend on the order of the answers.
        is_open: Whether somebody still waits for how this ends.
        leads_out: Whose inputs must lead out of every open state.
        steps_max: How many steps to go at most; None goes on until nothing new is found.
    """

    name: str
    bounds: str
    starts: Callable[[], Iterable[StateT]]
    offers: Callable[[StateT], Iterable[Offer]]
    decide: Callable[[StateT, Offer], Decision[StateT, Any] | Refused]
    key: Callable[[StateT], Hashable]
    tell: Callable[[StateT], str]
    laws: Sequence[Law[StateT]]
    known: Callable[[StateT], Hashable]
    is_open: Callable[[StateT], bool]
    representative: Callable[[StateT], StateT]
    leads_out: frozenset[Trust] = frozenset({Trust.GATEWAY, Trust.OPERATOR})
    steps_max: int | None = None


@frozen(kw_only=True)
class Broken:
    """A law that does not hold, and a shortest way to see it."""

    law: str
    message: str
    wrong: str
    path: tuple[str, ...]
    before: str
    after: str

    def story(self) -> Iterator[str]:
        """The way in numbered lines, then what broke."""
        yield f"{self.law} is broken: {self.message}"
        yield from (f"  {number}. {line}" for number, line in enumerate(self.path, 1))
        yield f"  Then: {self.wrong}"
        yield f"  before: {self.before}"
        yield f"  after:  {self.after}"


@frozen(kw_only=True)
class Found:
    """What came of exploring one world.

    Attributes:
        steps: Inputs tried, refused ones and repeats included.
        pairs: Pairs of answers that were taken in both orders.
        asked: By table: every cell that was asked for.
        rules: Ids of the rules that a fact or a refusal has named.
        broken: The first way found to each law that does not hold.
    """

    name: str
    bounds: str
    states: int
    steps: int
    pairs: int
    asked: Mapping[str, frozenset[Cell]]
    rules: frozenset[str]
    broken: tuple[Broken, ...]


def explore(world: World[Any], tables: Iterable[Table[Any]], *, stop_early: bool = False) -> Found:
    """Try everything that `world` offers; with `stop_early` only until the first broken law."""
    search = _Search(world, stop_early=stop_early)
    _, asked = noting_cells(tables, search.run)
    return Found(
        name=world.name,
        bounds=world.bounds,
        states=len(search.nodes),
        steps=search.steps,
        pairs=search.pairs,
        asked=asked,
        rules=frozenset(search.rules),
        broken=tuple(search.broken.values()),
    )


def noting_cells(
    tables: Iterable[Table[Any]], work: Callable[[], ResultT]
) -> tuple[ResultT, Mapping[str, frozenset[Cell]]]:
    """Do `work`, and note every cell that each table is asked for meanwhile."""
    watched = [*tables]
    asked: dict[str, set[Cell]] = {table.name: set() for table in watched}
    for table in watched:
        vars(table)["step"] = _noting(table, asked[table.name])  # hides the method of this one table
    try:
        result = work()
    finally:
        for table in watched:
            del vars(table)["step"]
    return result, {name: frozenset(seen) for name, seen in asked.items()}


def _noting(table: Table[Any], seen: set[Cell]) -> Callable[[str, str], Step[str]]:
    step = table.step

    def noted(state: str, input_class: str) -> Step[str]:
        seen.add((state, input_class))
        return step(state, input_class)

    return noted


def _of_the_whole(name: str, message: str) -> Law[Any]:
    return Law(name, message, lambda _: None)


NO_DEAD_END: Final = _of_the_whole("no dead end", "An answer or a person leads out of every open state.")
ANY_ORDER: Final = _of_the_whole("I16", "Any order of the same answers gives the same knowledge.")
FAULTS: Final = (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError)
"""What rules raise that have a hole."""
NO_FAULT: Final = _of_the_whole("no fault", "Nothing that a world offers makes the rules raise.")


@frozen
class _Node:
    """A state that was reached first from `parent`, by what `message` tells."""

    depth: int
    parent: int | None = None
    message: str = ""


class _Search:
    """One exploration under way. States are numbered by their keys; a node is the number of a representative."""

    def __init__(self, world: World[Any], *, stop_early: bool) -> None:
        self.world = world
        self.stop_early = stop_early
        self.nodes: dict[int, _Node] = {}
        self.steps = self.pairs = 0
        self.rules: set[str] = set()
        self.broken: dict[str, Broken] = {}
        self._numbers: dict[Hashable, int] = {}
        self._states: list[Any] = []
        self._queue: list[int] = []
        self._entries: dict[int, list[int]] = {}
        self._answered: dict[tuple[int, Evidence], int] = {}
        self._known: dict[int, Hashable] = {}
        self._judged: set[Hashable] = set()

    def run(self) -> None:
        for start in self.world.starts():
            self._reach(start, _Node(0))
        for node in self._queue:  # grows while it is walked
            if self._goes_on(node) and not self.is_done:
                self._expand(node)
        for check in (self._check_orders, self._check_exits):
            if not self.is_done:
                check()

    @property
    def is_done(self) -> bool:
        return self.stop_early and bool(self.broken)

    def _goes_on(self, node: int, steps: int = 1) -> bool:
        return self.world.steps_max is None or self.nodes[node].depth + steps <= self.world.steps_max

    def _expand(self, node: int) -> None:
        before, depth = self._states[node], self.nodes[node].depth
        for offer in self.world.offers(before):
            self.steps += 1
            came = self._try(node, before, offer)
            if came is None:
                continue
            tried, after = came
            self._note_rules(tried)
            if isinstance(offer.what, Evidence):
                self._answered[node, offer.what] = after
            found = node if after == node else self._reach(tried.after, _Node(depth + 1, node, offer.message), after)
            if offer.by in self.world.leads_out:
                self._entries.setdefault(found, []).append(node)

    def _try(self, node: int, before: Any, offer: Offer) -> tuple[Tried[Any], int] | None:
        """Try one offer, judge it, and return what came of it, with its number; None where the rules raise."""
        try:
            tried = Tried(before, offer, self.world.decide(before, offer))
            after = node if tried.after is before else self._number(tried.after)
            self._check_laws(node, tried, after)
        except FAULTS as fault:
            self._break(NO_FAULT, f"{type(fault).__name__}: {fault}", self._path(node, offer.message), before, before)
            return None
        return tried, after

    def _note_rules(self, tried: Tried[Any]) -> None:
        if isinstance(tried.result, Refused):
            self.rules.add(tried.result.rule.id)
        elif tried.result.fact is not None:
            self.rules.update(tried.result.fact.rules)

    def _check_laws(self, node: int, tried: Tried[Any], after: int) -> None:
        due = self._due(tried, after)
        for law in self.world.laws:
            if law.asked in due and law.name not in self.broken and (wrong := law.broken(tried)):
                self._break(law, wrong, self._path(node, tried.offer.message), tried.before, tried.after)

    def _due(self, tried: Tried[Any], after: int) -> list[Asked]:
        """Which laws are asked of this step: what was judged once is not asked again."""
        due = [Asked.OF_EVERY_STEP]
        if tried.after is tried.before:
            return due
        due.append(Asked.OF_EVERY_CHANGE)
        given = tried.offer.what, tried.offer.now
        for asked, judged in ((Asked.OF_EVERY_STATE, after), (Asked.OF_EVERY_ARRIVAL, (after, given))):
            if judged not in self._judged:
                self._judged.add(judged)
                due.append(asked)
        return due

    def _number(self, state: Any) -> int:
        number = self._numbers.setdefault(self.world.key(state), len(self._states))
        if number == len(self._states):
            self._states.append(state)
        return number

    def _reach(self, state: Any, way: _Node, known: int | None = None) -> int:
        """Take up what stands for `state`; `known` is the number of `state` itself, if it has one."""
        stands_for_it = self.world.representative(state)
        number = known if known is not None and stands_for_it is state else self._number(stands_for_it)
        if number not in self.nodes:
            self.nodes[number] = way
            self._queue.append(number)
        return number

    # --- what shows only when all is explored ---

    def _check_orders(self) -> None:
        """Take each pair of answers in both orders; where every pair may be swapped, so may any number of answers."""
        for node in self.nodes:
            if self._goes_on(node, 2) and not self.is_done:
                offers = self.world.offers(self._states[node])
                answers = [(self._after(node, o), o) for o in offers if isinstance(o.what, Evidence)]
                for (one, first), (other, second) in combinations(answers, 2):
                    self.pairs += 1
                    ends = self._after(one, second), self._after(other, first)
                    if self._knows(ends[0]) != self._knows(ends[1]):
                        path = self._path(node, first.message, f"{second.message} Then these two the other way round.")
                        self._break(ANY_ORDER, "what is known differs", path, *(self._states[end] for end in ends))

    def _after(self, number: int, answer: Offer) -> int:
        key = (number, answer.what)
        if key not in self._answered:
            after = Tried(self._states[number], answer, self.world.decide(self._states[number], answer)).after
            self._answered[key] = self._number(after)
        return self._answered[key]

    def _knows(self, number: int) -> Hashable:
        if number not in self._known:
            self._known[number] = self.world.known(self._states[number])
        return self._known[number]

    def _check_exits(self) -> None:
        """Go backwards from where nobody waits any more, and from where the search was cut off."""
        waiting = [n for n in self.nodes if not self._goes_on(n) or not self.world.is_open(self._states[n])]
        led_out = set(waiting)
        while waiting:
            entries = set(self._entries.get(waiting.pop(), ())) - led_out
            led_out |= entries
            waiting += entries
        for stuck in (n for n in self.nodes if n not in led_out):
            state = self._states[stuck]
            self._break(NO_DEAD_END, "no answer and no person leads out of here", self._path(stuck), state, state)

    def _break(self, law: Law[Any], wrong: str, path: tuple[str, ...], before: Any, after: Any) -> None:
        if law.name not in self.broken:
            told = (self.world.tell(before), self.world.tell(after))
            self.broken[law.name] = Broken(
                law=law.name, message=law.message, wrong=wrong, path=path, before=told[0], after=told[1]
            )

    def _path(self, node: int, *more: str) -> tuple[str, ...]:
        lines: list[str] = []
        way = self.nodes[node]
        while way.parent is not None:
            lines.append(way.message)
            way = self.nodes[way.parent]
        return (*reversed(lines), *more)
