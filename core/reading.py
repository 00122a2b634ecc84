"""What an answer of Juspay's means for one order.

Owns the comparison with our own order and the translation into inputs for the attempt and refund tables. An answer with
another merchant, order id, amount, currency, or with a status and number that disagree, is no evidence at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Final

from attrs import frozen

from paystate.core.attempt import HARD, UNNAMED
from paystate.core.catalogue import Paid, Refunded, paid_class, refund_class, status_id_disagrees, txn_class
from paystate.core.derived import ACROSS, stamp
from paystate.core.errors import ValueInvalid
from paystate.core.evidence import OrderAnswer, RefundAnswer, RefundsAnswer
from paystate.core.facts import Mismatch
from paystate.core.money import Money
from paystate.core.order import Order
from paystate.core.register import Said

_TEXT_MAX: Final = 120


@frozen(kw_only=True)
class AttemptInput:
    """One attempt as an answer shows it."""

    txn_id: str
    kind: Paid
    said: Said


@frozen(kw_only=True)
class RefundInput:
    """One refund as an answer lists it."""

    refund_id: str
    kind: Refunded
    amount_minor: int
    automatic: bool
    since: datetime
    said: Said


@frozen(kw_only=True)
class Reading:
    """An answer, read.

    Attributes:
        mismatches: Fields that are not ours; one of the order itself voids the whole reading.
        order: Class and words of the order's own status, or None where the answer is void.
    """

    mismatches: tuple[Mismatch, ...] = ()
    order: tuple[Paid, Said] | None = None
    attempts: tuple[AttemptInput, ...] = ()
    refunds: tuple[RefundInput, ...] = ()


def read(order: Order, answer: OrderAnswer, dated: datetime | None) -> Reading:
    """Compare `answer` with `order` and translate it."""
    if wrong := tuple(_mismatches(order, answer)):
        return Reading(mismatches=wrong)
    said = Said(answer.status[:_TEXT_MAX], dated=stamp(dated) if dated else "")
    refunds = [_refund_input(order, listed) for listed in answer.refunds]
    return Reading(
        mismatches=tuple([r for r in refunds if isinstance(r, Mismatch)]),
        order=(paid_class(answer.status), said),
        attempts=tuple(_attempt_inputs(order, answer)),
        refunds=tuple([r for r in refunds if isinstance(r, RefundInput)]),
    )


def read_refunds(order: Order, answer: RefundsAnswer) -> Reading:
    """Translate an answer that speaks of refunds alone; one about another order tells nothing."""
    if (answer.order_id or "").lower() != order.key.folded:
        return Reading()
    refunds = [_refund_input(order, listed) for listed in answer.refunds]
    return Reading(
        mismatches=tuple([r for r in refunds if isinstance(r, Mismatch)]),
        refunds=tuple([r for r in refunds if isinstance(r, RefundInput)]),
    )


def _mismatches(order: Order, answer: OrderAnswer) -> Iterator[Mismatch]:
    opened = order.opened
    if answer.merchant_id != opened.merchant_id:
        yield Mismatch("merchant", opened.merchant_id, _shown(answer.merchant_id))
    if answer.order_id != opened.order_id and (answer.order_id or "").lower() != order.key.folded:
        yield Mismatch("order id", opened.order_id, _shown(answer.order_id))
    if answer.currency != opened.amount.currency:
        yield Mismatch("currency", opened.amount.currency, _shown(answer.currency))
    elif _money(answer.amount, order) != opened.amount:
        yield Mismatch("amount", str(opened.amount), _shown(answer.amount))
    if status_id_disagrees(answer.status, answer.status_id):
        yield Mismatch("status number", answer.status, _shown(answer.status_id))


def _shown(value: object) -> str:
    return "nothing" if value is None else str(value)[:_TEXT_MAX]


def _money(amount: Decimal | None, order: Order) -> Money | None:
    try:
        return None if amount is None else Money.from_decimal(amount, order.amount.currency)
    except ValueInvalid:
        return None


def _attempt_inputs(order: Order, answer: OrderAnswer) -> Iterator[AttemptInput]:
    whole = paid_class(answer.status)
    named = _named_input(order, answer, whole)
    if named:
        yield named
    if whole in HARD and (named is None or named.kind is not whole):
        yield AttemptInput(txn_id=UNNAMED, kind=whole, said=_said(order, answer, whole, answer.status))


def _named_input(order: Order, answer: OrderAnswer, whole: Paid) -> AttemptInput | None:
    if answer.txn is None or answer.txn.txn_id == UNNAMED:
        return None
    word = answer.txn.status or answer.status
    kind = _capped(txn_class(word), whole)
    return AttemptInput(txn_id=answer.txn.txn_id, kind=kind, said=_said(order, answer, kind, word))


def _capped(kind: Paid, whole: Paid) -> Paid:
    """Only the order's own status proves money: a transaction counts for no more than it does."""
    if kind is whole or kind not in HARD:
        return kind
    return min(kind, whole, key=ACROSS.index) if whole in HARD else Paid.PENDING


def _said(order: Order, answer: OrderAnswer, kind: Paid, word: str) -> Said:
    captured = _money(answer.captured, order) if kind is Paid.PARTIAL else None
    return Said(
        word[:_TEXT_MAX],
        amount_minor=min(captured.amount_minor, order.amount.amount_minor) if captured else 0,
        method=answer.txn.method[:_TEXT_MAX] if answer.txn else "",
        note=answer.txn.note[:_TEXT_MAX] if answer.txn else "",
    )


def _refund_input(order: Order, listed: RefundAnswer) -> RefundInput | Mismatch:
    amount = _money(listed.amount, order)
    known = order.refunds.get(listed.refund_id)
    ours = known if known and known.key is not None else None  # what was listed before must not show in a mismatch
    if amount is None or (ours and ours.amount_minor != amount.amount_minor):
        expected = Money(ours.amount_minor, order.amount.currency) if ours else "an amount of money"
        return Mismatch("amount", str(expected), _shown(listed.amount), listed.refund_id)
    return RefundInput(
        refund_id=listed.refund_id,
        kind=refund_class(listed.status),
        amount_minor=amount.amount_minor,
        automatic=listed.automatic,
        since=listed.created_at or order.created_at,
        said=Said(listed.status[:_TEXT_MAX], amount.amount_minor, note=listed.note[:_TEXT_MAX]),
    )
