"""A forged webhook and a tampered return URL: neither makes a failed payment paid."""

from __future__ import annotations

from typing import Final

from paystate.core.ports.store import InboxVerdict
from paystate.entrypoints.demo.script import PAYSTATE, STRANGER, webhook_path, with_other_status
from paystate.entrypoints.demo.stack import MERCHANT_ID
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-forged-1"


async def play(stage: Stage) -> Played:
    """Fail to pay, and be lied to about it in every way there is."""
    await stage.fault(
        "webhook_forge",
        "beside the true webhook comes a forged one that claims success, with the right password",
        order_id=ORDER,
        route="ORDER_FAILED",
    )
    app = await stage.at_the_page(ORDER, "349.00")
    way_back = await stage.browse(app.page_url, "failure@upi")
    await stage.deliver_webhooks()
    await stage.until_status(ORDER, "FAILED")
    await stage.at_rest()
    forged = [row.verdict for row in await stage.inbox(ORDER) if b"ORDER_SUCCEEDED" in row.body]
    stage.tell(PAYSTATE, "asked after the forged one too; Juspay knows of no payment, and the order stays as it is")
    guessed = await _with_a_guessed_password(stage)
    tampered = await stage.come_back(with_other_status(way_back, "CHARGED"))
    genuine = await stage.come_back(way_back)
    saw = await app.shows("not_paid")
    order = await stage.order(ORDER)
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("a wrong password is refused", guessed == 401),
            (
                "a leaked password makes Paystate ask Juspay, and no more",
                forged == [InboxVerdict.LOOKED] and not order["paid"],
            ),
            ("a tampered return is refused", tampered.status_code == 400),
            ("the genuine return is taken", genuine.status_code == 303),
        ),
    )


async def _with_a_guessed_password(stage: Stage) -> int:
    content = {"order": {"order_id": ORDER, "merchant_id": MERCHANT_ID, "status": "CHARGED", "amount": 349}}
    body = {"id": "evt_V2_f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0", "event_name": "ORDER_SUCCEEDED", "content": content}
    url = f"{stage.stack.service_url}{webhook_path()}"
    answer = await stage.http.post(url, json=body, auth=(MERCHANT_ID, "letmein"))
    stage.tell(STRANGER, f"sends a webhook that claims success, with a guessed password: {answer.status_code}")
    return answer.status_code


STORY: Final = Story(
    name="forged",
    title="A forged message and a changed return address",
    happens=(
        "The payment fails. A stranger sends made-up messages that it went through, one of them with the right "
        "password, and changes the address on which the shopper comes back so that it says the same."
    ),
    sees="That the order is not paid.",
    to_say=(
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
        sentences=(
            "The payment failed.",
            "The goods must not go out as things stand.",
        ),
    ),
    play=play,
)
