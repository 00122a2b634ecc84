"""An order, or a checkout, in plain sentences, for the person on the phone.

Every sentence is read off the record or the journal; none decides anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from paystate.core.checkouts.checkout import Checkout, CheckoutState, legal_at, state_at
from paystate.core.describe.citations import deciding_rule
from paystate.core.describe.deliveries import deliveries_in_words
from paystate.core.describe.wording import (
    SOURCE,
    STATUS,
    answered,
    attempt_stands,
    cancellation,
    cash,
    clock,
    hold_named,
    hold_stands,
    money_of,
    no_worker,
    price,
    refund_stands,
    settlement,
    totals,
    who,
)
from paystate.core.heartbeats import Workers
from paystate.core.orders import attempt, refund
from paystate.core.orders.amounts.payments import captured_attempts
from paystate.core.orders.amounts.totals import amounts
from paystate.core.orders.attempt import Attempt
from paystate.core.orders.commands.legal import legal_commands
from paystate.core.orders.commands.sale_commands import AMEND, CANCEL, CASH
from paystate.core.orders.derived import Status, is_delivered, is_going_back, juspay_status, status
from paystate.core.orders.facts import Fact, FactKind
from paystate.core.orders.fulfilment import is_paid
from paystate.core.orders.held_money import held_attempt, held_minor, hold_lapses_at
from paystate.core.orders.hold import HoldKind
from paystate.core.orders.order import Order, history
from paystate.core.orders.permitted import PROCESS, REFUND
from paystate.core.orders.reason import Reason, ReasonKind
from paystate.core.orders.refund import Refund, RefundState
from paystate.core.orders.review.reasons import open_reasons
from paystate.core.orders.timing.schedule import Schedule
from paystate.core.policy import Policy
from paystate.core.ports.outbox import DeliveryRow, DeliveryState
from paystate.core.requester import Requester

_GOES_BACK: Final = "Nothing more should go out. The money has gone back, or is on its way back."
_GIVES_UP: Final = "They need another payment, because this one was declined or the sale was cancelled."
_STEP: Final = {
    CheckoutState.OPENED: "The app has not been given anything yet.",
    CheckoutState.INITIATE_SIGNED: "The app has its payload but has not reported that the SDK is ready.",
    CheckoutState.INITIATED: "The SDK is ready, and the payment page may be opened.",
    CheckoutState.PROCESS_SIGNED: "The app has what it needs to open the payment page.",
    CheckoutState.PROCESSING: "The payment page is open in front of the shopper.",
    CheckoutState.RETURNED: "The payment page has closed; another may be opened.",
    CheckoutState.TERMINATED: "It has ended.",
    CheckoutState.EXPIRED: "It has expired; the merchant's backend can renew it.",
}


_SALE: Final = {
    CANCEL: "cancel the order",
    AMEND: "change its price",
    CASH: "say what became of the cash",
}


def explain_order(
    journal: Sequence[Fact],
    kept: Schedule | None,
    policy: Policy,
    now: datetime,
    workers: Workers | None = None,
    deliveries: Sequence[DeliveryRow] = (),
) -> tuple[str, ...]:
    """Say where an order stands, since when and why, what comes next, and what would change it.

    Args:
        journal: All of the order's facts, oldest first; the first one opens it.
        kept: The order's schedule; None where it is not known, as for an instant that has passed.
        workers: Who would follow the schedule and deliver; None where that is not known.
        deliveries: Of the order's announcements, newest first; `TOLD_MAX` of them are told.
    """
    turn, order = _turning_point(journal)
    return tuple(_sentences(order, turn, kept, policy, now, workers, deliveries))


def explain_long_order(
    order: Order,
    kept: Schedule | None,
    policy: Policy,
    now: datetime,
    workers: Workers | None = None,
    deliveries: Sequence[DeliveryRow] = (),
) -> tuple[str, ...]:
    """The same from the record alone, for an order with too many facts to read; since when and why is left out."""
    return tuple(_sentences(order, None, kept, policy, now, workers, deliveries))


def explain_checkout(checkout: Checkout, now: datetime) -> tuple[str, ...]:
    """Say where a checkout stands and what the app may do; nothing in it speaks of money."""
    opened, state = checkout.opened, state_at(checkout, now)
    whose = f"customer {opened.customer_id}" if opened.customer_id else "a customer who was forgotten"
    sentences = [f"Checkout {opened.checkout_id} of {whose} is {state}. {_STEP[state]}"]
    if checkout.order_id:
        sentences.append(f"It was last used to pay order {checkout.order_id}. The order shows how that ended.")
    if checkout.issued and state not in (CheckoutState.EXPIRED, CheckoutState.TERMINATED):
        sentences.append(f"Its token and payload expire at {clock(checkout.issued.expires_at)}.")
    sentences.append(f"What may be done now: {', '.join(legal_at(checkout, now))}.")
    return tuple(sentences)


def _turning_point(journal: Sequence[Fact]) -> tuple[Fact, Order]:
    """The fact since which the order has the status it has, and the order as it is now."""
    moments = history(journal)
    turn, order = next(moments)
    for fact, after in moments:
        if status(after) is not status(order):
            turn = fact
        order = after
    return turn, order


def _sentences(
    order: Order,
    turn: Fact | None,
    kept: Schedule | None,
    policy: Policy,
    now: datetime,
    workers: Workers | None,
    deliveries: Sequence[DeliveryRow],
) -> Iterator[str]:
    label = status(order)
    yield f"Order {order.opened.order_id} of {price(order.amount)} is {label}. {_meaning(order, label, now)}"
    yield f"Since {clock(turn.at)}, because {_why(order, turn, label)}" if turn else _too_long(order)
    if word := juspay_status(order):
        yield f"Juspay's own status is {word}."
    yield from _sale(order)
    yield from _goods(order, label)
    yield from (_attempt(seen) for seen in sorted(order.attempts.values(), key=lambda a: a.txn_id))
    if captured_attempts(order):
        yield f"Money: {totals(order)}."
    yield from _holds(order)
    yield from (_refund(order, known) for known in order.refunds.values())
    yield from (_reason(reason) for reason in open_reasons(order))
    yield from (settlement(word) for word in order.settled.values())
    yield from deliveries_in_words(deliveries)
    if kept:
        yield _next(kept.due_at, now)
    waits = any(row.state is DeliveryState.WAITING for row in deliveries)
    if workers and (waits or (kept and kept.due_at)) and (lack := no_worker(workers)):
        yield f"{lack} Until one is started, nothing of this happens by itself."
    yield f"What may be done now: {', '.join(_legal(order, policy, now))}."


def _meaning(order: Order, label: Status, now: datetime) -> str:
    if label is Status.FAILED and now >= order.closes_at:
        return "The payment failed, and the order's time is over; the money may still arrive late."
    if label is Status.NEW and any(reason.kind is ReasonKind.MISMATCH for reason in open_reasons(order)):
        return "Juspay's answer does not match the order as you opened it; a person must look."
    return STATUS[label]


def _why(order: Order, turn: Fact, label: Status) -> str:
    """What somebody did or said that the status rests on, and the rule that decided."""
    if label is Status.EXPIRED:
        over = clock(order.closes_at)
        return f"{_cause(turn)}, and no payment was there when the order's time was over, at {over}."
    rests_on = refund.TABLE if label in (Status.PARTIALLY_REFUNDED, Status.REFUNDED) else attempt.TABLE
    rule = deciding_rule(turn.rules, rests_on)
    is_of_refund = turn.kind is FactKind.ANSWERED and rule.id in refund.TABLE.rules
    cause = "Juspay's answer lists a refund" if is_of_refund else _cause(turn)
    return f"{cause} (rule {rule.id}). {rule.message}"


def _too_long(order: Order) -> str:
    return f"It has {order.version:,} facts, too many to read for this answer. Its timeline tells since when and why."


def _cause(turn: Fact) -> str:
    """What somebody did or said, such as `Juspay answered CHARGED`."""
    if turn.kind is FactKind.ANSWERED:
        return answered([seen.reported.status_word for seen in turn.latest.values()])
    if turn.kind is FactKind.OPENED:
        is_adopted = turn.opened is not None and turn.opened.adopted
        return "it was taken over" if is_adopted else f"{SOURCE[turn.trust]} opened it"
    return f"{SOURCE[turn.trust]} settled a review reason"  # nothing else changes a status


def _sale(order: Order) -> Iterator[str]:
    """What the merchant has said of the sale."""
    if order.opened.adopted:
        yield f"The sale is from before Paystate and was taken over{_by(order.opened_by)}."
    elif order.opened_by:
        yield f"It was opened{_by(order.opened_by)}."
    if order.amended:
        whose = _by(order.amended_by)
        yield f"The price was {price(order.opened.amount)} at first, and was changed before payment{whose}."
    if order.price_change:
        yield (
            f"Another price was asked for{_by(order.asked_by(order.price_change.asked))}:"
            f" {price(order.price_change.amount)}."
            " Until Juspay confirms it, nobody may pay, and a person must look at money that comes at the old price."
        )
    if order.cancelled:
        yield f"{cancellation(order.cancelled)} ({clock(order.cancelled.at)})."
    if order.cash:
        yield f"{cash(order.cash)} ({clock(order.cash.at)})."
    if order.is_unsure:
        yield "The record may be incomplete, so no money is moved until Juspay has answered again."


def _by(by: Requester | None) -> str:
    return f" by {who(by)}" if by else ""


def _asked(by: Requester | None) -> str:
    return f" It was asked for{_by(by)}." if by else ""


def _goods(order: Order, label: Status) -> Iterator[str]:
    if is_paid(order) and order.opened.fulfilled:
        yield "The goods went out before the order was taken over; nothing more should go out."
    elif is_paid(order) and is_delivered(order):
        yield "The goods were handed over for cash; nothing more should go out."
    elif is_paid(order):
        yield _GOES_BACK if is_going_back(order) else "The goods may go out."
    elif label is Status.COD_INITIATED:
        yield "Juspay took no money. Your own rules on cash decide whether the goods go out."
    else:
        yield "The goods must not go out as things stand."
        yield f"That changes {needs}." if (needs := _unlock(order, label)) else _GIVES_UP


def _unlock(order: Order, label: Status) -> str:
    blocking = [reason.key for reason in open_reasons(order) if reason.blocks_fulfilment]
    needs = [f"when a person has looked and settled {' and '.join(blocking)}"] if blocking else []
    if label is Status.AUTO_REFUNDED:
        needs.append("with another payment that Juspay keeps, because this one has gone back")
    elif not captured_attempts(order):
        needs.append(
            f"when Juspay answers that {money_of(order, order.amount.amount_minor)} were taken for this very order"
        )
    return ", and ".join(needs)


def _attempt(seen: Attempt) -> str:
    stands = attempt_stands(seen)
    why = f" The bank's words: {seen.reported.note}." if seen.reported.note else ""
    return f"{stands[0].upper()}{stands[1:]} (Juspay: {seen.reported.status_word}).{why}"


def _holds(order: Order) -> Iterator[str]:
    """Until when the money is held, and what was asked about it."""
    if held := held_attempt(order):
        all_of_it = money_of(order, held_minor(order, held))
        lapses = clock(hold_lapses_at(order, held))
        yield f"{all_of_it} are held. By your policy, the bank is expected to let them go at {lapses}."
    for known in order.holds.values():
        named = hold_named(known, order.amount.currency)
        why = f" (Juspay's reason: {known.refusal})" if known.refusal and known.tries else ""
        asker = order.asked_by(known.since_version)
        yield f"{named[0].upper()}{named[1:]} {hold_stands(order, known)}{why}.{_asked(asker)}"


def _refund(order: Order, known: Refund) -> str:
    if known.is_known_as_another:
        return f"Refund {known.refund_id} is the one that Juspay lists as {known.same_as}."
    whose = "" if known.is_ours else ", made by Juspay itself," if known.automatic else ", made elsewhere,"
    asker = order.asked_by(known.since_version)
    is_refused = known.refusal and known.state in (RefundState.REQUESTED, RefundState.REJECTED)
    why = f" (Juspay's reason: {known.refusal})" if is_refused else ""
    amount = money_of(order, known.amount_minor)
    return f"Refund {known.refund_id} of {amount}{whose} {refund_stands(known)}{why}.{_asked(asker)}"


def _reason(reason: Reason) -> str:
    holds = [what for what, held in (("goods", reason.blocks_fulfilment), ("refunds", reason.blocks_refunds)) if held]
    meanwhile = f" Until then {' and '.join(holds)} are held back." if holds else ""
    return f"A person must look: {reason.message} To settle {reason.key}: {' or '.join(reason.verdicts)}.{meanwhile}"


def _next(next_look_at: datetime | None, now: datetime) -> str:
    if next_look_at is None:
        return "No look is planned. Juspay is asked again only when something hints at news."
    if next_look_at <= now:
        return "Juspay is about to be asked again."
    return f"Juspay is asked again at {clock(next_look_at)}."


def _legal(order: Order, policy: Policy, now: datetime) -> Iterator[str]:
    held = held_attempt(order)
    message = {
        "look": "ask Juspay again",
        PROCESS: "let the shopper pay",
        REFUND: f"refund up to {money_of(order, amounts(order).refundable)}",
        HoldKind.CAPTURE: f"capture up to {money_of(order, held_minor(order, held) if held else 0)}",
        HoldKind.VOID: "release the held money",
        **_SALE,
    }
    yield from (message[name] for name in legal_commands(order, policy, now))
