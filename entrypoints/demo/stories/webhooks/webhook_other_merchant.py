"""Webhooks with our password are about another merchant, and about an order that nobody knows."""

from __future__ import annotations

from typing import Final

from paystate.core.ports.store import InboxRow, InboxVerdict
from paystate.entrypoints.demo.script import PAYSTATE
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-foreign-1"
STRANGE: Final = "tea-nobodys-1"


async def play(stage: Stage) -> Played:
    """Pay with the app closed; be told of it in wrong names; find the payment by a look."""
    app = await stage.at_the_page(ORDER, "520.00")
    await stage.at_rest()
    await stage.fault("webhook_other_merchant", "a webhook names another merchant", order_id=ORDER, route="TXN_CREATED")
    await stage.fault(
        "webhook_unknown_order",
        f"a webhook names {STRANGE}, an order nobody knows",
        order_id=ORDER,
        route="ORDER_SUCCEEDED",
        params={"order_id": STRANGE},
    )
    await stage.browse(app.page_url, "success@upi")
    await stage.deliver_webhooks()
    await stage.at_rest()
    foreign, strange = await stage.inbox(ORDER), await stage.inbox(STRANGE)
    saw = await app.shows("waiting_for_proof")
    stage.tell(PAYSTATE, "puts both webhooks away, each with the reason")
    await stage.advance(60, "the next look")
    await stage.until_status(ORDER, "CHARGED")
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("the one is quarantined as another merchant's", InboxVerdict.OTHER_MERCHANT in _verdicts(foreign)),
            ("the other is quarantined as an unknown order's", _verdicts(strange) == [InboxVerdict.UNKNOWN_ORDER]),
        ),
    )


def _verdicts(rows: list[InboxRow]) -> list[str]:
    return [row.verdict for row in rows]


STORY: Final = Story(
    name="webhook-other-merchant",
    title="Messages about another merchant, and about nobody's order",
    happens=(
        "The shopper pays and does not come back. Of Juspay's messages one names another merchant, and one an order "
        "that nobody knows. Both are quarantined with the reason, and the payment is found by asking."
    ),
    sees="That the shop is waiting for the payment, and a minute later that it is paid.",
    to_say="Your order is paid. Two messages about it had wrong names in them, so we asked ourselves.",
    expected=Expected(
        shopper_saw="waiting_for_proof",
        status="CHARGED",
        charged="520.00",
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
