"""Announcements and their deliveries.

Of the deliveries of one order to one subscriber only the first that waits may be due (`_line_up`). So what is due is
found by one index, however much waits behind it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, TypeVar

from paystate.adapters.storage.instants import instant, instant_or_none, micros, micros_or_none
from paystate.adapters.storage.sql.steps import Name, Sql, Steps, alone, change, change_each, fetch, sql_of
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
_INSERT: Final = Sql("""
    insert into outbox (merchant_id, order_key, once_key, kind, version, at, event_id, kept_since, is_restored)
    values (?, ?, ?, ?, ?, ?, ?, ?, ?)
    on conflict (merchant_id, order_key, once_key) do nothing
""")
_KEEP: Final = Sql("update outbox set kept_since = ? where merchant_id = ? and event_id = ?")
_PAGE: Final = Sql(f"""
    select {_ANNOUNCEMENT} from {_OF_ORDERS} where outbox.merchant_id = ? and outbox.id > ? order by outbox.id limit ?
""")  # noqa: S608 - fixed text
_NEWEST: Final = Sql("select coalesce(max(id), 0) from outbox where merchant_id = ?")
_BY_EVENT: Final = Sql(f"""
    select {_ANNOUNCEMENT} from {_OF_ORDERS} where outbox.merchant_id = ? and outbox.event_id = ?
""")  # noqa: S608
_SUBSCRIBE: Final = Sql(f"""
    insert into subscribers (merchant_id, subscriber, after_id, handles) values (?, ?, ({_NEWEST}), ?)
    on conflict (merchant_id, subscriber) do update set handles = excluded.handles
""")  # noqa: S608
_SUBSCRIPTIONS: Final = Sql("""
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
""")
_SUBSCRIPTION: Final = Sql(
    "select after_id, paused_at from subscribers where merchant_id = ? and subscriber = ? [for update or skip]"
)
_NEXT: Final = Sql(
    "select id, order_key, kind, is_restored from outbox where merchant_id = ? and id > ? order by id limit ?"
)
_MOVE_ON: Final = Sql("update subscribers set after_id = ? where merchant_id = ? and subscriber = ?")
_QUEUE: Final = Sql("""
    insert into deliveries (merchant_id, subscriber, announcement_id, order_key, state, tries)
    values (?, ?, ?, ?, 'waiting', 0)
    on conflict do nothing
""")
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
_DUE: Final = Sql(f"""{_DELIVERY}
    where {_OF_SUBSCRIBER} and deliveries.due_at <= ? order by deliveries.due_at, deliveries.id limit ?
""")
_OF_ANOTHER_TIME: Final = Sql(f"""{_DELIVERY}
    where {_OF_SUBSCRIBER} and deliveries.planned_at > ? and deliveries.due_at is not null and deliveries.due_at > ?
    order by deliveries.planned_at, deliveries.id limit ?
""")
_BEGIN: Final = Sql("""
    update deliveries set tries = tries + 1, due_at = ?, planned_at = ?, is_leased = 1
    where id = ? and state = 'waiting' and tries = ? and due_at = ?
""")
_DELIVERED: Final = Sql("""
    update deliveries set state = 'delivered', due_at = null, is_leased = 0, ended_at = ?, told = ?
    where id = ? and state <> 'delivered'
""")
_ENDED: Final = Sql("""
    update deliveries set state = ?, due_at = ?, planned_at = ?, is_leased = 0, ended_at = ?, told = ?
    where id = ? and state = 'waiting' and tries = ?
""")
_LINE: Final = Sql("""
    select id, due_at from deliveries
    where merchant_id = ? and subscriber = ? and order_key = ? and state = 'waiting' order by announcement_id limit 1
""")
_IN_FLIGHT: Final = Sql("""
    select 1 from deliveries
    where merchant_id = ? and subscriber = ? and order_key = ? and state = 'waiting' and is_leased = 1 limit 1
""")
_HOLD_BACK: Final = Sql("""
    update deliveries set due_at = null
    where merchant_id = ? and subscriber = ? and order_key = ? and state = 'waiting' and due_at is not null and id <> ?
""")
_IS_DUE: Final = Sql("update deliveries set due_at = ?, planned_at = ? where id = ?")
_PAUSE: Final = Sql("""
    update subscribers set paused_at = ? where merchant_id = ? and subscriber = ? and paused_at is null
""")
_UNSUBSCRIBE: Final = Sql("delete from subscribers where merchant_id = ? and subscriber = ?")
_GIVE_UP: Final = Sql("""
    update deliveries set state = 'dead', due_at = null, is_leased = 0, ended_at = ?, told = ?
    where merchant_id = ? and subscriber = ? and state = 'waiting'
""")
_RESUME: Final = Sql(f"""
    update subscribers set paused_at = null, after_id = ({_NEWEST})
    where merchant_id = ? and subscriber = ? and paused_at is not null
""")  # noqa: S608
_AGAIN: Final = Sql("""
    update deliveries set state = 'waiting', tries = 0, due_at = null, ended_at = null, told = ''
    where merchant_id = ? and subscriber = ? and announcement_id = ? and is_leased = 0
""")
_MERCHANTS: Final = Sql("select distinct merchant_id from outbox order by merchant_id")
_IS_OLD: Final = """
    where merchant_id = ? and kept_since < ? and id < (select max(id) from outbox)
    and (kept_since < ?
         or not (exists (select 1 from deliveries where announcement_id = outbox.id and state = 'waiting')
                 or exists (select 1 from subscribers where subscribers.merchant_id = outbox.merchant_id
                            and after_id < outbox.id and paused_at is null)))
"""
_OLD: Final = Sql(f"""
    select id from outbox {_IS_OLD} order by kept_since, id limit ? [for update or skip]
""")  # noqa: S608
_OLD_COUNT: Final = Sql(f"select count(*) from outbox {_IS_OLD}")  # noqa: S608
_SUBSCRIBERS_OF: Final = Sql(
    "select subscriber from subscribers where merchant_id = ? order by subscriber [for update]"
)
_IS_KEPT: Final = Sql("select 1 from outbox where merchant_id = ? and id = ? [for update]")
_LINES_OF: Final = Sql("select subscriber, order_key from deliveries where announcement_id = ? and state = 'waiting'")
_DELETE_DELIVERIES: Final = Sql("delete from deliveries where announcement_id = ?")
_DELETE: Final = Sql("delete from outbox where id = ?")


# --- reads ------------------------------------------------------------------------------------------------------------


def outbox(merchant_id: str, after: int, limit: int) -> Steps[Sequence[OutboxRow]]:
    """Return what `Outbox.outbox` promises."""
    return [_announcement(*row) for row in (yield from fetch(_PAGE, merchant_id, after, limit))]


def newest(merchant_id: str) -> Steps[int]:
    """Return what `Outbox.newest_announcement` promises."""
    ((row_id,),) = yield from fetch(_NEWEST, merchant_id)
    return int(row_id)


def announcement(merchant_id: str, event_id: str) -> Steps[OutboxRow | None]:
    """Return what `Outbox.announcement` promises."""
    found = yield from fetch(_BY_EVENT, merchant_id, event_id)
    return _announcement(*found[0]) if found else None


def subscriptions(now: datetime) -> Steps[Sequence[Subscription]]:
    """Return what `Outbox.subscriptions` promises."""
    rows = yield from fetch(_SUBSCRIPTIONS, micros(now), micros(now + CLOCK_SKEW_MAX))
    return [
        Subscription(
            merchant_id=merchant_id,
            subscriber=subscriber,
            is_behind=bool(is_behind),
            has_due=bool(has_due) and paused_at is None,
            paused_at=instant_or_none(paused_at),
            handles=_kinds(handles),
        )
        for merchant_id, subscriber, is_behind, has_due, paused_at, handles in rows
    ]


def due(merchant_id: str, subscriber: str, now: datetime, limit: int) -> Steps[Sequence[DeliveryRow]]:
    """Return what `Outbox.due_deliveries` promises."""
    name, at = (merchant_id, subscriber), micros(now)
    rows = yield from fetch(_DUE, *name, at, limit)
    if len(rows) < limit:
        rows += yield from fetch(_OF_ANOTHER_TIME, *name, micros(now + CLOCK_SKEW_MAX), at, limit - len(rows))
    return [_delivery(*row) for row in rows]


def deliveries(
    merchant_id: str, where: Mapping[str, str], state: DeliveryState | None, before: int | None, limit: int
) -> Steps[Sequence[DeliveryRow]]:
    """Return what `Outbox.deliveries` promises; `where` has the columns that must be equal."""
    asked = {column: value for column, value in where.items() if value}
    page = (*asked.values(), *(() if before is None else (before,)), limit)
    statement = deliveries_where(tuple(asked), state, is_from=before is not None)
    return [_delivery(*row) for row in (yield from fetch(statement, merchant_id, *page))]


def deliveries_where(columns: Iterable[str], state: DeliveryState | None, *, is_from: bool = False) -> Sql:
    """The statement for deliveries of a merchant in which these columns are equal to something."""
    conditions = "".join(f" and {column} = ?" for column in columns)
    if state:
        conditions += f" and deliveries.state = '{state}'"  # as text: else no index of one state is used
    return sql_of(
        f"{_DELIVERY} where deliveries.merchant_id = ?{conditions}"
        f"{' and deliveries.id < ?' if is_from else ''} order by deliveries.id desc limit ?"
    )


def merchants() -> Steps[Sequence[str]]:
    """Return what `Outbox.outbox_merchants` promises."""
    return [merchant_id for (merchant_id,) in (yield from fetch(_MERCHANTS))]


def sweepable(merchant_id: str, retention: AnnouncementRetention) -> Steps[int]:
    """Return what `Outbox.sweepable_outbox` promises."""
    ((count,),) = yield from fetch(_OLD_COUNT, merchant_id, *_instants(retention))
    return int(count)


# --- writes, short of the commit --------------------------------------------------------------------------------------


def insert(
    key: OrderKey, version: int, at: int, announced: Sequence[Announcement], *, restored: bool = False
) -> Steps[None]:
    """Put announcements in, unless they are there; `at` in microseconds.

    A merchant's ids become visible in ascending order: from here to its commit no other transaction puts any in.
    """
    if not announced:
        return
    yield from alone(("announcements", key.merchant_id))
    for one in announced:
        named = (key.merchant_id, key.folded, one.once_key)
        event_id = event_id_for(key, one.once_key)
        yield from change(_INSERT, *named, one.kind, version, at, event_id, at, int(restored))


def restore(
    key: OrderKey, version: int, at: datetime, announced: Announcement, now: datetime
) -> Steps[OutboxRow | None]:
    """Do what `Outbox.restore_announcement` promises; None where there is no such order."""
    event_id = event_id_for(key, announced.once_key)
    yield from insert(key, version, micros(at), [announced], restored=True)
    yield from change(_KEEP, micros(now), key.merchant_id, event_id)
    return (yield from announcement(key.merchant_id, event_id))


def subscribe(merchant_id: str, subscriber: str, handles: Collection[AnnouncementKind]) -> Steps[None]:
    """Do what `Outbox.subscribe` promises."""
    yield from change(_SUBSCRIBE, merchant_id, subscriber, merchant_id, " ".join(sorted(handles)))


def queue(
    merchant_id: str, subscriber: str, kinds: Collection[AnnouncementKind], now: datetime, limit: int
) -> Steps[int]:
    """Do what `Outbox.queue_deliveries` promises; nothing where another process is at it."""
    name = (merchant_id, subscriber)
    known = yield from fetch(_SUBSCRIPTION, *name)
    if not known:
        return 0
    ((after, paused_at),) = known
    rows = yield from fetch(_NEXT, merchant_id, after, limit)
    wanted = [
        (row_id, order_key)
        for row_id, order_key, kind, is_restored in rows
        if kind in kinds and paused_at is None and not is_restored
    ]
    order_keys = sorted({order_key for _, order_key in wanted})
    if order_keys:
        yield from alone(*(_line(*name, order_key) for order_key in order_keys))
    yield from change_each(_QUEUE, [(*name, row_id, order_key) for row_id, order_key in wanted])
    for order_key in order_keys:
        yield from _line_up(*name, order_key, now)
    if rows:
        yield from change(_MOVE_ON, rows[-1][0], *name)
    return len(rows)


def begin(row: DeliveryRow, now: datetime, until: datetime) -> Steps[bool]:
    """Do what `Outbox.begin_delivery` promises."""
    yield from alone(_line_of(row))
    as_it_was = (row.id, row.tries, micros_or_none(row.due_at))
    return (yield from change(_BEGIN, micros(until), micros(now), *as_it_was)) == 1


def end(row: DeliveryRow, state: DeliveryState, now: datetime, outcome: str, due_at: datetime | None) -> Steps[None]:
    """Do what `Outbox.end_delivery` promises."""
    yield from alone(_line_of(row))
    if state is DeliveryState.DELIVERED:
        yield from change(_DELIVERED, micros(now), outcome, row.id)
    else:
        at = micros(now)
        ended_at = at if state is DeliveryState.DEAD else None
        yield from change(_ENDED, state, micros_or_none(due_at), at, ended_at, outcome, row.id, row.tries + 1)
    key = row.announcement.order_key
    yield from _line_up(key.merchant_id, row.subscriber, key.folded, now)


def mark(row: DeliveryRow, now: datetime, outcome: str) -> Steps[bool]:
    """Note that a delivery was made, if the try that began it is still the last; returns whether it is."""
    yield from alone(_line_of(row))
    at = micros(now)
    delivered = (DeliveryState.DELIVERED, None, at, at, outcome, row.id, row.tries + 1)
    if (yield from change(_ENDED, *delivered)) != 1:
        return False
    key = row.announcement.order_key
    yield from _line_up(key.merchant_id, row.subscriber, key.folded, now)
    return True


def pause(merchant_id: str, subscriber: str, now: datetime, outcome: str) -> Steps[None]:
    """Do what `Outbox.pause_subscriber` promises."""
    yield from change(_PAUSE, micros(now), merchant_id, subscriber)
    yield from change(_GIVE_UP, micros(now), outcome, merchant_id, subscriber)


def unsubscribe(merchant_id: str, subscriber: str, now: datetime, outcome: str) -> Steps[bool]:
    """Do what `Outbox.unsubscribe` promises."""
    if (yield from change(_UNSUBSCRIBE, merchant_id, subscriber)) != 1:
        return False
    yield from change(_GIVE_UP, micros(now), outcome, merchant_id, subscriber)
    return True


def resume(merchant_id: str, subscriber: str) -> Steps[bool]:
    """Do what `Outbox.resume_subscriber` promises."""
    return (yield from change(_RESUME, merchant_id, merchant_id, subscriber)) == 1


def requeue(row: OutboxRow, subscriber: str, now: datetime) -> Steps[bool]:
    """Do what `Outbox.requeue_delivery` promises."""
    name, order_key = (row.merchant_id, subscriber), row.order_key.folded
    if not (yield from fetch(_IS_KEPT, row.merchant_id, row.id)):
        return False
    yield from alone(_line(*name, order_key))
    is_again = (yield from change(_AGAIN, *name, row.id)) == 1 or (
        yield from change(_QUEUE, *name, row.id, order_key)
    ) == 1
    yield from _line_up(*name, order_key, now)
    return is_again


def sweep(merchant_id: str, retention: AnnouncementRetention) -> Steps[int]:
    """Do what `Outbox.sweep_outbox` promises."""
    yield from fetch(_SUBSCRIBERS_OF, merchant_id)  # nobody queues meanwhile what is about to go
    gone = yield from fetch(_OLD, merchant_id, *_instants(retention), SWEEP_MAX)
    for (row_id,) in gone:
        lines = yield from fetch(_LINES_OF, row_id)
        if lines:
            yield from alone(*(_line(merchant_id, *line) for line in lines))
        yield from change(_DELETE_DELIVERIES, row_id)
        yield from change(_DELETE, row_id)
        for subscriber, order_key in lines:
            yield from _line_up(merchant_id, subscriber, order_key, retention.ended_since)
    return len(gone)


def _instants(retention: AnnouncementRetention) -> tuple[int, int]:
    return micros(retention.ended_since), micros(retention.waiting_since)


def _line(merchant_id: str, subscriber: str, order_key: str) -> Name:
    """What a transaction is alone with that changes which delivery of an order is due."""
    return ("line", merchant_id, subscriber, order_key)


def _line_of(row: DeliveryRow) -> Name:
    key = row.announcement.order_key
    return _line(key.merchant_id, row.subscriber, key.folded)


def _line_up(merchant_id: str, subscriber: str, order_key: str, now: datetime) -> Steps[None]:
    """Let the first delivery of an order that waits be due, and no other; one that is being sent is left to end."""
    line = (merchant_id, subscriber, order_key)
    if (yield from fetch(_IN_FLIGHT, *line)):
        return
    for first, due_at in (yield from fetch(_LINE, *line)):
        yield from change(_HOLD_BACK, *line, first)
        if due_at is None:
            yield from change(_IS_DUE, micros(now), micros(now), first)


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
    *sent, row_id, subscriber, state, tries, due_at, ended_at, outcome = columns
    return DeliveryRow(
        id=row_id,
        subscriber=subscriber,
        announcement=_announcement(*sent),
        state=_word(DeliveryState, state),
        tries=tries,
        due_at=instant_or_none(due_at),
        ended_at=instant_or_none(ended_at),
        outcome=outcome,
    )


def _kinds(text: str) -> frozenset[AnnouncementKind]:
    """What a handler wants; another version of this program may have written kinds that are not announced here."""
    return frozenset(AnnouncementKind(word) for word in text.split() if word in _KINDS)


def _word(words: type[WordT], text: str) -> WordT:
    try:
        return words(text)
    except ValueError as error:
        raise RecordUnreadable("a stored word is not known to this program") from error
