"""What a sandbox remembers, kept in a file, so that it survives a restart (ours).

The file is a database of SQLite's. Each thing that is remembered is a row: what it is, its id, and JSON. After each
call what has changed is written in one transaction, before the answer goes out: what somebody was told is in the file,
and half of a change never is.

What there may be thousands of is not looked through after each call. It only grows, or whoever hands one out to be
changed says so (`touched`): orders, deliveries, customers, SDK instances. Of the rest there are few, and all is
compared.

Not kept: what stands in the merchants' file or the settings, which is read anew, with the keys and webhook addresses
that `/_control` changed; and how an order was before its last change, which only the fault `stale_answer` tells.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any, Final, cast

import msgspec

from paystate.entrypoints.sandbox.clock import SandboxClock, checked_move
from paystate.entrypoints.sandbox.faults.arming import ArmedFault
from paystate.entrypoints.sandbox.faults.catalogue import FAULTS, FaultKind
from paystate.entrypoints.sandbox.gateway.happenings import Timer
from paystate.entrypoints.sandbox.gateway.records import Customer, Mandate, Notification, Order
from paystate.entrypoints.sandbox.gateway.rules import ClientToken
from paystate.entrypoints.sandbox.gateway.saved_methods import Card, Wallet
from paystate.entrypoints.sandbox.sandbox import Sandbox
from paystate.entrypoints.sandbox.sdk.instances import Envelope, Instance, OpenPage, Stage, Waiting
from paystate.entrypoints.sandbox.webhooks.outbox import Delivery

FORM: Final = 1
"""The form of the file that this version writes and reads (`user_version`)."""

BYTES_MAX: Final = 256 * 1024 * 1024
WARNS_AT_PERCENT: Final = 90
"""How full the file is when its user is told: once, and at each start."""

_LOG: Final = logging.getLogger("paystate.sandbox")

_APPLICATION_ID: Final = 0x50535462
_PAGE_BYTES: Final = 4096
_GONE: Final = b""

Row = tuple[str, object]
"""An id, and what has it; None: it is gone."""

Changes = Callable[[Sandbox, Collection[str]], Iterable[Row]]
"""Gives the rows that may differ from those in the file, whose ids it is given."""


_OTHER: Final = "name another file"
_OURS: Final = f"{_OTHER}, or delete this one: all in it was played"


class StateUnusable(Exception):
    """The file cannot be used; the message says why, and `fix` what to do."""

    def __init__(self, message: str, fix: str = _OURS) -> None:
        """Hold both."""
        super().__init__(message)
        self.fix: Final = fix


@dataclass(frozen=True, slots=True)
class _Moved:
    """How far the clock was moved, in seconds."""

    ahead_s: float


@dataclass(frozen=True, slots=True)
class _Token:
    order: str | None
    expires: datetime
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Fault:
    id: int
    name: str
    calls: int
    order_id: str | None
    route: str | None
    params: dict[str, Any]
    merchant_id: str | None = None


@dataclass(frozen=True, slots=True)
class _Timer:
    due: datetime
    what: str
    order: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Page:
    envelope: Envelope
    order: str
    txn_uuid: str | None
    waiting: Waiting | None


@dataclass(frozen=True, slots=True)
class _Instance:
    stage: Stage
    merchant_id: str
    shown_in: str
    page: _Page | None
    events: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class _Notice:
    merchant_id: str
    notification: Notification


@dataclass(frozen=True, slots=True)
class _Part:
    """One kind of thing that is remembered; `put` puts one back."""

    name: str
    form: Any
    changes: Changes
    put: Callable[[Sandbox, str, Any], object]


def _all(now: Callable[[Sandbox], Iterable[Row]]) -> Changes:
    """Look at all of them each time."""

    def changes(sandbox: Sandbox, saved: Collection[str]) -> Iterator[Row]:
        present = dict(now(sandbox))
        yield from present.items()
        yield from ((row_id, None) for row_id in saved if row_id not in present)

    return changes


def _order(sandbox: Sandbox, juspay_id: str) -> Order:
    found = sandbox.world.page_order(juspay_id)
    if found is None:
        raise LookupError(f"no order {juspay_id}")
    return found


def _orders(sandbox: Sandbox, _: Collection[str]) -> Iterator[Row]:
    for one in sandbox.world.happenings.touched.values():
        yield one.juspay_id, replace(one, past=[])


def _put_order(sandbox: Sandbox, _: str, order: Order) -> None:
    """Put it back with the mandate of that id that is there already; a file of before has mandates in orders alone."""
    if sandbox.config.merchant(order.merchant_id) is None:
        message = f"it has orders of the merchant {order.merchant_id}, who is not set up here"
        raise StateUnusable(message, f"set the merchant up, or {_OTHER}")
    sandbox.world.put_back(order)


def _moved(sandbox: Sandbox) -> Iterator[Row]:
    if isinstance(sandbox.clock, SandboxClock):
        yield "clock", _Moved(sandbox.clock.ahead.total_seconds())


def _put_moved(sandbox: Sandbox, _: str, moved: _Moved) -> None:
    if isinstance(sandbox.clock, SandboxClock):
        sandbox.clock.advance(checked_move(sandbox.clock, timedelta(seconds=moved.ahead_s) - sandbox.clock.ahead))


def _tokens(sandbox: Sandbox, saved: Collection[str]) -> Iterator[Row]:
    for token, one in islice(sandbox.world.tokens.items(), len(saved), None):
        yield token, _Token(one.order.juspay_id if one.order else None, one.expires, dict(one.payload))


def _put_token(sandbox: Sandbox, token: str, one: _Token) -> None:
    order = _order(sandbox, one.order) if one.order else None
    sandbox.world.tokens[token] = ClientToken(order, one.expires, one.payload)


def _put_client_token(sandbox: Sandbox, token: str, one: tuple[str, datetime]) -> None:
    sandbox.world.client_tokens[token] = one


def _faults(sandbox: Sandbox) -> Iterator[Row]:
    for one in sandbox.faults.armed:
        yield (
            str(one.id),
            _Fault(one.id, one.kind.name, one.calls, one.order_id, one.route, dict(one.params), one.merchant_id),
        )


def _put_fault(sandbox: Sandbox, _: str, one: _Fault) -> None:
    kind = next(kind for kind in FAULTS if kind.name == one.name)
    params = {name: _param(kind, name, value) for name, value in one.params.items()}
    sandbox.faults.put_back(ArmedFault(one.id, kind, one.calls, one.merchant_id, one.order_id, one.route, params))


def _param(kind: FaultKind, name: str, value: Any) -> Any:
    """Return a parameter as it was armed: a fraction is kept as text."""
    return Decimal(value) if isinstance(value, str) and not isinstance(kind.params[name], str) else value


def _put_fault_count(sandbox: Sandbox, _: str, count: int) -> None:
    sandbox.faults.count = count


def _timers(sandbox: Sandbox) -> Iterator[Row]:
    for one in sandbox.world.happenings.timers:
        yield str(one.number), _Timer(one.due, one.what, one.order.juspay_id, one.names)


def _put_timer(sandbox: Sandbox, number: str, one: _Timer) -> None:
    order = _order(sandbox, one.order)
    sandbox.world.happenings.put_back(Timer(one.due, int(number), one.what, order, one.names))


def _instances(sandbox: Sandbox, _: Collection[str]) -> Iterator[Row]:
    for instance_id, one in sandbox.sdk.touched.items():
        if one is None:
            yield instance_id, None
            continue
        shown = one.page
        page = None
        if shown is not None:
            txn_uuid = shown.txn.txn_uuid if shown.txn else None
            page = _Page(shown.envelope, shown.order.juspay_id, txn_uuid, shown.waiting)
        yield one.id, _Instance(one.stage, one.merchant_id, one.shown_in, page, one.events)


def _put_instance(sandbox: Sandbox, instance_id: str, one: _Instance) -> None:
    page = None
    if one.page is not None:
        order = _order(sandbox, one.page.order)
        txn = order.attempt(one.page.txn_uuid) if one.page.txn_uuid else None
        page = OpenPage(one.page.envelope, order, txn, one.page.waiting)
    events = cast("list[dict[str, object]]", one.events)
    sandbox.sdk.put_back(Instance(instance_id, one.stage, one.merchant_id, one.shown_in, page, events))


def _notices(sandbox: Sandbox) -> Iterator[Row]:
    for (merchant_id, reference), one in sandbox.mandates.notifications.items():
        yield f"{merchant_id}/{reference}", _Notice(merchant_id, one)


def _put_notice(sandbox: Sandbox, _: str, one: _Notice) -> None:
    sandbox.mandates.notifications[one.merchant_id, one.notification.reference] = one.notification


_PARTS: Final = (
    _Part("moved", _Moved, _all(_moved), _put_moved),
    _Part(
        "mandate",
        Mandate,
        _all(lambda sandbox: ((one.mandate_id, one) for one in sandbox.mandates.kept)),
        lambda sandbox, _, one: sandbox.mandates.put_back(one),
    ),
    _Part("order", Order, _orders, _put_order),
    _Part("token", _Token, _tokens, _put_token),
    _Part(
        "client_token",
        tuple[str, datetime],
        lambda sandbox, saved: islice(sandbox.world.client_tokens.items(), len(saved), None),
        _put_client_token,
    ),
    _Part(
        "customer",
        Customer,
        lambda sandbox, _: sandbox.customers.touched.items(),
        lambda sandbox, _, one: sandbox.customers.kept.append(one),
    ),
    _Part(
        "card",
        Card,
        _all(lambda sandbox: sandbox.saved.kept_cards.items()),
        lambda sandbox, token, one: sandbox.saved.kept_cards.update({token: one}),
    ),
    _Part(
        "wallet",
        Wallet,
        _all(lambda sandbox: sandbox.saved.kept_wallets.items()),
        lambda sandbox, wallet_id, one: sandbox.saved.kept_wallets.update({wallet_id: one}),
    ),
    _Part("notice", _Notice, _all(_notices), _put_notice),
    _Part(
        "ledger",
        dict[str, Any],
        lambda sandbox, saved: ((str(one["seq"]), one) for one in sandbox.ledger.since(len(saved))),
        lambda sandbox, _, one: sandbox.ledger.put_back(one),
    ),
    _Part(
        "delivery",
        Delivery,
        lambda sandbox, _: ((str(place), one) for place, one in sandbox.outbox.touched.items()),
        lambda sandbox, _, one: sandbox.outbox.put_back(one),
    ),
    _Part("fault", _Fault, _all(_faults), _put_fault),
    _Part("fault_count", int, _all(lambda sandbox: [("count", sandbox.faults.count)]), _put_fault_count),
    _Part("timer", _Timer, _all(_timers), _put_timer),
    _Part("instance", _Instance, _instances, _put_instance),
)
"""In the order in which they are put back: who names an order comes after the orders, which come after mandates."""


def forget_touched(sandbox: Sandbox) -> None:
    """Nothing differs from what the file holds; or there is no file."""
    for touched in (
        sandbox.world.happenings.touched,
        sandbox.customers.touched,
        sandbox.outbox.touched,
        sandbox.sdk.touched,
    ):
        touched.clear()


@dataclass(slots=True)
class StateFile:
    """The file of one sandbox. Nobody else may have it open."""

    path: Path
    _database: sqlite3.Connection
    _saved: dict[str, dict[str, bytes]] = field(default_factory=dict[str, dict[str, bytes]])
    _entries_saved: int = -1
    _has_warned: bool = False

    @classmethod
    def opened(cls, path: Path) -> StateFile:
        """Open the file, or make it.

        Raises:
            StateUnusable: It is somebody else's, damaged, of another form, or in use.
        """
        if not path.exists():
            try:
                path.touch(mode=0o600)
            except OSError as exc:
                fix = "name a file in a folder that is there, and that you may write to"
                raise StateUnusable(f"it cannot be made: {exc.strerror}", fix) from exc
        try:
            with ExitStack() as opening:
                database = opening.enter_context(closing(sqlite3.connect(path, isolation_level=None, timeout=0)))
                _prepare(database)
                opening.pop_all()
        except sqlite3.Error as exc:
            raise _unusable(path, exc) from exc
        return cls(path, database)

    def restore(self, sandbox: Sandbox) -> None:
        """Put everything back that the file has, into a sandbox that remembers nothing yet.

        Raises:
            StateUnusable: A row cannot be read, or has to do with something that is not there.
        """
        for part in _PARTS:
            decoder = msgspec.json.Decoder(part.form)
            saved = self._saved[part.name] = {}
            for row_id, text in self._database.execute(
                "select id, value from remembered where part = ? order by place", (part.name,)
            ):
                try:
                    part.put(sandbox, row_id, decoder.decode(text))
                except (msgspec.DecodeError, LookupError, StopIteration, ValueError, TypeError) as exc:
                    raise StateUnusable(f"it is damaged: {part.name} {row_id} cannot be read ({exc})") from exc
                saved[row_id] = text
        forget_touched(sandbox)
        self._entries_saved = sandbox.ledger.count

    def save(self, sandbox: Sandbox, *, if_grown: bool = False) -> None:
        """Write what has changed since the last time, all of it or nothing.

        Args:
            if_grown: Only if the ledger has grown: after what by itself changes nothing, but may find something due.

        Raises:
            sqlite3.Error: It could not be written, such as for want of room.
        """
        if if_grown and sandbox.ledger.count == self._entries_saved:
            return
        changes = {part.name: dict(self._changes(part, sandbox)) for part in _PARTS}
        if any(changes.values()):
            self._write(changes)
            self._warn_once()
        for name, rows in changes.items():
            saved = self._saved[name]
            for row_id, text in rows.items():
                if text == _GONE:
                    del saved[row_id]
                else:
                    saved[row_id] = text
        forget_touched(sandbox)
        self._entries_saved = sandbox.ledger.count

    @property
    def warning(self) -> str:
        """What its user is to know of how full the file is; empty while there is room."""
        used, most = (
            self._database.execute(f"pragma {name}").fetchone()[0] for name in ("page_count", "max_page_count")
        )
        percent = used * 100 // most
        if percent < WARNS_AT_PERCENT:
            return ""
        return f"{self.path} is {percent} % full. When it is full, nothing is answered: begin with a new file."

    def _warn_once(self) -> None:
        if not self._has_warned and (warning := self.warning):
            self._has_warned = True
            _LOG.warning(warning)

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def _changes(self, part: _Part, sandbox: Sandbox) -> Iterator[tuple[str, bytes]]:
        saved = self._saved[part.name]
        for row_id, value in part.changes(sandbox, saved):
            text = _GONE if value is None else msgspec.json.encode(value)
            if text != saved.get(row_id, _GONE):
                yield row_id, text

    def _write(self, changes: dict[str, dict[str, bytes]]) -> None:
        self._database.execute("begin immediate")
        try:
            for name, rows in changes.items():
                for row_id, text in rows.items():
                    if text == _GONE:
                        self._database.execute("delete from remembered where part = ? and id = ?", (name, row_id))
                    else:
                        self._database.execute(_UPSERT, (name, row_id, text))
            self._database.execute("commit")
        except sqlite3.Error:
            if self._database.in_transaction:
                self._database.execute("rollback")
            raise


_UPSERT: Final = """
    insert into remembered (part, id, value) values (?, ?, ?)
    on conflict (part, id) do update set value = excluded.value
"""


def _unusable(path: Path, exc: sqlite3.Error) -> StateUnusable:
    """Return why a file cannot be opened; only of one that bears our mark is it said that it may be deleted."""
    match exc.sqlite_errorcode:
        case sqlite3.SQLITE_BUSY:
            return StateUnusable("another sandbox uses it", f"stop that one, or {_OTHER}")
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            return StateUnusable(f"it cannot be written ({exc})", f"let yourself write it and its folder, or {_OTHER}")
        case _ if _is_ours(path):
            return StateUnusable(f"it is damaged ({exc})")
        case _:
            return StateUnusable(f"it is no state of a sandbox ({exc})", _OTHER)


def _is_ours(path: Path) -> bool:
    """Whether the file bears our mark, damaged or not. Source: SQLite's documentation, "Database File Format", 1.3."""
    with path.open("rb") as file:
        return file.read(_MARK.stop)[_MARK] == _APPLICATION_ID.to_bytes(4, "big")


_MARK: Final = slice(68, 72)


def _prepare(database: sqlite3.Connection) -> None:
    """Take the file for this process alone, and see that it is one of ours."""
    database.execute("pragma locking_mode = exclusive")
    database.execute("pragma synchronous = full")
    database.execute(f"pragma max_page_count = {BYTES_MAX // _PAGE_BYTES}")
    database.execute("begin exclusive")
    (owner,), (form,) = (database.execute(f"pragma {name}").fetchone() for name in ("application_id", "user_version"))
    (tables,) = database.execute("select count(*) from sqlite_master").fetchone()
    if (owner, form, tables) == (0, 0, 0):
        database.execute(f"pragma application_id = {_APPLICATION_ID}")
        database.execute(f"pragma user_version = {FORM}")
        database.execute(
            "create table remembered (place integer primary key, part text not null, id text not null,"
            " value blob not null, unique (part, id)) strict"
        )
        form = FORM
    elif owner != _APPLICATION_ID:
        raise StateUnusable("it is a database of something else", _OTHER)
    database.execute("commit")
    if form != FORM:
        message = f"it has form {form}, and this version of Paystate reads form {FORM}"
        raise StateUnusable(message, f"use the version that wrote it, {_OURS}")
    (told,) = database.execute("pragma quick_check(1)").fetchone()
    if told != "ok":
        raise StateUnusable(f"it is damaged ({told})")
