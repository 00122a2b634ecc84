"""Paystate takes a webhook, says 200 and is killed: the webhook is there after the restart."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.killed_service import Step
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-hookkill-1"


async def play(stage: Stage) -> Played:
    """Pay in the browser, so that only the webhook tells; kill what took it before anything was done about it."""
    app = await stage.at_the_page(ORDER, "420.00")
    await stage.at_rest()
    asked_before = await stage.questions(ORDER)
    async with stage.killed(
        Step.FROM_OUTSIDE, "after it answered the webhooks, before it did anything about them"
    ) as it:
        await stage.browse(app.page_url, "success@upi")
        await stage.deliver_webhooks()
        asked_since = await stage.questions(ORDER) - asked_before
        it.kill()
    await stage.until_status(ORDER, "CHARGED")
    saw = await app.shows("paid")
    webhooks = await stage.ledger(ORDER, "webhook")
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("every webhook was answered 200 at its first attempt", all(_at_once(one) for one in webhooks)),
            ("nothing had come of them before the kill", asked_since == 0),
        ),
    )


def _at_once(webhook: dict[str, object]) -> bool:
    return (webhook["attempt"], webhook["status"]) == (1, 200)


STORY: Final = Story(
    name="killed-after-webhook",
    title="Paystate is killed right after it took a message",
    happens=(
        "Juspay tells Paystate of the payment. Paystate says that it has the message, and is killed before it could do"
        " anything about it. Juspay will not send the message again."
    ),
    sees='"Paid", as soon as Paystate runs again.',
    to_say="Your money is safe: your order is paid. There is nothing for you to do.",
    expected=Expected(
        shopper_saw="paid",
        status="CHARGED",
        charged="420.00",
        refunded="0.00",
        refunds=0,
        announced=1,
        sentences=("The order is paid in full.", "The goods may go out."),
    ),
    play=play,
)
