"""An open page hears that there is news, as long as somebody is signed in before it, and within bounds."""

from __future__ import annotations

import re
from contextlib import AsyncExitStack

import pytest
from attrs import evolve
from integration.console.desk import Desk
from integration.console.listening import Looks, stream

from paystate.core.console.users import Role
from paystate.entrypoints.console.app import lookout_of
from paystate.entrypoints.console.live import news
from paystate.entrypoints.console.watching import lookout

CASE = "/orders/shop/lamp-1"
NEWS = "/news/orders/shop/lamp-1"
QUIET = ":\n\n"
ENDED = "event: ended\ndata: session\n\n"
FULL = "retry: 60000\n\n"


@pytest.fixture
async def looks(desk: Desk) -> Looks:
    """An order that was paid, Omar before its case file, and a console that looks when it is told to."""
    await desk.shop.charged()
    await desk.signs_in("omar")
    told = Looks()
    lookout_of(desk.http.app).sleep = told.sleep
    return told


async def seen(desk: Desk, page: str = CASE) -> str:
    """The query of the stream that a page opens."""
    (found,) = re.findall(r'data-live="[^"?]*\?([^"]*)"', (await desk.get(page)).text)
    return found


async def test_a_page_is_told_when_there_is_news_and_not_before(desk: Desk, looks: Looks) -> None:
    async with stream(desk, NEWS, await seen(desk)) as page:
        looks.once()
        assert QUIET == await page.next()
        await desk.shop.refund("10.00", "r-1")
        looks.once()
        event = await page.next()
        assert event.startswith("event: news\nid: ")
        looks.once()
        assert QUIET == await page.next()
        assert f"seen={event.split()[3]}" == await seen(desk)


@pytest.mark.parametrize("what", ["a webhook", "a request"])
async def test_what_is_no_fact_of_the_order_is_news_too(desk: Desk, looks: Looks, what: str) -> None:
    query = await seen(desk)
    if what == "a webhook":
        await desk.shop.hook(b'{"id":"evt_1","content":{"order":{"order_id":"lamp-1"}}}')
    else:
        form = f"{CASE}/refund"
        await desk.sends(form, form, amount="90.00", shown="90.00", words="it came back")
    async with stream(desk, NEWS, query) as page:
        looks.once()
        assert (await page.next()).startswith("event: news\n")


async def test_a_browser_that_begins_anew_goes_on_where_it_was(desk: Desk, looks: Looks) -> None:
    before = await seen(desk)
    await desk.shop.refund("10.00", "r-1")
    newest = (await seen(desk)).removeprefix("seen=")
    async with stream(desk, NEWS, before, last_event_id=newest) as page:
        looks.once()
        assert QUIET == await page.next()


async def test_all_who_wait_for_one_order_share_its_looks(desk: Desk, looks: Looks) -> None:
    query = await seen(desk)
    async with stream(desk, NEWS, query) as first, stream(desk, NEWS, query) as second:
        reads = desk.shop.store.uses["schedule"]
        looks.once()
        assert [QUIET, QUIET] == [await first.next(), await second.next()]
        assert reads + 1 == desk.shop.store.uses["schedule"]
    assert {news.ORDER_EVERY_S} == set(looks.asked_for)


async def test_operations_have_a_stream_too(desk: Desk, looks: Looks) -> None:
    async with stream(desk, "/news/operations", await seen(desk, "/operations")) as page:
        looks.once()
        assert QUIET == await page.next()
        await desk.shop.opened(order_id="lamp-2")
        looks.once()
        assert (await page.next()).startswith("event: news\n")
    assert {news.OPERATIONS_EVERY_S} == set(looks.asked_for)


async def test_to_wait_for_news_keeps_no_session_alive(desk: Desk, looks: Looks) -> None:
    query = await seen(desk)
    for _ in range(3):
        desk.shop.clock.advance(9 * 60)
        async with stream(desk, NEWS, query) as page:
            looks.once()
            assert QUIET == await page.next()
        assert 200 == (await desk.get(CASE, paystate_unasked="true", hx_request="true")).status_code
    async with stream(desk, NEWS, query) as page:
        desk.shop.clock.advance(3 * 60)
        looks.once()
        assert [ENDED, ""] == [await page.next() for _ in range(2)]
    assert 401 == (await desk.get(CASE, paystate_unasked="true", hx_request="true")).status_code


async def test_another_role_ends_the_stream(desk: Desk, looks: Looks) -> None:
    async with stream(desk, NEWS, await seen(desk)) as page:
        await desk.shop.store.change_console_user("omar", lambda kept: evolve(kept, role=Role.VIEWER))
        looks.once()
        assert ENDED == await page.next()


async def test_nobody_waits_who_is_not_signed_in_or_for_what_there_is_not(desk: Desk, looks: Looks) -> None:
    async with stream(desk, "/news/orders/shop/none") as page:
        assert 404 == page.status
    desk.token = "another"
    async with stream(desk, NEWS) as page:
        assert (200, ENDED) == (page.status, await page.next())


async def test_a_person_has_so_many_places_and_everybody_together_too(
    desk: Desk, looks: Looks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookout, "STREAMS_OF_ONE", 2)
    monkeypatch.setattr(lookout, "STREAMS_MAX", 3)
    query = await seen(desk)

    async def has_place(taken: AsyncExitStack) -> bool:
        page = await taken.enter_async_context(stream(desk, NEWS, query))
        looks.once()
        return FULL != await page.next()

    async with AsyncExitStack() as taken:
        assert [True, True, False] == [await has_place(taken) for _ in range(3)]
        desk.token = ""  # another browser: to sign in here would end the session that is there
        await desk.signs_in("asha")
        assert [True, False] == [await has_place(taken) for _ in range(2)]
    async with AsyncExitStack() as taken:
        assert await has_place(taken)  # those who have left have given up their places


async def test_a_stream_ends_after_so_many_looks(desk: Desk, looks: Looks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(news, "LOOKS_MAX", 2)
    async with stream(desk, NEWS, await seen(desk)) as page:
        looks.once()
        looks.once()
        assert [QUIET, QUIET, ""] == [await page.next() for _ in range(3)]


async def test_a_database_that_is_away_is_no_news_and_ends_nothing(desk: Desk, looks: Looks) -> None:
    async with stream(desk, NEWS, await seen(desk)) as page:
        desk.shop.store.is_gone = True
        looks.once()
        assert QUIET == await page.next()
        desk.shop.store.is_gone = False
        looks.once()
        assert QUIET == await page.next()


async def test_the_end_of_the_console_ends_its_streams_at_once(desk: Desk, looks: Looks) -> None:
    async with stream(desk, NEWS, await seen(desk)) as page:
        looks.once()
        assert QUIET == await page.next()
        lookout_of(desk.http.app).end()
        assert "" == await page.next()
    async with stream(desk, NEWS) as late:  # its request was under way already
        assert "" == await late.next()


async def test_what_was_done_is_told_to_who_did_it_and_not_to_a_page_that_asks_by_itself(
    desk: Desk, looks: Looks
) -> None:
    form = f"{CASE}/refund"
    await desk.sends(form, form, amount="10.00", shown="10.00", words="a dent")
    unasked = await desk.get(CASE, paystate_unasked="true", hx_request="true")
    assert "The refund is stored" not in unasked.text
    assert "The refund is stored" in (await desk.get(CASE)).text
