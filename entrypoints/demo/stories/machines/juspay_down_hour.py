"""Juspay is gone for an hour, then back: what was open is found out, and nobody storms the door."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.script import JUSPAY, expect, json_of
from paystate.entrypoints.demo.shopper import ShopperApp
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-down-1"
UNDECIDED: Final = "tea-down-2"
PAID_BEFORE: Final = "tea-down-3"
QUESTIONS_MAX: Final = 3
"""For each order, in the first minute after the hour."""


async def play(stage: Stage) -> Played:
    """Two shoppers at their banks' pages, one refund asked for in vain; an hour later everything is found out."""
    await stage.paid(PAID_BEFORE, "80.00")
    app = await _at_the_bank(stage, ORDER)
    await _at_the_bank(stage, UNDECIDED)
    saw = await app.shows("waiting_for_proof")
    await stage.juspay_goes_down("does not answer any more")
    asked = json_of(expect(await stage.refund(PAID_BEFORE, "80.00", "down"), 201))
    for _ in range(4):
        await stage.advance(900, "Juspay is still down")
    await stage.at_rest()
    await stage.juspay_comes_back("is back; one shopper has approved in the bank's own app, one has not")
    before = await _questions(stage)
    await stage.juspay("POST", f"/orders/{ORDER}/settle", {"outcome": "SUCCESS"})
    await stage.advance(60, "webhooks and looks find out what happened")
    await stage.until_status(ORDER, "CHARGED")
    await stage.at_rest()
    asked_since = [after - count for count, after in zip(before, await _questions(stage), strict=True)]
    stage.tell(JUSPAY, f"was asked {sum(asked_since)} times about three orders in the first minute")
    await stage.advance(900, "the refund, which had never reached Juspay, is sent again at its time")
    await stage.until_refund(PAID_BEFORE, "down", "PENDING")
    calls = await stage.refund_calls(PAID_BEFORE)
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("no order was asked about more than a few times", max(asked_since) <= QUESTIONS_MAX),
            ("the refund was stored although nobody answered", asked["refund"]["state"] == "REQUESTED"),
            ("and reached Juspay once", len(calls) == 1),
        ),
    )


async def _questions(stage: Stage) -> list[int]:
    return [await stage.questions(order_id) for order_id in (ORDER, UNDECIDED, PAID_BEFORE)]


async def _at_the_bank(stage: Stage, order_id: str) -> ShopperApp:
    app = await stage.at_the_page(order_id, "610.00")
    await app.act("chooses a bank and is sent to its page", action="pay", method={"nb": "NB_AXIS"}, bank="wait")
    return app


STORY: Final = Story(
    name="juspay-down-hour",
    title="Juspay is down for an hour",
    happens=(
        "Two shoppers are at their banks' pages when Juspay stops answering for an hour; one of them pays all the same."
        " Another order is to be refunded in that hour. Then Juspay is back."
    ),
    sees="That the shop is waiting for the payment; after the hour, that it is paid.",
    to_say=(
        "Juspay does not answer at the moment, so we cannot see your payment yet. Please do not pay again: we find out"
        " by ourselves as soon as Juspay is back, and your money is not lost."
    ),
    expected=Expected(
        shopper_saw="waiting_for_proof",
        status="CHARGED",
        charged="610.00",
        refunded="0.00",
        refunds=0,
        announced=1,
        sentences=("The order is paid in full.", "The goods may go out."),
    ),
    play=play,
)
