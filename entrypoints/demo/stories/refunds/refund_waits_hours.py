"""A refund cannot leave for three hours, because Juspay cannot be reached."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.script import expect, json_of
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-rhours-1"
HOUR_S: Final = 3600


async def play(stage: Stage) -> Played:
    """Ask for 155 back while nobody listens at Juspay; three hours later it goes out, once.

    By hand: 155.00 of 155.00 goes back, and while it waits nothing else may.
    """
    saw = await stage.paid(ORDER, "155.00")
    await stage.juspay_goes_down("cannot be reached")
    asked = json_of(expect(await stage.refund(ORDER, "155.00", "hours-155"), 201))
    second = json_of(await stage.refund(ORDER, "155.00", "hours-again"))
    for _ in range(3):
        await stage.advance(HOUR_S, "Juspay is still away")
    await stage.at_rest()
    waiting = await stage.order(ORDER)
    await stage.juspay_comes_back("can be reached again")
    await stage.advance(HOUR_S, "the next try")
    await stage.at_rest()
    await stage.advance(60, "Juspay has worked on the refund")
    await stage.until_refund(ORDER, "hours-155", "SUCCESS")
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("it is taken at once, and waits", asked["refund"]["state"] == "REQUESTED"),
            ("its money is spoken for", second["code"] == "amount_exceeds_refundable"),
            ("nothing is back while it waits", waiting["amount_refunded"] == "0.00"),
            ("a refund that is on its way stops the goods", waiting["may_fulfil"] is False),
            ("it reached Juspay once", len(await stage.refund_calls(ORDER)) == 1),
        ),
    )


STORY: Final = Story(
    name="refund-waits-hours",
    title="A refund cannot leave for three hours",
    happens=(
        "The shop refunds an order while Juspay cannot be reached, for three hours. The refund is taken and waits; a "
        "second one of the same money is refused. When Juspay is back, it goes out once."
    ),
    sees='"Paid"; the refund comes some hours later, once.',
    to_say="Your refund is noted, and goes out as soon as the payment company can be reached. Please ask for no other.",
    expected=Expected(
        shopper_saw="paid",
        status="REFUNDED",
        charged="155.00",
        refunded="155.00",
        refunds=1,
        announced=1,
        sentences=("of 155.00 INR is done.", "Nothing more should go out."),
    ),
    play=play,
)
