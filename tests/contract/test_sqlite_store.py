"""The contract, on SQLite, and what only a file can promise."""

import asyncio
import resource
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Generator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from contract.samples import (
    CHECKOUT,
    KEY,
    MERCHANT,
    NOW,
    OTHER,
    all_due,
    announces,
    counts,
    digest_of,
    opens,
    opens_checkout,
    refuses,
)
from contract.store_contract import StoreContract
from patience import HANGS_S

from paystate.adapters.storage.checks import kept
from paystate.adapters.storage.sql import outbox, quarantine, reads, writes
from paystate.adapters.storage.sqlite import connections
from paystate.adapters.storage.sqlite.running import run
from paystate.adapters.storage.sqlite.store import SqliteStore
from paystate.core.errors import RecordUnreadable, StorageUnavailable
from paystate.core.ids import OrderKey
from paystate.core.orders.commands.webhook_claims import NoteWebhook
from paystate.core.orders.decision import DecisionResult
from paystate.core.orders.facts import Announcement, Decision, Refused
from paystate.core.orders.order import Order, fold
from paystate.core.ports.outbox import DeliveryState
from paystate.core.ports.store import InboxVerdict, ReceivedWebhook, Store
from paystate.core.retention import Quota, Retention


class TestSqliteStore(StoreContract):
    @pytest.fixture
    async def store(self, database: Path) -> AsyncIterator[Store]:
        async with SqliteStore(database) as store:
            yield store


@pytest.fixture
async def store(database: Path) -> AsyncIterator[SqliteStore]:
    async with SqliteStore(database, busy_timeout_s=0.01) as store:
        yield store


@contextmanager
def raw(database: Path) -> Generator[sqlite3.Connection]:
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        yield connection


# --- group commit


async def test_callers_share_commits(store: SqliteStore) -> None:
    keys = [OrderKey(MERCHANT, f"o{n}") for n in range(32)]
    ends = await asyncio.gather(*(store.transact(key, opens(key)) for key in keys))
    assert keys == [end.after.key for end in ends if isinstance(end, Decision)]
    assert store.commits < 32


async def test_callers_that_come_back_at_once_stay_together(store: SqliteStore) -> None:
    async def caller(n: int) -> None:
        key = OrderKey(MERCHANT, f"o{n}")
        await store.transact(key, opens(key))
        for _ in range(9):
            await store.transact(key, counts)

    await asyncio.gather(*(caller(n) for n in range(32)))
    assert store.commits < 40  # 320 writes


async def test_nobody_is_told_before_the_commit(store: SqliteStore, database: Path) -> None:
    # A refusal may rest on what a batch-mate wrote, so it waits for the same commit.
    seen: list[int] = []

    async def refused() -> None:
        await store.transact(KEY, refuses)
        with raw(database) as connection:
            seen.extend(connection.execute("select version from orders").fetchone())

    await asyncio.gather(store.transact(KEY, opens()), refused())
    assert [1] == seen


async def test_a_write_that_fails_half_way_is_undone_and_harms_no_other(store: SqliteStore) -> None:
    def half(order: Order | None) -> DecisionResult:
        decision = announces("x")(order)
        assert not isinstance(decision, Refused)
        broken = Announcement(cast(Any, object()), "y")  # no column takes it; order and journal are written by then
        return Decision(outcome=decision.outcome, fact=decision.fact, after=decision.after, effects=(broken,))

    await store.transact(KEY, opens())
    before = await digest_of(store)
    ends = await asyncio.gather(store.transact(KEY, half), store.transact(OTHER, opens(OTHER)), return_exceptions=True)
    assert [StorageUnavailable, Decision] == [type(end) for end in ends]
    assert before == await digest_of(store)
    assert await store.load(OTHER) is not None


async def test_one_write_too_many_is_refused_and_the_others_are_done(database: Path) -> None:
    async with SqliteStore(database, waiting_max=4) as store:
        keys = [OrderKey(MERCHANT, f"o{n}") for n in range(6)]
        calls = (store.transact(key, opens(key)) for key in keys)
        ends = await asyncio.gather(*calls, return_exceptions=True)
        assert [False] * 4 + [True] * 2 == [isinstance(end, StorageUnavailable) for end in ends]
        assert 4 == len((await store.find(MERCHANT)).orders)


async def test_closing_finishes_what_waits_and_refuses_what_comes(database: Path) -> None:
    store = SqliteStore(database)
    await store.open()
    waiting = asyncio.ensure_future(store.transact(KEY, opens()))
    await asyncio.wait([waiting], timeout=0)
    await store.close()
    assert isinstance(await waiting, Decision)
    for call in (store.transact(OTHER, opens(OTHER)), store.load(KEY)):
        with pytest.raises(StorageUnavailable, match="not open"):
            await call
    await store.close()


async def test_a_store_that_was_never_opened_refuses(database: Path) -> None:
    with pytest.raises(StorageUnavailable, match="not open"):
        await SqliteStore(database).ping()


@pytest.mark.parametrize(("left", "is_ready"), [(0, False), (connections.ROOM_BYTES_MIN - 1, False), (10**9, True)])
async def test_a_store_without_room_for_a_large_write_is_not_ready(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch, left: int, is_ready: bool
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=left))
    with nullcontext() if is_ready else pytest.raises(StorageUnavailable, match="bytes left"):
        await store.ping()


async def test_a_store_that_is_ready_has_committed_a_write(store: SqliteStore) -> None:
    before = store.commits
    await store.ping()
    assert before + 1 == store.commits


async def test_every_caller_may_be_cancelled(store: SqliteStore) -> None:
    keys = [OrderKey(MERCHANT, f"o{n}") for n in range(8)]
    calls = [asyncio.ensure_future(store.transact(key, opens(key))) for key in keys]
    await asyncio.wait(calls, timeout=0)
    for call in calls:
        call.cancel()
    await asyncio.gather(*calls, return_exceptions=True)
    await store.ping()
    assert 8 == len((await store.find(MERCHANT)).orders)


# --- durability


async def test_the_settings_are_as_promised(store: SqliteStore) -> None:
    settings = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10}
    assert settings == await store.settings()


async def test_a_reopened_file_holds_everything(database: Path) -> None:
    async with SqliteStore(database) as store:
        await store.transact(KEY, opens())
        await store.transact(KEY, announces("x", claims=("refund:1",), next_look_at=NOW))
        await store.transact_checkout(CHECKOUT, opens_checkout())
        await store.append_inbox(ReceivedWebhook(MERCHANT, "evt_1", b"{}", NOW))
        before = (*await digest_of(store), await store.load_checkout(CHECKOUT), await store.take_inbox())
    async with SqliteStore(database) as store:
        assert before == (*await digest_of(store), await store.load_checkout(CHECKOUT), await store.take_inbox())
        assert [KEY] == await all_due(store, NOW)


CHILD = """
import asyncio, sys
from pathlib import Path
from types import SimpleNamespace
from contract.samples import KEY, opens
from paystate.adapters.storage.sqlite.store import SqliteStore

async def main():
    async with SqliteStore(Path(sys.argv[1])) as store:
        await store.transact(KEY, opens())
        print("stored", flush=True)
        sys.stdin.read()  # until it is killed

asyncio.run(main())
"""


async def test_a_process_killed_right_after_a_write_has_written_it(database: Path) -> None:
    child = subprocess.Popen(  # noqa: ASYNC220 - the test has nothing else to do
        [sys.executable, "-c", CHILD, str(database)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1],
    )  # fmt: skip
    with child:
        assert child.stdout is not None
        assert "stored\n" == child.stdout.readline()
        child.kill()
        assert -signal.SIGKILL == child.wait()
    async with SqliteStore(database) as store:
        order = await store.load(KEY)
        assert order is not None
        assert order == fold(entry.fact for entry in await store.journal(KEY))


async def test_two_stores_on_one_file_lose_no_update(database: Path) -> None:
    first, second = (SqliteStore(database, busy_timeout_s=HANGS_S) for _ in range(2))
    async with first as one, second as two:
        await one.transact(KEY, opens())
        await asyncio.gather(*(store.transact(KEY, counts) for store in (one, two) * 20))
        order = await two.load(KEY)
        assert order == await one.load(KEY)
        assert order is not None
        assert {f"n{n}" for n in range(40)} == {told.about for told in order.announced}
        assert list(range(1, 42)) == [entry.version for entry in await one.journal(KEY)]


# --- trouble


async def test_only_what_is_committed_is_noticed_and_another_process_s_too(store: SqliteStore, database: Path) -> None:
    async with SqliteStore(database) as other:
        before = await store.changes()
        await other.load(KEY)
        assert before == await store.changes()
        await other.transact(KEY, opens())
        assert before != await store.changes()


async def test_a_file_that_another_process_holds_too_long_is_unavailable(store: SqliteStore, database: Path) -> None:
    with raw(database) as connection:
        connection.execute("begin immediate")
        for call in (
            store.transact(KEY, opens()),
            store.ping(),
            store.append_inbox(ReceivedWebhook(MERCHANT, None, b"", NOW)),
        ):
            with pytest.raises(StorageUnavailable):
                await call
        connection.execute("rollback")
    assert (None, []) == (await store.load(KEY), list(await store.take_inbox()))
    await store.ping()


@contextmanager
def full_disk() -> Generator[None]:
    """Let no file grow in this process."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def test_on_a_full_disk_nothing_is_stored_and_later_writes_work(store: SqliteStore) -> None:
    await store.transact(KEY, opens())
    before = await digest_of(store)
    with full_disk():
        ends = await asyncio.gather(
            store.transact(KEY, counts), store.transact(OTHER, opens(OTHER)), store.ping(), return_exceptions=True
        )
    assert [StorageUnavailable] * 3 == [type(end) for end in ends]
    assert before == await digest_of(store)
    assert isinstance(await store.transact(KEY, counts), Decision)


async def test_a_file_that_is_not_migrated_is_refused(tmp_path: Path) -> None:
    empty = tmp_path / "empty.db"
    empty.touch()
    with pytest.raises(StorageUnavailable, match="schema none"):
        await SqliteStore(empty).open()


async def test_a_file_of_a_newer_program_is_refused(database: Path) -> None:
    with raw(database) as connection:
        connection.execute("update alembic_version set version_num = '9999'")
    with pytest.raises(StorageUnavailable, match="schema 9999"):
        await SqliteStore(database).open()


async def test_nothing_is_written_into_a_file_that_was_migrated_since_it_was_opened(
    store: SqliteStore, database: Path
) -> None:
    with raw(database) as connection:
        connection.execute("update alembic_version set version_num = '9999'")
    for call in (store.transact(KEY, opens()), store.ping()):
        with pytest.raises(StorageUnavailable):
            await call
    assert await store.load(KEY) is None


async def test_a_missing_file_is_refused_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailable):
        await SqliteStore(tmp_path / "none.db").open()
    assert not (tmp_path / "none.db").exists()


async def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "text.db"
    path.write_text("not a database" * 100)
    with pytest.raises(StorageUnavailable):
        await SqliteStore(path).open()


async def test_a_row_that_cannot_be_read_is_unavailable(store: SqliteStore, database: Path) -> None:
    await store.transact(KEY, opens())
    with raw(database) as connection:
        connection.execute("update orders set snapshot = '{}'")
    for call in (store.load(KEY), store.transact(KEY, counts)):
        with pytest.raises(StorageUnavailable, match="cannot be read"):
            await call


async def test_a_journal_row_that_cannot_be_read_is_named(store: SqliteStore, database: Path) -> None:
    await store.transact(KEY, opens())
    await store.transact(KEY, counts)
    with raw(database) as connection:
        connection.execute("update order_journal set fact = '{}' where version = 2")
    with pytest.raises(RecordUnreadable, match=f"the journal of {KEY.order_id} of {MERCHANT}, row 2 cannot be read"):
        await store.journal(KEY)


async def test_claims_that_cannot_be_read_are_left_to_whoever_reads_the_body(
    store: SqliteStore, database: Path
) -> None:
    for event_id in ("evt_1", "evt_2"):
        await store.append_inbox(ReceivedWebhook(MERCHANT, event_id, b"{}", NOW, claims=NoteWebhook()))
    with raw(database) as connection:
        connection.execute("update inbox set claims = 'damaged' where event_id = 'evt_1'")
    assert [None, NoteWebhook()] == [row.claims for row in await store.take_inbox()]


async def test_reads_cannot_write(store: SqliteStore) -> None:
    with pytest.raises(StorageUnavailable):
        await store._reader.run(lambda connection: connection.execute("delete from orders"))


# --- speed


@pytest.mark.parametrize(
    ("statement", "values", "index"),
    [
        (reads.DUE, (0, 0, 0, 0, 0, "[]", 0, 10), "ix_orders_due"),
        (reads.OF_ANOTHER_TIME, (0, 0, 0, 0, 0, "[]", 0, 10), "ix_orders_planned"),
        (reads.URGENT, (0, 0, 0, 0, 0, "[]", 10), "ix_orders_urgent"),
        (reads.WAITING, ("shop", 10), "ix_inbox_waiting"),
        (reads.INBOX_QUARANTINED, ("m", 9, 10), "ix_inbox_quarantined"),
        (reads.WEBHOOKS_OF, ("m", "o", 10), "ix_inbox_order"),
        (quarantine.OLDEST, ("m", 10), "ix_inbox_quarantined"),
        (quarantine.OLDEST_BODIES, ("m",), "ix_inbox_quarantined_bodies"),
        (quarantine.OUT_OF_DATE, ("m", 0, 10), "ix_inbox_quarantined_age"),
        (quarantine.OLD_BODIES, ("m", 0, 10), "ix_inbox_looked_age"),
        (quarantine.OLD_BODIES_SUM, ("m", 0), "ix_inbox_looked_age"),
    ],
    ids=[
        *("due", "of-another-time", "urgent", "inbox", "put-away", "of-an-order"),
        *("oldest", "oldest-bodies", "out-of-date", "old-bodies", "sum-of-old-bodies"),
    ],
)
def test_what_waits_is_found_by_a_partial_index(
    database: Path, statement: str, values: tuple[int | str, ...], index: str
) -> None:
    with raw(database) as connection:
        plan = [row[-1] for row in connection.execute(f"explain query plan {statement}", values)]
    assert index in plan[0]
    beside = ("ix_call_paces_free", "LIST SUBQUERY", "json_each")
    assert all(any(one in step for one in beside) for step in plan[1:]), plan  # no sorting


@pytest.mark.parametrize(
    ("statement", "index"),
    [(reads.WITH_WAITING, "ix_inbox_waiting"), (reads.WITH_WEBHOOKS, "ix_inbox_newest")],
    ids=["waiting", "any"],
)
def test_whose_webhooks_there_are_is_one_step_in_an_index_for_each_merchant(
    database: Path, statement: str, index: str
) -> None:
    with raw(database) as connection:
        plan = [row[-1] for row in connection.execute(f"explain query plan {statement}")]
    assert 2 == sum(index in step for step in plan), plan
    assert not any("SCAN inbox" in step or "TEMP B-TREE" in step for step in plan)


def test_every_query_by_name_uses_an_index(database: Path) -> None:
    statements = [text for text in vars(reads).values() if isinstance(text, str) and text.lstrip().startswith("select")]
    assert len(statements) >= 10
    with raw(database) as connection:
        for statement in statements:
            values = (0,) * statement.count("?")
            plan = [row[-1] for row in connection.execute(f"explain query plan {statement}", values)]
            scans = [
                step for step in plan if "TEMP B-TREE" in step or (step.startswith("SCAN") and "INDEX" not in step)
            ]
            assert [] == scans, statement


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        (outbox._DUE, "ix_deliveries_due"),
        (outbox._SUBSCRIPTIONS, "ix_deliveries_due"),
        (outbox._OF_ANOTHER_TIME, "ix_deliveries_planned"),
        (outbox._IN_FLIGHT, "ix_deliveries_line"),
        (outbox._LINE, "ix_deliveries_line"),
        (outbox._NEXT, "ix_outbox_oldest"),
        (outbox._PAGE, "ix_outbox_oldest"),
        (outbox._OLD, "ix_outbox_age"),
        (outbox._BY_EVENT, "ix_outbox_event"),
    ],
    ids=["due", "subscriptions", "of-another-time", "in-flight", "line", "next", "page", "old", "by-event"],
)
def test_announcements_and_deliveries_are_found_by_an_index(database: Path, statement: str, index: str) -> None:
    with raw(database) as connection:
        plan = [row[-1] for row in connection.execute(f"explain query plan {statement}", (0,) * statement.count("?"))]
    assert any(index in step for step in plan), plan
    assert not any("TEMP B-TREE" in step or step.startswith(("SCAN deliveries", "SCAN outbox")) for step in plan), plan


async def test_dead_letters_are_found_by_an_index_of_their_own(database: Path) -> None:
    statement = outbox.deliveries_where((), DeliveryState.DEAD)
    with raw(database) as connection:
        (first, *_) = [row[-1] for row in connection.execute(f"explain query plan {statement}", ("m", 10))]
    assert "ix_deliveries_dead" in first


def test_the_store_loads_neither_sqlalchemy_nor_alembic() -> None:
    code = "import sys, paystate.adapters.storage.sqlite.store; print({'sqlalchemy', 'alembic'} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert "set()" == done.stdout.strip()


async def test_no_webhook_that_comes_counts_the_others(store: SqliteStore, database: Path) -> None:
    """The work of an append into a full quarantine, in steps of SQLite's machine, does not grow with it."""
    quota = Quota(bytes_max=100, webhooks_max=10**6)

    async def steps_with(most: int) -> int:
        for n in range(len(await store.inbox(MERCHANT, limit=10**6)), most):
            await store.append_inbox(unreadable(n), quota=quota)
        return await store._writer.run(lambda connection: steps_of(connection, most, quota))

    few = await steps_with(200)
    assert await steps_with(3000) < 1.5 * few


def unreadable(n: int) -> ReceivedWebhook:
    return ReceivedWebhook(MERCHANT, f"evt_{n}", b"%d" % n, NOW, verdict=InboxVerdict.UNREADABLE)


def steps_of(connection: sqlite3.Connection, n: int, quota: Quota) -> int:
    counted: list[None] = []
    connection.set_progress_handler(lambda: counted.append(None), 1)
    try:
        run(connection, writes.append_inbox(kept(unreadable(n)), 10, quota))
    finally:
        connection.set_progress_handler(None, 0)
    return len(counted)


async def test_what_a_sweep_drops_makes_room_in_the_file(store: SqliteStore, database: Path) -> None:
    for n in range(8):
        body = b"%d" % n * 100_000
        await store.append_inbox(ReceivedWebhook(MERCHANT, f"evt_{n}", body, NOW, verdict=InboxVerdict.UNREADABLE))
    late = Retention(quarantined_since=NOW, bodies_since=NOW, quota=Quota(bytes_max=0, webhooks_max=10))
    await store.sweep_inbox(MERCHANT, late)
    with raw(database) as connection:
        free, size = (connection.execute(f"pragma {what}").fetchone()[0] for what in ("freelist_count", "page_size"))
    assert free * size >= 8 * 95_000  # the rest of each stood beside other rows


async def test_a_stored_word_that_is_not_known_stops_the_reader(database: Path, store: SqliteStore) -> None:
    await store.append_inbox(ReceivedWebhook(MERCHANT, "evt_1", b"{}", NOW))
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("update inbox set verdict = 'strange'")
    with pytest.raises(StorageUnavailable, match="cannot be read"):
        await store.inbox(MERCHANT)
