"""The only payment comes too late, and Juspay gives it back by itself."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.script import json_of
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-autoonly-1"


async def play(stage: Stage) -> Played:
    """Fail; be charged late; be given it back before anybody looks; ask for it a second time."""
    app = await stage.at_the_page(ORDER, "290.00")
    await app.pay("failure@upi", "pays by UPI; the bank says no")
    await stage.until_status(ORDER, "FAILED")
    await stage.at_rest()
    await stage.fault("webhook_drop", "no webhook of the late payment arrives", order_id=ORDER, calls=20)
    await stage.happens("late_success", "hears from the bank: paid after all", ORDER)
    await stage.happens("auto_refund", "finds that too late, and gives the money back by itself", ORDER)
    await stage.advance(600, "the next looks")
    await stage.until_status(ORDER, "AUTO_REFUNDED")
    saw = await app.shows("refunded")
    refused = json_of(await stage.refund(ORDER, "290.00", "give-it-back"))
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(("what Juspay gave back is not given back again", refused["code"] == "amount_exceeds_refundable"),),
    )


STORY: Final = Story(
    name="auto-refund-only",
    title="The only payment comes too late and is given back",
    happens=(
        "The payment fails, then the bank takes the money after all. For Juspay that is too late, "
        "and it gives the money back by itself."
    ),
    sees="First that the order is not paid, and later that the money is given back.",
    to_say=(
        "Your bank took the money late, and it was given back at once, so the order is not paid. "
        "If you still want it, please order again."
    ),
    expected=Expected(
        shopper_saw="refunded",
        status="AUTO_REFUNDED",
        charged="290.00",
        refunded="290.00",
        refunds=1,
        announced=0,
        sentences=(
            "Juspay took the money and gives it back by itself; the order is not paid.",
            "Money: 290.00 INR captured, 290.00 INR refunded, 0.00 INR still refundable.",
            "The goods must not go out as things stand.",
        ),
    ),
    play=play,
)
