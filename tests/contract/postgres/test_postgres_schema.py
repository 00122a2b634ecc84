"""What migrations make on PostgreSQL: the schema that is written down, but for what a partitioned table cannot have."""

from __future__ import annotations

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import asyncpg
import pytest
from contract.samples import KEY, MERCHANT, announces, charges, opens
from postgres_server import database_made
from sqlalchemy import BigInteger, LargeBinary, Table, Text
from sqlalchemy.schema import UniqueConstraint

from paystate.adapters.storage.postgres import baseline
from paystate.adapters.storage.postgres.config import PostgresConfig
from paystate.adapters.storage.postgres.migration import is_current, migrate, not_durable, pending
from paystate.adapters.storage.postgres.store import PostgresStore
from paystate.adapters.storage.schema import METADATA
from paystate.adapters.storage.schema_head import SCHEMA_HEAD
from paystate.core.errors import StorageUnavailable
from paystate.core.finding.filters import Filter
from paystate.core.finding.index_entry import Name, NameKind

T = TypeVar("T")
TYPES: dict[type[Any], str] = {Text: "text", BigInteger: "bigint", LargeBinary: "bytea"}


def asked(address: str, query: str) -> list[tuple[Any, ...]]:
    async def ask() -> list[tuple[Any, ...]]:
        connection = await asyncpg.connect(address)
        rows = [tuple(row) for row in await connection.fetch(query)]
        await connection.close()
        return rows

    return asyncio.run(ask())


def written(table: Table) -> set[tuple[str, str, bool, str | None, str | None]]:
    """A table's columns: name, type, whether they may be null, what they are without a value, and how they sort."""
    return {
        (
            column.name,
            TYPES[type(column.type)],
            bool(column.nullable),
            None if column.server_default is None else column.server_default.arg.text,  # type: ignore[attr-defined]
            "C" if isinstance(column.type, Text) else None,
        )
        for column in table.columns
    }


def plain(default: str | None) -> str | None:
    """Without what PostgreSQL adds; `nextval` is how an id grows."""
    return None if default is None or default.startswith("nextval") else default.removesuffix("::text")


def test_every_column_is_as_it_is_written_down_and_text_is_compared_byte_by_byte(postgres_database: str) -> None:
    query = """
        select table_name, column_name, data_type, is_nullable = 'YES', column_default, collation_name
        from information_schema.columns where table_schema = 'public' and table_name <> 'alembic_version'
    """
    made: dict[str, set[Any]] = {}
    for table, column, kind, nullable, default, collation in asked(postgres_database, query):
        made.setdefault(table, set()).add((column, kind, nullable, plain(default), collation))
    assert {name: written(table) for name, table in METADATA.tables.items()} == made


OF_ALL_MERCHANTS = {"worker_id", "name", "token_digest", "proposal_id"}
"""How keys begin that no merchant has: of workers, and of the console's people, sessions and requests."""


def test_every_index_is_there_and_each_key_begins_with_the_merchant(postgres_database: str) -> None:
    found = dict(asked(postgres_database, "select indexname, indexdef from pg_indexes"))
    for table in METADATA.tables.values():
        for index in table.indexes:
            columns = ", ".join(column.name for column in index.columns)
            assert f"({columns})" in found[str(index.name)]
            where = index.dialect_options["sqlite"]["where"]
            assert (" WHERE " in found[str(index.name)]) == (where is not None)
    unique = {name: text for name, text in found.items() if "UNIQUE" in text and "alembic" not in name}
    assert {f"pk_{name}" for name in METADATA.tables} == {name for name in unique if not name.startswith("pg_")}
    keys = {name: re.search(r"\((.*)\)", text) for name, text in unique.items() if name.startswith("pk_")}
    assert {"merchant_id", *OF_ALL_MERCHANTS} == {key[1].split(",")[0] for key in keys.values() if key}


def test_what_is_unique_on_sqlite_is_a_key_on_postgresql(postgres_database: str) -> None:
    keys = dict(asked(postgres_database, "select indexname, indexdef from pg_indexes"))
    for table in METADATA.tables.values():
        for constraint in table.constraints:
            if isinstance(constraint, UniqueConstraint):
                key = re.search(r"\((.*)\)", keys[f"pk_{table.name}"])
                assert key is not None
                assert {column.name for column in constraint.columns} <= set(key[1].split(", "))


def test_a_new_database_needs_every_step_and_then_none(postgres_server: str) -> None:
    config = PostgresConfig(address=database_made(postgres_server))
    assert (SCHEMA_HEAD, False) == (pending(config)[-1], is_current(config))
    migrate(config)
    migrate(config)
    assert ((), True) == (pending(config), is_current(config))


def test_two_processes_may_migrate_at_once(postgres_server: str) -> None:
    config = PostgresConfig(address=database_made(postgres_server))
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(migrate, [config, config]))
    assert is_current(config)


def test_a_database_of_a_newer_program_is_neither_migrated_nor_called_current(postgres_database: str) -> None:
    config = PostgresConfig(address=postgres_database)
    asked(postgres_database, "update alembic_version set version_num = '9999' returning 1")
    for call in (migrate, pending, is_current):
        with pytest.raises(StorageUnavailable, match="newer"):
            call(config)


def test_a_server_that_is_not_there_is_unavailable() -> None:
    with pytest.raises(StorageUnavailable):
        migrate(PostgresConfig(address="postgresql://nobody@127.0.0.1:1/none"))


def test_what_could_lose_a_commit_is_named(postgres_database: str) -> None:
    config = PostgresConfig(address=postgres_database)
    assert () == not_durable(config)
    name = postgres_database.partition("?")[0].rpartition("/")[2]
    asked(postgres_database, f"do $$ begin execute 'alter database {name} set synchronous_commit = off'; end $$")
    assert ("synchronous_commit is off",) == not_durable(config)


# --- partitioned


PARTITIONS = 8


def partitioned() -> str:
    """The tables, those with an order in their key in eight parts each."""

    def parted(table: re.Match[str]) -> str:
        parts = "".join(
            f"create table {table[1]}_{n} partition of {table[1]}"
            f" for values with (modulus {PARTITIONS}, remainder {n});\n"
            for n in range(PARTITIONS)
        )
        return f"{table[0].removesuffix(';')} partition by hash (merchant_id, order_key);\n{parts}"

    with_an_order = r"create table (\w+) \((?:(?!;).)*?primary key \(merchant_id, order_key.*?\n\);"
    return re.sub(with_an_order, parted, baseline.TABLES, flags=re.DOTALL)


@pytest.fixture
def partitioned_database(postgres_server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    address = database_made(postgres_server)
    monkeypatch.setattr("paystate.adapters.storage.postgres.migration.TABLES", partitioned())
    migrate(PostgresConfig(address=address))
    return address


async def test_tables_may_be_partitioned_by_merchant_and_order(partitioned_database: str) -> None:
    async with PostgresStore(PostgresConfig(address=partitioned_database)) as store:
        await store.transact(KEY, opens())
        await store.transact(KEY, charges())
        await store.transact(KEY, announces("x", claims=("refund:1",)))
        await store.subscribe(MERCHANT, "shop")
        await store.transact(KEY, announces("y"))
        assert [3 + 1] == [len(await store.journal(KEY))]
        paid = Filter(names=(Name.of(NameKind.TXN, "t1"),))
        assert [KEY] == [order.key for order in (await store.find(MERCHANT, paid)).orders]
        assert "review.opened:y" == (await store.outbox(MERCHANT))[-1].once_key
    parts = "select count(*) from pg_inherits where inhparent = 'orders'::regclass"
    assert [(PARTITIONS,)] == await asyncio.to_thread(asked, partitioned_database, parts)
