"""Juspay writes its answers carelessly: text for numbers, lists for objects, numbers for ids."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "20260314001"


async def play(stage: Stage) -> Played:
    """Pay with the app closed; be told of it in odd shapes only; give a part back in odd shapes too.

    By hand: 365.50 is taken and 65.25 goes back, which leaves 365.50 - 65.25 = 300.25.
    """
    app = await stage.at_the_page(ORDER, "365.50")
    await stage.at_rest()
    odd = [
        await stage.fault(
            "odd_shapes", "writes text for numbers, lists for objects", order_id=ORDER, route="order_status", calls=99
        ),
        await stage.fault("webhook_odd_shapes", "names the order by a number in webhooks", order_id=ORDER, calls=99),
    ]
    await stage.browse(app.page_url, "success@upi")
    await stage.deliver_webhooks()
    saw = await app.shows("paid")
    paid = await stage.until_status(ORDER, "CHARGED")
    await stage.refunded(ORDER, "65.25", "odd-65")
    await stage.at_rest()
    for one in odd:
        await stage.fix(one)
    careless = await stage.order(ORDER)
    careful = await stage.look(ORDER)
    verdicts = {row.verdict for row in await stage.inbox(ORDER)}
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("what can be read counts", (paid["paid"], paid["amount_captured"]) == (True, "365.50")),
            ("a null among the refunds is no refund", careless["amount_refundable"] == "300.25"),
            ("careful answers change nothing", careful["amount_refundable"] == "300.25"),
            ("a number names the order too", verdicts <= {"looked", "waiting"}),
            ("nobody needs to look", careful["review"] == []),
        ),
    )


STORY: Final = Story(
    name="odd-shapes",
    title="Juspay writes carelessly",
    happens=(
        "Juspay's messages name the order by a number, and its answers write text where numbers stand and lists where "
        "objects stand. What can be read is read, and the rest is left out."
    ),
    sees="That the order is paid; later a part comes back.",
    to_say="Your order is paid, and 65.25 rupees have gone back to you.",
    expected=Expected(
        shopper_saw="paid",
        status="PARTIALLY_REFUNDED",
        charged="365.50",
        refunded="65.25",
        refunds=1,
        announced=1,
        sentences=("Money: 365.50 INR captured, 65.25 INR refunded, 300.25 INR still refundable.",),
    ),
    play=play,
)
