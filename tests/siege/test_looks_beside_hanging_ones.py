"""What looks of one merchant cost that hang, for another merchant who looks too: calm and beside them, in turns.

The best turn of each kind counts: whatever else runs on the machine makes a turn slower, and none faster, while looks
that hang are there in every turn beside them. Figures are printed: ARGS=-s.
"""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from statistics import quantiles

import httpx
from e2e.shop import Shop, neighbour, shop
from e2e.standin import Fault
from patience import HANGS_S
from siege.test_known_in_time import at_the_page, served

TURNS = 4
LOOKS = 1000
"""Of a calm turn. Beside those that hang a merchant looks until the last of them has its answer, after some 10 s."""
HANGING = 60
OPEN = 1000
"""So many orders that each is looked at less often than its budget allows."""
GROWTH_MAX = 1.2


async def test_another_merchant_s_looks_beside_sixty_that_hang(tmp_path: Path) -> None:
    async with (
        shop(tmp_path) as silent,
        neighbour(silent) as at,
        served(silent, "--no-worker"),
        httpx.AsyncClient(timeout=HANGS_S) as own_connections,
    ):
        at.http = own_connections
        opened = await at_the_page(silent, "open", HANGING * TURNS)
        mine = cycle(await at_the_page(at, "mine", OPEN))
        calm_s, beside_s = list[float](), list[float]()  # the 99th percentile of each turn
        with no_collections():
            for turn in range(TURNS):
                calm_s.append(told("calm", [await look_s(at, mine) for _ in range(LOOKS)]))
                silent.juspay.down = Fault("silence")
                some = opened[turn * HANGING :][:HANGING]
                looking = [asyncio.create_task(silent.call("POST", f"/v1/orders/{one}/look")) for one in some]
                took_s = list[float]()
                while not all(look.done() for look in looking):
                    took_s.append(await look_s(at, mine))
                beside_s.append(told("beside looks that hang", took_s))
                assert {503, 504} == {look.result().status_code for look in looking}  # no place, no answer
                silent.juspay.down = None
    assert min(beside_s) < GROWTH_MAX * min(calm_s)


async def look_s(at: Shop, order_ids: Iterator[str]) -> float:
    """How long the look took at the next order."""
    began = time.perf_counter()
    await at.look(next(order_ids))
    return time.perf_counter() - began


@contextmanager
def no_collections() -> Generator[None]:
    """Stand-in and callers run in this process, which has collected much; only the service is to be measured."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def told(what: str, took_s: list[float]) -> float:
    """Print a line of figures in milliseconds, and return the 99th percentile in seconds."""
    percentiles = quantiles(took_s, n=100)
    p50, p99 = percentiles[49], percentiles[98]
    print(f"\n{what}: p50 {p50 * 1e3:.1f}, p99 {p99 * 1e3:.1f}, worst of {len(took_s)} {max(took_s) * 1e3:.1f} ms")
    return p99
