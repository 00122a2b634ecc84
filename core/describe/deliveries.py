"""What a merchant's endpoints and handlers were told of an order, in words: what went out, what waits, what is dead."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, assert_never

from paystate.core.describe.wording import clock
from paystate.core.ports.outbox import DeliveryRow, DeliveryState

TOLD_MAX: Final = 20
"""Deliveries of an order that are told, the newest; to know whether there are more, read one more."""


def deliveries_in_words(rows: Sequence[DeliveryRow]) -> Iterator[str]:
    """A sentence for each delivery, as far as they are told, and one that says where the others are."""
    yield from map(delivery_in_words, rows[:TOLD_MAX])
    if len(rows) > TOLD_MAX:
        order_id = rows[0].announcement.order_id
        yield f"What came before that is not told here; `paystate outbox list --order {order_id}` lists it."


def delivery_in_words(row: DeliveryRow) -> str:
    """One delivery, such as `shop was told order.paid at 2026-03-14 09:01:00 UTC, after 2 tries (answered 204).`"""
    what = row.announcement.once_key
    match row.state:
        case DeliveryState.DELIVERED:
            return f"{row.subscriber} was told {what}{_ended(row)}, {_tries(row)}."
        case DeliveryState.DEAD:
            again = f"`paystate outbox replay {row.announcement.event_id} --endpoint {row.subscriber} --by NAME`"
            return f"{row.subscriber} was not told {what}: given up{_ended(row)}, {_tries(row)}. {again} tries again."
        case DeliveryState.WAITING:
            return _waits(row, what)
        case _:
            assert_never(row.state)


def _waits(row: DeliveryRow, what: str) -> str:
    if row.due_at is None:
        return f"{row.subscriber} is told {what} once it has taken what this order announced before."
    so_far = f", {_tries(row)}" if row.tries else ""
    return f"{row.subscriber} is due to be told {what} at {clock(row.due_at)}{so_far}."


def _ended(row: DeliveryRow) -> str:
    return f" at {clock(row.ended_at)}" if row.ended_at else ""


def _tries(row: DeliveryRow) -> str:
    last = f" ({row.outcome})" if row.outcome else ""
    return f"after {row.tries} {'try' if row.tries == 1 else 'tries'}{last}"
