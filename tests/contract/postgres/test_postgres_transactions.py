"""Transactions on PostgreSQL beside others, behind a pooler, and with a connection that breaks."""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import ssl
import subprocess
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest
from attrs import evolve
from contract.postgres.proxy import Cut, Proxy, between
from contract.samples import KEY, MERCHANT, NOW, OTHER, announcement, announces, counts, opens
from patience import HANGS_S, until

from paystate.adapters.storage.postgres import transactions
from paystate.adapters.storage.postgres.config import PostgresConfig
from paystate.adapters.storage.postgres.connections import Pooled
from paystate.adapters.storage.postgres.running import done, run
from paystate.adapters.storage.postgres.store import PostgresStore
from paystate.adapters.storage.postgres.transactions import Transactions
from paystate.adapters.storage.sql import outbox, writes
from paystate.adapters.storage.sql.steps import Sql, Steps, fetch
from paystate.core.errors import CommitUnknown, StorageUnavailable
from paystate.core.ids import OrderKey
from paystate.core.orders.decision import DecisionResult
from paystate.core.orders.facts import Decision
from paystate.core.orders.order import Order
from paystate.core.ports.store import InboxVerdict, ReceivedWebhook
from paystate.core.retention import Quota


@pytest.fixture
async def store(postgres_database: str) -> AsyncIterator[PostgresStore]:
    async with PostgresStore(PostgresConfig(address=postgres_database)) as store:
        yield store


@asynccontextmanager
async def raw(address: str) -> AsyncGenerator[asyncpg.Connection[asyncpg.Record]]:
    connection = await asyncpg.connect(address)
    try:
        yield connection
    finally:
        await connection.close()


# --- beside others


async def test_two_stores_on_one_database_lose_no_update(postgres_database: str, store: PostgresStore) -> None:
    async with PostgresStore(PostgresConfig(address=postgres_database)) as other:
        await store.transact(KEY, opens())
        await asyncio.gather(*(one.transact(KEY, counts) for one in (store, other) * 10))
        order = await other.load(KEY)
        assert order is not None
        assert {f"n{n}" for n in range(20)} == {told.about for told in order.announced}
        assert list(range(1, 22)) == [entry.version for entry in await store.journal(KEY)]


async def test_a_commit_of_a_transaction_that_was_overtaken_is_noticed(
    postgres_database: str, store: PostgresStore
) -> None:
    async with raw(postgres_database) as slow:
        async with slow.transaction():
            await slow.execute("select pg_current_xact_id()")
            await store.transact(KEY, opens())  # it began later, and has ended
            before = await store.changes()
        assert before != await store.changes()


async def test_of_many_that_open_one_order_at_once_one_opens_it(postgres_database: str, store: PostgresStore) -> None:
    async with PostgresStore(PostgresConfig(address=postgres_database)) as other:
        await asyncio.gather(*(one.transact(KEY, opens()) for one in (store, other) * 5))
        assert 1 == len(await store.journal(KEY))


async def is_waiting(connection: asyncpg.Connection[asyncpg.Record]) -> bool:
    """Whether a transaction waits for a lock."""
    query = "select count(*) from pg_locks where not granted and locktype = 'advisory'"
    return bool(await connection.fetchval(query))


async def test_announcements_become_visible_in_the_order_of_their_ids(
    postgres_database: str, store: PostgresStore
) -> None:
    await store.transact(KEY, opens())
    await store.transact(OTHER, opens(OTHER))
    async with raw(postgres_database) as slow, raw(postgres_database) as looking:
        undecided = slow.transaction()
        await undecided.start()
        await run(slow, outbox.insert(OTHER, 1, 0, [announcement("slow")]))
        quick = asyncio.create_task(store.transact(KEY, announces("quick")))
        await until(lambda: is_waiting(looking))
        assert [] == await store.outbox(MERCHANT)
        await undecided.commit()
        await quick
    assert ["slow", "quick"] == [row.announced.about for row in await store.outbox(MERCHANT)]


async def test_a_webhook_that_is_quarantined_while_its_order_is_opened_waits_again(
    postgres_database: str, store: PostgresStore
) -> None:
    await store.append_inbox(ReceivedWebhook(MERCHANT, "evt_1", b"{}", NOW, order_key=KEY.folded))
    (row,) = await store.take_inbox()
    async with raw(postgres_database) as slow, raw(postgres_database) as looking:
        undecided = slow.transaction()
        await undecided.start()
        await run(slow, writes.end_inbox(row.id, InboxVerdict.UNKNOWN_ORDER, Quota()))
        opening = asyncio.create_task(store.transact(KEY, opens()))
        await until(lambda: is_waiting(looking))
        await undecided.commit()
        await opening
    assert [InboxVerdict.WAITING] == [one.verdict for one in await store.take_inbox()]


async def test_a_webhook_for_which_room_is_made_while_it_comes_conflicts_with_none(
    postgres_database: str, store: PostgresStore
) -> None:
    await store.append_inbox(ReceivedWebhook(MERCHANT, "evt_1", b"{}", NOW, order_key=KEY.folded))
    (first,) = await store.take_inbox()
    steps = writes.append_inbox(evolve(first, event_id="evt_2"), 1, Quota())
    async with raw(postgres_database) as slow, raw(postgres_database) as other:
        async with slow.transaction():
            tried = [await done(slow, next(steps))]
            tried.append(await done(slow, steps.send(tried[-1])))
            await other.execute("delete from inbox")
            with pytest.raises(StopIteration):  # noqa: PT012 - the rest of the steps
                while True:
                    tried.append(await done(slow, steps.send(tried[-1])))
        assert [True, 0, [(None, False)], 1] == tried
        assert [("evt_2", 0)] == [tuple(row) for row in await other.fetch("select event_id, conflicts from inbox")]


class Undone:
    """A transaction that another one undoes, some times."""

    def __init__(self, error: type[Exception], times: int) -> None:
        self.error = error
        self.times = times
        self.runs = 0

    def __call__(self) -> Steps[str]:
        self.runs += 1
        if self.runs <= self.times:
            raise self.error
        yield from fetch(Sql("select 1"))
        return "done"


@pytest.mark.parametrize(
    "error", [asyncpg.SerializationError, asyncpg.DeadlockDetectedError, asyncpg.UniqueViolationError]
)
async def test_a_transaction_that_loses_against_another_is_run_again_at_most_five_times(
    store: PostgresStore, error: type[Exception]
) -> None:
    lucky, unlucky = Undone(error, 5), Undone(error, 6)
    assert "done" == await store._write(lucky)
    with pytest.raises(StorageUnavailable, match="too often"):
        await store._write(unlucky)
    assert (6, 6) == (lucky.runs, unlucky.runs)


async def test_an_error_of_another_kind_is_not_repeated(store: PostgresStore) -> None:
    wrong = Undone(asyncpg.DiskFullError, 1)
    with pytest.raises(StorageUnavailable):
        await store._write(wrong)
    assert 1 == wrong.runs


async def test_a_lock_that_does_not_come_is_not_waited_for_for_ever(postgres_database: str) -> None:
    impatient = PostgresConfig(address=postgres_database, timeout_s=0.05)
    async with PostgresStore(PostgresConfig(address=postgres_database)) as store:
        await store.transact(KEY, opens())
        async with raw(postgres_database) as other, other.transaction(), PostgresStore(impatient) as waiting:
            await other.execute("select 1 from orders for update")
            with pytest.raises(StorageUnavailable):
                await waiting.transact(KEY, counts)
        assert isinstance(await store.transact(KEY, counts), Decision)


async def test_one_write_too_many_is_refused_and_the_others_are_done(postgres_database: str) -> None:
    async with PostgresStore(PostgresConfig(address=postgres_database, waiting_max=4)) as store:
        keys = [OrderKey(MERCHANT, f"o{n}") for n in range(6)]
        ends = await asyncio.gather(*(store.transact(key, opens(key)) for key in keys), return_exceptions=True)
        assert [False] * 4 + [True] * 2 == [isinstance(end, StorageUnavailable) for end in ends]
        assert 4 == len((await store.find(MERCHANT)).orders)


async def test_closing_finishes_what_waits_and_refuses_what_comes(postgres_database: str) -> None:
    store = PostgresStore(PostgresConfig(address=postgres_database))
    await store.open()
    waiting = asyncio.ensure_future(store.transact(KEY, opens()))
    await asyncio.wait([waiting], timeout=0)
    await store.close()
    assert isinstance(await waiting, Decision)
    for call in (store.transact(OTHER, opens(OTHER)), store.load(KEY)):
        with pytest.raises(StorageUnavailable, match="not open"):
            await call
    await store.close()


# --- a caller that leaves


async def test_a_caller_that_is_cancelled_at_the_end_of_a_read_keeps_no_connection(
    postgres_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ending, end = asyncio.Event(), Transactions._end

    async def watched(self: Transactions, connection: Pooled) -> None:
        ending.set()
        await end(self, connection)

    store = PostgresStore(PostgresConfig(address=postgres_database, connections_max=1))
    await store.open()
    await store.transact(KEY, opens())
    with monkeypatch.context() as patch:
        patch.setattr(Transactions, "_end", watched)
        leaving = asyncio.create_task(store.load(KEY))
        await ending.wait()
        leaving.cancel()
        await asyncio.wait([leaving])
    assert leaving.cancelled()
    assert await store.load(KEY) is not None
    await asyncio.wait_for(store.close(), HANGS_S)


# --- a connection that breaks


@pytest.fixture
async def proxied(postgres_database: str) -> AsyncIterator[tuple[Proxy, str]]:
    with TemporaryDirectory() as folder:  # a socket has a short path
        async with between(postgres_database, Path(folder)) as made:
            yield made


def counting(runs: list[int]) -> Callable[[Order | None], DecisionResult]:
    def decided(order: Order | None) -> DecisionResult:
        runs.append(1)
        return counts(order)

    return decided


@pytest.mark.parametrize(("cut", "runs"), [(Cut.AFTER_THE_COMMIT, 1), (Cut.BEFORE_THE_COMMIT, 2)])
async def test_a_commit_whose_answer_is_lost_is_looked_up_and_never_repeated_blindly(
    proxied: tuple[Proxy, str], cut: Cut, runs: int
) -> None:
    proxy, address = proxied
    ran: list[int] = []
    async with PostgresStore(PostgresConfig(address=address)) as store:
        await store.transact(KEY, opens())
        proxy.cut = cut
        decided = await store.transact(KEY, counting(ran))
        assert isinstance(decided, Decision)
        assert (1, runs, 2) == (proxy.cuts, len(ran), len(await store.journal(KEY)))
        assert decided.after == await store.load(KEY)


async def test_a_commit_that_nobody_can_be_asked_about_is_told_to_be_unknown(
    proxied: tuple[Proxy, str], postgres_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transactions, "ASKED_MAX", 2)
    proxy, address = proxied
    async with PostgresStore(PostgresConfig(address=address)) as store:
        await store.transact(KEY, opens())
        proxy.cut, proxy.stays_away = Cut.AFTER_THE_COMMIT, True
        with pytest.raises(CommitUnknown):
            await store.transact(KEY, counts)


async def test_connections_that_the_server_has_ended_are_replaced(postgres_database: str, store: PostgresStore) -> None:
    await store.transact(KEY, opens())
    async with raw(postgres_database) as other:
        ended = "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname = $1"
        await other.fetch(ended, urlsplit(postgres_database).path.strip("/"))
    assert isinstance(await store.transact(KEY, counts), Decision)
    assert 2 == len(await store.journal(KEY))


async def test_a_server_that_dies_between_two_statements_is_unavailable(proxied: tuple[Proxy, str]) -> None:
    proxy, address = proxied

    async def dies(store: PostgresStore) -> None:
        async with store._opened().transactions.lent():
            await proxy.say_goodbye()
            async with raw(address) as other:  # by now the first one has heard it
                await other.execute("select 1")

    async with PostgresStore(PostgresConfig(address=address)) as store:
        await store.transact(KEY, opens())
        with pytest.raises(StorageUnavailable):
            await dies(store)
        assert isinstance(await store.transact(KEY, counts), Decision)


# --- a server that is not as it should be


async def test_a_server_that_could_forget_a_commit_is_refused(postgres_database: str) -> None:
    name = urlsplit(postgres_database).path.strip("/")
    async with raw(postgres_database) as owner:
        await owner.execute(f"alter database {name} set synchronous_commit = off")
    with pytest.raises(StorageUnavailable, match="synchronous_commit is off"):
        await PostgresStore(PostgresConfig(address=postgres_database)).open()


@pytest.mark.parametrize("head", ["0011", "9999"])
async def test_a_database_of_another_program_is_refused(postgres_database: str, head: str) -> None:
    async with raw(postgres_database) as owner:
        await owner.execute("update alembic_version set version_num = $1", head)
    with pytest.raises(StorageUnavailable, match=f"schema {head}"):
        await PostgresStore(PostgresConfig(address=postgres_database)).open()


async def test_a_server_without_tls_is_refused_where_tls_is_wanted() -> None:
    wanted, over = list[bytes](), asyncio.Event()

    async def refuses(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        wanted.append(await reader.readexactly(8))
        writer.write(b"N")  # as PostgreSQL says that it has no TLS
        wanted.append(await reader.read())
        writer.close()
        over.set()

    async with await asyncio.start_server(refuses, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        address = f"postgresql://paystate@127.0.0.1:{port}/paystate"
        with pytest.raises(StorageUnavailable):
            await PostgresStore(PostgresConfig(address=address, tls=ssl.create_default_context())).open()
        await over.wait()
    assert [b"\x00\x00\x00\x08\x04\xd2\x16\x2f", b""] == wanted  # and nothing follows in plain text


# --- a pooler


@contextmanager
def pgbouncer(address: str) -> Generator[str]:
    """The address of the same database behind PgBouncer, which hands connections out by the transaction."""
    program = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
    if program is None:
        pytest.skip("pgbouncer is not installed")
    (server,) = parse_qs(urlsplit(address).query)["host"]
    database = urlsplit(address).path.strip("/")
    with TemporaryDirectory() as folder:
        (Path(folder) / "users").write_text('"postgres" ""\n')
        (Path(folder) / "pgbouncer.ini").write_text(
            f"[databases]\n{database} = host={server} dbname={database}\n"
            f"[pgbouncer]\nlisten_addr =\nlisten_port = 5432\nunix_socket_dir = {folder}\npool_mode = transaction\n"
            f"auth_type = trust\nauth_file = {folder}/users\ndefault_pool_size = 3\nmax_client_conn = 200\n"
            f"logfile = {folder}/log\npidfile = {folder}/pid\n[users]\n"
        )
        account: dict[str, Any] = {}
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            shutil.chown(folder, nobody.pw_uid, nobody.pw_gid)
            account = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        running = subprocess.Popen(
            [program, f"{folder}/pgbouncer.ini"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **account
        )
        try:
            yield address.replace(server, folder)
        finally:
            running.terminate()
            running.wait()


async def test_behind_a_pooler_that_hands_connections_out_by_the_transaction_all_is_the_same(
    postgres_database: str,
) -> None:
    with pgbouncer(postgres_database) as address:
        store = PostgresStore(PostgresConfig(address=address, connections_max=8))

        async def is_open() -> bool:
            try:
                await store.open()
            except StorageUnavailable as refused:
                if not isinstance(refused.__cause__, OSError):
                    raise
                return False
            return True

        await until(is_open)
        keys = [OrderKey(MERCHANT, f"o{n}") for n in range(20)]
        await asyncio.gather(*(store.transact(key, opens(key)) for key in keys))
        await asyncio.gather(*(store.transact(key, counts) for key in keys * 2), *(store.load(key) for key in keys))
        assert [3] * 20 == [len(await store.journal(key)) for key in keys]
        assert 20 == len((await store.find(MERCHANT)).orders)
        before = await store.changes()
        webhooks = [ReceivedWebhook(MERCHANT, f"evt_{n}", b"{}", NOW, order_key=f"o{n}") for n in range(20)]
        assert [True] * 20 == await asyncio.gather(*(store.append_inbox(webhook) for webhook in webhooks))
        assert [False] * 20 == await asyncio.gather(*(store.append_inbox(webhook) for webhook in webhooks))
        assert before != await store.changes()
        await store.close()
