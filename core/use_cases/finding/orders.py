"""Finding orders in pages, for whoever wants more of them than one page holds."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Final

from paystate.core.finding.filters import EVERY_ORDER, Filter
from paystate.core.orders.order import Order
from paystate.core.ports.store import Orders

PAGE: Final = 100


async def every_order(store: Orders, merchant_id: str, which: Filter = EVERY_ORDER) -> AsyncGenerator[Order]:
    """All orders of the merchant's that fit, page by page; one that is opened meanwhile may be left out."""
    after = ""
    while True:
        page = await store.find(merchant_id, which, after=after, limit=PAGE)
        for order in page.orders:
            yield order
        if not page.next:
            return
        after = page.next


async def first_orders(store: Orders, merchant_id: str, which: Filter, most: int) -> tuple[Sequence[Order], bool]:
    """The newest `most` orders that fit, and whether there are more."""
    found = list[Order]()
    async with aclosing(every_order(store, merchant_id, which)) as orders:
        async for order in orders:
            if len(found) == most:
                return found, True
            found.append(order)
    return found, False
