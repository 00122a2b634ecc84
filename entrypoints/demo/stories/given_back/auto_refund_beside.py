"""The first try is charged late, beside a second that stands; Juspay gives the first back."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-autobeside-1"
FIRST: Final = f"teashop-{ORDER}-1"


async def play(stage: Stage) -> Played:
    """Fail; pay with a second try; be charged for the first as well, and be given that back."""
    app = await stage.at_the_page(ORDER, "520.00")
    await app.pay("failure@upi", "pays by UPI; the bank says no")
    await stage.until_status(ORDER, "FAILED")
    await app.process(ORDER)
    await app.pay(message="pays again, and the bank says yes")
    saw = await app.shows("paid")
    await stage.until_status(ORDER, "CHARGED")
    await stage.at_rest()
    await stage.fault("webhook_drop", "no webhook of the first payment arrives", order_id=ORDER, calls=20)
    await stage.happens("late_success", "hears from the bank: the first try was paid too", ORDER, txn_id=FIRST)
    await stage.happens("auto_refund", "gives that one back by itself", ORDER, txn_id=FIRST)
    await stage.advance(7200, "a paid order is looked at once more")
    await stage.at_rest()
    seen = await stage.open_reasons(ORDER)
    order = await stage.order(ORDER)
    await stage.settle(ORDER, "unexplained_payment", "accepted", "The bank's list shows it taken and given back.")
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("the payment that stands may be refunded, all of it", order["amount_refundable"] == "520.00"),
            ("the goods go out all the while", order["may_fulfil"] is True),
            ("a person is told of the other payment", seen == ["unexplained_payment"]),
        ),
    )


STORY: Final = Story(
    name="auto-refund-beside",
    title="The failed try was charged after all, and Juspay gives it back",
    happens=(
        "The first try fails, the second is paid. Then the bank takes the first as well, and Juspay "
        "gives it back by itself. The order stays paid by the second."
    ),
    sees="That the order is paid, all the time.",
    to_say=(
        "Your first try went through late, so for a while you had paid twice. That one is on its way back to you; "
        "your order is paid by the second."
    ),
    expected=Expected(
        shopper_saw="paid",
        status="CHARGED",
        charged="1040.00",
        refunded="520.00",
        refunds=1,
        announced=1,
        settled=("unexplained_payment",),
        sentences=(
            "of 520.00 INR, made by Juspay itself, is done.",
            "Money: 1040.00 INR captured, 520.00 INR refunded, 520.00 INR still refundable.",
            "The goods may go out.",
        ),
    ),
    play=play,
)
