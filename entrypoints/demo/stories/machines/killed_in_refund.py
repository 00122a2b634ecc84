"""Paystate is killed at each step of a refund, and each refund is made once."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.killed_service import Step
from paystate.entrypoints.demo.script import expect
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-killed-1"
REFUNDS: Final = (
    (Step.RESERVED, "40.00", "right after the refund was stored; nothing was sent"),
    (Step.COUNTED, "30.00", "right before the call to Juspay"),
    (Step.MADE, "20.00", "after Juspay made the refund, before its answer was stored"),
    (Step.ANSWERED, "10.00", "after the answer was stored, before the backend heard of it"),
)


async def play(stage: Stage) -> Played:
    """Four refunds, each killed at another step; after each restart the backend asks again with the same key."""
    saw = await stage.paid(ORDER, "100.00")
    for step, amount, says in REFUNDS:
        async with stage.killed(step, says):
            await stage.refund_unanswered(ORDER, amount, f"killed-{step}")
        await stage.advance(60, "whatever is unclear is asked about by now")
        await stage.at_rest()
        expect(await stage.refund(ORDER, amount, f"killed-{step}"), 200)
    await stage.advance(60, "Juspay has worked on the refunds")
    order = await stage.until_status(ORDER, "REFUNDED")
    called = await stage.refund_calls(ORDER)
    ours = {refund["refund_id"] for refund in order["refunds"]}
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("four refunds are known", len(ours) == len(REFUNDS)),
            ("one call was made for each", sorted(called) == sorted(ours)),
        ),
    )


STORY: Final = Story(
    name="killed-in-refund",
    title="Paystate is killed in the middle of a refund, four times",
    happens=(
        "The shop refunds an order in four parts. Each time Paystate is killed at another moment of the refund, the"
        " shop gets no answer, and asks for the same refund again."
    ),
    sees='"Paid"; later four refunds, each once.',
    to_say="Your refunds were made, each of them once. It may take your bank some days to show them.",
    expected=Expected(
        shopper_saw="paid",
        status="REFUNDED",
        charged="100.00",
        refunded="100.00",
        refunds=4,
        announced=1,
        sentences=(
            "Money: 100.00 INR captured, 100.00 INR refunded, 0.00 INR still refundable.",
            "Nothing more should go out.",
        ),
    ),
    play=play,
)
