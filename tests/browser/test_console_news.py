"""Pages of the console that stay open: news comes by itself, and takes nothing from whoever is using the page."""

from __future__ import annotations

from datetime import timedelta

from browser.conftest import Visitor
from browser.console import Desk
from browser.visiting import Visit


async def at_an_order(visit: Visit, desk: Desk) -> str:
    order_id = await desk.paid("349.50")
    await desk.at(visit, "omar", f"/orders/teashop/{order_id}")
    return order_id


async def give_back(desk: Desk, order_id: str, amount: str) -> None:
    """The shop's own program asks for a refund, while somebody has the order open."""
    await desk.stage.refund(order_id, amount, f"return-of-{order_id}")


async def test_an_open_case_file_shows_what_happens_elsewhere(visit: Visit, desk: Desk) -> None:
    order_id = await at_an_order(visit, desk)
    await visit.page.get_by_role("searchbox").fill("the next caller")
    await give_back(desk, order_id, "12.30")
    await visit.page.locator(".timeline").get_by_text("12.30").first.wait_for()
    assert "the next caller" == await visit.page.get_by_role("searchbox").input_value()
    assert await visit.page.get_by_role("link", name="Refund").count()


async def test_what_somebody_reads_stays_until_they_ask_for_the_news(visit: Visit, desk: Desk) -> None:
    order_id = await at_an_order(visit, desk)
    await visit.page.get_by_text("What it would do").first.click()
    await give_back(desk, order_id, "12.30")
    await visit.page.get_by_role("button", name="Show it").wait_for()
    assert "12.30" not in await visit.page.locator(".timeline").inner_text()
    await visit.press("Show it")
    await visit.page.locator(".timeline").get_by_text("12.30").first.wait_for()
    assert await visit.page.locator("[data-news]").is_hidden()


async def test_the_operations_show_how_long_things_wait_by_now(visit: Visit, desk: Desk) -> None:
    await desk.at(visit, "asha", "/operations")
    before = await visit.page.locator("#operations").inner_text()
    desk.stage.stack.clock.advance(timedelta(minutes=10).total_seconds())
    await visit.page.wait_for_function(
        "before => document.getElementById('operations').innerText !== before", arg=before
    )


async def test_a_page_that_is_left_open_leads_to_the_sign_in_when_its_session_ends(visit: Visit, desk: Desk) -> None:
    await at_an_order(visit, desk)
    desk.stage.stack.clock.advance(timedelta(minutes=31).total_seconds())
    await visit.page.get_by_role("heading", name="Sign in to the console").wait_for()


async def test_what_somebody_is_typing_stays_when_their_session_ends(visit: Visit, desk: Desk) -> None:
    await at_an_order(visit, desk)
    await visit.page.get_by_role("searchbox").fill("the next caller")
    desk.stage.stack.clock.advance(timedelta(minutes=31).total_seconds())
    await visit.page.get_by_role("button", name="Show it").wait_for()
    assert "the next caller" == await visit.page.get_by_role("searchbox").input_value()
    await visit.press("Show it")
    await visit.page.get_by_role("heading", name="Sign in to the console").wait_for()


async def test_a_page_of_somebody_who_has_signed_out_shows_nothing_of_who_signs_in_after_them(
    visit: Visit, desk: Desk
) -> None:
    order_id = await at_an_order(visit, desk)
    other = Visit(visit.context, await visit.context.new_page())
    await desk.enter(other, "asha")
    await visit.page.bring_to_front()
    await visit.page.locator(".who").get_by_text("asha").wait_for()
    assert order_id in await visit.page.title()


async def test_news_that_cannot_be_had_just_now_stays_announced(visit: Visit, desk: Desk) -> None:
    order_id = await at_an_order(visit, desk)
    await visit.page.route(f"**/orders/*/{order_id}", lambda route: route.fulfill(status=429))
    await give_back(desk, order_id, "12.30")
    await visit.page.get_by_role("button", name="Show it").wait_for()
    await visit.page.unroute_all()
    await visit.press("Show it")
    await visit.page.locator(".timeline").get_by_text("12.30").first.wait_for()


async def test_without_a_script_a_case_file_asks_for_nothing_by_itself(visitor: Visitor, desk: Desk) -> None:
    async with visitor(java_script_enabled=False) as visit:
        asked = list[str]()
        visit.context.on("request", lambda request: asked.append(request.url))
        await at_an_order(visit, desk)
        assert not [url for url in asked if "/news/" in url]
        assert await visit.page.locator("[data-news]").is_hidden()
