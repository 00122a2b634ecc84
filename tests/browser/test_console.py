"""The console as support uses it: a caller's order found, money given back by one person or by two, and who may not."""

from __future__ import annotations

from datetime import timedelta

from browser.conftest import Visitor
from browser.console import HOSTILE, Desk
from browser.visiting import Visit


async def test_a_caller_s_order_is_found_by_what_the_caller_knows(visit: Visit, desk: Desk) -> None:
    order_id, _ = await desk.paid("349.50"), await desk.paid("100.00")
    await desk.enter(visit, "omar")
    await desk.find(visit, order_id)
    assert visit.page.url.endswith(f"/orders/teashop/{order_id}")
    assert f"{order_id} of ₹349.50" in await visit.page.locator(".headline").inner_text()
    await desk.find(visit, "9000012345")
    await visit.page.get_by_role("link", name=order_id).first.click()
    assert visit.page.url.endswith(f"/orders/teashop/{order_id}")


async def test_a_part_is_given_back_with_a_reason_by_one_person(visit: Visit, desk: Desk) -> None:
    order_id = await desk.paid("349.50")
    await desk.enter(visit, "omar")
    await desk.find(visit, order_id)
    await desk.ask_refund(visit, "49.50", "one cup was broken")
    await visit.page.wait_for_url(f"**/orders/teashop/{order_id}*")
    assert "one cup was broken" in await visit.page.locator(".timeline").inner_text()
    assert ["49.50"] == await desk.refunds(order_id)


async def test_a_double_click_gives_back_once(visit: Visit, desk: Desk) -> None:
    order_id = await desk.paid("349.50")
    await desk.enter(visit, "omar")
    await desk.find(visit, order_id)
    await visit.page.get_by_role("link", name="Refund").click()
    await visit.page.get_by_label("How much").fill("10.00")
    await visit.page.get_by_label("Why").fill("late")
    await visit.page.locator("#decide").get_by_text("10.00").first.wait_for()
    await visit.page.locator("#decide").get_by_role("button").dblclick()
    await visit.page.wait_for_url(f"**/orders/teashop/{order_id}*")
    assert ["10.00"] == await desk.refunds(order_id)


async def test_a_large_sum_waits_for_a_second_person(visitor: Visitor, desk: Desk) -> None:
    order_id = await desk.paid("499.00")
    async with visitor() as first, visitor() as second:
        await desk.enter(first, "omar")
        await desk.find(first, order_id)
        await desk.ask_refund(first, "400.00", "the parcel came back")
        await first.page.wait_for_url(f"**/orders/teashop/{order_id}*")
        assert [] == await desk.refunds(order_id)
        await desk.enter(second, "asha")
        await second.page.get_by_role("link", name="Requests").click()
        await second.page.get_by_role("link", name=order_id).first.click()
        if not await second.page.get_by_role("button", name="Agree, and do it").count():
            await second.page.get_by_role("link", name="400.00").first.click()
        await second.press("Agree, and do it")
        await second.page.wait_for_url(f"**/orders/teashop/{order_id}*")
    assert ["400.00"] == await desk.refunds(order_id)


async def test_an_order_that_a_person_must_look_at_is_settled_with_a_reason(visit: Visit, desk: Desk) -> None:
    order_id = await desk.paid("349.50")
    await desk.second_charge(order_id)
    await desk.enter(visit, "asha")
    await desk.find(visit, order_id)
    await visit.press("Ask Juspay now")
    await visit.page.get_by_role("heading", name="A person must look").wait_for()
    await visit.page.get_by_role("link", name="Settle as accepted").first.click()
    await visit.page.get_by_label("Why").fill("the shopper wanted two")
    await visit.page.locator("#decide").get_by_role("button").click()
    await visit.page.wait_for_url(f"**/orders/teashop/{order_id}*")
    assert 0 == await visit.page.get_by_role("heading", name="A person must look").count()
    assert "the shopper wanted two" in await visit.page.locator(".timeline").inner_text()


async def test_who_may_only_look_is_offered_nothing(visit: Visit, desk: Desk) -> None:
    order_id = await desk.paid("349.50")
    await desk.enter(visit, "vik")
    await desk.find(visit, order_id)
    assert "₹349.50" in await visit.page.locator(".headline").inner_text()
    assert 0 == await visit.page.get_by_role("button", name="Ask Juspay now").count()
    assert 0 == await visit.page.get_by_role("link", name="Refund").count()
    await visit.page.goto(f"{desk.url}/orders/teashop/{order_id}/refund")
    assert 0 == await visit.page.get_by_label("How much").count()


async def test_a_session_ends_and_leads_to_the_sign_in(visit: Visit, desk: Desk) -> None:
    order_id = await desk.paid("349.50")
    await desk.enter(visit, "omar")
    desk.stage.stack.clock.advance(timedelta(minutes=31).total_seconds())
    await desk.find(visit, order_id)
    await visit.reads("Sign in to the console")


async def test_it_is_used_without_a_script(visitor: Visitor, desk: Desk) -> None:
    order_id = await desk.paid("349.50")
    async with visitor(java_script_enabled=False) as visit:
        await desk.enter(visit, "omar")
        await desk.find(visit, order_id)
        await visit.page.get_by_role("link", name="Refund").click()
        await visit.page.get_by_label("How much").fill("7.00")
        await visit.page.get_by_label("Why").fill("a dent")
        await visit.page.locator("#decide").get_by_role("button").click()
        assert [] == await desk.refunds(order_id)  # another sum was shown: it says first what this one would do
        await visit.page.locator("#decide").get_by_role("button").click()
    assert ["7.00"] == await desk.refunds(order_id)


async def test_markup_in_a_customer_s_name_shows_as_text(visit: Visit, desk: Desk) -> None:
    await desk.hostile()
    await desk.enter(visit, "omar")
    await desk.find(visit, HOSTILE)
    assert "<b>Asha</b>" in await visit.page.locator("body").inner_text()
