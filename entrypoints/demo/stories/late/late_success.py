"""A payment that failed is charged after all, forty minutes later."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-late-1"


async def play(stage: Stage) -> Played:
    """Fail in front of the shopper; let the money come when nobody waits for it any more."""
    app = await stage.at_the_page(ORDER, "520.00")
    await app.pay("failure@upi", "pays by UPI; the bank says no")
    await stage.until_status(ORDER, "FAILED")
    saw = await app.shows("not_paid")
    await app.terminate()
    await stage.happens("late_success", "will hear from the bank in 40 minutes: paid after all", ORDER, after_s=2400)
    await stage.advance(2400, "nobody is waiting any more")
    order = await stage.until_status(ORDER, "CHARGED")
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(("the goods may go out", order["paid"] is True),),
    )


STORY: Final = Story(
    name="late-success",
    title="A failed payment succeeds forty minutes later",
    happens="The bank refuses the payment in front of the shopper, and takes the money forty minutes later.",
    sees="That the order is not paid; when the money has come, the shop can say that it is.",
    to_say=(
        "Your bank told us no and took the money later. We have it, and your order goes ahead. "
        "If you have paid by another order meanwhile, tell us: then this one is given back."
    ),
    expected=Expected(
        shopper_saw="not_paid",
        status="CHARGED",
        charged="520.00",
        refunded="0.00",
        refunds=0,
        announced=1,
        sentences=(
            "The attempt had ended without money, but the money came after all",
            "The goods may go out.",
        ),
    ),
    play=play,
)
