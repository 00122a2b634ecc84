"""Juspay makes each refund and its answer cannot be used: cut off, an error, a web page."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.script import expect
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-rcut-1"
BROKEN: Final = (
    ("cut_body", "150.00", "makes the refund; half of the answer comes"),
    ("status_5xx_after_effect", "100.00", "makes the refund; the answer is an error of its server"),
    ("not_json", "50.00", "makes the refund; a web page comes instead of the answer"),
)


async def play(stage: Stage) -> Played:
    """Three refunds, each answered in another useless way."""
    saw = await stage.paid(ORDER, "300.00")
    for name, amount, says in BROKEN:
        await stage.fault(name, says, order_id=ORDER, route="refund")
        expect(await stage.refund(ORDER, amount, name), 201)
        await stage.until_refund(ORDER, name, "PENDING")
    await stage.advance(60, "Juspay has worked on the refunds")
    order = await stage.until_status(ORDER, "REFUNDED")
    calls = await stage.refund_calls(ORDER)
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(("one call was made for each", calls == [refund["refund_id"] for refund in order["refunds"]]),),
    )


STORY: Final = Story(
    name="refund-cut-answer",
    title="A refund is made, and the answer is useless",
    happens=(
        "Juspay makes three refunds, and each answer is broken in another way: cut off, an error, a web page."
        " Paystate does not guess: it looks into Juspay's list."
    ),
    sees='"Paid"; later three refunds, each once.',
    to_say="Your refunds were made, each of them once. It may take your bank some days to show them.",
    expected=Expected(
        shopper_saw="paid",
        status="REFUNDED",
        charged="300.00",
        refunded="300.00",
        refunds=3,
        announced=1,
        sentences=(
            "Money: 300.00 INR captured, 300.00 INR refunded, 0.00 INR still refundable.",
            "Nothing more should go out.",
        ),
    ),
    play=play,
)
