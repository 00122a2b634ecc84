"""Traces of requests, webhooks, a worker's steps and calls to Juspay: what is told, and what never is."""

from __future__ import annotations

import json
import socket
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import uvicorn
from attrs import frozen
from e2e.shop import CUSTOMER, MERCHANT, PASSWORD, START, Shop, process, shop
from e2e.standin import Fault
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode
from patience import until

from paystate.adapters.clock import SettableClock
from paystate.entrypoints.demo.stack import free_ports
from paystate.entrypoints.in_process_server import embedded
from paystate.entrypoints.service.server import config
from paystate.entrypoints.service.watched import attach
from paystate.entrypoints.service.worker import Worker
from paystate.entrypoints.setup import bootstrap
from paystate.entrypoints.setup.runtime import Runtime
from paystate.entrypoints.setup.settings_checks import load
from paystate.entrypoints.telemetry.tracing import Tracing, provider_of
from paystate.entrypoints.telemetry.watch import Watch

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00f067aa0ba902b7"
TRACEPARENT = f"00-{TRACE}-{PARENT}-01"
"""Source: W3C Trace Context, 3.2.3 (the specification's own example)."""


@frozen
class Traced:
    """A shop that is served by this process, and what its spans are."""

    at: Shop
    runtime: Runtime
    exporter: InMemorySpanExporter

    async def works(self) -> None:
        """The worker does what is due."""
        worker = Worker(self.runtime)
        while await worker.turn():
            pass

    def spans(self, name: str = "") -> list[ReadableSpan]:
        return [one for one in self.exporter.get_finished_spans() if not name or one.name == name]

    def the(self, name: str) -> ReadableSpan:
        (one,) = self.spans(name)
        return one


@asynccontextmanager
async def traced(folder: Path, share: float = 1.0) -> AsyncGenerator[Traced]:
    exporter, provider = InMemorySpanExporter(), provider_of(share, "1.2.3")
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    async with shop(folder) as at, bootstrap.opened_runtime(load(at.settings), clock=SettableClock(START)) as runtime:
        attach(runtime, Watch(tracing=Tracing(provider)))
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            at.service_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            async with embedded(config(runtime), listener):
                yield Traced(at, runtime, exporter)


def told(span: ReadableSpan) -> dict[str, Any]:
    return dict(span.attributes or {})


def parent_of(span: ReadableSpan) -> tuple[str, str]:
    assert span.parent is not None
    return f"{span.parent.trace_id:032x}", f"{span.parent.span_id:016x}"


def ids_of(span: ReadableSpan) -> tuple[str, str]:
    assert span.context is not None
    return f"{span.context.trace_id:032x}", f"{span.context.span_id:016x}"


async def test_a_request_goes_on_with_its_caller_s_trace_down_to_the_call_to_juspay(tmp_path: Path) -> None:
    async with traced(tmp_path) as one:
        await one.at.at_the_page(order_id="Order-1")
        one.exporter.clear()
        look = await one.at.call("POST", "/v1/orders/Order-1/look", traceparent=TRACEPARENT)
        assert 200 == look.status_code
        request, call = one.the("POST /v1/orders/{order_id}/look"), one.the("juspay order_status")
        assert (TRACE, PARENT) == parent_of(request)
        assert ids_of(request) == parent_of(call)
        assert (SpanKind.SERVER, SpanKind.CLIENT) == (request.kind, call.kind)
        assert {
            "http.request.method": "POST", "http.route": "/v1/orders/{order_id}/look",
            "http.response.status_code": 200, "paystate.merchant_id": MERCHANT, "paystate.order_id": "order-1",
        } == told(request)  # fmt: skip
        assert {"paystate.merchant_id": MERCHANT, "paystate.outcome": "answered"} == told(call)
        assert "traceparent" not in {name for made in one.at.juspay.calls for name in made.headers}


async def test_a_webhook_and_the_worker_s_steps_for_it_are_joined_by_the_order(tmp_path: Path) -> None:
    async with traced(tmp_path) as one:
        await one.at.at_the_page(order_id="Order-1")
        one.at.juspay.paid("Order-1")
        one.exporter.clear()
        hook = one.at.juspay.webhook("Order-1", "ORDER_SUCCEEDED", "evt_1")
        headers = {"authorization": one.at.login, "traceparent": TRACEPARENT}
        assert 200 == (await one.at.http.post(one.at.webhook_url, content=hook, headers=headers)).status_code
        await one.works()
        names = ["POST /webhooks/juspay/{merchant_id}", "settle webhook", "process order"]
        steps = [one.the(name) for name in names]
        assert ["order-1"] * 3 == [told(step)["paystate.order_id"] for step in steps]
        assert [None] * 3 == [step.parent for step in steps]  # nobody outside says to which trace Juspay's call belongs
        assert ids_of(steps[2]) == parent_of(one.the("juspay order_status"))


async def test_what_fails_is_marked_and_told_by_its_kind_alone(tmp_path: Path) -> None:
    async with traced(tmp_path) as one:
        await one.at.at_the_page(order_id="Order-1")
        one.exporter.clear()
        one.at.juspay.faults["status"] = deque([Fault("gone"), Fault("gone")])
        assert 504 == (await one.at.call("POST", "/v1/orders/Order-1/look")).status_code
        one.runtime.ports.clock.advance(60)  # type: ignore[attr-defined]
        await one.works()
        request, step = one.the("POST /v1/orders/{order_id}/look"), one.the("process order")
        calls = one.spans("juspay order_status")
        assert [StatusCode.ERROR] * 4 == [span.status.status_code for span in (request, step, *calls)]
        assert [None] * 4 == [span.status.description for span in (request, step, *calls)]
        assert [()] * 4 == [tuple(span.events) for span in (request, step, *calls)]
        assert "upstream_unknown" == told(request)["paystate.code"]
        assert ["no_answer"] * 2 == [told(call)["paystate.outcome"] for call in calls]
        assert "order-1" == told(step)["paystate.order_id"]
        assert {"OutcomeUnknown"} == {told(span)["error.type"] for span in (step, *calls)}


async def test_nothing_of_a_shopper_no_secret_and_no_body_is_told(tmp_path: Path) -> None:
    async with traced(tmp_path) as one:
        order = await one.at.charged()
        await one.at.refund("1.00", "CANARY-key")
        await one.at.http.get(f"{one.at.service_url}/return/{MERCHANT}?{one.at.juspay.return_query(order['order_id'])}")
        await one.at.http.get(f"{one.at.service_url}/v1/CANARY/{CUSTOMER['phone']}?x={PASSWORD}")
        await one.at.call("GET", "/v1/orders?customer=CANARY", traceparent="CANARY", tracestate="k=CANARY")
        await one.at.hook(f"no json: {PASSWORD} {CUSTOMER}".encode())
        one.at.juspay.faults["status"] = deque([Fault("html")])
        await one.at.call("POST", f"/v1/orders/{order['order_id']}/look")
        await one.works()
        text = "\n".join(span.to_json() for span in one.spans())
        secrets = ("CANARY", "canary.mail", "9876500001", "reader_8841", "pst_test_", "pct_", "349.5", "Traceback")
        assert [] == [secret for secret in secrets if secret in text]
        assert len(one.spans()) > 10


async def test_a_share_of_all_traces_is_told_whatever_a_caller_has_decided_for_itself(tmp_path: Path) -> None:
    async with traced(tmp_path, share=0.0) as one:
        await one.at.opened(order_id="Order-1")
        await one.at.call("GET", "/v1/orders/Order-1", traceparent=TRACEPARENT)
        assert [] == one.spans()


async def test_a_process_exports_its_traces_and_the_last_of_them_when_it_ends(tmp_path: Path) -> None:
    async with shop(tmp_path) as at, collector() as (endpoint, bodies):
        at.settings.write_text(f'{at.settings.read_text()}\n[tracing]\nendpoint = "{endpoint}"\nshare = 1.0\n')
        async with process(at) as service:
            await at.at_the_page(order_id="Order-1")
            at.juspay.paid("Order-1")
            await at.hook(at.juspay.webhook("Order-1", "ORDER_SUCCEEDED", "evt_1"))
            await until(partial(at.is_paid, "Order-1"))
            service.terminate()
            assert 0 == await service.wait()
        names = {span.name for body in bodies for span in spans_in(body)}
        assert {"POST /v1/orders", "POST /webhooks/juspay/{merchant_id}", "process order"} <= names
        assert b"CANARY" not in b"".join(bodies)


async def test_a_collector_that_is_away_is_told_in_one_line_and_is_in_nobody_s_way(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    async with shop(tmp_path) as at:
        tracing = f'\n[tracing]\nendpoint = "http://127.0.0.1:{port}/CANARY"\nshare = 1.0\n'
        at.settings.write_text(at.settings.read_text() + tracing)
        async with process(at) as service:
            assert "CHARGED" == (await at.charged())["status"]
            service.terminate()
            assert 0 == await service.wait()
    lines = [json.loads(line) for line in at.logged.splitlines()]
    assert "traces not exported" in {line["message"] for line in lines}
    assert b"CANARY" not in at.logged


def spans_in(body: bytes) -> Sequence[Any]:
    request = ExportTraceServiceRequest.FromString(body)
    (resource,) = request.resource_spans
    assert "paystate" in {one.value.string_value for one in resource.resource.attributes if one.key == "service.name"}
    return [span for scope in resource.scope_spans for span in scope.spans]


@asynccontextmanager
async def collector() -> AsyncGenerator[tuple[str, list[bytes]]]:
    """Takes what is exported; gives its address, and the bodies that came."""
    bodies: list[bytes] = []

    async def take(_: Any, receive: Any, send: Any) -> None:
        body, is_more = b"", True
        while is_more:
            message = await receive()
            body, is_more = body + message.get("body", b""), message.get("more_body", False)
        bodies.append(body)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        serving = uvicorn.Config(take, lifespan="off", log_config=None)
        async with embedded(serving, listener):
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1/traces", bodies
