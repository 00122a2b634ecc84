"""500 payments, while the shop's program and the service are killed at random: what is paid is shipped, and once.

What was paid is read from the stand-in's own ledger, and what was shipped from the shop's own table. The program's
handler ships; nothing in that table keeps it from shipping an order twice. Figures are printed: ARGS=-s.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from attrs import define, field
from e2e.engine.shipping_shop import delivered, program, shipped, with_shipments
from e2e.programs import Program
from e2e.shop import CUSTOMER, START, Shop, process, shop
from patience import until

PAYMENTS = 500
SHOPPERS_AT_ONCE = 10
FAILS = 0.1
"""So many of them try once, fail and go."""
LIVES = (3, 25)
"""How long a process lives once it is up, in shoppers who go meanwhile: quick machines kill as often as slow ones."""
KILLS_MIN = 10
TICK = timedelta(seconds=2)
TICK_S = 0.05
"""Real seconds between two ticks of everybody's clock: a lease of a minute ends after 1.5 s."""
RATES = "[rates]\nper_address = 10000\nper_key = 10000\n"
CUT_OFF = (httpx.TransportError, asyncio.TimeoutError)


@define
class Shoppers:
    """Who come, pay or fail to, and do not care who is down."""

    at: Shop
    dice: random.Random
    cut_off: int = 0
    """Calls that found nobody, or that a kill left without an answer."""
    hooked: int = 0
    gone: int = 0
    failed: set[str] = field(factory=set[str])

    async def pay_all(self, order_ids: list[str]) -> None:
        places = asyncio.Semaphore(SHOPPERS_AT_ONCE)

        async def one(order_id: str) -> None:
            async with places:
                await self._pay(order_id)
                self.gone += 1

        await asyncio.gather(*map(one, order_ids))

    async def _pay(self, order_id: str) -> None:
        order = {"order_id": order_id, "amount": "349.50", "currency": "INR", "customer": CUSTOMER}
        await self._insist("POST", "/v1/orders", order)
        opened = (await self._insist("POST", "/v1/checkouts", {"customer": CUSTOMER})).json()
        checkout, token = f"/v1/checkouts/{opened['checkout_id']}", opened["token"]
        ready = {"event": "initiate_result", "payload": {"status": "success"}, "error": False}
        await self._insist("POST", f"{checkout}/events", ready, token=token)
        signed = (await self._insist("POST", f"{checkout}/process", {"order_id": order_id}, token=token)).json()
        self.at.juspay.sdk_process(signed["process_payload"])
        if self.dice.random() < FAILS:
            self.failed.add(order_id)
            self.at.juspay.paid(order_id, "AUTHORIZATION_FAILED")
        else:
            self.at.juspay.paid(order_id)
        await self._tell(order_id)

    async def _tell(self, order_id: str) -> None:
        """The webhook is lost, comes, or comes three times; nobody sends it again."""
        event = "ORDER_FAILED" if order_id in self.failed else "ORDER_SUCCEEDED"
        for _ in range(self.dice.choice((0, 1, 1, 3))):
            self.hooked += 1
            with suppress(*CUT_OFF):
                await self.at.hook(self.at.juspay.webhook(order_id, event, f"evt_{self.hooked}"))

    async def _insist(self, method: str, path: str, body: Any, *, token: str = "") -> httpx.Response:
        while True:
            try:
                answer = await self.at.call(method, path, body, token=token)
                if answer.status_code < 500:
                    assert answer.status_code < 400, answer.text
                    return answer
            except CUT_OFF:
                self.cut_off += 1
            await asyncio.sleep(TICK_S)


Life = Callable[[], AbstractAsyncContextManager[Program]]


async def killed_again_and_again(life: Life, dice: random.Random, shoppers: Shoppers) -> int:
    """Start it, kill it, and start the next, until all shoppers are gone; returns how many were killed."""
    kills = 0
    while shoppers.gone < PAYMENTS:
        async with life() as running:
            last = min(PAYMENTS, shoppers.gone + dice.randint(*LIVES))

            async def is_its_time(last: int = last) -> bool:
                return shoppers.gone >= last

            await until(is_its_time)
            assert running.returncode is None
            running.kill()
            kills += 1
    return kills


@asynccontextmanager
async def time_passing(at: Shop) -> AsyncGenerator[None]:
    async def passes() -> None:
        while True:
            await asyncio.sleep(TICK_S)
            assert at.juspay.now is not None
            at.juspay.now += TICK

    passing = asyncio.create_task(passes())
    try:
        yield
    finally:
        passing.cancel()


async def test_what_is_paid_is_shipped_once_whoever_dies(tmp_path: Path) -> None:
    dice = random.Random(7)  # noqa: S311 - dice, not secrets
    order_ids = [f"Ship-{number}" for number in range(PAYMENTS)]
    async with shop(tmp_path, now=START) as at, time_passing(at):
        with_shipments(at)
        at.settings.write_text(at.settings.read_text() + RATES)
        shoppers = Shoppers(at, dice)
        dying = asyncio.gather(
            killed_again_and_again(lambda: process(at, "serve", "--no-worker"), dice, shoppers),
            killed_again_and_again(lambda: program(at), dice, shoppers),
        )
        await shoppers.pay_all(order_ids)
        kills = await dying
        paid = sorted(set(order_ids) - shoppers.failed)

        async def all_are_delivered() -> bool:
            return delivered(at) == paid

        async with process(at, "serve", "--no-worker"), program(at):
            await until(all_are_delivered)
        times = Counter(shipped(at))
        killed = f"killed: service {kills[0]}, program {kills[1]} times; calls without an answer: {shoppers.cut_off}"
        print(f"\n{PAYMENTS} payments, {len(paid)} paid; {killed}; shipped: {times.total()} of {len(times)} orders")
        assert min(kills) >= KILLS_MIN, "somebody has to die"
        assert paid == sorted(times)
        assert len(paid) == times.total()
