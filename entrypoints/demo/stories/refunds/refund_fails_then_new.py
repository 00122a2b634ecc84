"""A refund fails; asked for again under its key it stays failed, and a new key succeeds."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.script import expect, json_of
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-rfail-1"


async def play(stage: Stage) -> Played:
    """Fail one refund, ask again with the old key, then with a new one."""
    saw = await stage.paid(ORDER, "300.00")
    expect(await stage.refund(ORDER, "120.00", "return-101"), 201)
    await stage.fault("refund_failure", "the bank refuses the refund: the account is closed", order_id=ORDER)
    failed = await stage.until_refund(ORDER, "return-101", "FAILURE")
    await stage.advance(3600, "the shop hears from the shopper")
    again = json_of(expect(await stage.refund(ORDER, "120.00", "return-101"), 200))
    new = json_of(expect(await stage.refund(ORDER, "120.00", "return-102"), 201))
    await stage.advance(60, "Juspay has worked on the refund")
    await stage.until_refund(ORDER, "return-102", "SUCCESS")
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("the old key gives the failed refund again", again["refund"] == failed),
            ("the new key is another refund", new["refund"]["refund_id"] != failed["refund_id"]),
            ("each was called for once", len(await stage.refund_calls(ORDER)) == 2),
        ),
    )


STORY: Final = Story(
    name="refund-fails-then-new",
    title="A refund fails, and a new one succeeds",
    happens="The bank refuses a refund. The shop asks for the very same refund again, and then for a new one.",
    sees='"Paid"; the first refund never comes, the second does.',
    to_say=(
        "The first refund could not be made; the money stayed with us. We have started a new one, and it is"
        " done. It may take your bank some days to show it."
    ),
    expected=Expected(
        shopper_saw="paid",
        status="PARTIALLY_REFUNDED",
        charged="300.00",
        refunded="120.00",
        refunds=1,
        announced=1,
        sentences=("of 120.00 INR failed", "of 120.00 INR is done."),
    ),
    play=play,
)
