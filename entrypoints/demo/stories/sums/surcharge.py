"""A surcharge comes on top of the price: goods stop when the price is back, and the rest goes back too."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-surcharge-1"


async def play(stage: Stage) -> Played:
    """Pay 512.50 for an order of 500; be given the price back, and then the surcharge."""
    app = await stage.at_the_page(ORDER, "500.00")
    await stage.prices(
        ORDER,
        "this way to pay costs 12.50 INR more, which refunds may take too; the shopper is to pay 512.50 INR",
        surcharge="12.50",
        eligible="512.50",
    )
    await app.pay()
    saw = await app.shows("paid")
    paid = await stage.until_status(ORDER, "CHARGED")
    await stage.refunded(ORDER, "500.00", "the-price")
    between = await stage.until_status(ORDER, "PARTIALLY_REFUNDED")
    await stage.refunded(ORDER, "12.50", "the-surcharge")
    after = await stage.until_status(ORDER, "REFUNDED")
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("the surcharge is shown apart", (paid["amount_paid"], paid["surcharge"]) == ("512.50", "12.50")),
            ("the goods stop when the price is back", between["may_fulfil"] is False),
            ("the surcharge may go back too", between["amount_refundable"] == "12.50"),
            ("giving it back needs no person", after["review"] == []),
        ),
    )


STORY: Final = Story(
    name="surcharge",
    title="A surcharge on top of the price, given back with it",
    happens=(
        "The order costs 500 rupees, and the way to pay puts 12.50 on top. At Juspay the shop has it set that a "
        "surcharge may go back. It gives back the price first, and then the surcharge as well."
    ),
    sees="That the order is paid; later two amounts come back, together what was paid.",
    to_say=(
        "You paid 500 rupees for the tea and 12.50 for the way to pay. Both have been given back; your bank shows "
        "them as two amounts."
    ),
    expected=Expected(
        shopper_saw="paid",
        status="REFUNDED",
        charged="512.50",
        refunded="512.50",
        refunds=2,
        announced=1,
        sentences=(
            "The order was paid, and everything that was taken was given back.",
            "512.50 INR captured, 512.50 INR refunded, 0.00 INR still refundable, 12.50 INR more than the price",
            "Nothing more should go out.",
        ),
    ),
    play=play,
)
