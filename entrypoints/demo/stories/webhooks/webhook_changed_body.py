"""The same webhook comes twice under one id, and says two things."""

from __future__ import annotations

from typing import Final

from paystate.core.ports.store import InboxRow
from paystate.entrypoints.demo.script import PAYSTATE
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-changed-1"


async def play(stage: Stage) -> Played:
    """Pay; be told 530 and 1 rupee under the same id; ask."""
    await stage.fault(
        "webhook_changed_body",
        "the webhook of the payment comes again under its own id and names 1.00 INR",
        order_id=ORDER,
        route="ORDER_SUCCEEDED",
    )
    app = await stage.at_the_page(ORDER, "530.00")
    await stage.browse(app.page_url, "success@upi")
    await stage.deliver_webhooks()
    both = await stage.eventually("both webhooks", lambda: stage.inbox(ORDER), _has_two_successes)
    stage.tell(PAYSTATE, "keeps both, notes that they differ, believes neither, and asks")
    saw = await app.shows("paid")
    order = await stage.until_status(ORDER, "CHARGED")
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("that they differ is noted", any(row.conflicts for row in _successes(both))),
            ("what was paid is what Juspay answered", order["amount_captured"] == "530.00"),
        ),
    )


def _successes(rows: list[InboxRow]) -> list[InboxRow]:
    return [row for row in rows if b"ORDER_SUCCEEDED" in row.body]


def _has_two_successes(rows: list[InboxRow]) -> bool:
    return len(_successes(rows)) == 2


STORY: Final = Story(
    name="webhook-changed-body",
    title="The same message twice, and it says two things",
    happens=(
        "Juspay's message about the payment comes twice under the same number. "
        "The first says 530 rupees, the second 1 rupee. Neither is believed; Juspay is asked."
    ),
    sees="That the order is paid.",
    to_say="Your order is paid in full. One message about it was wrong; we asked, and all of your 530 rupees are here.",
    expected=Expected(
        shopper_saw="paid",
        status="CHARGED",
        charged="530.00",
        refunded="0.00",
        refunds=0,
        announced=1,
        sentences=(
            "Money: 530.00 INR captured, 0.00 INR refunded",
            "The goods may go out.",
        ),
    ),
    play=play,
)
