"""The worker: drains the inbox, processes what is due, delivers announcements, and sweeps what is old away.

Any number of copies may run.

It is a pool. Each order is processed in a task of its own, so an answer that does not come keeps only its own order
waiting. Each merchant has a share of the pool, and part of that is kept for what somebody waits for. The use cases do
the work on an order; whatever fails stays due.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncGenerator, Callable, Hashable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import Final

import attrs
from attrs import define, field

from paystate.core.errors import PortError, RecordUnreadable
from paystate.core.ids import OrderKey
from paystate.core.ports.store import InboxRow, InboxVerdict
from paystate.core.retention import NOTHING, quota_of
from paystate.core.use_cases.context import policy_for
from paystate.core.use_cases.process_due_order import process_due_order
from paystate.core.use_cases.webhooks import follow_webhook
from paystate.entrypoints.service.deliverer import Deliverer
from paystate.entrypoints.service.heart import Heart
from paystate.entrypoints.service.sweeper import Sweeper
from paystate.entrypoints.setup.logs import Logger, place_of
from paystate.entrypoints.setup.runtime import Runtime

_log: Final = Logger("paystate.worker")

IDLE_S: Final = 0.2
"""Real seconds between two steps that find nothing to do, unless something is stored meanwhile."""
NOTICE_S: Final = 0.05
"""Real seconds between two glances at whether something is."""
INBOX_BATCH: Final = 100
"""Webhooks settled in a step; of each merchant an equal share."""
ORDERS_AT_ONCE: Final = 128
"""Orders processed side by side; each may wait for Juspay. No merchant gets more of it than is left free."""
URGENT_AT_ONCE: Final = 16
"""Of one merchant: orders that somebody waits for."""
OTHERS_AT_ONCE: Final = 8
"""Of one merchant: orders that are merely due."""
SET_ASIDE: Final = timedelta(minutes=10)
"""How long this worker leaves an order alone at which it failed. That is not stored: another program may do better."""
ASIDE_MAX: Final = 1000
"""Orders that are left alone at a time; the first ones make room."""
FAILURES_MAX: Final = 5
"""How often the program may fail at a webhook; then it is quarantined, as others of its order wait behind it."""
DEAD_AFTER_S: Final = 60
"""A worker that has made no step for so long does not work any more; a step itself waits for the storage at most."""


@define
class _Lane:
    """The orders in process that somebody waits for, or all others.

    Attributes:
        merchant_most: How many of them may be one merchant's.
    """

    urgent: bool
    merchant_most: int
    keys: set[OrderKey] = field(factory=set[OrderKey])

    def merchants_at_limit(self, free: int) -> set[str]:
        """The merchants of whom no more may be begun while so many places are free."""
        most = min(self.merchant_most, free)
        return {merchant_id for merchant_id, running in self._running().items() if running >= most}

    def _running(self) -> Counter[str]:
        return Counter(key.merchant_id for key in self.keys)


class Worker:
    """One copy of the worker."""

    def __init__(self, runtime: Runtime, *, idle_s: float = IDLE_S) -> None:
        """A worker of `runtime`'s merchants that pauses for `idle_s` when it finds nothing."""
        self._runtime = runtime
        self._idle_s = idle_s
        self._stopped = asyncio.Event()
        self._awake = asyncio.Event()
        self._lanes = (_Lane(True, URGENT_AT_ONCE), _Lane(False, OTHERS_AT_ONCE))
        self._tasks: set[asyncio.Task[bool]] = set()
        self._failures = Counter[int]()
        self._aside: dict[OrderKey, datetime] = {}
        self._done = 0
        self._sweeper = Sweeper(runtime)
        self._heart = Heart(runtime.ports)
        self._deliverer = Deliverer(runtime, ended=self._ended)
        self._stepped_at = float("-inf")

    @property
    def beside(self) -> list[Callable[[], bool]]:
        """Of each worker of this process: whether it works."""
        return self._runtime.workers

    @property
    def in_process(self) -> int:
        """How many orders are being processed."""
        return len(self._tasks)

    def is_working(self) -> bool:
        """Whether it has made a step lately."""
        return asyncio.get_running_loop().time() - self._stepped_at < DEAD_AFTER_S

    def stop(self) -> None:
        """Let `run` end when the orders in process are done; what else is due stays due."""
        self._stopped.set()
        self._awake.set()

    async def run(self) -> None:
        """Step after step, until stopped. A failure is waited out, never fatal: a service would go on without it."""
        while not self._stopped.is_set():
            self._awake.clear()
            before = await self._changes()
            if not await self._tried_step():
                await self._rest(before)
        await self._finish()

    async def step(self) -> int:
        """Settle webhooks, begin to process and to deliver what is due and has a place, and sweep now and then.

        Returns:
            How many webhooks were settled, announcements queued, and orders and deliveries done since the last step.

        Raises:
            StorageUnavailable: Nothing is lost; what was not settled is still due.
        """
        await self._deliverer.subscribe()
        settled = await self._drain_inbox()
        for lane in self._lanes:
            await self._fill(lane)
        queued = await self._deliver()
        await self._sweep()
        done, self._done = self._done, 0
        self._stepped_at = asyncio.get_running_loop().time()
        self._heart.step_done()
        return settled + queued + done

    async def turn(self) -> int:
        """A step, and the end of everything that it has begun, for whoever drives the worker by hand."""
        done = await self.step()
        await self._finish()
        done, self._done = done + self._done, 0
        return done

    async def _tried_step(self) -> int:
        try:
            return await self.step()
        except PortError as failed:
            _log.warning("step failed", fault=type(failed).__name__)
        except Exception as fault:  # noqa: BLE001
            _log.error("step failed", fault=place_of(fault))
        return 0

    async def _drain_inbox(self) -> int:
        rows = await self._runtime.ports.store.take_inbox(limit=INBOX_BATCH)
        self._failures = Counter({row.id: self._failures[row.id] for row in rows})
        of_order: defaultdict[tuple[str, str | None], list[InboxRow]] = defaultdict(list)
        for row in rows:
            of_order[row.merchant_id, row.order_key].append(row)
        settled = await asyncio.gather(*map(self._settle, of_order.values()))
        verdicts = [verdict for some in settled for verdict in some]
        if quarantined := Counter(verdict for verdict in verdicts if verdict != InboxVerdict.LOOKED):
            _log.warning("webhooks quarantined", verdicts=dict(quarantined))
        return len(verdicts)

    async def _settle(self, rows: Sequence[InboxRow]) -> list[InboxVerdict]:
        """Settle webhooks of one order one after the other, as they came; after a failure the rest still waits."""
        verdicts: list[InboxVerdict] = []
        for row in rows:
            if (verdict := await self._followed(row)) is InboxVerdict.WAITING:
                break
            self._runtime.watch.webhook_settled(row, verdict, self._runtime.ports.clock.now())
            verdicts.append(verdict)
        return verdicts

    async def _followed(self, row: InboxRow) -> InboxVerdict:
        """The verdict on a webhook; after a failure it waits, unless it is the last that is allowed.

        A record that cannot be read may be a newer program's, who can: the webhook is left to it.
        """
        at, key = self._runtime, OrderKey(row.merchant_id, row.order_key or "")
        if self._is_aside(key):
            return InboxVerdict.WAITING
        try:
            with at.watch.step("settle webhook", row.merchant_id, row.order_key or ""):
                return await follow_webhook(at.ports, at.merchants, at.read_webhook, row)
        except RecordUnreadable as damaged:
            _log.error("webhook failed", merchant_id=row.merchant_id, fault=str(damaged))
            self._set_aside(key)
            return InboxVerdict.WAITING
        except PortError as failed:
            _log.warning("webhook not settled", merchant_id=row.merchant_id, fault=type(failed).__name__)
            return InboxVerdict.WAITING
        except Exception as fault:  # noqa: BLE001
            _log.error("webhook failed", merchant_id=row.merchant_id, fault=place_of(fault))
        return await self._failed_at(row)

    async def _failed_at(self, row: InboxRow) -> InboxVerdict:
        self._failures[row.id] += 1
        if self._failures[row.id] < FAILURES_MAX:
            return InboxVerdict.WAITING
        try:
            quota = quota_of(policy_for(self._runtime.merchants, row.merchant_id))
            await self._runtime.ports.store.end_inbox(row.id, InboxVerdict.NOT_FOLLOWED, quota=quota)
        except Exception as fault:  # noqa: BLE001 - whatever it is, all others go on
            _log.error("webhook not quarantined", merchant_id=row.merchant_id, fault=place_of(fault))
            return InboxVerdict.WAITING
        return InboxVerdict.NOT_FOLLOWED

    async def _fill(self, lane: _Lane) -> None:
        """Begin what is due until nothing more is, or has a place."""
        ports, has_begun = self._runtime.ports, True
        while has_begun and (free := ORDERS_AT_ONCE - len(self._tasks)) > 0:
            limit = free + len(lane.keys) + len(self._aside)  # those in process may still be due, and those left alone
            at_limit = lane.merchants_at_limit(free)
            due = await ports.store.due(ports.clock.now(), urgent=lane.urgent, without=at_limit, limit=limit)
            begun = [self._begin(lane, key) for key in due]
            has_begun = any(begun)

    def _begin(self, lane: _Lane, key: OrderKey) -> bool:
        free = ORDERS_AT_ONCE - len(self._tasks)
        if self._stopped.is_set() or key in lane.keys or key.merchant_id in lane.merchants_at_limit(free) or free <= 0:
            return False
        if self._is_aside(key):
            return False
        lane.keys.add(key)
        if not lane.urgent:
            self._runtime.watch.not_hinted(key)
        task = asyncio.create_task(self._process(key))
        self._tasks.add(task)
        task.add_done_callback(lambda _: self._end(lane, key, task))
        return True

    def _end(self, lane: _Lane, key: OrderKey, task: asyncio.Task[bool]) -> None:
        lane.keys.discard(key)
        self._tasks.discard(task)
        if not task.cancelled() and task.result():
            self._ended()

    def _ended(self) -> None:
        """Something was done, so there may be more to do."""
        self._done += 1
        self._awake.set()

    async def _process(self, key: OrderKey) -> bool:
        try:
            with self._runtime.watch.step("process order", key.merchant_id, key.order_id):
                is_more = await process_due_order(self._runtime.ports, self._runtime.merchants, key)
        except RecordUnreadable as damaged:
            _log.error("order failed", fault=str(damaged), order_id=key.order_id, merchant_id=key.merchant_id)
        except PortError as failed:
            _log.warning("no answer", order_id=key.order_id, merchant_id=key.merchant_id, fault=type(failed).__name__)
            return False
        except Exception as fault:  # noqa: BLE001
            # One order that breaks the program must not keep the worker from all others.
            _log.error("order failed", fault=place_of(fault), order_id=key.order_id, merchant_id=key.merchant_id)
        else:
            self._runtime.watch.processed(key, self._runtime.ports.clock.now())
            return is_more
        self._set_aside(key)
        return False

    def _set_aside(self, key: OrderKey) -> None:
        """Without that it stays the one that is longest due, and some of the kind take all their merchant's places."""
        self._aside[key] = self._runtime.ports.clock.now() + SET_ASIDE
        if len(self._aside) > ASIDE_MAX:
            del self._aside[next(iter(self._aside))]

    def _is_aside(self, key: OrderKey) -> bool:
        until = self._aside.get(key)
        if until is not None and self._runtime.ports.clock.now() >= until:
            del self._aside[key]
        return key in self._aside

    async def _deliver(self) -> int:
        """Begin to tell merchants; orders go on whatever becomes of it."""
        try:
            return await self._deliverer.step()
        except PortError as failed:
            _log.warning("announcements not delivered", fault=type(failed).__name__)
        except Exception as fault:  # noqa: BLE001
            _log.error("announcements not delivered", fault=place_of(fault))
        return 0

    async def _sweep(self) -> None:
        """Take a batch of old webhooks away, if one is due; orders go on whatever becomes of it."""
        try:
            swept = await self._sweeper.tick()
        except PortError as failed:
            _log.warning("not swept", fault=type(failed).__name__)
        except Exception as fault:  # noqa: BLE001
            _log.error("not swept", fault=place_of(fault))
        else:
            if swept != NOTHING:
                _log.info("swept", **attrs.asdict(swept))

    async def _rest(self, before: Hashable) -> None:
        """Until an order is done, something was stored since `before` was read, or for a while."""
        loop = asyncio.get_running_loop()
        ends = loop.time() + self._idle_s
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._awake.wait(), min(NOTICE_S, ends - loop.time()))
                return
            if loop.time() >= ends or before != await self._changes():
                return

    async def _changes(self) -> Hashable:
        """What the store says of commits; while it says nothing, nothing is known to have changed."""
        try:
            return await self._runtime.ports.store.changes()
        except Exception as fault:  # noqa: BLE001 - the worker then looks as often as it rests
            _log.warning("no glance", fault=type(fault).__name__)
            return None

    async def _finish(self) -> None:
        if self._tasks:
            await asyncio.wait(self._tasks)
        await self._heart.finish()
        await self._deliverer.finish()
        await asyncio.sleep(0)  # what is to be done at a task's end is done


@asynccontextmanager
async def working(worker: Worker, *, ended: Callable[[], None] = lambda: None) -> AsyncGenerator[None]:
    """The worker beside whatever runs inside; raises what has ended it before its time.

    Args:
        ended: Called when it has ended, be it before its time: nobody else would look at orders.
    """
    task = asyncio.create_task(worker.run())
    task.add_done_callback(lambda _: ended())
    worker.beside.append(worker.is_working)
    try:
        yield
    finally:
        worker.stop()
        try:
            await task
        finally:
            worker.beside.remove(worker.is_working)
