"""Pictures of the lifecycle, as Mermaid text.

Every state and arrow is read off the core's tables, or found by asking the core about a made-up order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from attrs import evolve, frozen

from paystate.core.checkouts import checkout
from paystate.core.checkouts.checkout import CheckoutState
from paystate.core.lifecycle.observations import GatewayReport, Observation
from paystate.core.lifecycle.statuses import Paid
from paystate.core.lifecycle.table import MOVING, Outcome, Rule, Table
from paystate.core.money import Money
from paystate.core.orders import attempt, refund
from paystate.core.orders.attempt import Attempt, AttemptState
from paystate.core.orders.derived import Status, status
from paystate.core.orders.facts import Customer, Opened
from paystate.core.orders.order import Order
from paystate.core.orders.refund import Refund, RefundState
from paystate.core.policy import DEFAULT
from paystate.core.timestamps import stamp

# --- one table --------------------------------------------------------------------------------------------------------


@frozen
class Arrow:
    """Rules that lead from one node of a picture to another, each with the inputs that it answers."""

    source: str
    target: str
    words: tuple[str, ...]


def together(table: Table[Any]) -> tuple[tuple[str, ...], ...]:
    """States that the same rules lead into and out of, put together; in the table's order."""
    kinds: dict[tuple[frozenset[str], frozenset[str]], list[str]] = {}
    for state in table.states:
        leaves = frozenset(rule.id for source, _, _, rule in _moves(table) if source == state)
        enters = frozenset(rule.id for _, target, _, rule in _moves(table) if target == state)
        kinds.setdefault((leaves, enters), []).append(state)
    return tuple(tuple(states) for states in kinds.values())


def _moves(table: Table[Any]) -> Iterator[tuple[str, str, str, Rule]]:
    for state in table.states:
        for name in table.inputs:
            step = table.step(state, name)
            if step.rule.outcome in MOVING:
                yield state, step.to, name, step.rule


def state_diagram(table: Table[Any], families: Mapping[str, Sequence[str]]) -> str:
    """The moves of one table; the states of a family are drawn inside one frame, under the family's title."""
    return _mermaid(_state_diagram(table, families))


def _state_diagram(table: Table[Any], families: Mapping[str, Sequence[str]]) -> Iterator[str]:
    groups = together(table)
    nodes = {state: _node(group) for group in groups for state in group}
    frames = {state: title for title, states in families.items() for state in states}
    first = table.states[0]
    yield "stateDiagram-v2"
    yield "    direction LR"
    yield from (f"    {_named(group)}" for group in groups if len(group) > 1 and group[0] not in frames)
    for title, states in families.items():
        yield f'    state "{title}" as {_id(title)} {{'
        yield from (f"        {_named(group)}" for group in groups if len(group) > 1 and group[0] in states)
        yield from (f"        {_drawn(arrow)}" for arrow in _arrows(table, nodes, states, states))
        if first in states:
            yield f"        [*] --> {nodes[first]}"
        yield "    }"
    yield f"    [*] --> {_id(frames[first]) if first in frames else nodes[first]}"
    yield from (f"    {_drawn(arrow)}" for arrow in _outer(table, families, nodes))


def _named(group: Sequence[str]) -> str:
    return f'state "{", ".join(group)}" as {_node(group)}'


def _outer(table: Table[Any], families: Mapping[str, Sequence[str]], nodes: Mapping[str, str]) -> Iterator[Arrow]:
    """Arrows that are not inside one frame; what leads into or out of a frame ends at the frame itself."""
    framed = {state for states in families.values() for state in states}
    outside = [state for state in table.states if state not in framed]
    yield from _arrows(table, nodes, outside, outside)
    for title, states in families.items():
        frame = dict.fromkeys(states, _id(title))
        yield from _arrows(table, {**nodes, **frame}, outside, states)
        yield from _arrows(table, {**nodes, **frame}, states, outside)


def _arrows(
    table: Table[Any], nodes: Mapping[str, str], sources: Sequence[str], targets: Sequence[str]
) -> Iterator[Arrow]:
    """One arrow for each pair of nodes, with its rules and the commands that they answer."""
    found: dict[tuple[str, str], dict[str, list[tuple[str, str]]]] = {}
    for source, target, name, rule in _moves(table):
        if source in sources and target in targets:
            ways = found.setdefault((nodes[source], nodes[target]), {})
            ways.setdefault(rule.id, []).append((name, target))
    for (source, target), ways in found.items():
        within = sum(nodes[state] == target for state in targets)
        yield Arrow(source, target, tuple(_way(rule_id, ends, within) for rule_id, ends in ways.items()))


def _way(rule_id: str, ends: Sequence[tuple[str, str]], within: int) -> str:
    """A rule's id with its command, and with its one end where the arrow stands for several."""
    commands = dict.fromkeys(name for name, _ in ends if "/" not in name)
    reached = dict.fromkeys(target for _, target in ends)
    to = [f"→ {next(iter(reached))}"] if within > 1 and len(reached) == 1 else []
    return " ".join((rule_id, *commands, *to))


def _drawn(arrow: Arrow) -> str:
    return f"{arrow.source} --> {arrow.target}: {', '.join(arrow.words)}"


def _node(group: Sequence[str]) -> str:
    return group[0] if len(group) == 1 else f"{group[0]}_etc"


def _id(title: str) -> str:
    return "".join(c if c.isalnum() else "_" for c in title)


def _mermaid(lines: Iterable[str]) -> str:
    return "\n".join(("```mermaid", *lines, "```"))


# --- the order's statuses, found out by asking the core ---------------------------------------------------------------

_OPENED_AT: Final = datetime(2026, 1, 1, tzinfo=UTC)
_FULL: Final = 10_000


def _blank() -> Order:
    opened = Opened(
        merchant_id="m",
        order_id="o",
        amount=Money(_FULL, "INR"),
        customer=Customer(),
        window_s=DEFAULT.fulfilment_window_s,
    )
    return Order(opened=opened, version=1, created_at=_OPENED_AT, updated_at=_OPENED_AT)


def _answered(kind: Paid, *, late: bool = False) -> Order:
    """An order of which Juspay has said this one thing, in time or after the order's time was over."""
    blank = _blank()
    said = GatewayReport(kind, amount_minor=_FULL // 2, dated=stamp(blank.closes_at) if late else "")
    observations = {str(kind): Observation(1, 1, said)}
    return evolve(blank, latest=observations, attempts={"t": Attempt("t", AttemptState(kind), observations)})


def _refunded(amount_minor: int) -> Order:
    given_back = Refund(refund_id="r", amount_minor=amount_minor, since=_OPENED_AT, state=RefundState.SUCCESS)
    return evolve(_answered(Paid.CHARGED), refunds={"r": given_back})


def sample_orders() -> dict[Status, Order]:
    """An order in each status there is."""
    orders = (
        *(_answered(kind) for kind in Paid),
        _answered(Paid.FAILED, late=True),
        _refunded(_FULL // 2),
        _refunded(_FULL),
    )
    return {status(order): order for order in orders}


def _labels(states: Iterable[str]) -> tuple[Status, ...]:
    """The statuses of orders whose one attempt is in these states."""
    return tuple(status(_answered(Paid(state))) for state in states)


def status_diagram() -> str:
    """How an order's status may change."""
    return _mermaid(_status_diagram())


def _status_diagram() -> Iterator[str]:
    live, over, hard = (_labels(states) for states in (attempt.LIVE, attempt.OVER, attempt.HARD))
    charged, partly, wholly = status(_answered(Paid.CHARGED)), status(_refunded(1)), status(_refunded(_FULL))
    expired = status(_answered(Paid.FAILED, late=True))
    yield "stateDiagram-v2"
    yield "    direction TB"
    yield f"    {_named(live)}"
    yield f"    {_named(over)}"
    yield '    state "Money is proved, for good" as proved {'
    for source, target, _, _ in _once(_moves(attempt.TABLE), attempt.HARD):
        yield f"        {status(_answered(Paid(source)))} --> {status(_answered(Paid(target)))}"
    yield f"        {charged} --> {partly}: a refund succeeds"
    yield f"        {partly} --> {wholly}: the rest is refunded"
    yield "    }"
    yield f"    [*] --> {_node(live)}: the order is opened as NEW"
    yield f"    {_node(live)} --> {_node(over)}: a newer answer"
    yield f"    {_node(over)} --> {_node(live)}: another try"
    yield f"    {_node(live)} --> proved: Juspay's answer proves it"
    yield f"    {_node(over)} --> proved: late, and counted all the same"
    yield f"    {_node(live)} --> {expired}: still NEW when the order's time is over"
    yield f"    {_node(over)} --> {expired}: still FAILED when the order's time is over"
    yield f"    {expired} --> proved: later still, with a reason to look"
    assert {*live, *over, *hard, charged, partly, wholly, expired} == set(Status)  # noqa: S101 - none is left out


def _once(moves: Iterable[tuple[str, str, str, Rule]], states: Sequence[str]) -> Iterator[tuple[str, str, str, Rule]]:
    seen: set[tuple[str, str]] = set()
    for move in moves:
        if move[0] in states and move[1] in states and move[:2] not in seen:
            seen.add(move[:2])
            yield move


# --- the README's picture ---------------------------------------------------------------------------------------------


def lifecycle() -> str:
    """Checkout, order and refund at a glance: the usual ways only."""
    return _mermaid(_lifecycle())


def _lifecycle() -> Iterator[str]:
    yield "flowchart TB"
    yield '    subgraph checkout["Checkout: the steps of the app; no money moves here"]'
    yield "        direction LR"
    steps = [(state,) for state in CheckoutState if state != CheckoutState.EXPIRED]
    ways = [
        way
        for way in _ways(checkout.TABLE, steps)
        if way[1] != CheckoutState.TERMINATED or way[0] == CheckoutState.RETURNED
    ]
    yield from _lane("c", steps, ways)
    yield "    end"
    yield '    subgraph order["Order: what Juspay\'s answers to our own questions prove"]'
    yield "        direction LR"
    yield from _order_lane()
    yield "    end"
    yield '    subgraph refund["Refund: reserved, stored, then sent under one id for ever"]'
    yield "        direction LR"
    nodes = [
        (RefundState.REQUESTED,),
        (RefundState.REJECTED,),
        refund.OPEN,
        (RefundState.FAILURE,),
        (RefundState.SUCCESS,),
    ]
    yield from _lane("r", nodes, _ways(refund.TABLE, nodes))
    yield "    end"
    yield '    checkout -. "SDK events, return URL, webhooks: hints that ask for a look" .-> order'
    yield '    order <-- "captured money goes out once" --> refund'


def _order_lane() -> Iterator[str]:
    groups = [attempt.LIVE, attempt.OVER, *((state,) for state in attempt.HARD)]
    named = {group[0]: _labels(group) for group in groups}
    ways = [(named[source][0], named[target][0]) for source, target in _ways(attempt.TABLE, groups)]
    charged, partly, wholly = status(_answered(Paid.CHARGED)), status(_refunded(1)), status(_refunded(_FULL))
    expired, failed = status(_answered(Paid.FAILED, late=True)), named[attempt.OVER[0]][0]
    ways += [(charged, partly), (partly, wholly), (failed, expired)]
    yield from _lane("o", [*named.values(), (partly,), (wholly,), (expired,)], ways)
    yield f"        o_{failed} -. late .-> o_{charged}"
    yield f"        o_{expired} -. later still .-> o_{charged}"


def _ways(table: Table[Any], groups: Sequence[Sequence[str]]) -> list[tuple[str, str]]:
    """Pairs of groups, by their first states, between which a rule moves without taking anything back."""
    group_of = {state: group[0] for group in groups for state in group}
    found = (
        (group_of[source], group_of[target])
        for source, target, _, rule in _moves(table)
        if rule.outcome is Outcome.MOVES and source in group_of and target in group_of
    )
    return [way for way in dict.fromkeys(found) if way[0] != way[1]]


def _lane(prefix: str, nodes: Iterable[Sequence[str]], ways: Iterable[tuple[str, str]]) -> Iterator[str]:
    yield from (f'        {prefix}_{node[0]}["{"<br/>".join(node)}"]' for node in nodes)
    yield from (f"        {prefix}_{source} --> {prefix}_{target}" for source, target in ways)
