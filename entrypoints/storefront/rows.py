"""The shop's own rows, in a file of its own: carts, what was ordered, parcels, and what the steps' panel shows.

Whether an order is paid is never kept here: Paystate knows, and is asked.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from attrs import field, frozen

from paystate.core.text import one_line
from paystate.entrypoints.storefront.catalogue import PRODUCTS, Line

NOTES_MAX: Final = 200
"""Of one order; older ones are dropped."""
NOTES_KEPT: Final = timedelta(days=30)
CARTS_MAX: Final = 200
"""Of all shoppers; the oldest are dropped."""
ORDERS_MAX: Final = 1000
"""Of all shoppers: so many orders have their lines, and so many their newest checkout.

No parcel is forgotten: Paystate may tell of an order again at any time, and nothing goes out twice.
"""
_TITLE_MAX: Final = 200

_SCHEMA: Final = """
create table if not exists carts (shopper text primary key, cart_id text not null unique);
create table if not exists lines (cart_id text, product text, count int, primary key (cart_id, product));
create table if not exists orders (order_id text primary key, shopper text not null);
create table if not exists ordered (
    order_id text, product text, name text, pack text, each_minor int, count int, primary key (order_id, product)
);
create table if not exists payments (order_id text primary key, checkout_id text not null, is_back int not null);
create table if not exists parcels (order_id text primary key, version int not null, packed_at text, stopped_at text);
create table if not exists notes (
    id integer primary key, subject text, step int, at text, title text, sent text, came text
);
create index if not exists notes_of on notes (subject);
create index if not exists notes_at on notes (at);
create table if not exists keys (name text primary key, value blob not null);
"""

_FORGETS: Final = (
    "delete from orders where order_id = ?",
    "delete from ordered where order_id = ?",
    "delete from carts where cart_id = ?",
    "delete from lines where cart_id = ?",
)


@frozen
class Cart:
    """What a shopper has chosen; `cart_id` becomes the order's id, and is empty where nothing was chosen."""

    cart_id: str
    lines: tuple[Line, ...]


@frozen
class Parcel:
    """An order's parcel.

    Attributes:
        packed_at: None where it was stopped before that.
        stopped_at: None while it may go.
    """

    packed_at: datetime | None
    stopped_at: datetime | None


def _titled(text: str) -> str:
    """What came from outside may be in it."""
    return one_line(text, _TITLE_MAX)


@frozen
class Note:
    """One thing that happened at a step, with the JSON that went and came; each is empty where there was none."""

    step: int
    at: datetime
    title: str = field(converter=_titled)
    sent: str = ""
    came: str = ""


class Rows:
    """The shop's database, for one process."""

    def __init__(self, file: Path) -> None:
        """Open it, and make it if it is not there."""
        self._connection = sqlite3.connect(file, isolation_level=None)
        self._connection.executescript(_SCHEMA)

    def close(self) -> None:
        """Close it."""
        self._connection.close()

    def cookie_key(self) -> bytes:
        """The key that shoppers' cookies are signed with; made once."""
        self._run("insert or ignore into keys values ('cookies', ?)", secrets.token_bytes(32))
        (key,) = self._one("select value from keys where name = 'cookies'") or (b"",)
        return bytes(key)

    # --- carts and orders

    def cart(self, shopper: str) -> Cart:
        """A shopper's cart; what is on the shelf no more has gone out of it."""
        (cart_id,) = self._one("select cart_id from carts where shopper = ?", shopper) or ("",)
        rows = self._all("select product, count from lines where cart_id = ? order by rowid", cart_id)
        return Cart(cart_id, tuple(Line.of(PRODUCTS[product], count) for product, count in rows if product in PRODUCTS))

    def put(self, shopper: str, product_id: str, count: int) -> None:
        """Have so many of a product in the cart; 0 takes it out. The same again changes nothing."""
        with self._together():
            cart_id = self._cart_to_change(shopper)
            self._run("delete from lines where cart_id = ? and product = ?", cart_id, product_id)
            if count:
                self._run("insert into lines values (?, ?, ?)", cart_id, product_id, count)

    def _cart_to_change(self, shopper: str) -> str:
        """The id of a shopper's cart; another from when an order was made of it, which must stay as it was."""
        new_id = f"T{secrets.token_hex(8)}"
        self._run("insert or ignore into carts values (?, ?)", shopper, new_id)
        cart_id = self.cart(shopper).cart_id
        if self._is_ordered(cart_id):
            self._run("update carts set cart_id = ? where cart_id = ?", new_id, cart_id)
            self._run("update lines set cart_id = ? where cart_id = ?", new_id, cart_id)
            cart_id = new_id
        self._run("delete from carts where rowid <= (select max(rowid) from carts) - ?", CARTS_MAX)
        self._run("delete from lines where cart_id not in (select cart_id from carts)")
        return cart_id

    def order(self, shopper: str, cart_id: str) -> tuple[Line, ...]:
        """Make an order of a cart, once, at the prices of now; the same again, and its lines are only returned.

        The cart stays until `leave_cart`. Returns nothing where it is not the shopper's, is another by now or is empty.
        """
        with self._together():
            cart = self.cart(shopper)
            if cart.cart_id == cart_id and cart.lines and not self._is_ordered(cart_id):
                self._run("insert into orders values (?, ?)", cart_id, shopper)
                for one in cart.lines:
                    row = (cart_id, one.product_id, one.name, one.pack, one.each_minor, one.count)
                    self._run("insert into ordered values (?, ?, ?, ?, ?, ?)", *row)
                self._forget_old_orders()
            is_theirs = self._one("select 1 from orders where order_id = ? and shopper = ?", cart_id, shopper)
        return self.ordered(cart_id) if is_theirs else ()

    def _forget_old_orders(self) -> None:
        """Forget what the oldest orders were of, and the cart that may still stand: its id is never another order's."""
        old = "select order_id from orders where rowid <= (select max(rowid) from orders) - ?"
        for (order_id,) in self._all(old, ORDERS_MAX):
            for statement in _FORGETS:
                self._run(statement, order_id)

    def _is_ordered(self, cart_id: str) -> bool:
        return self._one("select 1 from orders where order_id = ?", cart_id) is not None

    def leave_cart(self, cart_id: str) -> None:
        """The cart has become an order that Paystate has: the shopper's next one is empty."""
        with self._together():
            self._run("delete from carts where cart_id = ?", cart_id)
            self._run("delete from lines where cart_id = ?", cart_id)

    def ordered(self, order_id: str) -> tuple[Line, ...]:
        """What was ordered, with its name and price of then; nothing of an order that was not made in the shop."""
        query = "select product, name, pack, each_minor, count from ordered where order_id = ? order by rowid"
        return tuple(Line(*row) for row in self._all(query, order_id))

    # --- payments and parcels

    def pays_in(self, order_id: str, checkout_id: str) -> None:
        """The order is being paid in this checkout, the newest of it."""
        with self._together():
            self._run("insert or replace into payments values (?, ?, 0)", order_id, checkout_id)
            self._run("delete from payments where rowid <= (select max(rowid) from payments) - ?", ORDERS_MAX)

    def checkout_of(self, order_id: str) -> str:
        """The newest checkout in which the order was to be paid; empty where there is none."""
        (checkout_id,) = self._one("select checkout_id from payments where order_id = ?", order_id) or ("",)
        return str(checkout_id)

    def comes_back(self, order_id: str, *, is_answered: bool = False) -> None:
        """The shopper is back from paying and may have paid; `is_answered` from when Juspay was asked about it."""
        self._run("update payments set is_back = ? where order_id = ?", int(not is_answered), order_id)

    def is_back(self, order_id: str) -> bool:
        """Whether the shopper is back, and Juspay was not asked since."""
        return self._one("select 1 from payments where order_id = ? and is_back", order_id) is not None

    def pack(self, order_id: str, version: int, at: datetime) -> None:
        """Pack the order's parcel, or let it go on; there is one, however often this is asked.

        Args:
            version: The order's, on which this was decided; what a newer one has decided stands.
        """
        self._run(
            "insert into parcels values (?, ?, ?, null) on conflict do update set version = excluded.version,"
            " packed_at = coalesce(packed_at, excluded.packed_at), stopped_at = null"
            " where excluded.version >= version",
            order_id,
            version,
            at.isoformat(),
        )

    def stop(self, order_id: str, version: int, at: datetime) -> None:
        """Stop the order's parcel, packed or not; `version` as for `pack`."""
        self._run(
            "insert into parcels values (?, ?, null, ?) on conflict do update set version = excluded.version,"
            " stopped_at = coalesce(stopped_at, excluded.stopped_at) where excluded.version >= version",
            order_id,
            version,
            at.isoformat(),
        )

    def parcel(self, order_id: str) -> Parcel | None:
        """The order's parcel; None where nothing was decided of it."""
        found = self._one("select packed_at, stopped_at from parcels where order_id = ?", order_id)
        return Parcel(*(datetime.fromisoformat(at) if at else None for at in found)) if found else None

    # --- notes of the steps

    def note(self, subject: str, note: Note) -> None:
        """Keep a note of an order or of a shopper; the newest `NOTES_MAX` stay, for `NOTES_KEPT`."""
        row = (subject, note.step, note.at.isoformat(), note.title, note.sent, note.came)
        with self._together():
            self._run("insert into notes (subject, step, at, title, sent, came) values (?, ?, ?, ?, ?, ?)", *row)
            self._run(
                "delete from notes where subject = ?1 and id <="
                " (select id from notes where subject = ?1 order by id desc limit 1 offset ?2)",
                subject,
                NOTES_MAX,
            )
            self._run("delete from notes where at < ?", (note.at - NOTES_KEPT).isoformat())

    def note_once(self, subject: str, note: Note) -> None:
        """The same, unless the subject has a note with this step and title already."""
        known = "select 1 from notes where subject = ? and step = ? and title = ?"
        if not self._one(known, subject, note.step, note.title):
            self.note(subject, note)

    def notes(self, subject: str) -> tuple[Note, ...]:
        """All notes of an order or of a shopper, oldest first."""
        rows = self._all("select step, at, title, sent, came from notes where subject = ? order by id", subject)
        return tuple(Note(step, datetime.fromisoformat(at), title, sent, came) for step, at, title, sent, came in rows)

    # --- the database

    @contextmanager
    def _together(self) -> Generator[None]:
        self._connection.execute("begin immediate")
        try:
            yield
        except BaseException:
            self._connection.execute("rollback")
            raise
        self._connection.execute("commit")

    def _run(self, statement: str, *values: str | int | bytes) -> None:
        self._connection.execute(statement, values)

    def _one(self, query: str, *values: str | int) -> tuple[Any, ...] | None:
        found: tuple[Any, ...] | None = self._connection.execute(query, values).fetchone()
        return found

    def _all(self, query: str, *values: str | int) -> list[tuple[Any, ...]]:
        return self._connection.execute(query, values).fetchall()
