"""The storefront by hand: what a shopper presses in the shop, and on Juspay's page within it."""

from __future__ import annotations

import re

from browser.visiting import Visit
from e2e.storefront.shopping import Mall
from playwright.async_api import Frame, Page

PAID = "Thank you. Your order is paid"
NOT_PAID = "The payment did not go through"
AT_THE_BANK = "Your bank has not answered yet"
WAITING = "We are waiting for proof of your payment"


async def orders(visit: Visit, mall: Mall, product: str = "Masala chai") -> str:
    """Put something into the cart, and go to the order; returns its id."""
    page = visit.page
    await page.goto(f"{mall.shop_url}/")
    await visit.press(f"Add to cart: {product}")
    await page.get_by_role("link", name="Go to the cart").click()
    await visit.press("Go to the order")
    return await order_shown(page)


async def ordered(visit: Visit, mall: Mall, product_id: str = "masala") -> str:
    """Have an order in front that was made without a click; returns its id."""
    http, origin = visit.context.request, {"Origin": mall.shop_url}
    await http.post(f"{mall.shop_url}/cart", form={"product": product_id, "count": "1"}, headers=origin)
    cart = await (await http.get(f"{mall.shop_url}/cart")).text()
    (cart_id,) = set(re.findall(r'name="cart" value="(\w+)"', cart))
    await http.post(f"{mall.shop_url}/orders", form={"cart": cart_id}, headers=origin)
    await visit.page.goto(f"{mall.shop_url}/orders/{cart_id}")
    return cart_id


async def order_shown(page: Page) -> str:
    """The order on the page in front."""
    await page.wait_for_url("**/orders/T*")
    return page.url.partition("?")[0].rpartition("/")[2]


async def opens_payment(page: Page) -> Frame:
    """Press "Pay" once the SDK is ready; returns Juspay's page, which stands within the shop's."""
    await page.get_by_role("button", name="Pay ₹").click()
    return await payment(page)


async def payment(page: Page) -> Frame:
    """Juspay's page, once it stands there."""
    element = await page.wait_for_selector("#HyperSDKDiv iframe")
    frame = await element.content_frame() if element else None
    assert frame is not None
    return frame


async def pays(page: Page, juspay: Frame | Page, vpa: str = "success@upi") -> None:
    """Give a UPI id, and approve the payment on the phone. The id decides what the bank makes of it."""
    await juspay.locator("#upi").fill(vpa)
    await juspay.get_by_role("button", name="Pay ₹").click()
    async with page.context.expect_page() as opening:
        await juspay.get_by_role("link", name="Open the phone's UPI app here").click()
    phone = await opening.value
    await phone.get_by_role("button", name="Approve").click()
    await phone.get_by_role("heading", name="You approved it.").wait_for()
    await phone.close()


async def reads(page: Page, heading: str) -> None:
    """Wait until the page says so by itself."""
    await page.get_by_role("heading", name=heading).wait_for()


async def lit(page: Page) -> list[str]:
    """The steps of the panel that have happened."""
    return await page.locator("#steps > .lit .number").all_inner_texts()
