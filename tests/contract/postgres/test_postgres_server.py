"""A server that dies, under the store and under the tests themselves."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

from contract.samples import KEY, MERCHANT, NOW, counts, opens
from patience import until
from postgres_server import database_made, own

from paystate.adapters.storage.postgres.config import PostgresConfig
from paystate.adapters.storage.postgres.migration import migrate
from paystate.adapters.storage.postgres.store import PostgresStore
from paystate.core.errors import StorageUnavailable
from paystate.core.orders.facts import Decision
from paystate.core.ports.store import ReceivedWebhook


async def test_what_was_committed_is_there_after_a_crash_and_the_store_goes_on() -> None:
    with own() as server:
        config = PostgresConfig(address=database_made(server.dsn()))
        await asyncio.to_thread(migrate, config)
        async with PostgresStore(config) as store:
            await store.transact(KEY, opens())
            before = await store.load(KEY)
            await asyncio.to_thread(server.stop, "immediate")
            webhook = ReceivedWebhook(MERCHANT, "evt_1", b"{}", NOW)
            for call in (store.transact(KEY, counts), store.load(KEY), store.ping(), store.append_inbox(webhook)):
                try:
                    await call
                except StorageUnavailable:
                    continue
                raise AssertionError("there is no server")
            await asyncio.to_thread(server.start_again)
            assert before == await store.load(KEY)
            assert isinstance(await store.transact(KEY, counts), Decision)
            assert 2 == len(await store.journal(KEY))


BORROWS = """
import sys
from pathlib import Path
from postgres_server import borrowed
with borrowed(Path(sys.argv[1])) as dsn:
    print(dsn, flush=True)
    sys.stdin.read()
"""


async def borrower(folder: Path) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", BORROWS, str(folder)),
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


async def test_the_server_of_a_run_ends_after_the_last_process_that_uses_it_even_if_that_is_killed(
    tmp_path: Path,
) -> None:
    first, second = await borrower(tmp_path), await borrower(tmp_path)
    assert first.stdout is not None
    assert second.stdout is not None
    dsn = await first.stdout.readline()
    assert dsn == await second.stdout.readline()
    data_dir = Path(dsn.decode().strip().partition("host=")[2])

    async def is_gone() -> bool:
        return not await asyncio.to_thread(data_dir.exists)

    first.kill()
    assert -signal.SIGKILL == await first.wait()
    assert not await is_gone()
    second.kill()
    await second.wait()
    await until(is_gone)
