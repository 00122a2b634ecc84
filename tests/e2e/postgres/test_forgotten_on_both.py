"""A customer is forgotten at the terminal, and no byte of the database tells who they were; on either database."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest
from e2e.cli.terminal import paystate
from e2e.shop import CUSTOMER, MERCHANT, ORDER, START, Shop, installed, shop
from e2e.standin import CLOCK

from paystate.adapters.clock import SettableClock
from paystate.core.ids import OrderKey
from paystate.core.orders.amounts.totals import amounts
from paystate.core.orders.order import fold
from paystate.entrypoints.setup import bootstrap
from paystate.entrypoints.setup.settings_checks import load

PAID, REFUNDED, OTHERS = ORDER["order_id"], "Refunded1", "Others1"
ASHA = {**CUSTOMER, "first_name": "Ashalata", "last_name": "Venkataraman"}
WORDS = (*ASHA.values(), "canary.mail")
NEIGHBOUR = {"customer_id": "reader_9", "email": "other@example.test", "phone": "9876500002"}
LATER = timedelta(days=61)
"""By then nothing is asked by itself any more."""

Contents = Callable[[], Awaitable[bytes]]


@pytest.fixture(params=["sqlite", "postgresql"])
async def at(
    request: pytest.FixtureRequest, tmp_path: Path, postgres_database: str
) -> AsyncIterator[tuple[Shop, Contents]]:
    """A shop, and how to read all that its database holds."""
    async with shop(tmp_path, now=START) as opened:
        if request.param == "sqlite":
            yield opened, lambda: _files(tmp_path)
        else:
            opened.settings.write_text(f"database = {json.dumps(postgres_database)}\n{opened.settings.read_text()}")
            yield opened, lambda: _rows(postgres_database)


async def _files(folder: Path) -> bytes:
    """The file, and the log beside it: every byte, also where nothing lives any more."""
    files = (folder / f"paystate.sqlite3{ending}" for ending in ("", "-wal", "-shm"))
    return b"".join(file.read_bytes() for file in files if file.exists())


async def _rows(address: str) -> bytes:
    """Every row of every table, as text; of bytes, what they say."""
    connection = await asyncpg.connect(address)
    names = await connection.fetch("select tablename from pg_tables where schemaname = 'public'")
    rows = [await connection.fetch(f"select * from {name['tablename']}") for name in names]  # noqa: S608
    await connection.close()
    return repr([dict(row) for one in rows for row in one]).encode()


async def forget(at: Shop, *options: str, customer: str = CUSTOMER["customer_id"]) -> tuple[int, str]:
    line = ("forget", customer, "--by", "Meera", "--settings", str(at.settings), "--clock-url", at.juspay.url + CLOCK)
    ended = await asyncio.to_thread(paystate, *line, *options)
    return ended.exit_code, " ".join(ended.output.split())


async def sell(at: Shop) -> None:
    """Two orders of the customer's that are paid, one of them refunded, and one of somebody else's."""
    await at.charged(customer=ASHA, description="books for Ashalata")
    await at.charged(customer=ASHA, order_id=REFUNDED)
    refund = (await at.refund("100.00", "k-1", REFUNDED)).json()["refund"]
    await at.opened(customer=NEIGHBOUR, order_id=OTHERS)
    body = json.loads(at.juspay.webhook(PAID, "ORDER_SUCCEEDED", "evt_1"))
    body["content"]["order"] |= {"customer_email": CUSTOMER["email"], "customer_phone": CUSTOMER["phone"]}
    assert 200 == (await at.hook(json.dumps(body).encode())).status_code
    at.juspay.settled(refund["refund_id"])


def words_in(contents: bytes) -> list[str]:
    return [word for word in WORDS if word.encode() in contents]


async def test_no_byte_tells_who_a_forgotten_customer_was(at: tuple[Shop, Contents]) -> None:
    one, contents = at
    clock = SettableClock(START)
    async with installed(one, clock):
        await sell(one)
        clock.set(START + LATER)
        assert "SUCCESS" == (await one.look(REFUNDED))["refunds"][0]["state"]
    one.juspay.now = START + LATER
    assert [*WORDS] == words_in(await contents())
    code, told = await forget(one)
    assert (0, True) == (code, "is forgotten. Orders: 2. Checkouts: 2." in told), told
    assert [] == words_in(await contents())
    assert NEIGHBOUR["customer_id"].encode() in await contents()
    code, told = await forget(one)
    assert (0, True) == (code, "Nothing is kept of customer" in told)
    async with bootstrap.opened_store(load(one.settings)) as store:
        for order_id, refunded in ((PAID, 0), (REFUNDED, 10_000)):
            key = OrderKey(MERCHANT, order_id)
            order = await store.load(key)
            assert order is not None
            assert order == fold(entry.fact for entry in await store.journal(key))
            assert (34_950, refunded) == (amounts(order).captured, amounts(order).refunded)


async def test_a_forgotten_customers_webhook_is_still_known_and_the_order_still_refunded(
    at: tuple[Shop, Contents],
) -> None:
    one, _ = at
    clock = SettableClock(START)
    async with installed(one, clock):
        await one.charged()
        hook = one.juspay.webhook(PAID, "ORDER_SUCCEEDED", "evt_1")
        await one.hook(hook)
    one.juspay.now = START + LATER
    assert 0 == (await forget(one))[0]
    clock.set(START + LATER)
    async with installed(one, clock) as running:
        assert 200 == (await one.hook(hook)).status_code
        (row,) = await running.ports.store.inbox(MERCHANT)
        assert (1, True) == (row.repeats, row.is_body_dropped)
        assert 201 == (await one.refund("10.00", "late")).status_code
        found = (await one.call("GET", f"/v1/orders?customer_id={CUSTOMER['customer_id']}")).json()
        assert [] == found["orders"]


async def test_an_order_with_an_open_refund_keeps_its_customer_and_is_told(at: tuple[Shop, Contents]) -> None:
    one, contents = at
    async with installed(one, SettableClock(START)):
        await sell(one)
    one.juspay.now = START + LATER
    dry = await forget(one, "--dry-run")
    assert [*WORDS] == words_in(await contents())
    code, told = await forget(one)
    for said in (dry[1], told):
        assert f"{REFUNDED} a refund has not ended" in said
        assert "forgotten. Orders: 1. Checkouts: 1." in said
    assert (1, 1) == (dry[0], code)
    async with bootstrap.opened_store(load(one.settings)) as store:
        kept = await store.load(OrderKey(MERCHANT, REFUNDED))
        assert kept is not None
        assert CUSTOMER["customer_id"] == kept.opened.customer.customer_id


async def test_where_every_order_keeps_the_customer_nothing_is_said_to_be_forgotten(at: tuple[Shop, Contents]) -> None:
    one, _ = at
    async with installed(one, SettableClock(START)):
        await one.opened()
    one.juspay.now = START
    code, told = await forget(one)
    assert (1, True) == (code, told.startswith(f"Nothing of customer {CUSTOMER['customer_id']} is forgotten yet."))


async def test_a_customer_whose_id_differs_in_case_is_somebody_else(at: tuple[Shop, Contents]) -> None:
    one, _ = at
    async with installed(one, SettableClock(START)):
        await one.opened(customer={**NEIGHBOUR, "customer_id": CUSTOMER["customer_id"].upper()})
    one.juspay.now = START + LATER
    code, told = await forget(one)
    assert (0, True) == (code, "Nothing is kept of customer" in told)


async def test_nobody_is_forgotten_by_a_blank_or_an_impossible_id(at: tuple[Shop, Contents]) -> None:
    one, _ = at
    for customer in ("", " ", "a\nb"):
        code, told = await forget(one, customer=customer)
        assert (1, True) == (code, "CUSTOMER" in told), told
