"""The goals for the client's speed: a status call of ours beside the same call made with httpx alone.

Owns what is measured and against what. The server is a process of its own, so only the caller's CPU time counts; every
side has made its connection before the clock starts.
"""

import asyncio
import subprocess
import sys
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import msgspec
import uvloop
from bench.measuring import Case, Goal, Result, measured
from patience import HANGS_S

from paystate.adapters.juspay import JuspayClient, JuspayConfig

ASYNC_MOST = 1.15
BLOCKING_MOST = 1.15

LOOP = uvloop.new_event_loop
"""The event loop that the service runs on."""

KEPT = httpx.Limits(keepalive_expiry=HANGS_S)
"""Connections of the bare side stay, as ours do, also where others keep it waiting: httpx drops them after 5 s."""

_PATH = "/orders/bench-1"
_HEADERS = {"Authorization": "Basic YmVuY2g6", "x-merchantid": "benchshop", "x-routing-id": "lee-17"}


class BareTxn(msgspec.Struct):
    """What the bare side reads of a transaction."""

    txn_id: str
    status: str


class BareRefund(msgspec.Struct):
    """What the bare side reads of a refund."""

    unique_request_id: str
    status: str
    amount: float


class BareOrder(msgspec.Struct):
    """What the bare side reads of an order."""

    order_id: str
    status: str
    amount: float
    txn_detail: BareTxn
    refunds: list[BareRefund]


_BARE: msgspec.json.Decoder[BareOrder] = msgspec.json.Decoder(BareOrder)


@dataclass(frozen=True)
class Stub:
    """The server, running."""

    url: str
    process: subprocess.Popen[str]

    @property
    def connections(self) -> int:
        """How many it has taken so far."""
        assert self.process.stdin
        assert self.process.stdout
        print(file=self.process.stdin, flush=True)
        return int(self.process.stdout.readline())


@contextmanager
def stub(*certificate: str, after_s: float = 0) -> Generator[Stub]:
    """Run the server, whose answers take `after_s` seconds; with a certificate and its key it speaks TLS."""
    command = [sys.executable, str(Path(__file__).with_name("stub.py")), str(after_s), *certificate]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        scheme = "https" if certificate else "http"
        yield Stub(f"{scheme}://127.0.0.1:{int(process.stdout.readline())}", process)
        process.terminate()


def config(url: str) -> JuspayConfig:
    return JuspayConfig(base_url=url, merchant_id="benchshop", client_id="bench", api_key="bench")


async def bare_call(http: httpx.AsyncClient, url: str) -> BareOrder:
    """The same call made with httpx alone, and its answer read by msgspec."""
    return _BARE.decode((await http.get(url + _PATH, headers=_HEADERS)).content)


def results(*, rounds: int, repeats: int) -> list[Result]:
    """Measure all goals of calls in one run, `repeats` calls of each side in each round."""
    with stub() as server:
        return [*_async_results(server, rounds, repeats), *_blocking_results(server, rounds, repeats)]


def _async_results(server: Stub, rounds: int, repeats: int) -> list[Result]:
    with asyncio.Runner(loop_factory=LOOP) as runner:
        ours = JuspayClient(config(server.url))
        bare = httpx.AsyncClient(timeout=HANGS_S, limits=KEPT)

        async def our_call() -> object:
            return await ours.order_status("bench-1", routing_id="lee-17")

        def case(call: Callable[[], Awaitable[object]]) -> Case:
            async def many(_: Any) -> None:
                for _ in range(repeats):
                    await call()

            runner.run(many(None))  # the connection, and whatever else a first call makes
            return Case(lambda: None, lambda given: runner.run(many(given)))

        goal = Goal(
            id="C1",
            message="a status call / the same with httpx.AsyncClient alone",
            case=case(our_call),
            floor=case(lambda: bare_call(bare, server.url)),
            at_most=ASYNC_MOST,
        )
        found = _on_the_connections_there_are(server, goal, rounds)
        runner.run(ours.aclose())
        runner.run(bare.aclose())
        return found


def _blocking_results(server: Stub, rounds: int, repeats: int) -> list[Result]:
    with (
        JuspayClient.sync(config(server.url)) as ours,
        httpx.Client(timeout=HANGS_S, limits=KEPT) as bare,
    ):

        def our_call() -> object:
            return ours.order_status("bench-1", routing_id="lee-17")

        def bare_call() -> object:
            return _BARE.decode(bare.get(server.url + _PATH, headers=_HEADERS).content)

        def case(call: Callable[[], object]) -> Case:
            def many(_: Any) -> None:
                for _ in range(repeats):
                    call()

            many(None)
            return Case(lambda: None, many)

        goal = Goal(
            id="C2",
            message="a blocking status call / the same with httpx.Client alone",
            case=case(our_call),
            floor=case(bare_call),
            at_most=BLOCKING_MOST,
        )
        return _on_the_connections_there_are(server, goal, rounds)


def _on_the_connections_there_are(server: Stub, goal: Goal, rounds: int) -> list[Result]:
    before = server.connections
    found = measured([goal], rounds=rounds, repeats=1)
    assert before == server.connections, "a connection was made after the first calls"
    return found
