"""A shop that ships what is paid, from a handler in a program of its own, which may be killed."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from pathlib import Path

from e2e.programs import Program, started
from e2e.shop import START, Shop, process, shop
from e2e.standin import CLOCK
from patience import until

PROGRAM = Path(__file__).parent / "shipping.py"


@asynccontextmanager
async def program(at: Shop, step: str = "never") -> AsyncGenerator[Program]:
    running = await started(PROGRAM, at.settings, at.juspay.url + CLOCK, step)
    try:
        assert b"at work\n" == await running.stdout.readline()
        yield running
    finally:
        if running.returncode is None:
            running.kill()
        await running.wait()


def rows(at: Shop, query: str) -> list[str]:
    with closing(sqlite3.connect(at.folder / "paystate.sqlite3", timeout=60)) as connection:
        return [value for (value,) in connection.execute(query).fetchall()]


def shipped(at: Shop) -> list[str]:
    return rows(at, "select order_id from shipments order by order_id")


def delivered(at: Shop) -> list[str]:
    return rows(
        at,
        "select orders.order_id from deliveries join orders using (merchant_id, order_key) "
        "where subscriber = 'ship' and deliveries.state = 'delivered' order by orders.order_id",
    )


async def is_known(at: Shop) -> None:
    async def there_is_one() -> bool:
        return bool(rows(at, "select subscriber from subscribers where subscriber = 'ship'"))

    async with program(at):
        await until(there_is_one)


def with_shipments(at: Shop) -> None:
    """A table that lets an order be shipped as often as somebody does it."""
    with closing(sqlite3.connect(at.folder / "paystate.sqlite3")) as connection:
        connection.execute("create table shipments (order_id text not null)")


@asynccontextmanager
async def shipping(folder: Path) -> AsyncGenerator[Shop]:
    """A service without a worker, and what the program ships into."""
    async with shop(folder, now=START) as at:
        with_shipments(at)
        async with process(at, "serve", "--no-worker"):
            await is_known(at)
            yield at


async def finish(at: Shop, order_ids: list[str]) -> None:
    """Let a program that lives do the rest."""

    async def all_are_noted() -> bool:
        assert at.juspay.now is not None
        at.juspay.now += timedelta(seconds=40)  # past any lease
        return delivered(at) == order_ids

    async with program(at):
        await until(all_are_noted)
