"""Juspay answers in every way that is no answer, and then properly."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.script import BACKEND, PAYSTATE
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-none-1"
ROUTE: Final = "order_status"
WAYS: Final = (
    ("refused", "hangs up before the question is read"),
    ("status_5xx", "answers that something broke there"),
    ("rate_limited", "answers that there are too many questions"),
    ("not_json", "lets a web page answer"),
    ("cut_body", "breaks the answer off in the middle"),
    ("redirect", "sends the question to another address"),
)


async def play(stage: Stage) -> Played:
    """Pay; ask six times for nothing; ask once more."""
    app = await stage.at_the_page(ORDER, "575.00")
    await stage.at_rest()
    await stage.fault("webhook_drop", "no webhook of this order arrives", order_id=ORDER, calls=20)
    await stage.browse(app.page_url, "success@upi")
    before = await stage.order(ORDER)
    told: list[int] = []
    for name, says in WAYS:
        fault = await stage.fault(name, says, order_id=ORDER, route=ROUTE, calls=99)
        answer = await stage.backend("POST", f"/v1/orders/{ORDER}/look")
        stage.tell(BACKEND, f"has Juspay asked about {ORDER}: {answer.status_code}, no answer")
        told.append(answer.status_code)
        await stage.fix(fault)
    after = await stage.order(ORDER)
    saw = await app.shows("waiting_for_proof")
    stage.tell(PAYSTATE, "has learnt nothing, and changed nothing")
    await stage.advance(60, "the next look")
    await stage.until_status(ORDER, "CHARGED")
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("none of them passes for an answer", all(status >= 500 for status in told)),
            ("none of them changes the order", after["version"] == before["version"]),
        ),
    )


STORY: Final = Story(
    name="no-answers",
    title="Answers that are no answers",
    happens=(
        "The shopper pays and does not come back. Juspay hangs up, breaks, sends a web page, half an answer, or to "
        "another address. Nothing of it counts; a minute later it answers properly, and the payment is found."
    ),
    sees="That the shop is waiting for the payment, and a minute later that it is paid.",
    to_say="Your order is paid. For a minute we could get no answer about it; we kept asking, and nothing was lost.",
    expected=Expected(
        shopper_saw="waiting_for_proof",
        status="CHARGED",
        charged="575.00",
        refunded="0.00",
        refunds=0,
        announced=1,
        sentences=(
            "The order is paid in full.",
            "The goods may go out.",
        ),
    ),
    play=play,
)
