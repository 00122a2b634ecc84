"""The migrations lead to the schema that is written down, and to nothing else."""

import json
import re
import sqlite3
import stat
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from attrs import evolve
from contract.samples import MERCHANT, Fn, answered_wrongly, opens
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from paystate.adapters.storage.codec import encoded
from paystate.adapters.storage.migrations.steps import config_for
from paystate.adapters.storage.schema import METADATA
from paystate.adapters.storage.schema_head import SCHEMA_HEAD
from paystate.adapters.storage.sql import filing
from paystate.adapters.storage.sqlite import migration
from paystate.adapters.storage.sqlite.migration import is_current, migrate, pending
from paystate.adapters.storage.sqlite.store import SqliteStore
from paystate.core.errors import RecordUnreadable, StorageUnavailable
from paystate.core.ids import OrderKey, event_id_for
from paystate.core.key_uses import KeyUses
from paystate.core.orders.facts import Decision
from paystate.core.orders.order import Order


def differences(path: Path) -> list[object]:
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
    with engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection), METADATA))


def ddl(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("select sql from sqlite_master where sql not null and name <> 'alembic_version'")
        return {re.sub(r"\s+", " ", text) for (text,) in rows}


def at_0001(path: Path) -> Path:
    return at_step("0001", path)


def at_step(revision: str, path: Path) -> Path:
    """A file as an older program left it."""
    path.touch()
    with migration.transaction(path, "begin immediate") as connection:
        command.upgrade(config_for(connection), revision)
    return path


def insert(path: Path, table: str, **values: object) -> None:
    columns, marks = ", ".join(values), ", ".join("?" * len(values))
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(f"insert into {table} ({columns}) values ({marks})", tuple(values.values()))  # noqa: S608


def found(path: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


def webhook(**changes: object) -> bytes:
    order = {"order_id": "Order-1", "merchant_id": MERCHANT}
    return json.dumps({"event_name": "ORDER_SUCCEEDED", "content": {"order": {**order, **changes}}}).encode()


def test_the_migrated_schema_is_the_written_one(migrated: Path) -> None:
    assert [] == differences(migrated)


def test_a_missing_index_would_be_found(database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("drop index ix_orders_due")
    assert ["add_index"] == [change[0] for change in differences(database)]  # type: ignore[index]


def test_even_partial_indexes_and_strictness_agree(migrated: Path, tmp_path: Path) -> None:
    made = tmp_path / "made.db"
    engine = create_engine(f"sqlite:///{made}", poolclass=NullPool)
    METADATA.create_all(engine)
    assert ddl(made) == ddl(migrated)


def test_every_constraint_and_index_has_a_name() -> None:
    for table in METADATA.tables.values():
        assert all(item.name for item in table.constraints), table.name
        assert all(item.name for item in table.indexes), table.name


def test_the_store_and_the_migrations_agree_on_the_head(tmp_path: Path) -> None:
    assert pending(tmp_path / "none")[-1] == SCHEMA_HEAD


def test_a_new_file_is_the_owners_only(tmp_path: Path) -> None:
    path = tmp_path / "new 100%.db"
    migrate(path)
    assert 0o600 == stat.S_IMODE(path.stat().st_mode)


def test_migrating_twice_changes_nothing(database: Path) -> None:
    before = ddl(database)
    migrate(database)
    assert before == ddl(database)


def test_pending_migrations_are_told(tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    every = (*(f"{number:04}" for number in range(1, 15)), SCHEMA_HEAD)
    assert (every, False) == (pending(path), is_current(path))
    assert not path.exists()
    migrate(path)
    assert ((), True) == (pending(path), is_current(path))


@pytest.mark.parametrize(
    ("body", "event_name", "order_key"),
    [
        (webhook(), "ORDER_SUCCEEDED", "order-1"),
        (webhook().replace(b'"order_id"', b'"amount": 1e999, "order_id"'), "ORDER_SUCCEEDED", "order-1"),
        (webhook(merchant_id="theirs"), "ORDER_SUCCEEDED", None),
        (webhook(order_id="no/id"), "ORDER_SUCCEEDED", None),
        (b'{"event_name": "%s"}' % (b"E" * 100), "E" * 64, None),
        (b'{"event_name": 7, "content": {"order": []}}', "", None),
        (b"[" * 10_000, "", None),
        (b'{"event_name": "\\ud800"}', "", None),
        (b'{"event_name": "\\u001b[2J"}', "", None),
        (b"\xff", "", None),
    ],
)
def test_webhooks_kept_before_0002_get_the_names_in_their_bodies(
    tmp_path: Path, body: bytes, event_name: str, order_key: str | None
) -> None:
    path = at_0001(tmp_path / "old.db")
    insert(
        path, "inbox",
        merchant_id=MERCHANT, event_id="e", digest="d", body=body, received_at=0, repeats=0, conflicts=0, verdict="",
    )  # fmt: skip
    migrate(path)
    assert [(event_name, order_key)] == found(path, "select event_name, order_key from inbox")


def just_opened() -> Order:
    decided = opens()(None)
    assert isinstance(decided, Decision)
    return decided.after


@pytest.mark.parametrize(("decisions", "reasons"), [((), 0), ((answered_wrongly(),), 1)])
def test_orders_stored_before_0002_are_found_under_review(
    tmp_path: Path, decisions: tuple[Fn, ...], reasons: int
) -> None:
    order = None
    for decide in (opens(), *decisions):
        decided = decide(order)
        assert isinstance(decided, Decision)
        order = decided.after
    assert order is not None
    order = evolve(order, announced=frozenset())  # a step that came later wrote them otherwise
    path = at_0001(tmp_path / "old.db")
    insert(
        path, "orders",
        merchant_id=MERCHANT, order_key="order-1", order_id="Order-1", snapshot=encoded(order), version=order.version,
        created_at=0, looks="[]",
    )  # fmt: skip
    migrate(path)
    assert [(reasons,)] == found(path, "select open_reasons from orders")


@pytest.mark.parametrize("made", range(1, 13))
def test_a_file_brought_up_from_an_older_one_has_the_same_schema_as_a_new_one(
    tmp_path: Path, migrated: Path, made: int
) -> None:
    path = at_step(f"{made:04}", tmp_path / "old.db")
    assert (*(f"{number:04}" for number in range(made + 1, 15)), SCHEMA_HEAD) == pending(path)
    migrate(path)
    assert ddl(path) == ddl(migrated)


@pytest.mark.parametrize("hint_at", [None, 7])
def test_orders_hinted_at_before_0003_are_urgent(tmp_path: Path, hint_at: int | None) -> None:
    path = at_step("0002", tmp_path / "old.db")
    insert(
        path, "orders",
        merchant_id=MERCHANT, order_key="order-1", order_id="Order-1", snapshot=encoded(just_opened()), version=1,
        created_at=0,
        next_look_at=5, hint_at=hint_at, due_at=5, looks="[]",
    )  # fmt: skip
    migrate(path)
    assert [(hint_at, 0, 5)] == found(path, "select urgent_at, sends, due_at from orders")


def test_webhooks_kept_before_0005_have_still_to_be_read(tmp_path: Path) -> None:
    path = at_step("0004", tmp_path / "old.db")
    insert(
        path, "inbox",
        merchant_id=MERCHANT, event_id="e", digest="d", body=webhook(), received_at=0, repeats=0, conflicts=0,
        verdict="", order_key="order-1",
    )  # fmt: skip
    migrate(path)
    assert [(None, "")] == found(path, "select claims, verdict from inbox")


def test_what_was_quarantined_before_0007_is_counted_and_its_bodies_are_kept(tmp_path: Path) -> None:
    path = at_step("0006", tmp_path / "old.db")
    for n, (merchant_id, verdict) in enumerate(
        (("a", "unreadable"), ("a", "unknown_order"), ("a", ""), ("a", "looked"), ("b", "no_order"))
    ):
        insert(
            path, "inbox",
            merchant_id=merchant_id, event_id=f"e{n}", digest="d", body=b"0123456789", received_at=0, repeats=0,
            conflicts=0, verdict=verdict,
        )  # fmt: skip
    migrate(path)
    assert [("a", 2, 20), ("b", 1, 10)] == found(path, "select * from quarantines order by merchant_id")
    assert [(10, 10)] * 5 == found(path, "select body_bytes, kept_bytes from inbox")


async def test_keys_of_a_merchant_with_orders_from_before_are_noted_since_a_certain_instant(tmp_path: Path) -> None:
    path = at_step("0006", tmp_path / "old.db")
    for name in ("order-1", "order-2"):
        insert(
            path, "orders",
            merchant_id=MERCHANT, order_key=name, order_id=name, snapshot=encoded(just_opened()), version=1,
            created_at=0, looks="[]",
        )  # fmt: skip
    began = datetime.now(UTC).replace(microsecond=0)
    migrate(path)
    async with SqliteStore(path) as store:
        known, other = await store.key_uses(MERCHANT), await store.key_uses("another")
    assert known.noted_since is not None
    assert began <= known.noted_since <= datetime.now(UTC)
    assert ({}, KeyUses()) == (known.last_used, other)


def test_a_newer_file_is_neither_migrated_nor_called_current(database: Path) -> None:
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("update alembic_version set version_num = '9999'")
    for call in (migrate, pending, is_current):
        with pytest.raises(StorageUnavailable, match="newer"):
            call(database)


def test_a_migration_that_fails_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "half.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("create table outbox (id)")  # in the way of the last step
    before = ddl(path)
    with pytest.raises(StorageUnavailable):
        migrate(path)
    assert before == ddl(path)


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailable):
        migrate(tmp_path)


@pytest.mark.parametrize("snapshot", ["{", "[]", '{"attempts": null}', '{"latest": {"CHARGED": {}}}'])
def test_a_row_that_cannot_be_read_is_named_and_nothing_changes(tmp_path: Path, snapshot: str) -> None:
    path = at_step("0003", tmp_path / "odd.db")
    insert(
        path, "orders",
        merchant_id=MERCHANT, order_key="order-1", order_id="Order-1", snapshot=snapshot, version=1, created_at=0,
        looks="[]",
    )  # fmt: skip
    before = ddl(path)
    with pytest.raises(RecordUnreadable, match=r"^row 1 of orders cannot be read by this program$"):
        migrate(path)
    assert (before, [(snapshot,)]) == (ddl(path), found(path, "select snapshot from orders"))


@pytest.mark.parametrize("revision", ["0003", "0005"])
@pytest.mark.parametrize("snapshot", [b'{"attempts": {}, "note": "\xff"}', b"\xff", b'{"\xed\xa0\x80": 1}'])
def test_a_row_that_is_not_utf_8_is_named_and_nothing_changes(tmp_path: Path, revision: str, snapshot: bytes) -> None:
    path = at_step(revision, tmp_path / "odd.db")
    insert(
        path, "orders",
        merchant_id=MERCHANT, order_key="order-1", order_id="Order-1", snapshot="", version=1, created_at=0, looks="[]",
    )  # fmt: skip
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("update orders set snapshot = cast(? as text)", (snapshot,))
    before = ddl(path)
    with pytest.raises(RecordUnreadable, match=r"^row 1 of orders cannot be read by this program$"):
        migrate(path)
    assert (before, [(snapshot,)]) == (ddl(path), found(path, "select cast(snapshot as blob) from orders"))


def test_a_fact_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    path = at_step("0003", tmp_path / "odd.db")
    insert(path, "order_journal", merchant_id=MERCHANT, order_key="order-1", version=1, at=0, fact="")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("update order_journal set fact = cast(x'ff' as text)")
    with pytest.raises(RecordUnreadable, match=r"^row 1 of order_journal cannot be read by this program$"):
        migrate(path)


def test_open_reasons_are_counted_page_by_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filing, "PAGE", 2)
    path = at_step("0003", tmp_path / "old.db")
    answered = answered_wrongly()(just_opened())
    assert isinstance(answered, Decision)
    snapshot = encoded(evolve(answered.after, announced=frozenset()))
    for number in range(5):
        insert(
            path, "orders",
            merchant_id=MERCHANT, order_key=f"order-{number}", order_id=f"Order-{number}", snapshot=snapshot, version=2,
            created_at=0, looks="[]",
        )  # fmt: skip
    migrate(path)
    assert [(1,)] * 5 == found(path, "select open_reasons from orders")


def test_announcements_from_before_0010_get_the_ids_that_receivers_know_and_wait_for_nobody(tmp_path: Path) -> None:
    path = at_step("0008", tmp_path / "old.db")
    insert(
        path, "orders",
        merchant_id=MERCHANT, order_key="order-1", order_id="Order-1", snapshot="{}", version=1, created_at=0,
        looks="[]",
    )  # fmt: skip
    insert(
        path, "outbox",
        merchant_id=MERCHANT, order_key="order-1", once_key="order.paid", kind="order.paid", version=1, at=7,
    )  # fmt: skip
    migration_only(path)
    known = event_id_for(OrderKey(MERCHANT, "Order-1"), "order.paid")
    assert [(known, 7)] == found(path, "select event_id, kept_since from outbox")
    assert [(0,)] == found(path, "select count(*) from deliveries")


def migration_only(path: Path) -> None:
    """The step to 0010 alone: the order above is none that today's rules could count the reasons of."""
    with migration.transaction(path, "begin immediate") as connection:
        command.upgrade(config_for(connection), "0010")
