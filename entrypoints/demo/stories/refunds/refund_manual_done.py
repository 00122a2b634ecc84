"""Nobody knows how a refund ended; a person finds that it was made, and Juspay comes to the same."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.script import expect
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-rmdone-1"


async def play(stage: Stage) -> Played:
    """Juspay puts the refund into manual review; a person sees it in the bank's list; later Juspay sees it too."""
    saw = await stage.paid(ORDER, "220.00")
    expect(await stage.refund(ORDER, "220.00", "return-131"), 201)
    await stage.fault("refund_manual_review", "even Juspay cannot tell how the refund ended", order_id=ORDER)
    await stage.until_refund(ORDER, "return-131", "MANUAL_REVIEW")
    await stage.advance(86_400, "the bank has answered the shop's question")
    await stage.settle(ORDER, "refund_review", "done", "It is in the bank's list of 14 March.")
    settled = await stage.until_status(ORDER, "REFUNDED")
    again = await stage.refund(ORDER, "220.00", "once-more")
    await stage.fault("refund_success", "has found out by itself that the refund was made", order_id=ORDER)
    await stage.deliver_webhooks()
    await stage.at_rest()
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("the verdict counts at once", settled["amount_refunded"] == "220.00"),
            ("and nothing is left to refund", again.status_code == 422),
        ),
    )


STORY: Final = Story(
    name="refund-manual-done",
    title="Nobody can tell how a refund ended; it was made",
    happens=(
        "Juspay cannot say whether a refund was made. A person finds it in the bank's list and says so; later"
        " Juspay says the same."
    ),
    sees='"Paid"; the refund comes, once.',
    to_say="Your refund was made; the bank has it in its list. Please give your bank some days to show it.",
    expected=Expected(
        shopper_saw="paid",
        status="REFUNDED",
        charged="220.00",
        refunded="220.00",
        refunds=1,
        announced=1,
        settled=("refund_review",),
        sentences=(
            "because a person settled a review reason (rule R17). A person found that the money was given back",
            "as done: It is in the bank's list of 14 March.",
        ),
    ),
    play=play,
)
