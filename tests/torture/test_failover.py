"""The primary dies or stands still under load, again and again, and its standby takes over.

Three ledgers are compared: what shoppers were answered, what the stand-in did, and what is in the database that is
left in the end. Figures are printed.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

from e2e.shop import MERCHANT
from patience import until
from postgres_pair import kill, paused
from soak.ledgers import at_one_moment, every
from torture.fleet import Fleet, Shoppers, fleet

from paystate.core.errors import StorageUnavailable
from paystate.core.ids import OrderKey, refund_id_for
from paystate.core.orders.order import fold
from paystate.core.ports.store import InboxRow, InboxVerdict, Store
from paystate.entrypoints.setup import bootstrap
from paystate.entrypoints.setup.settings_checks import load

FAILOVERS = 10
GO_BETWEEN = (4, 12)
"""So many shoppers come to their end before the next failover begins, and so many after it has ended."""


async def fails_over(fleet: Fleet, shoppers: Shoppers, *, is_paused: bool) -> float:
    """The primary is gone, the standby takes over, and a new one follows it; real seconds until all was well again."""
    servers, dice = fleet.servers, shoppers.dice
    await shoppers.some_have_gone(dice.randint(*GO_BETWEEN))
    with ExitStack() as ends:
        gone = servers.primary
        began = time.monotonic()
        if is_paused:
            ends.enter_context(paused(gone))
        else:
            await asyncio.to_thread(kill, gone)
        await asyncio.to_thread(servers.take_over)
        await until(fleet.is_ready)
        took_s = time.monotonic() - began
        await shoppers.some_have_gone(dice.randint(*GO_BETWEEN))
    await asyncio.to_thread(kill, gone)
    await asyncio.to_thread(servers.follow)
    return took_s


async def test_nothing_acknowledged_is_lost_and_nothing_done_twice(tmp_path: Path) -> None:
    dice = random.Random(14)  # noqa: S311 - dice, not secrets
    async with fleet(tmp_path) as running:
        shoppers = Shoppers(running.services, dice)
        shopping = asyncio.create_task(shoppers.shop())
        took_s = [await fails_over(running, shoppers, is_paused=number % 3 == 2) for number in range(FAILOVERS)]
        shoppers.is_closing = True
        await shopping
        async with bootstrap.opened_store(load(running.at.settings)) as store:
            await until(lambda: nothing_waits(store))
            rows = await every(lambda last: store.inbox(MERCHANT, before=last))
            await compare_orders(store, shoppers)
        compare_refunds(running, shoppers)
        compare_webhooks(rows, shoppers)
        assert set(shoppers.refused) <= {("storage_unavailable", "5")}
        print(f"\n{FAILOVERS} failovers, well again after {min(took_s):.1f} to {max(took_s):.1f} s; {told(shoppers)}")


def told(shoppers: Shoppers) -> str:
    """The shoppers' ledger in one line."""
    refused = ", ".join(f"{times} {code}" for (code, _), times in shoppers.refused.items())
    done = f"{len(shoppers.refunds)} payments and refunds, {len(shoppers.acknowledged)} webhooks"
    return f"{done}; calls cut off: {shoppers.cut_off}, refused: {refused or 'none'}"


async def nothing_waits(store: Store) -> bool:
    try:
        return not await store.take_inbox()
    except StorageUnavailable:
        return False


async def announcements(store: Store) -> Counter[tuple[str, str]]:
    """How often each thing was announced of each order."""
    rows = await every(lambda last: store.outbox(MERCHANT, after=last or 0))
    return Counter((row.order_id, row.once_key) for row in rows)


async def compare_orders(store: Store, shoppers: Shoppers) -> None:
    """Each is paid as Juspay says, what its journal says, and announced once."""
    assert shoppers.paid == shoppers.known_paid
    decided = Counter[tuple[str, str]]()
    for order_id in shoppers.paid:
        order, journal = await at_one_moment(store, OrderKey(MERCHANT, order_id))
        assert [*range(1, len(journal) + 1)] == [entry.version for entry in journal]
        assert fold(entry.fact for entry in journal) == order
        decided.update((order_id, told.once_key) for entry in journal for told in entry.fact.announced)
    assert {1} == set(decided.values())
    assert decided == await announcements(store)
    assert shoppers.paid == {order_id for order_id, once_key in decided if once_key == "order.paid"}


def compare_refunds(fleet: Fleet, shoppers: Shoppers) -> None:
    """Each key that was acknowledged is one refund at Juspay, which has made no other."""
    assert {f"{order_id}-back" for order_id in shoppers.paid} == shoppers.refunds
    assert Counter(refund_id_for(MERCHANT, key) for key in shoppers.refunds) == Counter(fleet.at.juspay.effects)


def compare_webhooks(rows: list[InboxRow], shoppers: Shoppers) -> None:
    """All that were acknowledged are stored and processed, each once, and no other."""
    stored = Counter(row.event_id for row in rows)
    assert shoppers.acknowledged <= set(stored) <= shoppers.sent
    assert {1} == set(stored.values())
    assert [] == [row for row in rows if row.verdict is not InboxVerdict.LOOKED or row.conflicts]
