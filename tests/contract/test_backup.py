"""A backup that is made while others write: whole, of one moment, and never half there."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from contract.samples import KEY, MERCHANT, opens

from paystate.adapters.storage.sqlite import backup
from paystate.adapters.storage.sqlite.backup import back_up
from paystate.adapters.storage.sqlite.store import SqliteStore
from paystate.core.errors import StorageUnavailable
from paystate.core.ids import OrderKey

BUSY = 4


def _files(folder: Path) -> list[str]:
    """What is there beside the database."""
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("paystate.db"))


async def test_a_backup_under_load_ends_and_is_of_one_moment(database: Path, tmp_path: Path) -> None:
    copies = [tmp_path / f"copy-{number}.db" for number in range(3)]
    is_over = False

    async def sell(store: SqliteStore, till: int) -> int:
        sold = 0
        while not is_over:
            key = OrderKey(MERCHANT, f"Till-{till}-{sold}")
            await store.transact(key, opens(key))
            sold += 1
        return sold

    async with SqliteStore(database) as store:
        selling = [asyncio.create_task(sell(store, till)) for till in range(BUSY)]
        before = []
        for copy in copies:
            before.append(len((await store.find(MERCHANT, limit=100_000)).orders))
            await asyncio.to_thread(back_up, database, copy)
        is_over = True
        sold = sum(await asyncio.gather(*selling))
    for copy, least in zip(copies, before, strict=True):
        with closing(sqlite3.connect(copy)) as connection:
            ((orders, facts),) = connection.execute(
                "select (select count(*) from orders), (select count(*) from order_journal)"
            ).fetchall()
        assert least <= orders <= sold
        assert orders == facts


async def test_what_was_committed_is_in_it_and_the_store_opens_it(database: Path, tmp_path: Path) -> None:
    async with SqliteStore(database) as store:
        await store.transact(KEY, opens())
        size_bytes = await asyncio.to_thread(back_up, database, tmp_path / "copy.db")
    async with SqliteStore(tmp_path / "copy.db") as restored:
        assert await restored.load(KEY) is not None
        assert "wal" == (await restored.settings())["journal_mode"]
    assert size_bytes >= 4096


def test_a_table_of_the_merchant_s_own_may_break_its_own_rules(database: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("create table parcels (order_id text references shop_orders (id))")
        connection.execute("insert into parcels values ('nothing')")
    assert back_up(database, tmp_path / "copy.db") > 0


def test_only_its_owner_can_read_it(database: Path, tmp_path: Path) -> None:
    usual = os.umask(0)
    try:
        back_up(database, tmp_path / "copy.db")
    finally:
        os.umask(usual)
    assert 0o600 == stat.S_IMODE((tmp_path / "copy.db").stat().st_mode)


def test_a_backup_is_never_written_over_another(database: Path, tmp_path: Path) -> None:
    (tmp_path / "copy.db").write_text("yesterday's")
    with pytest.raises(StorageUnavailable, match="is there already"):
        back_up(database, tmp_path / "copy.db")
    assert "yesterday's" == (tmp_path / "copy.db").read_text()


def test_a_backup_that_was_killed_does_not_stop_the_next_one(database: Path, tmp_path: Path) -> None:
    (tmp_path / ".copy.db.part").write_text("half of it")
    back_up(database, tmp_path / "copy.db")
    assert [".copy.db.part", "copy.db"] == _files(tmp_path)


def test_of_two_backups_to_one_name_one_is_whole_and_the_other_is_refused(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy, sizes = backup._copy, list[int]()

    def another_comes_between(path: Path, part: Path, busy_timeout_s: float) -> None:
        copy(path, part, busy_timeout_s)
        if not sizes:
            sizes.append(0)
            sizes.append(back_up(database, tmp_path / "copy.db"))

    monkeypatch.setattr(backup, "_copy", another_comes_between)
    with pytest.raises(StorageUnavailable, match="is there already"):
        back_up(database, tmp_path / "copy.db")
    assert sizes[-1] == (tmp_path / "copy.db").stat().st_size > 0
    assert ["copy.db"] == _files(tmp_path)


def test_what_came_to_the_name_meanwhile_stays(database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = backup._copy

    def somebody_writes_there(path: Path, part: Path, busy_timeout_s: float) -> None:
        copy(path, part, busy_timeout_s)
        (tmp_path / "copy.db").write_text("precious")

    monkeypatch.setattr(backup, "_copy", somebody_writes_there)
    with pytest.raises(StorageUnavailable, match="is there already"):
        back_up(database, tmp_path / "copy.db")
    assert "precious" == (tmp_path / "copy.db").read_text()
    assert ["copy.db"] == _files(tmp_path)


@pytest.mark.parametrize("empties", [Path.unlink, Path.touch, lambda part: part.write_bytes(b"")])
def test_a_copy_that_is_gone_or_empty_is_no_backup(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, empties: Callable[[Path], object]
) -> None:
    monkeypatch.setattr(backup, "_copy", lambda _, part, __: empties(part))
    with pytest.raises(StorageUnavailable, match="failed in the database"):
        back_up(database, tmp_path / "copy.db")
    assert [] == _files(tmp_path)


def test_a_damaged_copy_is_no_backup(database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = backup._copy

    def copies_badly(path: Path, part: Path, busy_timeout_s: float) -> None:
        copy(path, part, busy_timeout_s)
        whole = bytearray(part.read_bytes())
        whole[4096:8192] = b"\xff" * 4096
        part.write_bytes(whole)

    monkeypatch.setattr(backup, "_copy", copies_badly)
    with pytest.raises(StorageUnavailable):
        back_up(database, tmp_path / "copy.db")
    assert [] == _files(tmp_path)


@pytest.mark.parametrize("name", ["no-such-folder/copy.db", "x" * 300])
def test_where_nothing_can_be_written_that_is_told(database: Path, tmp_path: Path, name: str) -> None:
    with pytest.raises(StorageUnavailable, match="no backup can be written there"):
        back_up(database, tmp_path / name)


def test_no_database_makes_no_backup_and_no_database(tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailable):
        back_up(tmp_path / "none.db", tmp_path / "copy.db")
    assert [] == list(tmp_path.iterdir())
