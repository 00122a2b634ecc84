"""Many orders of a year, made in SQL: a record for each would take an hour to decide and store.

The same statements serve both databases. Index entries differ as those of real orders do; the record of each order is
the same one.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import asyncpg
from unit.builders import MERCHANT, after, new_order, told

from paystate.adapters.storage.codec import encoded
from paystate.adapters.storage.instants import micros
from paystate.adapters.storage.postgres.config import PostgresConfig
from paystate.adapters.storage.postgres.migration import migrate as migrate_postgres
from paystate.adapters.storage.sqlite.migration import migrate as migrate_sqlite

BEGIN: Final = datetime(2026, 1, 1, tzinfo=UTC)
APART_S: Final = 31  # a million orders in a year
_FILLED_WITHIN_S: Final = 3600.0


def filled(path: Path, orders: int) -> None:
    """A SQLite database with so many orders, in a new file."""
    migrate_sqlite(path)
    with closing(sqlite3.connect(path)) as raw:
        for statement in _statements(orders):
            raw.execute(statement, {"1": _record()} if "$1" in statement else {})
        raw.commit()


async def filled_in_postgres(config: PostgresConfig, orders: int) -> None:
    """The same in a new database of PostgreSQL."""
    migrate_postgres(config)
    connection = await asyncpg.connect(config.address, command_timeout=_FILLED_WITHIN_S)
    try:
        for statement in _statements(orders):
            await connection.execute(statement, *([_record()] if "$1" in statement else []))
        await connection.execute("vacuum analyze")
    finally:
        await connection.close()


def _record() -> str:
    return encoded(after(new_order(), told("CHARGED", 1)))


def _statements(orders: int) -> tuple[str, ...]:
    opened_at = f"{micros(BEGIN)} + n * {APART_S * 1_000_000}"
    return (
        f"""
        insert into orders (merchant_id, order_key, order_id, snapshot, version, created_at, looks, open_reasons,
                            status, currency, customer_id, purchase, amount_minor, changed_at, refund_open_since)
        with recursive numbers (n) as
             (select cast(1 as bigint) union all select n + 1 from numbers where n < {orders})
        select '{MERCHANT}', 'shop-' || {_digits("n", 7)}, 'SHOP-' || {_digits("n", 7)}, $1, 2, {opened_at}, '[]',
               case when n % 5000 = 0 then 1 else 0 end,
               case when n % 10 < 8 then 'CHARGED' when n % 10 = 8 then 'FAILED' when n % 1000 = 999 then 'PENDING'
                    else 'EXPIRED' end,
               case when n % 100000 = 77 then 'USD' else 'INR' end, 'cust-' || (n % 300000), 'cart-' || n,
               (n % 997) * 100 + 100, {micros(BEGIN)} + (n * 7919 % {orders}) * {APART_S * 1_000_000},
               case when n % 4000 = 1 then {opened_at} end
        from numbers
        """,  # noqa: S608 - numbers and text of our own
        *(
            f"insert into order_names select merchant_id, '{kind}', {value}, created_at, id from orders"  # noqa: S608
            for kind, value in {
                "customer": "customer_id",
                "phone": _digits("id % 300000", 10),
                "txn": "'acme-' || order_key || '-1'",
                "reference": f"'6330' || {_digits('id', 8)}",
            }.items()
        ),
        """
        insert into movements (merchant_id, order_key, version, at, kind, name, method, currency, amount_minor)
        select merchant_id, order_key, 2, created_at + 60000000, 'captured', 't1', 'UPI', currency, amount_minor
        from orders where status = 'CHARGED'
        """,
    )


def _digits(number: str, width: int) -> str:
    """SQL for a number of at most `width` digits, with zeros before it."""
    padded = f"('{'0' * width}' || ({number}))"
    return f"substr({padded}, length({padded}) - {width - 1})"
