"""Shoppers pay and are refunded at a fleet to which things happen, until it is over; then three ledgers are joined."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path

from attrs import define, field, frozen
from e2e.shop import MERCHANT
from e2e.standin import Fault
from integration.delivery.receiver import NOTHING, Received, said
from patience import until
from soak.fleet import Fleet, fleet
from soak.ledgers import Generated, Row, rows, stored
from torture.fleet import Shoppers

from paystate.core.errors import StorageUnavailable
from paystate.core.ids import OrderKey
from paystate.core.orders.refund import RefundState
from paystate.core.ports.outbox import DeliveryState
from paystate.core.ports.store import Store
from paystate.entrypoints.setup import bootstrap
from paystate.entrypoints.setup.settings_checks import load

FAILS = 0.02
"""So many calls to Juspay, and announcements to the endpoint, go wrong in each of two ways."""
STRANGE = 0.1
"""So many shoppers bring a webhook with them about an order that nobody has opened."""
GO_BETWEEN = (2, 8)
"""So many shoppers come to their end between two things that happen."""
IN_DOUBT = frozenset({RefundState.REQUESTED, RefundState.UNKNOWN})


@define
class SoakShoppers(Shoppers):
    """They also bring webhooks that nobody can follow.

    Attributes:
        strange: Those that were answered 200, by event id.
    """

    strange: set[str] = field(factory=set[str])

    async def one(self, order_id: str) -> None:
        """See `Shoppers.one`."""
        await super().one(order_id)
        if self.dice.random() < STRANGE:
            event_id, order = f"evt_strange_{order_id}", {"order_id": f"Nobody-{order_id}", "merchant_id": MERCHANT}
            body = {"id": event_id, "event_name": "ORDER_SUCCEEDED", "content": {"order": order}}
            await self.hook(event_id, json.dumps(body).encode())
            self.strange.add(event_id)

    @property
    def ledger(self) -> Generated:
        """What they know in the end."""
        return Generated(self.known_paid, self.refunds, self.acknowledged - self.strange, self.strange)


@frozen
class Report:
    """What a soak came to."""

    head: str
    rows: list[Row]

    @property
    def agrees(self) -> bool:
        """Whether all ledgers tell the same."""
        return not any(row.differing for row in self.rows)

    def text(self) -> str:
        """For a person to read."""
        verdict = "All ledgers agree." if self.agrees else "The ledgers DIFFER where there is a cross."
        return "\n".join([self.head, "", *(row.line() for row in self.rows), "", verdict])


async def soak(folder: Path, *, postgres: bool, seed: int, is_over: Callable[[int], bool]) -> Report:
    """Let things happen, round after round of all of them, until it is over.

    Args:
        is_over: Asked after each round, with the number of those that are done.
    """
    dice, began = random.Random(seed), time.monotonic()  # noqa: S311 - dice, not secrets
    async with fleet(folder, dice, postgres=postgres) as running:
        shoppers = SoakShoppers(running.services, dice)
        _let_calls_fail(running)
        shopping = asyncio.create_task(shoppers.shop())
        await _things_happen(running, shoppers, is_over)
        shoppers.is_closing = True
        await shopping
        lasted_s = time.monotonic() - began
        await until(running.is_up)
        _let_no_call_fail(running)
        async with bootstrap.opened_store(load(running.at.settings)) as store:
            await _drained(store, shoppers.paid)
            kept = await stored(store, sorted(shoppers.paid))
        head = _head(running, shoppers, lasted_s, seed=seed, postgres=postgres)
        return Report(head, rows(shoppers.ledger, running.at.juspay, kept, running.endpoint))


async def _things_happen(running: Fleet, shoppers: Shoppers, is_over: Callable[[int], bool]) -> None:
    for rounds in count(1):
        for happens in running.ways():
            await shoppers.some_have_gone(running.dice.randint(*GO_BETWEEN))
            await until(running.is_up)
            await happens()
        if is_over(rounds):
            break
    await until(running.is_up)
    await shoppers.some_have_gone(running.dice.randint(*GO_BETWEEN))


def _let_calls_fail(running: Fleet) -> None:
    """Before their effect and after it."""
    dice, happened = running.dice, running.happened

    def mood(_: str) -> Fault | None:
        roll = dice.random()
        if roll > 2 * FAILS:
            return None
        happened["calls to Juspay without a good answer"] += 1
        return Fault("gone", after_effect=True) if roll < FAILS else Fault("503")

    def answer(_: Received) -> bytes:
        roll = dice.random()
        if roll > 2 * FAILS:
            return said(204)
        happened["announcements without a good answer"] += 1
        return NOTHING if roll < FAILS else said(503)

    running.at.juspay.mood, running.endpoint.answer = mood, answer


def _let_no_call_fail(running: Fleet) -> None:
    running.at.juspay.mood, running.endpoint.answer = (lambda _: None), (lambda _: said(204))


async def _drained(store: Store, order_ids: set[str]) -> None:
    """Wait until nothing waits any more, or until it hangs; the ledgers tell which."""

    async def nothing_waits() -> bool:
        try:
            if await store.take_inbox(limit=1) or not await _all_are_told(store):
                return False
            orders = [await store.load(OrderKey(MERCHANT, order_id)) for order_id in order_ids]
        except StorageUnavailable:
            return False
        return not any(refund.state in IN_DOUBT for order in orders if order for refund in order.refunds.values())

    with suppress(AssertionError):
        await until(nothing_waits)


async def _all_are_told(store: Store) -> bool:
    newest = await store.deliveries(MERCHANT, limit=1)
    is_queued = bool(newest) and newest[0].announcement.id == await store.newest_announcement(MERCHANT)
    return is_queued and not await store.deliveries(MERCHANT, state=DeliveryState.WAITING, limit=1)


def _head(running: Fleet, shoppers: Shoppers, lasted_s: float, *, seed: int, postgres: bool) -> str:
    where = "PostgreSQL" if postgres else "one SQLite file"
    lines = [f"{shoppers.gone} shoppers in {lasted_s:.0f} s at 2 services and 2 workers on {where} (seed {seed})", ""]
    refused = sum(shoppers.refused.values())
    repeats = len(running.endpoint.received) - len(set(running.endpoint.ids))
    happened = {
        **running.happened,
        "calls of shoppers that were cut off": shoppers.cut_off,
        "calls of shoppers that were answered 5xx": refused,
        "announcements sent again": repeats,
    }
    return "\n".join([*lines, *(f"  {what:<43} {times:>6}" for what, times in sorted(happened.items()))])
