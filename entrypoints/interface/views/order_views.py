"""How orders and checkouts are shown: the core's records as the bodies we answer. Every value is read off the core."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from paystate.core.checkouts.checkout import Checkout, legal_at, state_at
from paystate.core.describe.explain import explain_checkout
from paystate.core.describe.timeline import TimelineEntry
from paystate.core.describe.times import NO_TIMES, OrderTimes, Times
from paystate.core.describe.what_if import WhatIf, answer_in_words
from paystate.core.lifecycle.table import Rule
from paystate.core.money import format_minor
from paystate.core.orders.amounts.totals import amounts
from paystate.core.orders.attempt import Attempt
from paystate.core.orders.derived import juspay_status, status
from paystate.core.orders.facts import Cash, SettledReason, said_by
from paystate.core.orders.fulfilment import is_paid, may_fulfil
from paystate.core.orders.held_money import held_attempt, held_minor, hold_lapses_at, state_of
from paystate.core.orders.hold import HoldOperation
from paystate.core.orders.order import Order
from paystate.core.orders.refund import Refund
from paystate.core.orders.review.reasons import reasons
from paystate.core.requester import Requester
from paystate.core.use_cases.context import Ports
from paystate.entrypoints.interface.orders import read_times
from paystate.entrypoints.interface.views.order_models import (
    AttemptView,
    CashView,
    CheckoutView,
    HoldAnswer,
    HoldView,
    MomentView,
    OrderReviewView,
    OrderView,
    ReasonView,
    RefundAnswer,
    RefundView,
    RequesterView,
    ReviewView,
    RuleView,
    SettledReasonView,
    WhatIfView,
)


async def shown(ports: Ports, order: Order) -> OrderView:
    """An order with the instant of its next look, and the times of its payments."""
    return order_view(order, (await ports.store.schedule(order.key)).due_at, await read_times(ports.store, order))


async def listed(ports: Ports, order: Order) -> OrderView:
    """One order of many: no journal is read for it."""
    return order_view(order, (await ports.store.schedule(order.key)).due_at)


def order_view(order: Order, next_look_at: datetime | None, times: OrderTimes = NO_TIMES) -> OrderView:
    """An order; the times are read off its journal."""
    opened, money, held, change = order.opened, amounts(order), held_attempt(order), order.price_change
    return OrderView(
        order_id=opened.order_id,
        merchant_id=opened.merchant_id,
        amount=str(order.amount),
        currency=order.amount.currency,
        capture=opened.capture,
        status=status(order),
        juspay_status=juspay_status(order),
        paid=is_paid(order),
        may_fulfil=may_fulfil(order),
        amount_paid=_text(order, money.paid),
        discount=_text(order, money.discount),
        surcharge=_text(order, money.surcharge),
        amount_held=_text(order, held_minor(order, held) if held else 0),
        held_until=hold_lapses_at(order, held) if held else None,
        amount_captured=_text(order, money.captured),
        amount_refunded=_text(order, money.refunded),
        amount_charged_back=_text(order, money.charged_back),
        amount_reserved=_text(order, money.reserved),
        amount_refundable=_text(order, money.refundable),
        juspay_refundable=None if order.eligible is None else _text(order, order.eligible.amount_minor),
        attempts=tuple(_attempt(seen, times.attempts.get(seen.txn_id)) for seen in order.attempts.values()),
        refunds=tuple(refund_view(order, refund) for refund in order.refunds.values()),
        holds=tuple(hold_view(order, operation) for operation in order.holds.values()),
        review=tuple(_reasons(order)),
        customer_id=opened.customer.customer_id,
        return_url=opened.return_url,
        description=opened.description,
        purchase=opened.purchase,
        next_look_at=next_look_at,
        closes_at=order.closes_at,
        opened_by=_requester(order.opened_by),
        amended_by=_requester(order.amended_by),
        price_asked=str(change.amount) if change else None,
        price_asked_by=_requester(order.asked_by(change.asked)) if change else None,
        cash=_cash(order.cash) if order.cash else None,
        cancelled_at=order.cancelled.at if order.cancelled else None,
        cancelled_by=_requester(said_by(order.cancelled)) if order.cancelled else None,
        adopted=opened.adopted,
        fulfilled=opened.fulfilled,
        unsure=order.is_unsure,
        version=order.version,
        created_at=order.created_at,
        updated_at=order.updated_at,
    )


def _attempt(seen: Attempt, times: Times | None) -> AttemptView:
    said = seen.reported
    return AttemptView(
        txn_id=seen.txn_id,
        state=seen.state,
        juspay_status=said.status_word,
        method=said.method,
        note=said.note,
        first_seen_at=times.first_seen_at if times else None,
        changed_at=times.changed_at if times else None,
        processed_at=said.particulars.processed_at,
        gateway_txn_id=said.particulars.gateway,
        arn=said.particulars.arn,
        rrn=said.particulars.rrn,
    )


def refund_view(order: Order, refund: Refund) -> RefundView:
    """One refund of `order`."""
    return RefundView(
        refund_id=refund.refund_id,
        amount=_text(order, refund.amount_minor),
        state=refund.state,
        origin="automatic" if refund.automatic else "requested" if refund.is_ours else "elsewhere",
        idempotency_key=refund.key,
        tries=refund.tries,
        last_call=refund.last_call,
        txn_id=refund.txn_id,
        asked_at=refund.since,
        asked_by=_requester(order.asked_by(refund.since_version)),
        sent_at=refund.sent_at,
        processed_at=refund.references.processed_at,
        gateway_refund_id=refund.references.gateway,
        arn=refund.references.arn,
        rrn=refund.references.rrn,
        refusal=refund.refusal,
    )


def refund_answer(order: Order, refund: Refund) -> RefundAnswer:
    """A refund with the order's money."""
    money = amounts(order)
    return RefundAnswer(
        refund=refund_view(order, refund),
        order_id=order.opened.order_id,
        currency=order.amount.currency,
        status=status(order),
        amount_captured=_text(order, money.captured),
        amount_refunded=_text(order, money.refunded),
        amount_reserved=_text(order, money.reserved),
        amount_refundable=_text(order, money.refundable),
    )


def hold_view(order: Order, operation: HoldOperation) -> HoldView:
    """One capture or release of `order`."""
    return HoldView(
        hold_id=operation.hold_id,
        kind=operation.kind,
        amount=_text(order, operation.amount_minor),
        all=operation.is_whole,
        state=state_of(order, operation),
        idempotency_key=operation.key,
        txn_id=operation.txn_id,
        tries=operation.tries,
        last_call=operation.last_call,
        asked_at=operation.since,
        asked_by=_requester(order.asked_by(operation.since_version)),
        sent_at=operation.sent_at,
        refusal=operation.refusal,
    )


def hold_answer(order: Order, operation: HoldOperation) -> HoldAnswer:
    """A capture or release with the order's money."""
    held = held_attempt(order)
    return HoldAnswer(
        hold=hold_view(order, operation),
        order_id=order.opened.order_id,
        currency=order.amount.currency,
        status=status(order),
        paid=is_paid(order),
        amount_held=_text(order, held_minor(order, held) if held else 0),
        amount_captured=_text(order, amounts(order).captured),
    )


def moment_view(entry: TimelineEntry) -> MomentView:
    """One moment of a timeline."""
    return MomentView(
        at=entry.at,
        version=entry.version,
        title=entry.title,
        details=entry.details,
        rules=entry.rules,
        source=entry.source,
    )


def what_if_view(would: WhatIf, link: Callable[[Rule], str]) -> WhatIfView:
    """What would come of something; `link` makes the address of a rule."""
    return WhatIfView(
        order_id=would.before.opened.order_id,
        outcome=would.outcome,
        code=would.refused.code if would.refused else None,
        sentences=answer_in_words(would),
        rules=tuple(RuleView(id=rule.id, message=rule.message, help=link(rule)) for rule in would.rules),
        status=status(would.before),
        status_then=status(would.after),
        paid=is_paid(would.before),
        paid_then=is_paid(would.after),
        announces=tuple(told.once_key for told in would.announces),
    )


def order_review_view(order: Order) -> OrderReviewView:
    """What a person must look at in `order`."""
    return OrderReviewView(
        order_id=order.opened.order_id,
        status=status(order),
        amount=str(order.amount),
        currency=order.amount.currency,
        reasons=tuple(reason for reason in _reasons(order) if reason.settled is None),
    )


def review_view(order: Order) -> ReviewView:
    """All reasons of `order`, open and settled."""
    return ReviewView(order_id=order.opened.order_id, reasons=tuple(_reasons(order)))


def checkout_view(checkout: Checkout, now: datetime) -> CheckoutView:
    """A checkout."""
    return CheckoutView(
        checkout_id=checkout.opened.checkout_id,
        customer_id=checkout.opened.customer_id,
        order_id=checkout.order_id,
        state=state_at(checkout, now),
        token_expires_at=checkout.issued.expires_at if checkout.issued else None,
        legal=legal_at(checkout, now),
        sentences=explain_checkout(checkout, now),
        created_at=checkout.created_at,
        updated_at=checkout.updated_at,
    )


def _reasons(order: Order) -> Iterator[ReasonView]:
    settled = dict(order.settled)
    for reason in reasons(order):
        word = settled.pop(reason.key, None)
        verdicts = () if word else reason.verdicts
        yield ReasonView(
            kind=reason.kind, key=reason.key, message=reason.message, verdicts=verdicts, settled=_settlement(word)
        )
    for word in settled.values():
        # Settling it took the reason itself away, as with a refund that was found done.
        yield ReasonView(kind=word.kind, key=word.reason, message="", verdicts=(), settled=_settlement(word))


def _settlement(word: SettledReason | None) -> SettledReasonView | None:
    if word is None:
        return None
    return SettledReasonView(verdict=word.verdict, by=word.by, note=word.note, at=word.at, key_id=word.key_id)


def _cash(word: Cash) -> CashView:
    return CashView(outcome=word.outcome, by=word.by, note=word.note, at=word.at, key_id=word.key_id)


def _requester(by: Requester | None) -> RequesterView | None:
    return None if by is None else RequesterView(person=by.person, key_id=by.key_id, agreed_by=by.agreed_by)


def _text(order: Order, minor: int) -> str:
    return format_minor(minor, order.amount.currency)
