"""The first payment hangs, the second is charged, and no webhook comes of either."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.script import JUSPAY
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-tryopen-1"
FIRST: Final = f"teashop-{ORDER}-1"


async def play(stage: Stage) -> Played:
    """Pay and hear nothing; pay again; then the bank takes the first payment as well, and that one goes back.

    By hand: 540.00 is taken by the second try and 540.00 by the first, 1080.00; 540.00 goes back and 540.00 stays.
    """
    app = await stage.at_the_page(ORDER, "540.00")
    await stage.at_rest()
    lost = await stage.fault("webhook_drop", "no webhook of this order arrives", order_id=ORDER, calls=40)
    await app.pay("stuck@upi", "approves the payment; the bank does not answer")
    await stage.until_status(ORDER, "PENDING")
    await app.process(ORDER)
    await app.pay("success@upi", "tries again with another account")
    one = await stage.until_status(ORDER, "CHARGED")
    saw = await app.shows("paid")
    await stage.advance(3600, "the bank has found the first payment")
    await stage.juspay("POST", f"/orders/{ORDER}/settle", {"outcome": "SUCCESS", "txn_id": FIRST})
    stage.tell(JUSPAY, "hears from the bank: the first one is paid too")
    await stage.happens("auto_refund", "gives the first one back by itself", ORDER, txn_id=FIRST)
    await stage.fix(lost, "webhooks come through again")
    both = await stage.look(ORDER)
    seen = await stage.open_reasons(ORDER)
    for kind in dict.fromkeys(seen):
        await stage.settle(ORDER, kind, "accepted", "The first payment was given back.")
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("the second try pays for the order", (one["paid"], one["amount_captured"]) == (True, "540.00")),
            ("the first one's way back leaves it paid", both["paid"] is True),
            ("a person is told of the other payment", set(seen) == {"unexplained_payment"}),
            ("what stands may be refunded, and no more", both["amount_refundable"] == "540.00"),
        ),
    )


STORY: Final = Story(
    name="first-try-open",
    title="The first payment hangs, and the second is made",
    happens=(
        "The bank does not answer, so the shopper pays once more, and no message of either comes. Later the bank takes "
        "the first payment too, and Juspay gives that one back by itself."
    ),
    sees="That the order is paid, from the second try on.",
    to_say=(
        "Your second payment is the one for your order. Your bank took the first one late, and it has gone back to you."
    ),
    expected=Expected(
        shopper_saw="paid",
        status="CHARGED",
        charged="1080.00",
        refunded="540.00",
        refunds=1,
        announced=1,
        settled=("unexplained_payment",),
        sentences=("Money: 1080.00 INR captured, 540.00 INR refunded, 540.00 INR still refundable.",),
    ),
    play=play,
)
