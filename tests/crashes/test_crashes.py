"""A process dies at each named site, and what comes of the payment is the same as if it had lived.

`make torture` lets it die wherever it can in all scenarios, on both databases, and again while it recovers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from crashes import world
from crashes.mortal import Died, Fate, mortal
from crashes.scenarios import refund_ends
from crashes.world import Opens, World, on_sqlite, played
from e2e.shop import START

from paystate.adapters.storage.postgres.config import PostgresConfig
from paystate.adapters.storage.postgres.store import PostgresStore
from paystate.adapters.storage.sql.store import SqlStore
from paystate.adapters.storage.sqlite.migration import migrate
from paystate.core.announcements.delivery import Delivered, TryEnd
from paystate.core.ids import refund_id_for
from paystate.core.ports.notifier import Subscriber
from paystate.core.ports.store import ReceivedWebhook
from paystate.core.use_cases import refund
from paystate.core.use_cases.announcements.deliver import keep
from paystate.entrypoints.engine import shop
from paystate.entrypoints.service import deliverer

SITES_MIN = 30
PARTS = 4


def first_hits(passed: Sequence[str]) -> list[int]:
    """Where each site is passed for the first time, counted from 1."""
    return sorted(passed.index(site) + 1 for site in set(passed))


def is_told_apart(site: str) -> bool:
    """Not one of many between the statements of a transaction, all of which are undone; an order's are tried."""
    return "statement" not in site or site.startswith("store transact")


@pytest.mark.parametrize("part", range(PARTS))
async def test_at_whichever_site_it_dies_the_payment_ends_as_if_it_had_not(tmp_path: Path, part: int) -> None:
    alive = await played(tmp_path / "alive", on_sqlite, refund_ends)
    hits = [hit for hit in first_hits(alive.passed) if is_told_apart(alive.passed[hit - 1])]
    assert SITES_MIN <= len(hits)
    for fatal in hits[part::PARTS]:
        ended = await played(tmp_path / str(fatal), on_sqlite, refund_ends, fatal, goal=alive.found)
        assert 1 == ended.deaths


@pytest.fixture(params=["sqlite", "postgres"])
def opens(request: pytest.FixtureRequest, tmp_path: Path) -> Opens:
    if request.param == "postgres":
        config = PostgresConfig(address=request.getfixturevalue("postgres_database"))
        return lambda: PostgresStore(config)
    migrate(tmp_path / "paystate.sqlite3")
    return on_sqlite(tmp_path)


async def test_a_process_may_die_while_it_stores_a_webhook_and_stores_none_when_it_is_dead(opens: Opens) -> None:
    fate = Fate()
    async with mortal(opens(), fate) as store:
        await store.append_inbox(ReceivedWebhook("m", "evt_1", b"{}", START))
        assert ("store append_inbox: before", "store append_inbox: done") == (fate.passed[0], fate.passed[-1])
        assert len({*fate.passed}) == len(fate.passed)  # each once
        fate.is_dead = True
        with pytest.raises(Died):
            await store.append_inbox(ReceivedWebhook("m", "evt_2", b"{}", START))
        fate.is_dead = False
        assert ["evt_1"] == [row.event_id for row in await store.take_inbox()]


# --- what it would see


def answered_before_it_is_stored(patch: pytest.MonkeyPatch) -> None:
    stored = SqlStore.append_inbox
    later = set[asyncio.Future[bool]]()

    async def early(self: SqlStore, *some: Any, **named: Any) -> bool:
        later.add(asyncio.ensure_future(stored(self, *some, **named)))
        return True

    patch.setattr(SqlStore, "append_inbox", early)


def another_refund_id_in_each_life(patch: pytest.MonkeyPatch) -> None:
    lives, begin = list[int](), World.begin

    async def counted(self: World) -> None:
        lives.append(1)
        await begin(self)

    patch.setattr(World, "begin", counted)
    for module in (refund, shop):
        patch.setattr(module, "refund_id_for", lambda merchant, key: refund_id_for(merchant, f"{key}{len(lives)}"))


def noted_as_delivered_before_it_is_sent(patch: pytest.MonkeyPatch) -> None:
    async def early(ports: Any, subscriber: Subscriber, row: Any, message_of: Any) -> TryEnd:
        now: datetime = ports.clock.now()
        await keep(ports, subscriber, row, Delivered("200"))
        return await subscriber.notifier.deliver(await message_of(row.announcement), now)  # type: ignore[union-attr]

    patch.setattr(deliverer, "deliver", early)


PLANTED: list[tuple[Callable[[pytest.MonkeyPatch], None], str]] = [
    (answered_before_it_is_stored, "store append_inbox: before"),
    (another_refund_id_in_each_life, "juspay refund: done"),
    (noted_as_delivered_before_it_is_sent, "told: before"),
]


@pytest.mark.parametrize(("plant", "site"), PLANTED, ids=lambda value: getattr(value, "__name__", value))
async def test_a_planted_fault_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plant: Callable[[pytest.MonkeyPatch], None], site: str
) -> None:
    monkeypatch.setattr(world, "TURNS_MAX", 10)
    alive = await played(tmp_path / "alive", on_sqlite, refund_ends)
    plant(monkeypatch)
    with pytest.raises(AssertionError):
        await played(tmp_path / "dead", on_sqlite, refund_ends, alive.passed.index(site) + 1, goal=alive.found)
