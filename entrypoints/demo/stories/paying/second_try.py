"""The first payment fails, and the second goes through."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-second-1"


async def play(stage: Stage) -> Played:
    """Fail, see it, try again on the same order."""
    app = await stage.at_the_page(ORDER, "349.00")
    await app.pay("failure@upi", "pays by UPI; the bank refuses")
    await stage.until_status(ORDER, "FAILED")
    first = await app.shows("not_paid")
    await app.process(ORDER)
    await app.pay("success@upi", "tries again with another account")
    saw = await app.shows("paid")
    order = await stage.until_status(ORDER, "CHARGED")
    tries = sorted(one["state"] for one in order["attempts"])
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("the shopper was told of the failure", first == "not_paid"),
            ("both tries are known, and one of them took money", tries == ["CHARGED", "FAILED"]),
        ),
    )


STORY: Final = Story(
    name="second-try",
    title="The first try fails, the second is paid",
    happens="The bank refuses the first payment. The shopper tries again on the same order and pays.",
    sees="First that the order is not paid, and after the second try that it is.",
    to_say=(
        "Your second payment went through, and your order is paid once. "
        "The first try took no money; if your bank shows an amount on hold for it, the bank lets it go."
    ),
    expected=Expected(
        shopper_saw="paid",
        status="CHARGED",
        charged="349.00",
        refunded="0.00",
        refunds=0,
        announced=1,
        sentences=(
            "tea-second-1-1 by UPI failed",
            "tea-second-1-2 by UPI took the money",
            "The goods may go out.",
        ),
    ),
    play=play,
)
