"""Juspay says "duplicate call" twice: once the refund was made, once it was not."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.script import expect
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-rdup-1"


async def play(stage: Stage) -> Played:
    """The same words with two meanings; only Juspay's list of refunds tells which."""
    saw = await stage.paid(ORDER, "300.00")
    await stage.fault("duplicate_call_done", "makes the refund, and answers that it is a duplicate", order_id=ORDER)
    expect(await stage.refund(ORDER, "100.00", "return-181"), 201)
    await stage.until_refund(ORDER, "return-181", "PENDING")
    await stage.fault("duplicate_call_busy", "does not make the refund, and answers the same", order_id=ORDER)
    expect(await stage.refund(ORDER, "200.00", "return-182"), 201)
    await stage.at_rest()
    await stage.advance(60, "the second is not in Juspay's list, so it is sent again under the same id")
    await stage.until_refund(ORDER, "return-182", "PENDING")
    await stage.advance(60, "Juspay has worked on both")
    order = await stage.until_status(ORDER, "REFUNDED")
    ids = {refund["idempotency_key"]: refund["refund_id"] for refund in order["refunds"]}
    calls = await stage.refund_calls(ORDER)
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(("the first was sent once, the second twice", calls == [ids["return-181"], *[ids["return-182"]] * 2]),),
    )


STORY: Final = Story(
    name="refund-duplicate-call",
    title="Juspay says 'duplicate', and means two things",
    happens=(
        "Juspay answers two refunds with the same words, that the call is a duplicate. The first refund it"
        " has made, the second it has not. Only its own list of refunds tells which."
    ),
    sees='"Paid"; later two refunds, each once.',
    to_say="Both refunds were made, each of them once. It may take your bank some days to show them.",
    expected=Expected(
        shopper_saw="paid",
        status="REFUNDED",
        charged="300.00",
        refunded="300.00",
        refunds=2,
        announced=1,
        sentences=("of 100.00 INR is done.", "of 200.00 INR is done."),
    ),
    play=play,
)
