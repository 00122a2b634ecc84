"""A merchant's program on a PostgreSQL of its own, which kills itself at a step: `program.py URL DSN STEP`.

The API key stands in the environment.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from paystate.entrypoints.consumer import Consumer, Event, Feed
from paystate.entrypoints.consumer.asyncpg_database import AsyncpgDatabase

STEPS = ("called", "written", "committed")


class DyingDatabase(AsyncpgDatabase):
    """Dies behind a transaction in which a handler was called."""

    step: str
    begun = 0

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[Any]:
        DyingDatabase.begun += 1
        if DyingDatabase.begun == 1:  # it only reads how far the consumer is
            async with super().transaction() as tx:
                yield tx
            return
        async with super().transaction() as tx:
            yield tx
        die(self.step, "committed")


def die(step: str, at: str) -> None:
    if step == at:
        os.kill(os.getpid(), signal.SIGKILL)


async def main(url: str, dsn: str, step: str) -> None:
    async def ship(event: Event, tx: Any) -> None:
        die(step, "called")
        await tx.execute("insert into shipments (order_id) values ($1)", event["data"]["order_id"])
        die(step, "written")

    DyingDatabase.step = step
    feed = Feed(url=url, api_key=os.environ["KEY"], kinds=("order.paid",), wait_s=0)
    async with (
        asyncpg.create_pool(dsn, min_size=1, max_size=1) as pool,
        Consumer(feed, "shipping", DyingDatabase(pool), ship) as consumer,
    ):
        await consumer.run()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
