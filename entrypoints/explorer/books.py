"""An order's money, reckoned a second time: out of its registers alone.

Owns the sums that the laws compare with what the core has worked out, and what holds them in doubt. Written from
Juspay's own bodies (gateway contract, O.1 to O.3), not from the rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Final

from attrs import frozen

from paystate.core.attempt import UNNAMED, Attempt
from paystate.core.catalogue import Paid
from paystate.core.facts import Mismatch
from paystate.core.order import Order
from paystate.core.reason import ReasonKind
from paystate.core.refund import Refund
from paystate.core.register import Particulars, Sighting
from paystate.core.review import open_reasons
from paystate.entrypoints.explorer.offers import FULL, MORE_WORDS, ORDER, WORDS

SOFT: Final = ("NEW", "UNKNOWN", "PENDING", "FAILED", "COD", "VOIDED", "HELD")
MONEY: Final = ("PARTIAL", "CHARGED", "AUTO_REFUNDED")
"""In the order in which one attempt may go through them."""
UNDER_WAY: Final = ("UNKNOWN", "PENDING", "HELD")
ENDED: Final = ("FAILED", "VOIDED", *MONEY)
NOT_MADE: Final = ("FAILURE", "REJECTED")
HOLDING_REFUNDS: Final = frozenset(
    {
        ReasonKind.MISMATCH,
        ReasonKind.PARTIAL_CAPTURE,
        ReasonKind.OVER_REFUNDED,
        ReasonKind.DENIED,
        ReasonKind.DISPUTE,
    }
)
_TWIN_WITHIN: Final = timedelta(minutes=15)
_TELL_MONEY: Final = {WORDS[Paid(kind)] for kind in ("HELD", *MONEY)} | {
    word for word, kind in MORE_WORDS.items() if kind == "HELD"
}
WORDS_OF_PAYING: Final = _TELL_MONEY | {WORDS[Paid.PENDING], WORDS[Paid.UNKNOWN], "PENDING"}
"""Juspay's words for a payment that was made, is held or is under way."""


@frozen(kw_only=True)
class Books:
    """Money in minor units, as far as transactions are named for it.

    Attributes:
        captured: Taken in all, what Juspay gives back by itself included.
        kept: Of it, what Juspay does not give back by itself.
        reserved: Given back, being given back, or promised.
        back: Given back by whomever.
        back_of_kept: Of it, what was given back of `kept`.
        going: Of `reserved`, what goes back otherwise than by Juspay itself.
        assumed: What is taken as given back because Juspay tells of no refund for it.
        juspays_room: What Juspay itself will still refund beside it; a large number where it does not tell.
    """

    captured: int
    kept: int
    reserved: int
    back: int
    back_of_kept: int
    going: int
    assumed: int
    juspays_room: int

    @property
    def refundable(self) -> int:
        """What a new refund may take."""
        return max(0, self.room)

    @property
    def room(self) -> int:
        """What may still be promised; below 0 where more is promised than may be."""
        return min(self.captured - self.reserved, self.juspays_room)


@Order.once
def books(order: Order) -> Books:
    """Reckon one order's money."""
    held = [one for one in named(order) if one.state in MONEY]
    going_back = [paid(one) for one in held if one.state == "AUTO_REFUNDED"]
    listed = [one for one in order.refunds.values() if counts(one)]
    live = [one for one in listed if one.state not in NOT_MADE]
    returning = max(sum(going_back), proved_by_juspay(order))
    told_of = [one for one in order.refunds.values() if one.automatic]
    is_told = len(told_of) >= len(going_back)
    assumed = 0 if is_told else max(0, sum(going_back) - _sum(told_of))
    shares = sum(one.references.done_minor for one in listed if one.state in NOT_MADE)
    reserved = _sum(live) + assumed + shares
    done = [one for one in live if one.state == "SUCCESS"]
    in_part = [one for one in listed if one.state != "SUCCESS" and one.references.done_minor]
    stand = [took(one) for one in held if one.state != "AUTO_REFUNDED"]
    # One of two payments that stand may be the one that goes back, though no answer names it so.
    twice = max(0, min(returning - sum(going_back), sum(stand) - max(stand, default=0)))
    captured = sum(stand) + returning - twice
    return Books(
        captured=captured,
        kept=captured - returning,
        reserved=reserved,
        back=_sum(done) + assumed + sum(one.references.done_minor for one in in_part),
        back_of_kept=_sum(one for one in done if not one.automatic)
        + sum(one.references.done_minor for one in in_part if not one.automatic),
        going=reserved - assumed - _sum(one for one in live if one.automatic),
        assumed=assumed,
        juspays_room=_juspays_room(order, live),
    )


def proved_by_juspay(order: Order) -> int:
    """What Juspay's own refunds prove was taken: all that may succeed, and at least the largest that failed."""
    failed = [one.amount_minor for one in order.refunds.values() if one.automatic and one.state in NOT_MADE]
    return max(_sum(going_back_by_itself(order)), max(failed, default=0))


def going_back_by_itself(order: Order) -> Iterator[Refund]:
    """Juspay's own refunds that have not failed."""
    return (one for one in order.refunds.values() if one.automatic and one.state not in NOT_MADE)


def _juspays_room(order: Order, live: Iterable[Refund]) -> int:
    """Juspay's own figure less what it cannot have counted; its own refunds are of another payment, or of all of it."""
    if order.eligible is None:
        return 10**9
    asked = order.eligible.asked
    uncounted = (one for one in live if not one.automatic and not any(s.asked_first <= asked for s in seen(one)))
    return order.eligible.amount_minor - _sum(uncounted)


def seen(one: Refund) -> Iterable[Sighting]:
    """What Juspay told of a refund."""
    return one.sightings.values()


def _sum(refunds: Iterable[Refund]) -> int:
    return sum(one.amount_minor for one in refunds)


def price(order: Order) -> int:
    """The price that holds: what the order was opened with, or what it was changed to since."""
    return (order.amended or order.opened.amount).amount_minor


def named(order: Order) -> Iterator[Attempt]:
    """The attempts that Juspay has named."""
    return (one for one in order.attempts.values() if one.txn_id != UNNAMED)


def paid(one: Attempt) -> int:
    """What the shopper paid with it: as told; else the price as told with it; else the order's price."""
    told = max(proof.paid_minor for proof in _proofs(one))
    return told if told >= 0 else _price(one)


def took(one: Attempt) -> int:
    """What was taken with it: of a partial capture only what Juspay tells, never what was paid."""
    return one.sightings["PARTIAL"].said.amount_minor if one.state == "PARTIAL" else paid(one)


def counts(one: Refund) -> bool:
    """Whether it counts beside the others: not while a person has found it to be one that Juspay lists elsewhere."""
    return not one.same_as or bool(one.sightings)


def discount(one: Attempt) -> int:
    """What an offer took off: as told, else what is missing to the price; of a leg only what is told."""
    told = max(proof.discount_minor for proof in _proofs(one))
    return told or (0 if one.leg else max(0, _price(one) - paid(one)))


def surcharge(one: Attempt) -> int:
    """What was put on: as told, else what was paid beyond the price; of a leg only what is told."""
    told = max(proof.surcharge_minor for proof in _proofs(one))
    return told or (0 if one.leg else max(0, paid(one) - _price(one)))


def _price(one: Attempt) -> int:
    told = max(proof.price_minor for proof in _proofs(one))
    return told if told >= 0 else FULL


def _proofs(one: Attempt) -> list[Particulars]:
    return [one.sightings[kind].said.particulars for kind in MONEY if kind in one.sightings]


def most_captured(order: Order) -> int:
    """What can have been taken at most: a part may be a part of what no transaction is named for."""
    unnamed, sure = order.attempts.get(UNNAMED), books(order).captured
    if unnamed is None or unnamed.state not in MONEY:
        return sure
    parts = sum(took(one) for one in named(order) if one.state == "PARTIAL")
    return sure + took(unnamed) - (parts if unnamed.state == "CHARGED" else 0)


def most_room(order: Order) -> int:
    """What may be promised at most beside all that is; below 0 where more is promised than may be."""
    return min(most_captured(order) - books(order).reserved, books(order).juspays_room)


def is_price_going(order: Order) -> bool:
    """Whether the price is back with the shopper, on its way or promised, be it without a surcharge."""
    put_on = max((surcharge(one) for one in named(order) if one.state in MONEY), default=0)
    return 0 < books(order).going and books(order).kept - put_on <= books(order).going


def left_of(order: Order, txn_id: str) -> int:
    """What may still be given back of one transaction, beside what of the order may."""
    one = order.attempts.get(txn_id)
    if one is None or one.state not in MONEY:
        return 0
    live = [each for each in order.refunds.values() if each.state not in NOT_MADE]
    gone = _sum(each for each in live if each.txn_id == txn_id)
    if one.state == "AUTO_REFUNDED":
        gone += books(order).assumed + _sum(each for each in live if each.automatic and each.txn_id == "")
    return took(one) - gone


def doubts(order: Order) -> list[str]:
    """Keys of the open reasons that hold refunds of the order back."""
    return [one.key for one in open_reasons(order) if one.kind in HOLDING_REFUNDS and not one.refund_id]


def twins(order: Order, one: Refund) -> list[str]:
    """Refunds that Juspay lists under other names, and which may be this one: it may have arrived and is not listed.

    Or it was asked for while the record was in doubt, and was wanted because the record had forgotten the other.
    """
    if one.state != "REQUESTED":
        return []
    if one.tries <= one.not_sent:
        return _forgotten(order, one) if one.doubted else []
    if one.sent_at is None:
        return []
    begins, ends = one.since - _TWIN_WITHIN, one.sent_at + _TWIN_WITHIN
    return [
        name
        for name, other in order.refunds.items()
        if other.key is None
        and not other.automatic
        and other.amount_minor == one.amount_minor
        and begins <= other.since <= ends
    ]


def _forgotten(order: Order, one: Refund) -> list[str]:
    """Refunds of its amount that were made elsewhere, and first shown since the record was doubted."""
    others = ((name, other) for name, other in order.refunds.items() if other.key is None and not other.automatic)
    return [
        name
        for name, other in others
        if other.amount_minor == one.amount_minor
        and min(sight.asked_first for sight in seen(other)) >= order.unsure_since
    ]


def is_unsure(order: Order) -> bool:
    """Whether the record was doubted, and no question that was asked since has been answered."""
    return all(sight.asked_last < order.unsure_since for sight in order.latest.values()) and order.unsure_since >= 0


def took_when_cancelled(order: Order) -> bool:
    """Whether a person has taken all the money that came for a cancelled order, as it stands now."""
    return any(came_or_held(order) <= names for names in taken_when_cancelled(order))


def came_or_held(order: Order) -> set[str]:
    """Names of the payments that took money and keep it, or that hold it."""
    return came_in(order) | {one.txn_id for one in order.attempts.values() if one.state == "HELD"}


def came_in(order: Order) -> set[str]:
    """Names of the payments that took money and keep it; a part may be one of what no transaction is named for."""
    unnamed = order.attempts.get(UNNAMED)
    whole = ("CHARGED",) if unnamed and unnamed.state == "CHARGED" else ("PARTIAL", "CHARGED")
    return {one.txn_id for one in named(order) if one.state in whole}


def taken_when_cancelled(order: Order) -> list[set[str]]:
    """Of a cancelled order, the payments that a person has taken by each word of theirs."""
    begins = "late_success:cancelled:"
    words = (name for name, word in order.settled.items() if name.startswith(begins) and word.verdict == "accepted")
    return [set(name.removeprefix(begins).split(",")) for name in words]


def unexplained(order: Order) -> set[str]:
    """Payments that a webhook or the counter of attempts names, and that no answer has shown ended."""
    counted = (re.fullmatch(rf"(.*{ORDER}-)([0-9]{{1,2}})(-[0-9]{{1,2}})?", name) for name in order.attempts)
    skipped = (f"{found[1]}{number}" for found in counted if found for number in range(1, int(found[2])))
    return {name for name in (*order.mentioned, *skipped) if not _has_ended(order, name)}


def _has_ended(order: Order, name: str) -> bool:
    return any(one.state in ENDED for txn, one in order.attempts.items() if txn == name or txn.startswith(f"{name}-"))


def mismatches(order: Order) -> set[tuple[str, str, str]]:
    """What was ever answered differently about the order, or about a refund that is not ours.

    Another price that nobody had paid, and that the merchant has given the order since, is none any more.
    """
    others = (wrong for wrong in order.mismatches if not _is_of_ours(order, wrong) and not _is_price_now(order, wrong))
    return {(wrong.field, wrong.theirs, wrong.refund_id) for wrong in others}


def _is_price_now(order: Order, wrong: Mismatch) -> bool:
    if order.amended is None or wrong.field != "amount" or wrong.refund_id or not wrong.theirs.isdigit():
        return False
    return int(wrong.theirs) * 100 == price(order) and wrong.juspay_status not in _TELL_MONEY


def _is_of_ours(order: Order, wrong: Mismatch) -> bool:
    return wrong.refund_id in order.refunds and order.refunds[wrong.refund_id].key is not None
