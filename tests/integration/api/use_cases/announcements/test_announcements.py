"""Announcements over HTTP: pulled with a cursor, read, delivered again, and listed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from integration.api.endpoints import paid, pulled
from integration.api.world import START, World

from paystate.core.describe.deliveries import TOLD_MAX
from paystate.core.errors import RecordUnreadable
from paystate.core.ids import OrderKey
from paystate.core.orders.facts import Announcement, AnnouncementKind
from paystate.core.ports.store import JournalEntry
from paystate.entrypoints.interface.views.announcement_views import event_view
from paystate.entrypoints.service.api.announcements import WAITERS_MAX
from paystate.entrypoints.service.worker import Worker

# --- pull


async def test_announcements_are_pulled_page_by_page(shop: World) -> None:
    await paid(shop, "a", "b", "c")
    first, cursor = await pulled(shop, "?limit=2")
    second, end = await pulled(shop, f"?limit=2&after={cursor}")
    assert (["a", "b"], ["c"]) == (first, second)
    assert ([], end) == await pulled(shop, f"?after={end}")
    await paid(shop, "d")
    assert ["d"] == (await pulled(shop, f"?after={end}"))[0]


async def test_where_nothing_was_announced_the_cursor_goes_on_from_the_beginning(shop: World) -> None:
    nothing, cursor = await pulled(shop)
    await paid(shop, "a")
    assert ([], ["a"]) == (nothing, (await pulled(shop, f"?after={cursor}"))[0])


async def test_nobody_pulls_what_is_another_s(shop: World) -> None:
    await paid(shop, "a")
    answer = await shop.get("/v1/announcements", token=shop.other_key)
    assert [] == answer.json()["announcements"]
    (row,) = await shop.store.outbox("shop")
    for path in (f"/v1/announcements/{row.event_id}", "/v1/announcements/ann_none"):
        assert 404 == (await shop.get(path, token=shop.other_key)).status_code


async def test_what_is_pulled_is_what_is_read_alone(shop: World) -> None:
    await paid(shop, "a")
    (one,) = (await shop.get("/v1/announcements")).json()["announcements"]
    assert one == (await shop.get(f"/v1/announcements/{one['id']}")).json()
    assert ("order.paid", "a", 2, "CHARGED") == (
        one["type"], one["data"]["order_id"], one["data"]["version"], one["data"]["order"]["status"],
    )  # fmt: skip


async def test_a_record_that_cannot_be_read_keeps_nobody_from_pulling_what_is_behind_it(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await paid(shop, "a", "b")
    (damaged, _) = await shop.store.outbox("shop")
    journal = shop.store.journal

    async def unreadable(key: OrderKey) -> Sequence[JournalEntry]:
        if key == damaged.order_key:
            raise RecordUnreadable("damaged")
        return await journal(key)

    monkeypatch.setattr(shop.store, "journal", unreadable)
    page = (await shop.get("/v1/announcements?limit=1")).json()
    assert ([], [(damaged.event_id, "order.paid", "a", "")]) == (
        page["announcements"],
        [(one["id"], one["type"], one["order_id"], one["about"]) for one in page["unreadable"]],
    )
    assert ["b"] == (await pulled(shop, f"?after={page['next']}"))[0]


@pytest.mark.parametrize(
    "query", ["after=1", "after=a", "after=A1", "after=a" + "f" * 16, "limit=0", "limit=101", "wait=26", "wait=-1"]
)
async def test_a_cursor_that_is_none_and_numbers_out_of_range_are_refused(shop: World, query: str) -> None:
    answer = await shop.get(f"/v1/announcements?{query}")
    assert (422, "validation_failed") == (answer.status_code, answer.json()["code"])


def sleeping(shop: World, then: Any) -> list[float]:
    """How long calls wait; at the third wait, something happens."""
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 3:
            await then()

    shop.runtime.sleep = sleep
    return waits


async def test_a_call_waits_for_an_announcement(shop: World) -> None:
    await paid(shop, "a")
    (row,) = await shop.store.outbox("shop")
    order = await shop.store.load(row.order_key)
    assert order
    _, cursor = await pulled(shop)
    refunded = Announcement(AnnouncementKind.REFUND_FOUND, "r-1")
    waits = sleeping(shop, lambda: shop.store.restore_announcement(order.key, 2, START, refunded, START))
    assert ["a"] == (await pulled(shop, f"?wait=20&after={cursor}"))[0]
    assert [0.5] * 3 == waits


async def test_a_call_waits_no_longer_than_it_asked_for(shop: World) -> None:
    waits = sleeping(shop, lambda: asyncio.sleep(0))
    assert [] == (await pulled(shop, "?wait=25"))[0]
    assert 25 == sum(waits)


async def test_a_call_does_not_wait_where_there_is_something(shop: World) -> None:
    await paid(shop, "a")
    waits = sleeping(shop, lambda: asyncio.sleep(0))
    assert ["a"] == (await pulled(shop, "?wait=25"))[0]
    assert [] == waits


async def test_few_calls_of_a_merchant_wait_at_a_time(shop: World) -> None:
    sleeping(shop, lambda: asyncio.sleep(0))
    shop.runtime.waiting_pulls["shop"] = WAITERS_MAX
    refused = await shop.get("/v1/announcements?wait=1")
    assert (429, "rate_limited", "25") == (
        refused.status_code, refused.json()["code"], refused.headers["retry-after"],
    )  # fmt: skip
    assert 200 == (await shop.get("/v1/announcements")).status_code
    assert 200 == (await shop.get("/v1/announcements?wait=1", token=shop.other_key)).status_code


async def test_a_call_that_waited_makes_room_for_another(shop: World) -> None:
    sleeping(shop, lambda: asyncio.sleep(0))
    for _ in range(WAITERS_MAX + 1):
        assert 200 == (await shop.get("/v1/announcements?wait=1")).status_code
    assert 0 == shop.runtime.waiting_pulls["shop"]


async def test_a_journal_that_is_cut_is_no_announcement(shop: World) -> None:
    await paid(shop, "a")
    (row,) = await shop.store.outbox("shop")
    journal = [entry.fact for entry in await shop.store.journal(row.order_key)]
    assert "order.paid" == event_view(row, journal).type
    for cut in (journal[:1], []):
        with pytest.raises(RecordUnreadable):
            event_view(row, cut)


# --- deliveries


async def test_deliveries_are_listed_with_what_became_of_them(told: World) -> None:
    await paid(told, "a", "b")
    worker = Worker(told.runtime)
    for _ in range(3):
        await worker.turn()
    page = (await told.get("/v1/outbox?limit=1")).json()
    (one,) = page["deliveries"]
    assert ("order.paid", "b", "shop", "waiting", 1, "answered 500") == (
        one["type"], one["order_id"], one["endpoint"], one["state"], one["tries"], one["last"],
    )  # fmt: skip
    second = (await told.get(f"/v1/outbox?limit=1&before={page['next']}")).json()
    assert (["a"], None) == ([one["order_id"] for one in second["deliveries"]], second["next"])
    for query, found in (
        ("order=B", 1),
        ("order=c", 0),
        ("endpoint=books", 0),
        ("state=waiting", 2),
        ("state=dead", 0),
    ):
        assert found == len((await told.get(f"/v1/outbox?{query}")).json()["deliveries"])
    assert 422 == (await told.get("/v1/outbox?state=lost")).status_code
    assert [] == (await told.get("/v1/outbox", token=told.other_key)).json()["deliveries"]


async def test_an_order_that_is_read_alone_tells_what_was_told_of_it(told: World) -> None:
    await paid(told, "a")
    worker = Worker(told.runtime)
    while await worker.turn():
        pass
    order = (await told.get("/v1/orders/a")).json()
    assert [("shop", "order.paid", "waiting", 1, "answered 500")] == [
        (one["endpoint"], one["type"], one["state"], one["tries"], one["last"]) for one in order["deliveries"]
    ]
    explained = (await told.get("/v1/orders/a/explain")).json()["sentences"]
    (line,) = [one for one in explained if one.startswith("shop is due to be told order.paid at 2031-05-06 07:08:")]
    assert line.endswith(" UTC, after 1 try (answered 500).")


async def test_of_an_order_the_newest_deliveries_are_told_and_no_more(told: World) -> None:
    await paid(told, "a")
    (row,) = await told.store.outbox("shop")
    names = [f"n{number}" for number in range(TOLD_MAX + 1)]
    for name in names:
        await told.store.requeue_delivery(row, name, told.clock.now())
    order = (await told.get("/v1/orders/a")).json()
    assert names[:0:-1] == [one["endpoint"] for one in order["deliveries"]]
    assert "What came before that is not told here" in str((await told.get("/v1/orders/a/explain")).json())


async def test_an_event_has_the_times_of_the_order_s_payments_as_they_were_then(told: World) -> None:
    await paid(told, "a")
    (row,) = await told.store.outbox("shop")
    told.clock.advance(60)
    told.gateway.says("a", "AUTO_REFUNDED")
    await told.post("/v1/orders/a/look")
    event = (await told.get(f"/v1/announcements/{row.event_id}")).json()
    assert [("2031-05-06T07:08:09Z", "CHARGED")] == [
        (one["changed_at"], one["state"]) for one in event["data"]["order"]["attempts"]
    ]
