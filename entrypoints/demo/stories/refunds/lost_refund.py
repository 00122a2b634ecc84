"""A refund whose answer is lost is made once, however often it is asked for."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.script import PAYSTATE, Json, expect, json_of
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-lost-1"
KEY: Final = "return-4711"


async def play(stage: Stage) -> Played:
    """Refund; Juspay does it and its answer never arrives; the backend asks again and again."""
    await stage.open_order(ORDER, "199.00")
    app = await stage.app()
    await app.process(ORDER)
    await app.act("pays by UPI", action="pay", method={"upi": "success@upi"})
    saw = await app.shows("paid")
    await stage.fault(
        "timeout_after_effect", "the refund is made, its answer is lost on the way", order_id=ORDER, route="refund"
    )
    first = json_of(expect(await stage.refund(ORDER, "199.00", KEY), 201))
    again = json_of(expect(await stage.refund(ORDER, "199.00", KEY), 200))
    await stage.eventually("Juspay's list to show the refund", lambda: stage.order(ORDER), _is_listed)
    stage.tell(PAYSTATE, "looked, found its refund in Juspay's list, and sends nothing more")
    await stage.advance(60, "Juspay has worked on the refund")
    await stage.until_status(ORDER, "REFUNDED")
    late = json_of(expect(await stage.refund(ORDER, "199.00", KEY), 200))
    calls = await stage.refund_calls(ORDER)
    same = {first["refund"]["refund_id"], again["refund"]["refund_id"], late["refund"]["refund_id"]}
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("all three requests name one refund", len(same) == 1),
            ("one call was made for it", calls == list(same)),
        ),
    )


def _is_listed(order: Json) -> bool:
    return order["refunds"][0]["state"] in ("PENDING", "SUCCESS")


STORY: Final = Story(
    name="lost-refund",
    title="A refund whose answer is lost",
    happens="Juspay makes the refund, the answer never arrives, and the shop asks for it twice more.",
    sees='"Paid"; later the refund arrives, once.',
    to_say="Your refund was made, once. It may take your bank some days to show it.",
    expected=Expected(
        shopper_saw="paid",
        status="REFUNDED",
        charged="199.00",
        refunded="199.00",
        refunds=1,
        announced=1,
        sentences=("of 199.00 INR is done.", "Nothing more should go out."),
    ),
    play=play,
)
