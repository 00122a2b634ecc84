"""The shopper pays twice: one payment goes back, and a person closes the matter."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.script import PAYSTATE, Json, expect
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-twice-1"
SECOND: Final = f"teashop-{ORDER}-2"


async def play(stage: Stage) -> Played:
    """Pay; approve an old request in the UPI app as well; give one payment back."""
    app = await stage.at_the_page(ORDER, "450.00")
    await app.pay()
    saw = await app.shows("paid")
    await stage.until_status(ORDER, "CHARGED")
    await stage.happens("second_charge", "takes a second payment: an older request, approved in the UPI app", ORDER)
    twice = await stage.eventually("the second payment to be seen", lambda: stage.order(ORDER), _is_twice)
    stage.tell(PAYSTATE, "sees two payments of one order, and asks for a person")
    expect(await stage.refund(ORDER, "450.00", "paid-twice", txn_id=SECOND), 201)
    await stage.advance(60, "Juspay has worked on the refund")
    refund = await stage.until_refund(ORDER, "paid-twice", "SUCCESS")
    await stage.until_status(ORDER, "PARTIALLY_REFUNDED")
    await stage.settle(ORDER, "second_charge", "accepted", "The second payment was given back.")
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("both payments are counted", twice["amount_captured"] == "900.00"),
            ("a person is asked", [one["kind"] for one in twice["review"]] == ["second_charge"]),
            ("the refund is of the second payment", refund["txn_id"] == SECOND),
            ("the goods go out all the while", twice["paid"] is True),
        ),
    )


def _is_twice(order: Json) -> bool:
    return bool(order["amount_captured"] == "900.00")


STORY: Final = Story(
    name="second-charge",
    title="Paid twice, and one payment given back",
    happens=(
        "The order is paid. Then the shopper approves an older request in the UPI app too, and pays once more. "
        "The shop gives the second payment back, by its own name."
    ),
    sees="That the order is paid, all the time.",
    to_say=(
        "You paid twice, and we saw it. One payment is for your order, and the other is on its way back to you; "
        "it is with your bank in a few working days."
    ),
    expected=Expected(
        shopper_saw="paid",
        status="PARTIALLY_REFUNDED",
        charged="900.00",
        refunded="450.00",
        refunds=1,
        announced=1,
        settled=("second_charge",),
        sentences=(
            "tea-twice-1-1 by UPI took the money",
            "tea-twice-1-2 by UPI took the money",
            "Money: 900.00 INR captured, 450.00 INR refunded, 450.00 INR still refundable.",
            "The second payment was given back.",
        ),
    ),
    play=play,
)
