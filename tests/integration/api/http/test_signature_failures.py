"""Webhooks and returns that prove nothing are counted beside the requests, and never at their cost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from threading import Event
from typing import Any

import pytest
from attrs import evolve
from integration.api.world import LOGIN, START, World, basic, returning, world
from patience import HANGS_S, until
from structlog.testing import capture_logs

from paystate.core.errors import SignatureInvalid
from paystate.core.signature_failures import RETURN, WEBHOOK, FailuresTold, SignatureFailure
from paystate.entrypoints.setup.notes import signature_failures

BODY = b'{"id":"evt-1"}'
FORGED = basic(LOGIN[0], "wrong")
STRANGE = basic("<b>stranger</b>", "wrong")


@pytest.fixture
async def shop() -> AsyncIterator[World]:
    async with world() as running:
        yield running


def accessed(shop: World, **changes: Any) -> None:
    access = evolve(shop.runtime.credentials["shop"], **changes)
    credentials = {**shop.runtime.credentials, "shop": access}
    shop.runtime.current = evolve(shop.runtime.current, credentials=credentials)


async def written(shop: World) -> dict[SignatureFailure, int]:
    """What is stored, once all that was counted is written."""
    await shop.finish_notes()
    return {one.failure: one.recent for one in await shop.store.failures(shop.clock.now())}


def webhook(code: str, key_id: str = "") -> SignatureFailure:
    return SignatureFailure("shop", WEBHOOK, code, key_id)


@pytest.mark.parametrize(
    ("headers", "user"),
    [
        ({"authorization": FORGED}, "juspay"),
        ({"x_shop": "theirs"}, "juspay"),
        ({"authorization": STRANGE}, ""),
        ({"authorization": basic("", "wrong")}, ""),
        ({"authorization": "Bearer x"}, ""),
        ({"authorization": ""}, ""),
    ],
)
async def test_a_wrong_login_is_counted_under_the_user_it_named_if_we_have_one(
    shop: World, headers: dict[str, str], user: str
) -> None:
    assert 401 == (await shop.hook(BODY, **headers)).status_code
    assert {webhook("unauthenticated", user): 1} == await written(shop)


async def test_a_webhook_with_a_broken_seal_is_counted_under_the_key_it_named(shop: World) -> None:
    def opened(_: bytes) -> bytes:
        raise SignatureInvalid("jwt", key_id="key-2030")

    accessed(shop, open_webhook=opened, takes_plain_webhooks=False)
    assert 401 == (await shop.hook(b'{"JWT":"x"}')).status_code
    assert 401 == (await shop.hook(BODY)).status_code
    assert {webhook("signature_invalid", "key-2030"): 1, webhook("signature_required"): 1} == await written(shop)


async def test_a_return_with_a_wrong_signature_is_counted(shop: World) -> None:
    wrong = returning(order_id="lamp-1", status="CHARGED") + "x"
    for answer in (await shop.get(f"/return/shop?{wrong}"), await shop.get("/return/other?status=CHARGED")):
        assert 400 == answer.status_code
    code = "signature_invalid"
    assert {SignatureFailure(name, RETURN, code): 1 for name in ("other", "shop")} == await written(shop)


async def test_what_is_right_or_wrong_otherwise_is_not_counted(shop: World) -> None:
    assert 200 == (await shop.hook(BODY)).status_code
    assert 415 == (await shop.hook(BODY, content_encoding="gzip")).status_code
    assert 200 == (await shop.get(f"/return/shop?{returning(order_id='lamp-1', status='CHARGED')}")).status_code
    assert 400 == (await shop.get("/return/shop?a=1&a=2")).status_code
    assert {} == await written(shop)
    assert 0 == shop.store.uses["add_failures"]


async def test_a_merchant_that_is_not_ours_is_not_stored(shop: World) -> None:
    assert 401 == (await shop.hook(BODY, "nobody")).status_code
    assert 404 == (await shop.get("/return/nobody?status=CHARGED")).status_code
    assert {} == await written(shop)


async def test_a_flood_costs_the_storage_nothing_until_it_is_written_once(shop: World) -> None:
    before = shop.store.uses.copy()
    accessed(shop, webhook_logins=())
    for _ in range(8):
        await shop.hook(BODY)
        await shop.get("/return/shop?status=CHARGED")
    assert before == shop.store.uses
    assert [8, 8] == [*(await written(shop)).values()]
    assert 1 == shop.store.uses["add_failures"]


async def test_a_right_webhook_takes_one_call_of_the_storage(shop: World) -> None:
    before = shop.store.uses.copy()
    assert 200 == (await shop.hook(BODY)).status_code
    assert {"append_inbox": 1} == shop.store.uses - before


async def test_what_is_counted_is_written_after_a_while_and_again_when_more_has_come(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def told(count: int) -> bool:
        return [count] == [one.recent for one in await shop.store.failures(shop.clock.now())]

    assert 10 == signature_failures.WRITTEN_EVERY_S
    monkeypatch.setattr(signature_failures, "WRITTEN_EVERY_S", 0)
    for count in (1, 2):
        await shop.hook(BODY, authorization=FORGED)
        await until(partial(told, count))


async def test_each_is_counted_in_its_own_hour(shop: World) -> None:
    for hours in (0, 23, 26):
        shop.clock.set(START + timedelta(hours=hours))
        await shop.hook(BODY, authorization=FORGED)
    assert {webhook("unauthenticated", "juspay"): 2} == await written(shop)


async def test_a_storage_that_is_gone_loses_no_count_and_is_told_of_once(shop: World) -> None:
    shop.store.is_gone = True
    with capture_logs() as lines:
        for _ in range(3):
            assert 401 == (await shop.hook(BODY, authorization=FORGED)).status_code
            await shop.finish_notes()
    assert ["signature_failures_not_noted"] == [line["event"] for line in lines if line["log_level"] == "warning"]
    shop.store.is_gone = False
    await shop.hook(BODY, authorization=STRANGE)
    assert {webhook("unauthenticated", "juspay"): 3, webhook("unauthenticated"): 1} == await written(shop)


async def test_no_request_waits_for_the_storage_and_what_comes_meanwhile_is_written_too(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    add, begun, going_on = shop.store.add_failures, Event(), Event()

    async def slow(*what: Any) -> None:
        begun.set()
        await asyncio.to_thread(going_on.wait, HANGS_S)
        await add(*what)

    monkeypatch.setattr(shop.store, "add_failures", slow)
    await shop.hook(BODY, authorization=FORGED)
    ending = asyncio.create_task(shop.finish_notes())
    assert await asyncio.to_thread(begun.wait, HANGS_S)
    assert 401 == (await asyncio.wait_for(shop.hook(BODY, authorization=FORGED), HANGS_S)).status_code
    going_on.set()
    await ending
    assert {webhook("unauthenticated", "juspay"): 2} == await written(shop)


async def test_a_process_that_ends_does_not_wait_for_a_storage_that_hangs(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hangs(*_: Any) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(shop.store, "add_failures", hangs)
    monkeypatch.setattr(signature_failures, "FINISH_S", 0)
    await shop.hook(BODY, authorization=FORGED)
    await asyncio.wait_for(shop.finish_notes(), HANGS_S)


async def test_counts_that_cannot_be_written_for_days_take_a_bounded_place(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signature_failures, "COUNTED_MAX", 2)
    shop.store.is_gone = True
    for hour in range(4):
        shop.clock.set(START + timedelta(hours=hour))
        await shop.hook(BODY, authorization=FORGED)
        await shop.finish_notes()
    shop.store.is_gone = False
    await shop.hook(BODY, authorization=FORGED)
    await shop.finish_notes()
    assert [FailuresTold(webhook("unauthenticated", "juspay"), 3, shop.clock.now())] == await shop.store.failures(
        shop.clock.now()
    )  # two of the newest hour, one of the hour before
