"""An order is paid with a card and by UPI; refunds go over both."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.script import SHOPPER
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-split-1"
LEGS: Final = (
    {"amount": "700.00", "method": {"card": "4242424242424242"}},
    {"amount": "300.00", "method": {"upi": "success@upi"}},
)


async def play(stage: Stage) -> Played:
    """Pay 700 by card and 300 by UPI; be given 900 back out of both, and then the rest."""
    app = await stage.at_the_page(ORDER, "1000.00")
    await stage.juspay("POST", f"/orders/{ORDER}/legs", {"legs": list(LEGS)})
    stage.tell(SHOPPER, "pays 700.00 INR by card and 300.00 INR by UPI")
    saw = await app.shows("paid")
    paid = await stage.until_status(ORDER, "CHARGED")
    await stage.refunded(ORDER, "900.00", "most-of-it")
    part = await stage.until_status(ORDER, "PARTIALLY_REFUNDED")
    await stage.refunded(ORDER, "100.00", "the-rest")
    await stage.until_status(ORDER, "REFUNDED")
    shares = [(one["unique_request_id"][20:], one["amount"]) for one in (await stage.truth(ORDER))["refunds"]]
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("both payments are one order's money", (paid["amount_captured"], len(paid["attempts"])) == ("1000.00", 2)),
            ("paying in parts is no second charge", paid["review"] == []),
            ("one refund is one, whatever it is made of", len(part["refunds"]) == 1),
            ("no leg gives back more than it took", shares == [("", "700.00"), ("-1", "200.00"), ("", "100.00")]),
        ),
    )


STORY: Final = Story(
    name="split-payment",
    title="Paid in two ways at once, refunded over both",
    happens=(
        "The shopper pays 700 rupees by card and 300 by UPI for one order. The shop refunds 900: Juspay takes 700 "
        "from the card's payment and 200 from the other. Then the rest goes back."
    ),
    sees="That the order is paid; later amounts come back to the card and by UPI.",
    to_say=(
        "You paid with your card and by UPI, so the money comes back to both: 700 rupees to the card, and 300 by "
        "UPI in two parts."
    ),
    expected=Expected(
        shopper_saw="paid",
        status="REFUNDED",
        charged="1000.00",
        refunded="1000.00",
        refunds=2,
        announced=1,
        sentences=(
            "tea-split-1-1-1 by CARD/VISA took the money",
            "tea-split-1-1-2 by UPI took the money",
            "of 900.00 INR is done.",
            "The order was paid, and everything that was taken was given back.",
        ),
    ),
    play=play,
)
