"""A return address of last month, with its right signature, is opened again."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.script import expect
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-return-1"
MONTH_S: Final = 30 * 86_400


async def play(stage: Stage) -> Played:
    """Pay, be refunded, and open last month's address again."""
    app = await stage.at_the_page(ORDER, "430.00")
    way_back = await stage.browse(app.page_url, "success@upi")
    await stage.come_back(way_back)
    saw = await app.shows("paid")
    expect(await stage.refund(ORDER, "430.00", "not-my-tea"), 201)
    await stage.advance(60, "Juspay has worked on the refund")
    await stage.until_status(ORDER, "REFUNDED")
    await stage.advance(MONTH_S, "the address is still in the browser's history")
    asked_before = await stage.questions(ORDER)
    again = await stage.come_back(way_back)
    await stage.eventually("Juspay to be asked", lambda: stage.questions(ORDER), lambda asked: asked > asked_before)
    order = await stage.order(ORDER)
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("the shopper is sent to the shop", again.status_code == 303),
            ("the shop is told the order's id and no status", again.headers["location"].endswith(f"?order_id={ORDER}")),
            ("the refund stands", order["amount_refundable"] == "0.00"),
        ),
    )


STORY: Final = Story(
    name="old-return",
    title="Last month's return address is opened again",
    happens=(
        "The shopper paid and was given the money back. A month later somebody opens the old address from the "
        "browser's history. It says charged, and its signature is right."
    ),
    sees="The shop's page, which shows the order as it is now: given back.",
    to_say="That page was last month's. Your order was paid and given back in full, and nothing has changed since.",
    expected=Expected(
        shopper_saw="paid",
        status="REFUNDED",
        charged="430.00",
        refunded="430.00",
        refunds=1,
        announced=1,
        sentences=(
            "The order was paid, and everything that was taken was given back.",
            "Nothing more should go out.",
        ),
    ),
    play=play,
)
