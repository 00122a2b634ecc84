"""Paystate is restarted twice while a shopper pays."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-restart-1"


async def play(stage: Stage) -> Played:
    """Restart between initiate and process, and again while the shopper is at the bank."""
    await stage.open_order(ORDER, "315.00")
    app = await stage.app()
    await stage.restart_service("a new version is installed")
    await app.process(ORDER)
    await app.act("chooses a bank and is sent to its page", action="pay", method={"nb": "NB_AXIS"}, bank="wait")
    await stage.restart_service("and a newer one")
    waiting = await app.shows("waiting_for_proof")
    await app.act("approves at the bank", action="approve")
    await stage.until_status(ORDER, "CHARGED")
    saw = await app.shows("paid")
    await app.terminate()
    return Played(order_id=ORDER, shopper_saw=saw, checks=(("the app could go on", waiting == "waiting_for_proof"),))


STORY: Final = Story(
    name="service-restarted",
    title="Paystate is restarted while the shopper pays",
    happens="Paystate is restarted after the app has started, and once more while the shopper is at the bank's page.",
    sees="That the shop is waiting for the payment, and then that it is paid. The app goes on as if nothing had been.",
    to_say="Your order is paid. There is nothing for you to do.",
    expected=Expected(
        shopper_saw="paid",
        status="CHARGED",
        charged="315.00",
        refunded="0.00",
        refunds=0,
        announced=1,
        sentences=("The order is paid in full.", "The goods may go out."),
    ),
    play=play,
)
