"""The service as a process of its own that kills itself at a chosen step, which no handler and no `finally` can soften.

    python -m paystate.entrypoints.demo.killed_service SETTINGS CLOCK_URL STEP

It wraps the ports to die at a step of a refund, and leaves the product as it is.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, NoReturn, cast

import uvicorn
from attrs import evolve

from paystate.core.ids import OrderKey
from paystate.core.orders.decision import DecisionResult
from paystate.core.orders.facts import Fact, FactKind, Refused
from paystate.core.orders.order import Order
from paystate.core.ports.gateway import PaymentGateway
from paystate.core.ports.store import ClaimConflict, Store
from paystate.core.use_cases.context import Merchant
from paystate.entrypoints.service.server import config
from paystate.entrypoints.service.worker import Worker, working
from paystate.entrypoints.setup import bootstrap, logs
from paystate.entrypoints.setup.runtime import Runtime
from paystate.entrypoints.setup.settings import Settings
from paystate.entrypoints.setup.settings_checks import load


class Step(StrEnum):
    """Where the process dies."""

    RESERVED = "reserved"
    """The refund is stored; nothing has been sent."""
    COUNTED = "counted"
    """The call is counted; it has not been made."""
    MADE = "made"
    """Juspay has made the refund; its answer is not stored."""
    ANSWERED = "answered"
    """Juspay's answer is stored; whoever asked for the refund has heard nothing."""
    FROM_OUTSIDE = "from-outside"
    """Nowhere by itself, and no worker runs: it takes what comes, and somebody else kills it."""


_ENDS: Final[Mapping[Step, Callable[[Fact], bool]]] = {
    Step.RESERVED: lambda fact: fact.kind is FactKind.REFUND_REQUESTED,
    Step.COUNTED: lambda fact: fact.kind is FactKind.REFUND_SENT,
    Step.ANSWERED: lambda fact: fact.kind is FactKind.ANSWERED and bool(fact.refunds),
}
"""The commit that a process does not outlive, by step."""


class _MortalStore:
    """The store, and an end right after one kind of commit."""

    def __init__(self, store: Store, is_the_end: Callable[[Fact], bool]) -> None:
        self._store = store
        self._is_the_end = is_the_end

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def transact(
        self, key: OrderKey, fn: Callable[[Order | None], DecisionResult]
    ) -> DecisionResult | ClaimConflict:
        result = await self._store.transact(key, fn)
        if not isinstance(result, ClaimConflict | Refused) and result.fact and self._is_the_end(result.fact):
            _die()
        return result


class _MortalGateway:
    """Juspay, and an end right after it has made a refund."""

    def __init__(self, gateway: PaymentGateway) -> None:
        self._gateway = gateway

    def __getattr__(self, name: str) -> Any:
        return getattr(self._gateway, name)

    async def refund(self, *what: Any, **how: Any) -> NoReturn:
        await self._gateway.refund(*what, **how)
        _die()


def _die() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("nothing outlives SIGKILL")


def mortal(runtime: Runtime, step: Step) -> Runtime:
    """The installation, wrapped so that the process dies at `step`."""
    if step is Step.MADE:
        merchants = {name: _mortal(one) for name, one in runtime.merchants.items()}
        return evolve(runtime, current=evolve(runtime.current, merchants=merchants))
    if is_the_end := _ENDS.get(step):
        store = cast("Store", _MortalStore(runtime.ports.store, is_the_end))
        return evolve(runtime, ports=evolve(runtime.ports, store=store))
    return runtime


def _mortal(merchant: Merchant) -> Merchant:
    return evolve(merchant, gateway=cast("PaymentGateway", _MortalGateway(merchant.gateway)))


async def serve(settings: Settings, clock_url: str, step: Step) -> None:
    """Serve until the end comes."""
    logs.configure()
    async with bootstrap.opened_runtime(settings, clock=bootstrap.service_clock(settings, clock_url)) as runtime:
        doomed = mortal(runtime, step)
        server = uvicorn.Server(config(doomed, host=settings.host, port=settings.port))
        if step is Step.FROM_OUTSIDE:
            await server.serve()
            return
        async with working(Worker(doomed)):
            await server.serve()


if __name__ == "__main__":
    asyncio.run(serve(load(Path(sys.argv[1])), sys.argv[2], Step(sys.argv[3])))
