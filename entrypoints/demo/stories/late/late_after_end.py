"""The money comes after the order's time is over: it is seen, and a person decides what becomes of it."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.script import expect
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-end-1"
DAY_S: Final = 86_400


async def play(stage: Stage) -> Played:
    """Fail; expire; be charged all the same; give the money back."""
    app = await stage.at_the_page(ORDER, "640.00")
    await app.pay("failure@upi", "pays by UPI; the bank says no")
    await stage.until_status(ORDER, "FAILED")
    saw = await app.shows("not_paid")
    await stage.advance(8 * DAY_S, "the order's time is over")
    await stage.until_status(ORDER, "EXPIRED")
    await stage.happens("late_success", "hears from the bank: paid after all", ORDER)
    late = await stage.until_status(ORDER, "CHARGED")
    expect(await stage.refund(ORDER, "640.00", "too-late"), 201)
    await stage.settle(ORDER, "late_success", "accepted", "The tea is sold. The money goes back.")
    await stage.advance(60, "Juspay has worked on the refund")
    await stage.until_status(ORDER, "REFUNDED")
    kinds = [reason["kind"] for reason in late["review"] if not reason["settled"]]
    return Played(
        order_id=ORDER, shopper_saw=saw, checks=(("a person was asked to decide", kinds == ["late_success"]),)
    )


STORY: Final = Story(
    name="late-after-end",
    title="The money comes after the order's time is over",
    happens=(
        "The payment fails, a week passes, and the order expires unpaid. Then the bank takes the money after all. "
        "A person decides, and here the shop gives it back."
    ),
    sees="That the order is not paid; days later the money leaves the account, and comes back.",
    to_say=(
        "Your bank took the money a week late, when the order was closed already. "
        "We have given all of it back; it is with your bank in a few working days."
    ),
    expected=Expected(
        shopper_saw="not_paid",
        status="REFUNDED",
        charged="640.00",
        refunded="640.00",
        refunds=1,
        announced=1,
        settled=("late_success",),
        sentences=(
            "The order was paid, and everything that was taken was given back.",
            "The tea is sold. The money goes back.",
            "Nothing more should go out.",
        ),
    ),
    play=play,
)
