"""A merchant's database by Django, which knows transactions only where code is not async."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from importlib import import_module
from typing import Any, Protocol, cast

from attrs import frozen

from paystate.entrypoints.consumer.taking import with_marks


class _Cursor(Protocol):
    rowcount: int

    def execute(self, sql: str, params: Sequence[str]) -> object: ...

    def fetchone(self) -> tuple[Any, ...] | None: ...


class DjangoConnection(Protocol):
    """What is used of a connection of Django's, which has no types of its own."""

    def cursor(self) -> AbstractContextManager[_Cursor]:
        """A cursor of the connection."""
        ...

    def close_if_unusable_or_obsolete(self) -> None:
        """Let go of a connection that the database has closed, or that is older than the settings allow."""
        ...


class _Transactions(Protocol):
    def atomic(self, using: str, *, durable: bool) -> AbstractContextManager[object]: ...


@frozen
class DjangoDatabase:
    """For `BlockingConsumer`. A handler gets the connection, inside the transaction, in which models are saved too.

    Attributes:
        alias: Of the database, in `DATABASES`.
    """

    alias: str = "default"

    @contextmanager
    def transaction(self) -> Generator[DjangoConnection]:
        """See `Database.transaction`."""
        connections = cast("Mapping[str, DjangoConnection]", import_module("django.db").connections)
        transactions = cast("_Transactions", import_module("django.db.transaction"))
        connections[self.alias].close_if_unusable_or_obsolete()  # no request ends here, where Django would do it
        with transactions.atomic(self.alias, durable=True):
            yield connections[self.alias]

    def changed(self, tx: DjangoConnection, statement: str, *values: str) -> int:
        """See `Database.changed`."""
        with tx.cursor() as cursor:
            cursor.execute(_marked(statement), values)
            return cursor.rowcount

    def found(self, tx: DjangoConnection, statement: str, *values: str) -> str | None:
        """See `Database.found`."""
        with tx.cursor() as cursor:
            cursor.execute(_marked(statement), values)
            row = cursor.fetchone()
        return None if row is None else row[0]


def _marked(statement: str) -> str:
    return with_marks(statement, lambda _: "%s")
