"""What follows from an order's record: status, amounts, review reasons, what to announce.

Owns pure functions and nothing else; none of their results is ever stored as truth.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from attrs import frozen

from paystate.core import attempt as attempts_table
from paystate.core import refund as refunds_table
from paystate.core.attempt import CLASSES, UNNAMED, Attempt
from paystate.core.catalogue import Paid
from paystate.core.order import ANSWER_CLASSES, NOT_FOUND, Order
from paystate.core.refund import Refund
from paystate.core.register import Sighting, newest, newest_denial


class Status(StrEnum):
    """An order's status, as the merchant reads it. PARTIALLY_REFUNDED and REFUNDED are ours: Juspay keeps CHARGED."""

    NEW = "NEW"
    PENDING = "PENDING"
    UNKNOWN = "UNKNOWN"
    FAILED = "FAILED"
    EXPIRED = "EXPIRED"
    COD_INITIATED = "COD_INITIATED"
    AUTHORIZED = "AUTHORIZED"
    VOIDED = "VOIDED"
    PARTIAL_CHARGED = "PARTIAL_CHARGED"
    CHARGED = "CHARGED"
    PARTIALLY_REFUNDED = "PARTIALLY_REFUNDED"
    REFUNDED = "REFUNDED"
    AUTO_REFUNDED = "AUTO_REFUNDED"


_SOFT: Final = {
    Paid.NEW: Status.NEW,
    Paid.UNKNOWN: Status.UNKNOWN,
    Paid.PENDING: Status.PENDING,
    Paid.FAILED: Status.FAILED,
    Paid.COD: Status.COD_INITIATED,
    Paid.VOIDED: Status.VOIDED,
    Paid.HELD: Status.AUTHORIZED,
}
UNSETTLED: Final = frozenset({Status.PENDING, Status.UNKNOWN, Status.AUTHORIZED, Status.COD_INITIATED})
"""Money may still come or go; past the window a person has to see them."""


class ReasonKind(StrEnum):
    """Why a person must look."""

    MISMATCH = "mismatch"
    SECOND_CHARGE = "second_charge"
    OVER_REFUNDED = "over_refunded"
    DENIED = "denied"
    PARTIAL_CAPTURE = "partial_capture"
    REFUND_REVIEW = "refund_review"
    REFUND_UNKNOWN = "refund_unknown"
    OVERDUE = "overdue"
    LATE_SUCCESS = "late_success"


ACROSS: Final = (Paid.AUTO_REFUNDED, Paid.PARTIAL, Paid.CHARGED)
"""Order of money across the transactions of one order, least first. Source: gateway contract, G.1 (a decision)."""

_DENY_MONEY: Final = (NOT_FOUND, *attempts_table.SOFT)
_ORDER_DENIALS: Final[dict[str, tuple[str, ...]]] = {
    **dict.fromkeys(attempts_table.SOFT, (NOT_FOUND,)),
    **dict.fromkeys(attempts_table.HARD, _DENY_MONEY),
}
BLOCKS_FULFILMENT: Final = frozenset({ReasonKind.MISMATCH, ReasonKind.PARTIAL_CAPTURE})
BLOCKS_REFUNDS: Final = BLOCKS_FULFILMENT | {ReasonKind.OVER_REFUNDED, ReasonKind.DENIED}


@frozen
class Reason:
    """One thing a person must look at.

    Attributes:
        key: Kind and evidence in one name; other evidence is another reason.
        refund_id: The refund it is about, or `""`.
        ends_refund: A person's verdict says how the refund ended.
    """

    kind: ReasonKind
    key: str
    says: str
    refund_id: str = ""
    ends_refund: bool = False

    @property
    def holds_goods(self) -> bool:
        """Whether the goods wait until it is settled."""
        return self.kind in BLOCKS_FULFILMENT

    @property
    def holds_refunds(self) -> bool:
        """Whether every new refund of the order waits; what is about one refund holds no other."""
        return self.kind in BLOCKS_REFUNDS and not self.refund_id


@frozen
class Amounts:
    """Money of an order, in minor units of its currency.

    Attributes:
        captured: Everything that was ever taken.
        refunded: Everything that was given back, Juspay's own refunds included.
        automatic: What Juspay gave back by itself with the attempt that had taken it.
        held: What every refund that has not failed takes up, `automatic` included.
    """

    captured: int
    refunded: int
    automatic: int
    held: int

    @property
    def refundable(self) -> int:
        """What may still be refunded; never below 0, though evidence may push `held` over `captured`."""
        return max(0, self.captured - self.held)


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


@Order.once
def amounts(order: Order) -> Amounts:
    """Add the order's money up."""
    took, full = standing(order), order.amount.amount_minor
    automatic = full * sum([a.state == Paid.AUTO_REFUNDED for a in took])
    captured = sum([a.said.amount_minor if a.state == Paid.PARTIAL else full for a in took])
    holding = [r for r in order.refunds.values() if r.holds]
    succeeded = [r for r in holding if r.state == refunds_table.SUCCESS]
    refunded, held = _total(succeeded), _total(holding)
    if automatic:  # Juspay may give an attempt back by itself without listing a refund for it.
        refunded += max(0, automatic - _total([r for r in succeeded if r.automatic]))
        held += max(0, automatic - _total([r for r in holding if r.automatic]))
    return Amounts(captured, refunded, automatic, held)


def _total(refunds: list[Refund]) -> int:
    return sum([r.amount_minor for r in refunds])


@Order.once
def status(order: Order) -> Status:
    """The order's status."""
    states = {a.state for a in standing(order)}
    if Paid.CHARGED in states:
        return _charged_status(order)
    if Paid.PARTIAL in states:
        return Status.PARTIAL_CHARGED
    if Paid.AUTO_REFUNDED in states:
        return Status.AUTO_REFUNDED
    return _soft_status(order)


def _charged_status(order: Order) -> Status:
    given_back = _total([r for r in order.refunds.values() if r.state == refunds_table.SUCCESS and not r.automatic])
    if given_back <= 0:
        return Status.CHARGED
    money = amounts(order)
    return Status.REFUNDED if given_back >= money.captured - money.automatic else Status.PARTIALLY_REFUNDED


def _soft_status(order: Order) -> Status:
    kind = newest(order.latest, CLASSES)
    label = Status.NEW if kind is None else _SOFT[Paid(kind)]
    ends_unpaid = label in (Status.NEW, Status.FAILED)
    return Status.EXPIRED if ends_unpaid and _answered_after_close(order) else label


def _answered_after_close(order: Order) -> bool:
    """Whether Juspay's newest answer carries a date at or after the order's end of life."""
    kind = newest(order.latest, ANSWER_CLASSES)
    return kind is not None and _is_after_close(order, order.latest[kind])


def _is_after_close(order: Order, seen: Sighting) -> bool:
    return bool(seen.said.dated) and seen.said.dated >= stamp(order.closes_at)


def stamp(instant: datetime) -> str:
    """UTC text that sorts by time, to the second."""
    return instant.astimezone(UTC).isoformat("T", "seconds").removesuffix("+00:00") + "Z"


def juspay_status(order: Order) -> str:
    """Juspay's newest word for the order, verbatim; empty when it never named one."""
    kind = newest(order.latest, CLASSES)
    return order.latest[kind].said.word if kind else ""


def reasons(order: Order) -> tuple[Reason, ...]:
    """Every reason that the evidence gives, settled ones included."""
    return tuple(_reasons(order))


@Order.once
def open_reasons(order: Order) -> tuple[Reason, ...]:
    """The reasons that no person has settled yet."""
    return tuple([reason for reason in _reasons(order) if reason.key not in order.settled])


def refunds_held_by(order: Order) -> tuple[Reason, ...]:
    """The open reasons that hold every new refund of the order back."""
    return tuple([reason for reason in open_reasons(order) if reason.holds_refunds])


def is_paid(order: Order) -> bool:
    """Whether the goods may go out: money was proved, and no open reason speaks against it."""
    proved = any(a.state in (Paid.CHARGED, Paid.PARTIAL) for a in standing(order))
    return proved and not any(reason.holds_goods for reason in open_reasons(order))


def is_given_back(order: Order) -> bool:
    """Whether all the money that was taken has gone back to the shopper."""
    money = amounts(order)
    return 0 < money.captured <= money.refunded


def goods_may_go_out(order: Order) -> bool:
    """Whether the goods may still go out: they are paid, and not all of the money has gone back."""
    return is_paid(order) and not is_given_back(order)


def announcements(order: Order) -> tuple[str, ...]:
    """Once-keys of everything the merchant should have been told by now."""
    return tuple(_announcements(order))


def _announcements(order: Order) -> Iterator[str]:
    if is_paid(order):
        yield "order.paid"
    if (label := status(order)) is Status.AUTO_REFUNDED:
        yield "order.auto_refunded"
        again = sum(seen.state == Paid.AUTO_REFUNDED for seen in standing(order))
        yield from (f"order.auto_refunded:{number}" for number in range(2, again + 1))
    elif label is Status.EXPIRED:
        yield "order.expired"
    for refund in order.refunds.values():
        if refund.state == refunds_table.SUCCESS:
            yield f"refund.succeeded:{refund.refund_id}"
        elif not refund.holds:
            yield f"refund.failed:{refund.refund_id}"
        if refund.key is None:
            yield f"refund.found:{refund.refund_id}"
    for reason in open_reasons(order):
        yield f"review.opened:{reason.key}"


def _reasons(order: Order) -> Iterator[Reason]:
    if order.mismatches:
        yield from _mismatches(order)
    yield from _money_reasons(order)
    yield from _denials(order)
    for refund in order.refunds.values():
        yield from _refund_reasons(refund)
    if order.latest.keys() - attempts_table.HARD:  # each of these rests on an answer that showed no money
        yield from _time_reasons(order)


def _refund_reasons(refund: Refund) -> Iterator[Reason]:
    if refund.state == "MANUAL_REVIEW":
        kind = ReasonKind.REFUND_REVIEW
        says = "Juspay could not tell how the refund ended; ask the gateway, then settle it."
    elif refund.state == "UNKNOWN" or (refund.state == refunds_table.REQUESTED and refund.gave_up):
        kind = ReasonKind.REFUND_UNKNOWN
        says = "It could not be found out whether the refund was made; ask Juspay, then settle it."
    else:
        return
    # A refund that was settled before and is unclear once more is another reason: its key names the verdict.
    name = refund.refund_id if refund.settled_asked < 0 else f"{refund.refund_id}:{refund.settled_asked}"
    yield Reason(kind, f"{kind}:{name}", says, refund.refund_id, ends_refund=True)


def _mismatches(order: Order) -> Iterator[Reason]:
    for wrong in sorted(order.mismatches):
        ours = order.refunds.get(wrong.refund_id)
        if ours is not None and ours.key is not None:
            says = f"Juspay lists a refund with another {wrong.field}: ours {wrong.ours}, theirs {wrong.theirs}."
            key = f"refund_review:{wrong.refund_id}:{wrong.field}:{wrong.theirs}"
            ends = ours.state in refunds_table.SETTLEABLE
            yield Reason(ReasonKind.REFUND_REVIEW, key, says, wrong.refund_id, ends_refund=ends)
        else:
            about = f"{wrong.field} of refund {wrong.refund_id}" if wrong.refund_id else wrong.field
            says = f"Juspay answered with another {about}: ours {wrong.ours}, theirs {wrong.theirs}."
            yield Reason(ReasonKind.MISMATCH, f"mismatch:{about}:{wrong.theirs}", says)


def _money_reasons(order: Order) -> Iterator[Reason]:
    charged = [a.txn_id for a in standing(order) if a.state == Paid.CHARGED]
    if len(charged) > 1:
        says = "The shopper paid more than once; all but one payment should be refunded."
        yield Reason(ReasonKind.SECOND_CHARGE, f"second_charge:{','.join(sorted(charged))}", says)
    for partial in [a for a in standing(order) if a.state == Paid.PARTIAL]:
        says = "Only a part of the amount was captured; decide whether that is enough to fulfil."
        yield Reason(ReasonKind.PARTIAL_CAPTURE, f"partial_capture:{partial.txn_id}:{partial.said.amount_minor}", says)
    if order.refunds and (money := amounts(order)).held > money.captured:
        says = "More was refunded, or is being refunded, than was ever captured."
        yield Reason(ReasonKind.OVER_REFUNDED, f"over_refunded:{money.held}:{money.captured}", says)


def _denials(order: Order) -> Iterator[Reason]:
    if denied_by := newest_denial(order.latest, _ORDER_DENIALS) or _charge_denied_by(order):
        says = "Juspay had shown this order, or its payment, and now denies it; what was proved stands."
        yield Reason(ReasonKind.DENIED, f"denied:order:{denied_by}", says)
    else:
        for attempt in order.attempts.values():
            if attempt.denied_by:
                says = "Juspay had reported money taken and now denies it; the money stands until a person has looked."
                yield Reason(ReasonKind.DENIED, f"denied:attempt:{attempt.txn_id}:{attempt.denied_by}", says)
    for refund in order.refunds.values():
        if refund.denied_by:
            says = "Juspay had reported the refund done and now denies it; it counts as done until a person has looked."
            key = f"denied:refund:{refund.refund_id}:{refund.denied_by}"
            yield Reason(ReasonKind.DENIED, key, says, refund.refund_id)


def _charge_denied_by(order: Order) -> str | None:
    """Juspay's newest word on the order's money, if it is less than a charge that still stands."""
    kind = newest(order.latest, attempts_table.HARD)
    if kind is None or kind == Paid.CHARGED:
        return None
    return kind if any(a.state == Paid.CHARGED for a in standing(order)) else None


def _time_reasons(order: Order) -> Iterator[Reason]:
    if (label := status(order)) in UNSETTLED and _answered_after_close(order):
        says = "The order's time is over and its payment is still not settled."
        yield Reason(ReasonKind.OVERDUE, f"overdue:{label}", says)
    if (took := standing(order)) and _was_over_before_money(order):
        says = "The money came after the order's time was over; fulfil it or refund it."
        yield Reason(ReasonKind.LATE_SUCCESS, f"late_success:{','.join(sorted(a.txn_id for a in took))}", says)


def _was_over_before_money(order: Order) -> bool:
    """Whether an answer dated after the end of life showed no money, and an answer to a newer question did."""
    unpaid = [seen for kind, seen in order.latest.items() if kind not in attempts_table.HARD]
    return any(_is_after_close(order, seen) and seen.asked_last <= _money_asked_first(order) for seen in unpaid)


def _money_asked_first(order: Order) -> int:
    """The oldest question about the order itself whose answer showed money, or -1."""
    proved = [seen.asked_first for kind, seen in order.latest.items() if kind in attempts_table.HARD]
    return min(proved, default=-1)
