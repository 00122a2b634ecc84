"""Transactions on PostgreSQL: run again where another one was in the way, and never in doubt about a commit.

A transaction that loses against another one, by a deadlock or by a unique key, has stored nothing, so its steps run
anew and find what the other one wrote. A commit whose answer does not come may or may not have happened. Each
transaction has a number, and the server knows for each how it ended; it is asked, and only one that was undone is run
again (I25).

A number is true for one run of one server. After a crash, the number of a transaction that has left nothing on the disk
is given to another one, and so it is on a standby that took over without it. Neither is asked about the old number.

A commit that waits for a standby is never called off, not even where its caller is cancelled. The server would say that
it is done, and everybody could see it, while the standby, which may take over any moment, does not have it. So it goes
on waiting, unseen, after we have left.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, nullcontext
from typing import Any, Final, TypeVar, cast

import asyncpg
from attrs import frozen

from paystate.adapters.storage.postgres.config import PostgresConfig
from paystate.adapters.storage.postgres.connections import Connection, Pool, Pooled, storage_errors
from paystate.adapters.storage.postgres.hosts import DRIVER_ERRORS
from paystate.adapters.storage.postgres.running import run
from paystate.adapters.storage.postgres.together import run_together
from paystate.adapters.storage.postgres.transaction_ids import HOW_IT_ENDED, TransactionId, id_of_transaction
from paystate.adapters.storage.sql.steps import Steps
from paystate.core.errors import CommitUnknown, StorageUnavailable

T = TypeVar("T")

AGAIN_MAX: Final = 5
"""How often a transaction is run again."""
ASKED_MAX: Final = 10
"""How often the server is asked how a transaction ended, while it is still at it or does not answer."""
_WAIT_MS: Final = 10
_NEVER_S: Final = 86_400.0
_AT_ONCE: Final = nullcontext()
_IN_THE_WAY: Final = (
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.UniqueViolationError,
    asyncpg.InvalidCachedStatementError,
)
_SNAPSHOT: Final = "select cast(pg_current_snapshot() as text)"
_SETTINGS_TOGETHER: Final = "; set local lock_timeout = 100; set local plan_cache_mode = force_generic_plan"
"""Of a group: who has to wait longer for a row does so alone, and what runs for each is planned once."""


class _InDoubt(Exception):
    """The answer to a commit did not come.

    Attributes:
        transaction: The one that was to be committed.
        value: What its steps have returned.
    """

    def __init__(self, transaction: TransactionId, value: object) -> None:
        super().__init__(transaction)
        self.transaction = transaction
        self.value = value


class _Undone(Exception):
    """Nothing of a transaction is stored, and it may be run again."""


@frozen
class Transactions:
    """Runs steps in transactions on a pool."""

    _pool: Pool
    _config: PostgresConfig

    async def write(self, steps: Callable[[], Steps[T]]) -> T:
        """Run steps and commit.

        Raises:
            StorageUnavailable: Nothing is stored.
            CommitUnknown: It may be stored, and nobody could be asked.
        """
        cause: BaseException | None = None
        for tries in range(AGAIN_MAX + 1):
            if tries:
                await _wait(tries)
            try:
                return await self._written(lambda connection: _alone(connection, steps))
            except _Undone as undone:
                cause = undone.__cause__
        raise StorageUnavailable("a write was undone too often; nothing was stored") from cause

    async def write_together(
        self, each: Sequence[Callable[[], Steps[T]]], turn: AbstractAsyncContextManager[None]
    ) -> Mapping[int, T]:
        """Run the steps of several callers and commit once; returns what they return, by their places.

        It has its turn until the commit is answered, or is in doubt.

        Those that are left out have stored nothing, and are to be run with `write`: all of them, if the transaction
        was undone, so that a fault of one does not fail the others.

        Raises:
            StorageUnavailable: Nothing is stored.
            CommitUnknown: Each may be stored, and nobody could be asked.
        """
        try:
            return await self._written(lambda connection: _together(connection, each), _SETTINGS_TOGETHER, turn)
        except _Undone:
            return {}

    async def read(self, steps: Callable[[], Steps[T]]) -> T:
        """Run steps that write nothing; once more where the connection turns out to be broken."""
        try:
            return await self._read(steps)
        except _Undone:
            with _undone_is_unavailable("a read"):
                return await self._read(steps)

    async def snapshot(self) -> str:
        """Which transactions of the server have ended: another text as soon as one more has.

        Raises:
            StorageUnavailable: The server cannot be asked.
        """
        with storage_errors("looking whether anything was committed"):
            async with self._pool.acquire(timeout=self._config.timeout_s) as connection:
                found: str = await connection.fetchval(_SNAPSHOT)
                return found

    @asynccontextmanager
    async def lent(self) -> AsyncGenerator[Pooled]:
        """A connection inside a transaction that is committed at the end of a block, unless that raises.

        Raises:
            StorageUnavailable: Nothing is stored.
            CommitUnknown: It may be stored, and nobody could be asked.
        """
        with _undone_is_unavailable("a handler's transaction"):
            try:
                async with self._begun() as connection:
                    yield connection
                    with storage_errors("committing a handler's transaction"):
                        with _undone_if_in_the_way(connection):
                            transaction = await id_of_transaction(connection)
                        await self._commit(connection, transaction)
            except _InDoubt as doubt:
                await self._resolve(doubt)

    async def _written(
        self,
        work: Callable[[Connection], Awaitable[tuple[T, TransactionId]]],
        settings: str = "",
        turn: AbstractAsyncContextManager[None] = _AT_ONCE,
    ) -> T:
        """Commit what `work` does, which also says in which transaction."""
        with storage_errors("a write"):
            try:
                async with turn, self._begun(settings) as connection:
                    with _undone_if_in_the_way(connection):
                        value, transaction = await work(connection)
                    await self._commit(connection, transaction, value)
            except _InDoubt as doubt:  # the connection is given back by now, as another is needed
                await self._resolve(doubt)
                return cast("T", doubt.value)
            return value

    async def _read(self, steps: Callable[[], Steps[T]]) -> T:
        with storage_errors("a read"):
            async with self._begun(read_only=True) as connection:
                with _undone_if_in_the_way(connection):
                    return await run(connection, steps())

    @asynccontextmanager
    async def _begun(self, settings: str = "", *, read_only: bool = False) -> AsyncGenerator[Pooled]:
        """A connection inside a transaction, which is undone unless it is committed."""
        with storage_errors("connecting"):
            connection = await self._pool.acquire(timeout=self._config.timeout_s)
        try:
            with _undone_if_in_the_way(connection), storage_errors("beginning a transaction"):
                await connection.execute(_begin(self._config.timeout_s, read_only=read_only) + settings)
            yield connection
        finally:
            await self._end(connection)

    async def _end(self, connection: Pooled) -> None:
        try:
            if not _is_gone(connection) and connection.is_in_transaction():
                await connection.execute("rollback")
        except DRIVER_ERRORS:
            if not _is_gone(connection):
                connection.terminate()  # somebody is still at it: the server undoes it when nobody is there
        finally:  # also for a caller that is cancelled meanwhile
            await self._pool.release(connection, timeout=self._config.timeout_s)

    async def _commit(self, connection: Pooled, transaction: TransactionId, value: object = None) -> None:
        leaving = asyncio.get_running_loop().call_later(2 * self._config.timeout_s, connection.terminate)
        commit = asyncio.ensure_future(connection.execute("commit", timeout=_NEVER_S))  # a timeout would call it off
        commit.add_done_callback(heard)
        try:
            await asyncio.wait([commit])  # which does not pass a cancellation on: the driver would call it off
            ended = commit.result()
        except asyncio.CancelledError:
            connection.terminate()
            raise
        except DRIVER_ERRORS as error:  # a server that is shut off may say so, and has committed all the same
            raise _InDoubt(transaction, value) from error
        finally:
            leaving.cancel()
        if ended != "COMMIT":
            raise StorageUnavailable("the write could not be committed; nothing was stored")

    async def _resolve(self, doubt: _InDoubt) -> None:
        """Find out how a transaction ended, by asking the server on another connection; raises _Undone."""
        if doubt.transaction.number is None:
            return
        for tries in range(ASKED_MAX):
            match await self._asked(doubt.transaction):
                case "committed":
                    return
                case "aborted":
                    raise _Undone from doubt.__cause__
                case "forgotten":
                    break
                case _:
                    await _wait(tries)
        raise CommitUnknown("the answer to a commit was lost, and the database cannot be asked: it may be stored")

    async def _asked(self, transaction: TransactionId) -> str | None:
        """What the server says of `HOW_IT_ENDED`; None where there is no answer."""
        try:
            with storage_errors("asking how a transaction ended"):
                async with self._begun(read_only=True) as connection:
                    with _undone_if_in_the_way(connection):
                        how: str | None = await connection.fetchval(HOW_IT_ENDED, *transaction)
                    return how
        except (StorageUnavailable, _Undone):
            return None


async def _alone(connection: Connection, steps: Callable[[], Steps[T]]) -> tuple[T, TransactionId]:
    value = await run(connection, steps())
    return value, await id_of_transaction(connection)


async def _together(
    connection: Connection, each: Sequence[Callable[[], Steps[T]]]
) -> tuple[Mapping[int, T], TransactionId]:
    try:
        return await run_together(connection, [steps() for steps in each])
    except OSError:  # no answer in time, say: there is none for one alone either
        raise
    except Exception as error:
        raise _Undone from error


@contextmanager
def _undone_if_in_the_way(connection: Pooled) -> Generator[None]:
    """Before a commit: what another transaction, or a broken connection, has kept from being done."""
    try:
        yield
    except _IN_THE_WAY as error:
        raise _Undone from error
    except TimeoutError:
        connection.terminate()  # the server gives up first; one that answers nothing at all is asked nothing more
        raise
    except Exception as error:
        if _is_gone(connection):
            raise _Undone from error
        raise


@contextmanager
def _undone_is_unavailable(operation: str) -> Generator[None]:
    try:
        yield
    except _Undone as undone:
        raise StorageUnavailable(f"{operation} failed in the database") from undone.__cause__


def _is_gone(connection: Pooled) -> bool:
    """Whether a connection is broken; the pool takes such a one back at once, and then it cannot even be asked."""
    try:
        return connection.is_closed()
    except asyncpg.InterfaceError:
        return True


def _begin(timeout_s: float, *, read_only: bool) -> str:
    """One round trip; what is set ends with the transaction."""
    kind = "read only" if read_only else "read write"
    ms = round(1000 * timeout_s)
    return (
        f"begin isolation level read committed {kind}; set local lock_timeout = {ms}; "
        f"set local statement_timeout = {ms}; set local idle_in_transaction_session_timeout = {2 * ms}"
    )


def heard(ended: asyncio.Future[Any]) -> None:
    """Of what goes on without its caller, who may have left: nobody else asks how it ended."""
    if not ended.cancelled():
        ended.exception()


async def _wait(tries: int) -> None:
    """Longer with each try, and not as long as others who wait for the same."""
    await asyncio.sleep(secrets.randbelow(_WAIT_MS << tries) / 1000)
