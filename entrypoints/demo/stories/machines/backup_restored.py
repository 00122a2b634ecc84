"""The machine is lost after a refund; the backup does not know of it, and it is not made twice."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.script import expect, json_of
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-backup-1"


async def play(stage: Stage) -> Played:
    """Pay; back up; refund 90; lose the machine; ask for the same refund while Juspay is down, and once it is back.

    By hand: 90.00 goes back once, so 430.00 - 90.00 = 340.00 may still go back.
    """
    saw = await stage.paid(ORDER, "430.00")
    made_at = stage.stack.clock.now()
    backup = await stage.back_up()
    first = json_of(expect(await stage.refund(ORDER, "90.00", "backup-90"), 201))
    await stage.advance(60, "Juspay has worked on the refund")
    await stage.until_refund(ORDER, "backup-90", "SUCCESS")
    await stage.at_rest()
    await stage.restore(backup, made_at)
    await stage.juspay_goes_down("cannot be reached")
    await stage.starts_in_doubt()
    again = json_of(expect(await stage.refund(ORDER, "90.00", "backup-90"), 201))
    waiting = await stage.order(ORDER)
    await stage.juspay_comes_back("can be reached again")
    await stage.advance(600, "the next looks")
    refund = await stage.until_refund(ORDER, "backup-90", "SUCCESS")
    await stage.at_rest()
    after = await stage.order(ORDER)
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("the record is in doubt until Juspay was asked", (waiting["unsure"], after["unsure"]) == (True, False)),
            ("the same key makes the same refund", refund["refund_id"] == first["refund"]["refund_id"]),
            ("it waits while nobody can be asked", again["refund"]["state"] == "REQUESTED"),
            ("Juspay was asked for it once", len(await stage.refund_calls(ORDER)) == 1),
            ("it counts once", after["amount_refundable"] == "340.00"),
        ),
    )


STORY: Final = Story(
    name="backup-restored",
    title="A backup is restored, and a refund is not made twice",
    happens=(
        "A refund is made, then Paystate's machine is lost, and the backup is older than the refund. The shop asks for "
        "it again under the same key. It waits until Juspay can be asked, and Juspay lists it already."
    ),
    sees='"Paid"; the refund comes, once.',
    to_say="Your refund was made, once. It may take your bank some days to show it.",
    expected=Expected(
        shopper_saw="paid",
        status="PARTIALLY_REFUNDED",
        charged="430.00",
        refunded="90.00",
        refunds=1,
        announced=1,
        sentences=("Money: 430.00 INR captured, 90.00 INR refunded, 340.00 INR still refundable.",),
    ),
    play=play,
)
