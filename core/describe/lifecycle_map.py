"""The lifecycle as a map: the statuses in groups, which ways there are between them, and what was no way for one order.

The ways are read off the table of attempts, as an order's status follows its payment. Those that follow from the clock
and from refunds are added here. They are those of an order with one payment, one after another: an answer that tells of
more than one thing, or of a second payment, may go several at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import pairwise
from typing import Final

from attrs import frozen

from paystate.core.lifecycle.table import MOVING, Outcome
from paystate.core.orders.attempt import HARD, LIVE, OVER, RULES, TABLE
from paystate.core.orders.derived import STATUS_OF, Status, status
from paystate.core.orders.facts import Fact
from paystate.core.orders.order import history

_UNPAID: Final = (Status.NEW, Status.FAILED)
"""What is EXPIRED once the order's time is over, so the ways there and from there are those of EXPIRED too."""
_GIVEN_BACK: Final = (Status.PARTIALLY_REFUNDED, Status.REFUNDED)
_NO_WAY: Final = frozenset(rule.id for rule in RULES if rule.outcome in {Outcome.STALE, Outcome.CONTRADICTS})
"""The rules by which an answer about a payment comes too late, or denies what is proved."""


@frozen
class Group:
    """Statuses that stand together on the map."""

    title: str
    statuses: tuple[Status, ...]


def _statuses(states: Iterable[str]) -> tuple[Status, ...]:
    return tuple(STATUS_OF[state] for state in states)


GROUPS: Final = (
    Group("No money is proved", _statuses(LIVE)),
    Group("Ended without money", (*_statuses(OVER), Status.EXPIRED)),
    Group("Money is proved", (*_statuses(HARD), *_GIVEN_BACK)),
)


def _ways() -> Iterator[tuple[Status, Status]]:
    for before, after in _of_payments():
        yield before, after
        if after in _UNPAID:
            yield before, Status.EXPIRED
        if before in _UNPAID:
            yield Status.EXPIRED, after
    yield from ((before, Status.EXPIRED) for before in _UNPAID)
    yield from pairwise((Status.CHARGED, *_GIVEN_BACK))
    yield from ((before, Status.REFUNDED) for before in (Status.CHARGED, Status.PARTIAL_CHARGED))


def _of_payments() -> Iterator[tuple[Status, Status]]:
    for state in (*LIVE, *OVER, *HARD):
        for name in TABLE.inputs:
            step = TABLE.step(state, name)
            if step.rule.outcome in MOVING:
                yield STATUS_OF[state], STATUS_OF[step.to]


def _by_begin(ways: Iterable[tuple[Status, Status]]) -> Mapping[Status, frozenset[Status]]:
    found: dict[Status, set[Status]] = {one: set() for one in Status}
    for before, after in ways:
        found[before].add(after)
    return {before: frozenset(after) for before, after in found.items()}


WAYS: Final = _by_begin(_ways())
"""From each status, those to which one step leads."""


@frozen(kw_only=True)
class NoWay:
    """An answer of Juspay's that did not move the order.

    Attributes:
        stood: The order's status, which stayed as it was.
        claimed: The status that the answer would have made.
    """

    at: datetime
    stood: Status
    claimed: Status
    rules: tuple[str, ...]


def answers_without_effect(journal: Iterable[Fact]) -> tuple[NoWay, ...]:
    """Every answer about a payment that came too late, or denied what was proved, and did not move the order.

    Oldest first.
    """
    return tuple(
        NoWay(at=fact.at, stood=stood, claimed=claimed, rules=fact.rules)
        for (_, before), (fact, order) in pairwise(history(journal))
        if _NO_WAY.intersection(fact.rules)
        for stood in (status(order),)
        if status(before) is stood
        for claimed in _statuses(name for name in fact.latest if name in STATUS_OF)
        if claimed is not stood
    )
