"""An order from before Paystate is taken over, paid and partly given back."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.stack import MERCHANT_ID
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "old-tea-7"


async def play(stage: Stage) -> Played:
    """The old backend was paid 480 and gave 80 back; take the order over; give 100 more back.

    By hand: 480.00 - 80.00 = 400.00 may still go back, and 300.00 after a further 100.00.
    """
    made = {"merchant_id": MERCHANT_ID, "order_id": ORDER, "amount": "480.00", "paid": True}
    await stage.juspay("POST", "/orders", made)
    await stage.happens("external_refund", "the old backend had given 80.00 INR back", ORDER, amount="80.00")
    await stage.advance(86_400, "the shop moves to Paystate")
    await stage.adopt(f"{ORDER},480.00,INR,asha,yes")
    known = await stage.until_status(ORDER, "PARTIALLY_REFUNDED")
    told = await stage.announced(ORDER)
    await stage.refunded(ORDER, "100.00", "old-100")
    await stage.at_rest()
    after = await stage.order(ORDER)
    return Played(
        order_id=ORDER,
        shopper_saw="nothing",
        checks=(
            ("it is known to be from before", (known["adopted"], known["fulfilled"]) == (True, True)),
            ("what the old backend gave back counts", known["amount_refundable"] == "400.00"),
            ("goods that went out long ago are not told of again", "order.paid" not in told),
            ("it is refunded as any other", after["amount_refundable"] == "300.00"),
        ),
    )


STORY: Final = Story(
    name="adopted",
    title="An order from before Paystate",
    happens=(
        "The shop's old backend sold this tea, delivered it, and gave 80 of the 480 rupees back. Paystate takes the "
        "order over, asks Juspay, and the shop gives another 100 back."
    ),
    sees="Nothing new; later 100 rupees come back.",
    to_say="You paid 480 rupees, and 180 of them have gone back to you in two amounts.",
    expected=Expected(
        shopper_saw="nothing",
        status="PARTIALLY_REFUNDED",
        charged="480.00",
        refunded="180.00",
        refunds=2,
        announced=0,
        sentences=("Money: 480.00 INR captured, 180.00 INR refunded, 300.00 INR still refundable.",),
    ),
    play=play,
)
