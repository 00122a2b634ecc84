"""An answer is so slow that a newer one overtakes it."""

from __future__ import annotations

import asyncio
from typing import Final

from paystate.entrypoints.demo.script import BACKEND, JUSPAY, PAYSTATE
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-stale-1"


async def play(stage: Stage) -> Played:
    """Ask before the payment; be answered after it."""
    app = await stage.at_the_page(ORDER, "340.00")
    await stage.at_rest()
    await stage.fault(
        "slow_drip",
        "the next answer comes in drops, slowly",
        order_id=ORDER,
        route="order_status",
        params={"bytes": 80, "every_s": 0.1},
    )
    asked = await stage.questions(ORDER)
    slow = asyncio.create_task(stage.backend("POST", f"/v1/orders/{ORDER}/look"))
    await stage.eventually("the slow question", lambda: stage.questions(ORDER), lambda now: now > asked)
    stage.tell(BACKEND, f"has Juspay asked about {ORDER}; the answer, not paid, is under way")
    await app.pay()
    saw = await app.shows("paid")
    await stage.until_status(ORDER, "CHARGED")
    overtaken = not slow.done()
    answered = await slow
    stage.tell(JUSPAY, "the slow answer is here at last: nobody has paid")
    stage.tell(PAYSTATE, "sees that it belongs to an older question, and changes nothing")
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("the newer answer was faster", overtaken),
            ("the older answer was taken, and the order is still paid", answered.json()["paid"] is True),
        ),
    )


STORY: Final = Story(
    name="stale-answer",
    title="A slow answer is overtaken by a newer one",
    happens=(
        "Juspay is asked just before the shopper pays, and its answer, not paid, takes long. "
        "A question after the payment is answered at once. Then the old answer comes in."
    ),
    sees="That the order is paid.",
    to_say="Your order is paid. An answer from before your payment came in late, and it has changed nothing.",
    expected=Expected(
        shopper_saw="paid",
        status="CHARGED",
        charged="340.00",
        refunded="0.00",
        refunds=0,
        announced=1,
        sentences=(
            "The order is paid in full.",
            "The goods may go out.",
        ),
    ),
    play=play,
)
