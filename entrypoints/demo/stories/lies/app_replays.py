"""The app sends an old success once more: to a checkout that is over, and to another one."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

PAID: Final = "tea-replay-0"
ORDER: Final = "tea-replay-1"


async def play(stage: Stage) -> Played:
    """Pay a cheap order, end its checkout, and use its success again for a dear one."""
    first = await stage.at_the_page(PAID, "10.00")
    await first.pay()
    await first.shows("paid")
    await first.terminate()
    after_the_end = await first.claim("charged", "sends the old success to the old checkout, which is over")
    app = await stage.at_the_page(ORDER, "950.00")
    asked_before = await stage.questions(ORDER)
    await app.claim("charged", "sends the old success to the new checkout")
    await stage.eventually("Juspay to be asked", lambda: stage.questions(ORDER), lambda asked: asked > asked_before)
    saw = await app.shows("waiting_for_proof")
    order = await stage.look(ORDER)
    old = await stage.truth(PAID)
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("an event after the end is noted and changes nothing", after_the_end == "stale"),
            ("the goods do not go out", order["paid"] is False),
            ("the cheap order is paid once", old["charges"] == 1),
        ),
    )


STORY: Final = Story(
    name="app-replays",
    title="An old success is sent again",
    happens=(
        "The shopper pays a cheap order. A tampered app then sends that success once more, "
        "first to the checkout that is over, and then to the checkout of a dear order."
    ),
    sees="That the shop is waiting for the payment of the dear order.",
    to_say="The payment you name belongs to your other order. This one is not paid yet; you can still pay it.",
    expected=Expected(
        shopper_saw="waiting_for_proof",
        status="NEW",
        charged="0.00",
        refunded="0.00",
        refunds=0,
        announced=0,
        sentences=(
            "Nobody has paid yet, as far as Juspay has told us.",
            "The goods must not go out as things stand.",
        ),
    ),
    play=play,
)
