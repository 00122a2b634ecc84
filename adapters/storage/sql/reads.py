"""Reads."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from enum import StrEnum
from json import dumps
from typing import Final, TypeVar

from paystate.adapters.storage.codec import (
    decoded_checkout,
    decoded_checkout_fact,
    decoded_claims,
    decoded_fact,
    decoded_looks,
    decoded_order,
)
from paystate.adapters.storage.instants import instant, instant_or_none, micros
from paystate.adapters.storage.sql.steps import Sql, Steps, Value, fetch
from paystate.core.checkouts.checkout import Checkout, CheckoutFact
from paystate.core.errors import RecordUnreadable
from paystate.core.ids import CheckoutKey, OrderKey
from paystate.core.key_uses import KeyUses
from paystate.core.orders.commands.webhook_claims import NoteWebhook
from paystate.core.orders.order import Order
from paystate.core.orders.timing.look_budget import Asker
from paystate.core.orders.timing.schedule import Schedule
from paystate.core.ports.store import InboxRow, InboxVerdict, JournalEntry
from paystate.core.timestamps import CLOCK_SKEW_MAX

T = TypeVar("T")
WordT = TypeVar("WordT", bound=StrEnum)

_ORDER: Final = Sql("select snapshot from orders where merchant_id = ? and order_key = ?")
_CHECKOUT: Final = Sql("select snapshot from checkouts where merchant_id = ? and checkout_id = ?")
_JOURNAL: Final = Sql(
    "select version, fact from order_journal where merchant_id = ? and order_key = ? order by version"
)
_CHECKOUT_JOURNAL: Final = Sql("""
    select fact from checkout_journal where merchant_id = ? and checkout_id = ? order by version
""")
_KEY_USES: Final = Sql("select key_id, used_at from api_key_uses where merchant_id = ?")
_CHECKOUTS_OF: Final = Sql("select snapshot from checkouts where merchant_id = ? and order_key = ? order by id")
SCHEDULE_COLUMNS: Final = "next_look_at, sends, hint_at, hint_by, looks, failures, planned_at, last_return"
_SCHEDULE: Final = Sql(f"select {SCHEDULE_COLUMNS} from orders where merchant_id = ? and order_key = ?")  # noqa: S608
_MAY_CALL: Final = """merchant_id not in (
        select merchant_id from call_paces
        where free_at > ? and (free_at <= cast(? as bigint) + 1000000
                               or (closed_until > ? and closed_until <= ? + closed_for)))"""
"""What `may_call` of the core's pace says, for many rows at once."""
_IS_FREE: Final = f"{_MAY_CALL} and not merchant_id [in ?]"
URGENT: Final = Sql(f"""
    select merchant_id, order_id from orders where urgent_at <= ? and {_IS_FREE} order by urgent_at, id limit ?
""")  # noqa: S608 - fixed text
DUE: Final = Sql(f"""
    select merchant_id, order_id from orders
    where due_at <= ? and {_IS_FREE} and (urgent_at is null or urgent_at > ?) order by due_at, id limit ?
""")  # noqa: S608
OF_ANOTHER_TIME: Final = Sql(f"""
    select merchant_id, order_id from orders
    where planned_at > ? and due_at is not null and {_IS_FREE} and due_at > ? order by planned_at, id limit ?
""")  # noqa: S608
_HEADING: Final = """id, merchant_id, event_id, digest, received_at, repeats, conflicts, verdict, order_key, event_name,
    body_bytes, kept_bytes"""
WITH_WAITING: Final = Sql("""
    with recursive waiting (merchant_id) as (
        select min(merchant_id) from inbox where verdict = ''
        union all
        select (select min(merchant_id) from inbox where verdict = '' and merchant_id > waiting.merchant_id)
        from waiting where merchant_id is not null
    )
    select merchant_id from waiting where merchant_id is not null
""")
"""Whose webhooks wait: one step in the index for each merchant, however many webhooks a flood has left."""
WITH_WEBHOOKS: Final = Sql("""
    with recursive known (merchant_id) as (
        select min(merchant_id) from inbox
        union all
        select (select min(merchant_id) from inbox where merchant_id > known.merchant_id)
        from known where merchant_id is not null
    )
    select merchant_id from known where merchant_id is not null
""")
"""Of whom there are webhooks, found in the same way."""
WAITING: Final = Sql(f"""
    select {_HEADING}, body, claims from inbox where verdict = '' and merchant_id = ? order by id limit ?
""")  # noqa: S608
_INBOX_ROW: Final = Sql(f"select {_HEADING}, body from inbox where merchant_id = ? and id = ?")  # noqa: S608
WEBHOOKS_OF: Final = Sql(f"""
    select {_HEADING} from inbox where merchant_id = ? and order_key = ? order by id limit ?
""")  # noqa: S608
_NEWEST: Final = "id < ? order by id desc limit ?"
_QUARANTINED: Final = "verdict not in ('', 'looked')"
_INBOX: Final = Sql(f"select {_HEADING}, body from inbox where merchant_id = ? and {_NEWEST}")  # noqa: S608
INBOX_QUARANTINED: Final = Sql(f"""
    select {_HEADING}, body from inbox where merchant_id = ? and {_QUARANTINED} and {_NEWEST}
""")  # noqa: S608
_INBOX_OF: Final = Sql(f"""
    select {_HEADING}, body from inbox where merchant_id = ? and order_key = ? and {_NEWEST}
""")  # noqa: S608
_INBOX_OF_QUARANTINED: Final = Sql(f"""
    select {_HEADING}, body from inbox where merchant_id = ? and order_key = ? and {_QUARANTINED} and {_NEWEST}
""")  # noqa: S608
_LAST: Final = 2**63 - 1


def load_order(key: OrderKey) -> Steps[Order | None]:
    """Return the stored order, if there is one."""
    rows = yield from fetch(_ORDER, key.merchant_id, key.folded)
    return _named(f"the order {key.order_id} of {key.merchant_id}", decoded_order, rows[0][0]) if rows else None


def load_checkout(key: CheckoutKey) -> Steps[Checkout | None]:
    """Return the stored checkout, if there is one."""
    rows = yield from fetch(_CHECKOUT, key.merchant_id, key.checkout_id)
    return decoded_checkout(rows[0][0]) if rows else None


def journal(key: OrderKey) -> Steps[Sequence[JournalEntry]]:
    """Return an order's journal, oldest row first."""
    rows = yield from fetch(_JOURNAL, key.merchant_id, key.folded)
    about = f"the journal of {key.order_id} of {key.merchant_id}"
    return [
        JournalEntry(version=version, fact=_named(f"{about}, row {version}", decoded_fact, text))
        for version, text in rows
    ]


def checkout_journal(key: CheckoutKey) -> Steps[Sequence[CheckoutFact]]:
    """Return a checkout's journal, oldest row first."""
    rows = yield from fetch(_CHECKOUT_JOURNAL, key.merchant_id, key.checkout_id)
    return [decoded_checkout_fact(text) for (text,) in rows]


def checkouts_of(key: OrderKey) -> Steps[Sequence[Checkout]]:
    """Return the checkouts whose newest process payload is the order's, oldest checkout first."""
    rows = yield from fetch(_CHECKOUTS_OF, key.merchant_id, key.folded)
    return [decoded_checkout(text) for (text,) in rows]


def schedule(key: OrderKey) -> Steps[Schedule]:
    """Return an order's schedule; an empty one for an order that is not there."""
    for kept in (yield from fetch(_SCHEDULE, key.merchant_id, key.folded)):
        return read_schedule(*kept)
    return Schedule()


def read_schedule(
    next_look_at: int | None,
    sends: int,
    hint_at: int | None,
    hint_by: str,
    looks: str,
    failures: int,
    planned_at: int | None,
    last_return: str,
) -> Schedule:
    """Make a schedule of its columns."""
    return Schedule(
        next_look_at=instant_or_none(next_look_at),
        sends=bool(sends),
        hint_at=instant_or_none(hint_at),
        hint_by=_word(Asker, hint_by),
        looks=decoded_looks(looks),
        failures=failures,
        planned_at=instant_or_none(planned_at),
        last_return=last_return,
    )


def due(now: datetime, urgent: bool, without: Collection[str], limit: int) -> Steps[Sequence[OrderKey]]:
    """Return the keys of orders that are due, the longest overdue first, and last those of another time."""
    at = micros(now)
    is_free: tuple[Value, ...] = (*(at,) * _MAY_CALL.count("?"), dumps(list(without)))
    if urgent:
        return [OrderKey(*row) for row in (yield from fetch(URGENT, at, *is_free, limit))]
    found = yield from fetch(DUE, at, *is_free, at, limit)
    ahead = micros(now + CLOCK_SKEW_MAX)
    found += yield from fetch(OF_ANOTHER_TIME, ahead, *is_free, at, limit - len(found))
    return [OrderKey(*row) for row in found]


def waiting_inbox(limit: int) -> Steps[Sequence[InboxRow]]:
    """Return webhooks that wait, of each merchant the oldest."""
    merchants = yield from fetch(WITH_WAITING)
    share = max(1, limit // max(1, len(merchants)))
    rows = list[InboxRow]()
    for (merchant_id,) in merchants:
        rows += yield from _inbox_rows(WAITING, merchant_id, share)
    return sorted(rows, key=lambda row: row.id)[:limit]


def inbox(
    merchant_id: str, order_id: str, quarantined: bool, before: int | None, limit: int
) -> Steps[Sequence[InboxRow]]:
    """Return a merchant's webhooks, newest first."""
    page = (_LAST if before is None else before, limit)
    if order_id:
        statement = _INBOX_OF_QUARANTINED if quarantined else _INBOX_OF
        return (yield from _inbox_rows(statement, merchant_id, order_id.lower(), *page))
    return (yield from _inbox_rows(INBOX_QUARANTINED if quarantined else _INBOX, merchant_id, *page))


def inbox_row(merchant_id: str, row_id: int) -> Steps[InboxRow | None]:
    """Return one webhook of the merchant's, if there is such a row."""
    return next(iter((yield from _inbox_rows(_INBOX_ROW, merchant_id, row_id))), None)


def inbox_merchants() -> Steps[Sequence[str]]:
    """Return of whom there are webhooks."""
    return [merchant_id for (merchant_id,) in (yield from fetch(WITH_WEBHOOKS))]


def webhooks_of(key: OrderKey, limit: int) -> Steps[Sequence[InboxRow]]:
    """Return an order's webhooks without their bodies, oldest first."""
    return (yield from _inbox_rows(WEBHOOKS_OF, key.merchant_id, key.folded, limit))


def key_uses(merchant_id: str) -> Steps[KeyUses]:
    """Return when each of a merchant's API keys was used last."""
    noted = {key_id: instant(at) for key_id, at in (yield from fetch(_KEY_USES, merchant_id))}
    return KeyUses(noted_since=noted.pop("", None), last_used=noted)


def _inbox_rows(statement: Sql, *values: Value) -> Steps[Sequence[InboxRow]]:
    return [_inbox_row(*row) for row in (yield from fetch(statement, *values))]


def _inbox_row(
    row_id: int,
    merchant_id: str,
    event_id: str,
    digest: str,
    received_at: int,
    repeats: int,
    conflicts: int,
    verdict: str,
    order_key: str | None,
    event_name: str,
    body_bytes: int,
    kept_bytes: int,
    body: bytes = b"",
    claims: str | None = None,
) -> InboxRow:
    return InboxRow(
        id=row_id,
        merchant_id=merchant_id,
        event_id=event_id,
        event_name=event_name,
        order_key=order_key,
        claims=_claims(claims),
        digest=digest,
        body=body,
        body_bytes=body_bytes,
        is_body_dropped=kept_bytes < body_bytes,
        received_at=instant(received_at),
        repeats=repeats,
        conflicts=bool(conflicts),
        verdict=_word(InboxVerdict, verdict),
    )


def _claims(text: str | None) -> NoteWebhook | None:
    """What was read of a body; None where that cannot be told any more, so that the worker reads the body itself."""
    try:
        return None if text is None else decoded_claims(text)
    except RecordUnreadable:
        return None


def _word(words: type[WordT], stored: str) -> WordT:
    """A stored word; raises RecordUnreadable for one that this program does not know."""
    try:
        return words(stored)
    except ValueError as error:
        raise RecordUnreadable("a stored record cannot be read by this program") from error


def _named(about: str, decode: Callable[[str], T], text: str) -> T:
    """Decode a record; the error says which one it is, as somebody has to find it."""
    try:
        return decode(text)
    except RecordUnreadable as error:
        raise RecordUnreadable(f"{about} cannot be read by this program") from error
