"""A primary and its standby: what is acknowledged is on both, and a standby that took over is found."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg
import pytest
from contract.postgres.proxy import Cut, between
from contract.samples import KEY, NOW, OTHER, counts, opens
from contract.store.deliveries import LATE
from contract.store.handling import begun, kept_of
from patience import HANGS_S, until
from postgres_pair import Pair, kill, pair, paused
from postgres_server import database_made, own

from paystate.adapters.storage.postgres.config import PostgresConfig
from paystate.adapters.storage.postgres.hosts import each_host
from paystate.adapters.storage.postgres.migration import migrate, not_durable
from paystate.adapters.storage.postgres.store import _PROVE, PostgresStore
from paystate.adapters.storage.postgres.transaction_ids import id_of_transaction
from paystate.core.errors import CommitUnknown, StorageUnavailable
from paystate.core.orders.facts import Decision
from paystate.core.ports.outbox import DeliveryState
from paystate.core.ports.store import ReceivedWebhook

IMPATIENT_S = 2.0
"""A connection comes sooner on any machine, and a test that waits for it ends."""


@pytest.fixture
def servers() -> Iterator[Pair]:
    with pair() as servers:
        servers.asked("create database shop")
        migrate(PostgresConfig(address=servers.address("shop")))
        yield servers


@pytest.fixture
async def store(servers: Pair) -> AsyncIterator[PostgresStore]:
    async with PostgresStore(PostgresConfig(address=servers.address("shop"), timeout_s=IMPATIENT_S)) as store:
        yield store


async def is_stored(store: PostgresStore) -> bool:
    with suppress(StorageUnavailable):
        return isinstance(await store.transact(OTHER, opens(OTHER)), Decision)
    return False


async def test_after_the_primary_died_the_standby_has_all_that_was_acknowledged_and_is_found(
    servers: Pair, store: PostgresStore
) -> None:
    await store.transact(KEY, opens())
    await asyncio.to_thread(kill, servers.primary)
    with pytest.raises(StorageUnavailable):
        await store.load(KEY)
    await asyncio.to_thread(servers.take_over)
    await until(lambda: is_stored(store))
    assert await store.load(KEY) is not None


async def test_a_primary_that_answers_nothing_does_not_keep_anybody_from_the_standby(
    servers: Pair, store: PostgresStore
) -> None:
    await store.transact(KEY, opens())
    with paused(servers.primary):
        await asyncio.to_thread(servers.take_over)
        await until(lambda: is_stored(store))
        async with PostgresStore(PostgresConfig(address=servers.address("shop"), timeout_s=HANGS_S)) as other:
            assert await other.load(KEY) is not None


async def test_a_write_that_the_standby_does_not_get_is_neither_acknowledged_nor_seen(
    servers: Pair, store: PostgresStore
) -> None:
    await store.transact(KEY, opens())
    with paused(servers.standby):
        for call in (store.transact(KEY, counts), store.append_inbox(ReceivedWebhook("m", "e", b"{}", NOW))):
            with pytest.raises(CommitUnknown):
                await call
        assert 1 == len(await store.journal(KEY))
        assert [] == await store.take_inbox()
    await until(lambda: both_are_there(store))


async def test_a_commit_whose_caller_is_cancelled_while_it_waits_for_the_standby_is_not_seen(servers: Pair) -> None:
    def waits() -> bool:
        return "1" == servers.asked("select count(*) from pg_stat_activity where wait_event = 'SyncRep'")

    async with PostgresStore(PostgresConfig(address=servers.address("shop"), timeout_s=HANGS_S)) as patient:
        row = await begun(patient, "a")

        async def delivers() -> None:
            async with patient.delivering(row, LATE, outcome="handled"):
                pass

        async def is_delivered() -> bool:
            return (await kept_of(patient, row)).state is DeliveryState.DELIVERED

        with paused(servers.standby):
            leaving = asyncio.create_task(delivers())
            await until(lambda: asyncio.to_thread(waits))
            leaving.cancel()
            await asyncio.wait([leaving])
            assert leaving.cancelled()
            assert not await is_delivered()
            assert await asyncio.to_thread(waits)
        await until(is_delivered)


async def both_are_there(store: PostgresStore) -> bool:
    return (2, 1) == (len(await store.journal(KEY)), len(await store.take_inbox()))


async def test_nobody_is_ready_while_the_standby_gets_nothing(servers: Pair, store: PostgresStore) -> None:
    await store.ping()
    with paused(servers.standby), pytest.raises(StorageUnavailable):
        await store.ping()
    await store.ping()


async def test_another_transaction_that_got_the_same_number_after_a_crash_is_not_taken_for_the_lost_one() -> None:
    with own() as server, TemporaryDirectory() as folder:
        address = database_made(server.dsn())
        config = PostgresConfig(address=address)
        await asyncio.to_thread(migrate, config)
        async with (
            between(address, Path(folder)) as (proxy, through),
            PostgresStore(PostgresConfig(address=through)) as cut_off,
        ):
            await cut_off.transact(KEY, opens())
            proxy.cut, proxy.stays_away = Cut.BEFORE_THE_COMMIT, True
            lost = asyncio.create_task(cut_off.transact(KEY, counts))

            async def is_cut() -> bool:
                return bool(proxy.cuts)

            await until(is_cut)
            await asyncio.to_thread(server.stop, "immediate")
            await asyncio.to_thread(server.start_again)
            async with PostgresStore(config) as other:
                await other.transact(OTHER, opens(OTHER))
                proxy.stays_away = False
                with pytest.raises(CommitUnknown):
                    await lost
                assert 1 == len(await other.journal(KEY))


async def test_what_a_commit_rests_on_is_open_to_everybody(postgres_database: str) -> None:
    """The user of the database is no more than its owner."""
    connection = await asyncpg.connect(postgres_database)
    await connection.execute("create role clerk")
    await connection.execute("grant select, update on all tables in schema public to clerk; set role clerk")
    await connection.execute(_PROVE.postgres)
    await id_of_transaction(connection)
    await connection.execute("reset role; drop owned by clerk; drop role clerk")
    await connection.close()


@pytest.mark.parametrize(("names", "weak"), [("", ()), ("standby", ("synchronous_commit is local",))])
def test_a_primary_that_waits_for_no_standby_though_it_names_one_is_refused(names: str, weak: tuple[str, ...]) -> None:
    with own({"synchronous_commit": "local", "synchronous_standby_names": names}) as server:
        assert weak == not_durable(PostgresConfig(address=server.dsn()))


@pytest.mark.parametrize(
    ("address", "each"),
    [
        ("postgresql://me@a/shop", ["postgresql://me@a/shop"]),
        ("postgresql://me@a,b:5433/shop", ["postgresql://me@a/shop", "postgresql://me@b:5433/shop"]),
        ("postgresql://me@[::1]:1,b/shop", ["postgresql://me@[::1]:1/shop", "postgresql://me@b/shop"]),
        ("postgresql://a,b/shop", ["postgresql://a/shop", "postgresql://b/shop"]),
        ("postgresql://me@/shop?host=/a,/b", ["postgresql://me@/shop?host=/a", "postgresql://me@/shop?host=/b"]),
        ("postgresql:///shop?host=/run/a", ["postgresql:///shop?host=/run/a"]),
    ],
)
def test_an_address_is_taken_apart_into_its_hosts(address: str, each: list[str]) -> None:
    assert each == each_host(address)
