"""Group commit: the writes of several callers in one transaction, so that one answer of the disk is for all of them.

What comes in one turn of the event loop, or while the group before is under way, is the next group. There is no timer,
and nobody waits for others to come. Those before it are waited for as long as for a free connection.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from contextvars import Context
from typing import Any, Final, TypeVar

from attrs import frozen

from paystate.adapters.storage.postgres.transactions import Transactions
from paystate.adapters.storage.sql.steps import Steps
from paystate.core.errors import StorageUnavailable

T = TypeVar("T")

GROUP_MAX: Final = 100
"""Writes of one group at most: it is answered as a whole, and keeps other processes from what it touches meanwhile."""


@frozen
class _Group:
    each: list[Callable[[], Steps[Any]]]
    ended: asyncio.Task[Mapping[int, Any]]


class GroupCommit:
    """Puts writes together, one group after the other. How many may wait is for the store to say."""

    def __init__(self, transactions: Transactions, timeout_s: float) -> None:
        self._transactions = transactions
        self._timeout_s = timeout_s
        self._gathering: _Group | None = None
        self._turn = asyncio.Lock()

    async def write(self, steps: Callable[[], Steps[T]]) -> T:
        """Run steps in the next group's transaction; in one of their own where the group has not done them.

        Raises:
            StorageUnavailable: Nothing is stored.
            CommitUnknown: It may be stored, and nobody could be asked.
        """
        group = self._joined()
        place = len(group.each)
        group.each.append(steps)
        ended = await group.ended
        if place not in ended:
            return await self._transactions.write(steps)
        value: T = ended[place]
        return value

    def _joined(self) -> _Group:
        group = self._gathering
        if group is None or len(group.each) == GROUP_MAX:
            each = list[Callable[[], Steps[Any]]]()
            committed = self._transactions.write_together(each, self._turn_of(each))
            ended = asyncio.create_task(committed, context=Context())  # it is no single caller's, nor is what it logs
            self._gathering = group = _Group(each, ended)
        return group

    @asynccontextmanager
    async def _turn_of(self, each: list[Callable[[], Steps[Any]]]) -> AsyncGenerator[None]:
        try:
            async with asyncio.timeout(self._timeout_s):
                await self._turn.acquire()
        except TimeoutError as error:
            raise StorageUnavailable("the writes before it take too long; nothing was stored") from error
        finally:
            if self._gathering is not None and self._gathering.each is each:
                self._gathering = None  # who comes from here on is in the next one
        try:
            yield
        finally:
            self._turn.release()
