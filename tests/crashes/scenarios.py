"""Payments in which the process may die; each is told as a shopper, Juspay and the backend see it."""

from __future__ import annotations

from collections import deque
from typing import Final

from crashes.world import Scenario, World
from e2e.standin import Fault

from paystate.core.orders.derived import Status

ID: Final = "o1"
DAY_S: Final = 24 * 3600


async def paid_and_told(world: World) -> None:
    await world.at_the_page(ID)
    world.at.juspay.paid(ID)
    await world.hooked(ID, "ORDER_SUCCEEDED", "evt_1")
    await world.works()


async def paid_and_never_told(world: World) -> None:
    await world.at_the_page(ID)
    world.at.juspay.paid(ID)
    await world.time_passes()


async def told_when_looks_are_rare(world: World) -> None:
    """Only the webhook lets Paystate look soon: the shopper pays a day after the page was opened."""
    await world.at_the_page(ID)
    await world.time_passes(DAY_S)
    world.at.juspay.paid(ID)
    await world.hooked(ID, "ORDER_SUCCEEDED", "evt_1")
    await world.works()


async def told_three_times(world: World) -> None:
    await world.at_the_page(ID)
    world.at.juspay.paid(ID)
    for event_id in ("evt_1", "evt_1", "evt_2"):
        await world.hooked(ID, "ORDER_SUCCEEDED", event_id)
    await world.works()


async def failed_then_paid(world: World) -> None:
    await world.at_the_page(ID)
    world.at.juspay.paid(ID, "AUTHORIZATION_FAILED")
    await world.hooked(ID, "ORDER_FAILED", "evt_1")
    await world.known(ID, Status.FAILED)
    world.at.juspay.paid(ID)
    await world.hooked(ID, "ORDER_SUCCEEDED", "evt_2")
    await world.works()


async def refunded(world: World) -> None:
    await paid_and_told(world)
    await world.refunded(ID, "k-1")


async def refunded_twice(world: World) -> None:
    await paid_and_told(world)
    await world.refunded(ID, "k-1")
    await world.refunded(ID, "k-2", "20.00")
    await world.works()


async def refund_never_arrives(world: World) -> None:
    await paid_and_told(world)
    world.at.juspay.faults["refund"] = deque([Fault("gone")])
    await world.refunded(ID, "k-1")
    await world.time_passes()


async def refund_is_made_and_its_answer_lost(world: World) -> None:
    await paid_and_told(world)
    world.at.juspay.faults["refund"] = deque([Fault("gone", after_effect=True)])
    await world.refunded(ID, "k-1")
    await world.time_passes()


async def refund_ends(world: World) -> None:
    await refunded(world)
    while not world.at.juspay.effects:
        await world.time_passes()
    for refund_id in world.at.juspay.effects:
        world.at.juspay.settled(refund_id)
    await world.hooked(ID, "ORDER_REFUNDED", "evt_2")
    await world.works()


async def terminated_and_paid(world: World) -> None:
    checkout = await world.at_the_page(ID)
    await world.does(lambda shop: shop.terminate(checkout))
    world.at.juspay.paid(ID)
    await world.does(lambda shop: shop.look(ID))


async def two_shoppers(world: World) -> None:
    for order_id in ("o1", "o2"):
        await world.at_the_page(order_id)
        world.at.juspay.paid(order_id)
    for order_id in ("o2", "o1"):
        await world.hooked(order_id, "ORDER_SUCCEEDED", f"evt_{order_id}")
    await world.works()


async def cancelled(world: World) -> None:
    await world.at_the_page(ID)
    await world.does(lambda shop: shop.cancel(ID, by="asha", note="changed her mind"))
    world.at.juspay.paid(ID, "AUTHENTICATION_FAILED")
    await world.time_passes()


SCENARIOS: Final[tuple[Scenario, ...]] = (
    paid_and_told,
    paid_and_never_told,
    told_when_looks_are_rare,
    told_three_times,
    failed_then_paid,
    refunded,
    refunded_twice,
    refund_never_arrives,
    refund_is_made_and_its_answer_lost,
    refund_ends,
    terminated_and_paid,
    two_shoppers,
    cancelled,
)
