"""Three ledgers, row by row: what the shoppers were answered, what Juspay did, and what Paystate stored and told."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from attrs import field, frozen
from e2e.shop import MERCHANT
from e2e.standin import Standin
from integration.delivery.receiver import Receiver

from paystate.core.ids import OrderKey, refund_id_for
from paystate.core.orders.amounts.totals import amounts
from paystate.core.orders.order import Order, fold
from paystate.core.ports.outbox import DeliveryRow, DeliveryState, OutboxRow
from paystate.core.ports.store import InboxRow, InboxVerdict, JournalEntry, Store

RowT = TypeVar("RowT", InboxRow, OutboxRow, DeliveryRow)

SHOWN = 5
"""Names of a row that differ, at most."""


def counted(names: Iterable[str]) -> Counter[str]:
    """How often each name comes."""
    return Counter([*names])


@frozen
class Row:
    """One thing that several ledgers tell; they must tell the same, each name as often.

    Attributes:
        by: Whose ledger has which names.
    """

    what: str
    by: Mapping[str, Counter[str]]

    @property
    def differing(self) -> list[str]:
        """Names that are not in all ledgers equally often."""
        first, *others = self.by.values()
        names = set(first).union(*others)
        return sorted(name for name in names if any(first[name] != other[name] for other in others))

    def line(self) -> str:
        """For a person to read."""
        sign = " ≠ " if self.differing else " = "
        told = sign.join(f"{who} {names.total()}" for who, names in self.by.items())
        shown = ", ".join(self.differing[:SHOWN])
        more = f"\n      differ: {shown}{', ...' if len(self.differing) > SHOWN else ''}" if shown else ""
        return f"{'✗' if more else ' '} {self.what:<34} {told}{more}"


@frozen
class Generated:
    """What the shoppers' side knows: orders that it was told are paid, refunds and webhooks that were acknowledged."""

    paid: set[str]
    refund_keys: set[str]
    webhooks: set[str]
    strange: set[str] = field(factory=set[str])
    """Webhooks that were acknowledged and that nobody can follow."""


@frozen
class Stored:
    """All that Paystate has stored of one merchant."""

    orders: Mapping[str, Order]
    explained: Counter[str]
    """Orders that come of their journals."""
    decided: Counter[str]
    """Announcements that journals tell of, by order and key."""
    inbox: list[InboxRow]
    outbox: list[OutboxRow]
    deliveries: list[DeliveryRow]


async def stored(store: Store, order_ids: Iterable[str]) -> Stored:
    """Read everything."""
    orders, explained, decided = dict[str, Order](), Counter[str](), Counter[str]()
    for order_id in order_ids:
        order, journal = await at_one_moment(store, OrderKey(MERCHANT, order_id))
        if order is None:
            continue
        orders[order_id] = order
        is_whole = [*range(1, len(journal) + 1)] == [entry.version for entry in journal]
        explained[order_id] += is_whole and order == fold(entry.fact for entry in journal)
        decided.update(f"{order_id} {told.once_key}" for entry in journal for told in entry.fact.announced)
    inbox = await every(lambda last: store.inbox(MERCHANT, before=last))
    outbox = await every(lambda last: store.outbox(MERCHANT, after=last or 0))
    deliveries = await every(lambda last: store.deliveries(MERCHANT, before=last))
    return Stored(orders, explained, decided, inbox, outbox, deliveries)


async def at_one_moment(store: Store, key: OrderKey) -> tuple[Order | None, Sequence[JournalEntry]]:
    """An order and its journal: workers go on, and may note another answer between the two."""
    while True:
        before, journal = await store.load(key), await store.journal(key)
        if before == await store.load(key):
            return before, journal


async def every(page_from: Callable[[int | None], Awaitable[Sequence[RowT]]]) -> list[RowT]:
    """All rows, page after page, each from the last row of the one before; from None at first."""
    found, last = list[RowT](), None
    while page := await page_from(last):
        found += page
        last = page[-1].id
    return found


def rows(shoppers: Generated, juspay: Standin, kept: Stored, endpoint: Receiver) -> list[Row]:
    """All that must agree once nothing waits any more."""
    charged = counted(one.order_id for one in juspay.orders.values() if one.status == "CHARGED")
    captured = counted(order_id for order_id, order in kept.orders.items() if amounts(order).captured)
    ids = counted(refund_id_for(MERCHANT, key) for key in shoppers.refund_keys)
    own = counted(refund_id for order in kept.orders.values() for refund_id in order.refunds)
    told = {one.headers["webhook-id"]: json.loads(one.body) for one in endpoint.received}
    return [
        Row("orders paid", {"shoppers": counted(shoppers.paid), "Juspay": charged, "Paystate": captured}),
        Row("orders that their journals explain", {"orders": counted(kept.orders), "journals": kept.explained}),
        Row("refunds made", {"shoppers": ids, "Juspay": counted(juspay.effects), "Paystate": own}),
        *_webhook_rows(shoppers, kept.inbox),
        Row(
            "announcements",
            {
                "journals": kept.decided,
                "outbox": counted(f"{row.order_id} {row.once_key}" for row in kept.outbox),
                "delivered": counted(_told(one) for one in kept.deliveries if one.state is DeliveryState.DELIVERED),
            },
        ),
        Row(
            "told, by different ids",
            {"outbox": counted(row.event_id for row in kept.outbox), "endpoint": counted(told)},
        ),
        Row("told that an order is paid", {"Juspay": charged, "endpoint": _paid(told.values())}),
    ]


def _webhook_rows(shoppers: Generated, inbox: list[InboxRow]) -> list[Row]:
    def having(*verdicts: bool) -> Counter[str]:
        return counted(row.event_id for row, has in zip(inbox, verdicts, strict=True) if has)

    everything = counted(shoppers.webhooks | shoppers.strange)
    return [
        Row("webhooks answered 200", {"shoppers": everything, "stored": counted(row.event_id for row in inbox)}),
        Row(
            "    processed",
            {
                "shoppers": counted(shoppers.webhooks),
                "Paystate": having(*(row.verdict is InboxVerdict.LOOKED for row in inbox)),
            },
        ),
        Row(
            "    quarantined",
            {
                "shoppers": counted(shoppers.strange),
                "Paystate": having(*(row.verdict.is_quarantine for row in inbox)),
            },
        ),
        Row(
            "    waiting",
            {"shoppers": counted(()), "Paystate": having(*(row.verdict is InboxVerdict.WAITING for row in inbox))},
        ),
    ]


def _told(one: DeliveryRow) -> str:
    return f"{one.announcement.order_id} {one.announcement.once_key}"


def _paid(events: Iterable[Mapping[str, Any]]) -> Counter[str]:
    return counted(event["data"]["order_id"] for event in events if event["type"] == "order.paid")
