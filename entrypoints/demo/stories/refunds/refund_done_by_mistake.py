"""A person says that a refund was made; Juspay says later that it failed."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.script import expect
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-rmistake-1"


async def play(stage: Stage) -> Played:
    """Settle a doubtful refund as done by mistake; hear that it failed; refund anew.

    By hand: 270.00 is taken; the failed refund gives back 0.00, the new one 270.00.
    """
    saw = await stage.paid(ORDER, "270.00")
    expect(await stage.refund(ORDER, "270.00", "mistake-1"), 201)
    await stage.fault("refund_manual_review", "even Juspay cannot tell how the refund ended", order_id=ORDER)
    await stage.until_refund(ORDER, "mistake-1", "MANUAL_REVIEW")
    await stage.settle(ORDER, "refund_review", "done", "I think I saw it in the bank's list.")
    believed = await stage.until_status(ORDER, "REFUNDED")
    await stage.fault("refund_failure", "has found out that the refund was not made", order_id=ORDER)
    await stage.deliver_webhooks()
    await stage.look(ORDER)
    told = await stage.open_reasons(ORDER)
    for kind in told:
        await stage.settle(ORDER, kind, "not_done", "It was another shopper's refund in the list.")
    corrected = await stage.order(ORDER)
    expect(await stage.refund(ORDER, "270.00", "mistake-2"), 201)
    await stage.advance(60, "the new refund has gone out")
    await stage.at_rest()
    await stage.advance(60, "Juspay has worked on it")
    await stage.until_refund(ORDER, "mistake-2", "SUCCESS")
    await stage.until_status(ORDER, "REFUNDED")
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("the person was believed at first", believed["amount_refunded"] == "270.00"),
            ("Juspay's word against it calls a person", told == ["denied"]),
            ("the money may be given back again", corrected["amount_refundable"] == "270.00"),
        ),
    )


STORY: Final = Story(
    name="refund-done-by-mistake",
    title="A person was wrong about a refund",
    happens=(
        "Nobody can tell how a refund ended, and a person says by mistake that it was made. Juspay finds out that it "
        "failed; the person looks again, and the shop refunds anew."
    ),
    sees='"Paid"; the refund comes days later, once.',
    to_say="We thought that your refund was made, and it was not. It has been made now; we are sorry for the delay.",
    expected=Expected(
        shopper_saw="paid",
        status="REFUNDED",
        charged="270.00",
        refunded="270.00",
        refunds=1,
        announced=1,
        settled=("denied", "refund_review"),
        sentences=("It was another shopper's refund in the list.", "of 270.00 INR is done."),
    ),
    play=play,
)
