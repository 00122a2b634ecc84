"""How the installation runs: who works, what waits and since when, what was given up, which keys are used, and what
came with a wrong signature or login.

What only a running service knows, such as how fast Juspay answers, is in its metrics.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from attrs import frozen
from litestar import get, post
from litestar.params import FromPath

from paystate.core.console.users import Power
from paystate.core.errors import ValueInvalid
from paystate.core.heartbeats import Heartbeat, workers_at
from paystate.core.ports.backlog import COUNTED_MAX, MerchantBacklog, SubscriberBacklog, Waiting
from paystate.core.ports.outbox import DeliveryRow, DeliveryState
from paystate.core.signature_failures import KEPT, RETURN, WEBHOOK, FailuresTold, SignatureFailure, recent_since
from paystate.core.use_cases.announcements.replay import (
    REPLAY_MAX,
    Replayed,
    Wish,
    everybody,
    queue_again,
    would_replay_few,
)
from paystate.core.use_cases.context import Merchant
from paystate.entrypoints.console.access import (
    AnyRequest,
    Console,
    address_at,
    console_of,
    may_act,
    needs_sign_in,
    own_form,
    person_at,
)
from paystate.entrypoints.console.orders import label_of, merchant_named, path_of
from paystate.entrypoints.console.proof import needs_proof, unproved
from paystate.entrypoints.console.rendering import Page, page, see
from paystate.entrypoints.console.watching.revisions import revision
from paystate.entrypoints.interface.zones import clock_in, lasting, time_in
from paystate.entrypoints.setup.credentials import ApiKey
from paystate.entrypoints.setup.logs import Logger
from paystate.entrypoints.setup.own_keys import OwnKey

_log: Final = Logger("paystate.console")

LETTERS_MAX: Final = 20
_WRONG: Final = {
    (WEBHOOK, "unauthenticated"): "Webhooks whose login or header was wrong",
    (WEBHOOK, "signature_required"): "Webhooks that came unsealed",
    (WEBHOOK, "signature_invalid"): "Webhooks whose seal was wrong",
    (RETURN, "signature_invalid"): "Returns whose signature was wrong",
}
Figure = tuple[str, str]
"""What is told, and the figure in words."""


@frozen(kw_only=True)
class Letter:
    """A delivery that was given up."""

    order_path: str
    order_id: str
    kind: str
    subscriber: str
    tries: int
    ended: str
    outcome: str


@frozen(kw_only=True)
class OfMerchant:
    """What is told of one merchant."""

    merchant_id: str
    waits: Sequence[Figure]
    subscribers: Sequence[Figure]
    keys: Sequence[Figure]
    own_keys: Sequence[Figure]
    failures: Sequence[Figure]
    failures_since: str
    letters: Sequence[Letter]
    replay_path: str


@get("/operations", guards=[needs_sign_in])
async def show_operations(request: AnyRequest) -> Page:
    """All of it."""
    told = await _told(console_of(request))
    may_act = person_at(request).user.may(Power.ACT)
    return page(request, "operations.html", **told, revision=revision(told), may_act=may_act)


@get("/operations/{merchant_id:str}/replay", guards=[needs_sign_in, may_act])
async def show_replay(request: AnyRequest, merchant_id: FromPath[str]) -> Page:
    """What would be delivered once more; nothing is sent."""
    return await _replay_page(request, merchant_named(console_of(request), merchant_id))


@post("/operations/{merchant_id:str}/replay", guards=[needs_sign_in, may_act])
async def do_replay(request: AnyRequest, merchant_id: FromPath[str]) -> Page:
    """Queue what was given up once more, as if it had never been sent. Who did it is logged, also if that fails."""
    fields, console = await own_form(request), console_of(request)
    merchant = merchant_named(console, merchant_id)
    if problem := await unproved(request, fields):
        return await _replay_page(request, merchant, 422, problem)
    found = await _given_up(console, merchant)
    if found is None:
        return await _replay_page(request, merchant, 409)
    who, count = person_at(request).user.name, 0
    try:
        for one in found:
            await queue_again(console.ports.store, console.ports.clock, one)
            count += 1
    finally:
        _log.info("delivered again", user=who, address=address_at(request), merchant_id=merchant_id, count=count)
    return see("/operations")


HANDLERS: Final = (show_operations, show_replay, do_replay)


async def revision_of_operations(console: Console) -> str:
    """Of what is told there."""
    return revision(await _told(console))


async def _told(console: Console) -> dict[str, Any]:
    store, now = console.ports.store, console.now()
    workers = workers_at(await store.heartbeats(), now)
    backlogs = {one.merchant_id: one for one in await store.backlog(list(console.merchants), now)}
    failures = await store.failures(now)
    return {
        "workers": [_worker(one, now) for one in workers.working],
        "no_worker": _no_worker(workers.last_beat_at, now),
        "failures_kept_days": KEPT.days,
        "merchants": [
            await _of_merchant(
                console, merchant, backlogs.get(name), [one for one in failures if one.failure.merchant_id == name]
            )
            for name, merchant in console.merchants.items()
        ],
    }


async def _given_up(console: Console, merchant: Merchant) -> Sequence[Replayed] | None:
    """What was given up on its way to anybody who is told now; None where it is more than fits."""
    store, clock, name = console.ports.store, console.ports.clock, merchant.merchant_id
    here = {one.name: one.kinds for one in console.runtime.subscribers_of(name)}
    try:
        return await would_replay_few(store, clock, name, await everybody(store, clock, name, here), Wish(dead=True))
    except ValueInvalid:
        return None


async def _replay_page(request: AnyRequest, merchant: Merchant, status: int = 200, problem: str = "") -> Page:
    console = console_of(request)
    found = await _given_up(console, merchant)
    return page(
        request,
        "replay.html",
        status,
        merchant_id=merchant.merchant_id,
        path=f"/operations/{merchant.merchant_id}/replay",
        found=[
            (one.key.order_id, one.announced.kind, time_in(one.at, merchant.time_zone), one.to) for one in found or ()
        ],
        too_many=found is None,
        most=REPLAY_MAX,
        zone=str(merchant.time_zone),
        problems={"password": problem} if problem else {},
        needs_password=needs_proof(request),
    )


async def _of_merchant(
    console: Console, merchant: Merchant, backlog: MerchantBacklog | None, failures: Sequence[FailuresTold]
) -> OfMerchant:
    name, store, now = merchant.merchant_id, console.ports.store, console.now()
    to = [(name, one.name) for one in console.runtime.subscribers_of(name)]
    to += [(name, one.subscriber) for one in await store.subscriptions(now) if one.merchant_id == name and one.handles]
    return OfMerchant(
        merchant_id=name,
        waits=list(_waits(backlog, now)) if backlog else [],
        subscribers=[_subscriber(one, now) for one in await store.delivery_backlog(list(dict.fromkeys(to)))],
        keys=await _keys(console, merchant),
        own_keys=[_own_key(one, now) for one in console.runtime.current.own_keys.get(name, ())],
        failures=[(_wrong(one.failure), _failed(one, now)) for one in failures],
        failures_since=clock_in(recent_since(now), merchant.time_zone),
        letters=[_letter(one, merchant) for one in await _letters(console, name)],
        replay_path=f"/operations/{name}/replay",
    )


def _worker(beat: Heartbeat, now: datetime) -> Figure:
    return f"{beat.host}, process {beat.pid}", f"{beat.version}, for {lasting(now - beat.started_at)}"


def _no_worker(last_beat_at: datetime | None, now: datetime) -> str:
    if last_beat_at is None:
        return "No worker has ever worked. Nothing is sent and Juspay is not asked until one does."
    return f"No worker has worked for {lasting(now - last_beat_at)}. Nothing is sent and Juspay is not asked."


def _waits(backlog: MerchantBacklog, now: datetime) -> Iterator[Figure]:
    oldest = sorted(backlog.open_since.items(), key=lambda one: one[1])
    yield "Oldest open order", f"{label_of(oldest[0][0])}, for {lasting(now - oldest[0][1])}" if oldest else "none"
    if backlog.due is not None:
        yield "Orders that are due", _waiting(backlog.due, now)
    yield "Webhooks to read", _waiting(backlog.webhooks, now)
    yield "Webhooks in quarantine", _count(backlog.quarantined)
    yield "Orders with a refund under way", _waiting(backlog.refunds, now)
    yield "Orders that a person must look at", _count(backlog.under_review)


def _subscriber(one: SubscriberBacklog, now: datetime) -> Figure:
    given_up = f"; {_count(one.dead)} given up" if one.dead else ""
    return one.subscriber, f"{_waiting(one.waiting, now)}{given_up}"


def _waiting(waiting: Waiting, now: datetime) -> str:
    oldest = f", the oldest for {lasting(now - waiting.since)}" if waiting.since and waiting.count else ""
    return f"{_count(waiting.count)}{oldest}"


def _count(count: int) -> str:
    if not count:
        return "none"
    return f"{count:,} at least" if count >= COUNTED_MAX else f"{count:,}"


async def _keys(console: Console, merchant: Merchant) -> Sequence[Figure]:
    """Each API key, with when it was used last and until when it is good."""
    uses, now = await console.ports.store.key_uses(merchant.merchant_id), console.now()
    return [
        (key.key_id, f"{_used(uses.last_used.get(key.key_id), now)}{_ends(key, merchant, console)}")
        for key in console.runtime.credentials[merchant.merchant_id].api_keys
    ]


def _own_key(key: OwnKey, now: datetime) -> Figure:
    return key.key_id, f"{key.use}, {key.state}; its file was written {lasting(now - key.written_at)} ago"


def _wrong(failure: SignatureFailure) -> str:
    what = _WRONG.get((failure.source, failure.code), failure.source)
    named = f", which named {failure.key_id}" if failure.key_id else ""
    return f"{what} ({failure.code}){named}"


def _failed(told: FailuresTold, now: datetime) -> str:
    count = f"{told.recent:,}" if told.recent else "none"
    return f"{count}; the last one {lasting(now - told.last_at)} ago"


def _used(last_used: datetime | None, now: datetime) -> str:
    return f"used {lasting(now - last_used)} ago" if last_used else "not seen yet"


def _ends(key: ApiKey, merchant: Merchant, console: Console) -> str:
    if not key.is_good(console.now):
        return "; opens nothing any more"
    return f"; good until {clock_in(key.expires, merchant.time_zone)}" if key.expires else ""


async def _letters(console: Console, merchant_id: str) -> Sequence[DeliveryRow]:
    return await console.ports.store.deliveries(merchant_id, state=DeliveryState.DEAD, limit=LETTERS_MAX)


def _letter(row: DeliveryRow, merchant: Merchant) -> Letter:
    announcement = row.announcement
    return Letter(
        order_path=path_of(announcement.order_key),
        order_id=announcement.order_id,
        kind=announcement.kind,
        subscriber=row.subscriber,
        tries=row.tries,
        ended=clock_in(row.ended_at, merchant.time_zone) if row.ended_at else "",
        outcome=row.outcome,
    )
