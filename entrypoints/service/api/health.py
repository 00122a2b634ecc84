"""Routes for whoever runs the service; they answer one word and no more."""

from __future__ import annotations

from typing import Any

from litestar import Router, get
from litestar.connection import Request

from paystate.entrypoints.service.api.authentication import installed, ports_of
from paystate.entrypoints.service.api.models import HealthView
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
        answers={200: Answer(model=HealthView, example={"status": "ready"}, message="It is.")},
        refuses=("storage_unavailable", "worker_stopped"),
    ),
)
async def readyz(request: Request[Any, Any, Any]) -> HealthView:
    """The service can store things now, and its worker, if it has one, works."""
    await ports_of(request).store.ping()
    if not installed(request).is_working():
        raise ApiProblem("worker_stopped")
    return HealthView(status="ready")


router = Router("/", route_handlers=[healthz, readyz], security=PUBLIC, tags=["service"])
