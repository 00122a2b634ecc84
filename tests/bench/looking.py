"""The goal for one look at Juspay: how little of it is ours to save, in CPU time.

A look loads an order, asks for its status over HTTP, decides, and commits the decision with its journal row and its
announcement to a SQLite file. The server that is asked is another process and does not count. Each look is the first
one of its order, and finds it paid.
"""

from __future__ import annotations

import asyncio
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from attrs import evolve
from bench.calls import LOOP, config, stub
from bench.measuring import Case, Goal, Result, measured
from contract.samples import NOW, opens

from paystate.adapters.clock import RandomIds, SystemClock
from paystate.adapters.juspay import JuspayClient
from paystate.adapters.juspay.gateway import JuspayGateway
from paystate.adapters.signing.return_url import ReturnUrlVerifier
from paystate.adapters.storage.sqlite.migration import migrate
from paystate.adapters.storage.sqlite.store import SqliteStore
from paystate.core.checkouts.sdk_payloads import Account
from paystate.core.evidence import Evidence
from paystate.core.ids import OrderKey
from paystate.core.orders.commands.decide import decide
from paystate.core.orders.order import Order
from paystate.core.policy import DEFAULT
from paystate.core.use_cases.context import Merchant, Ports
from paystate.core.use_cases.look import ask

MOST: Final = 0.05
_MERCHANT: Final = "benchshop"


def results(*, rounds: int, repeats: int) -> list[Result]:
    """Measure it in one run, `repeats` looks in each round."""
    with TemporaryDirectory() as folder, stub() as server, asyncio.Runner(loop_factory=LOOP) as runner:
        path = Path(folder, "paystate.db")
        migrate(path)
        store = runner.run(SqliteStore(path).__aenter__())
        client = JuspayClient(config(server.url))
        ports = Ports(store=store, clock=SystemClock(), ids=RandomIds())
        merchant = Merchant(
            account=Account(
                merchant_id=_MERCHANT, client_id="shop", environment="sandbox", return_url="https://shop.example/return"
            ),
            policy=DEFAULT,
            gateway=JuspayGateway(client),
            signer=None,
            verifier=ReturnUrlVerifier(("key",)),
        )
        numbers = count()

        def opened() -> OrderKey:
            key = OrderKey(_MERCHANT, f"b{next(numbers):06}")
            runner.run(store.transact(key, opens(key)))
            return key

        async def looked(key: OrderKey) -> None:
            assert await ask(ports, merchant, key)

        key = opened()
        answer = runner.run(merchant.gateway.order_status(key.order_id, routing_id="c-1"))
        order = runner.run(store.load(key))
        assert order
        evidence = Evidence(asked=order.version, answer=answer)
        goal = Goal(
            id="L1",
            message="deciding on an answer, with the new record / a whole look, in CPU time",
            case=Case(lambda: evolve(order), lambda before: _decided(before, evidence)),
            floor=Case(opened, lambda key: runner.run(looked(key))),
            at_most=MOST,
        )
        try:
            return measured([goal], rounds=rounds, repeats=repeats)
        finally:
            runner.run(client.aclose())
            runner.run(store.__aexit__(None, None, None))


def _decided(order: Order, evidence: Evidence) -> object:
    return decide(order, evidence, DEFAULT, NOW)
