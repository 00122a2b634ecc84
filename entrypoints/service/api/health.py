"""Routes for whoever runs the service; they tell no more than a load balancer and an alert need."""

from __future__ import annotations

from typing import Any

from litestar import Router, get
from litestar.connection import Request

from paystate.core.heartbeats import workers_at
from paystate.entrypoints.interface.views.order_models import HealthView, ReadyView
from paystate.entrypoints.service.api import examples
from paystate.entrypoints.service.api.authentication import ports_of, runtime_of
from paystate.entrypoints.service.api.openapi import PUBLIC, Answer, described
from paystate.entrypoints.service.api.problems import ApiProblem


@get(
    "/healthz",
    summary="Is it alive",
    operation_class=described(answers={200: Answer(model=HealthView, example={"status": "ok"}, message="It is.")}),
)
async def healthz() -> HealthView:
    """The process answers."""
    return HealthView(status="ok")


@get(
    "/readyz",
    summary="Is it ready",
    operation_class=described(
        answers={200: Answer(model=ReadyView, example=examples.READY, message="It is.")},
        refuses=("storage_unavailable", "worker_stopped"),
    ),
)
async def readyz(request: Request[Any, Any, Any]) -> ReadyView:
    """The service can store things now, and its worker, if it has one, works.

    That no worker of any process works is told in the answer and is no failure: to take webhooks and to store them is
    right all the same, and another service would have no worker either. Alert a person on `workers` being 0.
    """
    ports = ports_of(request)
    await ports.store.ping()
    if not runtime_of(request).is_working():
        raise ApiProblem("worker_stopped")
    workers = workers_at(await ports.store.heartbeats(), ports.clock.now())
    return ReadyView(status="ready", workers=len(workers.working), no_worker_since=workers.none_since)


router = Router("/", route_handlers=[healthz, readyz], security=PUBLIC, tags=["service"])
