"""An offer pays a part back to the shopper later: Juspay will refund less than was paid."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.script import json_of
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-cashback-1"


async def play(stage: Stage) -> Played:
    """Pay 620, of which an offer pays 200 back; ask for all of it; be given the 420 that Juspay gives.

    By hand: 620.00 - 200.00 = 420.00 is what Juspay will refund; 420.00 - 150.00 = 270.00 after the first part.
    """
    app = await stage.at_the_page(ORDER, "620.00")
    await stage.prices(ORDER, "an offer pays 200.00 INR back later; Juspay would refund 420.00 INR", eligible="420.00")
    await app.pay()
    saw = await app.shows("paid")
    paid = await stage.until_status(ORDER, "CHARGED")
    too_much = json_of(await stage.refund(ORDER, "620.00", "all-of-620"))
    await stage.refunded(ORDER, "150.00", "first-150")
    await stage.at_rest()
    part = await stage.order(ORDER)
    await stage.refunded(ORDER, "270.00", "other-270")
    await stage.at_rest()
    after = await stage.order(ORDER)
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("all of it was paid", (paid["amount_paid"], paid["discount"]) == ("620.00", "0.00")),
            ("the goods go out all the same", paid["may_fulfil"] is True),
            ("Juspay's own figure is the limit", paid["amount_refundable"] == "420.00"),
            ("more than that is refused before anything is sent", too_much["code"] == "amount_exceeds_refundable"),
            ("each part lowers it", part["amount_refundable"] == "270.00"),
            ("nothing more can go back", after["amount_refundable"] == "0.00"),
        ),
    )


STORY: Final = Story(
    name="cashback",
    title="Juspay gives back less than was paid",
    happens=(
        "The shopper pays 620 rupees, and an offer pays 200 of them back to the shopper's account later. So Juspay "
        "refunds 420 at most. The shop asks for all 620, is refused, and gives back the 420 in two parts."
    ),
    sees="That the order is paid; later 150 and 270 rupees come back.",
    to_say=(
        "You paid 620 rupees, and the offer paid 200 of them back to you. The other 420 are on their way, as two "
        "amounts."
    ),
    expected=Expected(
        shopper_saw="paid",
        status="PARTIALLY_REFUNDED",
        charged="620.00",
        refunded="420.00",
        refunds=2,
        announced=1,
        sentences=("Money: 620.00 INR captured, 420.00 INR refunded, 0.00 INR still refundable.",),
    ),
    play=play,
)
