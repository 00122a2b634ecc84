"""The bank does not answer for a week: a person is asked, and the answer is no in the end."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.script import JUSPAY, PAYSTATE, Json
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-stuck-1"
DAY_S: Final = 86_400


async def play(stage: Stage) -> Played:
    """Pay; hear nothing for a week; ask the bank; hear no."""
    app = await stage.at_the_page(ORDER, "1500.00")
    await app.pay("stuck@upi", "approves the payment; the bank does not answer")
    saw = await app.shows("waiting_for_proof")
    await stage.until_status(ORDER, "PENDING")
    await stage.advance(8 * DAY_S, "the order's time is over, and the bank has still not answered")
    overdue = await stage.eventually("a person to be asked", lambda: stage.order(ORDER), _has_reason)
    stage.tell(PAYSTATE, "does not guess: the order is still pending, and a person is asked")
    await stage.settle(ORDER, "overdue", "accepted", "The bank is looking for the payment; wait for its word.")
    await stage.advance(DAY_S, "the bank has looked")
    await stage.juspay("POST", f"/orders/{ORDER}/settle", {"outcome": "FAILURE"})
    stage.tell(JUSPAY, "hears from the bank: refused")
    await stage.until_status(ORDER, "EXPIRED")
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("a person was asked, and why", [reason["kind"] for reason in overdue["review"]] == ["overdue"]),
            (
                "while nobody knows, the order is pending and not paid",
                (overdue["status"], overdue["paid"]) == ("PENDING", False),
            ),
            ("it is looked at again all the same", overdue["next_look_at"] is not None),
        ),
    )


def _has_reason(order: Json) -> bool:
    return bool(order["review"])


STORY: Final = Story(
    name="stuck-for-days",
    title="The bank does not answer for a week",
    happens=(
        "The shopper approves and the bank does not answer, for a week. A person is asked and asks the bank. "
        "A day later the bank refuses, and the order is over, unpaid."
    ),
    sees="That the shop is waiting for the payment; after a week that it is not paid.",
    to_say=(
        "Your bank has not told us yet whether it took your money; we have asked it to look. "
        "Please do not pay again. If the money was taken, it comes to us or goes back to you."
    ),
    expected=Expected(
        shopper_saw="waiting_for_proof",
        status="EXPIRED",
        charged="0.00",
        refunded="0.00",
        refunds=0,
        announced=0,
        settled=("overdue",),
        sentences=(
            "Nobody paid in time, and Juspay has confirmed it after the order's time was over.",
            "The bank is looking for the payment; wait for its word.",
            "The goods must not go out as things stand.",
        ),
    ),
    play=play,
)
