"""The page of operations tells who works and what waits, and what was given up is delivered once more."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import structlog
from attrs import evolve
from integration.api.endpoints import paid, two_endpoints
from integration.api.world import basic
from integration.console.desk import Desk, filled, opened_desk
from structlog.testing import capture_logs

from paystate.core.errors import StorageUnavailable
from paystate.core.heartbeats import Heartbeat
from paystate.core.ids import OrderKey
from paystate.core.ports.outbox import DeliveryState
from paystate.core.signature_failures import WEBHOOK, SignatureFailure, failed_at
from paystate.core.use_cases.announcements import replay as replaying
from paystate.entrypoints.service.worker import Worker
from paystate.entrypoints.setup.own_keys import OwnKey

REPLAY = "/operations/shop/replay"


@pytest.fixture
async def told() -> AsyncIterator[Desk]:
    """A shop with two endpoints, and Omar at its console."""
    async with opened_desk(subscribers=two_endpoints()) as desk:
        await Worker(desk.shop.runtime).turn()  # makes them known, so that they are told from here on
        await desk.signs_in("omar")
        yield desk


async def figures(desk: Desk) -> dict[str, str]:
    """What the page tells, by its name."""
    return dict(re.findall("<dt>([^<]*)</dt><dd>([^<]*)</dd>", (await desk.get("/operations")).text))


async def given_up(desk: Desk) -> None:
    """All that is announced is tried once, and given up."""
    shop = desk.shop
    for _ in range(3):
        await Worker(shop.runtime).turn()
    for row in await shop.store.deliveries("shop"):
        await shop.store.end_delivery(
            evolve(row, tries=row.tries - 1), DeliveryState.DEAD, shop.clock.now(), outcome="answered 410"
        )


async def states(desk: Desk) -> list[DeliveryState]:
    return [row.state for row in await desk.shop.store.deliveries("shop")]


async def test_an_installation_that_never_had_a_worker_says_so(desk: Desk) -> None:
    await desk.signs_in("vik")
    html = (await desk.get("/operations")).text
    assert "No worker has ever worked." in html
    assert "Nobody: there is no endpoint, no stream and no handler." in html


async def test_a_worker_that_lives_is_told_and_one_that_is_gone_is_missed(told: Desk) -> None:
    now = told.shop.clock.now()
    beat = Heartbeat(worker_id="w", host="m-1", pid=7, version="9.9", started_at=now, beat_at=now, steps=1)
    await told.shop.store.leave_heartbeat(beat)
    told.shop.clock.advance(50)
    assert "9.9, for 50 s" == (await figures(told))["m-1, process 7"]
    told.shop.clock.advance(2 * 3600)
    await told.signs_in("omar")
    assert "No worker has worked for 2 h." in (await told.get("/operations")).text


async def test_what_waits_is_told_with_its_age(told: Desk) -> None:
    await told.shop.opened(order_id="open-1")
    told.shop.clock.advance(90)
    await paid(told.shop, "a")
    await Worker(told.shop.runtime).turn()
    told.shop.clock.advance(60)
    found = await figures(told)
    assert "New, for 2 min" == found["Oldest open order"]
    assert "1, the oldest for 1 min" == found["shop"]
    assert ("none", "none", "none") == (
        found["books"],
        found["Webhooks to read"],
        found["Orders that a person must look at"],
    )


async def test_where_nothing_is_open_no_order_is_the_oldest(told: Desk) -> None:
    assert "none" == (await figures(told))["Oldest open order"]


async def test_each_api_key_is_told_with_its_last_use_and_its_end(told: Desk) -> None:
    key = told.shop.key_id
    assert "not seen yet" == (await figures(told))[key]
    await told.shop.store.note_key_use("shop", key, told.shop.clock.now())
    told.shop.clock.advance(3 * 86_400)
    await told.signs_in("omar")
    assert "used 3 d ago" == (await figures(told))[key]
    current = told.shop.runtime.current
    (kept,) = current.credentials["shop"].api_keys
    for changed, end in (
        (evolve(kept, is_revoked=True), "opens nothing any more"),
        (evolve(kept, expires=told.shop.clock.now().replace(year=2040)), "good until 2040-05-09 07:08:09 UTC"),
    ):
        access = evolve(current.credentials["shop"], api_keys=(changed,))
        told.shop.runtime.current = evolve(current, credentials={"shop": access})
        assert f"used 3 d ago; {end}" == (await figures(told))[key]


async def test_each_signing_key_is_told_with_its_state_and_the_age_of_its_file(told: Desk) -> None:
    assert "Signing keys" not in (await told.get("/operations")).text
    written_at = told.shop.clock.now() - timedelta(days=400)
    keys = [
        OwnKey(key_id="k-2031", state="active", use="signs payloads", written_at=told.shop.clock.now()),
        OwnKey(key_id="k-2030", state="retiring", use="signs payloads", written_at=written_at),
    ]
    told.shop.runtime.current = evolve(told.shop.runtime.current, own_keys={"shop": keys})
    found = await figures(told)
    assert "signs payloads, active; its file was written 0 s ago" == found["k-2031"]
    assert "signs payloads, retiring; its file was written 400 d ago" == found["k-2030"]


async def test_wrong_signatures_and_logins_are_told_with_their_count_and_the_last_one(told: Desk) -> None:
    shop, now = told.shop, told.shop.clock.now()
    html = (await told.get("/operations")).text
    assert "Wrong signatures and logins since 2031-05-05 07:00:00 UTC" in html
    assert "None, and none in the 30 days before." in html
    user = "<b>juspay"
    access = evolve(shop.runtime.credentials["shop"], webhook_users=frozenset({user}))
    shop.runtime.current = evolve(shop.runtime.current, credentials={"shop": access})
    for who in (user, user, "stranger"):
        await shop.hook(b"{}", authorization=basic(who, "wrong"))
    await shop.get("/return/shop?status=CHARGED")
    await shop.finish_notes()
    unsealed, newer = (SignatureFailure("shop", WEBHOOK, code) for code in ("signature_required", "of_a_newer_program"))
    await shop.store.add_failures([failed_at(unsealed, now - timedelta(days=3)), failed_at(newer, now)], now)
    await shop.store.add_failures([failed_at(SignatureFailure("other", WEBHOOK, "of_another"), now)], now)
    shop.clock.advance(180)
    found = await figures(told)
    login = "Webhooks whose login or header was wrong (unauthenticated)"
    assert "2; the last one 3 min ago" == found[f"{login}, which named &lt;b&gt;juspay"]
    assert "1; the last one 3 min ago" == found[login]
    assert "1; the last one 3 min ago" == found["Returns whose signature was wrong (signature_invalid)"]
    assert "1; the last one 3 min ago" == found["webhook (of_a_newer_program)"]
    assert "webhook (of_another)" not in found
    assert "none; the last one 3 d ago" == found["Webhooks that came unsealed (signature_required)"]


async def test_what_came_for_nobody_of_ours_is_said_to_be_in_the_metrics(told: Desk) -> None:
    assert "paystate_signature_failures_total" in (await told.get("/operations")).text


async def test_what_was_given_up_is_listed_and_tried_before_it_is_sent(told: Desk) -> None:
    await paid(told.shop, "a")
    await given_up(told)
    assert "none; 1 given up" == (await figures(told))["shop"]
    assert 'href="/orders/shop/a"' in (await told.get("/operations")).text
    html = (await told.get(REPLAY)).text
    assert "<bdi>a</bdi>: order.paid of 2031-05-06 07:08:09, to shop" in html
    assert [DeliveryState.DEAD] == await states(told)
    with capture_logs() as logged:
        structlog.configure()
        answer = await told.post(REPLAY, filled(html))
        structlog.reset_defaults()
    assert (303, "/operations") == (answer.status_code, answer.headers["location"])
    (entry,) = [one for one in logged if one["event"] == "delivered again"]
    assert ("omar", "shop", 1) == (entry["user"], entry["merchant_id"], entry["count"])
    assert [DeliveryState.WAITING] == await states(told)


async def test_who_delivered_again_is_logged_though_the_storage_failed_on_the_way(
    told: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    restore, done = told.shop.store.restore_announcement, list[str]()

    async def once(key: OrderKey, *what: Any) -> Any:
        if done:
            raise StorageUnavailable("gone")
        done.append(key.folded)
        return await restore(key, *what)

    await paid(told.shop, "a", "b")
    await given_up(told)
    fields = filled((await told.get(REPLAY)).text)
    monkeypatch.setattr(told.shop.store, "restore_announcement", once)
    with capture_logs() as logged:
        structlog.configure()
        answer = await told.post(REPLAY, fields)
        structlog.reset_defaults()
    assert 503 == answer.status_code
    assert [("omar", 1)] == [(one["user"], one["count"]) for one in logged if one["event"] == "delivered again"]


async def test_more_than_fit_are_left_to_the_terminal(told: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    await paid(told.shop, "a", "b")
    await given_up(told)
    fields = filled((await told.get(REPLAY)).text)
    monkeypatch.setattr(replaying, "REPLAY_MAX", 1)
    assert "paystate outbox replay" in (await told.get(REPLAY)).text
    assert 409 == (await told.post(REPLAY, fields)).status_code
    assert [DeliveryState.DEAD] * 2 == await states(told)


async def test_to_deliver_again_needs_a_fresh_proof_a_role_and_a_form_of_ours(told: Desk) -> None:
    await paid(told.shop, "a")
    await given_up(told)
    for _ in range(2):
        told.shop.clock.advance(10 * 60)
        await told.get("/")
    wrong = await told.sends(REPLAY, REPLAY, password="not this one, no")
    assert 422 == wrong.status_code
    assert "That is not your password." in wrong.text
    assert 403 == (await told.post(REPLAY, {"csrf": "x"})).status_code
    await told.signs_in("vik")
    html = (await told.get("/operations")).text
    assert REPLAY not in html
    assert 403 == (await told.get(REPLAY)).status_code
    assert (
        403
        == (await told.post(REPLAY, {"csrf": html.partition('name="csrf" value="')[2].partition('"')[0]})).status_code
    )
    assert [DeliveryState.DEAD] == await states(told)


async def test_nothing_is_delivered_again_where_nothing_was_given_up_or_nobody_is(told: Desk) -> None:
    assert "Nothing was given up" in (await told.get(REPLAY)).text
    assert 404 == (await told.get("/operations/none/replay")).status_code
