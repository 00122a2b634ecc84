"""A straight payment, refunded in parts to the last paisa, and one paisa too much."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.script import PAYSTATE, Json, expect, json_of
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-straight-1"


async def play(stage: Stage) -> Played:
    """Pay, be told, look, refund."""
    await stage.open_order(ORDER, "499.00")
    app = await stage.app()
    await app.process(ORDER)
    await app.act("pays by UPI", action="pay", method={"upi": "success@upi"})
    saw = await app.shows("paid")
    await app.terminate()
    await stage.until_status(ORDER, "CHARGED")
    for number, (amount, left) in enumerate((("100.00", "399.00"), ("150.50", "248.50"), ("248.50", "0.00")), start=1):
        expect(await stage.refund(ORDER, amount, f"part-{number}"), 201)
        await stage.advance(60, "Juspay has worked on the refund")
        await stage.eventually("the refund to be done", lambda: stage.order(ORDER), _all_done)
        stage.tell(PAYSTATE, f"knows the refund is done; {left} INR may still be refunded")
    too_much = await stage.refund(ORDER, "0.01", "one-paisa-too-much")
    order = await stage.order(ORDER)
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("one paisa too much is refused", json_of(too_much)["code"] == "amount_exceeds_refundable"),
            ("nothing is left to refund", order["amount_refundable"] == "0.00"),
        ),
    )


def _all_done(order: Json) -> bool:
    return all(one["state"] == "SUCCESS" for one in order["refunds"])


STORY: Final = Story(
    name="straight",
    title="A straight payment, and partial refunds to the last paisa",
    happens="The shopper pays. The shop refunds the order in three parts, then tries to refund one paisa more.",
    sees='"Paid" as soon as Juspay has confirmed it.',
    to_say="Your payment came through. The refunds are done; it may take your bank some days to show them.",
    expected=Expected(
        shopper_saw="paid",
        status="REFUNDED",
        charged="499.00",
        refunded="499.00",
        refunds=3,
        announced=1,
        sentences=("The order was paid, and everything that was taken was given back.", "Nothing more should go out."),
    ),
    play=play,
)
