"""The client's speed beside Juspay's own and beside httpx alone: one status call after the other over TLS, since theirs
know no other, all against one server and in one run.

Owns what is measured and against what. Their clients run unchanged, each in a process of its own with the driver of the
conformance tests; what that process spent counts, from its first answer on. A system tells that in whole ticks, so
calls are made until there is one: no time at all is never measured. Where one cannot be installed, nothing is measured
of it and the reason is told.
"""

import ssl
import sys
import tempfile
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import AsyncExitStack, ExitStack, contextmanager
from dataclasses import dataclass, field
from os import sysconf
from pathlib import Path
from statistics import fmean
from time import perf_counter, process_time
from typing import Any, Protocol

import certifi
import httpx
import pytest
import uvloop
from bench.calls import KEPT, Stub, bare_call, config, stub
from bench.measuring import Result
from conformance import driving
from conformance.driving import Driver, driver
from conformance.installing import npm_package, python_package
from patience import HANGS_S

from paystate.adapters.juspay import JuspayClient, blocking_connection_pool, connection_pool
from paystate.entrypoints.sandbox import local_certificate

NODE_LEAST = 5.0
PYTHON_LEAST = 4.0

OURS = "paystate"
NODE = "expresscheckout-nodejs 1.0.0"
PYTHON = "juspayp3 1.0.1"

_DRIVERS = Path(driving.__file__).parent
_WARM = 10


class Side(Protocol):
    """Something that makes status calls."""

    async def call(self) -> object:
        """Make one."""
        ...

    def cpu_s(self) -> float:
        """What its process has spent so far."""
        ...


@dataclass(frozen=True)
class Here:
    """A client in this process."""

    make: Callable[[], Any]
    blocks: bool = False

    async def call(self) -> object:
        return self.make() if self.blocks else await self.make()

    def cpu_s(self) -> float:
        return process_time()


@dataclass(frozen=True)
class Theirs:
    """An official client, and how it is asked for a status."""

    driver: Driver
    client: dict[str, Any]
    asked: tuple[Any, ...]

    async def call(self) -> object:
        told = await self.driver.call(self.client, *self.asked)
        assert "ok" in told, told
        return told

    def cpu_s(self) -> float:
        of_process = Path(f"/proc/{self.driver.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(of_process[11]) + int(of_process[12])) / sysconf("SC_CLK_TCK")


@dataclass
class Spent:
    """What one call of a side took, round by round."""

    cpu_s: list[float] = field(default_factory=list[float])
    wall_s: list[float] = field(default_factory=list[float])

    def line(self, name: str) -> str:
        """How many calls go into a second, of its own CPU time and by the clock."""
        return f"     {1 / fmean(self.cpu_s):8.0f} {1 / fmean(self.wall_s):8.0f}   {name}"


def lines(*, rounds: int, repeats: int) -> Iterator[Result | str]:
    """Measure every client that can be installed: the goals, then how many calls each side makes."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as running:
        folder = Path(name)
        certificate = local_certificate(folder)
        trusted = folder / "trusted.pem"  # who is usually trusted, and the local authority beside them
        trusted.write_bytes(Path(certifi.where()).read_bytes() + certificate.ca.read_bytes())
        server = running.enter_context(stub(str(certificate.certificate), str(certificate.key)))
        theirs: dict[str, Side] = {}
        for client, start in ((NODE, _node), (PYTHON, _python)):
            try:
                theirs[client] = running.enter_context(start(folder, trusted, server))
            except (pytest.skip.Exception, FileNotFoundError) as reason:
                yield f"     not measured: {client}: {reason}"
        spent = uvloop.run(_spent(theirs, trusted, server, rounds, repeats))
    for id_, client, least in (("C3", NODE, NODE_LEAST), ("C4", PYTHON, PYTHON_LEAST)):
        if client in spent:
            pairs = zip(spent[client].cpu_s, spent[OURS].cpu_s, strict=True)
            ratios = tuple(theirs_s / ours_s for theirs_s, ours_s in pairs)
            yield Result(id_, f"{client} / a status call of ours, in CPU time", ratios, at_least=least)
    yield "Status calls over TLS, one after the other:"
    yield "      per CPU s    per s"
    yield from (took.line(client) for client, took in spent.items())


async def _spent(theirs: dict[str, Side], trusted: Path, server: Stub, rounds: int, repeats: int) -> dict[str, Spent]:
    """Let all sides take turns; each round begins with another one."""
    context = ssl.create_default_context(cafile=str(trusted))
    async with AsyncExitStack() as opened:
        pool = await opened.enter_async_context(connection_pool(ssl_context=context))
        bare = await opened.enter_async_context(httpx.AsyncClient(verify=context, timeout=HANGS_S, limits=KEPT))
        blocking_pool = opened.enter_context(blocking_connection_pool(ssl_context=context))
        ours = JuspayClient(config(server.url), pool)
        blocking = JuspayClient.sync(config(server.url), blocking_pool)
        sides: dict[str, Side] = {
            OURS: Here(lambda: ours.order_status("bench-1", routing_id="lee-17")),
            f"{OURS}, blocking": Here(lambda: blocking.order_status("bench-1", routing_id="lee-17"), blocks=True),
            "httpx.AsyncClient alone": Here(lambda: bare_call(bare, server.url)),
            **theirs,
        }
        for side in sides.values():
            await timed(side, Spent(), _WARM)
        spent = {name: Spent() for name in sides}
        for turn in range(rounds):
            for name in _beginning_with([*sides], turn):
                await timed(sides[name], spent[name], repeats)
        return spent


def _beginning_with(names: Sequence[str], turn: int) -> list[str]:
    first = turn % len(names)
    return [*names[first:], *names[:first]]


async def timed(side: Side, spent: Spent, repeats: int) -> None:
    """Add one round: `repeats` calls, or as many times more as the side's CPU time needs to show anything."""
    cpu_s, wall_s, calls = side.cpu_s(), perf_counter(), 0
    while not calls or side.cpu_s() == cpu_s:
        for _ in range(repeats):
            await side.call()
        calls += repeats
    spent.wall_s.append((perf_counter() - wall_s) / calls)
    spent.cpu_s.append((side.cpu_s() - cpu_s) / calls)


@contextmanager
def _node(folder: Path, ca: Path, server: Stub) -> Generator[Theirs]:
    project = folder / "node"
    project.mkdir()
    npm_package("expresscheckout-nodejs@1.0.0", project)
    client = {"apiKey": "bench", "merchantId": "benchshop", "baseUrl": server.url}
    command = ["node", str(_DRIVERS / "node_driver.cjs")]
    with driver(command, project, NODE_EXTRA_CA_CERTS=str(ca)) as running:
        yield Theirs(running, client, ("order.status", "bench-1"))


@contextmanager
def _python(folder: Path, ca: Path, server: Stub) -> Generator[Theirs]:
    packages = python_package("juspayp3==1.0.1", folder)
    client = {"base_url": server.url, "api_key": "bench"}
    command = [sys.executable, str(_DRIVERS / "python_driver.py")]
    with driver(command, folder, PYTHONPATH=str(packages), REQUESTS_CA_BUNDLE=str(ca)) as running:
        yield Theirs(running, client, ("Orders.status", {"order_id": "bench-1"}))
