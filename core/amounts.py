"""An order's money: what was asked for, paid, captured, given back, reserved, and what may still be refunded.

Owns this arithmetic, in one place; all of it follows from the record and none is stored. The words (gateway contract,
O.1 and O.2):

- price: what the merchant asked for.
- paid: what the shopper paid, less an offer's discount, plus a surcharge.
- captured: what was taken: all that was paid, or of a partial capture what Juspay says was taken.
- given back: refunds that succeeded. A payment that Juspay gives back by itself counts as given back as far as its own
  refund has succeeded; only where Juspay lists no refund for it at all is it taken as given back.
- reserved: every refund that has not failed.
- refundable: captured less reserved, and never more than Juspay itself will still refund.

A refund of Juspay's own beside a payment that stands belongs to another payment, which was taken and goes back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import reduce
from typing import Final

from attrs import frozen

from paystate.core import attempt as attempts_table
from paystate.core import refund as refunds_table
from paystate.core.attempt import UNNAMED, Attempt
from paystate.core.catalogue import Paid
from paystate.core.order import Order
from paystate.core.refund import Refund
from paystate.core.register import UNTOLD, Particulars

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
        reserved: What every refund that has not failed takes up, `assumed` included.
        reserved_by_juspay: Of `reserved`, what goes back by Juspay's own refunds.
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
    reserved: int
    reserved_by_juspay: int
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
    """Attempts that took money. The unnamed one counts only while no named attempt explains it."""
    named = tuple([a for a in order.attempts.values() if a.state in attempts_table.HARD and a.txn_id != UNNAMED])
    unnamed = order.attempts.get(UNNAMED)
    if unnamed is None or any(_explains(one, unnamed) for one in named):
        return named
    return (unnamed, *(one for one in named if not _is_part_of(one, unnamed)))


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
        paid: What the shopper paid; the price where no answer has told it.
        captured: What was taken of it.
        discount: What an offer took off; where Juspay tells only what was paid, the difference to the price.
        surcharge: What was put on, told or worked out alike.
    """

    attempt: Attempt
    paid: int
    captured: int
    discount: int
    surcharge: int


@Order.once
def payments(order: Order) -> tuple[Payment, ...]:
    """Every payment that took money, those that Juspay gives back included."""
    return tuple([_payment(one, order.amount.amount_minor) for one in standing(order)])


def _payment(one: Attempt, price: int) -> Payment:
    told = _told_of(one)
    paid = told.paid_minor if told.paid_minor != UNTOLD else told.price_minor if told.price_minor != UNTOLD else price
    asked = price if told.price_minor == UNTOLD else told.price_minor  # a person may have taken another price
    difference = 0 if one.leg else paid - asked  # a leg pays its share of the price, and no share is a discount
    return Payment(
        attempt=one,
        paid=paid,
        captured=one.said.amount_minor if one.state == Paid.PARTIAL else paid,
        discount=told.discount_minor or max(0, -difference),
        surcharge=told.surcharge_minor or max(0, difference),
    )


def _told_of(one: Attempt) -> Particulars:
    """All that was told beside its money, whatever the word for it was."""
    told = [seen.said.particulars for kind, seen in one.sightings.items() if kind in attempts_table.HARD]
    return told[0] if len(told) == 1 else reduce(Particulars.with_more, told)


@Order.once
def amounts(order: Order) -> Amounts:
    """Add the order's money up."""
    took = payments(order)
    returned = [one for one in took if one.attempt.state == Paid.AUTO_REFUNDED]
    listed = [one for one in order.refunds.values() if not _is_counted_as_another(order, one)]  # it went back once
    reserving = [one for one in listed if one.holds]
    in_part = sum([one.references.done_minor for one in listed if one.state != refunds_table.SUCCESS])
    gone = sum([one.references.done_minor for one in listed if not one.holds])
    succeeded = [one for one in reserving if one.state == refunds_table.SUCCESS]
    automatic = [one for one in order.refunds.values() if one.automatic]
    kept = [one.captured for one in took if one.attempt.state != Paid.AUTO_REFUNDED]
    known_back, proved = sum([one.paid for one in returned]), _proved_by(automatic)
    # Of two payments Juspay gives one back, and a status that names the other never says so (O.4).
    seen = min(max(0, proved - known_back), sum(kept) - max(kept, default=0))
    returning = max(known_back, proved)
    assumed = _assumed(returned, automatic)
    return Amounts(
        price=order.amount.amount_minor,
        paid=sum([one.paid for one in took]),
        discount=sum([one.discount for one in took]),
        surcharge=sum([one.surcharge for one in took]),
        captured=sum(kept) - seen + returning,
        returning=returning,
        refunded=_total(succeeded) + assumed + in_part,
        automatic=_total([one for one in succeeded if one.automatic]) + assumed,
        assumed=assumed,
        reserved=_total(reserving) + assumed + gone,
        reserved_by_juspay=_total([one for one in reserving if one.automatic]) + assumed,
        eligible=_eligible(order, reserving),
    )


def refundable_of(order: Order, txn_id: str) -> int:
    """What may still be refunded: of the order (`""`), or of one transaction, never more than of the order."""
    of_order = amounts(order).refundable
    if not txn_id:
        return of_order
    one = next((one for one in payments(order) if one.attempt.txn_id == txn_id), None)
    if one is None:
        return 0
    is_back = one.attempt.state == Paid.AUTO_REFUNDED  # Juspay's own refunds of it may name no transaction
    its_own = [r for r in order.refunds.values() if r.txn_id == txn_id or (is_back and r.automatic and not r.txn_id)]
    reserved = _total([r for r in its_own if r.holds]) + (amounts(order).assumed if is_back else 0)
    return max(0, min(of_order, one.captured - reserved))


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
    return max(0, sum([one.paid for one in returned]) - _total(automatic))


def _eligible(order: Order, reserving: Iterable[Refund]) -> int | None:
    """Juspay's own figure, less the refunds that it had not counted when it told it."""
    told = order.eligible
    if told is None:
        return None
    # What Juspay gives back by itself is another payment's, or takes all of this one; its figure is for neither.
    uncounted = [one for one in reserving if not one.automatic and not _is_counted(one, told.asked)]
    return told.amount_minor - _total(uncounted)


def _is_counted(refund: Refund, asked: int) -> bool:
    return any(seen.asked_first <= asked for seen in refund.sightings.values())


def _total(refunds: Iterable[Refund]) -> int:
    return sum([one.amount_minor for one in refunds])
