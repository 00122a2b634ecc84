"""A payment is pending for months, and is made in the end."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.script import JUSPAY, expect
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-months-1"
DAY_S: Final = 86_400


async def play(stage: Stage) -> Played:
    """Pay; hear nothing for four months; be charged after all; give it back.

    By hand: 0.00 is taken for 128 days, then 715.00, and all of that goes back.
    """
    app = await stage.at_the_page(ORDER, "715.00")
    await app.pay("stuck@upi", "approves the payment; the bank does not answer")
    saw = await app.shows("waiting_for_proof")
    await stage.until_status(ORDER, "PENDING")
    await stage.advance(8 * DAY_S, "the order's time is over")
    await stage.eventually("a person to be asked", lambda: stage.order(ORDER), lambda seen: bool(seen["review"]))
    await stage.settle(ORDER, "overdue", "accepted", "The bank does not know; we wait.")
    await stage.advance(120 * DAY_S, "four months have gone by, and the bank has still not answered")
    await stage.at_rest()
    asked = await stage.questions(ORDER)
    still = await stage.order(ORDER)
    await stage.juspay("POST", f"/orders/{ORDER}/settle", {"outcome": "SUCCESS"})
    stage.tell(JUSPAY, "hears from the bank: paid")
    await stage.deliver_webhooks()
    await stage.until_status(ORDER, "CHARGED")
    expect(await stage.refund(ORDER, "715.00", "after-months"), 201)
    for kind in await stage.open_reasons(ORDER):
        await stage.settle(ORDER, kind, "accepted", "Nobody waits for this tea any more; the money goes back.")
    await stage.advance(60, "Juspay has worked on the refund")
    await stage.until_status(ORDER, "REFUNDED")
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("it stays pending, and unpaid", (still["status"], still["paid"]) == ("PENDING", False)),
            ("the person who has spoken is not asked again", all(one["settled"] for one in still["review"])),
            ("Juspay was asked, and not all the time", 0 < asked < 128),
        ),
    )


STORY: Final = Story(
    name="pending-for-months",
    title="A payment is pending for four months",
    happens=(
        "The shopper approves, and the bank does not answer for four months. Then it takes the money. Nobody waits for "
        "the tea any more, and the shop gives the money back."
    ),
    sees="That the shop is waiting for the payment; after four months the money leaves the account, and comes back.",
    to_say="Your bank took the money four months late. We have given all of it back.",
    expected=Expected(
        shopper_saw="waiting_for_proof",
        status="REFUNDED",
        charged="715.00",
        refunded="715.00",
        refunds=1,
        announced=1,
        settled=("late_success", "overdue"),
        sentences=("Nobody waits for this tea any more; the money goes back.", "Nothing more should go out."),
    ),
    play=play,
)
