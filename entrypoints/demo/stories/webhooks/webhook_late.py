"""The webhook of a failed try comes six hours late, when the order has long been paid."""

from __future__ import annotations

from typing import Final

from paystate.core.ports.store import InboxRow
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-latehook-1"
HOURS: Final = 6


async def play(stage: Stage) -> Played:
    """Fail, pay, and hear of the failure in the afternoon."""
    await stage.fault(
        "webhook_delay",
        f"the webhook of a failed try takes {HOURS} hours",
        order_id=ORDER,
        route="ORDER_FAILED",
        params={"seconds": HOURS * 3600},
    )
    app = await stage.at_the_page(ORDER, "365.00")
    await app.pay("failure@upi", "pays by UPI; the bank refuses")
    await app.shows("not_paid")
    await app.process(ORDER)
    await app.pay("success@upi", "tries again with another account")
    saw = await app.shows("paid")
    await stage.until_status(ORDER, "CHARGED")
    await stage.advance(HOURS * 3600, "the old webhook arrives")
    late = await stage.eventually("the late webhook", lambda: stage.inbox(ORDER), lambda rows: _has_failure(rows))
    order = await stage.look(ORDER)
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("the late webhook was kept", _has_failure(late)),
            ("the order is still paid", order["paid"] is True),
        ),
    )


def _has_failure(rows: list[InboxRow]) -> bool:
    return any(b"ORDER_FAILED" in row.body for row in rows)


STORY: Final = Story(
    name="webhook-late",
    title="The message about an old failure comes hours late",
    happens=(
        "The first try fails and the second is paid. Six hours later Juspay's message about the failure arrives. "
        "It is kept, Juspay is asked, and the order stays paid."
    ),
    sees="That the order is paid.",
    to_say="Your order is paid. The message about a failure was an old one, about your first try.",
    expected=Expected(
        shopper_saw="paid",
        status="CHARGED",
        charged="365.00",
        refunded="0.00",
        refunds=0,
        announced=1,
        sentences=(
            "tea-latehook-1-1 by UPI failed",
            "tea-latehook-1-2 by UPI took the money",
            "The goods may go out.",
        ),
    ),
    play=play,
)
