"""The goods are released, and then Juspay gives the payment back: the shop is told at once."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-withdrawn-1"


async def play(stage: Stage) -> Played:
    """Pay; release the goods; be given the money back by Juspay an hour later."""
    app = await stage.at_the_page(ORDER, "430.00")
    await app.pay()
    saw = await app.shows("paid")
    paid = await stage.until_status(ORDER, "CHARGED")
    await stage.advance(3600, "the tea is packed")
    await stage.happens("auto_refund", "begins to give the payment back by itself", ORDER, status="PENDING")
    begun = await stage.until_status(ORDER, "AUTO_REFUNDED")
    seen = await stage.open_reasons(ORDER)
    await stage.happens("auto_refund", "has given it back", ORDER)
    await stage.eventually(
        "the refund to be done", lambda: stage.order(ORDER), lambda o: o["amount_refunded"] != "0.00"
    )
    await stage.settle(ORDER, "withdrawn", "accepted", "The parcel had not left; it is back on the shelf.")
    told = [name for name in await stage.announced(ORDER) if name in ("order.paid", "order.withdrawn")]
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("the goods were released", paid["may_fulfil"] is True),
            ("they are stopped when it is begun, not when it is done", begun["may_fulfil"] is False),
            ("the shop is told, and so is a person", (told[-1], seen) == ("order.withdrawn", ["withdrawn"])),
        ),
    )


STORY: Final = Story(
    name="goods-withdrawn",
    title="The goods are released, then Juspay gives the payment back",
    happens=(
        "The order is paid, and the shop is told that the goods may go out. An hour later Juspay gives the payment "
        "back by itself. The shop is told at once, and a person stops the parcel."
    ),
    sees="That the order is paid; later the money comes back, though nobody at the shop sent it.",
    to_say=(
        "Your payment was given back by the payment provider, so we have stopped the parcel. "
        "If you still want the tea, please order again."
    ),
    expected=Expected(
        shopper_saw="paid",
        status="AUTO_REFUNDED",
        charged="430.00",
        refunded="430.00",
        refunds=1,
        announced=1,
        settled=("withdrawn",),
        sentences=(
            "Juspay took the money and gives it back by itself; the order is not paid.",
            "of 430.00 INR, made by Juspay itself, is done.",
            "The parcel had not left; it is back on the shelf.",
            "The goods must not go out",
        ),
    ),
    play=play,
)
