"""`POST /v1/announcements/replay`: which announcements are meant, what goes where, and what a replay brings back."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve
from integration.api.endpoints import PAID, Refuses, paid, pulled, two_endpoints
from integration.api.world import START, World, world

from paystate.core.policy import DAY_S
from paystate.core.ports.outbox import DeliveryState
from paystate.core.retention import AnnouncementRetention
from paystate.core.use_cases.announcements import replay as replaying
from paystate.core.use_cases.announcements.replay import Wish, replay
from paystate.entrypoints.service.worker import Worker

PATH = "/v1/announcements/replay"
BEGINNING = START.isoformat()


async def answered(shop: World, **wish: Any) -> list[dict[str, Any]]:
    answer = await shop.post(PATH, wish)
    assert 200 == answer.status_code, answer.text
    assert answer.json()["is_dry_run"] is wish.get("dry_run", False)
    found: list[dict[str, Any]] = answer.json()["announcements"]
    return found


async def meant(shop: World, **wish: Any) -> list[tuple[str, str, list[str]]]:
    """Order, kind and endpoints of what would be sent again."""
    found = await answered(shop, **wish, dry_run=True)
    return [(one["order_id"], one["type"], one["endpoints"]) for one in found]


async def refused(shop: World, body: Any) -> tuple[str, str, str]:
    """Code, place and words."""
    answer = await shop.post(PATH, body)
    assert 422 == answer.status_code, answer.text
    said = answer.json()
    return said["code"], said["errors"][0]["pointer"], said["detail"]


async def test_a_dry_run_says_what_goes_where_and_changes_nothing(told: World) -> None:
    await paid(told, "a")
    told.clock.advance(60)
    await paid(told, "b")
    a, b = ("a", "order.paid", ["shop"]), ("b", "order.paid", ["shop"])
    first, second = await told.store.outbox("shop")
    assert [a, b] == await meant(told, since=BEGINNING)
    assert [b] == await meant(told, since=told.clock.now().isoformat())
    assert [a] == await meant(told, order_id="A")
    assert [a] == await meant(told, ids=[first.event_id])
    assert [b, a] == await meant(told, ids=[second.event_id, first.event_id, second.event_id])
    assert [] == await meant(told, ids=[first.event_id], order_id="b")
    assert [] == await meant(told, ids=["ann_" + 26 * "a"])
    assert [] == await meant(told, order_id="none")
    assert [] == await meant(told, dead=True)
    assert [] == await told.store.deliveries("shop")


async def test_what_is_sent_again_is_told_in_full(told: World) -> None:
    await paid(told, "a")
    (row,) = await told.store.outbox("shop")
    assert [
        {
            "id": row.event_id,
            "type": "order.paid",
            "order_id": "a",
            "about": "",
            "version": 2,
            "announced_at": "2031-05-06T07:08:09Z",
            "endpoints": ["shop"],
            "under_way": [],
        }
    ] == await answered(told, order_id="a")
    (waiting,) = await told.store.deliveries("shop")
    assert (row.event_id, DeliveryState.WAITING) == (waiting.announcement.event_id, waiting.state)


async def test_an_endpoint_to_which_it_is_being_sent_is_left_out(told: World) -> None:
    await paid(told, "a")
    assert ["shop"] == (await answered(told, order_id="a"))[0]["endpoints"]
    (waiting,) = await told.store.deliveries("shop")
    await told.store.begin_delivery(waiting, told.clock.now(), told.clock.now())
    (again,) = await answered(told, order_id="a")
    assert ([], ["shop"]) == (again["endpoints"], again["under_way"])


async def test_one_endpoint_alone_is_named_and_gets_what_it_wants(told: World) -> None:
    await paid(told, "a")
    assert [("a", "order.paid", ["shop"])] == await meant(told, order_id="a", endpoint="shop")
    assert [("a", "order.paid", [])] == await meant(told, order_id="a", endpoint="books")  # it wants no payments


async def test_a_handler_of_another_program_is_an_endpoint_too(told: World) -> None:
    await told.store.subscribe("shop", "ship", PAID)
    await told.store.subscribe("lamps", "other", PAID)
    await paid(told, "a")
    assert ["ship", "shop"] == sorted((await answered(told, order_id="a"))[0]["endpoints"])
    assert ["ship"] == (await answered(told, order_id="a", endpoint="ship"))[0]["endpoints"]
    elsewhere = await refused(told, {"order_id": "a", "endpoint": "other"})
    assert ("validation_failed", "/endpoint", "The value is none of the endpoints or handlers.") == elsewhere


async def test_nobody_replays_what_is_another_s(told: World) -> None:
    await paid(told, "a")
    (row,) = await told.store.outbox("shop")
    for wish in ({"ids": [row.event_id]}, {"order_id": "a"}, {"since": BEGINNING}):
        answer = await told.post(PATH, wish, token=told.other_key)
        assert [] == answer.json()["announcements"]
    assert [] == await told.store.deliveries("shop")


@pytest.mark.parametrize(
    ("body", "code", "pointer", "words"),
    [
        ({}, "validation_failed", "", "has none of ids, order_id, since and dead"),
        ({"endpoint": "shop"}, "validation_failed", "", "has none of ids, order_id, since and dead"),
        ({"ids": []}, "validation_failed", "/ids", "length >= 1"),
        ({"ids": ["ann_none"]}, "validation_failed", "/ids/0", "regex"),
        ({"ids": 101 * ["ann_" + 26 * "a"]}, "validation_failed", "/ids", "length <= 100"),
        ({"order_id": ""}, "validation_failed", "/order_id", "regex"),
        ({"since": "yesterday"}, "validation_failed", "/since", "an instant with a zone"),
        ({"since": "2031-05-06T07:08:09"}, "validation_failed", "/since", "an instant with a zone"),
        ({"dead": "yes"}, "validation_failed", "/dead", "must be bool"),
        ({"dead": True, "endpoint": ""}, "validation_failed", "/endpoint", "length >= 1"),
        ({"dead": True, "dryrun": True}, "unknown_field", "/dryrun", "is not a field of this body"),
    ],
)
async def test_a_wish_that_is_unclear_is_refused_and_sends_nothing(
    told: World, body: dict[str, Any], code: str, pointer: str, words: str
) -> None:
    await paid(told, "a")
    said = await refused(told, body)
    assert (code, pointer) == said[:2]
    assert words in said[2]
    assert [] == await told.store.deliveries("shop")


async def test_a_parameter_beside_the_body_is_refused(told: World) -> None:
    answer = await told.post(f"{PATH}?dry_run=true", {"dead": True})
    assert (422, "unknown_parameter") == (answer.status_code, answer.json()["code"])


async def test_more_than_fit_into_one_answer_are_refused_and_none_is_sent(
    told: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replaying, "REPLAY_MAX", 2)
    await paid(told, "a", "b")
    assert ["a", "b"] == [order_id for order_id, _, _ in await meant(told, since=BEGINNING)]
    await paid(told, "c")
    for dry_run in (True, False):
        said = await refused(told, {"since": BEGINNING, "dry_run": dry_run})
        assert ("validation_failed", "", "The value means more than 2 announcements.") == said
    assert [] == await told.store.deliveries("shop")


async def test_more_dead_letters_than_fit_are_refused_and_no_more_of_them_are_read(
    told: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replaying, "REPLAY_MAX", 2)
    monkeypatch.setattr(replaying, "_PAGE", 2)
    await paid(told, "a", "b")
    await given_up(told)
    assert ["a", "b"] == [order_id for order_id, _, _ in await meant(told, dead=True)]
    await paid(told, "c", "d", "e", "f")
    await given_up(told)
    read: list[int] = []
    deliveries = told.store.deliveries

    async def counted(*args: Any, **named: Any) -> Any:
        rows = await deliveries(*args, **named)
        read.append(len(rows))
        return rows

    monkeypatch.setattr(told.store, "deliveries", counted)
    said = await refused(told, {"dead": True})
    assert ("validation_failed", "", "The value means more than 2 announcements.") == said
    assert [2, 2] == read
    assert 1 == len(await meant(told, dead=True, order_id="a"))


async def test_an_order_that_changes_during_a_replay_comes_once(told: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replaying, "_PAGE", 1)
    await paid(told, "a", "b")
    replayed = list[str]()
    async for one in replay(told.store, told.clock, "shop", {"shop": PAID}, Wish(since=START)):
        replayed.append(one.key.order_id)
        if len(replayed) == 1:
            told.clock.advance(DAY_S)
            assert 201 == (await told.refund("10.00", "return-1", "a")).status_code
    assert ["a", "b"] == replayed


async def test_one_that_is_recorded_by_a_clock_that_is_behind_meanwhile_comes_too(
    told: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replaying, "_PAGE", 1)
    await paid(told, "a")
    told.clock.advance(10)
    await paid(told, "b")
    replayed = list[str]()
    async for one in replay(told.store, told.clock, "shop", {"shop": PAID}, Wish(since=START)):
        replayed.append(one.key.order_id)
        if len(replayed) == 1:
            told.clock.advance(-30)
            assert 201 == (await told.refund("10.00", "return-1", "b")).status_code
    assert ["a", "b"] == replayed


async def test_ids_that_are_kept_are_not_looked_for_among_all_orders(told: World) -> None:
    await paid(told, "a", "b")
    _, last = await told.store.outbox("shop")
    told.store.uses.clear()
    assert [("b", "order.paid", ["shop"])] == await meant(told, ids=[last.event_id], since=BEGINNING)
    assert 0 == told.store.uses["journal"]


async def test_an_id_that_is_kept_comes_once_where_another_is_looked_for_among_all_orders(told: World) -> None:
    await paid(told, "a", "b")
    first, _ = await told.store.outbox("shop")
    twice = [first.event_id, "ann_" + 26 * "a"]
    assert [("a", "order.paid", ["shop"])] == await meant(told, ids=twice, since=BEGINNING)


async def test_an_id_that_is_nowhere_does_not_send_a_request_through_all_orders(
    told: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replaying, "ORDERS_MAX", 2)
    await paid(told, "a", "b")
    said = await refused(told, {"ids": ["ann_" + 26 * "a"], "since": BEGINNING})
    assert ("validation_failed", "/since", "The value goes through more than 2 orders.") == said


async def test_since_ever_is_an_instant_like_others(told: World) -> None:
    await paid(told, "a")
    assert [("a", "order.paid", ["shop"])] == await meant(told, since="0001-01-01T00:00:00Z")


async def test_the_terminal_s_replay_has_no_such_bound_and_queues_one_by_one(told: World) -> None:
    await paid(told, "a", "b")
    queued = [
        (one.key.order_id, len(await told.store.deliveries("shop")))
        async for one in replay(told.store, told.clock, "shop", {"shop": PAID}, Wish(since=START))
    ]
    assert [("a", 1), ("b", 2)] == queued


async def test_what_is_kept_no_more_is_made_again_under_its_old_id_and_can_be_pulled(told: World) -> None:
    await paid(told, "a", "b")
    first, last = await told.store.outbox("shop")
    _, cursor = await pulled(told)
    told.clock.advance(31 * DAY_S)
    await told.store.sweep_outbox(
        "shop", AnnouncementRetention(ended_since=told.clock.now(), waiting_since=told.clock.now())
    )
    assert [last] == await told.store.outbox("shop")
    assert 2 == len(await answered(told, since=BEGINNING))
    assert ["a"] == (await pulled(told, f"?after={cursor}"))[0]
    assert {first.event_id, last.event_id} == {row.announcement.event_id for row in await told.store.deliveries("shop")}


async def test_what_is_kept_is_pulled_again_with_an_earlier_cursor_and_a_replay_leaves_it_there(told: World) -> None:
    await paid(told, "a", "b")
    first, cursor = await pulled(told, "?limit=1")
    _, end = await pulled(told, f"?after={cursor}")
    assert 2 == len(await answered(told, since=BEGINNING))
    assert [] == (await pulled(told, f"?after={end}"))[0]
    assert (["a"], ["b"]) == (first, (await pulled(told, f"?after={cursor}"))[0])


async def given_up(shop: World) -> None:
    """All that is announced is tried once, and given up."""
    for _ in range(3):
        await Worker(shop.runtime).turn()
    for row in await shop.store.deliveries("shop"):
        await shop.store.end_delivery(
            evolve(row, tries=row.tries - 1), DeliveryState.DEAD, shop.clock.now(), outcome="x"
        )


async def test_what_two_endpoints_missed_is_one_announcement() -> None:
    async with world(subscribers=tuple(evolve(one, kinds=PAID) for one in two_endpoints())) as shop:
        await Worker(shop.runtime).turn()
        await paid(shop, "a", "b")
        await given_up(shop)
        a, b = ("a", "order.paid", ["books", "shop"]), ("b", "order.paid", ["books", "shop"])
        assert [a, b] == await meant(shop, dead=True)


async def test_dead_letters_are_sent_again(told: World) -> None:
    await paid(told, "a", "b")
    await given_up(told)
    worker = Worker(told.runtime)
    assert [("a", "order.paid", ["shop"]), ("b", "order.paid", ["shop"])] == await meant(told, dead=True)
    assert [("b", "order.paid", ["shop"])] == await meant(told, dead=True, order_id="B")
    Refuses.takes = True
    try:
        assert 2 == len(await answered(told, dead=True))
        for _ in range(3):
            await worker.turn()
    finally:
        Refuses.takes = False
    assert {DeliveryState.DELIVERED} == {row.state for row in await told.store.deliveries("shop")}


async def test_dead_letters_of_an_endpoint_that_is_set_up_no_more_are_left(told: World) -> None:
    await paid(told, "a")
    await Worker(told.runtime).turn()
    await told.store.pause_subscriber("shop", "shop", told.clock.now(), outcome="answered 410")
    changed = evolve(told.runtime.merchants["shop"], subscribers=())
    told.runtime.current = evolve(told.runtime.current, merchants={"shop": changed})
    assert [] == await meant(told, dead=True)
