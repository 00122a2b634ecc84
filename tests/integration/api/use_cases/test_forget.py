"""A customer is forgotten in all their orders and checkouts, and the API shows nothing of them any more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from attrs import evolve
from integration.api.world import World

from paystate.adapters.storage.memory import MemoryStore
from paystate.core.checkouts.checkout import Checkout
from paystate.core.errors import ValueInvalid
from paystate.core.policy import DEFAULT
from paystate.core.requester import Requester
from paystate.core.use_cases.retention.forget import Forgotten, KeptOrder, forget, would_forget

ASHA = {"customer_id": "c-77", "email": "asha@example.com", "first_name": "Asha"}
OTHER_CASE = {"customer_id": "C-77", "email": "other@example.com"}
MEERA = Requester("Meera")


class OneByOne(MemoryStore):
    """Tells a page for each checkout, as a store does that goes through few at a time."""

    async def checkouts_of_customer(
        self, merchant_id: str, customer_id: str, *, after: str = ""
    ) -> tuple[Sequence[Checkout], str]:
        found, _ = await super().checkouts_of_customer(merchant_id, customer_id, after=after)
        first = found[:1]
        return first, first[0].key.checkout_id if first else ""


async def sold(shop: World) -> None:
    """Two orders of Asha's, paid and unpaid, both over; one of somebody whose id differs in case; two checkouts."""
    await shop.charged(customer=ASHA)
    await shop.opened(order_id="lamp-2", customer=ASHA)
    await shop.opened(order_id="lamp-3", customer=OTHER_CASE)
    await shop.checkout(**ASHA)
    await shop.checkout(**ASHA)


def later(shop: World) -> None:
    shop.clock.set(shop.clock.now() + timedelta(seconds=DEFAULT.looks_end_s + 1))


async def forgets(shop: World) -> Forgotten:
    return await forget(shop.runtime.ports, shop.runtime.merchants["shop"].policy, "shop", "c-77", MEERA)


async def customers(shop: World) -> dict[str, str]:
    orders = (await shop.store.find("shop")).orders
    return {order.opened.order_id: order.opened.customer.customer_id for order in orders}


async def test_all_orders_and_checkouts_of_a_customer_are_nobodys_and_nobody_elses_are(shop: World) -> None:
    await sold(shop)
    later(shop)
    first = await forgets(shop)
    assert (2, 0) == (first.orders, len(first.kept))
    assert first.checkouts >= 2
    assert {"lamp-1": "", "lamp-2": "", "lamp-3": "C-77"} == await customers(shop)
    assert Forgotten(orders=0, checkouts=0, kept=[]) == await forgets(shop)


async def test_the_api_shows_the_order_without_its_customer_and_finds_it_by_no_name(shop: World) -> None:
    await sold(shop)
    later(shop)
    before = (await shop.get("/v1/orders/lamp-1")).json()
    await forgets(shop)
    after = (await shop.get("/v1/orders/lamp-1")).json()
    changed = {name for name in before if before[name] != after[name]}
    assert {"customer_id", "version", "updated_at", "next_look_at"} == changed
    assert ["lamp-3"] == [one["order_id"] for one in (await shop.get("/v1/orders?customer_id=C-77")).json()["orders"]]


async def test_an_order_with_which_something_is_open_keeps_its_customer_until_it_has_ended(shop: World) -> None:
    await sold(shop)
    (kept, _) = sorted((await forgets(shop)).kept, key=lambda one: one.order_id)
    assert isinstance(kept, KeptOrder)
    assert ("lamp-1", True) == (kept.order_id, kept.owed.startswith("its time is over at "))
    later(shop)
    assert 2 == (await forgets(shop)).orders


async def test_the_checkout_of_an_order_that_keeps_its_customer_goes_on(shop: World) -> None:
    checkout = await shop.checkout(**ASHA)
    path, token = f"/v1/checkouts/{checkout['checkout_id']}", checkout["token"]
    await shop.opened(order_id="lamp-9", customer=ASHA)
    event = {"event": "initiate_result", "payload": {"status": "success"}, "error": False}
    await shop.post(f"{path}/events", event, token=token)
    assert 200 == (await shop.post(f"{path}/process", {"order_id": "lamp-9"}, token=token)).status_code
    forgotten = await forgets(shop)
    assert (0, ["lamp-9"]) == (forgotten.checkouts, [one.order_id for one in forgotten.kept])


async def test_asking_first_counts_the_same_and_changes_nothing(shop: World) -> None:
    await sold(shop)
    ports, policy = shop.runtime.ports, shop.runtime.merchants["shop"].policy
    early = await would_forget(ports, policy, "shop", "c-77", MEERA)
    assert (0, ["lamp-1", "lamp-2"]) == (early.orders, sorted(one.order_id for one in early.kept))
    later(shop)
    asked = await would_forget(ports, policy, "shop", "c-77", MEERA)
    assert "c-77" in (await customers(shop)).values()
    assert asked == await forgets(shop)


async def test_no_id_is_every_guests_and_refused(shop: World) -> None:
    for work in (forget, would_forget):
        with pytest.raises(ValueInvalid, match="every guest"):
            await work(shop.runtime.ports, DEFAULT, "shop", "", MEERA)


async def test_checkouts_are_gone_through_page_by_page(shop: World) -> None:
    await sold(shop)
    later(shop)
    paging = OneByOne()
    paging.__dict__ |= shop.store.__dict__
    forgotten = await forget(evolve(shop.runtime.ports, store=paging), DEFAULT, "shop", "c-77", MEERA)
    assert forgotten.checkouts >= 2
    assert [] == [*(await shop.store.checkouts_of_customer("shop", "c-77"))[0]]
