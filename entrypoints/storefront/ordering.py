"""Orders: made of a cart, paid on their page, told of until they are proved, shipped and given back."""

from __future__ import annotations

from typing import Final

from litestar import get, post
from litestar.params import FromPath

from paystate.entrypoints.engine import Money, Refused
from paystate.entrypoints.storefront import shipping, steps
from paystate.entrypoints.storefront.catalogue import CURRENCY, total_minor
from paystate.entrypoints.storefront.pages import Page, message, page, see
from paystate.entrypoints.storefront.standing import standing
from paystate.entrypoints.storefront.storefront import AnyRequest, storefront_of


@post("/orders", status_code=303)
async def order(request: AnyRequest) -> Page:
    """Make an order of the cart that the form names. Sent twice, or from two tabs, it is the same order."""
    storefront = storefront_of(request)
    shopper = storefront.shoppers.of(request)
    order_id = str((await request.form()).get("cart", ""))
    lines = storefront.rows.order(shopper, order_id)
    if not lines:
        return see(request, "/cart")
    opened = await storefront.pay.open_order(
        order_id,
        Money.of(total_minor(lines), CURRENCY),
        customer=shopper,
        return_url=f"{storefront.url}/result",
        description=", ".join(f"{line.count} \u00d7 {line.name}" for line in lines)[:250],
    )
    if isinstance(opened, Refused):
        return message(request, 409, "This order cannot be made", opened.detail)
    storefront.rows.leave_cart(order_id)
    return see(request, f"/orders/{order_id}")


@get("/orders")
async def list_orders(request: AnyRequest) -> Page:
    """Show the browser's own orders, the newest first, with their refunds."""
    storefront = storefront_of(request)
    shopper = storefront.shoppers.of(request)
    found = (await storefront.pay.orders(customer_id=shopper, limit=50)).orders if shopper else ()
    parcels = {one.order_id: shipping.told(one, storefront.rows.parcel(one.order_id)) for one in found}
    return page(request, "orders.html", orders=found, parcels=parcels)


@get("/result")
async def come_back(request: AnyRequest) -> Page:
    """Where Paystate sends a shopper in the end. The address names an order, and nothing else in it is read."""
    order_id = request.query_params.get("order_id", "")
    await storefront_of(request).order_of(request, order_id)
    return see(request, f"/orders/{order_id}")


@get("/orders/{order_id:str}")
async def show_order(request: AnyRequest, order_id: FromPath[str]) -> Page:
    """Show an order: to be looked over and paid, or how it stands. What it says is what Paystate has proved."""
    storefront = storefront_of(request)
    await storefront.order_of(request, order_id)
    known, said = await standing(storefront, order_id)
    noted, parcel = storefront.rows.notes(order_id), storefront.rows.parcel(order_id)
    return page(
        request,
        "order.html",
        notes=(*noted, *steps.moments(await storefront.pay.timeline(order_id), noted), *steps.refunds(known)),
        order=known,
        said=said,
        lines=storefront.rows.ordered(order_id),
        parcel=parcel,
        parcel_told=shipping.told(known, parcel),
        shown_in="redirection" if request.query_params.get("page") == "own" else "iframe",
    )


@post("/orders/{order_id:str}/return", status_code=303)
async def send_back(request: AnyRequest, order_id: FromPath[str]) -> Page:
    """Give the money back: a sale called off before the parcel is packed, or goods sent back after it.

    The second is a demo's shortcut: nobody at the shop has to agree, and nobody waits for the goods. The refund's key
    names the order and how many refunds it had. So two clicks ask for one refund, and one that has failed can be asked
    for again.
    """
    storefront = storefront_of(request)
    known = await storefront.order_of(request, order_id)
    if known.may_fulfil:  # paid, and nothing of it is on its way back
        parcel = storefront.rows.parcel(order_id)
        begins = shipping.RETURN if parcel and parcel.packed_at else shipping.CANCEL
        key = f"{begins}{order_id}-{len(known.refunds) + 1}"
        made = await storefront.pay.refund(order_id, known.amount_refundable, key=key)
        if isinstance(made, Refused):
            return message(request, 409, "The money cannot be given back now", made.detail)
        shipping.decide(storefront.rows, await storefront.pay.order(order_id), storefront.now())
    return see(request, f"/orders/{order_id}")


HANDLERS: Final = (order, list_orders, come_back, show_order, send_back)
