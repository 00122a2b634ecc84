"""The goals for the client's speed beside Juspay's own: CPU time per status call, over TLS, since theirs know no other.

Owns what is measured and against what. Their clients run unchanged, each in a process of its own with the driver of the
conformance tests; what that process spent counts, from its first answer on. Where one cannot be installed, nothing is
measured of it and the reason is told.
"""

import ssl
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from os import sysconf
from pathlib import Path
from time import process_time
from typing import Any

import certifi
import pytest
import uvloop
from bench.calls import Stub, config, stub
from bench.measuring import Result
from conformance import driving
from conformance.driving import Driver, driver
from conformance.installing import npm_package, python_package

from paystate.adapters.juspay import JuspayClient, StatusBudget, connection_pool
from paystate.entrypoints.sandbox import local_certificate

NODE_LEAST = 5.0
PYTHON_LEAST = 4.0

_DRIVERS = Path(driving.__file__).parent
_WARM = 10


@dataclass(frozen=True)
class Theirs:
    """An official client, and how it is asked for a status."""

    driver: Driver
    client: dict[str, Any]
    call: tuple[Any, ...]

    async def spent_s(self, repeats: int) -> float:
        """CPU time of its process for so many calls, one after the other as ours."""
        before = self._cpu_s()
        for _ in range(repeats):
            told = await self.driver.call(self.client, *self.call)
            assert "ok" in told, told
        return self._cpu_s() - before

    def _cpu_s(self) -> float:
        of_process = Path(f"/proc/{self.driver.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(of_process[11]) + int(of_process[12])) / sysconf("SC_CLK_TCK")


def results(*, rounds: int, repeats: int) -> Iterator[Result | str]:
    """Measure each official client that can be installed; a line says why another one was not."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        certificate = local_certificate(folder)
        trusted = folder / "trusted.pem"  # who is usually trusted, and the local authority beside them
        trusted.write_bytes(Path(certifi.where()).read_bytes() + certificate.ca.read_bytes())
        with stub(str(certificate.certificate), str(certificate.key)) as server:
            for id_, says, start, least in (
                ("C3", "Juspay's Node SDK / a status call of ours, in CPU time", _node, NODE_LEAST),
                ("C4", "juspayp3 / a status call of ours, in CPU time", _python, PYTHON_LEAST),
            ):
                try:
                    with start(folder, trusted, server) as theirs:
                        ratios = uvloop.run(_ratios(theirs, trusted, server, rounds, repeats))
                        yield Result(id_, says, ratios, at_least=least)
                except (pytest.skip.Exception, FileNotFoundError) as reason:
                    yield f"{id_:4} not measured: {reason}"


async def _ratios(theirs: Theirs, ca: Path, server: Stub, rounds: int, repeats: int) -> tuple[float, ...]:
    context = ssl.create_default_context(cafile=str(ca))
    async with connection_pool(ssl_context=context) as pool:
        ours = JuspayClient(config(server.url), pool, budget=StatusBudget.unbounded())
        await _ours_spent_s(ours, _WARM)
        await theirs.spent_s(_WARM)
        found: list[float] = []
        for turn in range(rounds):
            if turn % 2:
                spent = await _ours_spent_s(ours, repeats)
                found.append(await theirs.spent_s(repeats) / spent)
            else:
                spent_by_them = await theirs.spent_s(repeats)
                found.append(spent_by_them / await _ours_spent_s(ours, repeats))
        return tuple(found)


async def _ours_spent_s(ours: JuspayClient, repeats: int) -> float:
    begun = process_time()
    for _ in range(repeats):
        await ours.order_status("bench-1", routing_id="lee-17")
    return process_time() - begun


@contextmanager
def _node(folder: Path, ca: Path, server: Stub) -> Iterator[Theirs]:
    project = folder / "node"
    project.mkdir()
    npm_package("expresscheckout-nodejs@1.0.0", project)
    client = {"apiKey": "bench", "merchantId": "benchshop", "baseUrl": server.url}
    command = ["node", str(_DRIVERS / "node_driver.cjs")]
    with driver(command, project, NODE_EXTRA_CA_CERTS=str(ca)) as running:
        yield Theirs(running, client, ("order.status", "bench-1"))


@contextmanager
def _python(folder: Path, ca: Path, server: Stub) -> Iterator[Theirs]:
    packages = python_package("juspayp3==1.0.1", folder)
    client = {"base_url": server.url, "api_key": "bench"}
    command = [sys.executable, str(_DRIVERS / "python_driver.py")]
    with driver(command, folder, PYTHONPATH=str(packages), REQUESTS_CA_BUNDLE=str(ca)) as running:
        yield Theirs(running, client, ("Orders.status", {"order_id": "bench-1"}))
