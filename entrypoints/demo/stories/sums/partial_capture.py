"""Only a part of the held money is taken: a person decides whether that is enough."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-part-1"


async def play(stage: Stage) -> Played:
    """Pay 900 on hold; be given 600; accept it."""
    await stage.happens("hold", "the bank will only hold the money", ORDER)
    app = await stage.at_the_page(ORDER, "900.00")
    await app.pay()
    await stage.until_status(ORDER, "AUTHORIZED")
    await stage.happens("partial_charge", "600.00 of the held 900.00 INR are taken", ORDER, amount="600.00")
    await stage.look(ORDER)
    part = await stage.until_status(ORDER, "PARTIAL_CHARGED")
    meanwhile = await app.shows("being_checked")
    await stage.settle(ORDER, "partial_capture", "accepted", "One of three tins is sold out; two were agreed on.")
    saw = await app.shows("paid")
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("the goods wait for a person", part["paid"] is False and meanwhile == "being_checked"),
            ("only what was taken can be given back", part["amount_refundable"] == "600.00"),
        ),
    )


STORY: Final = Story(
    name="partial-capture",
    title="Only a part of the money is taken",
    happens=(
        "The bank holds 900 rupees, and 600 of them are taken, because one of three tins is sold out. "
        "The goods wait until a person says that this is enough."
    ),
    sees="That the payment is being checked, and then that it is paid.",
    to_say="We took 600 of the 900 rupees, for the two tins that you get. Your bank lets go of the other 300.",
    expected=Expected(
        shopper_saw="paid",
        status="PARTIAL_CHARGED",
        charged="600.00",
        refunded="0.00",
        refunds=0,
        announced=1,
        settled=("partial_capture",),
        sentences=(
            "Only a part of the amount was taken.",
            "Money: 600.00 INR captured, 0.00 INR refunded, 600.00 INR still refundable.",
            "One of three tins is sold out; two were agreed on.",
            "The goods may go out.",
        ),
    ),
    play=play,
)
