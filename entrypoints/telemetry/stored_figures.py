"""Figures that live in the database, read when somebody scrapes, and at most once in CACHED_S."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from attrs import define, field
from prometheus_client import Metric as Family
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from paystate.core.errors import PortError, RecordUnreadable
from paystate.core.finding.filters import UNDER_REVIEW
from paystate.core.heartbeats import workers_at
from paystate.core.orders.review.reasons import open_reasons
from paystate.core.ports.backlog import MerchantBacklog, SubscriberBacklog, Waiting
from paystate.core.use_cases.context import Ports
from paystate.entrypoints.telemetry import catalogue
from paystate.entrypoints.telemetry.catalogue import Metric

CACHED_S: Final = 5.0
"""For so long a scrape is answered with what the one before has read."""
READ_S: Final = 5.0
"""How long reading may take; Prometheus itself waits for 10 s unless it is told otherwise."""
ORDERS_MAX: Final = 100
"""Orders of a merchant that are read to count what stands in their records."""


class StoredFigures(Collector):
    """What is told of the database."""

    def __init__(
        self,
        ports: Ports,
        told: Callable[[], Mapping[str, Collection[str]]],
        damaged: Callable[[str, RecordUnreadable], None],
    ) -> None:
        """Tell of the merchants that `told` gives, each with the names of its subscribers, at each reading anew.

        Args:
            damaged: Hears of a merchant of whom a figure is left out, as a record that it stands in is damaged.
        """
        self._ports = ports
        self._told = told
        self._damaged = damaged
        self._families: Sequence[Family] = ()
        self._good_until = float("-inf")
        self._reading = asyncio.Lock()

    def collect(self) -> Iterable[Family]:
        """See `Collector.collect`: what was read last."""
        return self._families

    def describe(self) -> Iterable[Family]:
        """All that may be told, without values."""
        return [_family(metric) for metric in catalogue.STORED]

    async def refresh(self) -> None:
        """Read, unless somebody has just done so; a database that cannot be read is told, too."""
        async with self._reading:
            if asyncio.get_running_loop().time() < self._good_until:
                return
            gauges = _Gauges()
            try:
                async with asyncio.timeout(READ_S):
                    await self._read(gauges)
            except (PortError, TimeoutError):
                gauges = _Gauges()
                gauges.set(catalogue.STORAGE_UP, 0)
            else:
                gauges.set(catalogue.STORAGE_UP, 1)
            if use := self._ports.store.connection_use():  # asks nobody: a pool that is used up is why all else hangs
                gauges.set(catalogue.CONNECTIONS, use.used, "used")
                gauges.set(catalogue.CONNECTIONS, use.idle, "idle")
                gauges.set(catalogue.CONNECTIONS_MAX, use.most)
            self._families = gauges.families
            self._good_until = asyncio.get_running_loop().time() + CACHED_S

    async def _read(self, gauges: _Gauges) -> None:
        store, now, told = self._ports.store, self._ports.clock.now(), self._told()
        for one in await store.backlog(told, now):
            gauges.of_merchant(one, now)
        for merchant_id in told:
            for read in (self._read_refunds, self._read_reasons):
                try:
                    await read(gauges, merchant_id, now)
                except RecordUnreadable as damaged:  # one order's; all other figures are as good as before
                    self._damaged(merchant_id, damaged)
        await self._read_deliveries(gauges, told, now)
        workers = workers_at(await store.heartbeats(), now)
        gauges.set(catalogue.WORKERS, len(workers.working))
        if workers.last_beat_at is not None:
            gauges.set(catalogue.HEARTBEAT_AGE, _age_s(workers.last_beat_at, now))

    async def _read_refunds(self, gauges: _Gauges, merchant_id: str, now: datetime) -> None:
        waiting = await self._ports.store.waiting_refunds(merchant_id, now, limit=ORDERS_MAX)
        states = Counter(one.state for order in waiting for one in order.refunds.values() if one.is_open)
        for state, count in states.items():
            gauges.set(catalogue.OPEN_REFUNDS, count, merchant_id, state)

    async def _read_reasons(self, gauges: _Gauges, merchant_id: str, _: datetime) -> None:
        reviewed = (await self._ports.store.find(merchant_id, UNDER_REVIEW, limit=ORDERS_MAX)).orders
        kinds = Counter(one.kind for order in reviewed for one in open_reasons(order))
        for kind, count in kinds.items():
            gauges.set(catalogue.OPEN_REASONS, count, merchant_id, kind)

    async def _read_deliveries(self, gauges: _Gauges, told: Mapping[str, Collection[str]], now: datetime) -> None:
        """Of those whom the settings name, and of every handler that a merchant's program ever made known."""
        store = self._ports.store
        known = {(one.merchant_id, one.subscriber): one for one in await store.subscriptions(now)}
        present = [to for to, one in known.items() if to[0] in told and (one.handles or to[1] in told[to[0]])]
        for to in present:
            gauges.set(catalogue.PAUSED, known[to].paused_at is not None, *to)
        for backlog in await store.delivery_backlog(present):
            gauges.of_subscriber(backlog, now)


@define
class _Gauges:
    """Values, gathered by metric."""

    _families: dict[str, GaugeMetricFamily] = field(factory=dict[str, GaugeMetricFamily], init=False)

    @property
    def families(self) -> Sequence[Family]:
        return tuple(self._families.values())

    def set(self, metric: Metric, value: float, *labels: str) -> None:
        self._families.setdefault(metric.name, _family(metric)).add_metric(labels, value)

    def of_merchant(self, one: MerchantBacklog, now: datetime) -> None:
        for status, since in one.open_since.items():
            self.set(catalogue.OPEN_ORDER_AGE, _age_s(since, now), one.merchant_id, status)
        if one.due is not None:
            self._waiting(catalogue.DUE_ORDERS, catalogue.DUE_AGE, one.due, now, one.merchant_id)
        self._waiting(catalogue.INBOX_WAITING, catalogue.INBOX_AGE, one.webhooks, now, one.merchant_id)
        self._waiting(catalogue.REFUND_ORDERS, catalogue.REFUND_AGE, one.refunds, now, one.merchant_id)
        self.set(catalogue.INBOX_QUARANTINED, one.quarantined, one.merchant_id)
        self.set(catalogue.UNDER_REVIEW, one.under_review, one.merchant_id)

    def of_subscriber(self, one: SubscriberBacklog, now: datetime) -> None:
        to = (one.merchant_id, one.subscriber)
        self._waiting(catalogue.DELIVERIES_WAITING, catalogue.DELIVERY_AGE, one.waiting, now, *to)
        self.set(catalogue.DELIVERIES_DEAD, one.dead, *to)

    def _waiting(self, count: Metric, age: Metric, what: Waiting, now: datetime, *labels: str) -> None:
        self.set(count, what.count, *labels)
        self.set(age, _age_s(what.since, now) if what.since else 0, *labels)


def _family(metric: Metric) -> GaugeMetricFamily:
    return GaugeMetricFamily(metric.name, metric.meaning, labels=metric.labels)


def _age_s(since: datetime, now: datetime) -> float:
    """0 where a clock that is ahead has written the instant."""
    return max(0.0, (now - since).total_seconds())
