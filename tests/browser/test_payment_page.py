"""The payment page as shoppers use it: the straight way, and what fingers, tabs and back buttons do to it."""

from __future__ import annotations

import pytest
from browser.conftest import Visitor
from browser.payment_page import AT_THE_BANK, AT_THE_SHOP, CARD, PaymentPage, confirms, pays_by_card
from browser.visiting import Visit

PHONE = (320, 640)


async def test_a_card_is_confirmed_and_the_shopper_is_back_at_the_shop(visit: Visit, sandbox: PaymentPage) -> None:
    order_id, page = await sandbox.opened()
    await visit.page.goto(page)
    await pays_by_card(visit)
    await visit.reads(AT_THE_BANK)
    await confirms(visit)
    await visit.reads(AT_THE_SHOP)
    assert ["CHARGED"] == await sandbox.tries(order_id)


async def test_after_a_refusal_the_same_order_is_paid_in_another_way(visit: Visit, sandbox: PaymentPage) -> None:
    order_id, page = await sandbox.opened()
    await visit.page.goto(page)
    await pays_by_card(visit)
    await visit.press("Decline")
    await visit.reads(AT_THE_SHOP)
    await visit.page.goto(page)
    assert "No money was taken" in await visit.page.get_by_role("status").inner_text()
    await visit.page.get_by_role("radio", name="Net banking").check()
    await visit.press("Pay ₹")
    await visit.press("Approve")
    await visit.reads(AT_THE_SHOP)
    assert ["AUTHENTICATION_FAILED", "CHARGED"] == await sandbox.tries(order_id)


async def test_a_phone_approves_what_the_desk_shows_as_a_code(visit: Visit, sandbox: PaymentPage) -> None:
    order_id, page = await sandbox.opened()
    await visit.page.goto(page)
    await visit.page.get_by_role("radio", name="scan a QR code").check()
    await visit.press("Pay ₹")
    await visit.reads("Scan this with your phone")
    async with visit.context.expect_page() as opening:
        await visit.page.get_by_role("link", name="Open the phone's UPI app here").click()
    phone = await opening.value
    await phone.get_by_role("button", name="Approve").click()
    await visit.reads(AT_THE_SHOP)
    assert ["CHARGED"] == await sandbox.tries(order_id)


@pytest.mark.parametrize("has_script", [True, False], ids=["script", "no-script"])
async def test_a_double_click_pays_once(visitor: Visitor, sandbox: PaymentPage, has_script: bool) -> None:
    order_id, page = await sandbox.opened()
    async with visitor(java_script_enabled=has_script) as visit:
        await visit.page.goto(page)
        await visit.page.get_by_role("radio", name="Net banking").check()
        await visit.page.get_by_role("button", name="Pay ₹").dblclick()
        await visit.page.get_by_role("button", name="Approve").dblclick()
        await visit.reads(AT_THE_SHOP)
    assert ["CHARGED"] == await sandbox.tries(order_id)


async def test_going_back_after_paying_offers_no_second_payment(visit: Visit, sandbox: PaymentPage) -> None:
    order_id, page = await sandbox.opened()
    await visit.page.goto(page)
    await pays_by_card(visit)
    await confirms(visit)
    await visit.reads(AT_THE_SHOP)
    await visit.page.go_back()  # The bank has nothing left to ask, and sends the shopper on again.
    await visit.reads(AT_THE_SHOP)
    await visit.page.go_back()
    await visit.reads("This order is paid already.")
    assert 0 == await visit.page.get_by_role("button", name="Pay").count()
    assert ["CHARGED"] == await sandbox.tries(order_id)


async def test_a_reload_at_the_bank_begins_no_second_payment(visit: Visit, sandbox: PaymentPage) -> None:
    order_id, page = await sandbox.opened()
    await visit.page.goto(page)
    await pays_by_card(visit)
    await visit.reads(AT_THE_BANK)
    await visit.page.reload()
    await confirms(visit)
    await visit.reads(AT_THE_SHOP)
    await visit.page.reload()
    assert ["CHARGED"] == await sandbox.tries(order_id)


async def test_who_closed_the_tab_at_the_bank_finds_the_way_back_to_it(visit: Visit, sandbox: PaymentPage) -> None:
    order_id, page = await sandbox.opened()
    await visit.page.goto(page)
    await pays_by_card(visit)
    await visit.reads(AT_THE_BANK)
    await visit.page.close()
    visit.page = await visit.context.new_page()
    await visit.page.goto(page)
    await visit.page.get_by_role("link", name="Go on there").click()
    await confirms(visit)
    await visit.reads(AT_THE_SHOP)
    assert ["CHARGED"] == await sandbox.tries(order_id)


async def test_a_second_tab_cannot_pay_what_the_first_has_paid(visit: Visit, sandbox: PaymentPage) -> None:
    order_id, page = await sandbox.opened()
    first, second = visit.page, await visit.context.new_page()
    for tab in (first, second):
        await tab.goto(page)
    await pays_by_card(visit)
    await confirms(visit)
    await first.get_by_role("heading", name=AT_THE_SHOP).wait_for()
    visit.page = second
    await pays_by_card(visit)
    await visit.reads(AT_THE_SHOP)
    assert ["CHARGED"] == await sandbox.tries(order_id)


async def test_it_is_paid_by_keyboard_alone(visit: Visit, sandbox: PaymentPage) -> None:
    order_id, page = await sandbox.opened()
    await visit.page.goto(page)
    keys = visit.page.keyboard

    async def focused() -> str:
        name: str = await visit.page.evaluate("document.activeElement.id || document.activeElement.value || ''")
        return name

    async def moved_to(wanted: str, key: str) -> None:
        for _ in range(60):
            if wanted == await focused():
                return
            await keys.press(key)
        raise AssertionError(f"{wanted} is not reached by {key}")

    await keys.press("Tab")
    await moved_to("upi", "Tab")  # the first way to pay
    await moved_to("card", "ArrowDown")
    await keys.press("Tab")
    for typed in (CARD, "08/40", "123"):
        await keys.type(typed)
        await keys.press("Tab")
    await keys.press("Enter")
    await visit.page.get_by_role("heading", name=AT_THE_BANK).wait_for()
    assert "otp" == await focused()
    await keys.type((await visit.page.locator("#otp-hint").inner_text()).rstrip(".").rpartition(" ")[2])
    await keys.press("Enter")
    await visit.reads(AT_THE_SHOP)
    assert ["CHARGED"] == await sandbox.tries(order_id)


async def test_it_is_paid_without_a_script(visitor: Visitor, sandbox: PaymentPage) -> None:
    order_id, page = await sandbox.opened()
    async with visitor(java_script_enabled=False) as visit:
        await visit.page.goto(page)
        await pays_by_card(visit)
        await confirms(visit)
        await visit.reads(AT_THE_SHOP)
    assert ["CHARGED"] == await sandbox.tries(order_id)


async def test_markup_and_direction_marks_in_an_order_show_as_text(visit: Visit, sandbox: PaymentPage) -> None:
    spelt = "<script>alert(1)</script> \u202etxet"
    _, page = await sandbox.opened(description=spelt)
    await visit.page.goto(page)
    assert "<script>" in await visit.page.locator("body").inner_text()
    assert 0 == await visit.page.locator("body script").count()
