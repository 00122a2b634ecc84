"""What looks of one merchant cost that hang, for another merchant who looks too: calm and beside them, in turns.

Those that hang are another process's, as this one has the watch in its hand. Each turn has as many looks, so its worst
are as many; machines are slower in one minute than in the next, so a turn of one kind follows one of the other, and the
medians of all count. Figures are printed: ARGS=-s.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import time
from asyncio.subprocess import PIPE
from collections.abc import AsyncGenerator, Generator, Iterator
from contextlib import asynccontextmanager, contextmanager
from itertools import cycle, islice
from pathlib import Path
from statistics import median, quantiles

import httpx
from e2e.shop import Shop, neighbour, shop
from e2e.standin import Fault
from patience import HANGS_S, until
from siege.test_known_in_time import at_the_page, served

HANGING_LOOKS = Path(__file__).with_name("hanging_looks.py")
TURNS = 7
LOOKS = 1000
HANGING = 60
PLACES = 50
"""Of one merchant's connections: the others of those that hang wait for one, and give up sooner."""
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
        opened = iter(await at_the_page(silent, "open", HANGING * TURNS))
        mine = cycle(await at_the_page(at, "mine", OPEN))
        calm_s, beside_s = list[float](), list[float]()  # the 99th percentile of each turn
        with no_collections():
            for _ in range(TURNS):
                calm_s.append(told("calm", [await look_s(at, mine) for _ in range(LOOKS)]))
                async with hanging(silent, [*islice(opened, HANGING)]):
                    beside_s.append(told("beside looks that hang", [await look_s(at, mine) for _ in range(LOOKS)]))
    assert median(beside_s) < GROWTH_MAX * median(calm_s)


@asynccontextmanager
async def hanging(silent: Shop, order_ids: list[str]) -> AsyncGenerator[None]:
    """Looks to which Juspay is silent, from when all have begun; at the end each has been told so."""
    already = len(silent.called("status"))
    silent.juspay.down = Fault("silence")
    line = (str(HANGING_LOOKS), silent.service_url, silent.key, *order_ids)
    program = await asyncio.create_subprocess_exec(sys.executable, *line, stdout=PIPE)

    async def have_begun() -> bool:
        return len(silent.called("status")) == already + PLACES

    await until(have_begun)
    yield
    printed, _ = await program.communicate()
    silent.juspay.down = None
    assert {503, 504} == {*json.loads(printed)}  # no place, no answer


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
