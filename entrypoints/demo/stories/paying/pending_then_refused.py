"""The bank takes its time, and then says no."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-refused-1"


async def play(stage: Stage) -> Played:
    """Pay, wait for the bank, hear that it refused."""
    app = await stage.at_the_page(ORDER, "820.00")
    await app.pay("pendingfail@upi", "approves the payment; the bank does not answer yet")
    meanwhile = await app.shows("waiting_for_proof")
    await stage.until_status(ORDER, "PENDING")
    await stage.advance(60, "the bank has refused")
    saw = await app.shows("not_paid")
    order = await stage.until_status(ORDER, "FAILED")
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("while the bank was silent nothing was called a failure", meanwhile == "waiting_for_proof"),
            ("a failure is not the end: Juspay is asked again", order["next_look_at"] is not None),
        ),
    )


STORY: Final = Story(
    name="pending-then-refused",
    title="The bank answers a minute late, and refuses",
    happens="The shopper approves and the bank does not answer. A minute later it refuses.",
    sees="That the shop is waiting for the payment, and then that the order is not paid.",
    to_say=(
        "Your bank refused this payment, so the order is not paid. You may try again, with another way to pay too. "
        "If your bank shows money taken, it goes back to you or still comes to us, and we go on looking for it."
    ),
    expected=Expected(
        shopper_saw="not_paid",
        status="FAILED",
        charged="0.00",
        refunded="0.00",
        refunds=0,
        announced=0,
        sentences=(
            "The payment failed. The shopper may try again, and the money may even arrive late.",
            "The bank's words: The bank refused the payment.",
            "The goods must not go out as things stand.",
        ),
    ),
    play=play,
)
