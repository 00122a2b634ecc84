"""Our refund is under way when Juspay gives the payment back by itself; a person sees it until ours has failed."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.script import expect
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Chapter, Expected, Played, Story

ORDER: Final = "tea-rauto-1"


async def play(stage: Stage) -> Played:
    """Both are under way at once; Juspay then finds nothing left for ours."""
    saw = await stage.paid(ORDER, "350.00")
    expect(await stage.refund(ORDER, "350.00", "return-171"), 201)
    await stage.fault("refund_pending", "the refund waits at the bank", order_id=ORDER)
    await stage.fault("auto_refund", "gives the payment back by itself as well", order_id=ORDER)
    await stage.until_status(ORDER, "AUTO_REFUNDED")
    seen = await stage.open_reasons(ORDER)
    await stage.fault("refund_failure", "the other refund fails: nothing is left for it", order_id=ORDER)
    await stage.until_refund(ORDER, "return-171", "FAILURE")
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(("a person could see it meanwhile", seen == ["over_refunded"]),),
    )


STORY: Final = Story(
    name="refund-auto-race",
    chapter=Chapter.REFUNDS,
    title="Our refund races with one that Juspay makes by itself",
    happens=(
        "The shop's refund waits at the bank when Juspay gives the same payment back by itself. For a while"
        " the money might go back twice; then Juspay fails the shop's refund."
    ),
    sees='"Paid"; later the money comes back, once.',
    to_say="Your money was given back, once. We keep watching that no second refund follows.",
    expected=Expected(
        shopper_saw="paid",
        status="AUTO_REFUNDED",
        charged="350.00",
        refunded="350.00",
        refunds=1,
        announced=1,
        says=(
            "Juspay took the money and gave it back by itself; nothing was paid in the end.",
            "of 350.00 INR failed",
            "The goods must not go out",
        ),
    ),
    play=play,
)
