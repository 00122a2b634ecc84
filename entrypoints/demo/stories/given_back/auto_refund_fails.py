"""Juspay means to give a late payment back by itself and cannot; the shop refunds it."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-autofails-1"


async def play(stage: Stage) -> Played:
    """Fail; be charged late; Juspay's own refund fails; the shop's does not."""
    app = await stage.at_the_page(ORDER, "290.00")
    await app.pay("failure@upi", "pays by UPI; the bank says no")
    await stage.until_status(ORDER, "FAILED")
    await stage.at_rest()
    lost = await stage.fault("webhook_drop", "no webhook of the late payment arrives", order_id=ORDER, calls=20)
    await stage.happens("late_success", "hears from the bank: paid after all", ORDER)
    await stage.happens("auto_refund_failed", "finds that too late, tries to give it back, and cannot", ORDER)
    await stage.advance(600, "the next looks")
    stuck = await stage.until_status(ORDER, "AUTO_REFUNDED")
    meanwhile = await app.shows("being_checked")
    seen = await stage.open_reasons(ORDER)
    await stage.fix(lost, "webhooks come through again")
    await stage.refunded(ORDER, "290.00", "in-its-place")
    return Played(
        order_id=ORDER,
        shopper_saw=await app.shows("refunded"),
        checks=(
            ("the shopper is not told that it is back", meanwhile == "being_checked"),
            ("what failed to go back is not back", stuck["amount_refunded"] == "0.00"),
            ("a person is told", seen == ["auto_refund_failed"]),
            ("the shop may refund it itself", stuck["amount_refundable"] == "290.00"),
        ),
    )


STORY: Final = Story(
    name="auto-refund-fails",
    title="Juspay cannot give the late payment back, and the shop does",
    happens=(
        "The payment fails, then the bank takes the money after all. For Juspay that is too late; it tries to give "
        "the money back by itself, and cannot. A person is told, and the shop refunds it."
    ),
    sees="That the payment is being checked, and then that it was given back, which the shop's refund did.",
    to_say=(
        "Your bank took the money late, and the first try to give it back failed. We have refunded it ourselves; "
        "it is with your bank in a few working days."
    ),
    expected=Expected(
        shopper_saw="refunded",
        status="AUTO_REFUNDED",
        charged="290.00",
        refunded="290.00",
        refunds=1,
        announced=0,
        sentences=(
            "of 290.00 INR, made by Juspay itself, failed",
            "of 290.00 INR is done.",
            "Money: 290.00 INR captured, 290.00 INR refunded, 0.00 INR still refundable.",
            "The goods must not go out as things stand.",
        ),
    ),
    play=play,
)
