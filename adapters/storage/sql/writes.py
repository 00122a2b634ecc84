"""Writes. No function begins or ends a transaction: the caller decides what commits together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final, TypeVar

from attrs import evolve

from paystate.adapters.storage.checks import check_checkout, check_order, flood_event_id
from paystate.adapters.storage.codec import decoded_checkout, decoded_order, encoded, encoded_looks
from paystate.adapters.storage.instants import instant, instant_or_none, micros, micros_of, micros_or_none
from paystate.adapters.storage.sql import outbox
from paystate.adapters.storage.sql.forgetting import erase_checkout, erase_order
from paystate.adapters.storage.sql.index import (
    ENTRY_COLUMNS,
    entry_values,
    new_names,
    write_movements,
    write_names,
)
from paystate.adapters.storage.sql.quarantine import keep_quota
from paystate.adapters.storage.sql.reads import SCHEDULE_COLUMNS, read_schedule
from paystate.adapters.storage.sql.steps import Name, Row, Sql, Steps, Value, alone, change, fetch, fetch_or_alone
from paystate.core.checkouts.checkout import FORGET, Checkout, CheckoutDecisionResult, CheckoutFact
from paystate.core.errors import ConcurrentUpdate
from paystate.core.finding.index_entry import index_entry
from paystate.core.ids import CheckoutKey, OrderKey
from paystate.core.key_uses import is_worth_noting
from paystate.core.orders.commands.webhook_claims import NoteWebhook
from paystate.core.orders.decision import DecisionResult
from paystate.core.orders.facts import Decision, Fact, FactKind, Refused
from paystate.core.orders.order import Order
from paystate.core.orders.timing.schedule import Schedule, planned
from paystate.core.pace import Pace
from paystate.core.ports.store import ClaimConflict, InboxRow, InboxVerdict
from paystate.core.retention import Quota

T = TypeVar("T")

_ORDER: Final = Sql(f"""
    select id, snapshot, version, {SCHEDULE_COLUMNS} from orders where merchant_id = ? and order_key = ? [for update]
""")  # noqa: S608 - fixed text
_INSERT_ORDER: Final = Sql(f"""
    insert into orders (merchant_id, order_key, order_id, created_at,
                        snapshot, version, {", ".join(ENTRY_COLUMNS)}, {SCHEDULE_COLUMNS}, due_at, urgent_at)
    values ({", ".join("?" * (16 + len(ENTRY_COLUMNS)))})
    returning id
""")  # noqa: S608
_SCHEDULE: Final = ", ".join(f"{name} = ?" for name in (*SCHEDULE_COLUMNS.split(", "), "due_at", "urgent_at"))
_ENTRY: Final = ", ".join(f"{name} = ?" for name in ENTRY_COLUMNS)
_UPDATE_ORDER: Final = Sql(f"""
    update orders set snapshot = ?, version = ?, {_ENTRY}, {_SCHEDULE}
    where id = ? and merchant_id = ? and order_key = ? and version = ?
""")  # noqa: S608
_UPDATE_SCHEDULE: Final = Sql(f"""
    update orders set {_SCHEDULE} where id = ? and merchant_id = ? and order_key = ?
""")  # noqa: S608
_INSERT_FACT: Final = Sql(
    "insert into order_journal (merchant_id, order_key, version, fact, at) values (?, ?, ?, ?, ?)"
)
_CLAIM: Final = Sql("""
    select claims.order_key, orders.order_id
    from claims join orders using (merchant_id, order_key) where claims.merchant_id = ? and claims.name = ?
""")
_INSERT_CLAIM: Final = Sql("""
    insert into claims (merchant_id, name, order_key) values (?, ?, ?)
""")
_CHECKOUT: Final = Sql("""
    select id, snapshot, version from checkouts where merchant_id = ? and checkout_id = ? [for update]
""")
_INSERT_CHECKOUT: Final = Sql("""
    insert into checkouts (merchant_id, checkout_id, created_at, order_key, snapshot, version) values (?, ?, ?, ?, ?, ?)
""")
_UPDATE_CHECKOUT: Final = Sql("""
    update checkouts set order_key = ?, snapshot = ?, version = ?
    where id = ? and merchant_id = ? and checkout_id = ? and version = ?
""")
_INSERT_CHECKOUT_FACT: Final = Sql("""
    insert into checkout_journal (merchant_id, checkout_id, version, fact, at) values (?, ?, ?, ?, ?)
""")
_COUNT_REPEAT: Final = Sql("""
    update inbox set repeats = repeats + 1 where merchant_id = ? and event_id = ? and digest = ?
""")
_KNOWN: Final = "select conflicts from inbox where merchant_id = ? and event_id = ? limit 1"
_FULL: Final = "select 1 from inbox where merchant_id = ? and order_key = ? limit 1 offset ?"
_LOOK_AROUND: Final = Sql(f"select ({_KNOWN}), exists ({_FULL})")
"""Whether a webhook's name is known (0, or 1 where its rows conflict), and whether its order has all that it may."""
_FLAG_CONFLICT: Final = Sql("update inbox set conflicts = 1 where merchant_id = ? and event_id = ?")
_INBOX_COLUMNS: Final = """
    merchant_id, event_id, digest, event_name, order_key, body, body_bytes, kept_bytes, received_at, claims, verdict,
    repeats, conflicts
"""
_INSERT_NEW: Final = Sql(f"""
    insert into inbox ({_INBOX_COLUMNS})
    select ?, ?, ?, ?, ?, cast(? as [bytes]), cast(? as bigint), cast(? as bigint), cast(? as bigint), ?, ?, 0, 0
    where not exists ({_KNOWN}) and not exists ({_FULL})
""")
_INSERT_BESIDE: Final = Sql(f"""
    insert into inbox ({_INBOX_COLUMNS}) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?)
""")  # noqa: S608
_COUNT_FLOOD: Final = Sql(f"""
    insert into inbox ({_INBOX_COLUMNS})
    values (?, ?, '', ?, ?, ?, ?, ?, ?, ?, ?, 0, 0)
    on conflict (merchant_id, event_id, digest) do update
    set event_name = excluded.event_name, order_key = excluded.order_key, body = excluded.body,
        body_bytes = excluded.body_bytes, kept_bytes = excluded.kept_bytes, received_at = excluded.received_at,
        claims = excluded.claims,
        verdict = excluded.verdict, repeats = inbox.repeats + 1
""")  # noqa: S608
_ROW_NAMED: Final = Sql("select id from inbox where merchant_id = ? and event_id = ? and digest = ?")
_SETTLE: Final = Sql("update inbox set verdict = ? where id = ? and verdict = ''")
_QUARANTINE_EARLY: Final = Sql(f"""{_SETTLE}
    and not exists (select 1 from orders where (merchant_id, order_key) = (inbox.merchant_id, inbox.order_key))
""")  # noqa: S608 - fixed text
_ORDER_OF: Final = Sql("select merchant_id, order_key from inbox where id = ?")
_REREAD: Final = Sql("update inbox set event_name = ?, order_key = ?, claims = ? where id = ? and verdict = ''")
_REQUEUE: Final = Sql("""
    update inbox set verdict = '', claims = case when kept_bytes < body_bytes then claims end
    where merchant_id = ? and id = ? and (kept_bytes = body_bytes or order_key is not null)
""")
_PACE: Final = Sql("select free_at, closed_until, closed_for from call_paces where merchant_id = ? [for update]")
_SET_PACE: Final = Sql("""
    insert into call_paces (merchant_id, free_at, closed_until, closed_for) values (?, ?, ?, ?)
    on conflict (merchant_id) do update
    set free_at = excluded.free_at, closed_until = excluded.closed_until, closed_for = excluded.closed_for
""")
_KEY_USE: Final = Sql("select used_at from api_key_uses where merchant_id = ? and key_id = ?")
_SET_KEY_USE: Final = Sql("""
    insert into api_key_uses (merchant_id, key_id, used_at) values (?, ?, ?)
    on conflict (merchant_id, key_id) do update set used_at = excluded.used_at
""")
_WAIT_AGAIN: Final = Sql("update inbox set verdict = '' where merchant_id = ? and order_key = ? and verdict = ?")


def transact(key: OrderKey, fn: Callable[[Order | None], DecisionResult]) -> Steps[DecisionResult | ClaimConflict]:
    """Do what `Store.transact` promises, short of the commit."""
    stored = yield from fetch_or_alone(_named(key), _ORDER, key.merchant_id, key.folded)
    row, before, version, schedule = _read(stored)
    decided = fn(before)
    if isinstance(decided, Refused):
        return decided
    after = planned(schedule, decided)
    if decided.fact is None:
        if row is not None and after != schedule:
            yield from change(_UPDATE_SCHEDULE, *_schedule_columns(after), row, key.merchant_id, key.folded)
        return decided
    check_order(key, version, decided.after)
    claimed = yield from _claimed(key, decided.claims)
    if isinstance(claimed, ClaimConflict):
        return claimed
    row = yield from _write_order(key, row, decided, after)
    yield from write_names(row, decided.after, new_names(before, decided.after))
    yield from write_movements(before, decided.after, decided.fact.at)
    yield from _write_beside(key, decided, decided.fact, claimed)
    if before is not None and decided.fact.kind is FactKind.CUSTOMER_FORGOTTEN:
        yield from erase_order(key, row, before)
    return decided


def reschedule(
    key: OrderKey, fn: Callable[[Schedule], tuple[Schedule, bool]], consumes: int | None
) -> Steps[bool | None]:
    """Do what `Store.reschedule` promises, short of the commit."""
    stored = yield from fetch(_ORDER, key.merchant_id, key.folded)
    row, _, _, schedule = _read(stored, snapshot=False)
    if row is None:
        return None
    after, result = fn(schedule)
    if consumes is not None and not (yield from change(_SETTLE, InboxVerdict.LOOKED, consumes)):
        return result
    if after != schedule:
        yield from change(_UPDATE_SCHEDULE, *_schedule_columns(after), row, key.merchant_id, key.folded)
    return result


def pace(merchant_id: str, fn: Callable[[Pace], tuple[Pace, T]]) -> Steps[T]:
    """Do what `Store.pace` promises, short of the commit."""
    stored = yield from fetch_or_alone(("pace", merchant_id), _PACE, merchant_id)
    before = _pace(*stored[0]) if stored else Pace()
    after, result = fn(before)
    if after != before:
        times = micros_or_none(after.free_at), micros_or_none(after.closed_until), micros_of(after.closed_for)
        yield from change(_SET_PACE, merchant_id, *times)
    return result


def transact_checkout(
    key: CheckoutKey, fn: Callable[[Checkout | None], CheckoutDecisionResult]
) -> Steps[CheckoutDecisionResult]:
    """Do what `Store.transact_checkout` promises, short of the commit."""
    name = ("checkout", key.merchant_id, key.checkout_id)
    stored = yield from fetch_or_alone(name, _CHECKOUT, key.merchant_id, key.checkout_id)
    decided = fn(decoded_checkout(stored[0][1]) if stored else None)
    if isinstance(decided, Refused) or decided.fact is None:
        return decided
    check_checkout(key, stored[0][2] if stored else 0, decided.after)
    yield from _write_checkout(key, stored[0][0] if stored else None, decided.after, decided.fact)
    if decided.fact.kind == FORGET:
        yield from erase_checkout(key)
    return decided


def append_inbox(new: InboxRow, most: int, quota: Quota) -> Steps[bool]:
    """Do what `Store.append_inbox` promises, short of the commit; `new.id` counts for nothing."""
    yield from alone(*_touched(new))
    around = (new.merchant_id, new.event_id, new.merchant_id, new.order_key or None, most - 1)
    is_new = yield from change(_INSERT_NEW, new.merchant_id, new.event_id, new.digest, *_inbox_values(new), *around)
    stored = new if is_new else (yield from _append_beside(new, around))
    if stored is None:
        return False
    if new.verdict.is_quarantine:
        ((row_id,),) = yield from fetch(_ROW_NAMED, stored.merchant_id, stored.event_id, stored.digest)
        yield from keep_quota(quota, row_id)
    return stored is new


def _append_beside(new: InboxRow, around: Sequence[Value]) -> Steps[InboxRow | None]:
    """Keep a webhook whose name is known, or whose order has all that it may; returns its row, or None for a repeat."""
    name = (new.merchant_id, new.event_id)
    ((conflicts, is_full),) = yield from fetch(_LOOK_AROUND, *around)
    if conflicts is not None and (yield from change(_COUNT_REPEAT, *name, new.digest)):
        return None
    if conflicts == 0:
        yield from change(_FLAG_CONFLICT, *name)  # else all of that name are flagged already
    if is_full:
        flood = evolve(new, event_id=flood_event_id(new.order_key or ""), digest="")
        yield from change(_COUNT_FLOOD, new.merchant_id, flood.event_id, *_inbox_values(new))
        return flood
    is_known = conflicts is not None  # else there was no room, and has been made meanwhile
    yield from change(_INSERT_BESIDE, *name, new.digest, *_inbox_values(new), int(is_known))
    return new


def _touched(new: InboxRow) -> Iterable[Name]:
    """All that a webhook that comes rests on, or changes."""
    if new.order_key:
        yield _named(OrderKey(new.merchant_id, new.order_key))
    yield ("webhook", new.merchant_id, new.event_id)
    if new.verdict.is_quarantine:
        yield ("quarantine", new.merchant_id)


def _inbox_values(new: InboxRow) -> tuple[Value, ...]:
    claims = None if new.claims is None else encoded(new.claims)
    sizes = (new.body_bytes, new.body_bytes)
    return (new.event_name, new.order_key, new.body, *sizes, micros(new.received_at), claims, new.verdict)


def reread_inbox(row_id: int, event_name: str, order_key: str | None, claims: NoteWebhook | None) -> Steps[None]:
    """Do what `Store.reread_inbox` promises, short of the commit."""
    yield from change(_REREAD, event_name, order_key, None if claims is None else encoded(claims), row_id)


def end_inbox(row_id: int, verdict: InboxVerdict, quota: Quota) -> Steps[None]:
    """Do what `Store.end_inbox` promises, short of the commit."""
    statement = _SETTLE
    if verdict == InboxVerdict.UNKNOWN_ORDER:
        statement = _QUARANTINE_EARLY
        for merchant_id, order_key in (yield from fetch(_ORDER_OF, row_id)):  # nobody opens it meanwhile
            yield from alone(_named(OrderKey(merchant_id, order_key or "")))
    if (yield from change(statement, verdict, row_id)) and verdict.is_quarantine:
        yield from keep_quota(quota, row_id)


def requeue_inbox(merchant_id: str, row_id: int) -> Steps[bool]:
    """Do what `Store.requeue_inbox` promises, short of the commit."""
    return (yield from change(_REQUEUE, merchant_id, row_id)) == 1


def note_key_use(merchant_id: str, key_id: str, at: datetime) -> Steps[None]:
    """Do what `Store.note_key_use` promises, short of the commit."""
    stored = yield from fetch(_KEY_USE, merchant_id, key_id)
    if is_worth_noting(instant(stored[0][0]) if stored else None, at):
        yield from change(_SET_KEY_USE, merchant_id, key_id, micros(at))


def _named(key: OrderKey) -> Name:
    """What a transaction is alone with that may open an order, or rests on there being none."""
    return ("order", key.merchant_id, key.folded)


def _read(stored: Sequence[Row], *, snapshot: bool = True) -> tuple[int | None, Order | None, int, Schedule]:
    if not stored:
        return None, None, 0, Schedule()
    row, text, version, *kept = stored[0]
    schedule = read_schedule(*kept)
    return row, decoded_order(text) if snapshot else None, version, schedule


def _schedule_columns(schedule: Schedule) -> tuple[Value, ...]:
    return (
        micros_or_none(schedule.next_look_at),
        int(schedule.sends),
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


def _claimed(key: OrderKey, names: Sequence[str]) -> Steps[list[str] | ClaimConflict]:
    """Which of the names that an order claims are still nobody's."""
    free = list[str]()
    for name in dict.fromkeys(names):
        known = yield from fetch(_CLAIM, key.merchant_id, name)
        for order_key, order_id in known:
            if order_key != key.folded:
                return ClaimConflict(name, order_id)
        if not known:
            free.append(name)
    return free


def _write_order(key: OrderKey, row: int | None, decision: Decision[Order, Fact], schedule: Schedule) -> Steps[int]:
    """Returns the id of the order's row."""
    after, name = decision.after, (key.merchant_id, key.folded)
    changing = (encoded(after), after.version, *entry_values(index_entry(after)), *_schedule_columns(schedule))
    if row is None:
        fixed = (*name, after.opened.order_id, micros(after.created_at))
        ((made,),) = yield from fetch(_INSERT_ORDER, *fixed, *changing)
        yield from change(_WAIT_AGAIN, *name, InboxVerdict.UNKNOWN_ORDER)
        return int(made)
    if (yield from change(_UPDATE_ORDER, *changing, row, *name, after.version - 1)) != 1:
        raise ConcurrentUpdate("another writer changed the order, although its row was locked")
    return row


def _write_beside(key: OrderKey, decision: Decision[Order, Fact], fact: Fact, claimed: Sequence[str]) -> Steps[None]:
    name, version, at = (key.merchant_id, key.folded), decision.after.version, micros(fact.at)
    yield from change(_INSERT_FACT, *name, version, encoded(fact), at)
    for name_claimed in claimed:  # another order that is faster with one makes this fail, and run again
        yield from change(_INSERT_CLAIM, key.merchant_id, name_claimed, key.folded)
    yield from outbox.insert(key, version, at, decision.effects)  # last, as others of the merchant's wait for it


def _write_checkout(key: CheckoutKey, row: int | None, after: Checkout, fact: CheckoutFact) -> Steps[None]:
    changing = (after.order_id.lower() or None, encoded(after), after.version)
    name = (key.merchant_id, key.checkout_id)
    if row is None:
        yield from change(_INSERT_CHECKOUT, *name, micros(after.created_at), *changing)
    elif (yield from change(_UPDATE_CHECKOUT, *changing, row, *name, after.version - 1)) != 1:
        raise ConcurrentUpdate("another writer changed the checkout, although its row was locked")
    yield from change(_INSERT_CHECKOUT_FACT, *name, after.version, encoded(fact), micros(fact.at))
