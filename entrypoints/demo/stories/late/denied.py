"""Juspay had shown the money, and then speaks as if there were none."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.script import PAYSTATE, Json, json_of
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-denied-1"


async def play(stage: Stage) -> Played:
    """Pay; hear the order denied; refuse a refund in the meantime; let a person look."""
    app = await stage.at_the_page(ORDER, "560.00")
    await app.pay()
    saw = await app.shows("paid")
    await stage.until_status(ORDER, "CHARGED")
    await stage.at_rest()
    await stage.fault("stale_answer", "one answer tells the order as it was before the payment", order_id=ORDER)
    unpaid = await stage.look(ORDER)
    fault = await stage.fault("not_found", "then answers say that there is no such order", order_id=ORDER, calls=99)
    denied = await stage.look(ORDER)
    stage.tell(PAYSTATE, "lets stand what was proved, and asks for a person")
    meanwhile = json_of(await stage.refund(ORDER, "560.00", "in-doubt"))
    await stage.fix(fault, "answers show the order again")
    seen_again = await stage.look(ORDER)
    await stage.settle(ORDER, "denied", "accepted", "Juspay was moving its servers. The money is in our account.")
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("what was proved stands", all(one["status"] == "CHARGED" and one["paid"] for one in (unpaid, denied))),
            ("a person is asked each time", (_kinds(unpaid), _kinds(denied)) == (["denied"], ["denied"])),
            ("no money leaves while it is in doubt", meanwhile["code"] == "order_not_refundable"),
            ("only a person closes it", _kinds(seen_again) == ["denied"]),
        ),
    )


def _kinds(order: Json) -> list[str]:
    return [reason["kind"] for reason in order["review"] if not reason["settled"]]


STORY: Final = Story(
    name="denied",
    title="Juspay had shown the money, and denies it",
    happens=(
        "The order is paid. Then Juspay answers as if nobody had paid, and for a while as if there were no such order. "
        "What was proved stands, no refund is made, and a person looks."
    ),
    sees="That the order is paid, all the time.",
    to_say="Your order is paid and goes out. A refund has to wait until one of us has checked the payment.",
    expected=Expected(
        shopper_saw="paid",
        status="CHARGED",
        charged="560.00",
        refunded="0.00",
        refunds=0,
        announced=1,
        settled=("denied",),
        sentences=(
            "The order is paid in full.",
            "The money is in our account.",
            "The goods may go out.",
        ),
    ),
    play=play,
)
