"""Two clerks refund the last money at the same moment; only one refund fits."""

from __future__ import annotations

import asyncio
from typing import Final

from paystate.entrypoints.demo.script import json_of
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-rclerks-1"


async def play(stage: Stage) -> Played:
    """Two requests in parallel, each for more than half of the money."""
    saw = await stage.paid(ORDER, "100.00")
    answers = await asyncio.gather(*(stage.refund(ORDER, "60.00", f"clerk-{number}") for number in (1, 2)))
    refusals = [json_of(answer)["code"] for answer in answers if not answer.is_success]
    await stage.advance(60, "Juspay has worked on the refund")
    await stage.until_status(ORDER, "PARTIALLY_REFUNDED")
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("one request is taken", sorted(answer.status_code for answer in answers) == [201, 422]),
            ("the other is refused for its amount", refusals == ["amount_exceeds_refundable"]),
            ("Juspay heard of one", len(await stage.refund_calls(ORDER)) == 1),
        ),
    )


STORY: Final = Story(
    name="refund-two-clerks",
    title="Two clerks refund the same money",
    happens="Two clerks ask at the same moment for a refund of 60.00 each, on an order of 100.00.",
    sees='"Paid"; later one refund.',
    to_say="One refund of 60.00 was made. Two clerks had asked for it, and only one could be right.",
    expected=Expected(
        shopper_saw="paid",
        status="PARTIALLY_REFUNDED",
        charged="100.00",
        refunded="60.00",
        refunds=1,
        announced=1,
        sentences=(
            "Money: 100.00 INR captured, 60.00 INR refunded, 40.00 INR still refundable.",
            "of 60.00 INR is done.",
        ),
    ),
    play=play,
)
