"""More forged webhooks about one order than are kept, with the right password."""

from __future__ import annotations

import asyncio
from typing import Final

import httpx

from paystate.core.policy import DEFAULT
from paystate.entrypoints.demo.script import PAYSTATE, STRANGER, webhook_path
from paystate.entrypoints.demo.stack import MERCHANT_ID
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-flood-1"
MANY: Final = DEFAULT.webhooks_max + 10
AT_ONCE: Final = 20


async def play(stage: Stage) -> Played:
    """Open the page; be flooded; pay all the same."""
    app = await stage.at_the_page(ORDER, "445.00")
    await stage.at_rest()
    asked_before = await stage.questions(ORDER)
    answers = await _flood(stage)
    await stage.at_rest()
    asked = await stage.questions(ORDER) - asked_before
    stage.tell(PAYSTATE, f"took all of them and asked Juspay {asked} times; nobody has paid")
    await app.pay("pending@upi", "pays; the bank takes a minute")
    saw = await app.shows("waiting_for_proof")
    await stage.advance(60, "the bank has answered")
    await stage.until_status(ORDER, "CHARGED")
    kept = await stage.inbox(ORDER)
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("every webhook was taken", answers == {200}),
            ("they are kept one by one up to a bound, and counted from there", len(kept) == DEFAULT.webhooks_max + 1),
            ("Juspay was asked about as often as on a quiet day", asked <= DEFAULT.looks_per_minute),
        ),
    )


async def _flood(stage: Stage) -> set[int]:
    gate = asyncio.Semaphore(AT_ONCE)
    answers = await asyncio.gather(*(_forged(stage, number, gate) for number in range(MANY)))
    stage.tell(STRANGER, f"sends {MANY} webhooks that claim success, with a leaked password")
    return {answer.status_code for answer in answers}


async def _forged(stage: Stage, number: int, gate: asyncio.Semaphore) -> httpx.Response:
    content = {"order": {"order_id": ORDER, "merchant_id": MERCHANT_ID, "status": "CHARGED"}}
    body = {"id": f"evt_V2_{number:032x}", "event_name": "ORDER_SUCCEEDED", "content": content}
    async with gate:
        url = f"{stage.stack.service_url}{webhook_path()}"
        return await stage.http.post(url, json=body, auth=stage.stack.webhook_login)


STORY: Final = Story(
    name="webhook-flood",
    title="Five hundred forged messages about one order",
    happens=(
        "A stranger who has the password sends some five hundred made-up messages that an order is paid. All are "
        "taken, Juspay is asked a handful of times, and nothing is believed. Then the shopper really pays."
    ),
    sees="That the shop is waiting for the payment, and then that it is paid.",
    to_say="Your order is paid, once. There is nothing for you to do.",
    expected=Expected(
        shopper_saw="waiting_for_proof",
        status="CHARGED",
        charged="445.00",
        refunded="0.00",
        refunds=0,
        announced=1,
        sentences=("The order is paid in full.", "The goods may go out."),
    ),
    play=play,
)
