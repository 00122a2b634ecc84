"""A forged webhook and a tampered return URL: neither makes a failed payment paid."""

from __future__ import annotations

import json
from typing import Final

from paystate.entrypoints.demo.stack import MERCHANT_ID
from paystate.entrypoints.demo.stage import PAYSTATE, STRANGER, Stage, webhook_path, with_other_status
from paystate.entrypoints.demo.story import Chapter, Expected, Played, Story

ORDER: Final = "tea-forged-1"


async def play(stage: Stage) -> Played:
    """Fail to pay, then lie about it in every way there is."""
    await stage.open_order(ORDER, "349.00")
    app = await stage.app()
    await app.process(ORDER)
    way_back = await stage.browse(app.page_url, "failure@upi")
    await stage.deliver_webhooks()
    await stage.until_status(ORDER, "FAILED")
    user, password = stage.stack.webhook_login
    guessed = await _forge(stage, "a guessed password", (user, "letmein"))
    asked_before = await stage.questions(ORDER)
    leaked = await _forge(stage, "a leaked password", (user, password))
    await stage.eventually("Juspay to be asked", lambda: stage.questions(ORDER), lambda asked: asked > asked_before)
    stage.tell(PAYSTATE, "asks Juspay, which knows of no payment; the order stays as it is")
    tampered = await stage.come_back(with_other_status(way_back, "CHARGED"))
    genuine = await stage.come_back(way_back)
    saw = await app.shows("not_paid")
    await stage.eventually("the forged webhook to be settled", lambda: _waiting(stage), lambda left: left == 0)
    order = await stage.order(ORDER)
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("a wrong password is refused", guessed == 401),
            ("a leaked password makes Paystate ask Juspay, and no more", leaked == 200 and not order["paid"]),
            ("a tampered return is refused", tampered.status_code == 400),
            ("the genuine return is taken", genuine.status_code == 303),
        ),
    )


async def _forge(stage: Stage, told: str, login: tuple[str, str]) -> int:
    body = {
        "id": "evt_V2_f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0",
        "event_name": "ORDER_SUCCEEDED",
        "content": {"order": {"order_id": ORDER, "merchant_id": MERCHANT_ID, "status": "CHARGED", "amount": 349}},
    }
    answer = await stage.http.post(
        f"{stage.stack.service_url}{webhook_path()}",
        content=json.dumps(body),
        auth=login,
        headers={"Content-Type": "application/json"},
    )
    stage.tell(STRANGER, f"sends a webhook that claims CHARGED, with {told}: {answer.status_code}")
    return answer.status_code


async def _waiting(stage: Stage) -> int:
    return len(await stage.stack.installation.ports.store.take_inbox())


STORY: Final = Story(
    name="forged",
    chapter=Chapter.LIES,
    title="A forged message and a changed return address",
    happens=(
        "The payment fails. A stranger twice sends a made-up message that it went through, the second time with the "
        "right password, and changes the address on which the shopper comes back so that it says the same."
    ),
    sees="That the order is not paid.",
    phone=(
        "We have no payment from you for this order. Please try again. "
        "If your bank shows money taken, it comes to us late or goes back to you by itself."
    ),
    expected=Expected(
        shopper_saw="not_paid",
        status="FAILED",
        charged="0.00",
        refunded="0.00",
        refunds=0,
        announced=0,
        says=(
            "The payment failed.",
            "The goods must not go out on what is known now.",
        ),
    ),
    play=play,
)
