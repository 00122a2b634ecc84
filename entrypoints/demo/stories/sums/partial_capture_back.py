"""Only a part of the held money was taken, and all of that goes back."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.script import json_of
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-partback-1"


async def play(stage: Stage) -> Played:
    """Hold 900; take 250; be asked for 900 back; give 250.

    By hand: of 900.00 only 250.00 is taken, so 250.00 is all that can go back: 100.00 and 150.00.
    """
    await stage.happens("hold", "the bank will only hold the money", ORDER)
    app = await stage.at_the_page(ORDER, "900.00")
    await app.pay()
    await stage.until_status(ORDER, "AUTHORIZED")
    await stage.capture(ORDER, "250.00", "partback-1")
    part = await stage.until_status(ORDER, "PARTIAL_CHARGED")
    saw = await app.shows("paid")
    too_much = json_of(await stage.refund(ORDER, "900.00", "partback-900"))
    await stage.refunded(ORDER, "100.00", "partback-100")
    await stage.at_rest()
    less = await stage.order(ORDER)
    await stage.refunded(ORDER, "150.00", "partback-150")
    after = await stage.until_status(ORDER, "REFUNDED")
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("only what was taken can go back", part["amount_refundable"] == "250.00"),
            ("the price is more than that", too_much["code"] == "amount_exceeds_refundable"),
            ("a part back leaves the rest", less["amount_refundable"] == "150.00"),
            ("then nothing is left", after["amount_refundable"] == "0.00"),
            ("no goods go out any more", after["may_fulfil"] is False),
        ),
    )


STORY: Final = Story(
    name="partial-capture-back",
    title="Of a part that was taken, all goes back",
    happens=(
        "The bank holds 900 rupees, and the shop has 250 of them taken. Then the tea is spoilt. Somebody asks for 900 "
        "back and is refused; the 250 go back in two parts."
    ),
    sees="That the order is paid; later 100 and 150 rupees come back.",
    to_say="We took 250 of the 900 rupees that your bank held, and all 250 have gone back to you.",
    expected=Expected(
        shopper_saw="paid",
        status="REFUNDED",
        charged="250.00",
        refunded="250.00",
        refunds=2,
        announced=1,
        sentences=("Money: 250.00 INR captured, 250.00 INR refunded, 0.00 INR still refundable.",),
    ),
    play=play,
)
