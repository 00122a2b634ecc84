"""How soon a payment is known that a webhook tells of, in seconds, while all else hangs, is slow or is too much.

What is paid stands in the stand-in's ledger, and what is known is read over the API. Figures are printed: ARGS=-s.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from e2e.shop import START, Shop, neighbour, process, shop
from e2e.standin import Call, Fault
from patience import until

from paystate.adapters.storage.sqlite.store import SqliteStore

KNOWN_S = 5.0
"""Within so many real seconds of its webhook a payment is known, whatever else goes on."""
PAYMENTS = 10
SILENT_ORDERS = 60
SLOW_ORDERS = 500
FLOODED_ORDERS = 100
FLOOD_LASTS_S = 10
OPENED_AT_ONCE = 20
NORMAL = timedelta(seconds=60)
"""Within so much time of the clock a new order is looked at, and a refund whose call was lost is sent again."""
LOST_REFUNDS = 5
REAL_S = 0.2
"""Real seconds for one of the clock: the worker has made a step."""


async def at_the_page(at: Shop, name: str, count: int) -> list[str]:
    """So many orders whose shoppers are at the payment page."""
    names = [f"{name}-{number}" for number in range(count)]
    for first in range(0, count, OPENED_AT_ONCE):
        some = names[first : first + OPENED_AT_ONCE]
        await asyncio.gather(*(at.at_the_page(order_id=order_id) for order_id in some))
    return names


@asynccontextmanager
async def served(at: Shop, *options: str) -> AsyncGenerator[None]:
    """The service as it is shipped, but for its bound on an address: all shoppers of these tests have one."""
    at.settings.write_text(at.settings.read_text() + "[rates]\nper_address = 10000\nper_key = 10000\n")
    async with process(at, "serve", *options):
        yield


async def all_known_in_time(what: str, at: Shop, order_ids: list[str]) -> None:
    """Let these be paid one after the other; each is known in time, from Juspay's answer about it."""
    took_s = [await at.known_paid_after_s(order_id) for order_id in order_ids]
    print(
        f"\n{what}: known after {statistics.median(took_s):.2f} s (p50), {max(took_s):.2f} s (worst of {len(took_s)})"
    )
    assert set(order_ids) <= set(at.called("status"))
    assert max(took_s) < KNOWN_S


async def webhooks_waiting(at: Shop) -> int:
    async with SqliteStore(at.folder / "paystate.sqlite3") as store:
        return len(await store.take_inbox(limit=1_000_000))


def slow(seconds: float, is_slow: Callable[[Call], bool]) -> Callable[[Call], Awaitable[None]]:
    async def waits(call: Call) -> None:
        if is_slow(call):
            await asyncio.sleep(seconds)

    return waits


async def test_another_merchant_s_payments_while_juspay_is_silent_to_one(tmp_path: Path) -> None:
    """Its orders are due, its webhooks wait to be followed, and its backend looks at every order."""
    async with shop(tmp_path) as silent, neighbour(silent) as at, served(silent):
        opened = await at_the_page(silent, "open", SILENT_ORDERS)
        mine = await at_the_page(at, "mine", PAYMENTS)
        silent.juspay.down = Fault("silence")
        looks = [asyncio.create_task(silent.call("POST", f"/v1/orders/{one}/look")) for one in opened]
        for one in opened:
            await silent.hook(silent.juspay.webhook(one, "ORDER_SUCCEEDED", f"evt_{one}"))
        await all_known_in_time("silent to another merchant", at, mine)
        for look in looks:
            look.cancel()
        await asyncio.wait(looks)


async def test_payments_beside_a_backlog_whose_answers_are_slow(tmp_path: Path) -> None:
    async with shop(tmp_path) as at, served(at):
        at.juspay.waits = slow(2, lambda call: call.operation == "status")
        await at_the_page(at, "open", SLOW_ORDERS)
        mine = await at_the_page(at, "mine", PAYMENTS)
        await all_known_in_time("beside 500 open orders, answers of 2 s", at, mine)


async def test_payments_beside_one_answer_that_is_slow(tmp_path: Path) -> None:
    async with shop(tmp_path) as at, served(at):
        (odd,) = await at_the_page(at, "odd", 1)
        at.juspay.waits = slow(8, lambda call: call.order_id == odd)
        mine = await at_the_page(at, "mine", PAYMENTS)
        await at.hook(at.juspay.webhook(odd, "ORDER_SUCCEEDED", "evt_odd"))
        await all_known_in_time("beside one answer of 8 s", at, mine)


@asynccontextmanager
async def flood(at: Shop) -> AsyncGenerator[None]:
    """Webhooks of the merchant come as fast as another process can send them, for a while and then beside the block."""
    line = (at.service_url.rpartition(":")[2], at.webhook_url.removeprefix(at.service_url), at.login)
    more = (at.juspay.merchant_id, str(FLOODED_ORDERS))
    pipe, program = asyncio.subprocess.PIPE, Path(__file__).with_name("flood.py")
    sending = await asyncio.create_subprocess_exec(
        sys.executable, program, "127.0.0.1", *line, *more, stdin=pipe, stdout=pipe
    )
    await asyncio.sleep(FLOOD_LASTS_S)
    try:
        yield
    finally:
        told, _ = await sending.communicate(b"")
    assert 0 == sending.returncode
    sent, lasted_s = told.split()
    print(f"\nthe flood: {int(sent)} webhooks, {int(sent) / float(lasted_s):.0f} a second")


async def test_another_merchant_s_payments_in_a_flood_and_after_it(tmp_path: Path) -> None:
    async with shop(tmp_path) as flooded, neighbour(flooded) as at, served(flooded):
        await at_the_page(flooded, "open", FLOODED_ORDERS)
        mine = await at_the_page(at, "mine", 2 * PAYMENTS)
        async with flood(flooded):
            await all_known_in_time("in a flood", at, mine[:PAYMENTS])
        await all_known_in_time("after the flood", at, mine[PAYMENTS:])


async def test_another_merchant_s_payments_before_what_a_flood_has_left(tmp_path: Path) -> None:
    """However fast the machine, it leaves much: nobody works while it lasts."""
    async with shop(tmp_path) as flooded, neighbour(flooded) as at, served(flooded, "--no-worker"):
        await at_the_page(flooded, "open", FLOODED_ORDERS)
        mine = await at_the_page(at, "mine", PAYMENTS // 2)  # so that they are over before the flood is
        async with flood(flooded):
            pass
        left = await webhooks_waiting(at)
        async with process(flooded, "worker", ready=b'"working"'):
            await all_known_in_time("before what a flood has left", at, mine)
            still = await webhooks_waiting(at)
        print(f"of {left} webhooks {still} still waited then")
        assert still


@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(days=1), timedelta(days=8)], ids=str)
async def test_what_was_planned_before_the_clock_was_set_back(tmp_path: Path, ahead: timedelta) -> None:
    """Refunds whose calls were lost, and orders that are paid while no webhook tells it."""
    async with shop(tmp_path, now=START + ahead) as at, process(at):
        refunded = [await at.charged(order_id=f"back-{number}") for number in range(LOST_REFUNDS)]
        at.juspay.faults["refund"] = deque([Fault("gone")] * LOST_REFUNDS)
        for order in refunded:
            assert 201 == (await at.refund("100.00", order["order_id"], order["order_id"])).status_code
        mine = await at_the_page(at, "mine", PAYMENTS)
        for order_id in mine:
            at.juspay.paid(order_id)
        assert at.juspay.now is not None
        at.juspay.now -= ahead
        set_back_to = at.juspay.now

        async def is_all_found() -> bool:
            assert at.juspay.now is not None
            at.juspay.now += timedelta(seconds=1)
            await asyncio.sleep(REAL_S)
            return len(at.juspay.effects) >= LOST_REFUNDS and all([await at.is_paid(order_id) for order_id in mine])

        await until(is_all_found)
        print(f"\nclock set back by {ahead}: all found after {at.juspay.now - set_back_to} of it")
        assert LOST_REFUNDS == len(at.juspay.effects)
        assert at.juspay.now - set_back_to <= NORMAL
