"""A surcharge on top of the price, which Juspay does not give back: the price is all that is refundable."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.script import json_of
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-surkept-1"


async def play(stage: Stage) -> Played:
    """Pay 408.20 for an order of 400; ask for all of it back; be given 400.

    By hand: 400.00 + 8.20 = 408.20 is paid, and 400.00 of it is what Juspay will refund; 400.00 - 400.00 leaves 0.00.
    """
    app = await stage.at_the_page(ORDER, "400.00")
    await stage.prices(ORDER, "this way to pay costs 8.20 INR more; the shopper is to pay 408.20 INR", surcharge="8.20")
    await app.pay()
    saw = await app.shows("paid")
    paid = await stage.until_status(ORDER, "CHARGED")
    too_much = json_of(await stage.refund(ORDER, "408.20", "all-with-surcharge"))
    await stage.refunded(ORDER, "400.00", "price-alone")
    await stage.at_rest()
    after = await stage.order(ORDER)
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("what was paid is shown", (paid["amount_paid"], paid["surcharge"]) == ("408.20", "8.20")),
            ("the price alone is refundable", paid["amount_refundable"] == "400.00"),
            ("more than that is refused here", too_much["code"] == "amount_exceeds_refundable"),
            ("Juspay was asked for one refund", len(await stage.refund_calls(ORDER)) == 1),
            ("nothing more can go back", after["amount_refundable"] == "0.00"),
            ("with the price back no goods go out", after["may_fulfil"] is False),
            ("it needs no person", after["review"] == []),
        ),
    )


STORY: Final = Story(
    name="surcharge-kept",
    title="A surcharge on top of the price, which is not given back",
    happens=(
        "The order costs 400 rupees, and the way to pay puts 8.20 on top. At Juspay it is set that a surcharge does "
        "not go back. The shop asks for everything, is refused, and gives back the price."
    ),
    sees="That the order is paid; later that 400 rupees come back.",
    to_say="Your 400 rupees are on their way back. The 8.20 for the way to pay stay with the payment company.",
    expected=Expected(
        shopper_saw="paid",
        status="PARTIALLY_REFUNDED",
        charged="408.20",
        refunded="400.00",
        refunds=1,
        announced=1,
        sentences=(
            "408.20 INR captured, 400.00 INR refunded, 0.00 INR still refundable, 8.20 INR more than the price",
        ),
    ),
    play=play,
)
