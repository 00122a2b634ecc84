"""What the doctor finds of endpoints and handlers that get nothing any more, or have missed something."""

from __future__ import annotations

from collections.abc import AsyncIterator

from paystate.core.ports.outbox import DeliveryState
from paystate.core.ports.store import Store
from paystate.core.timestamps import stamp
from paystate.entrypoints.setup import bootstrap
from paystate.entrypoints.setup.problems import ConfigProblem
from paystate.entrypoints.setup.settings import Settings


async def missed_deliveries(settings: Settings) -> AsyncIterator[ConfigProblem]:
    """Endpoints of the settings that answered 410, and endpoints and handlers that have missed something.

    A handler is known by what its own program has noted; an endpoint that was taken out of the settings is nobody.
    """
    endpoints = {(merchant_id, one.name) for merchant_id, of in settings.merchants.items() for one in of.subscribers}
    async with bootstrap.opened_store(settings) as store:
        for known in await store.subscriptions(bootstrap.clock(settings, None).now()):
            merchant_id, name = known.merchant_id, known.subscriber
            is_endpoint = (merchant_id, name) in endpoints
            if is_endpoint and known.paused_at is not None:
                message = f"{name} gets nothing since {stamp(known.paused_at)}: it answered 410 (Gone)"
                fix = f"take it out, or run `paystate outbox resume {name}`"
                yield ConfigProblem(f"merchants.{merchant_id}.endpoints", message, fix)
            if is_endpoint and (words := await _missed(store, merchant_id, name)):
                again = "`paystate outbox replay --dead --by NAME` sends it again"
                fix = f"`paystate outbox list --state dead` shows what, {again}"
                yield ConfigProblem(f"merchants.{merchant_id}.endpoints", f"{name} {words}", fix)
            if known.handles and merchant_id in settings.merchants and not is_endpoint:
                async for problem in _of_handler(store, merchant_id, name):
                    yield problem


async def _of_handler(store: Store, merchant_id: str, name: str) -> AsyncIterator[ConfigProblem]:
    if words := await _missed(store, merchant_id, name):
        fix = (
            f"correct it; then `paystate outbox replay --dead --endpoint {name} --by NAME` queues it again,"
            " and the worker of your own program, which has the handler, calls it"
        )
        yield ConfigProblem(f"{merchant_id}, handlers of `pay.on`", f"{name} {words}", fix)


async def _missed(store: Store, merchant_id: str, name: str) -> str:
    """That something was given up, and why; empty where nothing was."""
    dead = await store.deliveries(merchant_id, subscriber=name, state=DeliveryState.DEAD, limit=1)
    return f"has missed what was sent to it ({dead[0].outcome})" if dead else ""
