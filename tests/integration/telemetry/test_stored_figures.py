"""Figures out of the database: read once however often they are asked for, and never in anybody's way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

import pytest
from attrs import define, evolve
from e2e.watched.scrape import Scrape, read
from integration.api.world import World, world
from prometheus_client import CollectorRegistry, generate_latest

from paystate.core.errors import RecordUnreadable, StorageUnavailable
from paystate.core.heartbeats import Heartbeat
from paystate.core.orders.facts import AnnouncementKind
from paystate.core.orders.order import Order
from paystate.core.ports.backlog import ConnectionUse, MerchantBacklog
from paystate.core.ports.store import ReceivedWebhook, Store
from paystate.core.use_cases.context import Ports
from paystate.entrypoints.telemetry import stored_figures
from paystate.entrypoints.telemetry.stored_figures import StoredFigures

FOR_EVER = float("inf")


@define
class Counting:
    """A store that counts how often it is read, and may fail or hang."""

    inner: Store
    reads: int = 0
    fault: Exception | None = None
    hangs: bool = False
    has_damaged_record: bool = False
    use: ConnectionUse | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    async def backlog(self, merchant_ids: Collection[str], now: datetime) -> Sequence[MerchantBacklog]:
        self.reads += 1
        await asyncio.sleep(0)  # others may come meanwhile
        if self.hangs:
            await asyncio.Event().wait()
        if self.fault:
            raise self.fault
        return await self.inner.backlog(merchant_ids, now)

    async def waiting_refunds(self, merchant_id: str, since_before: datetime, *, limit: int = 100) -> Sequence[Order]:
        if self.has_damaged_record and merchant_id == "shop":
            raise RecordUnreadable("a record")
        return await self.inner.waiting_refunds(merchant_id, since_before, limit=limit)

    def connection_use(self) -> ConnectionUse | None:
        return self.use


@define
class Watched:
    shop: World
    store: Counting
    figures: StoredFigures
    told: dict[str, list[str]]
    damaged: list[str]

    async def scrape(self) -> Scrape:
        await self.figures.refresh()
        registry = CollectorRegistry()
        registry.register(self.figures)
        return read(generate_latest(registry).decode())


@pytest.fixture
async def watched(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Watched]:
    """Nothing is kept for long, so that each scrape reads."""
    monkeypatch.setattr(stored_figures, "CACHED_S", 0)
    async with world() as shop:
        store, told = Counting(shop.store), {"shop": ["books"], "other": list[str]()}
        ports = Ports(store=cast("Store", store), clock=shop.clock, ids=shop.runtime.ports.ids)
        damaged = list[str]()
        figures = StoredFigures(
            ports,
            lambda: cast("Mapping[str, Collection[str]]", told),
            lambda merchant_id, _: damaged.append(merchant_id),
        )
        yield Watched(shop, store, figures, told, damaged)


async def test_whoever_scrapes_soon_again_is_told_what_was_read_before(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored_figures, "CACHED_S", FOR_EVER)
    await asyncio.gather(*(watched.scrape() for _ in range(5)))
    await watched.scrape()
    assert 1 == watched.store.reads


async def test_later_it_is_read_again(watched: Watched) -> None:
    assert 0 == (await watched.scrape()).value("paystate_inbox_waiting", merchant="shop")
    await watched.store.append_inbox(ReceivedWebhook("shop", "evt_1", b"{}", watched.shop.clock.now(), order_key="a"))
    watched.shop.clock.advance(7)
    told = await watched.scrape()
    assert (1, 7) == tuple(
        told.value(f"paystate_inbox_{what}", merchant="shop") for what in ("waiting", "oldest_age_seconds")
    )
    assert {"shop", "other"} == {dict(labels)["merchant"] for labels in told.values["paystate_inbox_waiting"]}


@pytest.mark.parametrize("trouble", [{"fault": StorageUnavailable("full")}, {"hangs": True}], ids=["fails", "hangs"])
async def test_a_database_that_cannot_be_read_is_told_and_nothing_is_made_up(
    watched: Watched, trouble: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored_figures, "READ_S", 0.01)
    before = await watched.scrape()
    for name, value in trouble.items():
        setattr(watched.store, name, value)
    down = await watched.scrape()
    assert {"paystate_storage_up"} == down.values.keys()
    assert (1, 0) == tuple(one.value("paystate_storage_up") for one in (before, down))
    watched.store.fault, watched.store.hangs = None, False
    monkeypatch.setattr(stored_figures, "READ_S", FOR_EVER)
    assert before.values.keys() == (await watched.scrape()).values.keys()


async def test_a_database_that_cannot_be_read_is_not_asked_at_each_scrape(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored_figures, "CACHED_S", FOR_EVER)
    watched.store.fault = StorageUnavailable("full")
    assert [0, 0] == [(await watched.scrape()).value("paystate_storage_up") for _ in range(2)]
    assert 1 == watched.store.reads


async def test_a_damaged_record_takes_away_what_is_read_of_such_and_nothing_else_and_is_told(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored_figures, "CACHED_S", 0.0)
    before = await watched.scrape()
    assert [] == watched.damaged
    watched.store.has_damaged_record = True
    damaged = await watched.scrape()
    assert (1, before.values.keys()) == (damaged.value("paystate_storage_up"), damaged.values.keys())
    assert ["shop"] == watched.damaged


async def test_a_pool_that_is_used_up_is_told_while_nothing_can_be_read(watched: Watched) -> None:
    watched.store.fault = StorageUnavailable("no connection is free")
    watched.store.use = ConnectionUse(used=10, idle=0, most=10)
    told = await watched.scrape()
    assert (0, 10, 10) == (
        told.value("paystate_storage_up"),
        told.value("paystate_database_connections", state="used"),
        told.value("paystate_database_connections_max"),
    )


async def test_an_instant_of_a_clock_that_is_ahead_is_no_age_below_zero(watched: Watched) -> None:
    ahead = watched.shop.clock.now()
    watched.shop.clock.advance(-30)
    await watched.store.append_inbox(ReceivedWebhook("shop", "evt_1", b"{}", ahead, order_key="a"))
    assert 0 == (await watched.scrape()).value("paystate_inbox_oldest_age_seconds", merchant="shop")


async def test_of_subscribers_those_of_the_settings_are_told_and_handlers_of_a_program(watched: Watched) -> None:
    for to in ("books", "taken-out"):
        await watched.store.subscribe("shop", to)
    await watched.store.subscribe("shop", "handler", frozenset({AnnouncementKind.ORDER_PAID}))
    await watched.store.subscribe("gone", "handler", frozenset({AnnouncementKind.ORDER_PAID}))
    await watched.store.pause_subscriber("shop", "books", watched.shop.clock.now(), outcome="answered 410")
    told = await watched.scrape()
    paused = {dict(labels)["subscriber"]: value for labels, value in told.values["paystate_subscriber_paused"].items()}
    assert {"books": 1, "handler": 0} == paused
    watched.told["shop"] = []
    assert 1 == len((await watched.scrape()).values["paystate_subscriber_paused"])


async def test_workers_and_the_newest_heartbeat_are_told(watched: Watched) -> None:
    beat = Heartbeat(
        worker_id="w1", host="h", pid=1, version="1", steps=1, started_at=watched.shop.clock.now(),
        beat_at=watched.shop.clock.now(),
    )  # fmt: skip
    assert "paystate_worker_heartbeat_age_seconds" not in (await watched.scrape()).values
    await watched.store.leave_heartbeat(beat)
    await watched.store.leave_heartbeat(evolve(beat, worker_id="w2"))
    told = []
    for _ in range(2):
        watched.shop.clock.advance(40)
        scrape = await watched.scrape()
        told.append((scrape.value("paystate_workers"), scrape.value("paystate_worker_heartbeat_age_seconds")))
    assert [(2, 40), (0, 80)] == told


async def test_a_pool_s_connections_are_told(watched: Watched) -> None:
    watched.store.use = ConnectionUse(used=3, idle=2, most=10)
    told = await watched.scrape()
    assert (3, 2) == tuple(told.value("paystate_database_connections", state=one) for one in ("used", "idle"))
    assert 10 == told.value("paystate_database_connections_max")
