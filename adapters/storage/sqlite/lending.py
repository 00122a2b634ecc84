"""A handler's transaction: it is lent the open connection, and the delivery is marked before it gets that.

The mark and all that the handler writes are one transaction, which only we begin and end. The lent connection refuses
`commit` and its like, and everything once the transaction is over. So a handler cannot keep its writes without the
mark, nor the mark without its writes.

A handler in a thread may outlive its transaction. SQLite's authorizer would ask Python while it holds SQLite's mutex,
and lock up with a thread that holds the interpreter and waits for that mutex. So each statement is looked at before
SQLite has it.
"""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NoReturn, Self

from paystate.adapters.storage.sql import outbox
from paystate.adapters.storage.sqlite.connections import begin, set_up, storage_errors
from paystate.adapters.storage.sqlite.running import run
from paystate.core.errors import ConcurrentUpdate, StorageUnavailable
from paystate.core.ports.outbox import DeliveryRow

_OURS: Final = re.compile(
    r"(?:\s|;|--[^\n]*(?:\n|$)|/\*.*?\*/)*(?:begin|commit|end|attach|detach|rollback(?!\b[^;]*\bto\b))\b",
    re.IGNORECASE | re.DOTALL,
)
"""What would end the transaction, or write to two files, which SQLite does not commit together."""
_SET_BY_US: Final = ("isolation_level", "autocommit")
"""To set one of these commits."""
_ASK_AGAIN_S: Final = 0.05


class LentConnection(sqlite3.Connection):
    """A connection that a handler gets; whoever lets go of it last closes it.

    That may be a thread which outlives the transaction, and which no other thread may close it under.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._at_work = threading.RLock()
        self._is_lent = self._is_over = False

    def __del__(self) -> None:
        self.close()

    @contextmanager
    def at_work(self, sql: str) -> Generator[None]:
        """One statement; refused where it is not the handler's to run."""
        with self._at_work:
            if self._is_over or (self._is_lent and not self.in_transaction):
                raise sqlite3.ProgrammingError("the handler's transaction is over")
            if self._is_lent and _OURS.match(sql):
                _refuse()
            yield

    def lend(self) -> None:
        """From here on it is a handler's; a savepoint tells whether the transaction is still ours at the end."""
        self.execute("savepoint paystate_delivery")
        self._is_lent = True

    def take_back(self) -> None:
        """Nothing more is run on it; what runs is interrupted."""
        self._is_over = True
        while not self._at_work.acquire(timeout=_ASK_AGAIN_S):
            self.interrupt()
        self._at_work.release()

    def run(self, sql: str) -> None:
        """Run a statement of ours, when it was taken back."""
        super().cursor().execute(sql)

    def undo(self) -> None:
        """Roll back."""
        super().rollback()

    def cursor(self, factory: Any = None) -> Any:
        """A cursor that looks at each statement; another kind of cursor is not given."""
        return super().cursor(LentCursor)

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        """One statement; Python's own would take another way than a cursor of ours."""
        cursor: sqlite3.Cursor = self.cursor().execute(sql, parameters)
        return cursor

    def executemany(self, sql: str, parameters: Any, /) -> sqlite3.Cursor:
        """One statement, several times."""
        cursor: sqlite3.Cursor = self.cursor().executemany(sql, parameters)
        return cursor

    def executescript(self, _: str, /) -> NoReturn:
        """Refused: Python would commit first."""
        _refuse()

    def commit(self) -> NoReturn:
        """Refused."""
        _refuse()

    def rollback(self) -> NoReturn:
        """Refused."""
        _refuse()

    def __enter__(self) -> Self:
        _refuse()

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _SET_BY_US:
            _refuse()
        super().__setattr__(name, value)


class LentCursor(sqlite3.Cursor):
    """A cursor of a lent connection."""

    def execute(self, sql: str, parameters: Any = (), /) -> Self:
        """One statement."""
        with self._lent.at_work(sql):
            return super().execute(sql, parameters)

    def executemany(self, sql: str, parameters: Any, /) -> Self:
        """One statement, several times."""
        with self._lent.at_work(sql):
            return super().executemany(sql, parameters)

    def executescript(self, _: str, /) -> NoReturn:
        """Refused: Python would commit first."""
        _refuse()

    @property
    def _lent(self) -> LentConnection:
        assert isinstance(self.connection, LentConnection)  # noqa: S101 - it makes no others; for the type checker
        return self.connection


def _refuse() -> NoReturn:
    raise sqlite3.ProgrammingError("a handler's transaction is ended by Paystate; return to keep it, raise to undo it")


def lend(path: Path, busy_timeout_s: float, row: DeliveryRow, now: datetime, outcome: str) -> LentConnection:
    """Begin the transaction and mark the delivery in it. The lock is held until `keep` or `undo`.

    Raises:
        ConcurrentUpdate: The delivery is not ours any more; nothing was begun.
        StorageUnavailable: Another process kept the lock for too long, or it cannot be opened.
    """
    with storage_errors("a handler's transaction"):
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=rw",
            uri=True,
            timeout=busy_timeout_s,
            isolation_level=None,
            check_same_thread=False,
            factory=LentConnection,
        )
        try:
            set_up(connection)
            begin(connection)
            if not run(connection, outbox.mark(row, now, outcome)):
                raise ConcurrentUpdate("the delivery is another process's, or has ended")
            connection.lend()
        except BaseException:
            connection.close()
            raise
    return connection


def keep(connection: LentConnection) -> None:
    """Commit; raises StorageUnavailable where the transaction was undone before, or cannot be committed."""
    connection.take_back()
    try:
        with storage_errors("committing a handler's transaction"):
            connection.run("release paystate_delivery")  # it is gone after `insert or rollback`, say
            connection.run("commit")
    except StorageUnavailable:
        undo(connection)
        raise


def undo(connection: LentConnection) -> None:
    """Roll back, and let nothing more be done on it, whoever still holds it."""
    connection.take_back()
    with suppress(sqlite3.Error):  # whatever it is, closing undoes it as well
        connection.undo()
