"""An order, or a checkout, in plain sentences, for the person on the phone.

Owns wording, and the list of all rules. Every sentence is read off the record or the journal, none decides anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from attrs import frozen

from paystate.core import attempt, checkout, guards, labels, refund
from paystate.core.attempt import UNNAMED, Attempt
from paystate.core.checkout import (
    EXPIRED,
    INITIATE_SIGNED,
    INITIATED,
    OPENED,
    PROCESS_SIGNED,
    PROCESSING,
    RETURNED,
    TERMINATED,
    Checkout,
    CheckoutFact,
    legal_at,
    state_at,
)
from paystate.core.derived import Status, amounts, is_paid, juspay_status, open_reasons, stamp, standing, status
from paystate.core.evidence import Trust
from paystate.core.facts import Fact, FactKind
from paystate.core.labels import legal_now
from paystate.core.money import format_minor
from paystate.core.order import Order
from paystate.core.refund import LastCall, Refund
from paystate.core.table import Rule

RULES: dict[str, Rule] = {
    rule.id: rule
    for rules in (attempt.RULES, refund.RULES, checkout.RULES, checkout.GUARDS, labels.RULES, guards.GUARDS)
    for rule in rules
}
"""Every rule there is, by id."""

_STATUS = {
    Status.NEW: "Nobody has paid yet, as far as Juspay has told us.",
    Status.PENDING: "A payment is under way; it may still succeed or fail.",
    Status.UNKNOWN: "Juspay uses a status that we do not know; it counts as neither paid nor failed.",
    Status.FAILED: "The payment failed. The shopper may try again, and the money may even arrive late.",
    Status.EXPIRED: "Nobody paid in time, and Juspay has confirmed it after the order's time was over.",
    Status.COD_INITIATED: "The shopper chose to pay cash on delivery.",
    Status.AUTHORIZED: "The bank holds the money for the order, but it has not been taken.",
    Status.VOIDED: "The held money was released; nothing was paid.",
    Status.PARTIAL_CHARGED: "Only a part of the amount was taken.",
    Status.CHARGED: "The order is paid in full.",
    Status.PARTIALLY_REFUNDED: "The order was paid in full, and a part was given back.",
    Status.REFUNDED: "The order was paid in full, and everything was given back.",
    Status.AUTO_REFUNDED: "Juspay took the money and gave it back by itself; nothing was paid in the end.",
}

_STEP = {
    OPENED: "Nothing was handed to the app yet.",
    INITIATE_SIGNED: "The app has its payload; it has not told that the SDK is ready.",
    INITIATED: "The SDK is ready, and the payment page may be opened.",
    PROCESS_SIGNED: "The app has what it needs to open the payment page.",
    PROCESSING: "The payment page is open in front of the shopper.",
    RETURNED: "The payment page has closed; another may be opened.",
    TERMINATED: "The app is done with it.",
    EXPIRED: "Its time ran out; the merchant's backend can renew it.",
}

_REFUND = {
    "REJECTED": "was refused by Juspay and will not be made",
    "UNKNOWN": "has a status at Juspay that we do not know",
    "PENDING": "is being worked on by Juspay",
    "MANUAL_REVIEW": "is unclear even to Juspay; a person must ask the gateway",
    "FAILURE": "failed; the money may be refunded again under a new key",
    "SUCCESS": "is done",
}

_CALL = {
    LastCall.NONE: "is reserved and not sent yet",
    LastCall.IN_FLIGHT: "was sent, and its answer is still awaited",
    LastCall.UNKNOWN: "was sent, and no answer came; it is repeated under the same id only if Juspay does not list it",
    LastCall.NOT_SENT: "could not be delivered to Juspay; it will be tried again",
    LastCall.REFUSED: "was turned away by Juspay",
    LastCall.ANSWERED: "was sent",
}

_SOURCE = {
    Trust.APP: "the shopper's app",
    Trust.RETURN_URL: "a signed return URL",
    Trust.WEBHOOK: "a webhook",
    Trust.GATEWAY: "Juspay's answer to our own question",
    Trust.OPERATOR: "a person",
    Trust.MERCHANT: "your own backend",
    Trust.SELF: "Paystate itself",
}


@frozen(kw_only=True)
class TimelineEntry:
    """One moment of an order or of a checkout.

    Attributes:
        version: The order's version after it; None for a moment of a checkout.
        source: Who said or did it, in words.
    """

    at: datetime
    version: int | None
    title: str
    details: tuple[str, ...]
    rules: tuple[str, ...]
    source: str


def explain(order: Order, next_look_at: datetime | None, now: datetime) -> tuple[str, ...]:
    """Say where the order stands, why, and what comes next."""
    return tuple(_sentences(order, next_look_at, now))


def explain_checkout(checkout: Checkout, now: datetime) -> tuple[str, ...]:
    """Say where a checkout stands and what the app may do; nothing in it speaks of money."""
    opened, state = checkout.opened, state_at(checkout, now)
    sentences = [f"Checkout {opened.checkout_id} of customer {opened.customer_id} is {state}. {_STEP[state]}"]
    if checkout.order_id:
        sentences.append(f"It was last used to pay order {checkout.order_id}; how that ended, the order tells.")
    if checkout.issued and state not in (EXPIRED, TERMINATED):
        sentences.append(f"Its token and payload run out at {_clock(checkout.issued.expires_at)}.")
    if legal := legal_at(checkout, now):
        sentences.append(f"What may be done now: {', '.join(legal)}.")
    return tuple(sentences)


def timeline(journal: Sequence[Fact]) -> tuple[TimelineEntry, ...]:
    """An order's journal, entry by entry; the first fact opens the order."""
    currency = next((fact.opened.amount.currency for fact in journal if fact.opened), "")
    return tuple(
        TimelineEntry(
            at=fact.at,
            version=version,
            title=fact.kind.capitalize(),
            details=tuple(_details(fact, currency)),
            rules=fact.rules,
            source=_SOURCE[fact.trust],
        )
        for version, fact in enumerate(journal, start=1)
    )


def checkout_timeline(journal: Sequence[CheckoutFact]) -> tuple[TimelineEntry, ...]:
    """The same for a checkout's journal."""
    return tuple(
        TimelineEntry(
            at=fact.at,
            version=None,
            title=f"Checkout: {fact.event or fact.kind}",
            details=(
                *((f"the app says: {fact.said} (a claim, not a proof)",) if fact.said else ()),
                f"the checkout is {fact.state}",
            ),
            rules=fact.rules,
            source=_SOURCE[fact.trust],
        )
        for fact in journal
    )


def _sentences(order: Order, next_look_at: datetime | None, now: datetime) -> Iterator[str]:
    label = status(order)
    yield f"Order {order.opened.order_id} of {_money(order, order.amount.amount_minor)} is {label}. {_STATUS[label]}"
    if word := juspay_status(order):
        yield f"Juspay's own word for it is {word}."
    yield _goods(order, label)
    yield from (_attempt(seen) for seen in sorted(order.attempts.values(), key=lambda a: a.txn_id))
    if standing(order):
        yield _totals(order)
    yield from (_refund(order, known) for known in order.refunds.values())
    for reason in open_reasons(order):
        yield f"A person must look ({reason.key}): {reason.says}"
    for word_given in order.settled.values():
        yield f"{word_given.by} settled {word_given.reason} as {word_given.verdict}: {word_given.note}"
    yield _next(next_look_at, now)
    yield f"What may be done now: {', '.join(legal_now(order))}."


def _goods(order: Order, label: Status) -> str:
    if not is_paid(order):
        return "The goods must not go out on what is known now."
    return "Nothing more should go out." if label is Status.REFUNDED else "The goods may go out."


def _attempt(seen: Attempt) -> str:
    name = f"Attempt {seen.txn_id}" if seen.txn_id != UNNAMED else "An attempt that Juspay has not named"
    said = seen.said
    how = f" by {said.method}" if said.method else ""
    why = f" The bank's words: {said.note}." if said.note else ""
    return f"{name}{how} is {seen.state} (Juspay: {said.word}).{why}"


def _refund(order: Order, known: Refund) -> str:
    whose = "" if known.key is not None else ", made by Juspay itself" if known.automatic else ", made elsewhere"
    why = f" (Juspay's reason: {known.refusal})" if known.refusal else ""
    return f"Refund {known.refund_id} of {_money(order, known.amount_minor)}{whose} {_stands(known)}{why}."


def _stands(known: Refund) -> str:
    return _REFUND.get(known.state) or _CALL[known.last_call]


def _totals(order: Order) -> str:
    money = amounts(order)
    parts = (("captured", money.captured), ("refunded", money.refunded), ("still refundable", money.refundable))
    return f"Money: {', '.join(f'{_money(order, minor)} {name}' for name, minor in parts)}."


def _next(next_look_at: datetime | None, now: datetime) -> str:
    if next_look_at is None:
        return "Nothing is open; Juspay is asked again only when something hints at news."
    if next_look_at <= now:
        return "Juspay is about to be asked again."
    return f"Juspay is asked again at {_clock(next_look_at)}."


def _details(fact: Fact, currency: str) -> Iterator[str]:
    if fact.opened:
        yield f"{fact.opened.amount} {currency} to be paid"
    if fact.kind is FactKind.ANSWERED:
        yield from (f"Juspay's word: {seen.said.word}" for seen in fact.latest.values())
    for seen in fact.attempts:
        yield f"{seen.txn_id or 'an unnamed attempt'} is {seen.state}"
    for known in fact.refunds:
        yield f"refund {known.refund_id} of {format_minor(known.amount_minor, currency)} {currency} {_stands(known)}"
    for wrong in fact.mismatches:
        yield f"not ours: {wrong.field} is {wrong.theirs}, should be {wrong.ours}"
    for word_given in fact.settled:
        yield f"{word_given.by} settled {word_given.reason} as {word_given.verdict}: {word_given.note}"
    for once_key in fact.announced:
        yield f"announced: {once_key}"


def _money(order: Order, minor: int) -> str:
    return f"{format_minor(minor, order.amount.currency)} {order.amount.currency}"


def _clock(instant: datetime) -> str:
    return stamp(instant.astimezone(UTC)).replace("T", " ").replace("Z", " UTC")
