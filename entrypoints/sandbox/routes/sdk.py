"""`/_sdk/...`: the HTTP side of the played SDK (ours): envelopes, instance ids and answers; and the web SDK's script.

An app's page calls it from the shop's own origin, as the script does. So every origin may: nothing here rests on
cookies, and what an instance may do rests on the payload that it was given.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from litestar import Request, Response, Router, get, post

from paystate.entrypoints.sandbox.parsing import BodyInvalid, member_object, read_json
from paystate.entrypoints.sandbox.sandbox import sandbox_of
from paystate.entrypoints.sandbox.sdk.instances import ActRefused, Envelope, Event, Instance, Stage
from paystate.entrypoints.sandbox.wire.answers import Answer, to_response

AnyRequest = Request[Any, Any, Any]

INSTANCE_HEADER: Final = "x-sdk-instance"

_SCRIPT: Final = Path(__file__).parents[1] / "sdk" / "HyperServices.js"
_ANY_ORIGIN: Final = {"Access-Control-Allow-Origin": "*"}
_FROM_PAGES: Final = {
    **_ANY_ORIGIN,
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": f"content-type, {INSTANCE_HEADER}",
    "Access-Control-Max-Age": "600",
}
"""Also what Litestar answers to OPTIONS, by which a browser asks before it calls."""


@post("/_sdk/preFetch")
async def prefetch(request: AnyRequest) -> Response[bytes]:
    """Take a preFetch: any time, any number of times, no event (documented, contract D.2)."""
    try:
        body = await read_json(request)
        client_id = member_object(body, "payload").get("clientId")
    except BodyInvalid as exc:
        return _error(400, str(exc), request)
    if not isinstance(client_id, str):
        return _error(400, "payload.clientId is missing", request)
    return _answer(_instance_id(request, body), [], request)


@post("/_sdk/initiate")
async def initiate(request: AnyRequest) -> Response[bytes]:
    """Initiate an instance (contract D.3)."""
    sandbox = sandbox_of(request)
    now = sandbox.catch_up()
    try:
        body = await read_json(request)
        instance, events = sandbox.sdk.initiate(_instance_id(request, body), _envelope(body), now)
    except BodyInvalid as exc:
        return _error(400, str(exc), request)
    return _answer(instance.id, events, request)


@post("/_sdk/process")
async def process(request: AnyRequest) -> Response[bytes]:
    """Process a payload: open the payment page (contract D.4)."""
    sandbox = sandbox_of(request)
    now = sandbox.catch_up()
    try:
        body = await read_json(request)
        instance, events, page_url = sandbox.sdk.process(_instance_id(request, body), _envelope(body), now)
    except BodyInvalid as exc:
        return _error(400, str(exc), request)
    return _answer(instance.id, events, request, page_url=page_url)


@post("/_sdk/terminate")
async def terminate(request: AnyRequest) -> Response[bytes]:
    """Terminate an instance (contract D.8)."""
    sandbox = sandbox_of(request)
    try:
        body = await read_json(request)
    except BodyInvalid as exc:
        return _error(400, str(exc), request)
    instance_id = _instance_id(request, body)
    return _answer(instance_id, sandbox.sdk.terminate(instance_id, sandbox.catch_up()), request)


@post("/_sdk/act")
async def act(request: AnyRequest) -> Response[bytes]:
    """Do what a shopper would do on the open page."""
    sandbox = sandbox_of(request)
    now = sandbox.catch_up()
    try:
        body = await read_json(request)
        instance, events = sandbox.sdk.act(_instance_id(request, body), body, now)
    except BodyInvalid as exc:
        return _error(400, str(exc), request)
    except ActRefused as exc:
        return _error(409, str(exc), request)
    txn = instance.page.txn if instance.page else None
    return _answer(instance.id, events, request, page=_page(instance), txn_id=txn.txn_id if txn else None)


@get("/_sdk/isInitialised")
async def is_initialised(request: AnyRequest) -> Response[bytes]:
    """Tell whether an instance may process (contract D.8)."""
    sandbox = sandbox_of(request)
    instance_id = _instance_id(request, dict(request.query_params))
    return _answer(instance_id, [], request, isInitialised=sandbox.sdk.is_initialised(instance_id))


@get("/_sdk/events")
async def events_of(request: AnyRequest) -> Response[bytes]:
    """Hand over the events that came about on the hosted page."""
    sandbox = sandbox_of(request)
    sandbox.catch_up()
    instance_id = _instance_id(request, dict(request.query_params))
    events = sandbox.sdk.drain(instance_id)
    if events is None:
        return _error(404, "no such instance", request)
    return _answer(instance_id, events, request)


def _instance_id(request: AnyRequest, body: dict[str, Any]) -> str | None:
    given = request.headers.get(INSTANCE_HEADER) or body.get("instance")
    return str(given) if given else None


def _envelope(body: dict[str, Any]) -> Envelope:
    if "payload" not in body or not isinstance(body.get("requestId"), str):
        raise BodyInvalid("the envelope wants requestId, service and payload")
    return Envelope(body["requestId"], str(body.get("service")), member_object(body, "payload"))


def _page(instance: Instance) -> str:
    if instance.stage is not Stage.PROCESSING:
        return "closed"
    return "bank" if instance.page and instance.page.txn else "choose"


def _answer(instance_id: str | None, events: list[Event], request: AnyRequest, **more: object) -> Response[bytes]:
    nests = sandbox_of(request).config.nested_results
    given = [_nested(one) for one in events] if nests else events
    return to_response(Answer({"instance": instance_id, "events": given, **more}), request)


def _nested(event: Event) -> Event:
    """Return a result as an iframe gives it: all but its name in a payload of its own (recorded, contract O.7)."""
    if event["event"] != "process_result":
        return event
    return {"event": event["event"], "payload": {name: event[name] for name in event if name != "event"}}


def _error(status: int, text: str, request: AnyRequest) -> Response[bytes]:
    return to_response(Answer({"error": text}, status), request)


@get("/hyper-sdk-web/HyperServices.js")
async def script() -> Response[bytes]:
    """Serve the web SDK under the path of Juspay's own (recorded, contract D.8)."""
    headers = {**_ANY_ORIGIN, "Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
    return Response(_SCRIPT.read_bytes(), media_type="text/javascript", headers=headers)


STEPS: Final = (prefetch, initiate, process, terminate, act, is_initialised, events_of)
HANDLERS: Final = (Router("/", route_handlers=STEPS, response_headers=_FROM_PAGES), script)
