"""Two equal partial refunds at once: the second waits five seconds, and none is refused."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.script import Json, expect, json_of
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-requal-1"


async def play(stage: Stage) -> Played:
    """Two different returns of equal price, refunded in the same second."""
    saw = await stage.paid(ORDER, "200.00")
    first = json_of(expect(await stage.refund(ORDER, "50.00", "cup-1"), 201))
    second = json_of(expect(await stage.refund(ORDER, "50.00", "cup-2"), 201))
    await stage.at_rest()
    called_at_once = await stage.refund_calls(ORDER)
    await stage.advance(5, "Juspay takes an equal amount again")
    await stage.until_refund(ORDER, "cup-2", "PENDING")
    await stage.advance(60, "Juspay has worked on both")
    await stage.until_refund(ORDER, "cup-1", "SUCCESS")
    await stage.until_refund(ORDER, "cup-2", "SUCCESS")
    calls = [call for call in await stage.ledger(ORDER, "call") if call["name"] == "refund"]
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("the first is sent at once, the second waits", called_at_once == [_id(first)]),
            ("the second is stored all the same", second["refund"]["state"] == "REQUESTED"),
            ("Juspay refused neither", [call["status"] for call in calls] == [200, 200]),
        ),
    )


def _id(answer: Json) -> str:
    return str(answer["refund"]["refund_id"])


STORY: Final = Story(
    name="refund-equal-amounts",
    title="Two equal refunds in the same second",
    happens=(
        "Two cups of the same price come back, and the shop refunds both at once. Juspay would take the"
        " second for a repetition of the first, so Paystate waits five seconds with it."
    ),
    sees='"Paid"; later two refunds of the same amount.',
    to_say="Both refunds were made; you see two entries of the same amount. That is right.",
    expected=Expected(
        shopper_saw="paid",
        status="PARTIALLY_REFUNDED",
        charged="200.00",
        refunded="100.00",
        refunds=2,
        announced=1,
        sentences=(
            "Money: 200.00 INR captured, 100.00 INR refunded, 100.00 INR still refundable.",
            "of 50.00 INR is done.",
        ),
    ),
    play=play,
)
