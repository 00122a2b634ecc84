"""A merchant outgrows one machine: traffic on SQLite, the move at the terminal, the same traffic on PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from e2e.cli.terminal import paystate
from e2e.shop import MERCHANT, ORDER, START, Shop, installed, shop
from postgres_server import database_made

from paystate.adapters.clock import SettableClock
from paystate.core.ids import OrderKey
from paystate.core.orders.amounts.totals import amounts
from paystate.core.orders.order import fold
from paystate.entrypoints.setup import bootstrap
from paystate.entrypoints.setup.settings_checks import load

WAITS, PAID = "Waits1", ORDER["order_id"]


@pytest.fixture
async def at(tmp_path: Path) -> AsyncIterator[Shop]:
    async with shop(tmp_path) as opened:
        yield opened


@pytest.fixture
def empty(postgres_server: str) -> str:
    """The address of an empty database."""
    return database_made(postgres_server)


async def moved(at: Shop, target: str, *options: str) -> tuple[int, str]:
    """The move, at the terminal; its exit code, and what it said in one line."""
    import asyncio

    line = ("migrate", "--settings", str(at.settings), "--from", "sqlite:///paystate.sqlite3", *options)
    ended = await asyncio.to_thread(paystate, *line, *(("--to", target) if target else ()))
    return ended.exit_code, " ".join(ended.output.split())


async def test_payments_refunds_webhooks_and_cursors_go_on_after_the_move(at: Shop, empty: str) -> None:
    clock = SettableClock(START)
    async with installed(at, clock):
        await at.charged()
        refund = (await at.refund("100.00", "k-1")).json()["refund"]
        await at.at_the_page(order_id=WAITS)
        hook = at.juspay.webhook(PAID, "ORDER_SUCCEEDED", "evt_before")
        assert 200 == (await at.hook(hook)).status_code
        page = (await at.call("GET", "/v1/announcements?limit=1")).json()
        before = await at.order()
    code, told = await moved(at, empty)
    assert 0 == code, told
    assert f'Now write into paystate.toml: database = "{empty}"' in told
    at.settings.write_text(f"database = {json.dumps(empty)}\n{at.settings.read_text()}")
    async with installed(at, clock):
        assert before == await at.order()
        assert 200 == (await at.hook(hook)).status_code
        again = await at.refund("100.00", "k-1")
        assert (200, refund["refund_id"]) == (again.status_code, again.json()["refund"]["refund_id"])
        assert 201 == (await at.refund("49.50", "k-2")).status_code
        assert 422 == (await at.refund("300.00", "k-3")).status_code
        at.juspay.paid(WAITS)
        assert 200 == (await at.hook(at.juspay.webhook(WAITS, "ORDER_SUCCEEDED", "evt_after"))).status_code
        assert (await at.look(WAITS))["paid"]
        rest = (await at.call("GET", f"/v1/announcements?after={page['next']}")).json()
        assert "order.paid" in [one["type"] for one in rest["announcements"] if one["data"]["order_id"] == WAITS]
        assert [] == [one for one in rest["announcements"] if one["id"] == page["announcements"][0]["id"]]
    async with bootstrap.opened_store(load(at.settings)) as store:
        (row,) = [row for row in await store.inbox(MERCHANT) if row.event_id == "evt_before"]
        assert (1, 0) == (row.repeats, row.conflicts)
        for order_id in (PAID, WAITS):
            order = await store.load(OrderKey(MERCHANT, order_id))
            assert order == fold(entry.fact for entry in await store.journal(OrderKey(MERCHANT, order_id)))
        paid = await store.load(OrderKey(MERCHANT, PAID))
        assert paid is not None
        assert (34_950, 2) == (amounts(paid).captured, len(paid.refunds))
    assert 2 == len(set(at.called("refund")))


async def test_the_service_has_to_be_stopped_and_does_not_start_on_the_file_again(at: Shop, empty: str) -> None:
    async with installed(at, SettableClock(START)):
        await at.charged()
        code, told = await moved(at, empty)
        assert (1, True) == (code, "something has the file open" in told)
        assert await at.is_paid(PAID)
    assert 0 == (await moved(at, empty))[0]
    with pytest.raises(Exception, match="one side of a move"):
        async with bootstrap.opened_runtime(load(at.settings)):
            raise AssertionError("the orders are on PostgreSQL")


async def test_a_move_that_is_abandoned_leaves_the_service_as_it_was(at: Shop, empty: str) -> None:
    async with installed(at, SettableClock(START)):
        await at.charged()
    assert 0 == (await moved(at, empty))[0]
    code, told = await moved(at, "", "--abandon")
    assert (0, True) == (code, "can be used as before" in told)
    assert told.startswith("If Paystate has run on PostgreSQL since the move, keep that database: stop everything")
    assert "Drop that database only if nothing has run there." in told
    async with installed(at, SettableClock(START)):
        assert 201 == (await at.refund("100.00", "k-1")).status_code


async def test_a_move_that_is_asked_for_again_does_not_say_that_it_compares(at: Shop, empty: str) -> None:
    async with installed(at, SettableClock(START)):
        await at.charged()
    assert "The same on both sides" in (await moved(at, empty))[1]
    code, told = await moved(at, empty)
    assert (0, True) == (code, told.startswith("Moved before: "))
    assert "Nothing was moved or compared now. Now write into paystate.toml" in told


async def test_a_missing_half_of_the_move_is_told(at: Shop, empty: str) -> None:
    for target, options in (("", ()), (empty, ("--abandon",)), ("somewhere.sqlite3", ())):
        code, told = await moved(at, target, *options)
        assert (1, True) == (code, "to fix it: give" in told)
    async with installed(at, SettableClock(START)):
        await at.charged()
