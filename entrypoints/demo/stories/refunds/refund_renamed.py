"""A refund's answer is lost, and Juspay lists it under another id: it is not sent again."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.script import expect
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-rname-1"


async def play(stage: Stage) -> Played:
    """Lose the answer; find a strange refund of the same amount; let a person say that it is ours."""
    saw = await stage.paid(ORDER, "360.00")
    await stage.fault(
        "timeout_after_effect", "makes the refund, and its answer is lost", order_id=ORDER, route="refund"
    )
    expect(await stage.refund(ORDER, "120.00", "two-of-six-tins"), 201)
    await stage.happens("refund_renamed", "lists the refund under an id of its own", ORDER, listed_as="gw-5501")
    await stage.advance(3600, "Juspay is asked, and does not list the refund under our id")
    await stage.at_rest()
    seen = await stage.open_reasons(ORDER)
    calls = await stage.refund_calls(ORDER)
    await stage.settle(ORDER, "refund_unknown", "done", "Juspay says by mail that gw-5501 is our refund.")
    await stage.until_status(ORDER, "PARTIALLY_REFUNDED")
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("it is not sent a second time", len(calls) == 1),
            ("a person is asked whether it is ours", seen == ["refund_unknown"]),
        ),
    )


STORY: Final = Story(
    name="refund-renamed",
    title="Our refund is listed under another id",
    happens=(
        "The answer to a refund call is lost. Juspay does not list that refund, but another one of the same amount and "
        "time. Paystate sends nothing again until a person has found out that it is the same."
    ),
    sees='"Paid"; later the money comes back, once.',
    to_say="Your refund was made, once. It took us a while to find it, because it was filed under another number.",
    expected=Expected(
        shopper_saw="paid",
        status="PARTIALLY_REFUNDED",
        charged="360.00",
        refunded="120.00",
        refunds=1,
        announced=1,
        settled=("refund_unknown",),
        sentences=(
            "is the one that Juspay lists as gw-5501.",
            "Juspay says by mail that gw-5501 is our refund.",
            "Money: 360.00 INR captured, 120.00 INR refunded, 240.00 INR still refundable.",
        ),
    ),
    play=play,
)
