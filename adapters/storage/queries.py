"""Reads, each as one function on a connection.

Owns the reading SQL. Every cursor is read to its end, or the connection would keep an old view of the file.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from paystate.adapters.storage.codec import (
    decoded_checkout,
    decoded_checkout_fact,
    decoded_fact,
    decoded_instants,
    decoded_order,
)
from paystate.adapters.storage.instants import instant, instant_or_none, micros
from paystate.core.checkout import Checkout, CheckoutFact
from paystate.core.ids import CheckoutKey, OrderKey
from paystate.core.order import Order
from paystate.core.ports import InboxRow, JournalEntry, OutboxRow
from paystate.core.schedule import Schedule

_ORDER: Final = "select snapshot from orders where merchant_id = ? and order_key = ?"
_CHECKOUT: Final = "select snapshot from checkouts where merchant_id = ? and checkout_id = ?"
_ORDERS: Final = "select snapshot from orders where merchant_id = ? order by created_at desc, id desc limit ?"
_ORDERS_AFTER: Final = """
    select snapshot from orders
    where merchant_id = ?
      and (created_at, id) < (select created_at, id from orders where merchant_id = ? and order_key = ?)
    order by created_at desc, id desc limit ?
"""
_JOURNAL: Final = "select version, fact from order_journal where merchant_id = ? and order_key = ? order by version"
_CHECKOUT_JOURNAL: Final = """
    select fact from checkout_journal where merchant_id = ? and checkout_id = ? order by version
"""
_CHECKOUTS_OF: Final = "select snapshot from checkouts where merchant_id = ? and order_key = ? order by id"
_SCHEDULE: Final = "select next_look_at, hint_at, looks from orders where merchant_id = ? and order_key = ?"
DUE: Final = "select merchant_id, order_id from orders where due_at <= ? order by due_at, id limit ?"
_INBOX_COLUMNS: Final = "id, merchant_id, event_id, digest, body, received_at, repeats, conflicts, verdict"
WAITING: Final = f"select {_INBOX_COLUMNS} from inbox where verdict = '' order by id limit ?"  # noqa: S608 - fixed text
_INBOX: Final = f"select {_INBOX_COLUMNS} from inbox where merchant_id = ? order by id desc limit ?"  # noqa: S608
_OUTBOX: Final = """
    select outbox.id, orders.order_id, kind, once_key, outbox.version, at
    from outbox join orders using (merchant_id, order_key) where outbox.merchant_id = ? order by outbox.id limit ?
"""


def load_order(connection: sqlite3.Connection, key: OrderKey) -> Order | None:
    """Return the stored order, if there is one."""
    rows = connection.execute(_ORDER, (key.merchant_id, key.folded)).fetchall()
    return decoded_order(rows[0][0]) if rows else None


def load_checkout(connection: sqlite3.Connection, key: CheckoutKey) -> Checkout | None:
    """Return the stored checkout, if there is one."""
    rows = connection.execute(_CHECKOUT, (key.merchant_id, key.checkout_id)).fetchall()
    return decoded_checkout(rows[0][0]) if rows else None


def orders(connection: sqlite3.Connection, merchant_id: str, after: str, limit: int) -> Sequence[Order]:
    """Return one page of orders, newest first."""
    if after:
        rows = connection.execute(_ORDERS_AFTER, (merchant_id, merchant_id, after.lower(), limit)).fetchall()
    else:
        rows = connection.execute(_ORDERS, (merchant_id, limit)).fetchall()
    return [decoded_order(text) for (text,) in rows]


def journal(connection: sqlite3.Connection, key: OrderKey) -> Sequence[JournalEntry]:
    """Return an order's journal, oldest row first."""
    rows = connection.execute(_JOURNAL, (key.merchant_id, key.folded)).fetchall()
    return [JournalEntry(version=version, fact=decoded_fact(text)) for version, text in rows]


def checkout_journal(connection: sqlite3.Connection, key: CheckoutKey) -> Sequence[CheckoutFact]:
    """Return a checkout's journal, oldest row first."""
    rows = connection.execute(_CHECKOUT_JOURNAL, (key.merchant_id, key.checkout_id)).fetchall()
    return [decoded_checkout_fact(text) for (text,) in rows]


def checkouts_of(connection: sqlite3.Connection, key: OrderKey) -> Sequence[Checkout]:
    """Return the checkouts whose newest process payload is the order's, oldest checkout first."""
    rows = connection.execute(_CHECKOUTS_OF, (key.merchant_id, key.folded)).fetchall()
    return [decoded_checkout(text) for (text,) in rows]


def schedule(connection: sqlite3.Connection, key: OrderKey) -> Schedule:
    """Return an order's schedule; an empty one for an order that is not there."""
    for next_look_at, hint_at, looks in connection.execute(_SCHEDULE, (key.merchant_id, key.folded)).fetchall():
        return Schedule(
            next_look_at=instant_or_none(next_look_at), hint_at=instant_or_none(hint_at), looks=decoded_instants(looks)
        )
    return Schedule()


def due(connection: sqlite3.Connection, now: datetime, limit: int) -> Sequence[OrderKey]:
    """Return the keys of orders that are due, the longest overdue first."""
    return [OrderKey(*row) for row in connection.execute(DUE, (micros(now), limit)).fetchall()]


def waiting_inbox(connection: sqlite3.Connection, limit: int) -> Sequence[InboxRow]:
    """Return webhooks that wait, oldest first."""
    return [_inbox_row(*row) for row in connection.execute(WAITING, (limit,)).fetchall()]


def inbox(connection: sqlite3.Connection, merchant_id: str, limit: int) -> Sequence[InboxRow]:
    """Return a merchant's webhooks, newest first."""
    return [_inbox_row(*row) for row in connection.execute(_INBOX, (merchant_id, limit)).fetchall()]


def outbox(connection: sqlite3.Connection, merchant_id: str, limit: int) -> Sequence[OutboxRow]:
    """Return a merchant's waiting announcements, oldest first."""
    return [
        OutboxRow(
            id=row_id,
            merchant_id=merchant_id,
            order_id=order_id,
            kind=kind,
            once_key=once_key,
            version=version,
            at=instant(at),
        )
        for row_id, order_id, kind, once_key, version, at in connection.execute(
            _OUTBOX, (merchant_id, limit)
        ).fetchall()
    ]


def _inbox_row(
    row_id: int,
    merchant_id: str,
    event_id: str,
    digest: str,
    body: bytes,
    received_at: int,
    repeats: int,
    conflicts: int,
    verdict: str,
) -> InboxRow:
    return InboxRow(
        id=row_id,
        merchant_id=merchant_id,
        event_id=event_id,
        digest=digest,
        body=body,
        received_at=instant(received_at),
        repeats=repeats,
        conflicts=bool(conflicts),
        verdict=verdict,
    )
