"""When a backend's API key was used last is noted beside the requests, and never at their cost."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from threading import Event

import pytest
from attrs import evolve
from integration.api.world import START, World, world
from patience import HANGS_S, until
from structlog.testing import capture_logs

from paystate.core.key_uses import NOTED_EVERY
from paystate.entrypoints.setup.credentials import Scope


async def last_used(shop: World, merchant_id: str = "shop") -> dict[str, datetime]:
    return dict((await shop.store.key_uses(merchant_id)).last_used)


async def noted(shop: World, at: datetime) -> None:
    """Wait for a note, which is made beside its request."""

    async def is_noted() -> bool:
        return at in (await last_used(shop)).values()

    await until(is_noted)
    assert {shop.key_id: at} == await last_used(shop)


async def test_a_use_is_noted_with_its_instant(shop: World) -> None:
    assert {} == await last_used(shop)
    await shop.get("/v1/orders")
    await noted(shop, START)


async def test_a_key_that_is_used_all_the_time_is_written_once_in_five_minutes(shop: World) -> None:
    for seconds in range(0, 601, 60):
        shop.clock.set(START + timedelta(seconds=seconds))
        await shop.get("/v1/orders")
    await noted(shop, START + timedelta(seconds=600))
    assert (timedelta(minutes=5), 3) == (NOTED_EVERY, shop.store.uses["note_key_use"])


async def test_a_clock_that_was_set_back_stops_no_note(shop: World) -> None:
    await shop.get("/v1/orders")
    earlier = START - timedelta(days=1)
    shop.clock.set(earlier)
    await shop.get("/v1/orders")
    await noted(shop, earlier)


async def test_a_stranger_with_a_wrong_secret_for_a_known_key_changes_nothing(shop: World) -> None:
    wrong = shop.key[:-1] + ("A" if shop.key[-1] != "A" else "B")
    for token in (wrong, shop.key.replace("pst_test", "pst_live"), ""):
        assert 401 == (await shop.get("/v1/orders", token=token)).status_code
    assert 200 == (await shop.get("/v1/orders", token=shop.other_key)).status_code
    await until(lambda: last_used(shop, "other"))  # a note of theirs would have come before this one
    assert ({}, 1) == (await last_used(shop), shop.store.uses["note_key_use"])


async def test_a_right_key_is_noted_even_where_it_may_not_do_what_it_asks(shop: World) -> None:
    access = shop.runtime.credentials["shop"]
    keys = tuple(evolve(key, scopes=frozenset({Scope.MONEY})) for key in access.api_keys)
    shop.runtime.current = evolve(shop.runtime.current, credentials={"shop": evolve(access, api_keys=keys)})
    assert 403 == (await shop.get("/v1/orders")).status_code
    await noted(shop, START)


async def test_a_note_that_cannot_be_kept_fails_no_request_and_is_logged_once(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[object] = []

    async def gone(*what: object) -> None:
        tried.append(what)
        raise OSError("CANARY")

    async def has_tried() -> bool:
        return len(tried) == 3

    monkeypatch.setattr(shop.store, "note_key_use", gone)
    with capture_logs() as lines:
        for minutes in (0, 10, 20):
            shop.clock.set(START + timedelta(minutes=minutes))
            assert 200 == (await shop.get("/v1/orders")).status_code
        await until(has_tried)
    told = [line for line in lines if line["event"] == "key_use_not_noted"]
    assert (1, False) == (len(told), "CANARY" in str(told))


async def test_a_request_does_not_wait_for_its_note(shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
    going_on, ended = Event(), list[object]()

    async def slow(*what: object) -> None:
        await asyncio.to_thread(going_on.wait, HANGS_S)
        ended.append(what)

    monkeypatch.setattr(shop.store, "note_key_use", slow)
    answer = await asyncio.wait_for(shop.get("/v1/orders"), HANGS_S)
    assert (200, []) == (answer.status_code, ended)
    going_on.set()


async def test_a_service_that_ends_writes_its_last_note_first(monkeypatch: pytest.MonkeyPatch) -> None:
    async with world() as shop:
        note = shop.store.note_key_use

        async def slow(merchant_id: str, key_id: str, at: datetime) -> None:
            for _ in range(2000):
                await asyncio.sleep(0)
            await note(merchant_id, key_id, at)

        monkeypatch.setattr(shop.store, "note_key_use", slow)
        assert 200 == (await shop.get("/v1/orders")).status_code
        await shop.finish_notes()
    assert {shop.key_id: START} == await last_used(shop)
