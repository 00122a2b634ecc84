"""A shop that weighs its goods takes less than is held, as it means to: no person is needed."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-weighed-1"


async def play(stage: Stage) -> Played:
    """Ask for a hold of 900; weigh; take 840."""
    app = await stage.at_the_page(ORDER, "900.00", capture="manual")
    await app.pay()
    held = await stage.until_status(ORDER, "AUTHORIZED")
    await stage.advance(600, "the tea has been weighed: 840.00 INR")
    await stage.capture(ORDER, "840.00", "weighed-1")
    after = await stage.until_status(ORDER, "PARTIAL_CHARGED")
    saw = await app.shows("paid")
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            (
                "the money was held, and nothing taken",
                (held["amount_held"], held["amount_captured"]) == ("900.00", "0.00"),
            ),
            ("a part that was asked for needs no person", after["review"] == []),
            ("the goods may go out", after["may_fulfil"] is True),
            ("only what was taken can be given back", after["amount_refundable"] == "840.00"),
        ),
    )


STORY: Final = Story(
    name="weighed",
    title="A part of the held money is taken, as the shop asked",
    happens=(
        "The tea is sold by weight, so the order asks for a hold. The bank holds 900 rupees, the tea comes to 840, and "
        "the shop has just that taken. The goods may go out at once."
    ),
    sees="That it is paid, when the tea has been weighed.",
    to_say="Your tea came to 840 rupees, and that is what we took. Your bank lets go of the other 60.",
    expected=Expected(
        shopper_saw="paid",
        status="PARTIAL_CHARGED",
        charged="840.00",
        refunded="0.00",
        refunds=0,
        announced=1,
        sentences=(
            "Money: 840.00 INR captured, 0.00 INR refunded, 840.00 INR still refundable.",
            "of 840.00 INR is done.",
            "The goods may go out.",
        ),
    ),
    play=play,
)
