"""A shop whose announcements go to two endpoints, and what was announced."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from integration.api.world import World

from paystate.core.announcements.delivery import Delivered, NotDelivered, TryEnd
from paystate.core.orders.facts import AnnouncementKind
from paystate.core.ports.notifier import Message, Subscriber

PAID = frozenset({AnnouncementKind.ORDER_PAID})


class Refuses:
    """A receiver that takes nothing until it is told to."""

    takes = False

    async def deliver(self, message: Message, now: datetime) -> TryEnd:
        return Delivered("answered 200") if self.takes else NotDelivered("answered 500")


def two_endpoints() -> tuple[Subscriber, ...]:
    """One that wants payments alone, and one that wants nothing that these tests announce."""
    return (
        Subscriber(name="books", kinds=frozenset({AnnouncementKind.REFUND_FAILED}), notifier=Refuses(), timeout_s=15),
        Subscriber(name="shop", kinds=PAID, notifier=Refuses(), timeout_s=15),
    )


async def paid(shop: World, *order_ids: str) -> None:
    for order_id in order_ids:
        await shop.charged(order_id=order_id)


async def pulled(shop: World, query: str = "") -> tuple[list[str], str]:
    answer = await shop.get(f"/v1/announcements{query}")
    assert 200 == answer.status_code, answer.text
    page: dict[str, Any] = answer.json()
    return [one["data"]["order_id"] for one in page["announcements"]], page["next"]
