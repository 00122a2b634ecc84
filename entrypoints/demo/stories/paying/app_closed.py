"""The app dies before the result, no webhook comes, and the worker finds the money."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.script import APP, JUSPAY
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-closed-1"


async def play(stage: Stage) -> Played:
    """Leave the app at the bank's page, drop every webhook."""
    await stage.fault("webhook_drop", "no webhook of this order ever arrives", order_id=ORDER, calls=20)
    await stage.open_order(ORDER, "750.00")
    app = await stage.app()
    await app.process(ORDER)
    await app.act("chooses a bank and is sent to its page", action="pay", method={"nb": "NB_AXIS"}, bank="wait")
    saw = await app.shows("waiting_for_proof")
    await app.act("closes the app at the bank's page", action="close_app")
    stage.tell(APP, "is gone, and will never tell how it ended")
    await stage.advance(45, "the shopper has approved in the bank's own app")
    await stage.juspay("POST", f"/orders/{ORDER}/settle", {"outcome": "SUCCESS"})
    stage.tell(JUSPAY, "has the money; its webhook is lost")
    await stage.advance(60, "nobody has told the shop anything")
    await stage.until_status(ORDER, "CHARGED")
    webhooks = await stage.ledger(ORDER, "webhook")
    return Played(order_id=ORDER, shopper_saw=saw, checks=(("no webhook was delivered", not webhooks),))


STORY: Final = Story(
    name="app-closed",
    title="The app is closed before the result",
    happens=(
        "The shopper closes the app and pays in the bank's own. Every message from Juspay is lost, "
        "so there is nothing left but to ask."
    ),
    sees="At first that the shop is waiting for the payment; when the app is opened again, that it is paid.",
    to_say=("Your money is safe: we have it, and the order is on its way. Please do not pay a second time."),
    expected=Expected(
        shopper_saw="waiting_for_proof",
        status="CHARGED",
        charged="750.00",
        refunded="0.00",
        refunds=0,
        announced=1,
        sentences=(
            "The order is paid in full.",
            "because Juspay answered CHARGED",
            "The goods may go out.",
        ),
    ),
    play=play,
)
