"""How a process is watched: where its metrics are scraped, and where its traces go. Without the tables, nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from typing import Annotated

from msgspec import Meta, Struct

from paystate.core.urls import checked_url, is_host
from paystate.entrypoints.setup.problems import ConfigProblem

Port = Annotated[int, Meta(ge=1, le=65535)]


class MetricsSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where metrics are scraped, at `/metrics`; never at the address of the API.

    Attributes:
        host: Whoever reaches it can read how many orders each merchant has; so by itself this machine alone.
        port: Of `paystate serve`.
        worker_port: Of `paystate worker`; without one, a worker that runs alone has no metrics of its own.
    """

    host: str = "127.0.0.1"
    port: Port = 9464
    worker_port: Port | None = None


class TracingSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where traces are exported to, by OTLP over HTTP.

    Attributes:
        endpoint: A collector's whole address, such as `http://127.0.0.1:4318/v1/traces`.
        share: Of all traces, 0 to 1.
    """

    endpoint: str
    share: Annotated[float, Meta(ge=0, le=1)] = 0.1


def check_metrics(metrics: MetricsSettings, api_port: int) -> Iterator[ConfigProblem]:
    """What is wrong with where metrics are scraped, beside an API at `api_port`."""
    if not is_host(metrics.host):
        fix = "give 127.0.0.1, or the address of this machine at which Prometheus reaches it"
        yield ConfigProblem("metrics.host", "is not a host", fix)
    if metrics.port == api_port:
        yield ConfigProblem("metrics.port", "is the port of the API", "give another one, such as 9464")
    if metrics.worker_port in (api_port, metrics.port):
        fix = "give one that nothing else has: service and worker may run on one machine"
        yield ConfigProblem("metrics.worker_port", "is the port of something else", fix)


def check_tracing(tracing: TracingSettings) -> Iterator[ConfigProblem]:
    """What is wrong with where traces go."""
    try:
        checked_url(tracing.endpoint)
    except ValueError:
        fix = "give a collector's https address; only one on this machine may do without TLS"
        yield ConfigProblem("tracing.endpoint", "is not an https address", fix)
    if find_spec("opentelemetry") is None:
        fix = "run `pip install 'paystate[otel]'`, or take [tracing] out"
        yield ConfigProblem("tracing", "needs what exports traces, which is not installed", fix)
