"""A merchant's program on each kind of database: its handler writes one row for each announcement that it ships."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager, closing, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
import django
import psycopg
from attrs import define, field
from django.conf import settings
from django.db import connections
from integration.consumer.shelf import KEY, Shelf
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import create_engine, text
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import sessionmaker

from paystate.entrypoints.consumer import TABLES, BlockingConsumer, Consumer, Event, Feed
from paystate.entrypoints.consumer.asyncpg_database import AsyncpgDatabase
from paystate.entrypoints.consumer.django_database import DjangoDatabase
from paystate.entrypoints.consumer.psycopg_database import AsyncPsycopgDatabase, PsycopgDatabase
from paystate.entrypoints.consumer.sqlalchemy_database import AsyncSqlalchemyDatabase, SqlalchemyDatabase

SHIP = "insert into shipments (order_id) values ('{}')"
DROP = "drop table if exists paystate_cursors, paystate_handled, shipments"
SHIPMENTS = "create table shipments (order_id varchar(64) not null)"


class HandlerBroke(Exception):
    """What the merchant's code raises."""


@define
class Merchant:
    """A consumer over a shelf, and what it wrote.

    Attributes:
        broken: Order ids at which the handler raises, when it has written.
        query: Runs a statement beside the consumer, and returns the first column.
    """

    database: Any
    is_blocking: bool
    query: Callable[[str], list[Any]]
    shelf: Shelf = field(factory=Shelf)
    broken: set[str] = field(factory=set[str])

    def ship(self, event: Event, tx: Any) -> Any:
        """The handler; its statement is each driver's own."""
        statement = SHIP.format(event["data"]["order_id"])
        if isinstance(self.database, SqlalchemyDatabase | AsyncSqlalchemyDatabase):
            done = tx.execute(text(statement))
        elif isinstance(self.database, DjangoDatabase):
            with tx.cursor() as cursor:
                done = cursor.execute(statement)
        else:
            done = tx.execute(statement)
        if self.is_blocking:
            return self._broken_at(event)
        return self._shipped(done, event)

    async def _shipped(self, done: Awaitable[Any], event: Event) -> None:
        await done
        self._broken_at(event)

    def _broken_at(self, event: Event) -> None:
        if event["data"]["order_id"] in self.broken:
            raise HandlerBroke

    def consumer(self, name: str = "shipping", *, feed: dict[str, Any] | None = None, **more: Any) -> Any:
        """A consumer on the shelf, not asked to wait."""
        given: dict[str, Any] = {"url": "http://127.0.0.1:1", "api_key": KEY, "wait_s": 0, **(feed or {})}
        of = Feed(**given)
        kind: Any = BlockingConsumer if self.is_blocking else Consumer
        return kind(of, name, self.database, more.pop("handle", self.ship), transport=self.shelf.transport, **more)

    async def step(self, **more: Any) -> int:
        """One turn of a consumer."""
        return await self.wait_for(self.consumer(**more).step)

    async def wait_for(self, call: Callable[[], Any]) -> Any:
        """What a method of the consumer returns; one that blocks has a thread, as Django wants it."""
        return await asyncio.to_thread(self._in_thread, call) if self.is_blocking else await call()

    def _in_thread(self, call: Callable[[], Any]) -> Any:
        try:
            return call()
        finally:
            if isinstance(self.database, DjangoDatabase):
                connections[self.database.alias].close()  # each thread has its own

    @property
    def shipped(self) -> list[str]:
        return self.query("select order_id from shipments")

    @property
    def position(self) -> list[str]:
        return self.query("select position from paystate_cursors")

    @property
    def handled(self) -> list[str]:
        return self.query("select event_id from paystate_handled order by announced_at")


# --- each kind of database


def in_postgres(dsn: str, statement: str) -> list[Any]:
    with psycopg.connect(dsn, autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return [row[0] for row in cursor.fetchall()] if cursor.description else []


def in_sqlite(path: Path, statement: str) -> list[Any]:
    with closing(sqlite3.connect(path)) as connection, connection:
        return [row[0] for row in connection.execute(statement).fetchall()]


@asynccontextmanager
async def by_asyncpg(dsn: str) -> AsyncGenerator[Any]:
    async with asyncpg.create_pool(dsn, min_size=1, max_size=4) as pool:
        yield AsyncpgDatabase(pool)


@contextmanager
def by_django(of: dict[str, str], alias: str = "shop") -> Generator[DjangoDatabase]:
    if not settings.configured:
        settings.configure(DATABASES={}, LOGGING_CONFIG=None)
        django.setup()
    handler: Any = connections
    before = dict(handler.settings)
    handler.settings[alias] = handler.configure_settings({"default": {}, alias: of})[alias]
    try:
        yield DjangoDatabase(alias)
    finally:
        handler.settings.clear()
        handler.settings.update(before)


@asynccontextmanager
async def by_async_sqlalchemy(dsn: str) -> AsyncGenerator[Any]:
    engine = create_async_engine("postgresql+asyncpg://", async_creator=partial(asyncpg.connect, dsn))
    yield AsyncSqlalchemyDatabase(async_sessionmaker(engine))
    await engine.dispose()


@contextmanager
def by_sqlalchemy(source: Any) -> Generator[Any]:
    engine = (
        create_engine(source) if isinstance(source, str) else create_engine("postgresql+psycopg://", creator=source)
    )
    yield SqlalchemyDatabase(sessionmaker(engine))
    engine.dispose()


@asynccontextmanager
async def async_psycopg(dsn: str) -> AsyncGenerator[Any]:
    connection = await psycopg.AsyncConnection.connect(dsn)
    async with connection:
        yield connection


ON_SQLITE = ("Django on SQLite", "SQLAlchemy on SQLite")
ON_POSTGRES = ("asyncpg", "psycopg", "async psycopg", "SQLAlchemy", "async SQLAlchemy", "Django")


@asynccontextmanager
async def merchant(kind: str, dsn: str, folder: Path) -> AsyncGenerator[Merchant]:
    """A merchant with empty tables."""
    path = folder / "shop.sqlite3"
    query = partial(in_sqlite, path) if kind in ON_SQLITE else partial(in_postgres, dsn)
    for statement in (*([] if kind in ON_SQLITE else [DROP]), *TABLES, SHIPMENTS):
        query(statement)
    database = conninfo_to_dict(dsn)
    postgres = {
        "ENGINE": "django.db.backends.postgresql", "NAME": str(database["dbname"]), "USER": str(database["user"]),
        "HOST": str(database["host"]),
    }  # fmt: skip
    opening: dict[str, Callable[[], Any]] = {
        "asyncpg": lambda: by_asyncpg(dsn),
        "psycopg": lambda: nullcontext(PsycopgDatabase(partial(psycopg.connect, dsn))),
        "async psycopg": lambda: nullcontext(AsyncPsycopgDatabase(partial(async_psycopg, dsn))),
        "SQLAlchemy": lambda: by_sqlalchemy(partial(psycopg.connect, dsn)),
        "async SQLAlchemy": lambda: by_async_sqlalchemy(dsn),
        "Django": lambda: by_django(postgres),
        "Django on SQLite": lambda: by_django({"ENGINE": "django.db.backends.sqlite3", "NAME": str(path)}),
        "SQLAlchemy on SQLite": lambda: by_sqlalchemy(f"sqlite:///{path}"),
    }
    opened = opening[kind]()
    is_blocking = kind not in ("asyncpg", "async psycopg", "async SQLAlchemy")
    if hasattr(opened, "__aenter__"):
        async with opened as found:
            yield Merchant(found, is_blocking, query)
    else:
        with opened as found:
            yield Merchant(found, is_blocking, query)
