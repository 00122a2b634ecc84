"""The goal for webhooks on PostgreSQL: how many a process stores in a second, beside what `pgbench` inserts.

Both sides use one server on a disk, which syncs each commit before it answers. `pgbench` has 16 connections, a prepared
statement, and a table with nothing but a unique id: all that it stores is a row with the same body. Paystate looks
whether it knows the webhook, keeps each order within its bound, and fills the indexes that a worker needs. The clock
counts here and not CPU time, as both sides wait for a disk.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final
from urllib.parse import urlsplit

import uvloop
from bench.measuring import Result
from postgres_server import Server, database_made, own

from paystate.adapters.storage.postgres.config import PostgresConfig
from paystate.adapters.storage.postgres.migration import migrate
from paystate.adapters.storage.postgres.store import PostgresStore
from paystate.core.ports.store import ReceivedWebhook

LEAST: Final = 0.7
CALLERS: Final = {"P11": 100, "P11b": 32}
"""How many webhooks are under way at once: as many as a group has, and fewer."""
CLIENTS: Final = 16
_NOW: Final = datetime(2026, 3, 14, 9, 0, tzinfo=UTC)
_ORDERS: Final = 10_000
"""The webhooks of one order come apart."""
_BODY: Final = os.urandom(1750).hex()
"""Of the size of Juspay's, and nothing to compress."""
_TABLE: Final = "create table plain (id bigserial primary key, event_id text not null unique, body text not null)"
_INSERT: Final = rf"""
\set n random(1, 1000000000000)
insert into plain (event_id, body) values ('evt_' || :n, '{_BODY}');
"""  # noqa: S608 - text of our own


def results(*, rounds: int, seconds: int = 2) -> list[Result]:
    """Measure it in one run; a side takes `seconds` in each round."""
    ratios: dict[str, list[float]] = {goal: [] for goal in CALLERS}
    with own(within=None) as server, TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)  # the server's owner reads the script
        (Path(folder) / "insert.sql").write_text(_INSERT)
        config = PostgresConfig(address=database_made(server.dsn()))
        migrate(config)
        database = urlsplit(config.address).path.strip("/")
        server.run("psql", "-q", "-h", str(server.data_dir), "-U", "postgres", "-d", database, "-c", _TABLE)
        numbers = count()
        for _ in range(rounds):
            inserted = _inserted_a_second(server, database, folder, seconds)
            for goal, callers in CALLERS.items():
                ratios[goal].append(uvloop.run(_stored_a_second(config, callers, numbers, seconds)) / inserted)
    message = "webhooks stored on PostgreSQL by {} callers / rows inserted by pgbench with {} clients"
    return [
        Result(goal, message.format(callers, CLIENTS), tuple(ratios[goal]), at_least=LEAST)
        for goal, callers in CALLERS.items()
    ]


def _inserted_a_second(server: Server, database: str, folder: str, seconds: int) -> float:
    told = server.run(
        *("pgbench", "-h", str(server.data_dir), "-U", "postgres", "-n", "-M", "prepared"),
        *("-c", str(CLIENTS), "-T", str(seconds), "-f", f"{folder}/insert.sql", database),
    )
    found = re.search(r"tps = ([0-9.]+)", told)
    assert found, told
    return float(found[1])


async def _stored_a_second(config: PostgresConfig, callers: int, numbers: Iterator[int], seconds: int) -> float:
    stored = 0
    async with PostgresStore(config) as store:
        begun = perf_counter()

        async def calls() -> None:
            nonlocal stored
            while perf_counter() < begun + seconds:
                assert await store.append_inbox(_webhook(next(numbers)))
                stored += 1

        await asyncio.gather(*(calls() for _ in range(callers)))
        return stored / (perf_counter() - begun)


def _webhook(number: int) -> ReceivedWebhook:
    body = f'{{"id": "evt_{number}", "content": "{_BODY}"}}'.encode()
    order = f"order-{number % _ORDERS}"
    return ReceivedWebhook("teashop", f"evt_{number}", body, _NOW, event_name="ORDER_SUCCEEDED", order_key=order)
