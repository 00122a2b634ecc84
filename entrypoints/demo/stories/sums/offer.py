"""An offer takes a part off the price: what was paid goes back, and not one rupee of what was not."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.script import json_of
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-offer-1"


async def play(stage: Stage) -> Played:
    """Pay 850 for an order of 1000; ask for 1000 back; be given 850."""
    app = await stage.at_the_page(ORDER, "1000.00")
    await stage.prices(ORDER, "an offer takes 150.00 INR off; the shopper is to pay 850.00 INR", discount="150.00")
    await app.pay()
    saw = await app.shows("paid")
    paid = await stage.until_status(ORDER, "CHARGED")
    too_much = json_of(await stage.refund(ORDER, "1000.00", "the-whole-price"))
    await stage.refunded(ORDER, "850.00", "what-was-paid")
    after = await stage.until_status(ORDER, "REFUNDED")
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("the goods go out for the price less the offer", paid["may_fulfil"] is True),
            ("the offer is shown apart", (paid["amount_paid"], paid["discount"]) == ("850.00", "150.00")),
            ("the price is more than what was paid", too_much["code"] == "amount_exceeds_refundable"),
            ("all of it is back", (after["amount_refundable"], after["may_fulfil"]) == ("0.00", False)),
        ),
    )


STORY: Final = Story(
    name="offer",
    title="An offer takes a part off, and all that was paid goes back",
    happens=(
        "An order of 1000 rupees is paid with a bank's offer of 150 rupees off. The shopper sends the tea back, "
        "and the shop gives back what was paid: 850."
    ),
    sees="That the order is paid; later that 850 rupees come back.",
    to_say="You paid 850 rupees, because the offer took 150 off. All 850 are on their way back to you.",
    expected=Expected(
        shopper_saw="paid",
        status="REFUNDED",
        charged="850.00",
        refunded="850.00",
        refunds=1,
        announced=1,
        sentences=(
            "The order was paid, and everything that was taken was given back.",
            "850.00 INR captured, 850.00 INR refunded, 0.00 INR still refundable, 150.00 INR less than the price",
            "Nothing more should go out.",
        ),
    ),
    play=play,
)
