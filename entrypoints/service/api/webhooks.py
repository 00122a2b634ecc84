"""The route on which Juspay tells us things: authenticated, stored, answered; no order is touched before that.

It is a bare ASGI handler, because this is the one route that is called in bursts, and every layer above it would cost
more than the work itself.
"""

from __future__ import annotations

from typing import Final

from litestar import asgi
from litestar.enums import ScopeType
from litestar.openapi.spec import Parameter, PathItem, Schema
from litestar.openapi.spec.enums import OpenAPIType
from litestar.types import HTTPScope, Receive, Scope, Send

from paystate.core.ports.store import InboxVerdict
from paystate.entrypoints.interface.views.order_models import EmptyView
from paystate.entrypoints.interface.webhooks import BODY_BYTES_MAX, TAKEN, NotAdmitted, admit
from paystate.entrypoints.service.api.bodies import read_body
from paystate.entrypoints.service.api.openapi import BASIC, Answer, described
from paystate.entrypoints.service.api.problems import ApiProblem
from paystate.entrypoints.service.api.query_parameters import TAKES_ANY
from paystate.entrypoints.service.api.rate_limits import take_of_address
from paystate.entrypoints.service.api.response_headers import note_verdict
from paystate.entrypoints.setup.runtime import Runtime

MOUNT: Final = "/webhooks/juspay"
PATH: Final = f"{MOUNT}/{{merchant_id}}"


# Mounted: Litestar 2 cannot route a path parameter to a bare handler.
@asgi(MOUNT, is_mount=True, copy_scope=False, opt={TAKES_ANY: True})
async def take(scope: Scope, receive: Receive, send: Send) -> None:
    """Take one webhook. Once its sender is known, every body that fits is stored and answered 200."""
    if scope["type"] != ScopeType.HTTP:
        await send({"type": "websocket.close", "code": 1008, "reason": None})
        return
    merchant_id = _merchant_id(scope)
    if scope["method"] != "POST":
        raise ApiProblem("method_not_allowed", headers={"Allow": "POST"})
    runtime: Runtime = scope["litestar_app"].state.runtime
    given = [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in scope["headers"]]
    verdict = await admit(
        runtime, merchant_id, given, lambda: read_body(receive, dict(given).get("content-length"), BODY_BYTES_MAX)
    )
    if isinstance(verdict, NotAdmitted):
        if verdict.code == "unauthenticated":
            take_of_address(scope)
        raise ApiProblem(verdict.code, scheme="Basic")
    if verdict is not InboxVerdict.WAITING:
        note_verdict(scope, verdict)
    await send(
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [(b"content-type", b"application/json"), (b"content-length", b"2")],
        }
    )
    await send({"type": "http.response.body", "body": TAKEN, "more_body": False})


def _merchant_id(scope: HTTPScope) -> str:
    """What is left of the path below the mount, which is one segment or nothing of ours."""
    scope["path_template"] = PATH  # For the log.
    below = scope["path"].split("/")
    if len(below) != len(("", "merchant", "")) or below[0]:
        raise ApiProblem("not_found")
    return below[1]


def description() -> dict[str, PathItem]:
    """What Litestar does not describe: an ASGI route."""
    operation = described(
        takes=dict,
        example={"id": "evt_V2_1", "event_name": "ORDER_SUCCEEDED", "content": {"order": {"order_id": "A1"}}},
        body_says="Anything up to 1 MiB; a body that cannot be understood is stored too.",
        media_type="application/json",
        answers={200: Answer(model=EmptyView, example={}, message="It is stored.")},
        refuses=(
            *("unauthenticated", "sealed_body_invalid", "signature_required", "body_too_large"),
            *("unsupported_encoding", "storage_unavailable"),
        ),
        parameters=[
            Parameter(name="merchant_id", param_in="path", required=True, schema=Schema(type=OpenAPIType.STRING))
        ],
    )(
        operation_id="TakeWebhook",
        summary="Take a webhook",
        description="Juspay reports an event. It is stored before it is answered, and followed by a look, "
        "never believed.",
        tags=["webhooks"],
        security=BASIC,
    )
    return {PATH: PathItem(post=operation)}
