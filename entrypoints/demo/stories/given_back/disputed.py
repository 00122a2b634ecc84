"""The shopper's bank wants a payment back: refunds wait until that is decided."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.script import Json, json_of
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-dispute-1"
DAYS_S: Final = 20 * 86_400


async def play(stage: Stage) -> Played:
    """Pay; dispute it at the bank; ask the shop for the money too; have the bank decide for the shop."""
    saw = await stage.paid(ORDER, "780.00")
    await stage.happens("chargeback", "hears from the shopper's bank: it wants the payment back", ORDER)
    await stage.eventually("the dispute to be seen", lambda: stage.order(ORDER), _has_reason)
    held = json_of(await stage.refund(ORDER, "780.00", "while-disputed"))
    seen = await stage.open_reasons(ORDER)
    await stage.advance(DAYS_S, "the bank has read the shop's papers")
    await stage.happens(
        "chargeback", "hears that the bank has decided for the shop", ORDER, status="RESOLVED_IN_MERCHANT_FAVOUR"
    )
    await stage.eventually("the outcome to be known", lambda: stage.explanation(ORDER), _has_outcome)
    await stage.settle(ORDER, "dispute", "accepted", "Won, says Juspay's dashboard. The shop refunds the broken pot.")
    await stage.refunded(ORDER, "200.00", "broken-pot")
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("no refund beside a dispute: it could go back twice", held["code"] == "order_not_refundable"),
            ("a person is told", seen == ["dispute"]),
        ),
    )


def _has_reason(order: Json) -> bool:
    return bool(order["review"])


def _has_outcome(sentences: list[str]) -> bool:
    return any("dispute has ended" in sentence for sentence in sentences)


STORY: Final = Story(
    name="disputed",
    title="The shopper's bank wants the payment back",
    happens=(
        "The shopper disputes the payment at the bank, and asks the shop for a refund as well. Refunds wait, because "
        "the money could go back twice. The bank decides for the shop, which then refunds a part."
    ),
    sees='"Paid"; the refund comes when the bank has decided.',
    to_say=(
        "Your bank is looking at this payment, and until it has decided we may not refund it. "
        "As soon as it has, we will."
    ),
    expected=Expected(
        shopper_saw="paid",
        status="PARTIALLY_REFUNDED",
        charged="780.00",
        refunded="200.00",
        refunds=1,
        announced=1,
        settled=("dispute",),
        sentences=(
            "of 200.00 INR is done.",
            "Won, says Juspay's dashboard.",
            "Money: 780.00 INR captured, 200.00 INR refunded, 580.00 INR still refundable.",
        ),
    ),
    play=play,
)
