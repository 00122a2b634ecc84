"""The same order is open in two places, and is paid once."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-tabs-1"


async def play(stage: Stage) -> Played:
    """Open the payment page on phone and tablet, pay on the tablet, try to pay on the phone."""
    phone = await stage.at_the_page(ORDER, "275.00")
    tablet = await stage.app()
    await tablet.process(ORDER)
    await tablet.pay("success@upi", "pays on the tablet")
    await stage.until_status(ORDER, "CHARGED")
    refused = await phone.cannot_pay("tries to pay on the phone as well")
    await phone.act("presses back on the phone", action="back")
    saw = await phone.shows("paid")
    again = await phone.refused_process(ORDER)
    truth = await stage.truth(ORDER)
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("the open page takes no second payment", "paid already" in refused),
            ("no new page is opened for a paid order", again == "order_not_payable"),
            ("there was one try to pay", len(truth["attempts"]) == 1),
        ),
    )


STORY: Final = Story(
    name="two-tabs",
    title="The same order on two devices",
    happens=(
        "The shopper has the payment page of one order open on a phone and on a tablet. "
        "They pay on the tablet, and then try on the phone too."
    ),
    sees="On both devices that the order is paid; the second payment is not taken.",
    to_say="You paid once, on the tablet. The phone took nothing: a paid order takes no second payment.",
    expected=Expected(
        shopper_saw="paid",
        status="CHARGED",
        charged="275.00",
        refunded="0.00",
        refunds=0,
        announced=1,
        sentences=(
            "The order is paid in full.",
            "Money: 275.00 INR captured",
            "The goods may go out.",
        ),
    ),
    play=play,
)
