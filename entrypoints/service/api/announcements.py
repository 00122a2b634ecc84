"""Routes of announcements: pulled with a cursor, read one by one, replayed, and their deliveries listed."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Annotated, Any, Final

from litestar import Router, get, post
from litestar.connection import Request
from litestar.params import FromPath, QueryParameter

from paystate.core.ports.outbox import DeliveryState
from paystate.core.use_cases.announcements.replay import Wish, everybody, only_to, queue_again, would_replay_few
from paystate.entrypoints.interface.announcement_cursors import CURSOR, row_of, rows_behind
from paystate.entrypoints.interface.request_models import ReplayIn
from paystate.entrypoints.interface.values import instant_in
from paystate.entrypoints.interface.views.announcement_models import DeliveryPage, EventPage, EventView, ReplayView
from paystate.entrypoints.interface.views.announcement_views import delivery_view, event_of, event_page, replay_view
from paystate.entrypoints.service.api import announcement_examples as examples
from paystate.entrypoints.service.api.authentication import caller, needs_api_key, ports_of, runtime_of
from paystate.entrypoints.service.api.bodies import read_json
from paystate.entrypoints.service.api.openapi import API_KEY, Answer, described
from paystate.entrypoints.service.api.problems import ApiProblem
from paystate.entrypoints.setup.runtime import Runtime

WAIT_MAX_S: Final = 25
"""Shorter than a service that ends waits for its callers."""
WAITERS_MAX: Final = 8
"""Calls of one merchant that wait at a time; one is enough, and one more while another takes over."""
POLL_S: Final = 0.5
"""Between two looks of a call that waits: no connection and no thread is held in between."""
_EVENTS_MAX: Final = 100
_EVENTS_DEFAULT: Final = 20
_DELIVERIES_MAX: Final = 100
_ROW_MAX: Final = 2**63 - 1
_REFUSES: Final = ("unauthenticated", "forbidden", "validation_failed", "storage_unavailable")
_STATES: Final = f"^({'|'.join(DeliveryState)})?$"


@get(
    "/",
    summary="Pull announcements",
    operation_class=described(
        answers={200: Answer(model=EventPage, example=examples.EVENT_PAGE, message="One page; it may be empty.")},
        refuses=(*_REFUSES, "cursor_unknown", "rate_limited"),
    ),
)
async def pull(
    request: Request[Any, Any, Any],
    after: Annotated[
        str, QueryParameter(pattern=CURSOR, description="The `next` of the page before; left out, the oldest kept.")
    ] = "",
    limit: Annotated[
        int, QueryParameter(ge=1, le=_EVENTS_MAX, description="Announcements on a page.")
    ] = _EVENTS_DEFAULT,
    wait: Annotated[
        int, QueryParameter(ge=0, le=WAIT_MAX_S, description="Seconds to wait for one where there is none.")
    ] = 0,
) -> EventPage:
    """What was announced, oldest first. Nothing behind a cursor is ever skipped, and an order's come in its order.

    A cursor from before a restored backup is refused as `cursor_unknown`: begin without one, and pass over what you
    have taken, by its id.

    Announcements are kept for 30 days by default. To take one again that is still kept, ask with an earlier cursor. One
    that is kept no more is put back by a replay: at the end, under the same id.
    """
    runtime, merchant_id = runtime_of(request), caller(request).merchant_id
    store = runtime.ports.store
    rows = await rows_behind(store, merchant_id, after, limit)
    if wait and rows is not None and not rows:
        with _waiter(runtime, merchant_id):
            await _announced(runtime, merchant_id, row_of(after), wait)
        rows = await rows_behind(store, merchant_id, after, limit)
    if rows is None:
        raise ApiProblem("cursor_unknown")
    return await event_page(store, rows, after)


@get(
    "/{event_id:str}",
    summary="Read an announcement",
    operation_class=described(
        answers={200: Answer(model=EventView, example=examples.EVENT, message="The announcement.")},
        refuses=("unauthenticated", "forbidden", "not_found", "storage_unavailable"),
    ),
)
async def read_announcement(request: Request[Any, Any, Any], event_id: FromPath[str]) -> EventView:
    """One announcement, as it was and is sent, while it is kept."""
    store = ports_of(request).store
    row = await store.announcement(caller(request).merchant_id, event_id)
    if row is None:
        raise ApiProblem("not_found")
    return await event_of(store, row)


@post(
    "/replay",
    summary="Deliver announcements again",
    status_code=200,
    operation_class=described(
        takes=ReplayIn,
        example=examples.REPLAY_ASKED,
        answers={200: Answer(model=ReplayView, example=examples.REPLAY, message="What goes where.")},
        refuses=_REFUSES,
    ),
)
async def replay(request: Request[Any, Any, Any]) -> ReplayView:
    """Deliver announcements to your endpoints once more, as if they had never been sent; their ids stay.

    What is kept no more is made again from the journal. A handler gets its own from the program that registers it, also
    where this service does not have its code. More than 500, or a walk through more than 5,000 orders, is refused and
    nothing is sent: name fewer, or use `paystate outbox replay`.
    """
    ports, merchant_id = ports_of(request), caller(request).merchant_id
    body = await read_json(request, ReplayIn)
    wish = _wish(body)
    here = {one.name: one.kinds for one in runtime_of(request).subscribers_of(merchant_id)}
    kinds = only_to(body.endpoint or "", await everybody(ports.store, ports.clock, merchant_id, here))
    found = await would_replay_few(ports.store, ports.clock, merchant_id, kinds, wish)
    if not body.dry_run:
        found = [await queue_again(ports.store, ports.clock, one) for one in found]
    return replay_view(found, dry_run=body.dry_run)


def _wish(body: ReplayIn) -> Wish:
    since = None if body.since is None else instant_in(body.since, "/since")
    wish = Wish(event_ids=body.ids or (), order_id=body.order_id or "", since=since, dead=body.dead)
    if not wish.says_which:
        raise ApiProblem("validation_failed", rule="has none of ids, order_id, since and dead")
    return wish


@get(
    "/v1/outbox",
    summary="List deliveries",
    operation_class=described(
        answers={200: Answer(model=DeliveryPage, example=examples.DELIVERY_PAGE, message="One page, newest first.")},
        refuses=_REFUSES,
    ),
    guards=[needs_api_key],
    security=API_KEY,
    tags=["announcements"],
)
async def list_deliveries(
    request: Request[Any, Any, Any],
    order: Annotated[
        str, QueryParameter(pattern="^[A-Za-z0-9_-]{0,31}$", description="Only those about this order.")
    ] = "",
    endpoint: Annotated[str, QueryParameter(max_length=32, description="Only those to this endpoint.")] = "",
    in_state: Annotated[
        str, QueryParameter(name="state", pattern=_STATES, description="`waiting`, `delivered` or `dead`.")
    ] = "",
    before: Annotated[int, QueryParameter(ge=1, le=_ROW_MAX, description="The `next` of the page before.")] = _ROW_MAX,
    limit: Annotated[int, QueryParameter(ge=1, le=_DELIVERIES_MAX, description="Deliveries on a page.")] = 50,
) -> DeliveryPage:
    """What is on its way to your endpoints, what was delivered, and what was given up."""
    merchant_id, store = caller(request).merchant_id, ports_of(request).store
    state = DeliveryState(in_state) if in_state else None
    rows = await store.deliveries(
        merchant_id, order_id=order, subscriber=endpoint, state=state, before=before, limit=limit + 1
    )
    page = rows[:limit]
    return DeliveryPage(deliveries=tuple(map(delivery_view, page)), next=page[-1].id if len(rows) > limit else None)


@contextmanager
def _waiter(runtime: Runtime, merchant_id: str) -> Generator[None]:
    """Count a call that waits; raises ApiProblem where there are too many."""
    if runtime.waiting_pulls[merchant_id] >= WAITERS_MAX:
        raise ApiProblem("rate_limited", retry_after_s=WAIT_MAX_S)
    runtime.waiting_pulls[merchant_id] += 1
    try:
        yield
    finally:
        runtime.waiting_pulls[merchant_id] -= 1


async def _announced(runtime: Runtime, merchant_id: str, last: int, wait_s: int) -> None:
    """Return when there is an announcement behind `last`, or the time is over."""
    for _ in range(int(wait_s / POLL_S)):
        if await runtime.ports.store.newest_announcement(merchant_id) > last:
            return
        await runtime.sleep(POLL_S)


router = Router(
    "/v1/announcements",
    route_handlers=[pull, read_announcement, replay],
    guards=[needs_api_key],
    security=API_KEY,
    tags=["announcements"],
)
