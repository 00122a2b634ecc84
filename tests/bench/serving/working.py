"""The goal for a second worker: two processes on one PostgreSQL, beside one of them, where Juspay takes its time.

A worker waits for Juspay most of the time, and asks about a bounded number of a merchant's orders at once. So what a
second one adds shows only where an answer takes as long as one through the internet does. How long Juspay really takes
is told nowhere: `JUSPAY_TAKES_S` is our guess. The clock runs while the middle four fifths of the payments are settled,
as nobody's start and end are to count.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final

from bench.calls import stub
from bench.measuring import Result
from bench.serving.load import body_of
from bench.serving.sides import worker
from contract.samples import opens
from integration.api.world import FakeGateway, merchant
from patience import until
from postgres_server import database_made, own

from paystate.adapters.clock import RandomIds, SystemClock
from paystate.adapters.juspay.webhooks import read_webhook
from paystate.adapters.storage.postgres.config import PostgresConfig
from paystate.adapters.storage.postgres.migration import migrate
from paystate.adapters.storage.postgres.store import PostgresStore
from paystate.core.heartbeats import workers_at
from paystate.core.ids import OrderKey
from paystate.core.orders.facts import AnnouncementKind
from paystate.core.use_cases.context import Ports
from paystate.core.use_cases.webhooks import take_webhook

JUSPAY_TAKES_S: Final = 0.2
LEAST: Final = 1.7
_MERCHANT: Final = "benchshop"
_AT_ONCE: Final = 32
"""Webhooks on their way into the database."""
_PAGE: Final = 1000


def results(*, rounds: int, payments: int = 500) -> list[Result]:
    """Measure it in one run, so many payments by one worker and by two in each round."""
    numbers = count()
    with TemporaryDirectory() as folder, stub(after_s=JUSPAY_TAKES_S) as juspay, own(within=None) as server:
        config = PostgresConfig(address=database_made(server.dsn()))
        migrate(config)

        def settled_a_second(workers: int) -> float:
            names = [f"b{next(numbers):06}" for _ in range(payments)]
            since = SystemClock().now()
            with ExitStack() as ends:
                for _ in range(workers):
                    ends.enter_context(worker(Path(folder), juspay.url, config.address))
                return asyncio.run(_settled_a_second(config, names, workers, since))

        ratios = tuple(settled_a_second(2) / settled_a_second(1) for _ in range(rounds))
    message = f"payments settled by two workers / by one, Juspay answering after {1000 * JUSPAY_TAKES_S:.0f} ms"
    return [Result("L3", message, ratios, at_least=LEAST)]


async def _settled_a_second(config: PostgresConfig, names: Sequence[str], workers: int, since: datetime) -> float:
    keys = [OrderKey(_MERCHANT, one) for one in names]
    async with PostgresStore(config) as store:
        ports = Ports(store=store, clock=SystemClock(), ids=RandomIds())
        us = merchant(_MERCHANT, FakeGateway(_MERCHANT))
        for key in keys:
            await store.transact(key, opens(key, ports.clock.now()))
        newest = await store.newest_announcement(_MERCHANT)

        async def are_there() -> bool:
            beating = workers_at(await store.heartbeats(), ports.clock.now()).working
            return workers == sum(one.started_at >= since for one in beating)

        await until(are_there)
        bodies = [body_of(f"evt_{one}", one) for one in names]
        for some in (bodies[at : at + _AT_ONCE] for at in range(0, len(bodies), _AT_ONCE)):
            await asyncio.gather(*(take_webhook(ports, us, read_webhook, body) for body in some))
        begun_at, begun_with = await _told(store, newest, len(names) // 10)
        ended_at, ended_with = await _told(store, newest, 9 * len(names) // 10)
        await _told(store, newest, len(names))
    return (ended_with - begun_with) / (ended_at - begun_at)


async def _told(store: PostgresStore, after: int, at_least: int) -> tuple[float, int]:
    """When so many at least were announced as paid behind the place `after`, and how many it were."""
    paid = 0

    async def are_told() -> bool:
        nonlocal paid, after
        for row in await store.outbox(_MERCHANT, after=after, limit=_PAGE):
            paid, after = paid + (row.kind is AnnouncementKind.ORDER_PAID), row.id
        return paid >= at_least

    await until(are_told)
    return perf_counter(), paid
