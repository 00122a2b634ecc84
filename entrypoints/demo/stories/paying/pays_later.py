"""The bank takes its time, and then the money is there."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.script import PAYSTATE
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-later-1"


async def play(stage: Stage) -> Played:
    """Pay, wait for the bank, be told."""
    app = await stage.at_the_page(ORDER, "820.00")
    await app.pay("pending@upi", "approves the payment; the bank does not answer yet")
    meanwhile = await app.shows("waiting_for_proof")
    waiting = await stage.until_status(ORDER, "PENDING")
    stage.tell(PAYSTATE, "keeps the goods back, and goes on asking")
    await stage.advance(60, "the bank has answered")
    saw = await app.shows("paid")
    await stage.until_status(ORDER, "CHARGED")
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("while the bank was silent the order was neither paid nor failed", meanwhile == "waiting_for_proof"),
            ("while the bank was silent a next look was planned", waiting["next_look_at"] is not None),
        ),
    )


STORY: Final = Story(
    name="pays-later",
    title="The bank answers a minute late",
    happens="The shopper approves and the bank does not answer. A minute later it does, and the money is taken.",
    sees="That the shop is waiting for the payment, and then that it is paid.",
    to_say=(
        "Your bank took a minute to answer, and now the order is paid. "
        "If it still says waiting: please do not pay again, it settles by itself."
    ),
    expected=Expected(
        shopper_saw="paid",
        status="CHARGED",
        charged="820.00",
        refunded="0.00",
        refunds=0,
        announced=1,
        sentences=(
            "The order is paid in full.",
            "Money: 820.00 INR captured, 0.00 INR refunded",
            "The goods may go out.",
        ),
    ),
    play=play,
)
