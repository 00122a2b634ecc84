"""The whole of Paystate on PostgreSQL: service, worker, command line and your own program."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
from e2e.cli.terminal import paystate, set_up
from e2e.shop import MERCHANT, ORDER, START, Shop, installed, process, shop
from e2e.watched.scrape import Scrape, scraped, with_metrics
from patience import until
from postgres_server import database_made

from paystate.adapters.clock import SettableClock
from paystate.core.ids import OrderKey
from paystate.core.orders.amounts.totals import amounts
from paystate.core.orders.facts import AnnouncementKind
from paystate.core.orders.order import fold
from paystate.entrypoints.engine import EventView, Paystate
from paystate.entrypoints.setup import bootstrap
from paystate.entrypoints.setup.settings_checks import load


def on(at: Shop, database: str, *, worker: bool = True) -> Shop:
    """The same shop, with its database on PostgreSQL."""
    lines = f'database = "{database}"\nworker = {str(worker).lower()}\n'
    at.settings.write_text(lines + at.settings.read_text())
    return at


@pytest.fixture
async def at(tmp_path: Path, postgres_database: str) -> AsyncIterator[Shop]:
    async with shop(tmp_path) as opened:
        yield on(opened, postgres_database, worker=False)


async def test_a_payment_and_a_refund_by_a_service_and_a_worker_outlive_both(at: Shop) -> None:
    async with process(at, "worker", ready=b'"working"'), process(at):
        await at.at_the_page()
        await at.known_paid_after_s(ORDER["order_id"])
        refund = (await at.refund("100.00", "k-1")).json()["refund"]
    assert [refund["refund_id"]] == at.called("refund")
    settings = load(at.settings)
    async with bootstrap.opened_store(settings) as store:  # the processes were killed
        order = await store.load(OrderKey(MERCHANT, ORDER["order_id"]))
        assert order is not None
        assert (34_950, [refund["refund_id"]]) == (amounts(order).captured, [*order.refunds])
        assert order == fold(entry.fact for entry in await store.journal(order.key))
        assert AnnouncementKind.ORDER_PAID in [row.kind for row in await store.outbox(MERCHANT)]


async def test_service_and_worker_tell_the_same_of_the_database_and_each_of_its_own_connections(at: Shop) -> None:
    ports = with_metrics(at)
    async with process(at, "worker", ready=b'"working"'), process(at):
        await at.at_the_page()
        await at.known_paid_after_s(ORDER["order_id"])
        await at.refund("100.00", "k-1")

        async def is_told() -> list[Scrape]:
            both = [await scraped(at.http, port) for port in (ports.service, ports.worker)]
            return both if all(one.value("paystate_open_refunds", state="PENDING") == 1 for one in both) else []

        for told in await until(is_told):
            assert (1, 1) == (told.value("paystate_workers"), told.value("paystate_storage_up"))
            assert (
                0 < told.value("paystate_database_connections") <= told.value("paystate_database_connections_max") == 10
            )


async def test_an_order_that_many_open_and_refund_at_once_is_opened_and_refunded_once(at: Shop) -> None:
    async with installed(at, SettableClock(START)):
        answers = await asyncio.gather(*(at.call("POST", "/v1/orders", ORDER) for _ in range(8)))
        assert {200, 201} >= {one.status_code for one in answers}
        await at.charged(order_id="Other1")
        refunds = await asyncio.gather(*(at.refund("300.00", f"k-{n}", "Other1") for n in range(6)))
        assert 1 == sum(one.status_code == 201 for one in refunds)
        assert 1 == len(at.called("refund"))


def test_a_new_database_is_migrated_examined_and_read_at_the_terminal(
    tmp_path: Path, postgres_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("TEA_JUSPAY_KEY", "TEA_RESPONSE_KEY", "TEA_WEBHOOK_PASSWORD"):
        monkeypatch.setenv(name, f"{name}-0123456789-abcdefghij")
    set_up(tmp_path)
    address = database_made(postgres_server)
    text = (tmp_path / "paystate.toml").read_text()
    (tmp_path / "paystate.toml").write_text(f'database = "{address}"\n{text}')
    before = paystate("doctor")
    assert (1, True) == (before.exit_code, "run `paystate migrate`" in " ".join(before.output.split()))
    assert 0 == paystate("migrate").exit_code
    assert "Nothing is wrong" in paystate("doctor").output
    assert 0 == paystate("order", "list", "--merchant", "teashop").exit_code
    backup = paystate("backup", "copy.sqlite3")
    assert (1, True) == (backup.exit_code, "pg_dump" in backup.output)


async def test_a_handler_writes_in_the_transaction_of_its_delivery(at: Shop, postgres_database: str) -> None:
    connection = await asyncpg.connect(postgres_database)
    await connection.execute("create table shipments (order_id text primary key)")
    clock = SettableClock(START)
    async with installed(at, clock), Paystate.open(load(at.settings), clock=clock) as pay:

        @pay.on("order.paid")
        async def ship(event: EventView, tx: asyncpg.Connection[asyncpg.Record]) -> None:
            await tx.execute("insert into shipments (order_id) values ($1)", event.data.order_id)

        await pay.work_once()
        await at.charged()

        async def is_shipped() -> bool:
            await pay.work_once()
            return bool(await connection.fetchval("select count(*) from shipments"))

        await until(is_shipped)
    assert "delivered" == await connection.fetchval("select state from deliveries")
    await connection.close()


async def test_a_database_that_is_not_migrated_is_refused(tmp_path: Path, postgres_server: str) -> None:
    async with shop(tmp_path) as opened:
        on(opened, database_made(postgres_server))
        with pytest.raises(Exception, match="migrate it first"):
            async with bootstrap.opened_runtime(load(opened.settings)):
                raise AssertionError("it has no tables")
