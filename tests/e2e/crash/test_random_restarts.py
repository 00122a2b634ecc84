"""Shoppers pay and shops refund while everything goes wrong at random and the service is killed again and again.

What must hold at the end is read from three places: the stand-in's own list of what it did, what callers were answered,
and the database. The seed is the test's name, so a failure can be played again.

Time passes only for a service that answers, and a kill falls into a call, after so many of them: on any machine the
same things happen to a shopper, and every kill hits somebody.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from attrs import define, field
from e2e.shop import CUSTOMER, MERCHANT, START, Shop, process, shop
from e2e.standin import Fault
from patience import HANGS_S, until

from paystate.adapters.storage.sqlite.store import SqliteStore
from paystate.core.finding.filters import UNDER_REVIEW
from paystate.core.ids import OrderKey, refund_id_for
from paystate.core.orders.order import fold
from paystate.core.orders.reason import ReasonKind
from paystate.core.orders.review.reasons import open_reasons

KILLS = 5
COMING_S = 60
"""Within so many seconds of the clock every shopper has come."""
CALLS = (3, 9)
"""The service dies in one of these calls since it is up. Ten shoppers need 60 answers, and five lives take 45 calls at
most: there is always somebody left to be hit."""
INTO_A_CALL_S = 0.01
"""A kill falls so many real seconds into its call at most."""
TICK_S = 0.03
"""Real seconds between two of the clock."""
ORDERS = 10
REFUND = Decimal("10.00")
ODD_CALLS = ("gone", "cut", "html", "503", "429", "redirect")
ASIDE = (httpx.TransportError, asyncio.TimeoutError)


@define
class Chaos:
    """One shop in a bad hour."""

    at: Shop
    dice: random.Random
    paid: set[str] = field(factory=set[str])
    asked: dict[str, str] = field(factory=dict[str, str])
    """Refund keys of which a caller was told 201 or 200, with their orders."""
    calls: int = 0
    fatal_call: int = 0
    is_fatal: asyncio.Event = field(factory=asyncio.Event)
    hooked: int = 0
    cut_off: int = 0
    """Calls that a kill left without an answer, or that found nobody."""

    async def shopper(self, order_id: str) -> None:
        """Come by some time, pay, perhaps at the second try, and be refunded a little under two keys."""
        comes_at = START + timedelta(seconds=self.dice.randrange(COMING_S))
        await until(lambda: self.is_past(comes_at))
        order = {"order_id": order_id, "amount": "349.50", "currency": "INR", "customer": CUSTOMER}
        await self._insist("POST", "/v1/orders", order)
        opened = (await self._insist("POST", "/v1/checkouts", {"customer": CUSTOMER})).json()
        checkout, token = f"/v1/checkouts/{opened['checkout_id']}", opened["token"]
        ready = {"event": "initiate_result", "payload": {"status": "success"}, "error": False}
        await self._insist("POST", f"{checkout}/events", ready, token=token)
        signed = (await self._insist("POST", f"{checkout}/process", {"order_id": order_id}, token=token)).json()
        self.at.juspay.sdk_process(signed["process_payload"])
        if self.dice.random() < 0.4:
            self.at.juspay.paid(order_id, "AUTHORIZATION_FAILED")
            await self._tell(order_id, "ORDER_FAILED")
        self.at.juspay.paid(order_id)
        self.paid.add(order_id)
        await self._tell(order_id, "ORDER_SUCCEEDED")
        for number in range(2):
            await self._refunded(order_id, f"{order_id}-{number}")

    @property
    def now(self) -> datetime:
        assert self.at.juspay.now is not None
        return self.at.juspay.now

    async def is_past(self, instant: datetime) -> bool:
        return self.now >= instant

    async def _refunded(self, order_id: str, key: str) -> None:
        while True:
            answer = await self._insist("POST", f"/v1/orders/{order_id}/refunds", {"amount": str(REFUND)}, key=key)
            if answer.status_code in (200, 201):
                self.asked[key] = order_id
                return
            assert 409 == answer.status_code, answer.text  # not known to be paid yet
            await asyncio.sleep(TICK_S)

    async def _tell(self, order_id: str, event: str) -> None:
        """Juspay's webhook: lost now and then, or sent three times, and given up when nobody answers."""
        for _ in range(self.dice.choice((0, 1, 1, 3))):
            self.hooked += 1
            with suppress(*ASIDE):
                await self.at.hook(self.at.juspay.webhook(order_id, event, f"evt_{self.hooked}"))

    async def _insist(self, method: str, path: str, body: Any, *, token: str = "", key: str = "") -> httpx.Response:
        """Call until somebody answers: while the service is down nobody does, and Juspay's faults are told as 5xx."""
        more: dict[str, Any] = {name: value for name, value in (("token", token), ("idempotency_key", key)) if value}
        while True:
            self.calls += 1
            if self.calls == self.fatal_call:
                self.is_fatal.set()
            try:
                answer = await self.at.call(method, path, body, **more)
                if answer.status_code < 500 and answer.status_code != 429:
                    return answer
            except ASIDE:
                self.cut_off += 1
            await asyncio.sleep(TICK_S)

    async def called(self, times: int) -> None:
        """Wait until a shopper makes the last of so many calls; it has no answer yet."""
        self.is_fatal.clear()
        self.fatal_call = self.calls + times
        await asyncio.wait_for(self.is_fatal.wait(), HANGS_S)

    def mood(self, operation: str) -> Fault | None:
        """What goes wrong with one call, if anything does."""
        if operation == "session" or self.dice.random() > 0.35:
            return None
        return Fault(self.dice.choice(ODD_CALLS), after_effect=self.dice.random() < 0.5)

    async def time(self, step_s: int, ended: asyncio.Event) -> None:
        """So many seconds of everybody's clock, again and again, whenever the service has answered."""
        while not ended.is_set():
            with suppress(*ASIDE):
                await self.at.http.get(f"{self.at.service_url}/readyz")
                self.at.juspay.now = self.now + timedelta(seconds=step_s)
            await asyncio.sleep(TICK_S)


@asynccontextmanager
async def going(chaos: Chaos, step_s: int) -> AsyncGenerator[None]:
    """Time passes; it ends after its last request, because one that is cut off leaves its socket to the next test."""
    ended = asyncio.Event()
    passing = asyncio.create_task(chaos.time(step_s, ended))
    try:
        yield
    finally:
        ended.set()
        await passing


async def killed_again_and_again(chaos: Chaos) -> None:
    """Run the service, kill it in the middle of a call, and start the next."""
    for _ in range(KILLS):
        async with process(chaos.at) as service:
            await chaos.called(chaos.dice.randint(*CALLS))
            await asyncio.sleep(chaos.dice.random() * INTO_A_CALL_S)
            service.kill()


@pytest.mark.parametrize("seed", [1, 2])
async def test_nothing_is_lost_doubled_or_guessed(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - dice, not secrets
    async with shop(tmp_path, now=START) as at:
        chaos = Chaos(at, dice)
        at.juspay.mood = chaos.mood
        order_ids = [f"o{number}" for number in range(ORDERS)]
        shoppers = asyncio.gather(*(chaos.shopper(order_id) for order_id in order_ids))
        async with going(chaos, 1):
            await killed_again_and_again(chaos)
            async with process(at):
                await asyncio.wait_for(shoppers, HANGS_S)
        at.juspay.mood = lambda _: None
        async with process(at), going(chaos, 5):
            for order_id in order_ids:
                await until(partial(_is_settled, at, order_id))
        await _compare(chaos, tmp_path, order_ids)


async def _is_settled(at: Shop, order_id: str) -> bool:
    order = await at.order(order_id)
    return bool(order["paid"]) and {"PENDING"} == {refund["state"] for refund in order["refunds"]}


async def _compare(chaos: Chaos, folder: Path, order_ids: list[str]) -> None:
    juspay = chaos.at.juspay
    assert chaos.cut_off > KILLS  # or the kills have hit nothing
    # Every key that was answered is one refund at Juspay, and Juspay made no other.
    assert {refund_id_for(MERCHANT, key): 1 for key in chaos.asked} == Counter(juspay.effects)
    assert 2 * ORDERS == len(juspay.effects)
    assert {refund["amount"] for order in juspay.orders.values() for refund in order.refunds} == {REFUND}
    async with SqliteStore(folder / "paystate.sqlite3") as store:
        for order_id in order_ids:
            facts = [row.fact for row in await store.journal(OrderKey(MERCHANT, order_id))]
            assert fold(facts) == await store.load(OrderKey(MERCHANT, order_id))
            assert 1 == sum(told.once_key == "order.paid" for fact in facts for told in fact.announced)
        assert [] == await store.take_inbox()
        # A failed try that no answer has shown is a person's to explain; nothing else is.
        open_kinds = {
            one.kind for order in (await store.find(MERCHANT, UNDER_REVIEW)).orders for one in open_reasons(order)
        }
        assert open_kinds <= {ReasonKind.UNEXPLAINED_PAYMENT}
