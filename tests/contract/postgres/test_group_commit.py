"""Webhooks that come at the same time share a transaction on PostgreSQL, and nothing else.

Rows that one transaction has written have the same `xmin`.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import asyncpg
import pytest
from attrs import evolve
from contract.postgres.emptying import emptied
from contract.postgres.proxy import Cut, Proxy, between
from contract.samples import KEY, MERCHANT, NOW
from patience import HANGS_S, until
from postgres_server import database_made

from paystate.adapters.storage.postgres import transactions
from paystate.adapters.storage.postgres.config import PostgresConfig
from paystate.adapters.storage.postgres.group_commit import GROUP_MAX
from paystate.adapters.storage.postgres.running import run
from paystate.adapters.storage.postgres.store import PostgresStore
from paystate.adapters.storage.sql.steps import Sql, Steps, alone, change, change_each
from paystate.core.errors import CommitUnknown, StorageUnavailable
from paystate.core.ports.store import InboxVerdict, ReceivedWebhook
from paystate.core.retention import Quota

Raw = Any  # asyncpg's connection has no generics when it runs


@pytest.fixture(scope="module")
def module_database(postgres_server: str, postgres_template: str) -> str:
    return database_made(postgres_server, template=postgres_template)


@pytest.fixture
async def database(module_database: str) -> str:
    await emptied(module_database)
    return module_database


@pytest.fixture
async def store(database: str) -> AsyncIterator[PostgresStore]:
    async with PostgresStore(PostgresConfig(address=database)) as store:
        yield store


@pytest.fixture
async def raw(database: str) -> AsyncIterator[Raw]:
    connection = await asyncpg.connect(database)
    yield connection
    await connection.close()


def webhook(n: int, *, order: str = "", body: bytes = b"{}") -> ReceivedWebhook:
    return ReceivedWebhook(MERCHANT, f"evt_{n}", body, NOW, order_key=order or f"o{n}")


async def appended(store: PostgresStore, webhooks: Sequence[ReceivedWebhook]) -> list[bool]:
    """All of them in one turn of the loop."""
    return await asyncio.gather(*(store.append_inbox(one) for one in webhooks))


async def groups(raw: Raw) -> list[int]:
    """How many webhooks each transaction has stored, the oldest transaction first."""
    rows = await raw.fetch("select xmin::text from inbox order by id")
    return [*Counter(xmin for (xmin,) in rows).values()]


async def stored(raw: Raw) -> list[tuple[str, int, int]]:
    """The id, the repeats and the conflicts of each webhook."""
    rows = await raw.fetch("select event_id, repeats, conflicts from inbox order by id")
    return [(event_id, repeats, conflicts) for event_id, repeats, conflicts in rows]


async def is_waiting(raw: Raw) -> bool:
    """Whether a transaction waits for a lock."""
    return bool(await raw.fetchval("select count(*) from pg_locks where not granted"))


# --- what shares a transaction


async def test_webhooks_that_come_in_one_turn_are_one_transaction(store: PostgresStore, raw: Raw) -> None:
    assert [True] * 20 == await appended(store, [webhook(n) for n in range(20)])
    assert [20] == await groups(raw)


async def test_what_comes_while_a_group_is_under_way_is_the_next_one(store: PostgresStore, raw: Raw) -> None:
    first = asyncio.create_task(store.append_inbox(webhook(0)))
    for _ in range(5):  # turns of the loop: the first group has begun, and waits for the server
        await asyncio.sleep(0)
    await appended(store, [webhook(n) for n in range(1, 11)])
    assert await first
    assert [1, 10] == await groups(raw)


async def test_no_group_has_more_than_a_hundred(store: PostgresStore, raw: Raw) -> None:
    await appended(store, [webhook(n) for n in range(250)])
    assert [100, 100, 50] == await groups(raw)


async def test_one_write_too_many_is_refused_and_the_others_are_stored(database: str, raw: Raw) -> None:
    async with PostgresStore(PostgresConfig(address=database, waiting_max=4)) as store:
        ends = await asyncio.gather(*(store.append_inbox(webhook(n)) for n in range(6)), return_exceptions=True)
    assert [True] * 4 == ends[:4]
    assert [True] * 2 == [isinstance(end, StorageUnavailable) for end in ends[4:]]
    assert [4] == await groups(raw)


async def test_closing_finishes_the_groups_that_wait(database: str, raw: Raw) -> None:
    store = PostgresStore(PostgresConfig(address=database))
    await store.open()
    waiting = [asyncio.create_task(store.append_inbox(webhook(n))) for n in range(150)]
    await asyncio.wait(waiting, timeout=0)
    await store.close()
    assert [True] * 150 == [one.result() for one in waiting]
    assert [100, 50] == await groups(raw)


# --- what is the same in a group as alone


async def test_a_webhook_that_comes_five_times_at_once_is_stored_once_and_counted(
    store: PostgresStore, raw: Raw
) -> None:
    assert [True, False, False, False, False] == await appended(store, [webhook(0)] * 5)
    assert [("evt_0", 4, 0)] == await stored(raw)


async def test_two_bodies_that_come_at_once_under_one_id_are_both_flagged(store: PostgresStore, raw: Raw) -> None:
    assert [True, True] == await appended(store, [webhook(0, body=b"one"), webhook(0, body=b"two")])
    assert [("evt_0", 0, 1)] * 2 == await stored(raw)


async def test_an_order_whose_webhooks_come_at_once_keeps_no_more_than_it_may(store: PostgresStore, raw: Raw) -> None:
    flood = [webhook(n, order=KEY.folded) for n in range(5)]
    kept = await asyncio.gather(*(store.append_inbox(one, most=2) for one in flood))
    assert [True, True, False, False, False] == kept
    assert [("evt_0", 0, 0), ("evt_1", 0, 0), (f"overflow:{KEY.folded}", 2, 0)] == await stored(raw)


async def test_a_quarantine_keeps_its_quota_when_many_come_at_once(store: PostgresStore, raw: Raw) -> None:
    strange = [evolve(webhook(n), verdict=InboxVerdict.NO_ORDER, order_key=None) for n in range(30)]
    await asyncio.gather(*(store.append_inbox(one, quota=Quota(webhooks_max=5, bytes_max=1000)) for one in strange))
    assert [f"evt_{n}" for n in range(25, 30)] == [event_id for event_id, *_ in await stored(raw)]
    assert 5 == await raw.fetchval("select webhooks from quarantines")


async def test_repeats_new_ones_and_strange_ones_share_a_group(store: PostgresStore, raw: Raw) -> None:
    await appended(store, [webhook(n) for n in range(4)])
    strange = [ReceivedWebhook(of, None, b"?", NOW, verdict=InboxVerdict.UNREADABLE) for of in (MERCHANT, "another")]
    mixed = [webhook(0), webhook(1), webhook(2, body=b"other"), webhook(3, body=b"other"), webhook(9), *strange]
    assert [False, False, True, True, True, True, True] == await appended(store, mixed)
    told = [("evt_0", 1, 0), ("evt_1", 1, 0), *[("evt_2", 0, 1), ("evt_3", 0, 1)] * 2, ("evt_9", 0, 0)]
    assert sorted(told) == sorted(await stored(raw))[:7]
    counted = await raw.fetch("select merchant_id, webhooks from quarantines")
    assert {MERCHANT: 1, "another": 1} == dict(map(tuple, counted))


# --- other processes


async def test_what_two_processes_get_at_once_is_stored_once(database: str, store: PostgresStore, raw: Raw) -> None:
    ours = [webhook(n, order=f"o{n % 7}") for n in range(40)]
    async with PostgresStore(PostgresConfig(address=database)) as other:
        first, second = await asyncio.gather(appended(store, ours), appended(other, ours[::-1]))
    assert [True] * 40 == [one is not another for one, another in zip(first, second[::-1], strict=True)]
    assert [(f"evt_{n}", 1, 0) for n in range(40)] == sorted(
        await stored(raw), key=lambda row: int(row[0].removeprefix("evt_"))
    )


@asynccontextmanager
async def undecided(database: str) -> AsyncGenerator[Raw]:
    """Another process's transaction, which ends with the block."""
    connection = await asyncpg.connect(database)
    try:
        async with connection.transaction():
            yield connection
    finally:
        await connection.close()


async def test_a_webhook_whose_order_another_process_is_at_waits_alone(
    database: str, store: PostgresStore, raw: Raw
) -> None:
    async with undecided(database) as other:
        await run(other, alone(("order", MERCHANT, "o3")))
        webhooks = [asyncio.create_task(store.append_inbox(webhook(n))) for n in range(6)]
        held = webhooks.pop(3)
        assert [True] * 5 == await asyncio.gather(*webhooks)
        await until(lambda: is_waiting(raw))
        assert not held.done()
    assert await held
    assert [5, 1] == await groups(raw)


async def test_a_webhook_whose_row_another_process_is_at_waits_alone(database: str, raw: Raw) -> None:
    patient = PostgresConfig(address=database, timeout_s=2 * HANGS_S)
    async with PostgresStore(patient) as store:
        await store.append_inbox(webhook(3))
        async with undecided(database) as other:
            await other.execute("select 1 from inbox for update")
            webhooks = [asyncio.create_task(store.append_inbox(webhook(n))) for n in range(6)]
            held = webhooks.pop(3)
            assert [True] * 5 == await asyncio.wait_for(asyncio.gather(*webhooks), HANGS_S)
            await until(lambda: is_waiting(raw))
            assert not held.done()
        assert not await held


# --- what goes wrong


async def test_a_webhook_that_cannot_be_stored_fails_alone(store: PostgresStore, raw: Raw) -> None:
    webhooks = [webhook(n) for n in range(6)]
    webhooks[2] = evolve(webhooks[2], event_name="a\0b")  # PostgreSQL has no such text
    ends = await asyncio.gather(*(store.append_inbox(one) for one in webhooks), return_exceptions=True)
    refused = ends.pop(2)
    assert (StorageUnavailable, [True] * 5) == (type(refused), ends)
    assert [f"evt_{n}" for n in (0, 1, 3, 4, 5)] == sorted(event_id for event_id, *_ in await stored(raw))


NAMED = Sql("insert into order_names (merchant_id, kind, value, created_at, order_row) values (?, 'k', ?, 1, 1)")


def naming(value: str, *, fails: bool = False) -> Steps[str]:
    yield from alone(("name", value))
    yield from change(NAMED, MERCHANT, value)
    yield from change_each(NAMED, [(MERCHANT, f"{value}{n}") for n in range(2)])
    if fails:
        raise LookupError(value)
    return value


async def test_steps_that_raise_store_nothing_and_others_of_the_group_are_stored(
    store: PostgresStore, raw: Raw
) -> None:
    ends = await asyncio.gather(
        *(store._write_together(partial(naming, value, fails=value == "b")) for value in "abc"),
        return_exceptions=True,
    )
    assert ["a", LookupError, "c"] == [end if isinstance(end, str) else type(end) for end in ends]
    names = await raw.fetch("select value from order_names order by value")
    assert ["a", "a0", "a1", "c", "c0", "c1"] == [value for (value,) in names]


async def test_what_the_server_does_not_answer_in_time_is_told_to_all_and_not_tried_again(
    store: PostgresStore, raw: Raw
) -> None:
    runs = list[str]()

    def unanswered(value: str) -> Steps[str]:
        runs.append(value)
        yield from naming(value)
        raise TimeoutError

    together = (store._write_together(partial(steps, value)) for steps, value in ((naming, "a"), (unanswered, "b")))
    ends = await asyncio.gather(*together, return_exceptions=True)
    assert [StorageUnavailable] * 2 == [type(end) for end in ends]
    assert (["b"], []) == (runs, await raw.fetch("select value from order_names"))


async def test_steps_that_are_not_alone_first_never_share_a_transaction(store: PostgresStore) -> None:
    def careless() -> Steps[str]:
        yield from change(NAMED, MERCHANT, "a")
        yield from alone(("name", "a"))
        return "done"

    together = (store._write_together(careless), store._write_together(partial(naming, "b")))
    assert ["done", "b"] == [*await asyncio.gather(*together)]


async def test_a_caller_that_is_cancelled_leaves_its_webhook_and_the_group(store: PostgresStore, raw: Raw) -> None:
    webhooks = [asyncio.create_task(store.append_inbox(webhook(n))) for n in range(5)]
    await asyncio.wait(webhooks, timeout=0)
    webhooks[2].cancel()
    ends = await asyncio.gather(*webhooks, return_exceptions=True)
    assert [True, True, asyncio.CancelledError, True, True] == [
        end if isinstance(end, bool) else type(end) for end in ends
    ]
    assert [5] == await groups(raw)


@pytest.fixture
async def proxied(database: str) -> AsyncIterator[tuple[Proxy, str]]:
    with TemporaryDirectory() as folder:  # a socket has a short path
        async with between(database, Path(folder)) as made:
            yield made


async def test_a_group_whose_commit_is_not_answered_is_looked_up_and_not_repeated(
    proxied: tuple[Proxy, str], raw: Raw
) -> None:
    proxy, address = proxied
    async with PostgresStore(PostgresConfig(address=address)) as store:
        proxy.cut = Cut.AFTER_THE_COMMIT
        assert [True] * 8 == await appended(store, [webhook(n) for n in range(8)])
    assert (1, [8]) == (proxy.cuts, await groups(raw))
    assert [(f"evt_{n}", 0, 0) for n in range(8)] == await stored(raw)


async def test_a_group_that_was_undone_is_run_again_one_by_one(proxied: tuple[Proxy, str], raw: Raw) -> None:
    proxy, address = proxied
    async with PostgresStore(PostgresConfig(address=address)) as store:
        proxy.cut = Cut.BEFORE_THE_COMMIT
        assert [True] * 8 == await appended(store, [webhook(n) for n in range(8)])
    assert (1, [1] * 8) == (proxy.cuts, await groups(raw))
    assert {(f"evt_{n}", 0, 0) for n in range(8)} == {*await stored(raw)}


async def test_a_group_that_is_in_doubt_keeps_no_other_waiting(
    proxied: tuple[Proxy, str], monkeypatch: pytest.MonkeyPatch, raw: Raw
) -> None:
    asks_again, is_asking = asyncio.Event(), asyncio.Event()

    async def held(_: int) -> None:
        is_asking.set()
        await asks_again.wait()

    monkeypatch.setattr(transactions, "_wait", held)
    proxy, address = proxied
    async with PostgresStore(PostgresConfig(address=address)) as store:
        proxy.cut, proxy.stays_away = Cut.AFTER_THE_COMMIT, True
        in_doubt = asyncio.create_task(store.append_inbox(webhook(0)))
        await is_asking.wait()
        proxy.stays_away = False
        assert await store.append_inbox(webhook(1))
        assert not in_doubt.done()
        asks_again.set()
        assert await in_doubt
    assert [1, 1] == await groups(raw)


@contextmanager
def standing_still(process: int) -> Generator[None]:
    os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process, signal.SIGCONT)


async def test_a_group_does_not_wait_longer_for_those_before_it_than_for_a_connection(database: str, raw: Raw) -> None:
    async with PostgresStore(PostgresConfig(address=database, timeout_s=1)) as store:
        ours = await raw.fetchval(
            "select pid from pg_stat_activity where datname = current_database() and query <> ''"
            " and pid <> pg_backend_pid()"
        )
        with standing_still(ours):  # it answers nothing for two seconds, and then it is left
            ends = await asyncio.gather(
                *(store.append_inbox(webhook(n)) for n in range(GROUP_MAX + 20)), return_exceptions=True
            )
        second = ends[GROUP_MAX:]
        assert [("the writes before it take too long; nothing was stored",)] * 20 == [
            end.args for end in second if isinstance(end, StorageUnavailable)
        ]
        assert [True] == await appended(store, [webhook(GROUP_MAX)])
    assert [(f"evt_{GROUP_MAX}", 0, 0)] == await stored(raw)


async def test_a_group_logs_in_no_callers_name(store: PostgresStore) -> None:
    name, seen = ContextVar("name", default="nobody's"), list[str]()

    def watched(value: str) -> Steps[str]:
        seen.append(name.get())
        return (yield from naming(value))

    name.set("the caller's")
    await store._write_together(partial(watched, "a"))
    assert ["nobody's"] == seen


async def test_a_group_that_nobody_can_be_asked_about_is_told_to_be_unknown_to_each(
    proxied: tuple[Proxy, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transactions, "ASKED_MAX", 2)
    proxy, address = proxied
    async with PostgresStore(PostgresConfig(address=address)) as store:
        proxy.cut, proxy.stays_away = Cut.AFTER_THE_COMMIT, True
        ends = await asyncio.gather(*(store.append_inbox(webhook(n)) for n in range(8)), return_exceptions=True)
    assert [CommitUnknown] * 8 == [type(end) for end in ends]
