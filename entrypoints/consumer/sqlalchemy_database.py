"""A merchant's database by SQLAlchemy 2, with its sessions or its connections."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, AbstractContextManager
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, cast

from attrs import frozen
from sqlalchemy import Connection, CursorResult, TextClause, text
from sqlalchemy.orm import Session

from paystate.entrypoints.consumer.taking import with_marks

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession  # They need greenlet, which not everybody has.

BlockingT = TypeVar("BlockingT", bound=Session | Connection)
AsyncT = TypeVar("AsyncT", bound="AsyncSession | AsyncConnection")


BegunT_co = TypeVar("BegunT_co", covariant=True)


class _Begins(Protocol[BegunT_co]):
    def begin(self) -> AbstractContextManager[BegunT_co]: ...


class _AsyncBegins(Protocol[BegunT_co]):
    def begin(self) -> AbstractAsyncContextManager[BegunT_co]: ...


@frozen
class SqlalchemyDatabase(Generic[BlockingT]):
    """For `BlockingConsumer`. A handler gets the session or connection, inside the transaction.

    Attributes:
        source: A `sessionmaker`, or an `Engine`.
    """

    source: _Begins[BlockingT]

    def transaction(self) -> AbstractContextManager[BlockingT]:
        """See `Database.transaction`."""
        return self.source.begin()

    def changed(self, tx: BlockingT, statement: str, *values: str) -> int:
        """See `Database.changed`."""
        return cast("CursorResult[Any]", tx.execute(*_bound(statement, values))).rowcount

    def found(self, tx: BlockingT, statement: str, *values: str) -> str | None:
        """See `Database.found`."""
        return cast("CursorResult[Any]", tx.execute(*_bound(statement, values))).scalar()


@frozen
class AsyncSqlalchemyDatabase(Generic[AsyncT]):
    """For `Consumer`. A handler gets the session or connection, inside the transaction.

    Attributes:
        source: An `async_sessionmaker`, or an `AsyncEngine`.
    """

    source: _AsyncBegins[AsyncT]

    def transaction(self) -> AbstractAsyncContextManager[AsyncT]:
        """See `Database.transaction`."""
        return self.source.begin()

    async def changed(self, tx: AsyncT, statement: str, *values: str) -> int:
        """See `Database.changed`."""
        return cast("CursorResult[Any]", await tx.execute(*_bound(statement, values))).rowcount

    async def found(self, tx: AsyncT, statement: str, *values: str) -> str | None:
        """See `Database.found`."""
        return cast("CursorResult[Any]", await tx.execute(*_bound(statement, values))).scalar()


def _bound(statement: str, values: tuple[str, ...]) -> tuple[TextClause, dict[str, str]]:
    return text(with_marks(statement, ":v{}".format)), {f"v{number}": one for number, one in enumerate(values, 1)}
