"""The shop cancels while the payment page is open, and the shopper pays later."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.script import expect, json_of
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-cancel-1"


async def play(stage: Stage) -> Played:
    """Cancel; be paid all the same; decline the money and give it back."""
    app = await stage.at_the_page(ORDER, "540.00")
    expect(await stage.say(ORDER, "cancel", "The last tin broke."), 200)
    await stage.advance(300, "the payment page is still open on the phone")
    await app.pay(message="pays, not knowing that the order is off")
    late = await stage.until_status(ORDER, "CHARGED")
    saw = await app.shows("being_checked")
    seen = await stage.open_reasons(ORDER)
    again = json_of(await stage.say(ORDER, "cancel", "The last tin broke."))
    await stage.settle(ORDER, "late_success", "declined", "There is no tea to send. The money goes back.")
    await stage.refunded(ORDER, "540.00", "cancelled-1")
    await stage.until_status(ORDER, "REFUNDED")
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("the goods stay, though it is paid", late["paid"] is False),
            ("a person is told", seen == ["late_success"]),
            ("an order is cancelled once", again["cancelled_at"] == late["cancelled_at"]),
        ),
    )


STORY: Final = Story(
    name="cancelled-then-paid",
    title="The shop cancels, and the shopper pays later",
    happens=(
        "The shop cancels an order whose payment page is still open on the shopper's phone. Juspay cannot be told, so "
        "the shopper pays five minutes later. A person declines the money, and it goes back."
    ),
    sees="That the payment is being checked; later the money comes back.",
    to_say=(
        "We had to cancel your order before you paid. Your payment came through all the same, and all of it is on its "
        "way back to you."
    ),
    expected=Expected(
        shopper_saw="being_checked",
        status="REFUNDED",
        charged="540.00",
        refunded="540.00",
        refunds=1,
        announced=0,
        settled=("late_success",),
        sentences=("cancelled the order: The last tin broke.", "There is no tea to send. The money goes back."),
        declined=True,
    ),
    play=play,
)
