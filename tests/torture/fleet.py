"""Two services and two workers on a primary and its standby, and shoppers who write down what they were answered."""

from __future__ import annotations

import asyncio
import random
import shutil
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

import httpx
from attrs import define, evolve, field
from e2e.shop import CUSTOMER, START, Shop, kept_port, process, shop
from patience import until
from postgres_pair import Pair, pair
from siege.test_fulfilled_once import CUT_OFF, RATES, time_passing

from paystate.adapters.storage.postgres.config import PostgresConfig
from paystate.adapters.storage.postgres.migration import migrate

SHOPPERS_AT_ONCE = 6
AGAIN_S = 0.05
"""Real seconds until a caller who got no answer, or a 503, calls again."""
REFUND = "10.00"
DATABASE = "shop"
WAITS_S = 2
"""For a connection, a lock, a statement."""


@define
class Fleet:
    """Where the shoppers go.

    Attributes:
        services: Views of one shop, each at another process.
    """

    servers: Pair
    services: tuple[Shop, ...]

    @property
    def at(self) -> Shop:
        """The shop, whichever process answers for it."""
        return self.services[0]

    async def is_ready(self) -> bool:
        """Whether both processes can store things now."""
        answers = [await one.http.get(f"{one.service_url}/readyz") for one in self.services]
        return {200} == {answer.status_code for answer in answers}


@define
class Shoppers:
    """They come one after the other at each till, pay, and are refunded a little. Their ledger is what was answered.

    Attributes:
        paid: Orders that Juspay has charged.
        known_paid: Of which Paystate has said so.
        acknowledged: Webhooks that were answered 200, by event id.
        sent: All that were sent; the others may be stored or not.
        refunds: Keys that were answered 200 or 201.
        refused: Answers in the range of 500, by code and `Retry-After`.
        cut_off: Calls without an answer.
    """

    services: Sequence[Shop]
    dice: random.Random
    paid: set[str] = field(factory=set[str])
    known_paid: set[str] = field(factory=set[str])
    acknowledged: set[str] = field(factory=set[str])
    sent: set[str] = field(factory=set[str])
    refunds: set[str] = field(factory=set[str])
    refused: Counter[tuple[str, str | None]] = field(factory=Counter[Any])
    cut_off: int = 0
    gone: int = 0
    is_closing: bool = False

    @property
    def at(self) -> Shop:
        """The shop, whichever process answers for it."""
        return self.services[0]

    async def shop(self) -> None:
        """Until the shop closes, at some tills at once."""
        numbers = count()
        await asyncio.gather(*(self._till(numbers) for _ in range(SHOPPERS_AT_ONCE)))

    async def some_have_gone(self, many: int) -> None:
        """Wait until so many more have come to their end."""
        last = self.gone + many

        async def they_have() -> bool:
            return self.gone >= last

        await until(they_have)

    async def _till(self, numbers: count[int]) -> None:
        while not self.is_closing:
            await self.one(f"Fleet-{next(numbers)}")
            self.gone += 1

    async def one(self, order_id: str) -> None:
        """A shopper comes, pays, and is given a little back."""
        juspay = self.at.juspay
        order = {"order_id": order_id, "amount": "349.50", "currency": "INR", "customer": CUSTOMER}
        await self._insist(lambda at: at.call("POST", "/v1/orders", order))
        opened = (await self._insist(lambda at: at.call("POST", "/v1/checkouts", {"customer": CUSTOMER}))).json()
        checkout, token = f"/v1/checkouts/{opened['checkout_id']}", opened["token"]
        ready = {"event": "initiate_result", "payload": {"status": "success"}, "error": False}
        await self._insist(lambda at: at.call("POST", f"{checkout}/events", ready, token=token))
        processed = {"order_id": order_id}
        signed = await self._insist(lambda at: at.call("POST", f"{checkout}/process", processed, token=token))
        juspay.sdk_process(signed.json()["process_payload"])
        juspay.paid(order_id)
        self.paid.add(order_id)
        for number in range(self.dice.choice((1, 1, 3))):
            event_id = f"evt_{order_id}_{number}"
            await self.hook(event_id, juspay.webhook(order_id, "ORDER_SUCCEEDED", event_id))
        await self._look(order_id)
        await self._refund(order_id, f"{order_id}-back")

    async def hook(self, event_id: str, body: bytes) -> None:
        """Juspay sends a webhook until it is answered 200."""
        self.sent.add(event_id)
        await self._insist(lambda at: at.hook(body))
        self.acknowledged.add(event_id)

    async def _look(self, order_id: str) -> None:
        while order_id not in self.known_paid:
            answer = await self._insist(lambda at: at.call("POST", f"/v1/orders/{order_id}/look"))
            if answer.json().get("paid"):
                self.known_paid.add(order_id)

    async def _refund(self, order_id: str, key: str) -> None:
        while key not in self.refunds:
            answer = await self._insist(lambda at: at.refund(REFUND, key, order_id))
            if answer.status_code in (200, 201):
                self.refunds.add(key)

    async def _insist(self, call: Callable[[Shop], Any]) -> httpx.Response:
        """Call one process or the other until one does what it was asked, or says that it is too early."""
        while True:
            try:
                answer: httpx.Response = await call(self.dice.choice(self.services))
            except httpx.TimeoutException:
                raise AssertionError("a call hangs") from None
            except CUT_OFF:
                self.cut_off += 1
            else:
                if answer.status_code < 500:
                    assert answer.status_code < 300 or answer.status_code in (409, 429), answer.text
                    if answer.status_code < 429:
                        return answer
                else:
                    self.refused[answer.json()["code"], answer.headers.get("retry-after")] += 1
            await asyncio.sleep(AGAIN_S)


@asynccontextmanager
async def fleet(folder: Path) -> AsyncGenerator[Fleet]:
    """All of it, up and on everybody's clock."""
    async with AsyncExitStack() as ends:
        servers = ends.enter_context(pair())
        servers.asked(f"create database {DATABASE}")
        address = servers.address(DATABASE)
        await asyncio.to_thread(migrate, PostgresConfig(address=address))
        one = await ends.enter_async_context(shop(folder, now=START))
        lines = f'database = "{address}"\n{one.settings.read_text()}'
        one.settings.write_text(f"{lines}[postgres]\ntimeout_s = {WAITS_S}\n{RATES}")
        other = beside(one, folder / "other", ends.enter_context(kept_port()))
        for at in (one, other):
            await ends.enter_async_context(process(at, "worker", ready=b'"working"'))
            await ends.enter_async_context(process(at, "serve", "--no-worker"))
        await ends.enter_async_context(time_passing(one))
        yield Fleet(servers, (one, other))


def beside(one: Shop, folder: Path, port: int) -> Shop:
    """Another process for the same shop: as on another machine, with a copy of the settings."""
    shutil.copytree(one.folder, folder)
    url = f"http://127.0.0.1:{port}"
    other = evolve(one, folder=folder, service_url=url, logged=bytearray())
    other.settings.write_text(one.settings.read_text().replace(_port(one), _port(other)))
    return other


def _port(at: Shop) -> str:
    return f"\nport = {at.service_url.rpartition(':')[2]}\n"
