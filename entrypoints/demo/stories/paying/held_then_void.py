"""The bank only holds the money, and it is released: nothing was ever paid."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-void-1"


async def play(stage: Stage) -> Played:
    """Pay on hold; a first release fails; a second goes through."""
    await stage.happens("hold", "the bank will only hold the money", ORDER)
    app = await stage.at_the_page(ORDER, "480.00")
    await app.pay()
    await app.shows("waiting_for_proof")
    await stage.until_status(ORDER, "AUTHORIZED")
    await stage.happens("void_failed", "the shop has the held money released; that fails at first", ORDER)
    failed = await stage.look(ORDER)
    await stage.happens("void", "the second try works", ORDER)
    await stage.look(ORDER)
    await stage.until_status(ORDER, "VOIDED")
    saw = await app.shows("not_paid")
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(("while the release fails the money counts as held", failed["status"] == "AUTHORIZED"),),
    )


STORY: Final = Story(
    name="held-then-void",
    title="Money on hold, and released",
    happens=(
        "The bank only holds the money. The tea turns out to be sold, so the shop has the money released; "
        "the first try to do so fails, the second works."
    ),
    sees="That the shop is waiting for the payment, and then that the order is not paid.",
    to_say="We never took your money, it was only on hold. The hold is released; your bank shows that in a few days.",
    expected=Expected(
        shopper_saw="not_paid",
        status="VOIDED",
        charged="0.00",
        refunded="0.00",
        refunds=0,
        announced=0,
        sentences=(
            "The held money was released; nothing was paid.",
            "held the money and let it go again",
            "The goods must not go out as things stand.",
        ),
    ),
    play=play,
)
