"""Nobody knows how a refund ended; a person finds that it was not made, and a new one is."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.script import expect
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-rmanual-1"


async def play(stage: Stage) -> Played:
    """Juspay puts the refund into manual review; a person asks the bank, settles it, and refunds anew."""
    saw = await stage.paid(ORDER, "400.00")
    expect(await stage.refund(ORDER, "150.00", "return-121"), 201)
    await stage.fault("refund_manual_review", "even Juspay cannot tell how the refund ended", order_id=ORDER)
    await stage.until_refund(ORDER, "return-121", "MANUAL_REVIEW")
    await stage.advance(86_400, "the bank has answered the shop's question")
    note = "The bank's list of 14 March does not have it."
    await stage.settle(ORDER, "refund_review", "not_done", note)
    await stage.until_refund(ORDER, "return-121", "FAILURE")
    expect(await stage.refund(ORDER, "150.00", "return-122"), 201)
    await stage.advance(60, "Juspay has worked on the new refund")
    await stage.until_refund(ORDER, "return-122", "SUCCESS")
    first = await stage.until_refund(ORDER, "return-121", "FAILURE")
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(("the person's word outlasts Juspay repeating itself", first["state"] == "FAILURE"),),
    )


STORY: Final = Story(
    name="refund-manual-review",
    title="Nobody can tell how a refund ended; it was not made",
    happens=(
        "Juspay cannot say whether a refund was made. A person asks the bank, finds that it was not, and says"
        " so; then the shop refunds anew."
    ),
    sees='"Paid"; the refund comes, later than usual.',
    to_say=(
        "Your refund got stuck between the banks. We have asked, it was not made, and we have started a new"
        " one. It may take your bank some days to show it."
    ),
    expected=Expected(
        shopper_saw="paid",
        status="PARTIALLY_REFUNDED",
        charged="400.00",
        refunded="150.00",
        refunds=1,
        announced=1,
        settled=("refund_review",),
        sentences=("as not_done: The bank's list of 14 March does not have it.", "of 150.00 INR is done."),
    ),
    play=play,
)
