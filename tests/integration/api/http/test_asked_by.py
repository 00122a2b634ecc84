"""What a backend asks for over HTTP is kept and shown with the API key that asked."""

from __future__ import annotations

from typing import Any

from integration.api.world import World


def by(shop: World, person: str = "") -> dict[str, str]:
    return {"person": person, "key_id": shop.key_id, "agreed_by": ""}


async def shown(shop: World) -> dict[str, Any]:
    return dict((await shop.get("/v1/orders/lamp-1")).json())


async def test_a_refund_is_shown_with_its_key(shop: World) -> None:
    await shop.charged()
    answer = (await shop.refund("10.00", "k")).json()["refund"]
    order = await shown(shop)
    assert (by(shop), by(shop)) == (answer["asked_by"], order["refunds"][0]["asked_by"])


async def test_a_capture_and_a_release_are_shown_with_their_key(shop: World) -> None:
    for order_id, step in (("lamp-1", "capture"), ("lamp-2", "void")):
        await shop.held(order_id=order_id)
        answer = await shop.post(
            f"/v1/orders/{order_id}/{step}", {} if step == "capture" else None, idempotency_key=order_id
        )
        assert by(shop) == answer.json()["hold"]["asked_by"]


async def test_a_price_is_shown_with_its_key(shop: World) -> None:
    await shop.opened()
    await shop.call("PATCH", "/v1/orders/lamp-1", {"amount": "90.00"})
    order = await shown(shop)
    assert (by(shop), by(shop), None) == (order["opened_by"], order["amended_by"], order["price_asked_by"])


async def test_a_cancellation_is_shown_with_person_and_key(shop: World) -> None:
    await shop.opened()
    await shop.post("/v1/orders/lamp-1/cancel", {"by": "Meera", "note": "called off"})
    assert by(shop, "Meera") == (await shown(shop))["cancelled_by"]


async def test_a_checkout_s_key_stands_in_the_timeline_of_its_order(shop: World) -> None:
    await shop.opened()
    checkout = await shop.ready()
    path = f"/v1/checkouts/{checkout['checkout_id']}/process"
    assert 200 == (await shop.post(path, {"order_id": "lamp-1"}, token=checkout["token"])).status_code
    moments = (await shop.get("/v1/orders/lamp-1/timeline")).json()["timeline"]
    asked = [one["title"] for one in moments if f"asked for by API key {shop.key_id}" in one["details"]]
    assert 2 == len(asked)
    assert "Your backend opened the order; nothing was sent to Juspay" in asked
