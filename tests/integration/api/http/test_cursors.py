"""Cursors of those who pull: each announcement has one, and one of another database is refused, not taken for ours."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from integration.api.world import World

from paystate.core.retention import AnnouncementRetention

LATER = timedelta(days=1)


async def page(shop: World, query: str = "") -> dict[str, Any]:
    answer = await shop.get(f"/v1/announcements{query}")
    assert 200 == answer.status_code, answer.text
    return answer.json()


async def refused(shop: World, cursor: str) -> bool:
    answer = await shop.get(f"/v1/announcements?wait=25&after={cursor}")
    assert answer.status_code == 200 or "cursor_unknown" == answer.json()["code"]
    return answer.status_code == 409


async def paid(shop: World, *order_ids: str) -> None:
    for order_id in order_ids:
        await shop.charged(order_id=order_id)


async def forget(shop: World) -> None:
    """All is older than it is kept; the newest of all merchants stays."""
    now = shop.clock.now()
    await shop.store.sweep_outbox("shop", AnnouncementRetention(ended_since=now + LATER, waiting_since=now))


async def test_each_announcement_of_a_page_has_its_cursor(shop: World) -> None:
    await paid(shop, "a", "b", "c")
    told = await page(shop)
    ids = [one["id"] for one in told["announcements"]]
    assert ids == list(told["cursors"])
    assert told["next"] == told["cursors"][ids[-1]]
    rest = await page(shop, f"?after={told['cursors'][ids[0]]}")
    assert ids[1:] == [one["id"] for one in rest["announcements"]]


async def test_a_cursor_that_leads_to_another_announcement_is_refused(shop: World) -> None:
    await paid(shop, "a", "b")
    first = (await page(shop, "?limit=1"))["next"]
    second = (await page(shop))["next"]
    assert await refused(shop, f"{first.partition('-')[0]}-{second.partition('-')[2]}")


async def test_a_cursor_ahead_of_all_that_is_kept_is_refused(shop: World) -> None:
    await paid(shop, "a")
    assert await refused(shop, "aff-aaaaaaaa")


async def test_a_cursor_of_another_merchant_s_announcement_is_refused(shop: World) -> None:
    await paid(shop, "a", "b", "c")
    rows = await shop.store.outbox("shop")
    stranger = f"a{rows[1].id:x}-aaaaaaaa"
    assert await refused(shop, stranger)


@pytest.mark.parametrize("is_followed", [True, False])
async def test_a_cursor_whose_announcement_is_kept_no_more_goes_on(shop: World, is_followed: bool) -> None:
    await paid(shop, "a", "b")
    before = (await page(shop, "?limit=1"))["next"]
    await forget(shop)
    assert ["b"] == [row.order_id for row in await shop.store.outbox("shop")]
    cursor = before if is_followed else (await page(shop))["next"]
    told = await page(shop, f"?after={cursor}")
    assert (["b"] if is_followed else []) == [one["data"]["order_id"] for one in told["announcements"]]


async def test_where_nothing_is_kept_every_cursor_goes_on(shop: World) -> None:
    told = await page(shop, "?after=aff-aaaaaaaa")
    assert ([], {}, "aff-aaaaaaaa") == (told["announcements"], told["cursors"], told["next"])
