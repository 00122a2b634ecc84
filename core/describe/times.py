"""When each payment and refund came, and came to where it stands: a record does not keep that, but its journal does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final

from attrs import frozen

from paystate.core.orders.facts import Fact


@frozen(kw_only=True)
class Times:
    """When something was recorded.

    Attributes:
        first_seen_at: By the first fact that names it.
        changed_at: By the fact that brought it to the state that it has.
    """

    first_seen_at: datetime
    changed_at: datetime


@frozen(kw_only=True)
class OrderTimes:
    """Those of an order: of payments by transaction, and of refunds by id."""

    attempts: Mapping[str, Times]
    refunds: Mapping[str, Times]


NO_TIMES: Final = OrderTimes(attempts={}, refunds={})
"""Of an order whose journal was not read."""


def times_of(journal: Iterable[Fact]) -> OrderTimes:
    """What a journal says, oldest fact first."""
    attempts, refunds = dict[str, tuple[StrEnum, Times]](), dict[str, tuple[StrEnum, Times]]()
    for fact in journal:
        for attempt in fact.attempts:
            _note(attempts, attempt.txn_id, attempt.state, fact.at)
        for refund in fact.refunds:
            _note(refunds, refund.refund_id, refund.state, fact.at)
    return OrderTimes(
        attempts={name: times for name, (_, times) in attempts.items()},
        refunds={name: times for name, (_, times) in refunds.items()},
    )


def _note(known: dict[str, tuple[StrEnum, Times]], name: str, state: StrEnum, at: datetime) -> None:
    stood, times = known.get(name, (None, Times(first_seen_at=at, changed_at=at)))
    if stood != state:
        known[name] = state, Times(first_seen_at=times.first_seen_at, changed_at=at)
