"""Two payments while Paystate is down: Juspay's answer names one of them, its webhooks name both."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.script import PAYSTATE, Json, json_of
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-unseen-1"
FIRST: Final = f"teashop-{ORDER}-1"


async def play(stage: Stage) -> Played:
    """Be down; be paid twice; find the payment that no answer names, and have Juspay give it back."""
    app = await stage.at_the_page(ORDER, "610.00")
    await stage.at_rest()
    stage.tell(PAYSTATE, "(fault) is down, and hears of nothing")
    await stage.stack.service.stop()
    await stage.browse(app.page_url, "success@upi")
    await stage.happens("second_charge", "takes a second payment: an older request, approved in the UPI app", ORDER)
    await stage.stack.service.start()
    stage.tell(PAYSTATE, "is up again")
    await stage.advance(600, "Juspay's messages are sent once more")
    saw = await app.shows("paid")
    one = await stage.eventually("both payments to be known", lambda: stage.order(ORDER), _has_reason)
    seen = await stage.open_reasons(ORDER)
    unproved = json_of(await stage.refund(ORDER, "610.00", "the-other", txn_id=FIRST))
    await stage.happens("auto_refund", "finds the payment on the shop's word, and gives it back", ORDER, txn_id=FIRST)
    both = await stage.eventually("it to be back", lambda: stage.order(ORDER), lambda o: o["amount_refunded"] != "0.00")
    await stage.settle(ORDER, "unexplained_payment", "accepted", "Juspay has found it and given it back.")
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("a webhook's word is no money", one["amount_captured"] == "610.00"),
            ("a person is told of the other payment", seen == ["unexplained_payment"]),
            ("what no answer has shown is not refunded from here", unproved["code"] == "unknown_transaction"),
            ("the payment that stands is untouched", both["amount_refundable"] == "610.00" and both["paid"] is True),
        ),
    )


def _has_reason(order: Json) -> bool:
    return bool(order["review"])


STORY: Final = Story(
    name="two-unseen",
    title="Two payments, and Juspay's answer names one of them",
    happens=(
        "Paystate is down, and the shopper pays twice. Juspay's answer names only the second payment, its messages "
        "name both. A person is told, asks Juspay, and Juspay gives the first one back."
    ),
    sees="That the order is paid, all the time.",
    to_say=(
        "You paid twice, while our system was down. One payment is for your order, and Juspay is giving the other one "
        "back; you need do nothing."
    ),
    expected=Expected(
        shopper_saw="paid",
        status="CHARGED",
        charged="1220.00",
        refunded="610.00",
        refunds=1,
        announced=1,
        settled=("unexplained_payment",),
        sentences=(
            "of 610.00 INR, made by Juspay itself, is done.",
            "Money: 1220.00 INR captured, 610.00 INR refunded, 610.00 INR still refundable.",
            "Juspay has found it and given it back.",
            "The goods may go out.",
        ),
    ),
    play=play,
)
