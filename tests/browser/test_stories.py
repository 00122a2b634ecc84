"""The shopper's stories of `paystate demo`, by clicking: in the shop, on Juspay's page within it, and at the bank.

What cannot be clicked by a shopper, the bank says on a panel of the sandbox's. The order is made without a click: how
one shops is in `test_storefront.py`.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

import pytest
from browser.payment_page import CARD
from browser.storefront import AT_THE_BANK, NOT_PAID, PAID, WAITING, opens_payment, ordered, pays, reads
from browser.visiting import Visit
from e2e.storefront.shopping import Mall
from playwright.async_api import Frame, Page

DAY_S = 86_400
Act = Callable[[Frame], Awaitable[None]]


def way(title: str) -> Act:
    async def chooses(juspay: Frame) -> None:
        await juspay.get_by_role("radio", name=title).check()

    return chooses


async def by_card(juspay: Frame) -> None:
    await juspay.get_by_role("radio", name="Card credit or debit").check()
    await fill_in(juspay, "")


async def by_instalments(juspay: Frame) -> None:
    await juspay.get_by_role("radio", name="EMI").check()
    await fill_in(juspay, "emi-")


async def fill_in(juspay: Frame, prefix: str) -> None:
    for name, text in (("card", CARD), ("expiry", "08/40"), ("cvv", "123")):
        await juspay.locator(f"#{prefix}{name}").fill(text)


async def goes_to_the_bank(juspay: Frame) -> None:
    await juspay.get_by_role("button", name="Pay ₹").click()


async def gives_the_password(juspay: Frame) -> None:
    hint = await juspay.locator("#otp-hint").inner_text()
    await juspay.locator("#otp").fill(hint.rstrip(".").rpartition(" ")[2])
    await juspay.get_by_role("button", name="Confirm").click()


def presses(button: str) -> Act:
    async def answers(juspay: Frame) -> None:
        await juspay.get_by_role("button", name=button).click()

    return answers


def presses_on_the_phone(button: str) -> Act:
    async def answers(juspay: Frame) -> None:
        async with juspay.page.context.expect_page() as opening:
            await juspay.get_by_role("link", name="Open the phone's UPI app here").click()
        phone = await opening.value
        await phone.get_by_role("button", name=button).click()
        await phone.get_by_role("heading", name=re.compile("You approved it.|This request is closed.")).wait_for()
        await phone.close()

    return answers


async def bank_says(visit: Visit, mall: Mall, order_id: str, button: str) -> None:
    """Let the bank say it, on the panel that no shopper sees."""
    panel = await opened_panel(visit, mall, order_id)
    await panel.get_by_role("button", name=button, exact=True).click()
    await panel.get_by_role("status").wait_for()
    await panel.close()


async def opened_panel(visit: Visit, mall: Mall, order_id: str) -> Page:
    panel = await visit.context.new_page()
    juspay_id = (await mall.truth(order_id))["juspay_id"]
    await panel.goto(f"{mall.stack.sandbox_url}/payment-page/order/{juspay_id}/bank-says")
    return panel


async def pays_at_once(juspay: Frame) -> None:
    """In the way that loads the fewest pages."""
    await way("Net banking")(juspay)
    await goes_to_the_bank(juspay)
    await presses("Approve")(juspay)


# --- each way to pay


UPI_APP, NET_BANKING, WALLET = map(way, ("scan a QR code", "Net banking", "Wallet"))
DECLINES, APPROVES = presses("Decline"), presses("Approve")


@pytest.mark.parametrize(
    ("declined", "paid", "product"),
    [
        pytest.param(
            ((UPI_APP, presses_on_the_phone("Decline")), (by_card, DECLINES)),
            (NET_BANKING, APPROVES),
            "masala",
            id="UPI app and card, then net banking",
        ),
        pytest.param(
            ((NET_BANKING, DECLINES), (WALLET, DECLINES)),
            (UPI_APP, presses_on_the_phone("Approve")),
            "masala",
            id="net banking and wallet, then UPI app",
        ),
        pytest.param(((by_instalments, DECLINES),), (by_instalments, gives_the_password), "teapot", id="instalments"),
    ],
)
async def test_payments_that_are_declined_are_followed_by_one_on_the_same_order_that_goes_through(
    visit: Visit, mall: Mall, declined: tuple[tuple[Act, Act], ...], paid: tuple[Act, Act], product: str
) -> None:
    order_id = await ordered(visit, mall, product)
    for chooses, answers in (*declined, paid):
        juspay = await opens_payment(visit.page)
        await chooses(juspay)
        await goes_to_the_bank(juspay)
        await answers(juspay)
        await reads(visit.page, PAID if (chooses, answers) == paid else NOT_PAID)
    truth = await mall.truth(order_id)
    failed = ["AUTHENTICATION_FAILED"] * len(declined)
    assert ([*failed, "CHARGED"], 1) == ([one["status"] for one in truth["attempts"]], truth["charges"])


async def test_cash_is_paid_when_the_parcel_arrives(visit: Visit, mall: Mall) -> None:
    order_id = await ordered(visit, mall)
    juspay = await opens_payment(visit.page)
    await way("Cash on delivery")(juspay)
    await goes_to_the_bank(juspay)
    await reads(visit.page, "Thank you. Please pay when it arrives")
    await visit.page.get_by_text("Your parcel is packed and on its way.").wait_for()
    assert "COD_INITIATED" == (await mall.truth(order_id))["status"]


async def test_a_card_that_was_kept_pays_the_next_order_by_its_security_code(visit: Visit, mall: Mall) -> None:
    await ordered(visit, mall)
    juspay = await opens_payment(visit.page)
    await by_card(juspay)
    await juspay.get_by_label("Keep this card for next time").check()
    await goes_to_the_bank(juspay)
    await gives_the_password(juspay)
    await reads(visit.page, PAID)
    await ordered(visit, mall)
    juspay = await opens_payment(visit.page)
    await juspay.get_by_role("radio", name="Visa ending in 4242", checked=True).wait_for()
    await juspay.get_by_label("Security code (CVV)").first.fill("123")
    await goes_to_the_bank(juspay)
    await gives_the_password(juspay)
    await reads(visit.page, PAID)


# --- sums


async def test_an_offer_takes_something_off_and_the_shop_says_what_was_paid(visit: Visit, mall: Mall) -> None:
    order_id = await ordered(visit, mall)
    juspay = await opens_payment(visit.page)
    await juspay.get_by_text("Offers (").click()
    await juspay.get_by_role("link", name="Use offer TEA25").click()
    await juspay.get_by_role("button", name="Pay ₹174.00").wait_for()
    await WALLET(juspay)
    await goes_to_the_bank(juspay)
    await APPROVES(juspay)
    await reads(visit.page, PAID)
    await visit.page.get_by_text("You paid ₹174.00").wait_for()
    assert "174.00" == (await mall.truth(order_id))["charged"]


async def test_a_surcharge_is_paid_on_top_and_the_shop_says_so(visit: Visit, mall: Mall) -> None:
    order_id = await ordered(visit, mall)
    juspay = await opens_payment(visit.page)
    await juspay.locator("#upi").wait_for()
    panel = await opened_panel(visit, mall, order_id)
    await panel.get_by_label("Surcharge, without its tax").fill("7.50")
    await panel.get_by_role("button", name="Put it on").click()
    await panel.get_by_role("status").wait_for()
    await panel.close()
    await juspay.goto(juspay.url)
    await juspay.get_by_role("button", name="Pay ₹207.85").wait_for()
    await pays_at_once(juspay)
    await reads(visit.page, PAID)
    await visit.page.get_by_text("You paid ₹207.85").wait_for()


# --- late, twice, or not at all


async def test_a_payment_that_had_failed_succeeds_later(visit: Visit, mall: Mall) -> None:
    order_id = await ordered(visit, mall)
    await pays(visit.page, await opens_payment(visit.page), "late@upi")
    await reads(visit.page, NOT_PAID)
    await visit.page.locator("#pay:enabled").wait_for()  # so the page asks for nothing while the order changes
    await mall.later(3600)
    await mall.until_order(order_id, status="CHARGED")
    await visit.page.reload()
    await reads(visit.page, PAID)


async def test_a_payment_that_is_pending_for_days_asks_for_no_second_one(visit: Visit, mall: Mall) -> None:
    order_id = await ordered(visit, mall)
    await pays(visit.page, await opens_payment(visit.page), "stuck@upi")
    await reads(visit.page, AT_THE_BANK)
    await mall.later(3 * DAY_S)
    await visit.page.reload()
    await reads(visit.page, AT_THE_BANK)
    assert 0 == await visit.page.get_by_role("button", name="Pay ₹").count()
    await bank_says(visit, mall, order_id, "It went through")
    await reads(visit.page, PAID)


async def test_a_second_charge_leaves_the_order_paid_and_calls_a_person(visit: Visit, mall: Mall) -> None:
    order_id = await ordered(visit, mall)
    await pays_at_once(await opens_payment(visit.page))
    await reads(visit.page, PAID)
    await bank_says(visit, mall, order_id, "The shopper was charged a second time")
    await mall.until_order(order_id, amount_captured="398.00")
    await visit.page.reload()
    await reads(visit.page, PAID)
    await visit.page.get_by_text("You paid ₹398.00").wait_for()


async def test_a_second_charge_that_juspay_gives_back_leaves_the_order_paid(visit: Visit, mall: Mall) -> None:
    order_id = await ordered(visit, mall)
    await pays_at_once(await opens_payment(visit.page))
    await reads(visit.page, PAID)
    await bank_says(visit, mall, order_id, "Charged a second time, and that is refunded")
    await mall.until_order(order_id, amount_refunded="199.00")
    await visit.page.reload()
    await reads(visit.page, PAID)


async def test_a_payment_that_juspay_cannot_give_back_is_said_to_be_on_its_way(visit: Visit, mall: Mall) -> None:
    order_id = await ordered(visit, mall)
    await pays_at_once(await opens_payment(visit.page))
    await reads(visit.page, PAID)
    await bank_says(visit, mall, order_id, "The payment is refunded automatically, and that fails")
    await mall.until_order(order_id, status="AUTO_REFUNDED")
    await visit.page.reload()
    await reads(visit.page, "Your payment is to go back to you")


async def test_an_order_that_nobody_pays_is_over_after_its_time(visit: Visit, mall: Mall) -> None:
    order_id = await ordered(visit, mall)
    await opens_payment(visit.page)
    await visit.press("Leave the payment page")
    await reads(visit.page, WAITING)
    await visit.page.locator("#pay:enabled").wait_for()
    await mall.later(40 * DAY_S)
    await mall.until_order(order_id, status="EXPIRED")
    await visit.page.reload()
    await reads(visit.page, "This order's time is over")
    assert 0 == await visit.page.get_by_role("button", name="Pay ₹").count()
