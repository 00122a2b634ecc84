"""The consumer for code that is async: pulls a page, and lets each announcement take effect exactly once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Final, Generic, NoReturn, Protocol, Self, TypeVar

import httpx

from paystate.entrypoints.consumer import taking
from paystate.entrypoints.consumer.feed import (
    ANSWER_BYTES_MAX,
    CursorUnknown,
    Event,
    Feed,
    Page,
    PullFailed,
    page_from,
)
from paystate.entrypoints.consumer.taking import BEGINNING, OVERTAKEN_PAUSE_S, Overtaken, Step, pause_s

_log: Final = logging.getLogger("paystate.consumer")

TxT = TypeVar("TxT")


class Database(Protocol[TxT]):
    """A database of the merchant's, as `Consumer` needs it. `TxT` is what handlers get of an open transaction."""

    def transaction(self) -> AbstractAsyncContextManager[TxT]:
        """A transaction: kept where the block ends, undone where it raises."""
        ...

    async def changed(self, tx: TxT, statement: str, *values: str) -> int:
        """Run a statement of `taking`; returns how many rows it wrote."""
        ...

    async def found(self, tx: TxT, statement: str, *values: str) -> str | None:
        """Run a query of `taking`; returns the one value that it finds."""
        ...


class Consumer(Generic[TxT]):
    """Takes announcements into a database, in order; what it handles takes effect exactly once.

    It may be ended at any time and in any way. Several processes may run one name: one of them takes each announcement,
    and another goes on where that one ends.

    A handler that raises stops what is behind it: the same announcement comes again after a pause.
    """

    def __init__(
        self,
        feed: Feed,
        name: str,
        database: Database[TxT],
        handle: Callable[[Event, TxT], Awaitable[None]],
        *,
        damaged: Callable[[Event, TxT], Awaitable[None]] | None = None,
        handler_timeout_s: int = 30,
        transport: httpx.AsyncBaseTransport | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Make one; nothing is sent before `step` or `run`.

        Args:
            name: Of what it does, such as `shipping`. Its cursor is kept under it.
            handle: Called with an announcement and the open transaction in which it takes effect.
            damaged: Called in its place where an announcement has no data; without it, the consumer waits there.
            handler_timeout_s: For one whole transaction.
            transport: The connections to the service, if not the usual ones. It is closed with the consumer.

        Raises:
            ValueInvalid: The name is none.
        """
        self._feed = feed
        self._name = taking.checked_name(name)
        self._database = database
        self._handle = handle
        self._damaged = damaged
        self._timeout_s = handler_timeout_s
        self._http = httpx.AsyncClient(transport=transport, trust_env=False)
        self._sleep = sleep

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections to the service."""
        await self._http.aclose()

    async def run(self) -> NoReturn:
        """Take announcements for ever; cancel it to end it. Faults are logged, and tried again after a pause."""
        failures = 0
        while True:
            try:
                await self.step()
                failures = 0
            except Overtaken:
                _log.debug("overtaken by another consumer of the name")
                await self._sleep(OVERTAKEN_PAUSE_S)
            except Exception as fault:  # noqa: BLE001 - the handler and the driver are the merchant's
                failures += 1
                wait_s = pause_s(failures, fault)
                _log.error("consumer %s goes on in %d s", self._name, wait_s, exc_info=fault)
                await self._sleep(wait_s)

    async def step(self) -> int:
        """Take one page of announcements; returns how many were handled or passed over.

        Raises:
            PullFailed: The service gave no page.
            Overtaken: Another consumer of the name was first; what was done until then is done.
            AnnouncementDamaged: The next announcement has no data.
            Exception: What the handler or the database raised, and TimeoutError; what was done before is done.
        """
        position = await self._position()
        page = await self._pulled(position)
        for step in taking.steps(self._feed, page, position, takes_damaged=self._damaged is not None):
            await self._take(step)
        return len(page.entries)

    async def _position(self) -> str:
        async with self._database.transaction() as tx:
            position = await self._database.found(tx, taking.POSITION, self._name)
            if position is None:
                await self._database.changed(tx, taking.BEGIN, self._name, BEGINNING)
        return position or BEGINNING

    async def _pulled(self, position: str) -> Page:
        try:
            return await self._pull(position)
        except CursorUnknown:
            _log.warning("the service runs on a restored backup; begins with the oldest announcement that is kept")
            return await self._pull(BEGINNING)

    async def _pull(self, after: str) -> Page:
        body = bytearray()
        try:
            async with asyncio.timeout(self._feed.total_s):
                answer = await self._http.send(self._feed.request(after), stream=True)
                try:
                    async for chunk in answer.aiter_bytes():
                        body += chunk
                        if len(body) > ANSWER_BYTES_MAX:
                            raise PullFailed("the answer is too large")
                finally:
                    await answer.aclose()
        except (httpx.HTTPError, TimeoutError) as fault:
            raise PullFailed("the service gave no answer") from fault
        return page_from(answer, bytes(body))

    async def _take(self, step: Step) -> None:
        async with asyncio.timeout(self._timeout_s), self._database.transaction() as tx:
            if not await self._database.changed(tx, taking.MOVE, step.new, self._name, step.old):
                raise Overtaken(f"another consumer is {self._name} too, and was first")
            if step.event is not None and await self._is_new(tx, step.event):
                handle = self._damaged if step.is_damaged and self._damaged else self._handle
                await handle(step.event, tx)

    async def _is_new(self, tx: TxT, event: Event) -> bool:
        if await self._database.found(tx, taking.IS_HANDLED, self._name, event["id"]) is not None:
            return False
        await self._database.changed(tx, taking.NOTE, self._name, event["id"], event["timestamp"])
        return True
