"""Juspay's answers and webhooks hold members that nobody has heard of, some of them made up to look like ours."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-fields-1"


async def play(stage: Stage) -> Played:
    """Pay, while everything that Juspay says is full of new things."""
    await stage.fault("unknown_fields", "answers hold members nobody has heard of", order_id=ORDER, calls=99)
    await stage.fault("webhook_unknown_fields", "webhooks hold them too", order_id=ORDER, calls=99)
    app = await stage.at_the_page(ORDER, "230.00")
    await app.pay("failure@upi", "pays by UPI; the bank refuses")
    failed = await app.shows("not_paid")
    await app.process(ORDER)
    await app.pay("success@upi", "tries again with another account")
    saw = await app.shows("paid")
    order = await stage.until_status(ORDER, "CHARGED")
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("the failure was understood", failed == "not_paid"),
            ("nothing strange was taken for money", order["amount_captured"] == "230.00"),
        ),
    )


STORY: Final = Story(
    name="unknown-fields",
    title="Juspay says more than anybody knows of",
    happens=(
        "Juspay has added new things to its answers and messages, some of which look like an amount or a status. "
        "The first payment fails, the second goes through, and both are understood."
    ),
    sees="First that the order is not paid, and after the second try that it is.",
    to_say="Your second payment went through, and your order is paid once.",
    expected=Expected(
        shopper_saw="paid",
        status="CHARGED",
        charged="230.00",
        refunded="0.00",
        refunds=0,
        announced=1,
        sentences=(
            "Money: 230.00 INR captured, 0.00 INR refunded",
            "The goods may go out.",
        ),
    ),
    play=play,
)
