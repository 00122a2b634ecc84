"""Somebody lowers the price on Juspay's dashboard; the shop takes the payment at that price."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.script import Json
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-price-1"


async def play(stage: Stage) -> Played:
    """Open at 500; change to 450 at Juspay; pay that; take it."""
    app = await stage.at_the_page(ORDER, "500.00")
    await stage.happens(
        "amount_changed", "a clerk lowers the price to 450.00 INR on the dashboard", ORDER, amount="450.00"
    )
    await app.pay(message="pays 450.00 INR by UPI")
    doubtful = await stage.eventually("the other price to be seen", lambda: stage.order(ORDER), _is_told_paid)
    meanwhile = await app.result()
    await stage.settle(ORDER, "mismatch", "accepted", "The clerk gave 50 rupees off on the phone, for the late parcel.")
    await stage.look(ORDER)
    await stage.until_status(ORDER, "CHARGED")
    saw = await app.shows("paid")
    after = await stage.order(ORDER)
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("the goods wait for a person", doubtful["paid"] is False and meanwhile != "paid"),
            ("the price taken is no discount", (after["amount_captured"], after["discount"]) == ("450.00", "0.00")),
        ),
    )


def _is_told_paid(order: Json) -> bool:
    return any("CHARGED" in reason["message"] for reason in order["review"])


STORY: Final = Story(
    name="price-changed",
    title="The price is lowered at Juspay, and the shop takes it",
    happens=(
        "A clerk lowers the price on Juspay's dashboard, from 500 rupees to 450, and the shopper pays that. Paystate "
        "knows of no such price; a person finds out and takes it."
    ),
    sees="That the shop is waiting for the payment; then that it is paid.",
    to_say="You paid 450 rupees, as agreed on the phone. The order is paid, and the tea goes out.",
    expected=Expected(
        shopper_saw="paid",
        status="CHARGED",
        charged="450.00",
        refunded="0.00",
        refunds=0,
        announced=1,
        settled=("mismatch",),
        sentences=(
            "The clerk gave 50 rupees off on the phone, for the late parcel.",
            "Money: 450.00 INR captured, 0.00 INR refunded, 450.00 INR still refundable.",
            "The goods may go out.",
        ),
    ),
    play=play,
)
