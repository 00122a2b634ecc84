"""The threads in which SQLite runs: one that writes, with group commit, and one that reads. They know no tables.

A caller that wants to write joins a list. While no commit runs, the whole list becomes one transaction; a caller that
comes during a commit is in the next one. There is no timer and no fixed size: a batch is what arrived while the disk
was syncing. If one caller's write fails, a savepoint undoes it alone.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from attrs import frozen

from paystate.adapters.storage.handling import refuse_in_handler
from paystate.adapters.storage.sqlite.connections import begin, storage_errors
from paystate.core.errors import StorageUnavailable

T = TypeVar("T")
Job = Callable[[sqlite3.Connection], Any]
Connect = Callable[[], sqlite3.Connection]


@frozen
class _End:
    """How one job ended. Errors travel as values: a future would refuse some of them, and complain of unread ones."""

    value: Any = None
    error: BaseException | None = None


@frozen
class _Waiting:
    job: Job
    end: asyncio.Future[_End]


@frozen
class _Running:
    """A thread and the connection that only it uses."""

    thread: ThreadPoolExecutor
    connection: sqlite3.Connection


class GroupWriter:
    """Runs jobs in one thread, as many as there are to a commit.

    Attributes:
        commits: Transactions committed since it was made.
    """

    def __init__(self, database: Path, waiting_max: int) -> None:
        self.commits = 0
        self._database = database
        self._waiting_max = waiting_max
        self._waiting: list[_Waiting] = []
        self._idle = asyncio.Event()  # clear from the first job that joins the list to the end of the last batch
        self._idle.set()
        self._running: _Running | None = None
        self._is_open = False

    async def open(self, connect: Connect) -> None:
        """Start the thread and connect in it; raises what `connect` raises."""
        self._running = await _started("paystate-write", connect)
        self._is_open = True

    async def close(self) -> None:
        """Take no more jobs, finish those that wait, disconnect."""
        self._is_open = False
        await self._idle.wait()
        running, self._running = self._running, None
        if running:
            await _stopped(running)

    async def run(self, job: Callable[[sqlite3.Connection], T]) -> T:
        """Run `job` inside a transaction; returns, or raises, once that is committed.

        A caller that is cancelled leaves; its job is done all the same.

        Raises:
            StorageUnavailable: The commit failed, too many jobs wait, or it is not open.
            WrongPlace: A handler asks for it, whose own transaction holds the lock.
        """
        refuse_in_handler(self._database)
        running = self._running
        if running is None or not self._is_open:
            raise StorageUnavailable("the store is not open")
        if len(self._waiting) >= self._waiting_max:
            raise StorageUnavailable("too many writes are waiting")
        loop = asyncio.get_running_loop()
        waiting = _Waiting(job, loop.create_future())
        self._waiting.append(waiting)
        if self._idle.is_set():
            self._idle.clear()
            loop.call_soon(self._start, loop, running)  # not at once: callers ready in this turn of the loop join in
        end = await waiting.end
        if end.error is not None:
            raise end.error
        value: T = end.value
        return value

    # From here on all is callbacks of the loop, without an await in between: no wake-up can get lost.

    def _start(self, loop: asyncio.AbstractEventLoop, running: _Running) -> None:
        batch, self._waiting = self._waiting, []
        jobs = [waiting.job for waiting in batch]
        try:
            done = loop.run_in_executor(running.thread, _run_batch, running.connection, jobs)
        except RuntimeError as error:  # the interpreter is shutting down
            self._finish(loop, running, batch, _all_lost(jobs, error))
        else:
            done.add_done_callback(lambda done: self._committed(loop, running, batch, done))

    def _committed(
        self,
        loop: asyncio.AbstractEventLoop,
        running: _Running,
        batch: Sequence[_Waiting],
        done: asyncio.Future[tuple[bool, Sequence[_End]]],
    ) -> None:
        committed, ends = done.result()
        self.commits += committed
        self._finish(loop, running, batch, ends)

    def _finish(
        self, loop: asyncio.AbstractEventLoop, running: _Running, batch: Sequence[_Waiting], ends: Sequence[_End]
    ) -> None:
        for waiting, end in zip(batch, ends, strict=True):
            if not waiting.end.done():  # its caller may have been cancelled
                waiting.end.set_result(end)
        if self._waiting:
            loop.call_soon(self._start, loop, running)  # after the callers just woken, whose next jobs come along
        else:
            self._idle.set()


class Reader:
    """Runs reads one after the other in one thread, beside the writer's."""

    def __init__(self) -> None:
        self._running: _Running | None = None

    async def open(self, connect: Connect) -> None:
        """Start the thread and connect in it; raises what `connect` raises."""
        self._running = await _started("paystate-read", connect)

    async def close(self) -> None:
        """Finish what was asked, disconnect."""
        running, self._running = self._running, None
        if running:
            await _stopped(running)

    async def run(self, read: Callable[[sqlite3.Connection], T]) -> T:
        """Run `read`; raises StorageUnavailable when that fails or it is not open."""
        if self._running is None:
            raise StorageUnavailable("the store is not open")
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._running.thread, _run_read, self._running.connection, read)


async def _started(name: str, connect: Connect) -> _Running:
    thread = ThreadPoolExecutor(1, thread_name_prefix=name)
    try:
        connection = await asyncio.get_running_loop().run_in_executor(thread, connect)
    except BaseException:
        thread.shutdown(wait=False)
        raise
    return _Running(thread, connection)


async def _stopped(running: _Running) -> None:
    await asyncio.get_running_loop().run_in_executor(running.thread, running.connection.close)
    running.thread.shutdown(wait=False)


# --- in the threads ---------------------------------------------------------------------------------------------------


def _run_read(connection: sqlite3.Connection, read: Callable[[sqlite3.Connection], T]) -> T:
    with storage_errors("a read"):
        return read(connection)


def _run_batch(connection: sqlite3.Connection, jobs: Sequence[Job]) -> tuple[bool, Sequence[_End]]:
    """Run all jobs in one transaction; returns whether it was committed, and each job's end. Never raises."""
    try:
        begin(connection)
        ends = [_run_one(connection, job) for job in jobs]
        connection.execute("commit")
    except BaseException as error:  # noqa: BLE001 - every caller must hear of it, whatever it is
        with suppress(sqlite3.Error):
            connection.rollback()
        return False, _all_lost(jobs, error)
    return True, ends


def _run_one(connection: sqlite3.Connection, job: Job) -> _End:
    connection.execute("savepoint job")
    try:
        with storage_errors("a write"):
            value = job(connection)
    except BaseException as error:
        if not connection.in_transaction:
            raise  # SQLite gave up the whole transaction (disk full, say): none of the batch is stored
        connection.execute("rollback to job")
        connection.execute("release job")
        return _End(error=error)
    connection.execute("release job")
    return _End(value)


def _all_lost(jobs: Sequence[Job], cause: BaseException) -> Sequence[_End]:
    return [_End(error=_lost(cause)) for _ in jobs]


def _lost(cause: BaseException) -> StorageUnavailable:
    error = StorageUnavailable("the write could not be committed; nothing was stored")
    error.__cause__ = cause
    return error
