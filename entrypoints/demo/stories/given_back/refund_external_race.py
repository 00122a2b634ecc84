"""Our refund and one on the dashboard race for the same money; Juspay refuses ours, and nothing is lost."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.script import expect, json_of
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-rrace-1"


async def play(stage: Stage) -> Played:
    """Paystate does not know of the other refund when it sends its own."""
    saw = await stage.paid(ORDER, "300.00")
    await stage.fault("webhook_drop", "no word of the next refund comes through", order_id=ORDER, calls=1)
    await stage.fault(
        "external_refund",
        "somebody refunds 200.00 INR on Juspay's dashboard in the same moment",
        order_id=ORDER,
        params={"amount": "200.00"},
    )
    lost = json_of(expect(await stage.refund(ORDER, "150.00", "return-161"), 201))
    await stage.until_status(ORDER, "PARTIALLY_REFUNDED")
    expect(await stage.refund(ORDER, "100.00", "return-162"), 201)
    await stage.advance(60, "Juspay has worked on the refund")
    await stage.until_status(ORDER, "REFUNDED")
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("Juspay refused ours, and that is final", lost["refund"]["state"] == "REJECTED"),
            ("the refusal gives Juspay's reason", lost["refund"]["refusal"] == "invalid.amount.exceeded"),
        ),
    )


STORY: Final = Story(
    name="refund-external-race",
    title="Our refund and one on the dashboard race for the same money",
    happens=(
        "The shop refunds through Paystate while somebody refunds on Juspay's dashboard, and Paystate cannot"
        " know of it yet. Together it would be more than was paid."
    ),
    sees='"Paid"; later two refunds, together what was paid.',
    to_say="All your money was given back, in two refunds. A third one was refused, because nothing was left for it.",
    expected=Expected(
        shopper_saw="paid",
        status="REFUNDED",
        charged="300.00",
        refunded="300.00",
        refunds=2,
        announced=1,
        sentences=(
            "of 150.00 INR was refused by Juspay",
            "(Juspay's reason: invalid.amount.exceeded).",
            "of 200.00 INR, made elsewhere, is done.",
        ),
    ),
    play=play,
)
