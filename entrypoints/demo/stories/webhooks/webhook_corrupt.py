"""A webhook breaks off in the middle."""

from __future__ import annotations

from typing import Final

from paystate.core.ports.store import InboxRow, InboxVerdict
from paystate.entrypoints.demo.script import PAYSTATE
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-corrupt-1"


async def play(stage: Stage) -> Played:
    """Pay with the app closed; be told of it in halves; find the payment by a look."""
    app = await stage.at_the_page(ORDER, "270.00")
    await stage.at_rest()
    await stage.fault("webhook_corrupt", "every webhook breaks off in the middle", order_id=ORDER, calls=20)
    await stage.browse(app.page_url, "success@upi")
    await stage.deliver_webhooks()
    await stage.at_rest()
    halves = await stage.eventually("the halves to be quarantined", lambda: stage.inbox(ORDER), _are_two_halves)
    saw = await app.shows("waiting_for_proof")
    stage.tell(PAYSTATE, "answers 200, so that Juspay does not repeat them for ever, and puts the halves away")
    await stage.advance(60, "the next look")
    await stage.until_status(ORDER, "CHARGED")
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(("what came is kept, to the letter", all(not row.body.endswith(b"}") for row in _halves(halves))),),
    )


def _halves(rows: list[InboxRow]) -> list[InboxRow]:
    return [row for row in rows if row.verdict == InboxVerdict.UNREADABLE]


def _are_two_halves(rows: list[InboxRow]) -> bool:
    return len(_halves(rows)) == 2


STORY: Final = Story(
    name="webhook-corrupt",
    title="Messages that break off in the middle",
    happens=(
        "The shopper pays and does not come back. Juspay's messages break off in the middle and cannot be read. "
        "They are kept as they are, and the payment is found by asking."
    ),
    sees="That the shop is waiting for the payment, and a minute later that it is paid.",
    to_say="Your order is paid. The message about it reached us torn, so we asked ourselves.",
    expected=Expected(
        shopper_saw="waiting_for_proof",
        status="CHARGED",
        charged="270.00",
        refunded="0.00",
        refunds=0,
        announced=1,
        sentences=(
            "because Juspay answered CHARGED",
            "The goods may go out.",
        ),
    ),
    play=play,
)
