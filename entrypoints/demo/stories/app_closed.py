"""The app dies before the result, no webhook comes, and the worker finds the money."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.stage import APP, Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-closed-1"


async def play(stage: Stage) -> Played:
    """Pay slowly, lose the app, drop every webhook."""
    await stage.fault("webhook_drop", "no webhook of this order ever arrives", order_id=ORDER, calls=20)
    await stage.open_order(ORDER, "750.00")
    app = await stage.app()
    await app.process(ORDER)
    await app.act("pays by UPI; the bank takes its time", action="pay", method={"nb": "NB_AXIS"}, bank="wait")
    await app.act("approves at the bank", action="approve")
    saw = await app.shows("waiting_for_proof")
    await app.act("closes the app; it will never tell anything again", action="close_app")
    stage.tell(APP, "is gone")
    await stage.advance(90, "the bank has paid, and nobody has told the shop")
    await stage.until_status(ORDER, "CHARGED")
    webhooks = await stage.ledger(ORDER, "webhook")
    return Played(order_id=ORDER, shopper_saw=saw, checks=(("no webhook was delivered", not webhooks),))


STORY: Final = Story(
    name="app-closed",
    title="The app is closed before the result",
    happens="The bank is slow, the shopper closes the app, every webhook is lost. Only the worker's looks are left.",
    expected=Expected(
        shopper_saw="waiting_for_proof", status="CHARGED", charged="750.00", refunded="0.00", refunds=0, announced=1
    ),
    play=play,
)
