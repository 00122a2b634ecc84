"""Somebody refunds on Juspay's dashboard; Paystate finds it, and less is left."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.script import expect, json_of
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-rdash-1"


async def play(stage: Stage) -> Played:
    """A refund from the dashboard, then ours: first too much, then what is left."""
    saw = await stage.paid(ORDER, "300.00")
    await stage.fault(
        "external_refund",
        "somebody refunds 200.00 INR on Juspay's dashboard",
        order_id=ORDER,
        params={"amount": "200.00"},
    )
    await stage.until_status(ORDER, "PARTIALLY_REFUNDED")
    too_much = await stage.refund(ORDER, "150.00", "return-151")
    expect(await stage.refund(ORDER, "100.00", "return-152"), 201)
    await stage.advance(60, "Juspay has worked on the refund")
    order = await stage.until_status(ORDER, "REFUNDED")
    origins = sorted(refund["origin"] for refund in order["refunds"])
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("more than what is left is refused", json_of(too_much)["code"] == "amount_exceeds_refundable"),
            ("the order tells whose refund is whose", origins == ["elsewhere", "requested"]),
        ),
    )


STORY: Final = Story(
    name="refund-external",
    title="Somebody refunds on Juspay's dashboard",
    happens=(
        "A part of the order is refunded on Juspay's dashboard, beside Paystate. Then the shop asks for more"
        " than what is left, and then for the rest."
    ),
    sees='"Paid"; later two refunds.',
    to_say=(
        "Both refunds were made; together they are all that you paid. It may take your bank some days to show them."
    ),
    expected=Expected(
        shopper_saw="paid",
        status="REFUNDED",
        charged="300.00",
        refunded="300.00",
        refunds=2,
        announced=1,
        sentences=("of 200.00 INR, made elsewhere, is done.", "of 100.00 INR is done."),
    ),
    play=play,
)
