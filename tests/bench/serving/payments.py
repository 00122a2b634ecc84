"""The goal for payments from end to end: the shipped service with its worker, beside bare status calls.

A webhook comes over HTTP and is stored; the worker follows it, asks for the order's status, decides, and commits the
decision with its journal row and `order.paid` in the outbox. A bare status call asks the same server for the same
answer, reads it, and keeps nothing. Both have as many under way at once. The clock counts; the server that is asked is
a process of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final

import uvloop
from bench.calls import config, stub
from bench.measuring import Result
from bench.serving.load import answered_a_second, body_of, request_of
from bench.serving.sides import DATABASE, paystate_with_worker
from contract.samples import opens
from patience import until

from paystate.adapters.juspay import JuspayClient
from paystate.adapters.storage.sqlite.store import SqliteStore
from paystate.core.ids import OrderKey
from paystate.core.orders.facts import AnnouncementKind
from paystate.entrypoints.service.worker import URGENT_AT_ONCE

LEAST: Final = 0.6
_MERCHANT: Final = "benchshop"
_AT_ONCE: Final = URGENT_AT_ONCE
"""As many as a worker asks about at once for one merchant."""
_PAGE: Final = 1000


def results(*, rounds: int, payments: int = 500) -> list[Result]:
    """Measure it in one run, so many payments in each round."""
    numbers = count()
    ratios: list[float] = []
    with TemporaryDirectory() as folder, stub() as juspay, paystate_with_worker(Path(folder), juspay.url) as server:
        for _ in range(rounds):
            names = [f"b{next(numbers):06}" for _ in range(payments)]
            known = uvloop.run(_opened(Path(folder), names))
            begun = perf_counter()
            answered_a_second(server.port, (request_of(body_of(f"evt_{one}", one)) for one in names), _AT_ONCE)
            uvloop.run(_all_told(Path(folder), known, payments))
            settled = payments / (perf_counter() - begun)
            ratios.append(settled / uvloop.run(_asked_a_second(juspay.url, names)))
    message = f"payments from webhook to order.paid in the outbox / bare status calls, {_AT_ONCE} at once"
    return [Result("L2", message, tuple(ratios), at_least=LEAST)]


async def _opened(folder: Path, names: Sequence[str]) -> int:
    """Open orders; returns the place of the newest announcement."""
    async with SqliteStore(folder / DATABASE) as store:
        await asyncio.gather(*(store.transact(key, opens(key)) for key in (OrderKey(_MERCHANT, one) for one in names)))
        return await store.newest_announcement(_MERCHANT)


async def _all_told(folder: Path, after: int, payments: int) -> None:
    """Until so many have been announced as paid behind the place `after`; an answer may announce more than that."""
    told = 0
    async with SqliteStore(folder / DATABASE) as store:

        async def are_all() -> bool:
            nonlocal told, after
            for row in await store.outbox(_MERCHANT, after=after, limit=_PAGE):
                told, after = told + (row.kind is AnnouncementKind.ORDER_PAID), row.id
            return told == payments

        await until(are_all)


async def _asked_a_second(url: str, names: Sequence[str]) -> float:
    left = iter(names)
    async with JuspayClient(config(url)) as client:

        async def asks() -> None:
            for order_id in left:
                await client.order_status(order_id, routing_id="lee-17")

        warm = (client.order_status(names[0], routing_id="lee-17") for _ in range(_AT_ONCE))
        await asyncio.gather(*warm)  # the connections
        begun = perf_counter()
        await asyncio.gather(*(asks() for _ in range(_AT_ONCE)))
        return len(names) / (perf_counter() - begun)
