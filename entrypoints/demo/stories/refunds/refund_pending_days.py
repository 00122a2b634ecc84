"""A refund is pending for days, then done; it is asked about less and less often."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from paystate.entrypoints.demo.script import expect
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-rdays-1"
DAYS: Final = 4


async def play(stage: Stage) -> Played:
    """Refund; the bank sits on it for days."""
    saw = await stage.paid(ORDER, "450.00")
    expect(await stage.refund(ORDER, "450.00", "return-111"), 201)
    await stage.fault("refund_pending", "the bank sits on the refund", order_id=ORDER)
    for _ in range(DAYS):
        await stage.advance(86_400, "the refund is still pending")
    await stage.advance(3 * 3_600, "the day's look is over")  # it comes up to a tenth of a day late
    await stage.at_rest()
    await stage.until_refund(ORDER, "return-111", "PENDING")
    last_day = stage.stack.clock.now()
    asked_again_at = datetime.fromisoformat((await stage.order(ORDER))["next_look_at"])
    none_left = await stage.refund(ORDER, "450.00", "impatient")
    await stage.fault("refund_success", "the bank has given the money back", order_id=ORDER)
    await stage.until_status(ORDER, "REFUNDED")
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("nobody can refund the same money meanwhile", none_left.status_code == 422),
            ("by now Juspay is asked once a day", asked_again_at - last_day >= timedelta(hours=21)),
            ("one call was made", len(await stage.refund_calls(ORDER)) == 1),
        ),
    )


STORY: Final = Story(
    name="refund-pending-days",
    title="A refund is pending for days, then done",
    happens="The bank takes four days over a refund. Somebody at the shop gets impatient and asks for another one.",
    sees='"Paid"; the refund comes after four days.',
    to_say=(
        "Your refund is on its way; your bank is still working on it, and some banks take days. Please wait:"
        " a second refund cannot be made for the same money."
    ),
    expected=Expected(
        shopper_saw="paid",
        status="REFUNDED",
        charged="450.00",
        refunded="450.00",
        refunds=1,
        announced=1,
        sentences=("of 450.00 INR is done.", "Nothing more should go out."),
    ),
    play=play,
)
