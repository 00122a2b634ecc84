"""Two payments are made while Paystate is down: Juspay's answer names one, its webhooks name both."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.script import PAYSTATE
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Chapter, Expected, Played, Story

ORDER: Final = "tea-unseen-1"
FIRST: Final = f"teashop-{ORDER}-1"


async def play(stage: Stage) -> Played:
    """Go down; be paid twice; come back up; find out about the payment that no answer names."""
    app = await stage.at_the_page(ORDER, "610.00")
    await stage.at_rest()
    stage.tell(PAYSTATE, "(fault) goes down")
    await stage.stack.service.stop()
    await stage.juspay("POST", "/faults", {"name": "webhook_drop", "order_id": ORDER, "calls": 0})
    return Played(order_id=ORDER, shopper_saw="", checks=())


STORY: Final = Story(
    name="two-unseen",
    chapter=Chapter.LATE,
    title="Two payments, and Juspay's answer names one of them",
    happens="x.",
    sees="x.",
    to_say="x.",
    expected=Expected(
        shopper_saw="paid",
        status="CHARGED",
        charged="1220.00",
        refunded="610.00",
        refunds=1,
        announced=1,
    ),
    play=play,
)
