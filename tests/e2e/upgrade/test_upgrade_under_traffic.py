"""An upgrade while callers call: today's program, and the next version of it, which is a program of its own here.

On SQLite and on PostgreSQL: the database is migrated under traffic, both versions serve it side by side, and each may
be started again. A version whose schema is served no more refuses, and the one beside it goes on.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from attrs import define, evolve
from contract.versions.next_steps import Version, versions
from e2e.postgres.test_on_postgres import on
from e2e.programs import started
from e2e.shop import Shop, kept_port, process, shop
from patience import until

NEXT = Path(__file__).with_name("next_program.py")


@define
class Traffic:
    """Shoppers who pay at one process, one after the other; each call is answered as on any other day.

    Attributes:
        paid: How many webhooks of their payments were taken.
    """

    at: Shop
    name: str
    paid: int = 0
    is_over: bool = False

    async def flow(self) -> None:
        while not self.is_over:
            order_id = f"{self.name}-{self.paid}"
            await self.at.at_the_page(order_id=order_id)
            self.at.juspay.paid(order_id)
            told = await self.at.hook(self.at.juspay.webhook(order_id, "ORDER_SUCCEEDED", f"evt_{order_id}"))
            assert 200 == told.status_code, told.text
            assert order_id == (await self.at.order(order_id))["order_id"]
            self.paid += 1


@asynccontextmanager
async def traffic(at: Shop, name: str) -> AsyncGenerator[Callable[[], Awaitable[None]]]:
    """Traffic at one process for as long as the block lasts; gives what waits until more have paid."""
    shoppers = Traffic(at, name)
    flowing = asyncio.create_task(shoppers.flow())

    async def goes_on() -> None:
        enough = shoppers.paid + 2

        async def have_paid() -> bool:
            return flowing.done() or shoppers.paid >= enough

        await until(have_paid)

    yield goes_on
    shoppers.is_over = True
    await flowing


@pytest.fixture(params=["sqlite", "postgresql"])
async def at(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[Shop]:
    folder = tmp_path / "shop"
    folder.mkdir()
    address: str | None = request.getfixturevalue("postgres_database") if request.param == "postgresql" else None
    async with shop(folder) as opened:
        yield on(opened, address) if address else opened


@asynccontextmanager
async def served_beside(at: Shop, environ: Mapping[str, str], program: Path | None = NEXT) -> AsyncGenerator[Shop]:
    """The same shop at another process, by default one of a newer version."""
    with kept_port() as port:
        other = evolve(at, service_url=f"http://127.0.0.1:{port}", logged=bytearray())
        async with process(other, program=program, environ={**environ, "PAYSTATE_PORT": str(port)}):
            yield other


async def migrated(at: Shop, version: Version | None) -> int:
    """How `paystate migrate` ends, of that version or of today's."""
    program, environ = (NEXT, version.environ) if version else (None, {})
    return await (await started(program, "migrate", "--settings", at.settings, **environ)).wait()


async def test_callers_notice_nothing_while_the_database_is_migrated_and_both_versions_serve_it(
    at: Shop, tmp_path: Path
) -> None:
    _, newer, _ = versions(tmp_path / "versions")
    async with process(at), traffic(at, "here") as goes_on:
        await goes_on()
        assert 0 == await migrated(at, newer)
        await goes_on()
        async with served_beside(at, newer.environ) as other, traffic(other, "there") as goes_on_there:
            await goes_on()
            await goes_on_there()
            await other.at_the_page(order_id="Both1")  # one version signs, the other is told, and each knows
            await at.known_paid_after_s("Both1")
            assert await other.is_paid("Both1")
            refund = (await other.refund("100.00", "k-1", "Both1")).json()["refund"]
            assert (await at.refund("100.00", "k-1", "Both1")).json()["refund"]["refund_id"] == refund["refund_id"]
            assert [refund["refund_id"]] == at.juspay.effects
        assert 0 == await migrated(at, None)  # today's service would start again, and migrates first
        async with served_beside(at, {}, program=None) as again:
            assert await again.is_paid("Both1")


async def test_a_version_whose_schema_is_no_longer_served_refuses_and_the_one_beside_it_goes_on(
    at: Shop, tmp_path: Path
) -> None:
    _, newer, last = versions(tmp_path / "versions")
    assert 0 == await migrated(at, newer)
    async with process(at), served_beside(at, newer.environ) as other:
        await at.at_the_page(order_id="Before1")
        at.juspay.paid("Before1")
        async with traffic(other, "there") as goes_on_there:
            assert 0 == await migrated(at, last)
            await goes_on_there()
        body = at.juspay.webhook("Before1", "ORDER_SUCCEEDED", "evt_1")
        refused = await at.hook(body)
        assert (503, "storage_unavailable") == (refused.status_code, refused.json()["code"])
        assert "retry-after" in refused.headers
        assert 503 == (await at.call("GET", "/readyz")).status_code
        assert 200 == (await other.hook(body)).status_code
        assert 1 == await migrated(at, None)
