"""A program and the next version of it on one database, on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from attrs import frozen
from contract.samples import KEY, MERCHANT, NOW, counts, opens
from contract.versions.next_steps import OWN, Version, versions

from paystate.adapters.storage import schema_head
from paystate.adapters.storage.migrations.steps import config_for
from paystate.adapters.storage.postgres import migration as on_postgres
from paystate.adapters.storage.postgres.config import PostgresConfig
from paystate.adapters.storage.postgres.store import PostgresStore
from paystate.adapters.storage.schema_head import may_work_in
from paystate.adapters.storage.sqlite import migration as on_sqlite
from paystate.adapters.storage.sqlite.store import SqliteStore
from paystate.core.errors import StorageUnavailable
from paystate.core.ports.store import ReceivedWebhook, Store


@frozen
class Place:
    """A database, and what is done with it whole."""

    store: Callable[[], AbstractAsyncContextManager[Store]]
    migrate: Callable[[], None]
    pending: Callable[[], tuple[str, ...]]


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest) -> Place:
    if request.param == "sqlite":
        path: Path = request.getfixturevalue("database")
        return Place(lambda: SqliteStore(path), lambda: on_sqlite.migrate(path), lambda: on_sqlite.pending(path))
    config = PostgresConfig(address=request.getfixturevalue("postgres_database"))
    return Place(
        lambda: PostgresStore(config), lambda: on_postgres.migrate(config), lambda: on_postgres.pending(config)
    )


@pytest.fixture
def next_ones(tmp_path: Path) -> tuple[Version, Version, Version]:
    return versions(tmp_path / "versions")


def migrated_by(version: Version, place: Place) -> None:
    with version.in_this_process():
        place.migrate()


def webhook(name: str) -> ReceivedWebhook:
    return ReceivedWebhook(MERCHANT, name, b"{}", NOW, order_key=KEY.folded)


async def test_a_program_goes_on_in_a_wider_schema_and_may_be_started_in_it(
    place: Place, next_ones: tuple[Version, ...]
) -> None:
    async with place.store() as serving:
        await serving.transact(KEY, opens())
        await asyncio.to_thread(migrated_by, next_ones[1], place)
        await serving.transact(KEY, counts)
        assert await serving.append_inbox(webhook("e1"))
        async with place.store() as started:
            assert await started.append_inbox(webhook("e2"))
            assert not await started.append_inbox(webhook("e1"))
    assert () == place.pending()
    place.migrate()  # as a service does before it starts, of whichever version it is


async def test_a_program_whose_schema_is_no_longer_served_changes_nothing_and_is_not_started(
    place: Place, next_ones: tuple[Version, ...]
) -> None:
    async with place.store() as serving:
        await serving.transact(KEY, opens())
        await asyncio.to_thread(migrated_by, next_ones[2], place)
        for call in (serving.transact(KEY, counts), serving.append_inbox(webhook("e1")), serving.ping()):
            with pytest.raises(StorageUnavailable) as refused:
                await call
            assert "start the newer version" in f"{refused.value} {refused.value.__cause__}"
        with pytest.raises(StorageUnavailable, match="start the newer version"):
            await place.store().__aenter__()
        with next_ones[1].in_this_process():  # the version before goes on, as its schema is served
            assert () == place.pending()
            async with place.store() as before:
                await before.transact(KEY, counts)
                assert [1, 2] == [entry.version for entry in await before.journal(KEY)]
                assert [] == await before.inbox(MERCHANT)
    for ask in (place.pending, place.migrate):
        with pytest.raises(StorageUnavailable, match="newer"):
            ask()


@pytest.mark.parametrize(
    ("head", "works"),
    [
        ("0013", True),
        ("0013.0011", True),
        ("0014.0013", True),
        ("0020.0005", True),
        ("0014", False),
        ("0015.0014", False),
        ("0012", False),
        ("0012.0010", False),
        ("9999", False),
        ("", False),
        ("0013-moved-0123456789abcdef", False),
    ],
)
@pytest.mark.parametrize("own", ["0013", "0013.0012"])
def test_the_id_of_a_schema_says_which_programs_work_in_it(
    monkeypatch: pytest.MonkeyPatch, own: str, head: str, works: bool
) -> None:
    monkeypatch.setattr(schema_head, "SCHEMA_HEAD", own)
    assert works is may_work_in([head])


@pytest.mark.parametrize("heads", [[], ["0013", "0014.0013"]])
def test_no_program_works_in_no_schema_or_in_two(monkeypatch: pytest.MonkeyPatch, heads: list[str]) -> None:
    monkeypatch.setattr(schema_head, "SCHEMA_HEAD", "0013")
    assert not may_work_in(heads)


def test_each_step_says_an_oldest_schema_that_those_before_it_leave() -> None:
    steps = [*ScriptDirectory.from_config(config_for()).walk_revisions()][::-1]
    oldest_until_now = "0001"
    for step in steps:
        found = re.fullmatch(r"(?P<made>[0-9]{4})(\.(?P<oldest>[0-9]{4}))?", step.revision)
        assert found, step.revision
        oldest = found["oldest"] or found["made"]
        assert oldest_until_now <= oldest <= found["made"], step.revision
        oldest_until_now = oldest
    assert OWN == steps[-1].revision.partition(".")[0]


def test_a_mark_of_a_move_fits_the_column_beside_both_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema_head, "SCHEMA_HEAD", "0014.0013")
    mark = schema_head.move_mark("0123456789abcdef")
    assert (32, "0014.0013") == (len(mark), schema_head.marked_schema(mark))
