"""How soon a webhook that was answered 200 is looked into, by a worker that is another process than the service.

The stand-in writes down when it is asked about the order, and the order is read until it is paid. Beside that stands
what the worker costs while nothing happens, in CPU time. Webhooks come one by one, at odd times, to a worker that
rests. Time counts here, as what is measured is a wait; so only runs beside each other are compared.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from decimal import Decimal
from functools import partial
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final

from attrs import frozen
from e2e.programs import Program
from e2e.shop import ORDER, Shop, process, shop
from e2e.standin import Call, Order
from patience import until
from postgres_server import database_made, own

from paystate.adapters.storage.postgres.config import PostgresConfig
from paystate.adapters.storage.postgres.migration import migrate
from paystate.entrypoints.service.worker import IDLE_S

REST_S: Final = 0.5
_TICKS_S: Final = os.sysconf("SC_CLK_TCK")


@frozen
class Noticed:
    """One database's line.

    Attributes:
        asked_ms: From each webhook's 200 to the question that the worker asks Juspay about its order.
        decided_ms: To the answer of the service that the order is paid.
        idle: The part of a core that the worker takes while nothing happens.
    """

    database: str
    asked_ms: tuple[float, ...]
    decided_ms: tuple[float, ...]
    idle: float

    def line(self) -> str:
        """What was found, for a person."""
        asked, decided = (_middle_and_most(ms) for ms in (self.asked_ms, self.decided_ms))
        return f"{self.database:10}  asked {asked}   decided {decided}   idle {100 * self.idle:4.1f} % of a core"


def results(*, webhooks: int = 60, idle_s: float = 10) -> list[Noticed]:
    """Measure it on SQLite and on PostgreSQL."""
    with TemporaryDirectory() as folder, own() as server:
        address = database_made(server.dsn())
        migrate(PostgresConfig(address=address))
        found = list[Noticed]()
        for name, environ in (("SQLite", {}), ("PostgreSQL", {"PAYSTATE_DATABASE": address})):
            (Path(folder) / name).mkdir()
            found.append(asyncio.run(_noticed(Path(folder) / name, name, environ, webhooks, idle_s)))
        return found


async def _noticed(folder: Path, name: str, environ: Mapping[str, str], webhooks: int, idle_s: float) -> Noticed:
    asked_at = dict[str, float]()

    async def note(call: Call) -> None:
        asked_at[call.order_id.lower()] = perf_counter()

    async with _running(folder, environ) as (at, worker):
        at.juspay.waits = note
        asked, decided = list[float](), list[float]()
        for number in range(webhooks):
            order_id = f"N{number}"
            await at.opened(order_id=order_id)  # and no process payload is signed: no look is planned
            at.juspay.orders[order_id.lower()] = Order(order_id, Decimal(ORDER["amount"]))
            at.juspay.paid(order_id)
            await asyncio.sleep(REST_S + number * 0.037 % IDLE_S)  # at odd times between two steps
            told = await at.hook(at.juspay.webhook(order_id, "ORDER_SUCCEEDED", f"evt_{order_id}"))
            answered = perf_counter()
            assert told.status_code == 200, told.text
            await until(partial(at.is_paid, order_id))
            decided.append(perf_counter() - answered)
            asked.append(asked_at[order_id.lower()] - answered)
        await asyncio.sleep(REST_S)
        before = _cpu_s(worker)
        await asyncio.sleep(idle_s)
        idle = (_cpu_s(worker) - before) / idle_s
    return Noticed(name, tuple(1000 * s for s in asked), tuple(1000 * s for s in decided), idle)


@asynccontextmanager
async def _running(folder: Path, environ: Mapping[str, str]) -> AsyncGenerator[tuple[Shop, Program]]:
    async with (
        shop(folder) as at,
        process(at, "worker", ready=b'"working"', environ=environ) as worker,
        process(at, "serve", "--no-worker", environ=environ),
    ):
        yield at, worker


def _cpu_s(program: Program) -> float:
    """What a process has taken so far. Source: proc(5), fields 14 and 15 of `stat`."""
    after_name = Path(f"/proc/{program.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / _TICKS_S


def _middle_and_most(ms: tuple[float, ...]) -> str:
    cuts = quantiles(ms, n=100, method="inclusive")
    return f"p50 {cuts[49]:5.0f} ms, p99 {cuts[98]:5.0f} ms"
