"""An order's money, worked out a second time from its observations alone.

The laws compare these sums with what the core has worked out, and know what puts them in doubt. They are written from
Juspay's own bodies (gateway contract, O.1 to O.3), not from the rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Final

from attrs import evolve, frozen

from paystate.core.lifecycle.observations import Observation, Particulars
from paystate.core.lifecycle.statuses import Paid
from paystate.core.orders.attempt import UNNAMED, Attempt
from paystate.core.orders.facts import CashOutcome, Mismatch
from paystate.core.orders.order import Order
from paystate.core.orders.reason import ReasonKind
from paystate.core.orders.refund import Refund
from paystate.core.orders.review.reasons import open_reasons
from paystate.entrypoints.verification.inputs import FULL, MORE_WORDS, WORDS

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
DISPUTE_LOST: Final = "RESOLVED_IN_CUSTOMER_FAVOUR"
LOOK_UNPAID: Final = ("FAILED", "EXPIRED", "VOIDED", "COD_INITIATED")
_REFUND_WORDS: Final = ("UNKNOWN", "PENDING", "MANUAL_REVIEW", "FAILURE", "SUCCESS")
"""On a tie the later one is the newer word."""
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
        reserved: Given back, being given back, promised, or taken back by the shopper's bank.
        back: Given back by whomever.
        back_of_kept: Of it, what was given back of `kept`.
        going: Of `reserved`, what is of `kept`.
        returning: What goes back of payments that Juspay gives back by itself, as far as it has not failed.
        assumed: What is taken as given back because Juspay tells of no refund for it.
        charged_back: What the shopper's bank took back in disputes that a person has found lost.
        juspays_room: What Juspay itself will still refund beside it; a large number where it does not tell.
    """

    captured: int
    kept: int
    reserved: int
    back: int
    back_of_kept: int
    going: int
    returning: int
    assumed: int
    charged_back: int
    juspays_room: int

    @property
    def refundable(self) -> int:
        """What a new refund may take."""
        return max(0, self.room)

    @property
    def room(self) -> int:
        """What may still be promised; below 0 where more is promised than may be."""
        return min(self.captured - self.reserved, self.juspays_room)


@Order.memoized
def books(order: Order) -> Books:
    """Reckon one order's money."""
    held = [*captured_attempts(order)]
    going_back = [taken(order)[one.txn_id] for one in held if one.state == "AUTO_REFUNDED"]
    listed = [rest for one in order.refunds.values() if (rest := _beyond(order, one))]
    of_others = [one for one in listed if is_of_another(order, one)]
    of_kept = [one for one in listed if one not in of_others and not names_returned(order, one)]
    returning = max(sum(going_back), proved_by_juspay(of_others))
    is_told = len(of_others) >= len(going_back)
    assumed = 0 if is_told else max(0, sum(going_back) - _sum(of_others))
    stand = [taken(order)[one.txn_id] for one in held if one.state != "AUTO_REFUNDED"]
    # One of two payments that stand may be the one that goes back, though no answer names it so.
    payments: dict[str, int] = {}
    for one in held:
        if one.state != "AUTO_REFUNDED":
            name = _whole_of(one) if one.leg else one.txn_id
            payments[name] = payments.get(name, 0) + taken(order)[one.txn_id]
    twice = max(0, min(returning - sum(going_back), sum(stand) - max(payments.values(), default=0)))
    captured = sum(stand) + returning - twice
    charged_back = taken_by_the_bank(order)
    return Books(
        captured=captured,
        kept=captured - returning,
        reserved=_promised(listed) + assumed + charged_back,
        back=_back(listed) + assumed,
        back_of_kept=_back(of_kept),
        going=_promised(of_kept) + charged_back,
        returning=_promised(of_others) + assumed,
        assumed=assumed,
        charged_back=charged_back,
        juspays_room=_juspays_room(order),
    )


def _beyond(order: Order, one: Refund) -> Refund | None:
    """The refund, or what of it a smaller share under another name leaves; None where that is nothing."""
    if counts(order, one):
        return one
    rest = one.amount_minor - order.refunds[one.same_as].amount_minor
    return evolve(one, amount_minor=rest) if rest > 0 else None


def names_returned(order: Order, one: Refund) -> bool:
    """Whether it names a payment that Juspay gives back by itself."""
    paid_with = order.attempts.get(one.txn_id) if one.txn_id else None
    return paid_with is not None and paid_with.state == "AUTO_REFUNDED"


def _promised(refunds: Iterable[Refund]) -> int:
    """All of those that have not failed, and of those that have the shares that are back."""
    return sum(one.references.done_minor if one.state in NOT_MADE else one.amount_minor for one in refunds)


def _back(refunds: Iterable[Refund]) -> int:
    return sum(one.amount_minor if one.state == "SUCCESS" else one.references.done_minor for one in refunds)


def is_of_another(order: Order, one: Refund) -> bool:
    """Whether it is Juspay's own, and of a payment that goes back: it does not name one that stands."""
    kept = {paid.txn_id for paid in captured_attempts(order) if paid.state != "AUTO_REFUNDED"}
    return one.automatic and one.txn_id not in kept


def proved_by_juspay(refunds: Iterable[Refund]) -> int:
    """What Juspay's own refunds prove was taken: all that may succeed, and at least the largest that failed."""
    live = [one.amount_minor for one in refunds if one.state not in NOT_MADE]
    return max(sum(live), max((one.amount_minor for one in refunds if one.state in NOT_MADE), default=0))


def taken_by_the_bank(order: Order, but: str | None = None) -> int:
    """What the bank took back, by a person's last word on each dispute but one."""
    last: dict[str | None, int] = {}
    for word in order.settled.values():
        if word.kind is ReasonKind.DISPUTE:
            last[word.dispute_id] = word.charged_back_minor
    return sum(minor for dispute_id, minor in last.items() if but is None or dispute_id != but)


def most_taken_by_the_bank(order: Order, dispute_id: str) -> int:
    """What a dispute of untold amount took: one payment, as far as it has not gone back otherwise."""
    left = books(order).captured - books(order).back - taken_by_the_bank(order, dispute_id)
    return max(0, min(left, max((taken(order)[one.txn_id] for one in captured_attempts(order)), default=0)))


def _juspays_room(order: Order) -> int:
    """Juspay's figure as it would be told now, and what is left of the payments that it does not speak of."""
    if order.eligible is None:
        return 10**9
    figures = {one.txn_id: one for one in captured_attempts(order)}
    if order.eligible.txn_id and figures and order.eligible.txn_id not in figures:
        return 10**9  # a figure of one that took nothing says nothing of those that did
    whose = order.eligible.txn_id if order.eligible.txn_id in figures else ""
    left = _figure_now(order, whose)
    if not whose:
        return left
    others = (one for name, one in figures.items() if name != whose and one.state != "AUTO_REFUNDED")
    live = [one for one in order.refunds.values() if one.state not in NOT_MADE and counts(order, one)]
    return left + sum(
        max(0, taken(order)[one.txn_id] - _sum(each for each in live if each.txn_id == one.txn_id)) for one in others
    )


def _figure_now(order: Order, whose: str) -> int:
    """Juspay's figure less the merchant's refunds that have come since, and with those that have failed since."""
    if order.eligible is None:
        return 10**9
    left = order.eligible.amount_minor
    for one in order.refunds.values():
        if not counts(order, one) or (whose and one.txn_id not in ("", whose)):
            continue
        was_counted, is_live = _was_counted(one, order.eligible.asked), one.state not in NOT_MADE
        if not (one.automatic and is_live):  # what Juspay gives back by itself may be of another payment
            left += one.amount_minor * (was_counted - is_live)
    return left


def _was_counted(one: Refund, asked: int) -> bool:
    """Whether Juspay had listed it by then, and not as failed."""
    words = [(seen.asked_last, _REFUND_WORDS.index(word)) for word, seen in one.observations.items()
             if seen.asked_first <= asked]  # fmt: skip
    return bool(words) and _REFUND_WORDS[max(words)[1]] != "FAILURE"


def seen(one: Refund) -> Iterable[Observation]:
    """What Juspay told of a refund."""
    return one.observations.values()


def _sum(refunds: Iterable[Refund]) -> int:
    return sum(one.amount_minor for one in refunds)


def price(order: Order) -> int:
    """The price that holds: what the order was opened with, or what it was changed to since."""
    return (order.amended or order.opened.amount).amount_minor


def named(order: Order) -> Iterator[Attempt]:
    """The attempts that Juspay has named."""
    return (one for one in order.attempts.values() if one.txn_id != UNNAMED)


@Order.memoized
def captured_attempts(order: Order) -> tuple[Attempt, ...]:
    """The named attempts that took money; of one told whole and in legs, what has come further and is complete."""
    held = [one for one in named(order) if one.state in MONEY]
    in_legs = {one.txn_id for one in held if not one.leg and _is_complete(order, one)}
    whole = {one.txn_id for one in held if not one.leg} - in_legs
    return tuple(one for one in held if one.txn_id not in in_legs and not (one.leg and _whole_of(one) in whole))


def _whole_of(leg: Attempt) -> str:
    return leg.txn_id.rpartition("-")[0]


def _is_complete(order: Order, whole: Attempt) -> bool:
    legs = [one.state for one in order.attempts.values() if one.leg and _whole_of(one) == whole.txn_id]
    return bool(legs) and all(state in MONEY[MONEY.index(whole.state) :] for state in legs)


def paid(one: Attempt) -> int:
    """What the shopper paid with it: as told with the money or, before, while it was held; else the price."""
    told = max(proof.paid_minor for proof in _proofs(one))
    return told if told >= 0 else price_of(one)


def took(one: Attempt) -> int:
    """What was taken with it: of a partial capture only what Juspay tells, also where that has gone back since."""
    is_part = "PARTIAL" in one.observations and "CHARGED" not in one.observations
    return one.observations["PARTIAL"].reported.amount_minor if is_part else paid(one)


@Order.memoized
def taken(order: Order) -> dict[str, int]:
    """What was taken with each payment: of legs of a partial capture no more together than Juspay tells of them."""
    each = {one.txn_id: took(one) for one in captured_attempts(order)}
    left: dict[str, int] = {}
    for one in sorted(captured_attempts(order), key=lambda one: one.txn_id):
        told = one.observations[one.state].reported.particulars.together_minor
        if one.leg and one.state == "PARTIAL" and told >= 0:
            most = left.get(_whole_of(one), told)
            each[one.txn_id] = min(each[one.txn_id], most)
            left[_whole_of(one)] = most - each[one.txn_id]
    return each


def counts(order: Order, one: Refund) -> bool:
    """Whether it counts beside the others: not while it is known to be one that Juspay lists elsewhere, and not failed.

    A listing under its own name shows that it is another.
    """
    return not one.same_as or bool(one.observations) or order.refunds[one.same_as].state in NOT_MADE


def discount(one: Attempt) -> int:
    """What an offer took off: as told, else what is missing to the price; of a leg only what is told."""
    told = max(proof.discount_minor for proof in _proofs(one))
    return told or (0 if one.leg else max(0, price_of(one) - paid(one)))


def surcharge(one: Attempt) -> int:
    """What was put on: as told, else what was paid beyond the price; of a leg only what is told."""
    told = max(proof.surcharge_minor for proof in _proofs(one))
    return told or (0 if one.leg else max(0, paid(one) - price_of(one)))


def price_of(one: Attempt) -> int:
    """The price as told with its money; the order's own where that was not told."""
    told = max(one.observations[kind].reported.particulars.price_minor for kind in MONEY if kind in one.observations)
    return told if told >= 0 else FULL


def _proofs(one: Attempt) -> list[Particulars]:
    """What was told beside its money; and beside its hold, where the money came without a word of what was paid."""
    told = [one.observations[kind].reported.particulars for kind in MONEY if kind in one.observations]
    is_silent = all(proof.paid_minor < 0 for proof in told)
    return [*told, one.observations["HELD"].reported.particulars] if is_silent and "HELD" in one.observations else told


def most_captured(order: Order) -> int:
    """What can have been taken at most: a part may be a part of what no transaction is named for."""
    unnamed, sure = order.attempts.get(UNNAMED), books(order).captured
    if unnamed is None or unnamed.state not in MONEY:
        return sure
    parts = sum(taken(order)[one.txn_id] for one in captured_attempts(order) if one.state == "PARTIAL")
    return sure + took(unnamed) - (parts if unnamed.state == "CHARGED" else 0)


def most_room(order: Order) -> int:
    """What may be promised at most beside all that is; below 0 where more is promised than may be."""
    unnamed = order.attempts.get(UNNAMED)
    beside = took(unnamed) if unnamed and unnamed.state in MONEY else 0  # of it Juspay's figure may say nothing
    return min(most_captured(order) - books(order).reserved, books(order).juspays_room + beside)


def is_price_going(order: Order) -> bool:
    """Whether the price is back with the shopper, on its way or promised, be it without a surcharge."""
    put_on = max((surcharge(one) for one in captured_attempts(order)), default=0)
    return 0 < books(order).going and books(order).kept - put_on <= books(order).going


def left_of(order: Order, txn_id: str) -> int:
    """What may still be given back of one transaction, beside what of the order may."""
    one = next((one for one in captured_attempts(order) if one.txn_id == txn_id), None)
    if one is None:
        return 0
    live = [each for each in order.refunds.values() if each.state not in NOT_MADE and counts(order, each)]
    gone = _sum(each for each in live if each.txn_id == txn_id)
    if one.state == "AUTO_REFUNDED":
        gone += books(order).assumed + _sum(each for each in live if each.automatic and each.txn_id == "")
    is_told = order.eligible is not None and order.eligible.txn_id == txn_id
    return min(taken(order)[one.txn_id] - gone, _figure_now(order, txn_id) if is_told else taken(order)[one.txn_id])


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
    return [
        other.refund_id
        for other in _made_elsewhere(order, one)
        if _is_of_its_amount(order, one, other) and _is_of_its_time(order, one, other)
    ]


def _made_elsewhere(order: Order, one: Refund) -> Iterator[Refund]:
    """Refunds that may be ours under another name, but for those that another of ours was found to be."""
    taken = {ours.same_as for ours in order.refunds.values() if ours is not one}
    others = (other for name, other in order.refunds.items() if name not in taken)
    return (other for other in others if other.key is None and not other.automatic)


def _is_of_its_amount(order: Order, one: Refund, other: Refund) -> bool:
    """Whether it is all of it, or may be the share of it that a leg gives back."""
    paid_with = order.attempts.get(other.txn_id)
    is_smaller_share = paid_with is not None and paid_with.leg and other.amount_minor < one.amount_minor
    return is_smaller_share or other.amount_minor == one.amount_minor


def _is_of_its_time(order: Order, one: Refund, other: Refund) -> bool:
    """Whether it was made near our call; one without a date, whether no question asked before ours knew of it."""
    if other.since == order.created_at:
        return min(sight.asked_first for sight in seen(other)) >= one.since_version
    return one.sent_at is not None and one.since - _TWIN_WITHIN <= other.since <= one.sent_at + _TWIN_WITHIN


def _forgotten(order: Order, one: Refund) -> list[str]:
    """Refunds of its amount that were made elsewhere, and first shown since the record was doubted."""
    return [
        other.refund_id
        for other in _made_elsewhere(order, one)
        if other.amount_minor == one.amount_minor
        and min(sight.asked_first for sight in seen(other)) >= one.doubted_since
    ]


def is_unsure(order: Order) -> bool:
    """Whether the record was doubted, and no question that was asked since has been answered."""
    return all(sight.asked_last < order.unsure_since for sight in order.latest.values()) and order.unsure_since >= 0


def missing(order: Order) -> bool:
    """Whether money that Juspay failed to give back is still here, and no refund of the merchant's stands in for it.

    One that waits stands in for it only where it was asked for when that was known.
    """
    failed = [one for one in order.refunds.values() if one.automatic and one.state in NOT_MADE]
    instead = _sum(one for one in _instead(order) if not _is_unaware(one))
    return bool(failed) and books(order).returning + instead < books(order).captured - books(order).kept


def waiting(order: Order) -> list[str]:
    """Refunds that were asked for before it was known that Juspay failed to give the money back, while it is open."""
    is_open = any(one.kind is ReasonKind.AUTO_REFUND_FAILED for one in open_reasons(order))
    return [one.refund_id for one in _instead(order) if _is_unaware(one)] if is_open and missing(order) else []


def _is_unaware(one: Refund) -> bool:
    return one.state == "REQUESTED" and not one.after_failure


def _instead(order: Order) -> Iterator[Refund]:
    """The merchant's refunds that may be of what Juspay failed to give back: named so, or as nothing else was taken."""
    failed = (one for one in order.refunds.values() if one.automatic and one.state in NOT_MADE)
    named_so = {one.txn_id for one in failed} - {""}
    live = (one for one in order.refunds.values() if not one.automatic and one.state not in NOT_MADE)
    return (one for one in live if counts(order, one) and _may_be_of(order, one, named_so))


def _may_be_of(order: Order, one: Refund, named_so: set[str]) -> bool:
    return not books(order).kept or one.txn_id in named_so or names_returned(order, one)


def is_back_by_juspay(order: Order) -> bool:
    """Whether refunds of Juspay's own that name what stands take all of it back."""
    own = [one for one in order.refunds.values() if one.automatic and one.state not in NOT_MADE]
    of_kept = _sum(one for one in own if not is_of_another(order, one))
    return 0 < of_kept >= books(order).kept


def is_delivered(order: Order) -> bool:
    """Whether the goods were handed over against cash."""
    return order.cash is not None and order.cash.outcome is CashOutcome.COLLECTED


def is_declined(order: Order) -> bool:
    """Whether a person has declined the price of every payment that stands."""
    stand = [one for one in order.attempts.values() if one.state in ("PARTIAL", "CHARGED")]
    return bool(stand) and {price_of(one) for one in stand} <= _declined_prices(order)


def is_settled(order: Order) -> bool:
    """Whether a person has settled everything that was ever answered differently, but about refunds of ours."""
    wrongs = mismatches(order)
    about = ((f"{field} of refund {name}" if name else field, theirs) for field, theirs, name in wrongs)
    return all(f"mismatch:{field}:{theirs}" in order.settled for field, theirs in about)


def _declined_prices(order: Order) -> set[int]:
    about = [theirs for field, theirs, refund_id in mismatches(order) if field == "amount" and not refund_id]
    words = ((theirs, order.settled.get(f"mismatch:amount:{theirs}")) for theirs in about if theirs.isdigit())
    return {int(theirs) * 100 for theirs, word in words if word and word.verdict == "declined"}


PAID_WORDS: Final = {WORDS[Paid(kind)] for kind in MONEY}


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
