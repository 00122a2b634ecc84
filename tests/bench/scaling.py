"""What many orders cost that a hundred thousand do not: a webhook, a read, a look and a refund, on both databases.

Each is done alone and by the clock, so this is how long a caller waits, and not how many are done in a second. Orders
that are looked at and refunded are real ones; all others are rows as `bench.filling` makes them.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final

from attrs import frozen
from bench.filling import filled, filled_in_postgres
from bench.measuring import Result
from bench.serving.load import body_of
from contract.samples import opened
from integration.api.world import FakeGateway, merchant
from postgres_server import database_made, own
from unit.builders import MERCHANT, NOW

from paystate.adapters.clock import RandomIds, SettableClock
from paystate.adapters.juspay.webhooks import read_webhook
from paystate.adapters.storage.postgres.config import PostgresConfig
from paystate.adapters.storage.postgres.store import PostgresStore
from paystate.adapters.storage.sqlite.store import SqliteStore
from paystate.core.ids import OrderKey
from paystate.core.money import Money
from paystate.core.orders.commands.open_commands import OpenOrder
from paystate.core.orders.facts import Refused
from paystate.core.ports.store import Store
from paystate.core.use_cases.context import Ports
from paystate.core.use_cases.look import ask
from paystate.core.use_cases.refund import refund
from paystate.core.use_cases.transact import transact
from paystate.core.use_cases.webhooks import take_webhook

FEW: Final = 100_000
MANY: Final = 1_000_000
MANY_IN_POSTGRES: Final = 2_000_000
"""With their names and movements, eleven million rows."""
TIMES: Final = 1.5
TIMES_IN_POSTGRES: Final = 2.0

Opened = Callable[[int], Awaitable[AbstractAsyncContextManager[Store]]]
"""Makes a database of so many orders."""

Step = Callable[[int], Awaitable[object]]
"""Does one thing; the number says which time it is."""


@frozen
class _Shop:
    """One database, and what is done in it."""

    steps: Mapping[str, Step]

    async def spent_s(self, what: str, number: int) -> float:
        begun = perf_counter()
        await self.steps[what](number)
        return perf_counter() - begun


def results(*, rounds: int, few: int = FEW, many: int = MANY) -> list[Result]:
    """On SQLite: one goal for each thing; in a round each is done ten times, on one database and the other in turn."""
    with TemporaryDirectory() as folder:

        async def made(orders: int) -> SqliteStore:
            path = Path(folder, f"{orders}.db")
            filled(path, orders)
            return SqliteStore(path)

        return asyncio.run(_measured(made, (many, few), rounds, _Goals("P16", "SQLite", TIMES)))


def on_postgres(*, rounds: int, few: int = FEW, many: int = MANY_IN_POSTGRES) -> list[Result]:
    """The same on PostgreSQL, on a server whose files are on a disk."""
    with own(within=None) as server:

        async def made(orders: int) -> PostgresStore:
            config = PostgresConfig(address=await asyncio.to_thread(database_made, server.dsn()))
            await filled_in_postgres(config, orders)
            return PostgresStore(config)

        goals = _Goals("P16p", "PostgreSQL", TIMES_IN_POSTGRES)
        return asyncio.run(_measured(made, (many, few), rounds, goals))


@frozen
class _Goals:
    """What the goals of one database are called, and what they ask."""

    id: str
    database: str
    at_most: float


async def _measured(made: Opened, sizes: tuple[int, int], rounds: int, goals: _Goals) -> list[Result]:
    async with AsyncExitStack() as at_end:
        shops: list[_Shop] = []
        for size in sizes:
            store = await at_end.enter_async_context(await made(size))
            shops.append(await _shop(store, size, 10 * (rounds + 1)))
        found = [await _round(shops, turn) for turn in range(rounds + 1)][1:]  # the first one warms up
    return [
        Result(
            f"{goals.id}{letter}",
            f"a {what} on {goals.database}, alone, among {sizes[0]:,} orders / among {sizes[1]:,}",
            tuple(one[what] for one in found),
            at_most=goals.at_most,
        )
        for letter, what in zip("abcd", found[0], strict=True)
    ]


async def _round(shops: list[_Shop], turn: int) -> dict[str, float]:
    ratios: dict[str, float] = {}
    for what in shops[0].steps:
        spent: list[list[float]] = [[], []]
        for number in range(10 * turn, 10 * turn + 10):
            for at in (0, 1) if number % 2 else (1, 0):
                spent[at].append(await shops[at].spent_s(what, number))
        ratios[what] = median(spent[0]) / median(spent[1])
    return ratios


async def _shop(store: Store, size: int, orders: int) -> _Shop:
    gateway, dice = FakeGateway(MERCHANT), random.Random(7)  # noqa: S311 - which orders, and no secret
    us = merchant(MERCHANT, gateway)
    ports = Ports(store=store, clock=SettableClock(NOW), ids=RandomIds())
    keys = [OrderKey(MERCHANT, f"{dice.randrange(16**12):012x}") for _ in range(orders)]
    for key in keys:
        await transact(ports, us.policy, key, OpenOrder(opened(key)))
        gateway.says(key.order_id, "CHARGED", "349.50")

    async def webhook(number: int) -> object:
        return await take_webhook(ports, us, read_webhook, body_of(f"evt_{number}", keys[number].order_id))

    async def read(_: int) -> object:
        return await store.load(OrderKey(MERCHANT, f"SHOP-{dice.randrange(1, size):07}"))

    async def look(number: int) -> object:
        return await ask(ports, us, keys[number])

    async def refunded(number: int) -> None:
        made = await refund(ports, us, keys[number], idempotency_key=f"r{number}", amount=Money(100, "INR"))
        assert not isinstance(made, Refused), made.code

    return _Shop({"webhook": webhook, "read": read, "look": look, "refund": refunded})
