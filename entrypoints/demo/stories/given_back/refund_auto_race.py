"""Our refund is sent when Juspay has begun to give the payment back by itself; Juspay refuses ours."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.script import expect, json_of
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-rauto-1"


async def play(stage: Stage) -> Played:
    """Paystate does not know of Juspay's refund when it sends its own."""
    saw = await stage.paid(ORDER, "350.00")
    lost = await stage.fault("webhook_drop", "no word of the next refund comes through", order_id=ORDER, calls=9)
    await stage.happens("auto_refund", "begins to give the payment back by itself", ORDER, status="PENDING")
    ours = json_of(expect(await stage.refund(ORDER, "350.00", "return-171"), 201))
    await stage.fix(lost, "webhooks come through again")
    begun = await stage.until_status(ORDER, "AUTO_REFUNDED")
    seen = await stage.open_reasons(ORDER)
    await stage.settle(ORDER, "withdrawn", "accepted", "The parcel was stopped at the warehouse.")
    await stage.happens("auto_refund", "has given the payment back", ORDER)
    await stage.eventually(
        "the refund to be done", lambda: stage.order(ORDER), lambda o: o["amount_refunded"] != "0.00"
    )
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("Juspay refused ours, and that is final", ours["refund"]["state"] == "REJECTED"),
            (
                "what has only begun is not back",
                (begun["amount_refunded"], begun["amount_refundable"]) == ("0.00",) * 2,
            ),
            ("a person is told that the goods are out", seen == ["withdrawn"]),
        ),
    )


STORY: Final = Story(
    name="refund-auto-race",
    title="Our refund races with one that Juspay makes by itself",
    happens=(
        "Juspay begins to give a payment back by itself, and its message is lost. The shop refunds the same payment"
        " through Paystate. Juspay refuses that one, so the money goes back once."
    ),
    sees='"Paid"; later the money comes back, once.',
    to_say="Your money was given back, once. The order is off; please order again if you still want the tea.",
    expected=Expected(
        shopper_saw="paid",
        status="AUTO_REFUNDED",
        charged="350.00",
        refunded="350.00",
        refunds=1,
        announced=1,
        settled=("withdrawn",),
        sentences=(
            "Juspay took the money and gives it back by itself; the order is not paid.",
            "of 350.00 INR was refused by Juspay",
            "of 350.00 INR, made by Juspay itself, is done.",
            "The goods must not go out",
        ),
    ),
    play=play,
)
