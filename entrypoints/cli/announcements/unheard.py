"""What the doctor finds of endpoints that are not told any more."""

from __future__ import annotations

from collections.abc import AsyncIterator

from paystate.core.ports.outbox import DeliveryState
from paystate.core.timestamps import stamp
from paystate.entrypoints.setup import bootstrap
from paystate.entrypoints.setup.problems import ConfigProblem
from paystate.entrypoints.setup.settings import Settings


async def unheard(settings: Settings) -> AsyncIterator[ConfigProblem]:
    """Endpoints of the settings that answered 410, and merchants whose endpoints have missed something."""
    names = {(merchant_id, one.name) for merchant_id, of in settings.merchants.items() for one in of.subscribers}
    if not names:
        return
    async with bootstrap.opened_store(settings.database_path) as store:
        for known in await store.subscriptions(bootstrap.clock(settings, None).now()):
            if known.paused_at is not None and (known.merchant_id, known.subscriber) in names:
                message = f"{known.subscriber} gets nothing since {stamp(known.paused_at)}: it answered 410 (Gone)"
                fix = f"take it out, or run `paystate outbox resume {known.subscriber}`"
                yield ConfigProblem(f"merchants.{known.merchant_id}.endpoints", message, fix)
        for merchant_id in sorted({merchant_id for merchant_id, _ in names}):
            if dead := await store.deliveries(merchant_id, state=DeliveryState.DEAD, limit=1):
                message = f"{dead[0].subscriber} has missed what was sent to it ({dead[0].told})"
                fix = "`paystate outbox list --state dead` shows what, `paystate outbox replay --dead` sends it again"
                yield ConfigProblem(f"merchants.{merchant_id}.endpoints", message, fix)
