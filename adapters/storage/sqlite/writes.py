"""Writes, each as one function on a connection that holds the write lock inside a transaction.

No function begins or ends a transaction: the caller decides what commits together.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar, cast

from attrs import evolve

from paystate.adapters.storage.checks import check_checkout, check_order, flood_event_id
from paystate.adapters.storage.codec import decoded_checkout, decoded_order, encoded, encoded_looks
from paystate.adapters.storage.instants import instant, instant_or_none, micros, micros_of, micros_or_none
from paystate.adapters.storage.sqlite import outbox
from paystate.adapters.storage.sqlite.index import (
    ENTRY_COLUMNS,
    entry_values,
    new_names,
    write_movements,
    write_names,
)
from paystate.adapters.storage.sqlite.quarantine import keep_quota
from paystate.adapters.storage.sqlite.reads import SCHEDULE_COLUMNS, read_schedule
from paystate.core.checkouts.checkout import Checkout, CheckoutDecisionResult, CheckoutFact
from paystate.core.errors import ConcurrentUpdate
from paystate.core.finding.index_entry import index_entry
from paystate.core.ids import CheckoutKey, OrderKey
from paystate.core.key_uses import is_worth_noting
from paystate.core.orders.commands.webhook_claims import NoteWebhook
from paystate.core.orders.decision import DecisionResult
from paystate.core.orders.facts import Decision, Fact, Refused
from paystate.core.orders.order import Order
from paystate.core.orders.timing.schedule import Schedule, planned
from paystate.core.pace import Pace
from paystate.core.ports.store import ClaimConflict, InboxRow, InboxVerdict
from paystate.core.retention import Quota

T = TypeVar("T")

_ORDER: Final = f"""
    select id, snapshot, version, {SCHEDULE_COLUMNS} from orders where merchant_id = ? and order_key = ?
"""  # noqa: S608 - fixed text
_INSERT_ORDER: Final = f"""
    insert into orders (merchant_id, order_key, order_id, created_at,
                        snapshot, version, {", ".join(ENTRY_COLUMNS)}, {SCHEDULE_COLUMNS}, due_at, urgent_at)
    values ({", ".join("?" * (16 + len(ENTRY_COLUMNS)))})
"""  # noqa: S608
_SCHEDULE: Final = ", ".join(f"{name} = ?" for name in (*SCHEDULE_COLUMNS.split(", "), "due_at", "urgent_at"))
_ENTRY: Final = ", ".join(f"{name} = ?" for name in ENTRY_COLUMNS)
_UPDATE_ORDER: Final = f"""
    update orders set snapshot = ?, version = ?, {_ENTRY}, {_SCHEDULE} where id = ? and version = ?
"""  # noqa: S608
_UPDATE_SCHEDULE: Final = f"update orders set {_SCHEDULE} where id = ?"  # noqa: S608
_INSERT_FACT: Final = "insert into order_journal (merchant_id, order_key, version, fact, at) values (?, ?, ?, ?, ?)"
_CLAIM: Final = """
    select claims.order_key, orders.order_id
    from claims join orders using (merchant_id, order_key) where claims.merchant_id = ? and claims.name = ?
"""
_INSERT_CLAIM: Final = """
    insert into claims (merchant_id, name, order_key) values (?, ?, ?) on conflict (merchant_id, name) do nothing
"""
_CHECKOUT: Final = "select id, snapshot, version from checkouts where merchant_id = ? and checkout_id = ?"
_INSERT_CHECKOUT: Final = """
    insert into checkouts (merchant_id, checkout_id, created_at, order_key, snapshot, version) values (?, ?, ?, ?, ?, ?)
"""
_UPDATE_CHECKOUT: Final = "update checkouts set order_key = ?, snapshot = ?, version = ? where id = ? and version = ?"
_INSERT_CHECKOUT_FACT: Final = """
    insert into checkout_journal (merchant_id, checkout_id, version, fact, at) values (?, ?, ?, ?, ?)
"""
_COUNT_REPEAT: Final = """
    update inbox set repeats = repeats + 1 where merchant_id = ? and event_id = ? and digest = ?
"""
_IS_KNOWN: Final = "select conflicts from inbox where merchant_id = ? and event_id = ? limit 1"
_FLAG_CONFLICT: Final = "update inbox set conflicts = 1 where merchant_id = ? and event_id = ?"
_IS_FULL: Final = "select 1 from inbox where merchant_id = ? and order_key = ? limit 1 offset ?"
_INSERT_INBOX: Final = """
    insert into inbox (merchant_id, event_id, digest, event_name, order_key, body, body_bytes, kept_bytes, received_at,
                       claims, verdict, repeats, conflicts)
    values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?)
"""
_COUNT_FLOOD: Final = """
    insert into inbox (merchant_id, event_id, digest, event_name, order_key, body, body_bytes, kept_bytes, received_at,
                       claims, verdict, repeats, conflicts)
    values (?, ?, '', ?, ?, ?, ?, ?, ?, ?, ?, 0, 0)
    on conflict (merchant_id, event_id, digest) do update
    set event_name = excluded.event_name, order_key = excluded.order_key, body = excluded.body,
        body_bytes = excluded.body_bytes, kept_bytes = excluded.kept_bytes, received_at = excluded.received_at,
        claims = excluded.claims,
        verdict = excluded.verdict, repeats = repeats + 1
"""
_NAMED: Final = "select id from inbox where merchant_id = ? and event_id = ? and digest = ?"
_SETTLE: Final = "update inbox set verdict = ? where id = ? and verdict = ''"
_QUARANTINE_EARLY: Final = f"""{_SETTLE}
    and not exists (select 1 from orders where (merchant_id, order_key) = (inbox.merchant_id, inbox.order_key))
"""  # noqa: S608 - fixed text
_REREAD: Final = "update inbox set event_name = ?, order_key = ?, claims = ? where id = ? and verdict = ''"
_REQUEUE: Final = """
    update inbox set verdict = '', claims = case when kept_bytes < body_bytes then claims end
    where merchant_id = ? and id = ? and (kept_bytes = body_bytes or order_key is not null)
"""
_PACE: Final = "select free_at, closed_until, closed_for from call_paces where merchant_id = ?"
_SET_PACE: Final = """
    insert into call_paces (merchant_id, free_at, closed_until, closed_for) values (?, ?, ?, ?)
    on conflict (merchant_id) do update
    set free_at = excluded.free_at, closed_until = excluded.closed_until, closed_for = excluded.closed_for
"""
_KEY_USE: Final = "select used_at from api_key_uses where merchant_id = ? and key_id = ?"
_SET_KEY_USE: Final = """
    insert into api_key_uses (merchant_id, key_id, used_at) values (?, ?, ?)
    on conflict (merchant_id, key_id) do update set used_at = excluded.used_at
"""
_WAIT_AGAIN: Final = "update inbox set verdict = '' where merchant_id = ? and order_key = ? and verdict = ?"


def transact(
    connection: sqlite3.Connection, key: OrderKey, fn: Callable[[Order | None], DecisionResult]
) -> DecisionResult | ClaimConflict:
    """Do what `Store.transact` promises, short of the commit."""
    stored = connection.execute(_ORDER, (key.merchant_id, key.folded)).fetchall()
    row, before, version, schedule = _read(stored)
    decided = fn(before)
    if isinstance(decided, Refused):
        return decided
    after = planned(schedule, decided)
    if decided.fact is None:
        if row is not None and after != schedule:
            connection.execute(_UPDATE_SCHEDULE, (*_schedule_columns(after), row))
        return decided
    check_order(key, version, decided.after)
    if taken := _taken(connection, key, decided.claims):
        return taken
    row = _write_order(connection, row, decided, after)
    write_names(connection, row, decided.after, new_names(before, decided.after))
    write_movements(connection, before, decided.after, decided.fact.at)
    _write_beside(connection, key, decided, decided.fact)
    return decided


def reschedule(
    connection: sqlite3.Connection,
    key: OrderKey,
    fn: Callable[[Schedule], tuple[Schedule, bool]],
    consumes: int | None,
) -> bool | None:
    """Do what `Store.reschedule` promises, short of the commit."""
    row, _, _, schedule = _read(connection.execute(_ORDER, (key.merchant_id, key.folded)).fetchall(), snapshot=False)
    if row is None:
        return None
    after, result = fn(schedule)
    if after != schedule:
        connection.execute(_UPDATE_SCHEDULE, (*_schedule_columns(after), row))
    if consumes is not None:
        connection.execute(_SETTLE, (InboxVerdict.LOOKED, consumes))
    return result


def pace(connection: sqlite3.Connection, merchant_id: str, fn: Callable[[Pace], tuple[Pace, T]]) -> T:
    """Do what `Store.pace` promises, short of the commit."""
    stored = connection.execute(_PACE, (merchant_id,)).fetchall()
    before = _pace(*stored[0]) if stored else Pace()
    after, result = fn(before)
    if after != before:
        times = micros_or_none(after.free_at), micros_or_none(after.closed_until), micros_of(after.closed_for)
        connection.execute(_SET_PACE, (merchant_id, *times))
    return result


def transact_checkout(
    connection: sqlite3.Connection, key: CheckoutKey, fn: Callable[[Checkout | None], CheckoutDecisionResult]
) -> CheckoutDecisionResult:
    """Do what `Store.transact_checkout` promises, short of the commit."""
    stored = connection.execute(_CHECKOUT, (key.merchant_id, key.checkout_id)).fetchall()
    decided = fn(decoded_checkout(stored[0][1]) if stored else None)
    if isinstance(decided, Refused) or decided.fact is None:
        return decided
    check_checkout(key, stored[0][2] if stored else 0, decided.after)
    _write_checkout(connection, key, stored[0][0] if stored else None, decided.after, decided.fact)
    return decided


def append_inbox(connection: sqlite3.Connection, new: InboxRow, most: int, quota: Quota) -> bool:
    """Do what `Store.append_inbox` promises, short of the commit; `new.id` counts for nothing."""
    name = (new.merchant_id, new.event_id)
    if connection.execute(_COUNT_REPEAT, (*name, new.digest)).rowcount:
        return False
    known = connection.execute(_IS_KNOWN, name).fetchall()
    if (0,) in known:
        connection.execute(_FLAG_CONFLICT, name)  # else all of that name are flagged already
    is_own = not _is_full(connection, new, most)
    stored = new if is_own else evolve(new, event_id=flood_event_id(new.order_key or ""), digest="")
    _write_webhook(connection, stored, is_conflict=bool(known))
    if new.verdict.is_quarantine:
        named = (stored.merchant_id, stored.event_id, stored.digest)
        ((row_id,),) = connection.execute(_NAMED, named).fetchall()
        keep_quota(connection, quota, row_id)
    return is_own


def _is_full(connection: sqlite3.Connection, new: InboxRow, most: int) -> bool:
    of_order = (new.merchant_id, new.order_key, most - 1)
    return bool(new.order_key and connection.execute(_IS_FULL, of_order).fetchall())


def _write_webhook(connection: sqlite3.Connection, new: InboxRow, *, is_conflict: bool) -> None:
    claims = None if new.claims is None else encoded(new.claims)
    sizes = (new.body_bytes, new.body_bytes)
    told = (new.event_name, new.order_key, new.body, *sizes, micros(new.received_at), claims, new.verdict)
    if new.is_flood:
        connection.execute(_COUNT_FLOOD, (new.merchant_id, new.event_id, *told))
    else:
        connection.execute(_INSERT_INBOX, (new.merchant_id, new.event_id, new.digest, *told, is_conflict))


def reread_inbox(
    connection: sqlite3.Connection, row_id: int, event_name: str, order_key: str | None, claims: NoteWebhook | None
) -> None:
    """Do what `Store.reread_inbox` promises, short of the commit."""
    connection.execute(_REREAD, (event_name, order_key, None if claims is None else encoded(claims), row_id))


def settle_inbox(connection: sqlite3.Connection, row_id: int, verdict: InboxVerdict, quota: Quota) -> None:
    """Do what `Store.settle_inbox` promises, short of the commit."""
    statement = _QUARANTINE_EARLY if verdict == InboxVerdict.UNKNOWN_ORDER else _SETTLE
    if connection.execute(statement, (verdict, row_id)).rowcount and verdict.is_quarantine:
        keep_quota(connection, quota, row_id)


def requeue_inbox(connection: sqlite3.Connection, merchant_id: str, row_id: int) -> bool:
    """Do what `Store.requeue_inbox` promises, short of the commit."""
    return connection.execute(_REQUEUE, (merchant_id, row_id)).rowcount == 1


def note_key_use(connection: sqlite3.Connection, merchant_id: str, key_id: str, at: datetime) -> None:
    """Do what `Store.note_key_use` promises, short of the commit."""
    stored = connection.execute(_KEY_USE, (merchant_id, key_id)).fetchall()
    if is_worth_noting(instant(stored[0][0]) if stored else None, at):
        connection.execute(_SET_KEY_USE, (merchant_id, key_id, micros(at)))


def prove_writable(connection: sqlite3.Connection) -> None:
    """Write a header field that nobody reads, so that the commit goes all the way to the disk."""
    connection.execute("pragma user_version = 0").fetchall()


def _read(stored: Sequence[Any], *, snapshot: bool = True) -> tuple[int | None, Order | None, int, Schedule]:
    if not stored:
        return None, None, 0, Schedule()
    row, text, version, *kept = stored[0]
    schedule = read_schedule(*kept)
    return row, decoded_order(text) if snapshot else None, version, schedule


def _schedule_columns(schedule: Schedule) -> tuple[int | str | None, ...]:
    return (
        micros_or_none(schedule.next_look_at),
        schedule.sends,
        micros_or_none(schedule.hint_at),
        schedule.hint_by,
        encoded_looks(schedule.looks),
        schedule.failures,
        micros_or_none(schedule.planned_at),
        schedule.last_return,
        micros_or_none(schedule.due_at),
        micros_or_none(schedule.urgent_at),
    )


def _pace(free_at: int | None, closed_until: int | None, closed_for: int) -> Pace:
    return Pace(
        free_at=instant_or_none(free_at),
        closed_until=instant_or_none(closed_until),
        closed_for=timedelta(microseconds=closed_for),
    )


def _taken(connection: sqlite3.Connection, key: OrderKey, names: Sequence[str]) -> ClaimConflict | None:
    for name in names:
        for order_key, order_id in connection.execute(_CLAIM, (key.merchant_id, name)).fetchall():
            if order_key != key.folded:
                return ClaimConflict(name, order_id)
    return None


def _write_order(
    connection: sqlite3.Connection, row: int | None, decision: Decision[Order, Fact], schedule: Schedule
) -> int:
    """Returns the id of the order's row."""
    after = decision.after
    changing = (encoded(after), after.version, *entry_values(index_entry(after)), *_schedule_columns(schedule))
    if row is None:
        fixed = (after.opened.merchant_id, after.key.folded, after.opened.order_id, micros(after.created_at))
        made = connection.execute(_INSERT_ORDER, (*fixed, *changing)).lastrowid
        connection.execute(_WAIT_AGAIN, (after.opened.merchant_id, after.key.folded, InboxVerdict.UNKNOWN_ORDER))
        return cast("int", made)
    if connection.execute(_UPDATE_ORDER, (*changing, row, after.version - 1)).rowcount != 1:
        raise ConcurrentUpdate("another writer changed the order, although its row was locked")
    return row


def _write_beside(connection: sqlite3.Connection, key: OrderKey, decision: Decision[Order, Fact], fact: Fact) -> None:
    name, version, at = (key.merchant_id, key.folded), decision.after.version, micros(fact.at)
    connection.execute(_INSERT_FACT, (*name, version, encoded(fact), at))
    for claim in decision.claims:
        connection.execute(_INSERT_CLAIM, (key.merchant_id, claim, key.folded))
    for effect in decision.effects:
        outbox.insert(connection, key, version, at, effect)


def _write_checkout(
    connection: sqlite3.Connection, key: CheckoutKey, row: int | None, after: Checkout, fact: CheckoutFact
) -> None:
    changing = (after.order_id.lower() or None, encoded(after), after.version)
    name = (key.merchant_id, key.checkout_id)
    if row is None:
        connection.execute(_INSERT_CHECKOUT, (*name, micros(after.created_at), *changing))
    elif connection.execute(_UPDATE_CHECKOUT, (*changing, row, after.version - 1)).rowcount != 1:
        raise ConcurrentUpdate("another writer changed the checkout, although its row was locked")
    connection.execute(_INSERT_CHECKOUT_FACT, (*name, after.version, encoded(fact), micros(fact.at)))
