"""The disk of the database is full, for real: what comes is answered 503, and goes on by itself when there is room."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import tempfile
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest
from e2e.postgres.test_on_postgres import on
from e2e.shop import MERCHANT, ORDER, START, Shop, process, shop
from patience import until
from postgres_server import database_made, own

from paystate.adapters.storage.postgres.config import PostgresConfig
from paystate.adapters.storage.postgres.migration import migrate
from paystate.core.ports.store import InboxVerdict
from paystate.entrypoints.setup import bootstrap
from paystate.entrypoints.setup.settings_checks import load

ID: str = ORDER["order_id"]
SMALL = {"sqlite": "16m", "postgres": "192m"}
LITTLE_LOG = {"max_wal_size": "32MB", "min_wal_size": "32MB"}
REFUSED_MIN = 8
"""So many webhooks are refused before there is room again."""
PADDING = 40_000
AT_ONCE = 4
AGAIN_S = 0.05
"""Real seconds until Juspay sends one again; it takes longer."""


@contextmanager
def small_disk(size: str) -> Generator[Path]:
    """A disk of its own; skips the test where this account may mount none."""
    folder = Path(tempfile.mkdtemp(prefix="paystate-disk-"))
    try:
        if os.geteuid() or subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder]).returncode:
            pytest.skip("only root may mount a small disk")
        try:
            folder.chmod(0o755)
            yield folder
        finally:
            subprocess.run(["umount", "--lazy", folder], check=True)
    finally:
        folder.rmdir()


@contextmanager
def full(disk: Path) -> Generator[None]:
    """Nothing more goes onto a disk."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(65536)):
                pass
        except OSError:
            pass
    try:
        yield
    finally:
        ballast.unlink()


@asynccontextmanager
async def on_small_disk(database: str, folder: Path) -> AsyncGenerator[tuple[Shop, Path]]:
    """A shop whose database alone lies on a small disk."""
    with small_disk(SMALL[database]) as disk:
        if database == "sqlite":
            async with shop(folder, now=START) as at:
                at.settings.write_text(f'database = "{disk}/paystate.sqlite3"\n{at.settings.read_text()}')
                shutil.move(folder / "paystate.sqlite3", disk)
                yield at, disk
        else:
            with own(LITTLE_LOG, within=disk) as server:
                address = database_made(server.dsn())
                await asyncio.to_thread(migrate, PostgresConfig(address=address))
                async with shop(folder, now=START) as at:
                    yield on(at, address), disk


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
async def test_what_comes_while_the_disk_is_full_is_refused_and_nothing_acknowledged_is_lost(
    tmp_path: Path, database: str
) -> None:
    async with on_small_disk(database, tmp_path) as (at, disk), process(at):
        await at.at_the_page()
        at.juspay.paid(ID)
        refused, acknowledged, numbers = list[str | None](), set[str](), iter(range(10_000))
        has_room = asyncio.Event()

        async def juspay_tells() -> None:
            """One webhook after the other, each until it is answered 200."""
            while not has_room.is_set():
                event_id = f"evt_{next(numbers)}"
                body = at.juspay.webhook(ID, "ORDER_SUCCEEDED", event_id)
                body = body[:-1] + b', "x_padding": "%b"}' % (b"x" * PADDING)
                while (answer := await at.hook(body)).status_code != 200:
                    assert (503, "storage_unavailable") == (answer.status_code, answer.json()["code"])
                    refused.append(answer.headers.get("retry-after"))
                    await asyncio.sleep(AGAIN_S)
                acknowledged.add(event_id)

        async def are_refused() -> bool:
            return len(refused) >= REFUSED_MIN

        telling = [asyncio.create_task(juspay_tells()) for _ in range(AT_ONCE)]
        with full(disk):
            await until(are_refused)
        has_room.set()
        await asyncio.gather(*telling)
        assert None not in refused

        async def is_known() -> bool:
            return await at.is_paid(ID)

        await until(is_known)
        await until(lambda: _all_are_followed(at, acknowledged))


async def _all_are_followed(at: Shop, acknowledged: set[str]) -> bool:
    """Whether the worker has settled each; raises AssertionError unless exactly these are stored."""
    async with bootstrap.opened_store(load(at.settings)) as store:
        rows = await store.inbox(MERCHANT, limit=1000)
    assert sorted(acknowledged) == sorted(row.event_id for row in rows)
    return {InboxVerdict.LOOKED} == {row.verdict for row in rows}
