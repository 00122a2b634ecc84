"""The same refund is asked for eight times at once, with one key."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

import httpx

from paystate.entrypoints.demo.script import json_of
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.story import Expected, Played, Story

ORDER: Final = "tea-rkey-1"
TIMES: Final = 8


async def play(stage: Stage) -> Played:
    """A backend that repeats itself, in parallel."""
    saw = await stage.paid(ORDER, "180.00")
    answers = await asyncio.gather(*(stage.refund(ORDER, "90.00", "return-141") for _ in range(TIMES)))
    await stage.advance(60, "Juspay has worked on the refund")
    await stage.until_refund(ORDER, "return-141", "SUCCESS")
    other = await stage.refund(ORDER, "10.00", "return-141")
    return Played(
        order_id=ORDER,
        shopper_saw=saw,
        checks=(
            ("one request makes it, the others find it", _codes(answers) == [*[200] * (TIMES - 1), 201]),
            ("all name one refund", len({json_of(answer)["refund"]["refund_id"] for answer in answers}) == 1),
            ("one call was made", len(await stage.refund_calls(ORDER)) == 1),
            ("the key is good for no other amount", json_of(other)["code"] == "idempotency_key_reused"),
        ),
    )


def _codes(answers: Sequence[httpx.Response]) -> list[int]:
    return sorted(answer.status_code for answer in answers)


STORY: Final = Story(
    name="refund-same-key",
    title="The same refund, asked for eight times at once",
    happens="The shop's system stutters, and asks for one and the same refund eight times in the same moment.",
    sees='"Paid"; later one refund.',
    to_say="Your refund was made, once. It may take your bank some days to show it.",
    expected=Expected(
        shopper_saw="paid",
        status="PARTIALLY_REFUNDED",
        charged="180.00",
        refunded="90.00",
        refunds=1,
        announced=1,
        sentences=(
            "Money: 180.00 INR captured, 90.00 INR refunded, 90.00 INR still refundable.",
            "of 90.00 INR is done.",
        ),
    ),
    play=play,
)
