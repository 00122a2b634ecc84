"""Each page of the storefront: nobody is shut out, on a desk in the light and on a narrow phone in the dark."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from browser.conftest import DESKTOP, Visitor
from browser.storefront import NOT_PAID, PAID, opens_payment, ordered, pays, reads
from browser.visiting import Visit
from e2e.storefront.shopping import Mall

PHONE = (320, 640)
Way = Callable[[Visit, Mall], Awaitable[object]]


async def at_the_shelf(visit: Visit, mall: Mall) -> None:
    await visit.page.goto(f"{mall.shop_url}/")


async def with_a_full_cart(visit: Visit, mall: Mall) -> None:
    await at_the_shelf(visit, mall)
    await visit.press("Add to cart: The Maharani teapot")
    await visit.page.goto(f"{mall.shop_url}/cart")


async def before_paying(visit: Visit, mall: Mall) -> None:
    await ordered(visit, mall)
    await visit.page.locator("#pay:enabled").wait_for()


async def while_paying(visit: Visit, mall: Mall) -> None:
    await ordered(visit, mall)
    await (await opens_payment(visit.page)).locator("#upi").wait_for()


async def when_it_has_failed(visit: Visit, mall: Mall) -> None:
    await ordered(visit, mall)
    await pays(visit.page, await opens_payment(visit.page), "failure@upi")
    await reads(visit.page, NOT_PAID)


async def with_every_step_open(visit: Visit, mall: Mall) -> None:
    await ordered(visit, mall)
    await pays(visit.page, await opens_payment(visit.page))
    await reads(visit.page, PAID)
    await visit.unfold()


async def among_the_orders(visit: Visit, mall: Mall) -> None:
    await ordered(visit, mall)
    await visit.page.goto(f"{mall.shop_url}/orders")


async def where_nothing_is(visit: Visit, mall: Mall) -> None:
    await visit.page.goto(f"{mall.shop_url}/orders/T0")


WAYS: list[Way] = [
    at_the_shelf,
    with_a_full_cart,
    before_paying,
    while_paying,
    when_it_has_failed,
    with_every_step_open,
    among_the_orders,
    where_nothing_is,
]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
@pytest.mark.parametrize(("size", "scheme"), [(DESKTOP, "light"), (PHONE, "dark")], ids=["desktop-light", "phone-dark"])
async def test_nobody_is_shut_out(visitor: Visitor, mall: Mall, way: Way, size: tuple[int, int], scheme: str) -> None:
    async with visitor(size, color_scheme=scheme) as visit:
        await way(visit, mall)
        assert not await visit.barriers()
        assert not await visit.is_wider_than_the_screen()
