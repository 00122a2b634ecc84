"""Juspay's webhooks come before anybody has opened the order in Paystate."""

from __future__ import annotations

from typing import Final

from paystate.core.ports.store import InboxRow, InboxVerdict
from paystate.entrypoints.demo.script import JUSPAY, PAYSTATE
from paystate.entrypoints.demo.stack import MERCHANT_ID
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-early-1"


async def play(stage: Stage) -> Played:
    """Let the old shop system take a payment; hear of it; only then open the order."""
    await stage.juspay(
        "POST", "/orders", {"merchant_id": MERCHANT_ID, "order_id": ORDER, "amount": "410.00", "paid": True}
    )
    stage.tell(JUSPAY, f"has order {ORDER} of 410.00 INR, paid, from the shop's old system")
    await stage.deliver_webhooks()
    early = await stage.eventually("the webhooks to be quarantined", lambda: stage.inbox(ORDER), _are_quarantined)
    stage.tell(PAYSTATE, "knows no such order; it keeps the webhooks, and believes none")
    await stage.open_order(ORDER, "410.00")
    await stage.until_status(ORDER, "CHARGED")
    return Played(
        order_id=ORDER,
        shopper_saw="nothing",
        checks=(("all three webhooks were kept", len(early) == 3),),
    )


def _are_quarantined(rows: list[InboxRow]) -> bool:
    return bool(rows) and all(row.verdict == InboxVerdict.UNKNOWN_ORDER for row in rows)


STORY: Final = Story(
    name="webhook-before-order",
    title="A message comes before the order is known",
    happens=(
        "The shop's old system has taken a payment, and Juspay tells Paystate of it before the order was opened there. "
        "The messages are kept; when the order is opened, they are followed, and the payment is found."
    ),
    sees="Nothing of all this.",
    to_say="Your payment is here. It reached us before your order did; now both are there, and the tea goes out.",
    expected=Expected(
        shopper_saw="nothing",
        status="CHARGED",
        charged="410.00",
        refunded="0.00",
        refunds=0,
        announced=1,
        sentences=(
            "because Juspay answered CHARGED",
            "The goods may go out.",
        ),
    ),
    play=play,
)
