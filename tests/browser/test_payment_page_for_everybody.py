"""Each page on the way of a payment: nobody is shut out, on a desk in the light and on a narrow phone in the dark."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from browser.conftest import DESKTOP, Visitor
from browser.payment_page import PaymentPage, confirms, pays_by_card
from browser.visiting import Visit

PHONE = (320, 640)
Way = Callable[[Visit, str], Awaitable[None]]


async def at_the_choice(visit: Visit, page: str) -> None:
    await visit.page.goto(page)


async def after_a_mistake(visit: Visit, page: str) -> None:
    await visit.page.goto(page)
    await pays_by_card(visit, "1")


async def at_the_bank_of_a_card(visit: Visit, page: str) -> None:
    await visit.page.goto(page)
    await pays_by_card(visit)


async def after_a_wrong_password(visit: Visit, page: str) -> None:
    await at_the_bank_of_a_card(visit, page)
    await visit.page.locator("#otp").fill("1")
    await visit.press("Confirm")


async def at_the_banks_own_page(visit: Visit, page: str) -> None:
    await visit.page.goto(page)
    await visit.page.get_by_role("radio", name="Net banking").check()
    await visit.press("Pay ₹")


async def before_a_code(visit: Visit, page: str) -> None:
    await visit.page.goto(page)
    await visit.page.get_by_role("radio", name="scan a QR code").check()
    await visit.press("Pay ₹")


async def on_the_phone(visit: Visit, page: str) -> None:
    await before_a_code(visit, page)
    href = await visit.page.get_by_role("link", name="Open the phone's UPI app here").get_attribute("href")
    await visit.page.goto(f"{page[: page.index('/payment-page')]}{href}")


async def when_it_is_paid(visit: Visit, page: str) -> None:
    await at_the_bank_of_a_card(visit, page)
    await confirms(visit)
    await visit.page.goto(page)


async def where_the_bank_says(visit: Visit, page: str) -> None:
    await when_it_is_paid(visit, page)
    await visit.page.goto(f"{page}/bank-says")


async def where_nothing_is(visit: Visit, page: str) -> None:
    await visit.page.goto(f"{page}0")


WAYS: list[Way] = [
    at_the_choice,
    after_a_mistake,
    at_the_bank_of_a_card,
    after_a_wrong_password,
    at_the_banks_own_page,
    before_a_code,
    on_the_phone,
    when_it_is_paid,
    where_the_bank_says,
    where_nothing_is,
]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
@pytest.mark.parametrize(("size", "scheme"), [(DESKTOP, "light"), (PHONE, "dark")], ids=["desktop-light", "phone-dark"])
async def test_nobody_is_shut_out(
    visitor: Visitor, sandbox: PaymentPage, way: Way, size: tuple[int, int], scheme: str
) -> None:
    _, page = await sandbox.opened(description="Two lamps")
    async with visitor(size, color_scheme=scheme) as visit:
        await way(visit, page)
        assert not await visit.barriers()
        assert not await visit.is_wider_than_the_screen()
