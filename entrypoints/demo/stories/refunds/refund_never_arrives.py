"""A refund call is lost on its way to Juspay; the same id is sent again, once it is known not to be there."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.script import expect, json_of
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-rlostway-1"


async def play(stage: Stage) -> Played:
    """No answer, and nothing in Juspay's list."""
    saw = await stage.paid(ORDER, "260.00")
    await stage.fault("timeout_before_effect", "never gets to see the refund", order_id=ORDER, route="refund")
    first = json_of(expect(await stage.refund(ORDER, "260.00", "return-191"), 201))
    await stage.at_rest()
    calls_before = await stage.refund_calls(ORDER)
    await stage.advance(60, "it is not in Juspay's list, so it is sent again under the same id")
    again = await stage.until_refund(ORDER, "return-191", "PENDING")
    await stage.advance(60, "Juspay has worked on the refund")
    await stage.until_status(ORDER, "REFUNDED")
    ours = first["refund"]["refund_id"]
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("it is the same refund", again["refund_id"] == ours),
            ("it was sent once before the list was seen", calls_before == [ours]),
            ("and once more", await stage.refund_calls(ORDER) == [ours, ours]),
        ),
    )


STORY: Final = Story(
    name="refund-never-arrives",
    title="A refund never arrives at Juspay",
    happens=(
        "The call for a refund is lost on its way, and no answer comes. Paystate looks into Juspay's list,"
        " does not find it, and sends the same refund again."
    ),
    sees='"Paid"; later the refund, once.',
    to_say="Your refund was made, once, a little later than usual. It may take your bank some days to show it.",
    expected=Expected(
        shopper_saw="paid",
        status="REFUNDED",
        charged="260.00",
        refunded="260.00",
        refunds=1,
        announced=1,
        sentences=("of 260.00 INR is done.", "Nothing more should go out."),
    ),
    play=play,
)
