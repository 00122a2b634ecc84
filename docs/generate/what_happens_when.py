"""Writes `docs/what-happens-when.md` from the stories, for whoever answers the phone.

What it says of a story's end is what the story is judged by, so nothing is written twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from paystate.core.describe.wording import STATUS
from paystate.core.orders.derived import Status
from paystate.core.orders.reason import ReasonKind
from paystate.entrypoints.demo.stories import CHAPTERS, STORIES
from paystate.entrypoints.demo.story import Expected, Story

REASONS: Final = "how-to/read-an-order.md#review-reasons"

MEANS: Final = {
    ReasonKind.MISMATCH: "Juspay answered with another amount, currency, shop or order than ours",
    ReasonKind.SECOND_CHARGE: "the shopper has paid more than once",
    ReasonKind.UNEXPLAINED_PAYMENT: "another payment was begun, and Juspay has not told how it ended",
    ReasonKind.DISCOUNT: "an offer took more off the price than the policy allows without a person",
    ReasonKind.CAPTURE_FAILED: "taking or releasing held money failed",
    ReasonKind.AUTO_REFUND_FAILED: "Juspay tried to give a payment back by itself, and failed",
    ReasonKind.WITHDRAWN: "the payment went back after the goods were released",
    ReasonKind.DISPUTE: "the shopper's bank wants the payment back",
    ReasonKind.OVER_REFUNDED: "more went back, or is on its way back, than was ever taken",
    ReasonKind.DENIED: "Juspay had shown the money and now denies it",
    ReasonKind.PARTIAL_CAPTURE: "only a part of the money was taken",
    ReasonKind.CAPTURE_DIFFERS: "held money was to be taken or released, and ended in another way",
    ReasonKind.HOLD_EXPIRING: "the bank is about to release the held money",
    ReasonKind.REFUND_REVIEW: "Juspay does not know how a refund ended",
    ReasonKind.REFUND_UNKNOWN: "Paystate could not find out whether a refund was made",
    ReasonKind.OVERDUE: "the order's time is over, and the payment is still not settled",
    ReasonKind.LATE_SUCCESS: "the money came after the order's time was over",
}
"""What an open reason means, in half a sentence."""


def page() -> str:
    """The whole page."""
    return "\n".join(_page())


def _page() -> Iterator[str]:
    yield "# What happens when ..."
    yield ""
    yield "<!-- Made by `make docs` from the stories in entrypoints/demo/stories. Do not edit: change the stories. -->"
    yield ""
    yield (
        f"This page is for the person who answers the phone. It has {len(STORIES)} things that happen to payments: what"
        " the shopper sees, what to say, and how it ends. The tests and `paystate demo` play each of them from"
        " beginning to end. It must end as it says here: in Paystate's own record, in Juspay's (played by a sandbox),"
        " and in the words of `paystate order explain`."
    )
    yield ""
    yield (
        "The sentences to say are suggestions. Before you say that money has come or gone, look at the order:"
        " [Read an order](how-to/read-an-order.md)."
    )
    yield ""
    for chapter in CHAPTERS:
        yield f"**{chapter.title}**"
        yield ""
        yield from (f"- [{story.title}](#{story.name})" for story in chapter.stories)
        yield ""
    for chapter in CHAPTERS:
        yield f"## {chapter.title}"
        yield ""
        for story in chapter.stories:
            yield from _section(story)


def _section(story: Story) -> Iterator[str]:
    expected = story.expected
    yield f'<a id="{story.name}"></a>'
    yield ""
    yield f"### {story.title}"
    yield ""
    yield story.happens
    yield ""
    yield f"- **The shopper sees:** {story.sees}"
    yield f"- **On the phone:** {story.to_say}"
    yield f"- **In the end:** `{expected.status}`. {STATUS[Status(expected.status)]} {_money(expected)}"
    yield f"- **The goods:** {_goods(expected)}"
    if expected.settled:
        yield f"- **A person had to look:** {_reasons(expected.settled)}"
    if expected.review:
        yield f"- **A person must still look:** {_reasons(expected.review)}"
    if expected.sentences:
        yield f"- **`paystate order explain` says:** {' … '.join(f'“{said}”' for said in expected.sentences)}"
    yield f"- **To see it:** `paystate demo {story.name}`"
    yield ""


def _money(expected: Expected) -> str:
    if expected.charged == "0.00":
        return "No money was taken."
    if expected.refunded == "0.00":
        return f"{expected.charged} INR was taken, nothing was given back."
    return f"{expected.charged} INR was taken, {expected.refunded} INR was given back."


def _goods(expected: Expected) -> str:
    if expected.status == Status.COD_INITIATED:
        return "by your own rules on cash."
    if not expected.paid:
        return "must not go out."
    return "nothing more may go out." if expected.status == Status.REFUNDED else "may go out."


def _reasons(kinds: tuple[str, ...]) -> str:
    reasons = "; ".join(f"`{kind}`, {MEANS[ReasonKind(kind)]}" for kind in kinds)
    return f"{reasons} ([what to do]({REASONS}))."
