"""What an answer of Juspay's means for one order.

An answer is compared with our own order and translated into inputs for the attempt and refund tables. An answer with
another merchant, order id, amount or currency is no evidence at all. What the shopper paid may differ from the price:
that is recorded beside the attempt and is no mismatch (gateway contract, O.1).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Final

from attrs import evolve as with_changes
from attrs import frozen

from paystate.core.evidence import TEXT_MAX, OrderAnswer, References, RefundAnswer, RefundsAnswer, TxnAnswer
from paystate.core.lifecycle.observations import NO_PARTICULARS, UNTOLD, GatewayReport, Particulars
from paystate.core.lifecycle.statuses import Paid, Refunded, paid_class, refund_class, txn_class
from paystate.core.money import Money
from paystate.core.orders.amounts.payments import ACROSS
from paystate.core.orders.attempt import HARD, SHOWS_MONEY, UNNAMED
from paystate.core.orders.facts import Mismatch
from paystate.core.orders.order import Order
from paystate.core.orders.refund import Refund
from paystate.core.timestamps import stamp

_PART: Final = re.compile(r"(?P<whole>.+)-[0-9]{1,2}", re.ASCII)
"""How a leg lists its share of a refund: `X` on one leg, `X-1` on the next (gateway contract, O.3)."""
_NO_REFERENCES: Final = References()


@frozen(kw_only=True)
class AttemptInput:
    """One attempt as an answer shows it."""

    txn_id: str
    kind: Paid
    reported: GatewayReport
    leg: bool = False


@frozen(kw_only=True)
class RefundInput:
    """One refund as an answer lists it."""

    refund_id: str
    kind: Refunded
    amount_minor: int
    automatic: bool
    since: datetime
    reported: GatewayReport
    txn_id: str = ""


@frozen(kw_only=True)
class Reading:
    """An answer, read.

    Attributes:
        mismatches: Fields that are not ours; one of the order itself voids the whole reading.
        order: Class and words of the order's own status, or None where the answer is void.
        refund_ids: Every refund that the answer lists, those that could not be read included.
        eligible: What Juspay itself will still refund, in minor units, and the transaction whose figure that is, `""`
            for the whole order; None where not told.
    """

    mismatches: tuple[Mismatch, ...] = ()
    order: tuple[Paid, GatewayReport] | None = None
    attempts: tuple[AttemptInput, ...] = ()
    refunds: tuple[RefundInput, ...] = ()
    refund_ids: frozenset[str] = frozenset()
    eligible: tuple[int, str] | None = None


def read(order: Order, answer: OrderAnswer, dated: datetime | None) -> Reading:
    """Compare `answer` with `order` and translate it."""
    price = _money(answer.amount, order)
    if wrong := tuple(_mismatches(order, answer, price)):
        return Reading(mismatches=wrong)
    reported = GatewayReport(answer.status[:TEXT_MAX], dated=stamp(dated) if dated else "")
    eligible, whose = _money(answer.eligible, order), answer.txn.txn_id if answer.txn and not answer.legs else ""
    return with_changes(
        _of_refunds(order, _listed(order, answer)),
        order=(paid_class(answer.status), reported),
        attempts=tuple(_attempt_inputs(order, answer, price.amount_minor if price else UNTOLD)),
        eligible=(eligible.amount_minor, whose) if eligible else None,
    )


def read_refunds(order: Order, answer: RefundsAnswer) -> Reading:
    """Translate an answer that speaks of refunds alone; one about another order tells nothing."""
    if (answer.order_id or "").lower() != order.key.folded:
        return Reading()
    return _of_refunds(order, answer.refunds)


def _of_refunds(order: Order, listed: Iterable[RefundAnswer]) -> Reading:
    entries = tuple(listed)
    read_as = [_refund_input(order, entry) for entry in entries]
    refunds = [one for one in read_as if isinstance(one, RefundInput)]
    # Juspay lists each try of one refund under its id: one that failed says nothing where another did not (O.2).
    not_failed = {one.refund_id for one in refunds if one.kind is not Refunded.FAILURE}
    last = [one for one in refunds if one.kind is not Refunded.FAILURE or one.refund_id not in not_failed]
    return Reading(
        mismatches=tuple([one for one in read_as if isinstance(one, Mismatch)]),
        refunds=tuple(last),
        refund_ids=frozenset([entry.refund_id for entry in entries]),
    )


def _mismatches(order: Order, answer: OrderAnswer, price: Money | None) -> Iterator[Mismatch]:
    opened, word = order.opened, answer.status[:TEXT_MAX]
    if answer.merchant_id != opened.merchant_id:
        yield Mismatch("merchant", opened.merchant_id, _shown(answer.merchant_id), juspay_status=word)
    if answer.order_id != opened.order_id and (answer.order_id or "").lower() != order.key.folded:
        yield Mismatch("order id", opened.order_id, _shown(answer.order_id), juspay_status=word)
    if answer.currency != opened.amount.currency:
        yield Mismatch("currency", opened.amount.currency, _shown(answer.currency), juspay_status=word)
    elif not _is_price(order, price):
        yield Mismatch("amount", str(order.amount), _shown(answer.amount), juspay_status=word)


def _is_price(order: Order, amount: Money | None) -> bool:
    """Whether it is the order's price, or another one that a person has found to be right."""
    return amount is not None and (amount == order.amount or amount.amount_minor in order.prices_taken)


def _shown(value: object) -> str:
    return "nothing" if value is None else str(value)[:TEXT_MAX]


def _money(amount: Decimal | None, order: Order) -> Money | None:
    return Money.from_decimal_if_exact(amount, order.amount.currency)


def _minor(amount: Decimal | None, order: Order, otherwise: int) -> int:
    money = _money(amount, order)
    return otherwise if money is None else money.amount_minor


# --- attempts ---------------------------------------------------------------------------------------------------------


def _attempt_inputs(order: Order, answer: OrderAnswer, price_minor: int) -> Iterator[AttemptInput]:
    whole = paid_class(answer.status)
    together = _minor(answer.captured, order, UNTOLD) if whole is Paid.PARTIAL else UNTOLD
    sums = Particulars(price_minor=price_minor, together_minor=together)
    legs = [_leg_input(order, leg, whole, sums) for leg in answer.legs if leg.txn_id != UNNAMED]
    named = legs or [*_named_input(order, answer, whole, price_minor)]
    yield from named
    if whole in HARD and all(one.kind is not whole for one in named):
        yield AttemptInput(
            txn_id=UNNAMED, kind=whole, reported=_report(order, answer, whole, answer.status, price_minor)
        )


def _named_input(order: Order, answer: OrderAnswer, whole: Paid, price_minor: int) -> Iterator[AttemptInput]:
    if answer.txn is None or answer.txn.txn_id == UNNAMED:
        return
    word = answer.txn.status or answer.status
    kind = _capped(txn_class(word), whole)
    yield AttemptInput(txn_id=answer.txn.txn_id, kind=kind, reported=_report(order, answer, kind, word, price_minor))


def _capped(kind: Paid, whole: Paid) -> Paid:
    """Only the order's own status proves money: a transaction counts for no more than it does."""
    if kind is whole or kind not in HARD:
        return kind
    return min(kind, whole, key=ACROSS.index) if whole in HARD else Paid.PENDING


def _report(order: Order, answer: OrderAnswer, kind: Paid, word: str, price_minor: int) -> GatewayReport:
    return GatewayReport(
        word[:TEXT_MAX],
        amount_minor=_captured(order, answer) if kind is Paid.PARTIAL else 0,
        method=answer.txn.method[:TEXT_MAX] if answer.txn else "",
        note=answer.txn.note[:TEXT_MAX] if answer.txn else "",
        particulars=_particulars(order, kind, answer, price_minor),
    )


def _captured(order: Order, answer: OrderAnswer) -> int:
    """How much of a partial capture was taken: 0 where not told, and never more than was held."""
    held = max(order.amount.amount_minor, _minor(answer.paid, order, 0))
    return min(_minor(answer.captured, order, 0), held)


def _leg_input(order: Order, leg: TxnAnswer, whole: Paid, sums: Particulars) -> AttemptInput:
    """Read one leg; `sums` is what the answer tells for all of them."""
    own = txn_class(leg.status)
    kind, paid_minor, particulars = _capped(own, whole), _minor(leg.paid, order, 0), NO_PARTICULARS
    if kind in SHOWS_MONEY:
        told = with_changes(sums, paid_minor=paid_minor, txn_uuid=leg.txn_uuid[:TEXT_MAX])
        particulars = _with_references(told, leg.references)
    reported = GatewayReport(
        leg.status[:TEXT_MAX],
        # A leg that took its share is a part of what was captured; one that did not has captured nothing.
        amount_minor=paid_minor if (kind, own) == (Paid.PARTIAL, Paid.CHARGED) else 0,
        method=leg.method[:TEXT_MAX],
        note=leg.note[:TEXT_MAX],
        particulars=particulars,
    )
    return AttemptInput(txn_id=leg.txn_id, kind=kind, reported=reported, leg=True)


def _particulars(order: Order, kind: Paid, answer: OrderAnswer, price_minor: int) -> Particulars:
    if kind not in SHOWS_MONEY:
        return NO_PARTICULARS
    txn = answer.txn
    told = Particulars(
        paid_minor=_minor(answer.paid, order, UNTOLD),
        price_minor=price_minor,
        discount_minor=_minor(answer.discount, order, 0),
        surcharge_minor=_minor(answer.surcharge, order, 0),
        txn_uuid=txn.txn_uuid[:TEXT_MAX] if txn else "",
    )
    return _with_references(told, txn.references) if txn else told


def _with_references(particulars: Particulars, told: References) -> Particulars:
    if told == _NO_REFERENCES:
        return particulars
    return with_changes(
        particulars,
        gateway=told.gateway[:TEXT_MAX],
        arn=told.arn[:TEXT_MAX],
        rrn=told.rrn[:TEXT_MAX],
        processed_at=told.processed_at[:TEXT_MAX],
    )


# --- refunds ----------------------------------------------------------------------------------------------------------


def _listed(order: Order, answer: OrderAnswer) -> Iterator[RefundAnswer]:
    """All refunds of an answer: the order's own, and of each refund what the legs list of it, put together."""
    yield from answer.refunds
    shares: dict[str, list[RefundAnswer]] = {}
    for leg in answer.legs:
        for share in leg.refunds:
            shares.setdefault(_whole_of(order, share.refund_id), []).append(share)
    for refund_id, parts in shares.items():
        yield _joined(order, refund_id, parts)


def _whole_of(order: Order, refund_id: str) -> str:
    """The refund of ours that a leg lists a share of, else the name as it stands."""
    part = _PART.fullmatch(refund_id)
    ours = ours_of(order, part["whole"]) if part else None
    return ours.refund_id if ours else refund_id


def _joined(order: Order, refund_id: str, parts: list[RefundAnswer]) -> RefundAnswer:
    """One refund out of the shares that several legs give back."""
    ours = ours_of(order, refund_id)
    if len(parts) == 1 and parts[0].refund_id == refund_id and not ours:
        return parts[0]
    # One leg may list a share more than once: a try of it that failed says nothing where another did not (O.2).
    failed_first = sorted(parts, key=lambda part: refund_class(part.status) is not Refunded.FAILURE)
    shares = {(part.refund_id, part.txn_id): part for part in failed_first}
    amount = sum((part.amount for part in shares.values()), Decimal(0))
    status = _status_of_all(part.status for part in shares.values())
    asked_for = Money(ours.amount_minor, order.amount.currency) if ours else None
    if asked_for and amount.is_finite() and amount < Decimal(str(asked_for)):
        amount, status = Decimal(str(asked_for)), Refunded.PENDING  # another leg does not list its share yet
    first = parts[0]
    is_done = refund_class(status) is Refunded.SUCCESS
    done = [part.amount for part in shares.values() if refund_class(part.status) is Refunded.SUCCESS and not is_done]
    return RefundAnswer(
        refund_id=refund_id,
        amount=amount,
        status=status,
        automatic=any(part.automatic for part in parts),
        created_at=min((part.created_at for part in parts if part.created_at), default=None),
        note=next((part.note for part in parts if part.note), ""),
        txn_id=first.txn_id if len(shares) == 1 else "",
        done=sum(done, Decimal(0)),
        references=first.references,
    )


def ours_of(order: Order, refund_id: str) -> Refund | None:
    """The refund of that id, if it was asked for here."""
    known = order.refunds.get(refund_id)
    return known if known and known.is_ours else None


def _status_of_all(statuses: Iterable[str]) -> str:
    """One word for several shares; done in part and failed in part is a case for a person."""
    words = {refund_class(word): word for word in statuses}
    if len(words) == 1:
        return next(iter(words.values()))
    unsettled = (Refunded.MANUAL_REVIEW, Refunded.UNKNOWN, Refunded.PENDING)
    return next((words[kind] for kind in unsettled if kind in words), "SUCCESS and FAILURE")


def _refund_input(order: Order, listed: RefundAnswer) -> RefundInput | Mismatch:
    amount = _money(listed.amount, order)
    ours = ours_of(order, listed.refund_id)  # what was listed before must not show in a mismatch
    if amount is None or (ours and ours.amount_minor != amount.amount_minor):
        expected = Money(ours.amount_minor, order.amount.currency) if ours else "an amount of money"
        return Mismatch("amount", str(expected), _shown(listed.amount), listed.refund_id)
    return RefundInput(
        refund_id=listed.refund_id,
        kind=refund_class(listed.status),
        amount_minor=amount.amount_minor,
        automatic=listed.automatic,
        since=listed.created_at or order.created_at,
        txn_id=listed.txn_id[:TEXT_MAX],
        reported=GatewayReport(
            listed.status[:TEXT_MAX],
            amount.amount_minor,
            note=listed.note[:TEXT_MAX],
            particulars=_with_references(Particulars(done_minor=_minor(listed.done, order, 0)), listed.references),
        ),
    )
