"""How PostgreSQL counts what waits for a subscriber that is up to date: it goes through nothing that was delivered."""

from __future__ import annotations

import re

import asyncpg

from paystate.adapters.storage.sql.backlog import OF_SUBSCRIBER

DELIVERED = 100_000
READ_MAX = 100
"""Pages; the outbox of so many has some hundreds."""
_FILL = f"""
    insert into outbox (merchant_id, order_key, once_key, kind, version, at, event_id, kept_since, is_restored)
    select 'shop', 'o' || n, 'order.paid', 'order.paid', 2, n, 'ann_' || n, n, 0
    from generate_series(1, {DELIVERED}) as n
"""  # noqa: S608 - fixed text
_FOLLOWS = """
    insert into subscribers (merchant_id, subscriber, after_id, handles) select 'shop', 'ship', max(id), '' from outbox
"""


async def test_what_was_delivered_costs_a_scrape_nothing(postgres_database: str) -> None:
    connection = await asyncpg.connect(postgres_database)
    try:
        await connection.execute("set session_replication_role = replica")  # rows without the orders that they are of
        await connection.execute(_FILL)
        await connection.execute(_FOLLOWS)
        await connection.execute("analyze")
        given = ("shop", "ship", "shop", "shop", "ship", "shop", "ship")
        for mode in ("force_custom_plan", "force_generic_plan"):
            await connection.execute(f"set plan_cache_mode = {mode}")
            rows = await connection.fetch(f"explain (analyze, buffers) {OF_SUBSCRIBER.postgres}", *given)
            plan = "\n".join(row[0] for row in rows)
            hit = re.search(r"Buffers: shared hit=([0-9]+)", plan)
            assert hit, plan
            assert int(hit[1]) < READ_MAX, plan
    finally:
        await connection.close()
