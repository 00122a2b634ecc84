"""Juspay's webhooks go to a mistyped address, until somebody corrects it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

from paystate.entrypoints.demo.script import JUSPAY, webhook_path
from paystate.entrypoints.demo.stack import MERCHANT_ID
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-retries-1"


async def play(stage: Stage) -> Played:
    """Mistype the address on the dashboard; pay; correct it six minutes later."""
    app = await stage.at_the_page(ORDER, "705.00")
    await stage.at_rest()
    async with _mistyped(stage):
        await app.pay("pending@upi", "pays; the bank does not answer yet")
        saw = await app.shows("waiting_for_proof")
        for seconds, why in ((60, "Juspay has sent the webhooks again"), (300, "and again")):
            await stage.advance(seconds, why)
            await stage.deliver_webhooks()
    known = await stage.until_status(ORDER, "CHARGED")
    await stage.advance(300, "Juspay sends all of them again")
    await stage.deliver_webhooks()
    answers = [one["status"] for one in await stage.ledger(ORDER, "webhook") if one["event_name"] == "TXN_CREATED"]
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("the payment was found without a webhook", known["paid"] is True),
            ("Juspay tried until it was answered 200", answers == [404, 404, 404, 200]),
        ),
    )


@asynccontextmanager
async def _mistyped(stage: Stage) -> AsyncGenerator[None]:
    right = f"{stage.stack.service_url}{webhook_path()}"
    await _set_address(stage, right.replace("webhooks", "webhook"), "is told a mistyped address for webhooks")
    try:
        yield
    finally:
        await _set_address(stage, right, "is told the right address")


async def _set_address(stage: Stage, url: str, message: str) -> None:
    user, password = stage.stack.webhook_login
    target = {"url": url, "username": user, "password": password}
    await stage.juspay("POST", f"/merchants/{MERCHANT_ID}/webhook", target)
    stage.tell(JUSPAY, message)


STORY: Final = Story(
    name="webhook-retries",
    title="Messages that nobody takes, and their repeats",
    happens=(
        "Somebody mistypes the address for Juspay's messages. Juspay sends each of them again and again, on a "
        "schedule; six minutes later the address is corrected, and they arrive. "
        "The payment was found by asking long before."
    ),
    sees="That the shop is waiting for the payment, and then that it is paid.",
    to_say="Your order is paid. For some minutes no messages reached us; we had asked, and knew it already.",
    expected=Expected(
        shopper_saw="waiting_for_proof",
        status="CHARGED",
        charged="705.00",
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
