"""Cash on delivery is collected, and the shop says so; nothing of it is at Juspay."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.script import expect, json_of
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-collected-1"
DAYS_S: Final = 9 * 86_400


async def play(stage: Stage) -> Played:
    """Choose cash; deliver; say that it was collected, and then try to say otherwise."""
    app = await stage.at_the_page(ORDER, "310.00")
    await app.act("chooses cash on delivery", action="pay", method={"cod": "cash"})
    saw = await app.shows("cash_on_delivery")
    await stage.until_status(ORDER, "COD_INITIATED")
    await stage.advance(DAYS_S, "the tea was delivered")
    nobody = await stage.open_reasons(ORDER)
    expect(await stage.say(ORDER, "cash", "310.00 INR at the door, receipt 77.", outcome="collected"), 200)
    other = json_of(await stage.say(ORDER, "cash", "Nobody was at home.", outcome="returned"))
    told = await stage.announced(ORDER)
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("an order on cash needs no person, however long it takes", nobody == []),
            ("what was said stands", other["code"] == "cash_told_otherwise"),
            ("the shop's books are told", "order.cash_collected" in told),
        ),
    )


STORY: Final = Story(
    name="cash-collected",
    title="Cash on delivery is collected",
    happens=(
        "The shopper chooses cash on delivery, and pays at the door nine days later. Only the shop can know, and says "
        "so; no money of it is at Juspay."
    ),
    sees="That the order is to be paid in cash.",
    to_say="You paid in cash at the door, and we have noted it. Your receipt is number 77.",
    expected=Expected(
        shopper_saw="cash_on_delivery",
        status="COD_INITIATED",
        charged="0.00",
        refunded="0.00",
        refunds=0,
        announced=0,
        sentences=("says that the cash was collected: 310.00 INR at the door, receipt 77.",),
    ),
    play=play,
)
