"""An app that was tampered with says "charged" and nobody has paid."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.script import PAYSTATE
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-liar-1"


async def play(stage: Stage) -> Played:
    """Open the page, pay nothing, claim everything."""
    app = await stage.at_the_page(ORDER, "999.00")
    asked_before = await stage.questions(ORDER)
    await app.claim("charged", "makes up that the payment was charged")
    await stage.eventually("Juspay to be asked", lambda: stage.questions(ORDER), lambda asked: asked > asked_before)
    stage.tell(PAYSTATE, "asks Juspay, where nobody has tried to pay")
    saw = await app.shows("waiting_for_proof")
    order = await stage.look(ORDER)
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(("the goods do not go out", order["paid"] is False),),
    )


STORY: Final = Story(
    name="app-lies",
    title="The app says paid, and nobody has paid",
    happens="A tampered app opens the payment page, pays nothing, and reports the payment as charged.",
    sees="That the shop is waiting for the payment.",
    to_say=(
        "We have no payment for this order, so it cannot go out. "
        "If your bank shows it as paid, please tell us the number your bank has for it."
    ),
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
            "That changes when Juspay answers that 999.00 INR were taken for this very order.",
        ),
    ),
    play=play,
)
