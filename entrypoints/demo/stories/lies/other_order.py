"""Juspay answers the question about one order with another one, which is paid."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.script import PAYSTATE, Json, json_of
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

PAID: Final = "tea-other-0"
ORDER: Final = "tea-other-1"


async def play(stage: Stage) -> Played:
    """Pay one order; leave another of the same amount open; be answered with the wrong one."""
    first = await stage.at_the_page(PAID, "150.00")
    await first.pay()
    await stage.until_status(PAID, "CHARGED")
    app = await stage.at_the_page(ORDER, "150.00")
    await stage.fault("other_order", f"one answer tells of {PAID} instead", order_id=ORDER, params={"order_id": PAID})
    await stage.at_rest()
    doubtful = await stage.look(ORDER)
    stage.tell(PAYSTATE, "takes an answer about another order for no proof, and asks for a person")
    saw = await app.shows("waiting_for_proof")
    refused = json_of(await stage.refund(ORDER, "150.00", "not-mine"))
    await stage.look(ORDER)
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("another order's money is not this one's", doubtful["amount_captured"] == "0.00"),
            ("a person is asked", _kinds(doubtful) == ["mismatch"]),
            ("nothing is refunded on such an answer", refused["code"] == "order_not_refundable"),
        ),
    )


def _kinds(order: Json) -> list[str]:
    return [reason["kind"] for reason in order["review"]]


STORY: Final = Story(
    name="other-order",
    title="Juspay answers about another order",
    happens=(
        "Two orders cost the same, and one of them is paid. Asked about the other, Juspay answers once with the paid "
        "one. A person is asked to look, and nothing else comes of it."
    ),
    sees="That the shop is waiting for the payment.",
    to_say=(
        "We have your payment for one order, and none for this one. One of us is checking an answer that mixed the "
        "two up; please wait before you pay again."
    ),
    expected=Expected(
        shopper_saw="waiting_for_proof",
        status="NEW",
        charged="0.00",
        refunded="0.00",
        refunds=0,
        announced=0,
        review=("mismatch",),
        sentences=(
            "Juspay answered CHARGED with another order id: ours tea-other-1, theirs tea-other-0.",
            "Until then goods and refunds are held back.",
            "The goods must not go out as things stand.",
        ),
    ),
    play=play,
)
