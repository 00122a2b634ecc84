"""A consumer's program is killed at each step: each paid order is shipped exactly once."""

from __future__ import annotations

import signal
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import asyncpg
import psycopg
import pytest
import pytest_asyncio
from e2e.consumer.program import STEPS
from e2e.programs import started
from e2e.shop import START, Shop, installed, shop
from postgres_server import database_made

from paystate.adapters.clock import SettableClock
from paystate.entrypoints.consumer import TABLES, Consumer, Event, Feed
from paystate.entrypoints.consumer.asyncpg_database import AsyncpgDatabase

pytestmark = pytest.mark.asyncio(loop_scope="module")

ORDER_IDS = ["Take-1", "Take-2"]
PROGRAM = Path(__file__).parent / "program.py"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def paid(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Shop]:
    """A service of which two orders are paid; each test is a consumer of its own."""
    async with shop(tmp_path_factory.mktemp("shop"), now=START) as at, installed(at, SettableClock(START)):
        for order_id in ORDER_IDS:
            await at.charged(order_id=order_id)
        yield at


@pytest.fixture(scope="module")
def of_the_module(postgres_server: str) -> str:
    return database_made(postgres_server)


@pytest.fixture
def dsn(of_the_module: str) -> str:
    """A database with empty tables, of which one lets an order be shipped as often as somebody does it."""
    with psycopg.connect(of_the_module, autocommit=True) as database:
        database.execute("drop table if exists paystate_cursors, paystate_handled, shipments")
        for table in (*TABLES, "create table shipments (order_id text not null)"):
            database.execute(table.encode())
    return of_the_module


async def killed(at: Shop, dsn: str, step: str) -> int | None:
    """Run the program until it dies; returns its exit code."""
    return await (await started(PROGRAM, at.service_url, dsn, step, KEY=at.key)).wait()


async def finished(at: Shop, dsn: str) -> None:
    """Do the rest, as a program that starts again would."""

    async def ship(event: Event, tx: Any) -> None:
        await tx.execute("insert into shipments (order_id) values ($1)", event["data"]["order_id"])

    feed = Feed(url=at.service_url, api_key=at.key, kinds=("order.paid",), wait_s=0)
    async with (
        asyncpg.create_pool(dsn, min_size=1, max_size=1) as pool,
        Consumer(feed, "shipping", AsyncpgDatabase(pool), ship) as consumer,
    ):
        while await consumer.step():
            pass


def shipped(dsn: str) -> list[str]:
    with psycopg.connect(dsn) as database:
        return [row[0] for row in database.execute("select order_id from shipments").fetchall()]


@pytest.mark.parametrize("step", STEPS)
async def test_a_kill_leaves_both_or_neither(paid: Shop, dsn: str, step: str) -> None:
    assert -signal.SIGKILL == await killed(paid, dsn, step)
    assert (["Take-1"] if step == "committed" else []) == shipped(dsn)
    await finished(paid, dsn)
    assert ORDER_IDS == shipped(dsn)
