"""A process dies at each named site, and what comes of the payment is the same as if it had lived.

`make torture` lets it die wherever it can in all scenarios, on both databases, and again while it recovers. What these
tests are worth is in `test_planted.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from beginnings import copied_database
from crashes.mortal import Died, Fate, mortal
from crashes.scenarios import refund_ends
from crashes.world import Opens, on_sqlite, played
from e2e.shop import START

from paystate.adapters.storage.postgres.config import PostgresConfig
from paystate.adapters.storage.postgres.store import PostgresStore
from paystate.core.ports.store import ReceivedWebhook

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
    copied_database(tmp_path / "paystate.sqlite3")
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
