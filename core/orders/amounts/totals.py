"""An order's money: what was asked for, paid, captured, given back, reserved, and what may still be refunded.

Owns this arithmetic, in one place; all of it follows from the record and none is stored. The words (gateway contract,
O.1 and O.2):

- price: what the merchant asked for.
- paid: what the shopper paid, less an offer's discount, plus a surcharge.
- captured: what was taken: all that was paid, or of a partial capture what Juspay says was taken.
- given back: refunds that succeeded. A payment that Juspay gives back by itself counts as given back as far as its own
  refund has succeeded; only where Juspay lists no refund for it at all is it taken as given back.
- reserved: every refund that has not failed, and what the shopper's bank took back in a dispute.
- refundable: captured less reserved, and never more than Juspay itself will still refund.

A refund of Juspay's own beside a payment that stands belongs to another payment, which was taken and goes back; unless
it names the very transaction that stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from typing import Final

from attrs import evolve, frozen

from paystate.core.lifecycle.observations import UNTOLD, Particulars, newest
from paystate.core.lifecycle.statuses import Paid
from paystate.core.orders import attempt as attempts_table
from paystate.core.orders import refund as refunds_table
from paystate.core.orders.amounts.disputes import charged_back_minor
from paystate.core.orders.attempt import UNNAMED, Attempt
from paystate.core.orders.facts import Eligible
from paystate.core.orders.order import Order
from paystate.core.orders.refund import Refund

ACROSS: Final = (Paid.AUTO_REFUNDED, Paid.PARTIAL, Paid.CHARGED)
"""Order of money across the transactions of one order, least first. Source: gateway contract, G.1 (a decision)."""


_NUMBER: Final = re.compile(r"[0-9]{1,2}", re.ASCII)


@frozen
class TxnName:
    """A transaction's name, taken apart.

    Attributes:
        prefix: All before the attempt's number.
        attempt: 1 for the first try to pay the order.
        is_leg: It is one of several transactions that pay together.
    """

    prefix: str
    attempt: int
    is_leg: bool


def txn_name(order: Order, txn_id: str) -> TxnName | None:
    """Take apart `<merchant>-<order>-<attempt>` or `...-<attempt>-<leg>`; None for a name of another form.

    Source: gateway contract, G.1 (attempts), O.3 (legs).
    """
    head, found, tail = txn_id.lower().rpartition(f"{order.key.folded}-")
    numbers = tail.split("-")
    if not found or len(numbers) > 2 or not all(_NUMBER.fullmatch(part) for part in numbers):
        return None
    return TxnName(txn_id[: len(head) + len(found)], int(numbers[0]), is_leg=len(numbers) > 1)


@frozen(kw_only=True)
class Amounts:
    """Money of an order, in minor units of its currency.

    Attributes:
        price: What the merchant asked for.
        paid: What the shopper paid in all payments that took money.
        discount: What offers took off.
        surcharge: What was put on.
        captured: Everything that was ever taken, payments that Juspay gives back itself included.
        returning: Of `captured`, what belongs to payments that Juspay gives back itself.
        refunded: Everything that was given back, by whomever.
        automatic: Of `refunded`, what Juspay gave back by itself.
        assumed: Of `automatic`, what is taken as given back because Juspay lists no refund for it.
        refunded_of_kept: Of `refunded`, what went back of `kept`.
        charged_back: What the shopper's bank took back in disputes that a person has found lost.
        reserved: What every refund that has not failed takes up, `assumed` and `charged_back` included.
        reserved_of_kept: Of `reserved`, what is of `kept`.
        eligible: What Juspay itself will still refund, less refunds that it had not counted: below 0 where too much is
            reserved. None where Juspay has not told it.
    """

    price: int
    paid: int
    discount: int
    surcharge: int
    captured: int
    returning: int
    refunded: int
    automatic: int
    assumed: int
    refunded_of_kept: int
    charged_back: int
    reserved: int
    reserved_of_kept: int
    eligible: int | None

    @property
    def refundable(self) -> int:
        """What may still be refunded; never below 0, though evidence may push `reserved` over `captured`."""
        ours = self.captured - self.reserved
        return max(0, ours if self.eligible is None else min(ours, self.eligible))

    @property
    def has_room(self) -> bool:
        """Whether all that is reserved is within what was captured, and within what Juspay itself will refund."""
        return self.reserved <= self.captured and (self.eligible is None or self.eligible >= 0)

    @property
    def kept(self) -> int:
        """What was taken and Juspay does not give back by itself."""
        return self.captured - self.returning


@Order.once
def standing(order: Order) -> tuple[Attempt, ...]:
    """Attempts that took money; one that was told whole and later in legs counts by its legs.

    The unnamed one counts only while no named attempt explains it.
    """
    took = [a for a in order.attempts.values() if a.state in attempts_table.HARD and a.txn_id != UNNAMED]
    if any(a.leg for a in took):
        took = [a for a in took if not (_is_told_by_whole(order, a) if a.leg else _is_told_by_legs(order, a))]
    named = tuple(took)
    unnamed = order.attempts.get(UNNAMED)
    if unnamed is None or any(_explains(one, unnamed) for one in named):
        return named
    return (unnamed, *(one for one in named if not _is_part_of(one, unnamed)))


def _is_told_by_whole(order: Order, leg: Attempt) -> bool:
    whole = order.attempts.get(leg.payment)
    if whole is None or whole is leg or whole.state not in attempts_table.HARD:
        return False
    return not _is_told_by_legs(order, whole)


def _is_told_by_legs(order: Order, whole: Attempt) -> bool:
    """Whether its legs tell as much of a payment: each has taken money, and has come as far."""
    legs = [one for one in order.attempts.values() if one.leg and one.payment == whole.txn_id]
    reached = attempts_table.HARD.index(whole.state)
    return bool(legs) and all(
        one.state in attempts_table.HARD and attempts_table.HARD.index(one.state) >= reached for one in legs
    )


def _explains(named: Attempt, unnamed: Attempt) -> bool:
    """Whether money first seen without a name is this attempt's: unless it is, or had come to, less by then."""
    if _is_part_of(named, unnamed):
        return False
    had_come_to = named.sightings[named.state].asked_first
    is_less = ACROSS.index(Paid(named.state)) < ACROSS.index(Paid(unnamed.state))
    return not (is_less and had_come_to <= unnamed.sightings[unnamed.state].asked_last)


def _is_part_of(named: Attempt, unnamed: Attempt) -> bool:
    """Whether a partial capture stands beside an unnamed charge: it is counted as a part of it, never on top."""
    return named.state == Paid.PARTIAL and unnamed.state == Paid.CHARGED


@frozen
class Payment:
    """What one attempt that took money came to, in minor units.

    Attributes:
        price: The order's price, as told with it.
        paid: What the shopper paid; the price where no answer has told it.
        captured: What was taken of it.
        discount: What an offer took off; where Juspay tells only what was paid, the difference to the price.
        surcharge: What was put on, told or worked out alike.
    """

    attempt: Attempt
    price: int
    paid: int
    captured: int
    discount: int
    surcharge: int


@Order.once
def payments(order: Order) -> tuple[Payment, ...]:
    """Every payment that took money, those that Juspay gives back included."""
    each = [_payment(one, order.amount.amount_minor) for one in standing(order)]
    return tuple(_within_what_was_captured(each)) if any(one.attempt.leg for one in each) else tuple(each)


def _within_what_was_captured(took: Iterable[Payment]) -> Iterator[Payment]:
    """Legs of a partial capture take no more together than Juspay says was captured of the order (O.1)."""
    left: dict[str, int] = {}
    for one in sorted(took, key=lambda one: one.attempt.txn_id):
        together = one.attempt.said.particulars.together_minor
        if not one.attempt.leg or one.attempt.state != Paid.PARTIAL or together == UNTOLD:
            yield one
            continue
        most = left.setdefault(one.attempt.payment, together)
        captured = min(one.captured, most)
        left[one.attempt.payment] = most - captured
        yield evolve(one, captured=captured)


def _payment(one: Attempt, price: int) -> Payment:
    told = _told_of(one)
    asked = price if told.price_minor == UNTOLD else told.price_minor  # a person may have taken another price
    paid = asked if told.paid_minor == UNTOLD else told.paid_minor
    difference = 0 if one.leg else paid - asked  # a leg pays its share of the price, and no share is a discount
    return Payment(
        attempt=one,
        price=asked,
        paid=paid,
        captured=_captured(one, paid),
        discount=told.discount_minor or max(0, -difference),
        surcharge=told.surcharge_minor or max(0, difference),
    )


def _captured(one: Attempt, paid: int) -> int:
    """All that was paid; of a partial capture what Juspay says was taken, also where that has gone back since."""
    part = one.sightings.get(Paid.PARTIAL)
    return part.said.amount_minor if part and Paid.CHARGED not in one.sightings else paid


def _told_of(one: Attempt) -> Particulars:
    """All that was told beside its money, whatever the word for it was; of what was paid, else what was held."""
    told = [seen.said.particulars for kind, seen in one.sightings.items() if kind in attempts_table.HARD]
    taken = told[0] if len(told) == 1 else reduce(Particulars.with_more, told)
    if taken.paid_minor != UNTOLD or Paid.HELD not in one.sightings:
        return taken
    held = one.sightings[Paid.HELD].said.particulars
    return taken.with_more(evolve(held, price_minor=UNTOLD))


@Order.once
def amounts(order: Order) -> Amounts:
    """Add the order's money up."""
    took = payments(order)
    returned = [one for one in took if one.attempt.state == Paid.AUTO_REFUNDED]
    kept = [one for one in took if one.attempt.state != Paid.AUTO_REFUNDED]
    listed = counting(order)
    of_returning = refunds_of_returning(order)
    of_kept = [one for one in listed if not is_of_returning(order, one)]
    # Of two payments Juspay gives one back, and a status that names the other never says so (O.4).
    known_back, proved = sum([one.captured for one in returned]), _proved_by(of_returning)
    taken, returning = _by_payment(kept), max(known_back, proved)
    seen = min(max(0, proved - known_back), sum(taken) - max(taken, default=0))
    captured = sum(taken) - seen + returning
    assumed = _assumed(returned, of_returning)
    reserved = _taken_up(listed) + assumed
    charged_back = charged_back_minor(order) if order.disputes else 0
    return Amounts(
        price=order.amount.amount_minor,
        paid=sum([one.paid for one in took]),
        discount=sum([one.discount for one in took]),
        surcharge=sum([one.surcharge for one in took]),
        captured=captured,
        returning=returning,
        refunded=_done(listed) + assumed,
        automatic=_done([one for one in listed if one.automatic]) + assumed,
        assumed=assumed,
        refunded_of_kept=_done(of_kept),
        charged_back=charged_back,
        reserved=reserved + charged_back,
        reserved_of_kept=_taken_up(of_kept) + charged_back,
        eligible=_eligible(order, took),
    )


def _by_payment(took: Iterable[Payment]) -> list[int]:
    """What was captured with each payment; legs that pay together are one."""
    sums: dict[str, int] = {}
    for one in took:
        sums[one.attempt.payment] = sums.get(one.attempt.payment, 0) + one.captured
    return [*sums.values()]


@Order.once
def counting(order: Order) -> tuple[Refund, ...]:
    """The refunds that count; one that a person found to be another one went back once, under that name.

    Where that is a smaller share of it, the rest counts still.
    """
    each = [_beyond(order, one) for one in order.refunds.values()]
    return tuple([one for one in each if one is not None])


def _beyond(order: Order, refund: Refund) -> Refund | None:
    if not _is_counted_as_another(order, refund):
        return refund
    rest = refund.amount_minor - order.refunds[refund.same_as].amount_minor
    return evolve(refund, amount_minor=rest) if rest > 0 else None


def is_of_returning(order: Order, refund: Refund) -> bool:
    """Whether it gives back a payment that Juspay gives back by itself, whoever made it."""
    of = order.attempts.get(refund.txn_id) if refund.txn_id else None
    return refund in refunds_of_returning(order) or (of is not None and of.state == Paid.AUTO_REFUNDED)


def most_charged_back(order: Order, dispute_id: str) -> int:
    """What a dispute of untold amount can have taken: one payment, as far as it has not gone back otherwise.

    A refund that is under way may fail still, so it counts for nothing here; should both take the money, it shows.
    """
    gone = amounts(order).refunded + charged_back_minor(order, beside=dispute_id)
    most = max([one.captured for one in payments(order)], default=0)
    return max(0, min(amounts(order).captured - gone, most))


@Order.once
def refunds_of_returning(order: Order) -> tuple[Refund, ...]:
    """Juspay's own refunds, of payments that it gives back itself: all but those that name one that stands."""
    stands = {a.txn_id for a in standing(order) if a.state != Paid.AUTO_REFUNDED} - {UNNAMED}
    return tuple([one for one in order.refunds.values() if one.automatic and one.txn_id not in stands])


def refundable_of(order: Order, txn_id: str) -> int:
    """What may still be refunded: of the order (`""`), or of one transaction, never more than of the order."""
    most = amounts(order).refundable
    if not txn_id:
        return most
    room = _room_of(order, txn_id)
    return 0 if room is None else max(0, min(most, room))


def has_room_for(order: Order, refund: Refund) -> bool:
    """Whether all that is reserved is within what was captured, also of the transaction that `refund` names."""
    room = _room_of(order, refund.txn_id) if refund.txn_id else None
    return amounts(order).has_room and (room is None or room >= 0)


def _room_of(order: Order, txn_id: str) -> int | None:
    """What of one payment is reserved by nothing, below 0 where too much is; None for one that took nothing."""
    one = next((one for one in payments(order) if one.attempt.txn_id == txn_id), None)
    if one is None:
        return None
    room = one.captured - _total(_reserving(order, txn_id))
    if one.attempt.state == Paid.AUTO_REFUNDED:  # Juspay's own refunds of it may name no transaction
        room -= _total([r for r in _reserving(order, "") if r.automatic]) + amounts(order).assumed
    if order.eligible and order.eligible.txn_id == txn_id:
        room = min(room, _left_of_eligible(order, order.eligible, txn_id))
    return room


def _reserving(order: Order, txn_id: str) -> list[Refund]:
    return [one for one in counting(order) if one.txn_id == txn_id and one.holds]


def _is_counted_as_another(order: Order, refund: Refund) -> bool:
    """Whether a refund under another name stands for it; one that failed does so no more."""
    return refund.is_known_as_another and order.refunds[refund.same_as].holds


def _proved_by(automatic: Sequence[Refund]) -> int:
    """What Juspay's own refunds prove to have been taken; a failed one may have been tried again under another name."""
    tried = max([one.amount_minor for one in automatic if not one.holds], default=0)
    return max(_total([one for one in automatic if one.holds]), tried)


def _assumed(returned: Sequence[Payment], automatic: Sequence[Refund]) -> int:
    """What goes back with payments for which Juspay lists no refund: nothing better is known (O.2)."""
    if len(automatic) >= len(returned):
        return 0
    return max(0, sum([one.captured for one in returned]) - _total(automatic))


def _eligible(order: Order, took: Sequence[Payment]) -> int | None:
    """Juspay's own figure for all payments that stand, or None where it has told none that fits.

    The figure is of the transaction that its answer names (O.4); for each other payment our own room is added.
    """
    told = order.eligible
    if told is None:
        return None
    names = {one.attempt.txn_id for one in took} - {UNNAMED}
    if told.txn_id not in names:
        speaks_of_none = told.txn_id and names  # the transaction that it names took nothing, and another did
        return None if speaks_of_none else _left_of_eligible(order, told, UNNAMED)
    others = [one for one in took if one.attempt.txn_id != told.txn_id and one.attempt.state != Paid.AUTO_REFUNDED]
    rooms = sum([max(0, one.captured - _total(_reserving(order, one.attempt.txn_id))) for one in others])
    return _left_of_eligible(order, told, told.txn_id) + rooms


def _left_of_eligible(order: Order, told: Eligible, whose: str) -> int:
    """The figure as it would be told now: less the refunds that came since, and with those that have failed since.

    Args:
        whose: The transaction whose figure it is, or `UNNAMED` for the whole order's.
    """
    its_own = [one for one in counting(order) if whose == UNNAMED or one.txn_id in ("", whose)]
    # What Juspay gives back by itself is another payment's, or takes all of this one; its figure is for neither.
    come = [one for one in its_own if one.holds and not one.automatic and not _was_counted(one, told.asked)]
    failed = [one for one in its_own if not one.holds and _was_counted(one, told.asked)]
    return told.amount_minor - _total(come) + _total(failed)


def _was_counted(refund: Refund, asked: int) -> bool:
    """Whether it was listed as not failed when that question was answered."""
    then = {kind: seen for kind, seen in refund.sightings.items() if seen.asked_first <= asked}
    return newest(then, refunds_table.CLASSES) not in (None, refunds_table.FAILURE)


def _total(refunds: Iterable[Refund]) -> int:
    return sum([one.amount_minor for one in refunds])


def _done(refunds: Iterable[Refund]) -> int:
    """What of them is back: all, or the shares of some legs."""
    return sum([
        one.amount_minor if one.state == refunds_table.SUCCESS else one.references.done_minor for one in refunds
    ])  # fmt: skip


def _taken_up(refunds: Iterable[Refund]) -> int:
    return sum([taken_up(one) for one in refunds])


def taken_up(refund: Refund) -> int:
    """What of it cannot be promised again: all, or of a failed one the shares that are back."""
    return refund.amount_minor if refund.holds else refund.references.done_minor
