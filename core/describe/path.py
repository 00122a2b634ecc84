"""The way an order has taken through its statuses, for a picture of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from attrs import frozen

from paystate.core.describe.wording import SOURCE, STATUS
from paystate.core.orders.derived import Status, status
from paystate.core.orders.facts import Fact
from paystate.core.orders.order import history


@frozen(kw_only=True)
class Stage:
    """A status that an order has come to.

    Attributes:
        at: When.
        version: The order's version from then on.
        source: Who said or did what brought it there, in words.
        rules: The rules that decided.
    """

    status: Status
    meaning: str
    at: datetime
    version: int
    source: str
    rules: tuple[str, ...]


def lifecycle_path(journal: Iterable[Fact]) -> tuple[Stage, ...]:
    """Every status the order came to, oldest first; the last one is where it stands."""
    stages: list[Stage] = []
    for version, (fact, order) in enumerate(history(journal), start=1):
        now = status(order)
        if not stages or stages[-1].status is not now:
            stages.append(
                Stage(
                    status=now,
                    meaning=STATUS[now],
                    at=fact.at,
                    version=version,
                    source=SOURCE[fact.trust],
                    rules=fact.rules,
                )
            )
    return tuple(stages)
