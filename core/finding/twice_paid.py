"""Orders that look like one purchase which the shopper paid twice.

No answer of Juspay's says so, and no rule of an order's sees another order: it is a hint for a person. A shopper whose
first try hangs begins again, and the shop opens a second order for the same cart. Where the shop names its purchases,
two paid orders of one purchase are such. Where it does not, two paid orders of one customer over the same price within
the policy's time may be; two orders that name different purchases never are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from attrs import frozen

from paystate.core.finding.day import DayRows, OpenedRow
from paystate.core.orders.derived import Status

_KEEPS_MONEY: Final = frozenset({Status.PARTIAL_CHARGED, Status.CHARGED, Status.PARTIALLY_REFUNDED})
"""What was refunded whole is settled already."""


@frozen
class TwicePaid:
    """Two or more paid orders that may be one purchase, the oldest first.

    Attributes:
        purchase: The one that they name; `""` where only customer, price and time agree.
    """

    orders: tuple[OpenedRow, ...]
    purchase: str = ""


def twice_paid(rows: DayRows, window_s: int, since: datetime) -> tuple[TwicePaid, ...]:
    """Groups with an order that was opened at or after `since`; before it begins what was read only to compare.

    Args:
        window_s: Within how many seconds of each other orders of one customer and price were opened; 0 for never.
    """
    by_purchase = [TwicePaid(group, group[0].purchase) for group in _by_purchase((*rows.opened, *rows.sharing))]
    named = {row.order_id for one in by_purchase for row in one.orders}
    alike = [TwicePaid(group) for group in _alike(rows.opened, window_s)] if window_s else []
    others = [one for one in alike if not named.issuperset(row.order_id for row in one.orders)]
    return tuple(one for one in (*by_purchase, *others) if any(row.opened_at >= since for row in one.orders))


def _by_purchase(rows: Iterable[OpenedRow]) -> Iterator[tuple[OpenedRow, ...]]:
    groups: dict[str, dict[str, OpenedRow]] = {}
    for row in rows:
        if row.purchase and row.status in _KEEPS_MONEY:
            groups.setdefault(row.purchase, {})[row.order_id] = row
    yield from (_by_age(group.values()) for group in groups.values() if len(group) > 1)


def _alike(rows: Iterable[OpenedRow], window_s: int) -> Iterator[tuple[OpenedRow, ...]]:
    """Orders of one customer over one price, each opened soon after the one before."""
    groups: dict[tuple[str, int, str], list[OpenedRow]] = {}
    for row in rows:
        if row.customer_id and row.status in _KEEPS_MONEY:
            alike = (row.customer_id, row.amount.amount_minor, row.amount.currency)
            groups.setdefault(alike, []).append(row)
    for group in (several for several in groups.values() if len(several) > 1):
        for purchase in {row.purchase for row in group if row.purchase} or {""}:
            # One that names no purchase may be of each; those that name different ones are never together.
            may_be_one = _by_age(row for row in group if row.purchase in ("", purchase))
            yield from _close_together(may_be_one, timedelta(seconds=window_s))


def _close_together(rows: Sequence[OpenedRow], window: timedelta) -> Iterator[tuple[OpenedRow, ...]]:
    run = [*rows[:1]]
    for before, row in pairwise(rows):
        if row.opened_at - before.opened_at > window:
            yield from [tuple(run)] if len(run) > 1 else []
            run = []
        run.append(row)
    yield from [tuple(run)] if len(run) > 1 else []


def _by_age(rows: Iterable[OpenedRow]) -> tuple[OpenedRow, ...]:
    return tuple(sorted(rows, key=lambda row: (row.opened_at, row.order_id)))
