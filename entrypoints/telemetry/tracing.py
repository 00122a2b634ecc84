"""Traces for OpenTelemetry: requests, a worker's steps, and calls to Juspay.

A span has names of ours, the merchant and the order; no body, no header, no text of a fault, nothing of a shopper. A
worker's step has a trace of its own: what a request has asked for and what a step does for it are joined by the order.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import Decision, ParentBased, Sampler, SamplingResult
from opentelemetry.trace import Link, Span, SpanKind, StatusCode, TraceState, get_current_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import Attributes

from paystate.entrypoints.telemetry.events import NONE, Answered, CallOutcome

MERCHANT: Final = "paystate.merchant_id"
ORDER: Final = "paystate.order_id"
CODE: Final = "paystate.code"
OUTCOME: Final = "paystate.outcome"
QUEUE_MAX: Final = 2048
"""Spans that wait to be exported; more are dropped."""
BATCH_MAX: Final = 1024
EXPORT_S: Final = 2.0
"""How long one export may take. At the end of a process three may be left, and nobody waits longer for them."""
_FAILED_FROM: Final = 500


def provider_to(endpoint: str, share: float, version: str) -> TracerProvider:
    """What exports a share of all traces to a collector, in a thread of its own; it is to be shut down.

    Which traces is drawn here, never by what a caller has decided for itself or by an id of its making: it costs what
    the settings say.
    """
    provider = provider_of(share, version)
    exporter = OTLPSpanExporter(endpoint=endpoint, timeout=EXPORT_S)
    provider.add_span_processor(
        BatchSpanProcessor(
            exporter,
            max_queue_size=QUEUE_MAX,
            max_export_batch_size=BATCH_MAX,
            export_timeout_millis=EXPORT_S * 1000,
        )
    )
    return provider


def provider_of(share: float, version: str) -> TracerProvider:
    """The same without anywhere to export to."""
    resource = Resource.create({"service.name": "paystate", "service.version": version})
    drawn = _Drawn(share)
    sampler = ParentBased(drawn, remote_parent_sampled=drawn, remote_parent_not_sampled=drawn)
    return TracerProvider(sampler=sampler, resource=resource, shutdown_on_exit=False)


class _Drawn(Sampler):
    """Samples a share of all traces, whatever their ids are."""

    def __init__(self, share: float) -> None:
        self._share = share

    def should_sample(
        self,
        parent_context: Context | None,
        trace_id: int,
        name: str,
        kind: SpanKind | None = None,
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,
        trace_state: TraceState | None = None,
    ) -> SamplingResult:
        """See `Sampler.should_sample`."""
        is_drawn = random.random() < self._share  # noqa: S311 - no secret hangs on it
        return SamplingResult(Decision.RECORD_AND_SAMPLE if is_drawn else Decision.DROP, attributes)

    def get_description(self) -> str:
        """See `Sampler.get_description`."""
        return f"drawn {self._share}"


class Tracing:
    """Makes spans."""

    def __init__(self, provider: TracerProvider) -> None:
        """Make them with `provider`, which the caller shuts down; the library's global one is left alone."""
        self._tracer = provider.get_tracer("paystate")
        self._context = TraceContextTextMapPropagator()

    @contextmanager
    def request(self, method: str, traceparent: str) -> Generator[Callable[[Answered], None]]:
        """A request. It belongs to the trace that `traceparent` names, if it names one.

        Source: W3C Trace Context, 3.2. Of its two headers `tracestate` is left alone: it holds whatever it likes.
        """
        parent = self._context.extract({"traceparent": traceparent}) if traceparent else None
        with self._span(method, SpanKind.SERVER, {}, parent) as span:
            yield lambda end: _answered(span, end)

    @contextmanager
    def call(self, merchant_id: str, call: str) -> Generator[Callable[[CallOutcome], None]]:
        """A call to Juspay. Nothing of the trace is sent along: see ADR 46."""
        with self._span(f"juspay {call}", SpanKind.CLIENT, {MERCHANT: merchant_id}) as span:
            yield lambda outcome: span.set_attribute(OUTCOME, outcome)

    @contextmanager
    def step(self, name: str, merchant_id: str, order_id: str) -> Generator[None]:
        """A worker's step for one order."""
        order = {ORDER: order_id.lower()} if order_id else {}
        with self._span(name, SpanKind.INTERNAL, {MERCHANT: merchant_id, **order}):
            yield

    def note_order(self, merchant_id: str, order_id: str) -> None:
        """Say which order the present span is about."""
        get_current_span().set_attributes({MERCHANT: merchant_id, ORDER: order_id.lower()})

    @contextmanager
    def _span(
        self, name: str, kind: SpanKind, attributes: Mapping[str, str], parent: Context | None = None
    ) -> Generator[Span]:
        """A span that says whether something was raised, and never what: a fault's text may hold anything."""
        with self._tracer.start_as_current_span(
            name, parent, kind, attributes, record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield span
            except BaseException as fault:
                span.set_attribute("error.type", type(fault).__name__)
                span.set_status(StatusCode.ERROR)
                raise


def _answered(span: Span, end: Answered) -> None:
    span.update_name(f"{end.method} {end.route}")
    span.set_attributes(
        {"http.request.method": end.method, "http.route": end.route, "http.response.status_code": end.status}
    )
    if end.code:
        span.set_attribute(CODE, end.code)
    if end.merchant_id != NONE:
        span.set_attribute(MERCHANT, end.merchant_id)
    if end.status >= _FAILED_FROM:
        span.set_status(StatusCode.ERROR)
