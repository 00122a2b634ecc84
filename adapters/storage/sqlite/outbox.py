"""Announcements and their deliveries in SQLite: fixed SQL on the driver.

Of the deliveries of one order to one subscriber only the first that waits may be due (`_line_up`). So what is due is
found by one index, however much waits behind it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, TypeVar

from paystate.adapters.storage.codec import decoded_fact
from paystate.adapters.storage.instants import instant, instant_or_none, micros, micros_or_none
from paystate.core.errors import RecordUnreadable
from paystate.core.ids import OrderKey, event_id_for
from paystate.core.orders.facts import Announcement, AnnouncementKind
from paystate.core.ports.outbox import DeliveryRow, DeliveryState, OutboxRow, Subscription
from paystate.core.retention import AnnouncementRetention
from paystate.core.timestamps import CLOCK_SKEW_MAX

WordT = TypeVar("WordT", bound=StrEnum)

_KINDS: Final = frozenset(AnnouncementKind)
SWEEP_MAX: Final = 100
"""Announcements that one commit of a sweep deletes."""

_ANNOUNCEMENT: Final = """
    outbox.id, outbox.event_id, outbox.merchant_id, orders.order_id, outbox.kind, outbox.once_key, outbox.version,
    outbox.at
"""
_OF_ORDERS: Final = "outbox join orders using (merchant_id, order_key)"
_INSERT: Final = """
    insert into outbox (merchant_id, order_key, once_key, kind, version, at, event_id, kept_since)
    values (?, ?, ?, ?, ?, ?, ?, ?)
    on conflict (merchant_id, order_key, once_key) do nothing
"""
_KEEP: Final = "update outbox set kept_since = ? where merchant_id = ? and event_id = ?"
_PAGE: Final = f"""
    select {_ANNOUNCEMENT} from {_OF_ORDERS} where outbox.merchant_id = ? and outbox.id > ? order by outbox.id limit ?
"""  # noqa: S608 - fixed text
_NEWEST: Final = "select coalesce(max(id), 0) from outbox where merchant_id = ?"
_BY_EVENT: Final = f"""
    select {_ANNOUNCEMENT} from {_OF_ORDERS} where outbox.merchant_id = ? and outbox.event_id = ?
"""  # noqa: S608
_JOURNAL_ENDS: Final = "select count(*), max(id) from (select id from order_journal where id > ? order by id limit ?)"
_JOURNAL: Final = """
    select orders.order_id, order_journal.version, order_journal.at, order_journal.fact
    from order_journal join orders using (merchant_id, order_key)
    where order_journal.id > ? and order_journal.id <= ? and order_journal.merchant_id = ? and order_journal.at >= ?
    order by order_journal.id
"""
_SUBSCRIBE: Final = f"""
    insert into subscribers (merchant_id, subscriber, after_id, handles) values (?, ?, ({_NEWEST}), ?)
    on conflict (merchant_id, subscriber) do update set handles = excluded.handles
"""  # noqa: S608
_SUBSCRIPTIONS: Final = """
    select merchant_id, subscriber,
           exists (select 1 from outbox where outbox.merchant_id = subscribers.merchant_id and id > after_id),
           exists (select 1 from deliveries
                   where deliveries.merchant_id = subscribers.merchant_id
                   and deliveries.subscriber = subscribers.subscriber and due_at <= ?)
           or exists (select 1 from deliveries
                      where deliveries.merchant_id = subscribers.merchant_id
                      and deliveries.subscriber = subscribers.subscriber and due_at is not null and planned_at > ?),
           paused_at, handles
    from subscribers order by merchant_id, subscriber
"""
_SUBSCRIPTION: Final = "select after_id, paused_at from subscribers where merchant_id = ? and subscriber = ?"
_NEXT: Final = "select id, order_key, kind from outbox where merchant_id = ? and id > ? order by id limit ?"
_MOVE_ON: Final = "update subscribers set after_id = ? where merchant_id = ? and subscriber = ?"
_QUEUE: Final = """
    insert into deliveries (merchant_id, subscriber, announcement_id, order_key, state, tries)
    values (?, ?, ?, ?, 'waiting', 0)
    on conflict (merchant_id, subscriber, announcement_id) do nothing
"""
_DELIVERY: Final = f"""
    select {_ANNOUNCEMENT}, deliveries.id, deliveries.subscriber, deliveries.state, deliveries.tries, deliveries.due_at,
           deliveries.ended_at, deliveries.told
    from deliveries join outbox on outbox.id = deliveries.announcement_id
    join orders on (orders.merchant_id, orders.order_key) = (outbox.merchant_id, outbox.order_key)
"""  # noqa: S608
_OF_SUBSCRIBER: Final = """deliveries.merchant_id = ? and deliveries.subscriber = ?
    and not exists (select 1 from subscribers
                    where subscribers.merchant_id = deliveries.merchant_id
                    and subscribers.subscriber = deliveries.subscriber and paused_at is not null)"""
_DUE: Final = f"""{_DELIVERY}
    where {_OF_SUBSCRIBER} and deliveries.due_at <= ? order by deliveries.due_at, deliveries.id limit ?
"""
_OF_ANOTHER_TIME: Final = f"""{_DELIVERY}
    where {_OF_SUBSCRIBER} and deliveries.planned_at > ? and deliveries.due_at is not null and deliveries.due_at > ?
    order by deliveries.planned_at, deliveries.id limit ?
"""
_BEGIN: Final = """
    update deliveries set tries = tries + 1, due_at = ?, planned_at = ?, is_leased = 1
    where id = ? and state = 'waiting' and tries = ? and due_at = ?
"""
_DELIVERED: Final = """
    update deliveries set state = 'delivered', due_at = null, is_leased = 0, ended_at = ?, told = ?
    where id = ? and state <> 'delivered'
"""
_ENDED: Final = """
    update deliveries set state = ?, due_at = ?, planned_at = ?, is_leased = 0, ended_at = ?, told = ?
    where id = ? and state = 'waiting' and tries = ?
"""
_LINE: Final = """
    select id, due_at from deliveries
    where merchant_id = ? and subscriber = ? and order_key = ? and state = 'waiting' order by announcement_id limit 1
"""
_IN_FLIGHT: Final = """
    select 1 from deliveries
    where merchant_id = ? and subscriber = ? and order_key = ? and state = 'waiting' and is_leased limit 1
"""
_HOLD_BACK: Final = """
    update deliveries set due_at = null
    where merchant_id = ? and subscriber = ? and order_key = ? and state = 'waiting' and due_at is not null and id <> ?
"""
_IS_DUE: Final = "update deliveries set due_at = ?, planned_at = ? where id = ?"
_PAUSE: Final = """
    update subscribers set paused_at = ? where merchant_id = ? and subscriber = ? and paused_at is null
"""
_GIVE_UP: Final = """
    update deliveries set state = 'dead', due_at = null, is_leased = 0, ended_at = ?, told = ?
    where merchant_id = ? and subscriber = ? and state = 'waiting'
"""
_RESUME: Final = f"""
    update subscribers set paused_at = null, after_id = ({_NEWEST})
    where merchant_id = ? and subscriber = ? and paused_at is not null
"""  # noqa: S608
_AGAIN: Final = """
    update deliveries set state = 'waiting', tries = 0, due_at = null, ended_at = null, told = ''
    where merchant_id = ? and subscriber = ? and announcement_id = ? and not is_leased
"""
_MERCHANTS: Final = "select distinct merchant_id from outbox order by merchant_id"
_IS_OLD: Final = """
    where merchant_id = ? and kept_since < ? and id < (select max(id) from outbox)
    and (kept_since < ?
         or not (exists (select 1 from deliveries where announcement_id = outbox.id and state = 'waiting')
                 or exists (select 1 from subscribers where subscribers.merchant_id = outbox.merchant_id
                            and after_id < outbox.id and paused_at is null)))
"""
_OLD: Final = f"select id from outbox {_IS_OLD} order by kept_since, id limit ?"  # noqa: S608
_OLD_COUNT: Final = f"select count(*) from outbox {_IS_OLD}"  # noqa: S608
_LINES_OF: Final = "select subscriber, order_key from deliveries where announcement_id = ? and state = 'waiting'"
_DELETE_DELIVERIES: Final = "delete from deliveries where announcement_id = ?"
_DELETE: Final = "delete from outbox where id = ?"


# --- reads ------------------------------------------------------------------------------------------------------------


def outbox(connection: sqlite3.Connection, merchant_id: str, after: int, limit: int) -> Sequence[OutboxRow]:
    """Return what `Outbox.outbox` promises."""
    return [_announcement(*row) for row in connection.execute(_PAGE, (merchant_id, after, limit))]


def newest(connection: sqlite3.Connection, merchant_id: str) -> int:
    """Return what `Outbox.newest_announcement` promises."""
    ((row_id,),) = connection.execute(_NEWEST, (merchant_id,)).fetchall()
    return int(row_id)


def announcement(connection: sqlite3.Connection, merchant_id: str, event_id: str) -> OutboxRow | None:
    """Return what `Outbox.announcement` promises."""
    found = connection.execute(_BY_EVENT, (merchant_id, event_id)).fetchall()
    return _announcement(*found[0]) if found else None


def announced_since(
    connection: sqlite3.Connection, merchant_id: str, since: datetime, after: int, limit: int
) -> tuple[Sequence[tuple[OrderKey, int, datetime, Announcement]], int | None]:
    """Return what `Outbox.announced_since` promises."""
    ((read, last),) = connection.execute(_JOURNAL_ENDS, (after, limit)).fetchall()
    rows = connection.execute(_JOURNAL, (after, last or after, merchant_id, micros(since))).fetchall()
    found = [
        (OrderKey(merchant_id, order_id), version, instant(at), told)
        for order_id, version, at, fact in rows
        for told in decoded_fact(fact).announced
    ]
    return found, last if read == limit else None


def subscriptions(connection: sqlite3.Connection, now: datetime) -> Sequence[Subscription]:
    """Return what `Outbox.subscriptions` promises."""
    return [
        Subscription(
            merchant_id=merchant_id,
            subscriber=subscriber,
            is_behind=bool(is_behind),
            has_due=bool(has_due) and paused_at is None,
            paused_at=instant_or_none(paused_at),
            handles=_kinds(handles),
        )
        for merchant_id, subscriber, is_behind, has_due, paused_at, handles in connection.execute(
            _SUBSCRIPTIONS, (micros(now), micros(now + CLOCK_SKEW_MAX))
        )
    ]


def due(
    connection: sqlite3.Connection, merchant_id: str, subscriber: str, now: datetime, limit: int
) -> Sequence[DeliveryRow]:
    """Return what `Outbox.due_deliveries` promises."""
    name, at = (merchant_id, subscriber), micros(now)
    rows = connection.execute(_DUE, (*name, at, limit)).fetchall()
    if len(rows) < limit:
        another = (*name, micros(now + CLOCK_SKEW_MAX), at, limit - len(rows))
        rows += connection.execute(_OF_ANOTHER_TIME, another).fetchall()
    return [_delivery(*row) for row in rows]


def deliveries(
    connection: sqlite3.Connection,
    merchant_id: str,
    where: Mapping[str, str],
    state: DeliveryState | None,
    before: int | None,
    limit: int,
) -> Sequence[DeliveryRow]:
    """Return what `Outbox.deliveries` promises; `where` has the columns that must be equal."""
    asked = {column: value for column, value in where.items() if value}
    conditions = "".join(f" and {column} = ?" for column in asked)
    if state:
        conditions += f" and deliveries.state = '{state}'"  # as text: else no index of one state is used
    page = (*asked.values(), *(() if before is None else (before,)), limit)
    query = (
        f"{_DELIVERY} where deliveries.merchant_id = ?{conditions}"
        f"{'' if before is None else ' and deliveries.id < ?'} order by deliveries.id desc limit ?"
    )
    return [_delivery(*row) for row in connection.execute(query, (merchant_id, *page))]


def merchants(connection: sqlite3.Connection) -> Sequence[str]:
    """Return what `Outbox.outbox_merchants` promises."""
    return [merchant_id for (merchant_id,) in connection.execute(_MERCHANTS)]


def sweepable(connection: sqlite3.Connection, merchant_id: str, retention: AnnouncementRetention) -> int:
    """Return what `Outbox.sweepable_outbox` promises."""
    ((count,),) = connection.execute(_OLD_COUNT, (merchant_id, *_instants(retention))).fetchall()
    return int(count)


# --- writes, short of the commit --------------------------------------------------------------------------------------


def insert(connection: sqlite3.Connection, key: OrderKey, version: int, at: int, told: Announcement) -> None:
    """Put an announcement in, unless it is there; `at` in microseconds."""
    named = (key.merchant_id, key.folded, told.once_key)
    connection.execute(_INSERT, (*named, told.kind, version, at, event_id_for(key, told.once_key), at))


def restore(
    connection: sqlite3.Connection, key: OrderKey, version: int, at: datetime, told: Announcement, now: datetime
) -> OutboxRow | None:
    """Do what `Outbox.restore_announcement` promises; None where there is no such order."""
    event_id = event_id_for(key, told.once_key)
    insert(connection, key, version, micros(at), told)
    connection.execute(_KEEP, (micros(now), key.merchant_id, event_id))
    return announcement(connection, key.merchant_id, event_id)


def subscribe(
    connection: sqlite3.Connection, merchant_id: str, subscriber: str, handles: Collection[AnnouncementKind]
) -> None:
    """Do what `Outbox.subscribe` promises."""
    connection.execute(_SUBSCRIBE, (merchant_id, subscriber, merchant_id, " ".join(sorted(handles))))


def queue(
    connection: sqlite3.Connection,
    merchant_id: str,
    subscriber: str,
    kinds: Collection[AnnouncementKind],
    now: datetime,
    limit: int,
) -> int:
    """Do what `Outbox.queue_deliveries` promises."""
    name = (merchant_id, subscriber)
    known = connection.execute(_SUBSCRIPTION, name).fetchall()
    if not known:
        return 0
    ((after, paused_at),) = known
    rows = connection.execute(_NEXT, (merchant_id, after, limit)).fetchall()
    wanted = [(row_id, order_key) for row_id, order_key, kind in rows if kind in kinds and paused_at is None]
    for row_id, order_key in wanted:
        connection.execute(_QUEUE, (*name, row_id, order_key))
    for order_key in dict.fromkeys(order_key for _, order_key in wanted):
        _line_up(connection, *name, order_key, now)
    if rows:
        connection.execute(_MOVE_ON, (rows[-1][0], *name))
    return len(rows)


def begin(connection: sqlite3.Connection, row: DeliveryRow, now: datetime, until: datetime) -> bool:
    """Do what `Outbox.begin_delivery` promises."""
    as_it_was = (row.id, row.tries, micros_or_none(row.due_at))
    return connection.execute(_BEGIN, (micros(until), micros(now), *as_it_was)).rowcount == 1


def end(
    connection: sqlite3.Connection,
    row: DeliveryRow,
    state: DeliveryState,
    now: datetime,
    told: str,
    due_at: datetime | None,
) -> None:
    """Do what `Outbox.end_delivery` promises."""
    if state is DeliveryState.DELIVERED:
        connection.execute(_DELIVERED, (micros(now), told, row.id))
    else:
        at = micros(now)
        ended_at = at if state is DeliveryState.DEAD else None
        connection.execute(_ENDED, (state, micros_or_none(due_at), at, ended_at, told, row.id, row.tries + 1))
    key = row.announcement.order_key
    _line_up(connection, key.merchant_id, row.subscriber, key.folded, now)


def mark(connection: sqlite3.Connection, row: DeliveryRow, now: datetime, told: str) -> bool:
    """Note that a delivery was made, if the try that began it is still the last; returns whether it is."""
    at = micros(now)
    delivered = (DeliveryState.DELIVERED, None, at, at, told, row.id, row.tries + 1)
    if connection.execute(_ENDED, delivered).rowcount != 1:
        return False
    key = row.announcement.order_key
    _line_up(connection, key.merchant_id, row.subscriber, key.folded, now)
    return True


def pause(connection: sqlite3.Connection, merchant_id: str, subscriber: str, now: datetime, told: str) -> None:
    """Do what `Outbox.pause_subscriber` promises."""
    connection.execute(_PAUSE, (micros(now), merchant_id, subscriber))
    connection.execute(_GIVE_UP, (micros(now), told, merchant_id, subscriber))


def resume(connection: sqlite3.Connection, merchant_id: str, subscriber: str) -> bool:
    """Do what `Outbox.resume_subscriber` promises."""
    return connection.execute(_RESUME, (merchant_id, merchant_id, subscriber)).rowcount == 1


def requeue(connection: sqlite3.Connection, row: OutboxRow, subscriber: str, now: datetime) -> bool:
    """Do what `Outbox.requeue_delivery` promises."""
    name = (row.merchant_id, subscriber)
    is_again = (
        connection.execute(_AGAIN, (*name, row.id)).rowcount == 1
        or connection.execute(_QUEUE, (*name, row.id, row.order_key.folded)).rowcount == 1
    )
    _line_up(connection, *name, row.order_key.folded, now)
    return is_again


def sweep(connection: sqlite3.Connection, merchant_id: str, retention: AnnouncementRetention) -> int:
    """Do what `Outbox.sweep_outbox` promises."""
    gone = connection.execute(_OLD, (merchant_id, *_instants(retention), SWEEP_MAX)).fetchall()
    for (row_id,) in gone:
        lines = connection.execute(_LINES_OF, (row_id,)).fetchall()
        connection.execute(_DELETE_DELIVERIES, (row_id,))
        connection.execute(_DELETE, (row_id,))
        for subscriber, order_key in lines:
            _line_up(connection, merchant_id, subscriber, order_key, retention.ended_since)
    return len(gone)


def _instants(retention: AnnouncementRetention) -> tuple[int, int]:
    return micros(retention.ended_since), micros(retention.waiting_since)


def _line_up(connection: sqlite3.Connection, merchant_id: str, subscriber: str, order_key: str, now: datetime) -> None:
    """Let the first delivery of an order that waits be due, and no other; one that is being sent is left to end."""
    line = (merchant_id, subscriber, order_key)
    if connection.execute(_IN_FLIGHT, line).fetchall():
        return
    for first, due_at in connection.execute(_LINE, line).fetchall():
        connection.execute(_HOLD_BACK, (*line, first))
        if due_at is None:
            connection.execute(_IS_DUE, (micros(now), micros(now), first))


def _announcement(
    row_id: int, event_id: str, merchant_id: str, order_id: str, kind: str, once_key: str, version: int, at: int
) -> OutboxRow:
    return OutboxRow(
        id=row_id,
        event_id=event_id,
        merchant_id=merchant_id,
        order_id=order_id,
        kind=_word(AnnouncementKind, kind),
        once_key=once_key,
        version=version,
        at=instant(at),
    )


def _delivery(*columns: Any) -> DeliveryRow:
    *told_of, row_id, subscriber, state, tries, due_at, ended_at, told = columns
    return DeliveryRow(
        id=row_id,
        subscriber=subscriber,
        announcement=_announcement(*told_of),
        state=_word(DeliveryState, state),
        tries=tries,
        due_at=instant_or_none(due_at),
        ended_at=instant_or_none(ended_at),
        told=told,
    )


def _kinds(text: str) -> frozenset[AnnouncementKind]:
    """What a handler wants; another version of this program may have written kinds that are not announced here."""
    return frozenset(AnnouncementKind(word) for word in text.split() if word in _KINDS)


def _word(words: type[WordT], text: str) -> WordT:
    try:
        return words(text)
    except ValueError as error:
        raise RecordUnreadable("a stored word is not known to this program") from error
