"""Juspay turns a refund away until every permitted try is spent; a person has to find out."""

from __future__ import annotations

from typing import Final

from paystate.core.policy import Policy
from paystate.entrypoints.demo.script import expect
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-rgiveup-1"
TRIES: Final = Policy().refund_tries_max


async def play(stage: Stage) -> Played:
    """Twelve calls with growing pauses, then a person, then a new refund."""
    saw = await stage.paid(ORDER, "280.00")
    await stage.fault(
        "status_5xx", "answers every refund of this order with an error", order_id=ORDER, route="refund", calls=TRIES
    )
    expect(await stage.refund(ORDER, "140.00", "return-201"), 201)
    for _ in range(TRIES - 1):
        await stage.at_rest()
        await stage.advance(900, "the longest pause between two tries is over")
    calls = await stage.eventually("the last try", lambda: stage.refund_calls(ORDER), lambda seen: len(seen) == TRIES)
    await stage.at_rest()
    await stage.advance(3600, "Juspay's support has answered, and its servers are well again")
    await stage.settle(ORDER, "refund_unknown", "not_done", "Juspay's support finds no such refund.")
    expect(await stage.refund(ORDER, "140.00", "return-202"), 201)
    await stage.advance(60, "Juspay has worked on the new refund")
    await stage.until_refund(ORDER, "return-202", "SUCCESS")
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(("all tries carried one id", len(set(calls)) == 1),),
    )


STORY: Final = Story(
    name="refund-unknown",
    title="A refund cannot be got through to Juspay",
    happens=(
        "Juspay answers every try of a refund with an error. After twelve tries Paystate stops and calls a"
        " person. The person asks Juspay, finds that it was not made, and refunds anew."
    ),
    sees='"Paid"; the refund comes hours later, once.',
    to_say=(
        "Your refund could not be made at first; nothing was lost. We have asked Juspay and started it anew."
        " It may take your bank some days to show it."
    ),
    expected=Expected(
        shopper_saw="paid",
        status="PARTIALLY_REFUNDED",
        charged="280.00",
        refunded="140.00",
        refunds=1,
        announced=1,
        settled=("refund_unknown",),
        sentences=("as not_done: Juspay's support finds no such refund.", "of 140.00 INR is done."),
    ),
    play=play,
)
