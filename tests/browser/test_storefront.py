"""Shoppers' stories in the storefront, by clicking: the straight way, and what fingers, tabs and back buttons do."""

from __future__ import annotations

import asyncio

from browser.conftest import Visitor
from browser.storefront import (
    AT_THE_BANK,
    NOT_PAID,
    PAID,
    WAITING,
    lit,
    opens_payment,
    order_shown,
    ordered,
    orders,
    payment,
    pays,
    reads,
)
from browser.visiting import Visit
from e2e.storefront.shopping import Mall
from playwright.async_api import Route

PHONE = (320, 640)


async def test_a_shopper_pays_within_the_page_which_turns_by_itself_and_sends_it_back(visit: Visit, mall: Mall) -> None:
    order_id = await orders(visit, mall)
    await pays(visit.page, await opens_payment(visit.page))
    await reads(visit.page, PAID)
    await visit.page.get_by_text("Your parcel is packed and on its way.").wait_for()
    await visit.press("Send it back, for ₹199.00")
    await visit.page.get_by_text("On its way back to you.").wait_for()
    await visit.page.locator("#steps > .lit").nth(10).wait_for()
    assert [str(number) for number in range(1, 12)] == await lit(visit.page)
    assert 1 == (await mall.truth(order_id))["charges"]


async def test_on_a_phone_a_failure_on_juspay_s_own_page_is_followed_by_another_try(
    visitor: Visitor, mall: Mall
) -> None:
    async with visitor(PHONE) as visit:
        page = visit.page
        order_id = await orders(visit, mall)
        for vpa, heading in (("failure@upi", NOT_PAID), ("success@upi", PAID)):
            await page.get_by_role("link", name="Rather on a page of its own").click()
            await page.wait_for_url("**?page=own")
            await page.get_by_role("button", name="Pay ₹").click()
            await page.wait_for_url("**/payment-page/**")
            await pays(page, page, vpa)
            assert order_id == await order_shown(page)
            await reads(page, heading)
    truth = await mall.truth(order_id)
    assert (2, 1) == (len(truth["attempts"]), truth["charges"])


async def test_double_clicks_make_one_order_and_one_charge(visit: Visit, mall: Mall) -> None:
    page = visit.page
    await page.goto(f"{mall.shop_url}/")
    await page.get_by_role("button", name="Add to cart: Nilgiri frost").dblclick()
    await page.get_by_role("link", name="Go to the cart").click()
    await page.get_by_role("button", name="Go to the order").dblclick()
    order_id = await order_shown(page)
    await page.locator("#pay:enabled").dblclick()
    await pays(page, await payment(page))
    await reads(page, PAID)
    truth = await mall.truth(order_id)
    assert ("280.00", 1) == (truth["charged"], truth["charges"])
    await page.goto(f"{mall.shop_url}/orders")
    assert 1 == await page.locator(".orders > li").count()


async def test_a_pending_payment_turns_to_paid_while_one_looks(visit: Visit, mall: Mall) -> None:
    await ordered(visit, mall)
    await pays(visit.page, await opens_payment(visit.page), "pending@upi")
    await reads(visit.page, AT_THE_BANK)
    assert 0 == await visit.page.get_by_role("button", name="Pay ₹").count()
    await mall.later(3600)
    await reads(visit.page, PAID)


async def test_after_a_payment_nobody_pays_again_before_the_page_was_fetched_anew(visit: Visit, mall: Mall) -> None:
    page, is_fetched, may_go_on = visit.page, asyncio.Event(), asyncio.Event()

    async def hold(fetching: Route) -> None:
        is_fetched.set()
        await may_go_on.wait()
        await fetching.continue_()

    order_id = await ordered(visit, mall)
    frame = await opens_payment(page)
    await frame.locator("#upi").wait_for()
    await page.route(f"**/orders/{order_id}", hold)
    await visit.press("Leave the payment page")
    await page.locator("#payment").wait_for(state="hidden")
    await is_fetched.wait()
    assert await page.locator("#pay").is_disabled()
    may_go_on.set()
    await page.unroute_all(behavior="wait")
    await reads(page, WAITING)
    await pays(page, await opens_payment(page))
    await reads(page, PAID)


async def test_a_tab_that_is_closed_at_the_bank_leaves_the_truth_to_the_next(visit: Visit, mall: Mall) -> None:
    order_id = await ordered(visit, mall)
    await visit.page.get_by_role("link", name="Rather on a page of its own").click()
    await visit.page.get_by_role("button", name="Pay ₹").click()
    await visit.page.wait_for_url("**/payment-page/**")
    await visit.page.locator("#upi").fill("success@upi")
    await visit.press("Pay ₹")
    phone = await visit.page.get_by_role("link", name="Open the phone's UPI app here").get_attribute("href")
    later = await visit.context.new_page()
    await visit.page.close()
    await later.goto(f"{mall.stack.sandbox_url}{phone}")
    await later.get_by_role("button", name="Approve").click()
    await later.get_by_role("heading", name="You approved it.").wait_for()
    await later.goto(f"{mall.shop_url}/orders/{order_id}")
    await reads(later, PAID)


async def test_one_of_two_tabs_pays_and_the_other_turns_by_itself(visit: Visit, mall: Mall) -> None:
    order_id = await ordered(visit, mall)
    other = await visit.context.new_page()
    await other.goto(visit.page.url)
    await other.locator("#pay:enabled").wait_for()
    await pays(visit.page, await opens_payment(visit.page))
    await reads(visit.page, PAID)
    await reads(other, PAID)
    assert 0 == await other.get_by_role("button", name="Pay ₹").count()
    assert 1 == (await mall.truth(order_id))["charges"]


async def test_one_who_leaves_the_payment_page_may_pay_again(visit: Visit, mall: Mall) -> None:
    await ordered(visit, mall)
    frame = await opens_payment(visit.page)
    await frame.locator("#upi").wait_for()
    await visit.press("Leave the payment page")
    await reads(visit.page, WAITING)
    await pays(visit.page, await opens_payment(visit.page))
    await reads(visit.page, PAID)


async def test_back_and_reload_after_the_payment_show_that_it_is_paid(visit: Visit, mall: Mall) -> None:
    order_id = await ordered(visit, mall)
    await pays(visit.page, await opens_payment(visit.page))
    await reads(visit.page, PAID)
    await visit.page.goto(f"{mall.shop_url}/")
    await visit.page.go_back()
    await reads(visit.page, PAID)
    await visit.page.reload()
    await reads(visit.page, PAID)
    assert 1 == (await mall.truth(order_id))["charges"]


async def test_the_keyboard_alone_buys(visit: Visit, mall: Mall) -> None:
    page = visit.page
    await page.goto(f"{mall.shop_url}/")
    await tab_to(visit, "Add to cart: Masala chai")
    await page.keyboard.press("Enter")
    await page.get_by_text("1 in your cart").wait_for()
    await tab_to(visit, "Go to the cart")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/cart")
    await tab_to(visit, "Go to the order")
    await page.keyboard.press("Enter")
    await order_shown(page)
    await page.locator("#pay:enabled").wait_for()
    await tab_to(visit, "Pay ₹199.00")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("#HyperSDKDiv iframe")
    await page.get_by_role("button", name="Leave the payment page").wait_for()
    assert "leave" == await page.evaluate("document.activeElement.id")  # the frame is the next stop
    await page.keyboard.press("Enter")
    await reads(page, WAITING)
    assert "heading" == await page.evaluate("document.activeElement.id")


async def tab_to(visit: Visit, name: str) -> None:
    """Press Tab until what is called so has the focus."""
    for _ in range(40):
        await visit.page.keyboard.press("Tab")
        called = "() => { const e = document.activeElement; return (e.ariaLabel ?? e.innerText).trim() }"
        if name == await visit.page.evaluate(called):
            return
    raise AssertionError(f"{name} cannot be reached")


async def test_without_a_script_one_orders_and_reads_what_paying_needs(visitor: Visitor, mall: Mall) -> None:
    async with visitor(java_script_enabled=False) as visit:
        await orders(visit, mall)
        assert 0 == await visit.page.get_by_role("button", name="Pay ₹").count()
        assert await visit.page.locator(".pay .alert").is_visible()
        await visit.page.get_by_role("link", name="My orders").click()
        assert await visit.page.get_by_text("Not paid yet").is_visible()


async def test_the_panel_that_was_folded_stays_so(visit: Visit, mall: Mall) -> None:
    page = visit.page
    await page.goto(f"{mall.shop_url}/")
    assert await page.locator("#steps").is_visible()
    await page.get_by_text("Behind the scenes").click()
    await page.get_by_role("link", name="My orders").click()
    await page.wait_for_url("**/orders")
    assert not await page.locator("#steps").is_visible()
