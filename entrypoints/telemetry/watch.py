"""What the parts of a process tell of their work; who is told is a matter of the settings, and may be nobody."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from typing import TYPE_CHECKING, Final

from attrs import frozen

from paystate.core.ids import OrderKey
from paystate.core.orders.decision import OrderDecision
from paystate.core.orders.order import Order
from paystate.core.ports.store import InboxRow, InboxVerdict, ReceivedWebhook
from paystate.core.signature_failures import SignatureFailure
from paystate.entrypoints.telemetry.events import Answered, CallOutcome, outcome_of

if TYPE_CHECKING:  # each library comes with an extra of its own
    from paystate.entrypoints.telemetry.metrics import Metrics
    from paystate.entrypoints.telemetry.tracing import Tracing

Traced = Callable[[Answered], None]
"""Tells a span how its request ended."""
_UNSEEN: Final[AbstractContextManager[None]] = nullcontext()


@frozen
class Watch:
    """Metrics, traces, both or neither."""

    metrics: Metrics | None = None
    tracing: Tracing | None = None

    @property
    def is_on(self) -> bool:
        """Whether anybody is told anything."""
        return self.metrics is not None or self.tracing is not None

    def request(self, method: str, traceparent: str) -> AbstractContextManager[Traced | None]:
        """A request as long as it is worked on; what it gives goes to `answered`."""
        return self.tracing.request(method, traceparent) if self.tracing else _UNSEEN

    def answered(self, end: Answered, traced: Traced | None) -> None:
        """A request has ended."""
        if self.metrics:
            self.metrics.answered(end)
        if traced:
            traced(end)

    def failed_signature(self, failure: SignatureFailure) -> None:
        """A webhook or a return has proved nothing; its merchant may be `NONE`."""
        if self.metrics:
            self.metrics.failed_signature(failure)

    @contextmanager
    def call(self, merchant_id: str, call: str) -> Generator[None]:
        """A call to Juspay; `call` is the name of the port's method."""
        began, outcome = time.perf_counter(), CallOutcome.ANSWERED
        with self.tracing.call(merchant_id, call) if self.tracing else nullcontext() as traced:
            try:
                yield
            except BaseException as fault:
                outcome = outcome_of(fault)
                raise
            finally:
                if self.metrics:
                    self.metrics.called(merchant_id, call, outcome, time.perf_counter() - began)
                if traced:
                    traced(outcome)

    def step(self, name: str, merchant_id: str, order_id: str) -> AbstractContextManager[None]:
        """A worker's step for one order; `order_id` may be empty."""
        return self.tracing.step(name, merchant_id, order_id) if self.tracing else _UNSEEN

    def webhook_stored(self, webhook: ReceivedWebhook) -> None:
        """A webhook was stored."""
        if self.metrics:
            self.metrics.webhook_stored(webhook.merchant_id)
        if self.tracing and webhook.order_key:
            self.tracing.note_order(webhook.merchant_id, webhook.order_key)

    def webhook_settled(self, row: InboxRow, verdict: InboxVerdict, now: datetime) -> None:
        """The worker has settled a webhook."""
        if self.metrics:
            self.metrics.webhook_settled(row, verdict, now)

    def not_hinted(self, key: OrderKey) -> None:
        """The worker begins with an order for which nobody waits."""
        if self.metrics:
            self.metrics.not_hinted(key)

    def processed(self, key: OrderKey, now: datetime) -> None:
        """The worker has done what was due of an order."""
        if self.metrics:
            self.metrics.processed(key, now)

    def decided(self, key: OrderKey, before: Order | None, decision: OrderDecision) -> None:
        """A decision on an order was committed."""
        if self.tracing:
            self.tracing.note_order(key.merchant_id, key.order_id)
        if self.metrics and decision.fact is not None:
            self.metrics.decided(key, before, decision.fact)


NOT_WATCHED: Final = Watch()
"""Nobody is told anything, and that costs nothing."""
