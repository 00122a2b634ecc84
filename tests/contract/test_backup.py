"""A backup that is made while others write: whole, of one moment, and never half there."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
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


def test_only_its_owner_can_read_it(database: Path, tmp_path: Path) -> None:
    back_up(database, tmp_path / "copy.db")
    assert 0o600 == stat.S_IMODE((tmp_path / "copy.db").stat().st_mode)


def test_a_backup_is_never_written_over_another(database: Path, tmp_path: Path) -> None:
    (tmp_path / "copy.db").write_text("yesterday's")
    with pytest.raises(StorageUnavailable, match="is there already"):
        back_up(database, tmp_path / "copy.db")
    assert "yesterday's" == (tmp_path / "copy.db").read_text()


def test_a_backup_that_was_killed_does_not_stop_the_next_one(database: Path, tmp_path: Path) -> None:
    (tmp_path / ".copy.db.part").write_text("half of it")
    back_up(database, tmp_path / "copy.db")
    assert ["copy.db", "paystate.db"] == sorted(
        path.name for path in tmp_path.iterdir() if not path.name.endswith(("-wal", "-shm"))
    )


def test_a_damaged_copy_is_no_backup(database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def copies_badly(_: Path, part: Path, __: float) -> None:
        whole = bytearray(database.read_bytes())
        whole[4096:8192] = b"\xff" * 4096
        part.write_bytes(whole)

    monkeypatch.setattr(backup, "_copy", copies_badly)
    with pytest.raises(StorageUnavailable):
        back_up(database, tmp_path / "copy.db")
    assert not (tmp_path / "copy.db").exists()
    assert not (tmp_path / ".copy.db.part").exists()


@pytest.mark.parametrize("name", ["no-such-folder/copy.db", "x" * 300])
def test_where_nothing_can_be_written_that_is_told(database: Path, tmp_path: Path, name: str) -> None:
    with pytest.raises(StorageUnavailable, match="no backup can be written there"):
        back_up(database, tmp_path / name)


def test_no_database_makes_no_backup_and_no_database(tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailable):
        back_up(tmp_path / "none.db", tmp_path / "copy.db")
    assert [] == list(tmp_path.iterdir())
