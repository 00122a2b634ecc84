"""What one process counts of its own work, in a registry of its own."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

from paystate.core.ids import OrderKey
from paystate.core.orders.facts import Fact
from paystate.core.orders.order import Order
from paystate.core.ports.store import InboxRow, InboxVerdict
from paystate.core.signature_failures import SignatureFailure
from paystate.entrypoints.telemetry import catalogue
from paystate.entrypoints.telemetry.catalogue import Metric
from paystate.entrypoints.telemetry.events import Answered, CallOutcome

UNDECIDED_MAX: Final = 10_000
"""Orders at a time whose decision is waited for, to measure it; the oldest makes room."""
UNDECIDED_S: Final = 3600
"""After so long another process has looked at the order, or Juspay is silent, which other figures tell."""


class Metrics:
    """Counts.

    Attributes:
        registry: Nothing of the library's global one is in it.
    """

    def __init__(self, version: str) -> None:
        """Begin at 0; `version` is this program's."""
        self.registry: Final = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._requests = self._counter(catalogue.REQUESTS)
        self._request_seconds = self._histogram(catalogue.REQUEST_SECONDS)
        self._signature_failures = self._counter(catalogue.SIGNATURE_FAILURES)
        self._webhooks_stored = self._counter(catalogue.WEBHOOKS_STORED)
        self._webhooks_settled = self._counter(catalogue.WEBHOOKS_SETTLED)
        self._settled_seconds = self._histogram(catalogue.WEBHOOK_SETTLED)
        self._decided_seconds = self._histogram(catalogue.WEBHOOK_DECIDED)
        self._calls = self._counter(catalogue.CALLS)
        self._call_seconds = self._histogram(catalogue.CALL_SECONDS)
        self._refunds = self._counter(catalogue.REFUNDS)
        info = catalogue.INFO
        Gauge(info.name, info.meaning, info.labels, registry=self.registry).labels(version).set(1)
        self._kinds: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self._undecided: dict[tuple[str, str], datetime] = {}

    def _counter(self, metric: Metric) -> Counter:
        return Counter(metric.name, metric.meaning, metric.labels, registry=self.registry)

    def _histogram(self, metric: Metric) -> Histogram:
        return Histogram(metric.name, metric.meaning, metric.labels, registry=self.registry, buckets=metric.buckets)

    def answered(self, end: Answered) -> None:
        """A request was answered."""
        kind = (end.method, end.route, end.status)
        if (known := self._kinds.get(kind)) is None:  # for the library to find them takes longer than to count
            known = self._requests.labels(*kind), self._request_seconds.labels(end.route)
            self._kinds[kind] = known
        requests, seconds = known
        requests.inc()
        seconds.observe(end.seconds)

    def failed_signature(self, failure: SignatureFailure) -> None:
        """A webhook or a return has proved nothing."""
        self._signature_failures.labels(failure.merchant_id, failure.source, failure.code).inc()

    def called(self, merchant_id: str, call: str, outcome: CallOutcome, seconds: float) -> None:
        """A call to Juspay has ended."""
        self._calls.labels(merchant_id, call, outcome).inc()
        self._call_seconds.labels(call).observe(seconds)

    def webhook_stored(self, merchant_id: str) -> None:
        """A webhook was stored."""
        self._webhooks_stored.labels(merchant_id).inc()

    def webhook_settled(self, row: InboxRow, verdict: InboxVerdict, now: datetime) -> None:
        """The worker has settled a webhook; the decision on its order is waited for."""
        self._webhooks_settled.labels(row.merchant_id, verdict).inc()
        self._settled_seconds.observe(_s(row.received_at, now))
        if verdict is InboxVerdict.LOOKED and row.order_key:
            self._undecided.setdefault((row.merchant_id, row.order_key), row.received_at)
            if len(self._undecided) > UNDECIDED_MAX:
                del self._undecided[next(iter(self._undecided))]

    def not_hinted(self, key: OrderKey) -> None:
        """An order is processed that no hint waits for: another process has looked at it."""
        self._undecided.pop((key.merchant_id, key.folded), None)

    def processed(self, key: OrderKey, now: datetime) -> None:
        """What was due of an order is done: Juspay was asked, and whatever it said is decided."""
        since = self._undecided.pop((key.merchant_id, key.folded), None)
        if since is not None and _s(since, now) < UNDECIDED_S:
            self._decided_seconds.observe(_s(since, now))

    def decided(self, key: OrderKey, before: Order | None, fact: Fact) -> None:
        """A fact was recorded of an order."""
        for refund in fact.refunds:
            known = before.refunds.get(refund.refund_id) if before else None
            if known is None or known.state != refund.state:
                self._refunds.labels(key.merchant_id, refund.state).inc()


def _s(since: datetime, now: datetime) -> float:
    """0 where a clock that is ahead has written the instant."""
    return max(0.0, (now - since).total_seconds())
