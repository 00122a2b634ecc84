"""Juspay gives the late payment back by itself, which takes days and then nobody can tell how it ended."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-autowaits-1"
DAY_S: Final = 86_400


async def play(stage: Stage) -> Played:
    """Fail; be charged late; wait two days for Juspay's refund; see it in doubt; see it done.

    By hand: 330.00 is taken, and while its refund is open nothing is back and nothing may be refunded here.
    """
    app = await stage.at_the_page(ORDER, "330.00")
    await app.pay("failure@upi", "pays by UPI; the bank says no")
    await stage.until_status(ORDER, "FAILED")
    await stage.at_rest()
    await stage.happens("late_success", "hears from the bank: paid after all", ORDER)
    await stage.happens("auto_refund", "finds that too late, and begins to give it back", ORDER, status="PENDING")
    begun = await stage.until_status(ORDER, "AUTO_REFUNDED")
    saw = await app.shows("being_checked")
    await stage.advance(2 * DAY_S, "the bank is slow")
    waiting = await stage.look(ORDER)
    await stage.happens("auto_refund", "can no longer tell how the refund ends", ORDER, status="MANUAL_REVIEW")
    await stage.deliver_webhooks()
    doubtful = await stage.look(ORDER)
    await stage.advance(DAY_S, "the bank has answered Juspay")
    await stage.happens("auto_refund", "knows that the money is back", ORDER, status="SUCCESS")
    await stage.deliver_webhooks()
    await stage.look(ORDER)
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("the order is never paid", not (begun["paid"] or waiting["paid"] or doubtful["paid"])),
            ("what is under way is not back", waiting["amount_refunded"] == doubtful["amount_refunded"] == "0.00"),
            ("and cannot go back twice", waiting["amount_refundable"] == doubtful["amount_refundable"] == "0.00"),
            ("Juspay was asked for no refund", await stage.refund_calls(ORDER) == []),
        ),
    )


STORY: Final = Story(
    name="auto-refund-waits",
    title="Juspay gives the late payment back, and it takes days",
    happens=(
        "The payment comes too late, and Juspay begins to give it back by itself. That takes two days, then Juspay "
        "cannot tell how it ended, and a day later it can: the money is back."
    ),
    sees="That the payment is being checked.",
    to_say=(
        "Your bank took the money late, and it goes back by itself. That has begun; your bank is slow with it. "
        "Nothing needs to be done twice."
    ),
    expected=Expected(
        shopper_saw="being_checked",
        status="AUTO_REFUNDED",
        charged="330.00",
        refunded="330.00",
        refunds=1,
        announced=0,
        sentences=(
            "of 330.00 INR, made by Juspay itself, is done.",
            "Money: 330.00 INR captured, 330.00 INR refunded, 0.00 INR still refundable.",
        ),
    ),
    play=play,
)
