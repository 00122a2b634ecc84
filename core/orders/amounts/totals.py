"""An order's money, added up: what was asked for, paid, captured, given back, reserved, and what may be refunded.

All of it follows from the record and none is stored. The words (gateway contract,
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

from collections.abc import Iterable, Sequence

from attrs import frozen

from paystate.core.orders.amounts.counted_refunds import (
    all_taken_up,
    counting,
    done,
    is_of_returning,
    refunds_of_returning,
    total,
)
from paystate.core.orders.amounts.disputes import charged_back_minor
from paystate.core.orders.amounts.eligible import eligible
from paystate.core.orders.amounts.payments import Payment, payments
from paystate.core.orders.attempt import AttemptState
from paystate.core.orders.order import Order
from paystate.core.orders.refund import Refund


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


@Order.memoized
def amounts(order: Order) -> Amounts:
    """Add the order's money up."""
    took = payments(order)
    returned = [one for one in took if one.attempt.state == AttemptState.AUTO_REFUNDED]
    kept = [one for one in took if one.attempt.state != AttemptState.AUTO_REFUNDED]
    listed = counting(order)
    of_returning = refunds_of_returning(order)
    of_kept = [one for one in listed if not is_of_returning(order, one)]
    # Of two payments Juspay gives one back, and a status that names the other never says so (O.4).
    known_back, proved = sum([one.captured for one in returned]), _proved_by(of_returning)
    taken, returning = _by_payment(kept), max(known_back, proved)
    seen = min(max(0, proved - known_back), sum(taken) - max(taken, default=0))
    captured = sum(taken) - seen + returning
    assumed = _assumed(returned, of_returning)
    reserved = all_taken_up(listed) + assumed
    charged_back = charged_back_minor(order) if order.disputes else 0
    return Amounts(
        price=order.amount.amount_minor,
        paid=sum([one.paid for one in took]),
        discount=sum([one.discount for one in took]),
        surcharge=sum([one.surcharge for one in took]),
        captured=captured,
        returning=returning,
        refunded=done(listed) + assumed,
        automatic=done([one for one in listed if one.automatic]) + assumed,
        assumed=assumed,
        refunded_of_kept=done(of_kept),
        charged_back=charged_back,
        reserved=reserved + charged_back,
        reserved_of_kept=all_taken_up(of_kept) + charged_back,
        eligible=eligible(order, took),
    )


def _by_payment(took: Iterable[Payment]) -> list[int]:
    """What was captured with each payment; legs that pay together are one."""
    sums: dict[str, int] = {}
    for one in took:
        sums[one.attempt.payment] = sums.get(one.attempt.payment, 0) + one.captured
    return [*sums.values()]


def _proved_by(automatic: Sequence[Refund]) -> int:
    """What Juspay's own refunds prove to have been taken; a failed one may have been tried again under another name."""
    tried = max([one.amount_minor for one in automatic if not one.reserves_amount], default=0)
    return max(total([one for one in automatic if one.reserves_amount]), tried)


def _assumed(returned: Sequence[Payment], automatic: Sequence[Refund]) -> int:
    """What goes back with payments for which Juspay lists no refund: nothing better is known (O.2)."""
    if len(automatic) >= len(returned):
        return 0
    return max(0, sum([one.captured for one in returned]) - total(automatic))
