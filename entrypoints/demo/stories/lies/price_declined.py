"""Somebody changes the price at Juspay, and nobody knows why: the payment goes back."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.script import Json
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-price-2"


async def play(stage: Stage) -> Played:
    """Open at 500; change to 5 at Juspay; pay that; decline it and give it back."""
    app = await stage.at_the_page(ORDER, "500.00")
    await stage.happens("amount_changed", "the price becomes 5.00 INR on the dashboard", ORDER, amount="5.00")
    await app.pay(message="pays 5.00 INR by UPI")
    await stage.eventually("the other price to be seen", lambda: stage.order(ORDER), _is_told_paid)
    await stage.settle(ORDER, "mismatch", "declined", "Nobody here changed it. The tea stays; the money goes back.")
    await stage.look(ORDER)
    declined = await stage.until_status(ORDER, "CHARGED")
    saw = await app.shows("being_checked")
    await stage.refunded(ORDER, "5.00", "not-our-price")
    await stage.until_status(ORDER, "REFUNDED")
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(("the goods stay", (declined["paid"], declined["may_fulfil"]) == (False, False)),),
    )


def _is_told_paid(order: Json) -> bool:
    return any("CHARGED" in reason["message"] for reason in order["review"])


STORY: Final = Story(
    name="price-declined",
    title="The price is changed at Juspay, and the shop declines it",
    happens=(
        "The order of 500 rupees becomes one of 5 rupees on Juspay's dashboard, and that is paid. Nobody at the shop "
        "knows of it: a person declines the payment, and it goes back."
    ),
    sees="That the payment is being checked; later the money comes back.",
    to_say=(
        "You were asked for 5 rupees instead of 500, by a mistake. The 5 rupees are on their way back; "
        "please order again."
    ),
    expected=Expected(
        shopper_saw="being_checked",
        status="REFUNDED",
        charged="5.00",
        refunded="5.00",
        refunds=1,
        announced=0,
        settled=("mismatch",),
        sentences=(
            "Nobody here changed it. The tea stays; the money goes back.",
            "The order was paid, and everything that was taken was given back.",
            "The goods must not go out",
            "They need another payment, because this one was declined",
        ),
        declined=True,
    ),
    play=play,
)
