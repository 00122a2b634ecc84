"""The shopper pays twice, and Juspay gives the second payment back by itself."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.script import Json
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-auto-1"
SECOND: Final = f"teashop-{ORDER}-2"


async def play(stage: Stage) -> Played:
    """Pay twice; do nothing; see one payment go back, at the second try."""
    app = await stage.at_the_page(ORDER, "380.00")
    await app.pay()
    saw = await app.shows("paid")
    await stage.until_status(ORDER, "CHARGED")
    await stage.happens("second_charge", "takes a second payment, made in another tab", ORDER)
    await stage.eventually("the second payment to be seen", lambda: stage.order(ORDER), _is_twice)
    await stage.happens("auto_refund_failed", "tries to give the second payment back, in vain", ORDER, txn_id=SECOND)
    kept = await stage.look(ORDER)
    seen = await stage.open_reasons(ORDER)
    await stage.happens("auto_refund", "tries again, and gives the second payment back", ORDER, txn_id=SECOND)
    order = await stage.eventually("the refund to be seen", lambda: stage.order(ORDER), _is_fully_refunded)
    left = await stage.open_reasons(ORDER)
    await stage.settle(ORDER, "second_charge", "accepted", "Juspay has given the second payment back.")
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("what failed to go back is not back", kept["amount_refunded"] == "0.00"),
            ("the second payment is counted once", kept["amount_captured"] == "760.00"),
            ("a person is told of both", seen == ["second_charge", "auto_refund_failed"]),
            ("what came back at last needs no person any more", left == ["second_charge"]),
            ("the one payment can still be refunded, and no more", order["amount_refundable"] == "380.00"),
        ),
    )


def _is_twice(order: Json) -> bool:
    return bool(order["amount_captured"] == "760.00")


def _is_fully_refunded(order: Json) -> bool:
    return bool(order["amount_refunded"] == "380.00")


STORY: Final = Story(
    name="auto-refund",
    title="Paid twice, and Juspay gives one back by itself",
    happens=(
        "The shopper pays the order twice. Juspay gives the second payment back without being asked, at the second try."
    ),
    sees="That the order is paid, all the time.",
    to_say="You paid twice. The second payment is already on its way back to you, so there is nothing you need to do.",
    expected=Expected(
        shopper_saw="paid",
        status="CHARGED",
        charged="760.00",
        refunded="380.00",
        refunds=1,
        announced=1,
        settled=("second_charge",),
        sentences=(
            "of 380.00 INR, made by Juspay itself, is done",
            "Money: 760.00 INR captured, 380.00 INR refunded, 380.00 INR still refundable.",
            "The goods may go out.",
        ),
    ),
    play=play,
)
