"""What a story is, and how it is judged: Paystate's journal, the sandbox's ledger and the story itself are compared."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from decimal import Decimal
from typing import Final

from attrs import Factory, frozen

from paystate.core.ids import OrderKey
from paystate.core.money import format_minor
from paystate.core.orders.amounts.totals import amounts
from paystate.core.orders.derived import status
from paystate.core.orders.facts import Announcement, AnnouncementKind
from paystate.core.orders.order import fold
from paystate.core.orders.reason import BLOCKS_FULFILMENT
from paystate.core.orders.review.reasons import open_reasons
from paystate.entrypoints.demo.script import Json
from paystate.entrypoints.demo.stack import MERCHANT_ID
from paystate.entrypoints.demo.stage import Stage

_PROVED: Final = ("PARTIAL_CHARGED", "CHARGED", "PARTIALLY_REFUNDED", "REFUNDED")


_PAID: Final = Announcement(AnnouncementKind.ORDER_PAID)


@frozen(kw_only=True)
class Expected:
    """What must be true at the end.

    Attributes:
        charged: Everything ever taken; `refunded`: everything given back, by whomever. Major units, two decimals.
        refunds: How many refunds Juspay has made.
        announced: How often `order.paid` was announced: 0 or 1.
        settled: Kinds of the review reasons that a person has settled, each once, sorted.
        review: Kinds of those that are still open, each once, sorted.
        sentences: What the explanation of the order must say; each stands within one of its sentences.
        declined: A person has said that the payment is to be given back, so no goods go out for it.
    """

    shopper_saw: str
    status: str
    charged: str
    refunded: str
    refunds: int
    announced: int
    settled: tuple[str, ...] = ()
    review: tuple[str, ...] = ()
    sentences: tuple[str, ...] = ()
    declined: bool = False

    @property
    def paid(self) -> bool:
        """Whether the goods may go out: money was proved, and neither an open reason nor a person speaks against it."""
        return self.status in _PROVED and not self.declined and not BLOCKS_FULFILMENT & set(self.review)


@frozen(kw_only=True)
class Played:
    """What came of playing a story.

    Attributes:
        checks: Further (what, is it so) pairs of the story's own.
    """

    order_id: str
    shopper_saw: str
    checks: tuple[tuple[str, bool], ...] = ()


@frozen(kw_only=True)
class Story:
    """One story: what happens, what must be true at the end, and how it is played.

    Attributes:
        happens: In one to three plain sentences.
        sees: What the shopper sees, in one.
        to_say: What a person on the phone says to the shopper, or does.
    """

    name: str
    title: str
    happens: str
    sees: str
    to_say: str
    expected: Expected
    play: Callable[[Stage], Awaitable[Played]]


@frozen(kw_only=True)
class Verdict:
    """How a story ended.

    Attributes:
        wrong: Everything that does not agree, in words; empty when all do.
        order_id: The order it was about; empty when the story could not be played to its end.
    """

    story: Story
    shopper_saw: str
    status: str
    journal_agrees: bool
    ledger_agrees: bool
    story_agrees: bool
    wrong: tuple[str, ...] = Factory(tuple[str, ...])
    order_id: str = ""

    @property
    def agrees(self) -> bool:
        """Whether all three agree."""
        return self.journal_agrees and self.ledger_agrees and self.story_agrees


async def judge(story: Story, stage: Stage, played: Played) -> Verdict:
    """Compare the three ledgers, once the worker is done."""
    await stage.at_rest()
    truth = await stage.truth(played.order_id)
    told = await _from_journal(stage, played.order_id)
    shown = await stage.order(played.order_id)
    explained = await stage.explanation(played.order_id)
    expected = story.expected
    journal = tuple(_differences("Paystate's journal", told, _wanted(expected)))
    ledger = tuple(_differences("the sandbox's ledger", _from_ledger(truth), _money(expected)))
    own = tuple(_own(story, played, shown, explained))
    return Verdict(
        story=story,
        shopper_saw=played.shopper_saw,
        status=str(told["status"]),
        journal_agrees=not journal,
        ledger_agrees=not ledger,
        story_agrees=not own,
        wrong=(*journal, *ledger, *own),
        order_id=played.order_id,
    )


def broken(story: Story, message: str) -> Verdict:
    """A story that could not be played to its end."""
    return Verdict(
        story=story,
        shopper_saw="-",
        status="-",
        journal_agrees=False,
        ledger_agrees=False,
        story_agrees=False,
        wrong=(message,),
    )


async def _from_journal(stage: Stage, order_id: str) -> Json:
    """What the journal alone says: folded anew, so a snapshot that drifted would show."""
    store = stage.stack.runtime.ports.store
    key = OrderKey(MERCHANT_ID, order_id)
    rows = await store.journal(key)
    order = fold(row.fact for row in rows)
    if order is None or order != await store.load(key):
        return {"status": "journal and snapshot differ"}
    money = amounts(order)
    currency = order.amount.currency
    return {
        "status": status(order).value,
        "charged": format_minor(money.captured, currency),
        "refunded": format_minor(money.refunded, currency),
        "refunds": sum(refund.state == "SUCCESS" and not refund.same_as for refund in order.refunds.values()),
        "announced": sum(_PAID in row.fact.announced for row in rows),
        "settled": tuple(sorted({word.kind.value for word in order.settled.values()})),
        "review": tuple(sorted({reason.kind.value for reason in open_reasons(order)})),
    }


def _from_ledger(truth: Json) -> Json:
    made = {refund["unique_request_id"] for refund in truth["refunds"] if refund["status"] == "SUCCESS"}
    return {
        "charged": _plain(truth["captured"]),
        "refunded": _plain(truth["refunded"]),
        "refunds": len([name for name in made if not _is_share(name, made)]),
    }


def _is_share(name: str, made: Collection[str]) -> bool:
    """Whether it is what another leg of a split payment gives back of one refund: `X-1` beside `X`."""
    whole, dash, number = name.rpartition("-")
    return bool(dash) and number.isdigit() and whole in made


def _wanted(expected: Expected) -> Json:
    return {
        "status": expected.status,
        **_money(expected),
        "announced": expected.announced,
        "settled": expected.settled,
        "review": expected.review,
    }


def _money(expected: Expected) -> Json:
    return {"charged": expected.charged, "refunded": expected.refunded, "refunds": expected.refunds}


def _plain(amount: str) -> str:
    return f"{Decimal(amount):.2f}"


def _differences(whose: str, is_: Json, should: Json) -> list[str]:
    return [
        f"{whose}: {name} is {is_.get(name)}, the story says {value}"
        for name, value in should.items()
        if is_.get(name) != value
    ]


def _own(story: Story, played: Played, shown: Json, explained: Sequence[str]) -> list[str]:
    wrong = [f"not so: {what}" for what, is_so in played.checks if not is_so]
    if played.shopper_saw != story.expected.shopper_saw:
        wrong.append(f"the shopper saw {played.shopper_saw}, the story says {story.expected.shopper_saw}")
    if shown["status"] != story.expected.status:
        wrong.append(f"the API shows {shown['status']}, the story says {story.expected.status}")
    if shown["paid"] is not story.expected.paid:
        wrong.append("the API does not show the goods as the story does")
    unsaid = (part for part in story.expected.sentences if not any(part in sentence for sentence in explained))
    wrong.extend(f"the explanation does not say: {part}" for part in unsaid)
    return wrong
