"""The clock of Paystate's machine jumps a day forward and back; nothing is decided by it."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from paystate.entrypoints.demo.script import expect, json_of
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-clock-1"
KEY: Final = "jumped"


async def play(stage: Stage) -> Played:
    """Pay while our clock is a day ahead; lose a refund's answer in that day; set the clock right."""
    app = await stage.at_the_page(ORDER, "540.00")
    await app.act("approves in the UPI app; the bank takes its time", action="pay", method={"upi": "pending@upi"})
    waiting = await app.shows("waiting_for_proof")
    stage.set_our_clock(timedelta(days=1), "Paystate's machine believes that it is tomorrow")
    await stage.at_rest()
    await stage.advance(60, "the bank has answered")
    await stage.until_status(ORDER, "CHARGED")
    await stage.fault("timeout_after_effect", "the refund's answer is lost on the way", order_id=ORDER, route="refund")
    first = json_of(expect(await stage.refund(ORDER, "540.00", KEY), 201))
    stage.set_our_clock(timedelta(0), "Paystate's machine is set right, a day back")
    again = json_of(expect(await stage.refund(ORDER, "540.00", KEY), 200))
    await stage.advance(60, "Juspay has worked on the refund")
    await stage.until_status(ORDER, "REFUNDED")
    calls = await stage.refund_calls(ORDER)
    return Played(
        order_id=ORDER,
        shopper_saw=waiting,
        checks=(
            ("both requests name one refund", first["refund"]["refund_id"] == again["refund"]["refund_id"]),
            ("one call was made for it", len(calls) == 1),
        ),
    )


STORY: Final = Story(
    name="clock-jumps",
    title="The clock jumps a day forward, and back",
    happens=(
        "The clock of Paystate's machine jumps a day ahead while a payment is under way. It is set right a minute"
        " later, just after a refund whose answer was lost."
    ),
    sees="That the shop is waiting for the payment, and then that it is paid.",
    to_say="Your payment came through, and the refund was made, once. It may take your bank some days to show it.",
    expected=Expected(
        shopper_saw="waiting_for_proof",
        status="REFUNDED",
        charged="540.00",
        refunded="540.00",
        refunds=1,
        announced=1,
        sentences=("of 540.00 INR is done.", "Nothing more should go out."),
    ),
    play=play,
)
