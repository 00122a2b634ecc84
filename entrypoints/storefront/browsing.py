"""Looking around: the shelf, the cart, and who the browser is."""

from __future__ import annotations

import re
from typing import Final

from litestar import get, post

from paystate.entrypoints.storefront.catalogue import COUNT_MAX, PRODUCTS, total_minor
from paystate.entrypoints.storefront.pages import Page, message, page, see
from paystate.entrypoints.storefront.storefront import AnyRequest, storefront_of

_COUNT: Final = re.compile("[0-9]{1,2}", re.ASCII)


@get("/")
async def show_shelf(request: AnyRequest) -> Page:
    """Show what there is."""
    storefront = storefront_of(request)
    cart = storefront.rows.cart(storefront.shoppers.welcome(request))
    counts = {line.product_id: line.count for line in cart.lines}
    return page(request, "shelf.html", products=PRODUCTS.values(), counts=counts, count_max=COUNT_MAX)


@get("/cart")
async def show_cart(request: AnyRequest) -> Page:
    """Show what was chosen."""
    storefront = storefront_of(request)
    cart = storefront.rows.cart(storefront.shoppers.welcome(request))
    return page(request, "cart.html", cart=cart, total_minor=total_minor(cart.lines), count_max=COUNT_MAX)


@post("/cart", status_code=303)
async def put(request: AnyRequest) -> Page:
    """Have so many of a product in the cart. A form says how many there shall be, so a second click adds none."""
    form = await request.form()
    product_id, count = str(form.get("product", "")), str(form.get("count", ""))
    if product_id not in PRODUCTS or not _COUNT.fullmatch(count) or int(count) > COUNT_MAX:
        return message(request, 400, "That cannot be put into the cart", f"Take 0 to {COUNT_MAX} of something we sell.")
    storefront = storefront_of(request)
    storefront.rows.put(storefront.shoppers.welcome(request), product_id, int(count))
    return see(request, "/" if form.get("stay") else "/cart")


HANDLERS: Final = (show_shelf, show_cart, put)
