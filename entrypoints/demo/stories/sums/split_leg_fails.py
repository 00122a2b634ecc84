"""One of two payments of an order fails, and the other goes back by itself."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.script import SHOPPER
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-legfails-1"
LEGS: Final = (
    {"amount": "40.00", "status": "Failure", "method": {"card": "4242424242424242"}},
    {"amount": "460.00", "status": "AUTO_REFUNDED", "refund": "MANUAL_REVIEW"},
)
SECOND: Final = f"teashop-{ORDER}-1-2"


async def play(stage: Stage) -> Played:
    """Fail to pay 40 by card; pay 460 by UPI, which goes back: in doubt at first, then done.

    By hand: only the second payment took money, 460.00; 0.00 of it is back at first, then 460.00.
    """
    app = await stage.at_the_page(ORDER, "500.00")
    await stage.juspay("POST", f"/orders/{ORDER}/legs", {"legs": list(LEGS)})
    stage.tell(SHOPPER, "pays 40.00 INR by card, which fails, and 460.00 INR by UPI")
    await stage.until_status(ORDER, "AUTO_REFUNDED")
    saw = await app.shows("being_checked")
    doubtful = await stage.look(ORDER)
    await stage.advance(86_400, "Juspay has asked the bank")
    await stage.happens("auto_refund", "knows that the 460.00 are back", ORDER, txn_id=SECOND, status="SUCCESS")
    await stage.look(ORDER)
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("a part is no payment", doubtful["paid"] is False),
            (
                "what may be back is not back, and is not refundable",
                (doubtful["amount_refunded"], doubtful["amount_refundable"]) == ("0.00", "0.00"),
            ),
            (
                "one part failed, the other goes back",
                sorted(one["state"] for one in doubtful["attempts"]) == ["AUTO_REFUNDED", "FAILED"],
            ),
        ),
    )


STORY: Final = Story(
    name="split-leg-fails",
    title="One of two parts fails, and the other goes back",
    happens=(
        "The shopper pays 40 rupees by card and 460 by UPI for one order. The card is refused, so Juspay gives the "
        "460 back by itself; for a day nobody can tell whether that worked."
    ),
    sees="That the payment is being checked.",
    to_say="Your card was refused, so the order is not paid. The 460 rupees that you paid by UPI have gone back.",
    expected=Expected(
        shopper_saw="being_checked",
        status="AUTO_REFUNDED",
        charged="460.00",
        refunded="460.00",
        refunds=1,
        announced=0,
        sentences=("Money: 460.00 INR captured, 460.00 INR refunded, 0.00 INR still refundable.",),
    ),
    play=play,
)
