"""The consumer for code that is not async: the same turns over blocking connections."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
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


class BlockingDatabase(Protocol[TxT]):
    """`Database`, blocking."""

    def transaction(self) -> AbstractContextManager[TxT]:
        """A transaction: kept where the block ends, undone where it raises."""
        ...

    def changed(self, tx: TxT, statement: str, *values: str) -> int:
        """Run a statement of `taking`; returns how many rows it wrote."""
        ...

    def found(self, tx: TxT, statement: str, *values: str) -> str | None:
        """Run a query of `taking`; returns the one value that it finds."""
        ...


class BlockingConsumer(Generic[TxT]):
    """`Consumer`, blocking: the same promises.

    A handler has no time limit here, since nothing can interrupt it: set one in your database. A service that sends
    the head of an answer one byte at a time may outlast the time limit of a pull.
    """

    def __init__(
        self,
        feed: Feed,
        name: str,
        database: BlockingDatabase[TxT],
        handle: Callable[[Event, TxT], None],
        *,
        damaged: Callable[[Event, TxT], None] | None = None,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Make one; arguments and errors as of `Consumer`."""
        self._feed = feed
        self._name = taking.checked_name(name)
        self._database = database
        self._handle = handle
        self._damaged = damaged
        self._http = httpx.Client(transport=transport, trust_env=False)
        self._sleep = sleep
        self._clock = clock

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections to the service."""
        self._http.close()

    def run(self) -> NoReturn:
        """Take announcements for ever, until the process is ended. Faults are logged, and tried again after a pause."""
        failures = 0
        while True:
            try:
                self.step()
                failures = 0
            except Overtaken:
                _log.debug("overtaken by another consumer of the name")
                self._sleep(OVERTAKEN_PAUSE_S)
            except Exception as fault:  # noqa: BLE001 - the handler and the driver are the merchant's
                failures += 1
                wait_s = pause_s(failures, fault)
                _log.error("consumer %s goes on in %d s", self._name, wait_s, exc_info=fault)
                self._sleep(wait_s)

    def step(self) -> int:
        """Take one page of announcements; returns how many were handled or passed over; raises as `Consumer.step`."""
        position = self._position()
        page = self._pulled(position)
        for step in taking.steps(self._feed, page, position, takes_damaged=self._damaged is not None):
            self._take(step)
        return len(page.entries)

    def _position(self) -> str:
        with self._database.transaction() as tx:
            position = self._database.found(tx, taking.POSITION, self._name)
            if position is None:
                self._database.changed(tx, taking.BEGIN, self._name, BEGINNING)
        return position or BEGINNING

    def _pulled(self, position: str) -> Page:
        try:
            return self._pull(position)
        except CursorUnknown:
            _log.warning("the service runs on a restored backup; begins with the oldest announcement that is kept")
            return self._pull(BEGINNING)

    def _pull(self, after: str) -> Page:
        ends_at = self._clock() + self._feed.total_s
        body = bytearray()
        try:
            answer = self._http.send(self._feed.request(after), stream=True)
            with closing(answer):
                for chunk in answer.iter_bytes():
                    body += chunk
                    if len(body) > ANSWER_BYTES_MAX:
                        raise PullFailed("the answer is too large")
                    if self._clock() > ends_at:
                        raise PullFailed("the answer took too long")
        except httpx.HTTPError as fault:
            raise PullFailed("the service gave no answer") from fault
        return page_from(answer, bytes(body))

    def _take(self, step: Step) -> None:
        with self._database.transaction() as tx:
            if not self._database.changed(tx, taking.MOVE, step.new, self._name, step.old):
                raise Overtaken(f"another consumer is {self._name} too, and was first")
            if step.event is not None and self._is_new(tx, step.event):
                handle = self._damaged if step.is_damaged and self._damaged else self._handle
                handle(step.event, tx)

    def _is_new(self, tx: TxT, event: Event) -> bool:
        if self._database.found(tx, taking.IS_HANDLED, self._name, event["id"]) is not None:
            return False
        self._database.changed(tx, taking.NOTE, self._name, event["id"], event["timestamp"])
        return True
