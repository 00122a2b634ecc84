"""A database moves from a SQLite file to PostgreSQL: whole, once, and as often killed as you like."""

from __future__ import annotations

import asyncio
import gzip
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest
from contract import console_contract as console
from contract.postgres.every_table import webhook, written_since
from contract.samples import KEY, MERCHANT, OTHER, counts, opens
from patience import until
from postgres_server import database_made
from sqlalchemy import Table

from paystate.adapters.storage.moving.errors import MoveRefused
from paystate.adapters.storage.moving.move import Progress, abandon, move
from paystate.adapters.storage.moving.rows import TABLES, Digest, columns_of
from paystate.adapters.storage.moving.source import Source
from paystate.adapters.storage.moving.target import Copied, Target, connected
from paystate.adapters.storage.postgres.config import PostgresConfig
from paystate.adapters.storage.postgres.migration import migrate as migrate_postgres
from paystate.adapters.storage.postgres.migration import pending
from paystate.adapters.storage.postgres.store import PostgresStore
from paystate.adapters.storage.schema_head import SCHEMA_HEAD, move_mark
from paystate.adapters.storage.sqlite.migration import migrate
from paystate.adapters.storage.sqlite.store import SqliteStore
from paystate.core.errors import StorageUnavailable
from paystate.core.finding.filters import EVERY_ORDER, UNDER_REVIEW
from paystate.core.orders.order import fold

TESTS = Path(__file__).parents[2]
STORED = TESTS / "integration/stored/by_0_1_0_dev/paystate.sqlite.gz"
KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from paystate.adapters.storage.moving.move import move
from paystate.adapters.storage.postgres.config import PostgresConfig
left = int(sys.argv[3])
def tell(_):
    global left
    left -= 1
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(move(Path(sys.argv[1]), PostgresConfig(address=sys.argv[2]), tell, slice_rows=60))
"""

SEES_LIMITS = """
create table seen (statement text, idle text, lock text);
create function see() returns trigger language plpgsql as $$
begin
    insert into seen values (
        current_setting('statement_timeout'), current_setting('idle_in_transaction_session_timeout'),
        current_setting('lock_timeout')
    );
    return null;
end $$;
create trigger sees after update on move_from_sqlite for each row when (new.digest <> '') execute function see();
"""
"""Writes down by which limits each table is compared."""


class Killed(BaseException):
    """The program ends here."""


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What an old release wrote, and what was written since: a row in every table."""
    path = tmp_path_factory.mktemp("grown") / "paystate.db"
    with gzip.open(STORED) as packed, path.open("wb") as file:
        shutil.copyfileobj(packed, file)
    migrate(path)
    asyncio.run(written_since(path))
    with closing(sqlite3.connect(path)) as connection:
        for table in TABLES:
            assert connection.execute(f"select 1 from {table.name}").fetchone(), table.name  # noqa: S608
    return path


@pytest.fixture
def file(grown: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(grown, tmp_path / "paystate.db"))


@pytest.fixture
def target(postgres_server: str) -> PostgresConfig:
    """An empty database."""
    return PostgresConfig(address=database_made(postgres_server))


def quiet(_: Progress) -> None:
    """Say nothing."""


def in_file(path: Path) -> dict[str, Counter[tuple[Any, ...]]]:
    """Every row of every table."""
    with closing(sqlite3.connect(path)) as connection:
        return {table.name: Counter(connection.execute(_all(table))) for table in TABLES}


async def on_postgres(target: PostgresConfig) -> dict[str, Counter[tuple[Any, ...]]]:
    connection = await asyncpg.connect(target.address)
    found = {table.name: Counter(tuple(row) for row in await connection.fetch(_all(table))) for table in TABLES}
    await connection.close()
    return found


async def on(target: PostgresConfig, statement: str) -> str:
    connection = await asyncpg.connect(target.address)
    done = await connection.execute(statement)
    await connection.close()
    return done


def _all(table: Any) -> str:
    return f"select {', '.join(columns_of(table))} from {table.name}"  # noqa: S608


async def test_every_row_of_every_table_is_moved(file: Path, target: PostgresConfig) -> None:
    told: list[Progress] = []
    before = in_file(file)
    moved = await move(file, target, told.append)
    assert before == await on_postgres(target)
    assert (22, sum(rows.total() for rows in before.values())) == (moved.tables, moved.rows)
    assert {table.name: before[table.name].total() for table in TABLES} == {one.table: one.rows for one in told}


async def test_a_move_that_is_killed_after_each_slice_copies_none_twice(file: Path, target: PostgresConfig) -> None:
    told: list[Progress] = []

    def killed(progress: Progress) -> None:
        told.append(progress)
        raise Killed

    for _ in range(200):
        with suppress(Killed):
            await move(file, target, killed, slice_rows=60)
            break
    assert in_file(file) == await on_postgres(target)
    assert len(told) == len(set(told)) > 30


async def test_a_process_that_is_killed_lets_the_next_one_go_on(file: Path, target: PostgresConfig) -> None:
    for left in (1, 9, 15):
        line = [sys.executable, "-c", KILLED, str(file), target.address, str(left)]
        assert -signal.SIGKILL == subprocess.run(line, env={**os.environ}).returncode  # noqa: ASYNC221
    await move(file, target, quiet)
    assert in_file(file) == await on_postgres(target)


async def test_a_row_that_differs_is_found_and_nothing_may_use_the_target(file: Path, target: PostgresConfig) -> None:
    await killed_at(file, target, "outbox")
    assert "UPDATE 1" == await on(target, "update order_journal set at = at + 1 where id = 7")
    with pytest.raises(MoveRefused, match="order_journal is not the same"):
        await move(file, target, quiet)
    with pytest.raises(StorageUnavailable, match="one side of a move"):
        await PostgresStore(target).open()
    await on(target, "update order_journal set at = at - 1 where id = 7")
    await move(file, target, quiet)


async def killed_at(file: Path, target: PostgresConfig, table: str) -> None:
    """A move as far as this table."""

    def tell(progress: Progress) -> None:
        if progress.table == table:
            raise Killed

    with pytest.raises(Killed):
        await move(file, target, tell)


async def test_a_row_that_somebody_added_is_found(file: Path, target: PostgresConfig) -> None:
    await killed_at(file, target, "outbox")
    await on(target, "insert into api_key_uses (merchant_id, key_id, used_at) values ('m', 'k', 1)")
    with pytest.raises(MoveRefused, match="api_key_uses is not the same"):
        await move(file, target, quiet)


async def test_a_moved_database_is_used_as_the_file_was(file: Path, target: PostgresConfig) -> None:
    async with SqliteStore(file) as store:
        before = [[*(await store.find(MERCHANT, which)).orders] for which in (EVERY_ORDER, UNDER_REVIEW)]
        outbox, cases = await store.outbox(MERCHANT), await store.settlement_cases(MERCHANT)
    await move(file, target, quiet)
    async with PostgresStore(target) as store:
        assert before == [[*(await store.find(MERCHANT, which)).orders] for which in (EVERY_ORDER, UNDER_REVIEW)]
        assert (outbox, cases) == (await store.outbox(MERCHANT), await store.settlement_cases(MERCHANT))
        assert (console.session("d1"), console.ASHA) == await store.console_session("d1")
        assert console.proposal("p1") == await store.proposal("p1")
        assert not await store.append_inbox(webhook("e1"))
        await store.transact(KEY, counts)
        await store.transact(OTHER, opens(OTHER))
        await store.append_inbox(webhook("e2"))
        assert (await store.load(KEY)) == fold(entry.fact for entry in await store.journal(KEY))
        newest = (await store.outbox(MERCHANT))[-1]
        assert newest.id > max(row.id for row in outbox)


async def test_ids_go_on_after_the_last_that_was_given_out(file: Path, target: PostgresConfig) -> None:
    with closing(sqlite3.connect(file)) as source:
        source.execute("update sqlite_sequence set seq = 5000 where name = 'deliveries'")
        source.commit()
    last = {name: max(row[0] for row in rows) for name, rows in in_file(file).items() if name in ("orders", "inbox")}
    await move(file, target, quiet)
    connection = await asyncpg.connect(target.address)
    for name, expected in {**last, "deliveries": 5000}.items():
        assert expected + 1 == await connection.fetchval(f"select nextval('{name}_id_seq')"), name
    await connection.close()


async def test_webhooks_in_quarantine_are_counted_on_after_the_move(file: Path, target: PostgresConfig) -> None:
    await move(file, target, quiet)
    counted = "select webhooks from quarantines where merchant_id = 'merchant'"
    connection = await asyncpg.connect(target.address)
    before = await connection.fetchval(counted)
    async with PostgresStore(target) as store:
        await store.append_inbox(webhook("e2"))
    assert before + 1 == await connection.fetchval(counted)
    await connection.close()


async def test_a_move_that_is_done_changes_nothing_when_it_is_made_again(file: Path, target: PostgresConfig) -> None:
    first = await move(file, target, quiet)
    async with PostgresStore(target) as store:
        await store.transact(OTHER, opens(OTHER))
    again = await move(file, target, quiet)
    assert (False, True) == (first.was_done, again.was_done)
    assert (first.rows, first.tables) == (again.rows, again.tables)
    async with PostgresStore(target) as store:
        assert await store.load(OTHER)


async def test_nothing_moves_while_something_has_the_file_open(file: Path, target: PostgresConfig) -> None:
    async with SqliteStore(file):
        with pytest.raises(MoveRefused, match="has the file open"):
            await move(file, target, quiet)
    await move(file, target, quiet)


async def test_nothing_can_open_the_file_while_it_moves_or_later(file: Path, target: PostgresConfig) -> None:
    def opened(_: Progress) -> None:
        with closing(sqlite3.connect(file, timeout=0)) as connection:
            connection.execute("select * from orders")

    with pytest.raises(sqlite3.OperationalError, match="locked"):
        await move(file, target, opened)
    with pytest.raises(StorageUnavailable, match="one side of a move"):
        await SqliteStore(file).open()
    with pytest.raises(StorageUnavailable, match="one side of a move"):
        migrate(file)


async def test_a_program_that_knows_no_moves_finds_another_schema(file: Path, target: PostgresConfig) -> None:
    await move(file, target, quiet)
    with closing(sqlite3.connect(file)) as connection:
        ((head,),) = connection.execute("select version_num from alembic_version").fetchall()
    assert head != SCHEMA_HEAD
    assert len(head) <= 32


async def test_an_abandoned_move_leaves_the_file_as_it_was(file: Path, target: PostgresConfig) -> None:
    before = in_file(file)
    await killed_at(file, target, "orders")
    assert abandon(file)
    assert not abandon(file)
    assert before == in_file(file)
    async with SqliteStore(file) as store:
        await store.transact(OTHER, opens(OTHER))
    with pytest.raises(MoveRefused, match="not empty"):
        await move(file, target, quiet)


async def test_a_file_moves_to_one_database_only(file: Path, target: PostgresConfig, postgres_database: str) -> None:
    await killed_at(file, target, "orders")
    with pytest.raises(MoveRefused, match="another database"):
        await move(file, PostgresConfig(address=postgres_database), quiet)


async def test_no_transaction_waits_while_the_file_is_read_for_the_comparison(
    file: Path, target: PostgresConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting: list[int] = []
    digest = Source.digest

    def looked(source: Source, table: Table) -> Digest:
        with ThreadPoolExecutor(1) as thread:
            waiting.append(thread.submit(lambda: asyncio.run(idle_transactions(target))).result())
        return digest(source, table)

    monkeypatch.setattr(Source, "digest", looked)
    await move(file, target, quiet)
    assert [0] * len(TABLES) == waiting


async def idle_transactions(target: PostgresConfig) -> int:
    connection = await asyncpg.connect(target.address)
    found = await connection.fetchval(
        "select count(*) from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'"
    )
    await connection.close()
    return int(found)


async def test_limits_of_the_server_do_not_end_the_comparison(file: Path, target: PostgresConfig) -> None:
    await killed_at(file, target, "outbox")
    await on(target, SEES_LIMITS)
    name = urlsplit(target.address).path.removeprefix("/")
    for limit in ("statement_timeout", "idle_in_transaction_session_timeout"):
        await on(target, f"alter database {name} set {limit} = '1h'")
    await move(file, target, quiet)
    connection = await asyncpg.connect(target.address)
    assert [("0", "0", "10s")] == [tuple(row) for row in await connection.fetch("select distinct * from seen")]
    await connection.close()


async def test_a_table_that_somebody_keeps_locked_is_not_waited_for_without_end(
    file: Path, target: PostgresConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    await killed_at(file, target, TABLES[-1].name)
    connection = await asyncpg.connect(target.address)
    await connection.execute("begin; lock table orders in row exclusive mode")
    with monkeypatch.context() as patched:
        patched.setattr("paystate.adapters.storage.moving.target.LOCK_TIMEOUT_S", 0.1)
        with pytest.raises(MoveRefused, match="something else uses the database"):
            await move(file, target, quiet)
    await connection.close()
    await move(file, target, quiet)


async def test_no_key_of_a_row_is_left_beside_the_tables(file: Path, target: PostgresConfig) -> None:
    await move(file, target, quiet)
    connection = await asyncpg.connect(target.address)
    left = await connection.fetch("select distinct after_key from move_from_sqlite")
    assert [""] == [key for (key,) in left]
    await connection.close()


async def taken_by_another(target: PostgresConfig) -> None:
    """The move of another file has taken the database."""
    async with connected(target) as opened:
        await opened.take(move_mark("f" * 16))


async def test_a_move_that_has_copied_nothing_yet_ends_where_another_takes_its_database(
    file: Path, target: PostgresConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = Target.copy

    async def overtaken(*arguments: Any) -> Copied:
        monkeypatch.undo()
        await taken_by_another(target)
        return await copy(*arguments)

    monkeypatch.setattr(Target, "copy", overtaken)
    with pytest.raises(MoveRefused, match="another program copies rows"):
        await move(file, target, quiet)
    with pytest.raises(MoveRefused, match="another database"):
        await move(file, target, quiet)


async def test_a_move_of_no_rows_is_not_done_where_another_has_taken_its_database(
    tmp_path: Path, target: PostgresConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate(tmp_path / "no_rows.db")
    finish = Target.finish

    async def overtaken(*arguments: Any) -> None:
        await taken_by_another(target)
        await finish(*arguments)

    monkeypatch.setattr(Target, "finish", overtaken)
    with pytest.raises(MoveRefused, match="another move has taken"):
        await move(tmp_path / "no_rows.db", target, quiet)
    with pytest.raises(StorageUnavailable, match="one side of a move"):
        await PostgresStore(target).open()


async def test_a_database_into_which_a_slice_is_just_copied_is_not_empty(target: PostgresConfig) -> None:
    migrate_postgres(target)
    async with connected(target) as opened:
        await opened.take(move_mark("0" * 16))
    copying, looking = [await asyncpg.connect(target.address) for _ in range(2)]
    await copying.execute("begin; update move_from_sqlite set rows = 1 where table_name = 'api_key_uses'")
    await copying.execute("insert into api_key_uses (merchant_id, key_id, used_at) values ('m', 'k', 1)")
    taking = asyncio.create_task(taken_by_another(target))
    waits = "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    await until(lambda: looking.fetchval(waits))
    await copying.execute("commit")
    with pytest.raises(MoveRefused, match="api_key_uses has rows"):
        await taking
    for connection in (copying, looking):
        await connection.close()


async def test_a_move_killed_between_its_two_marks_begins_again(
    file: Path, target: PostgresConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr("paystate.adapters.storage.moving.source.Source.set_mark", killed)
        with pytest.raises(Killed):
            await move(file, target, quiet)
    await move(file, target, quiet)
    assert in_file(file) == await on_postgres(target)


async def test_a_database_that_has_rows_is_refused_and_the_file_is_used_on(file: Path, postgres_database: str) -> None:
    target = PostgresConfig(address=postgres_database)
    async with PostgresStore(target) as store:
        await store.transact(KEY, opens())
    with pytest.raises(MoveRefused, match="orders has rows"):
        await move(file, target, quiet)
    async with SqliteStore(file) as store:
        await store.transact(OTHER, opens(OTHER))


async def test_an_older_file_is_refused(tmp_path: Path, target: PostgresConfig) -> None:
    path = tmp_path / "old.db"
    with gzip.open(STORED) as packed, path.open("wb") as file:
        shutil.copyfileobj(packed, file)
    with pytest.raises(MoveRefused, match="has not the schema"):
        await move(path, target, quiet)
    with pytest.raises(MoveRefused, match="no such file"):
        await move(tmp_path / "none.db", target, quiet)


async def test_a_file_that_a_newer_version_widened_is_left_to_that_one(file: Path, target: PostgresConfig) -> None:
    with closing(sqlite3.connect(file)) as source:
        source.execute("update alembic_version set version_num = '9999.0013'")
        source.commit()
    with pytest.raises(MoveRefused, match="has not the schema") as refused:
        await move(file, target, quiet)
    assert "move it with the newer version of Paystate" == refused.value.fix


async def test_a_file_in_a_move_by_another_version_is_left_to_that_one(file: Path, target: PostgresConfig) -> None:
    with closing(sqlite3.connect(file)) as source:
        source.execute("update alembic_version set version_num = '0012-moved-0123456789abcdef'")
        source.commit()
    with pytest.raises(MoveRefused, match="another version of Paystate") as refused:
        await move(file, target, quiet)
    assert "paystate migrate" not in refused.value.fix


async def test_a_target_in_a_move_is_not_migrated_either(file: Path, target: PostgresConfig) -> None:
    await killed_at(file, target, "orders")
    for call in (migrate_postgres, pending):
        with pytest.raises(StorageUnavailable, match="one side of a move"):
            call(target)


async def test_tables_of_the_merchants_own_stay_and_are_named(file: Path, target: PostgresConfig) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("create table shipments (order_id text)")
    assert ["shipments"] == [*(await move(file, target, quiet)).left_behind]
