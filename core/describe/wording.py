"""The words for states, sources and instants, the same wherever a person reads them. They decide nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from paystate.core.evidence import Trust
from paystate.core.finding.filters import PARTS_AMONG
from paystate.core.heartbeats import Workers
from paystate.core.lifecycle.statuses import ORDER_STATUSES
from paystate.core.money import Money, format_minor
from paystate.core.orders.amounts.totals import amounts
from paystate.core.orders.attempt import UNNAMED, Attempt, AttemptState
from paystate.core.orders.derived import Status
from paystate.core.orders.facts import (
    Announcement,
    AnnouncementKind,
    Cancelled,
    Cash,
    CashOutcome,
    SettledReason,
    said_by,
)
from paystate.core.orders.held_money import state_of
from paystate.core.orders.hold import HoldKind, HoldOperation, HoldState
from paystate.core.orders.order import NOT_FOUND, Order
from paystate.core.orders.refund import LastCall, Refund, RefundState
from paystate.core.ports.store import InboxVerdict
from paystate.core.requester import Requester
from paystate.core.timestamps import stamp

FOUND_BY_PART: Final = (
    f"Another part of an order's id than its beginning is found among the merchant's newest {PARTS_AMONG:,} orders."
)
STATUS: Final = {
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
    Status.PARTIALLY_REFUNDED: "The order was paid, and a part was given back.",
    Status.REFUNDED: "The order was paid, and everything that was taken was given back.",
    Status.AUTO_REFUNDED: "Juspay took the money and gives it back by itself; the order is not paid.",
}

SOURCE: Final = {
    Trust.APP: "the shopper's app",
    Trust.RETURN_URL: "a signed return URL",
    Trust.WEBHOOK: "a webhook",
    Trust.GATEWAY: "Juspay's answer to our own question",
    Trust.OPERATOR: "a person",
    Trust.MERCHANT: "your own backend",
    Trust.SELF: "Paystate itself",
}

_VERDICT: Final = {
    InboxVerdict.WAITING: ("waits", "It waits for the worker."),
    InboxVerdict.LOOKED: ("looked", "Paystate asks Juspay about its order, and only Juspay's answer counts."),
    InboxVerdict.UNREADABLE: ("unreadable", "The body is not a JSON object, so nothing in it can be used."),
    InboxVerdict.NO_ORDER: ("names no order", "The body names no order, or its id is not a valid order id."),
    InboxVerdict.OTHER_MERCHANT: (
        "another merchant's",
        "The body is about another merchant's order, or the merchant is not set up here.",
    ),
    InboxVerdict.UNKNOWN_ORDER: (
        "unknown order",
        "Nobody has opened the order that it names. Once that happens, it waits again.",
    ),
    InboxVerdict.NOT_FOLLOWED: (
        "not followed",
        "Paystate failed at it each time; the worker's log says where. The order's planned looks go on.",
    ),
}

_ATTEMPT: Final = {
    AttemptState.NEW: "was begun",
    AttemptState.UNKNOWN: "has a status that we do not know",
    AttemptState.PENDING: "is under way",
    AttemptState.FAILED: "failed",
    AttemptState.COD: "is to be paid in cash",
    AttemptState.VOIDED: "held the money and let it go again",
    AttemptState.HELD: "holds the money and has not taken it",
    AttemptState.PARTIAL: "took a part of the money",
    AttemptState.CHARGED: "took the money",
    AttemptState.AUTO_REFUNDED: "took the money, and Juspay gives it back by itself",
}

_REFUND: Final = {
    RefundState.REJECTED: "was refused by Juspay, or given up before it was sent, and will not be made",
    RefundState.UNKNOWN: "has a status at Juspay that we do not know",
    RefundState.PENDING: "is being worked on by Juspay",
    RefundState.MANUAL_REVIEW: "is unclear even to Juspay; a person must ask the gateway",
    RefundState.FAILURE: "failed; the money may be refunded again under a new key",
    RefundState.SUCCESS: "is done",
}

_CALL: Final = {
    LastCall.NONE: "is reserved and not sent yet",
    LastCall.IN_FLIGHT: "was sent, and its answer is still awaited",
    LastCall.UNKNOWN: "was sent, and it is not known yet whether it was made;"
    " it is repeated under the same id only if Juspay does not list it",
    LastCall.NOT_SENT: "has not reached Juspay, or was turned away; it will be tried again",
    LastCall.REFUSED: "was turned away by Juspay",
    LastCall.ANSWERED: "was sent",
}

_HOLD: Final = {
    HoldState.REJECTED: "was refused by Juspay; the held money is as it was",
    HoldState.FAILED: "failed; it may be asked for again under a new key",
    HoldState.OVERTAKEN: "was overtaken: the hold ended in another way",
    HoldState.DONE: "is done",
}

_HOLD_CALL: Final = {
    LastCall.NONE: "is reserved and not sent yet",
    LastCall.IN_FLIGHT: "was sent, and its answer is still awaited",
    LastCall.UNKNOWN: "was sent, and it is not known yet whether it was made;"
    " it is repeated under the same id only if Juspay still holds the money",
    LastCall.NOT_SENT: "has not reached Juspay, or was turned away; it will be tried again until it gets through",
    LastCall.REFUSED: "was turned away by Juspay",
    LastCall.ANSWERED: "was sent, and Juspay has not reported yet how it ended",
}

_ANNOUNCED: Final = {
    AnnouncementKind.ORDER_PAID: "the order is paid and the goods may go out",
    AnnouncementKind.ORDER_AUTO_REFUNDED: "Juspay gives the money back by itself",
    AnnouncementKind.ORDER_FAILED: "a try to pay has failed",
    AnnouncementKind.ORDER_AUTHORIZED: "the money is held and waits to be captured",
    AnnouncementKind.ORDER_VOIDED: "the held money was released",
    AnnouncementKind.ORDER_CASH_ON_DELIVERY: "the shopper pays in cash on delivery",
    AnnouncementKind.ORDER_WITHDRAWN: "the payment is gone after the goods were released",
    AnnouncementKind.ORDER_EXPIRED: "the order's time ran out unpaid",
    AnnouncementKind.ORDER_CANCELLED: "the order was cancelled",
    AnnouncementKind.ORDER_CASH_COLLECTED: "the cash was collected",
    AnnouncementKind.ORDER_CASH_RETURNED: "the cash was not collected, and the goods came back",
    AnnouncementKind.REFUND_SUCCEEDED: "a refund is done",
    AnnouncementKind.REFUND_FAILED: "a refund was not made",
    AnnouncementKind.REFUND_FOUND: "a refund was made elsewhere",
    AnnouncementKind.REVIEW_OPENED: "a person must look",
    AnnouncementKind.REVIEW_SETTLED: "a person has looked",
    AnnouncementKind.DISPUTE_OPENED: "the shopper's bank disputes the payment",
    AnnouncementKind.DISPUTE_CLOSED: "the bank's dispute has ended",
}


def attempt_stands(seen: Attempt) -> str:
    """An attempt and what became of it, such as `attempt teashop-A1-1 by UPI took the money`."""
    name = f"attempt {seen.txn_id}" if seen.txn_id != UNNAMED else "an attempt that Juspay has not named"
    how = f" by {seen.reported.method}" if seen.reported.method else ""
    return f"{name}{how} {_ATTEMPT[seen.state]}"


def refund_stands(known: Refund) -> str:
    """What became of a refund, such as `is done`."""
    if known.state == RefundState.REQUESTED and known.tries_exhausted:
        return "was sent as often as is allowed, and it is not known whether it was made; a person must find out"
    return _REFUND.get(known.state) or _CALL[known.last_call]


def hold_named(operation: HoldOperation, currency: str) -> str:
    """A capture or release with what it is about, such as `capture ab12 of 40.00 INR`."""
    kind = "release" if operation.kind is HoldKind.VOID else "capture"
    return f"{kind} {operation.hold_id} of {format_minor(operation.amount_minor, currency)} {currency}"


def hold_stands(order: Order, operation: HoldOperation) -> str:
    """What became of a capture or release, such as `is done`."""
    return _HOLD.get(state_of(order, operation)) or _HOLD_CALL[operation.last_call]


def webhook_verdict(verdict: InboxVerdict) -> str:
    """What became of a webhook, in a word or two."""
    word, _ = _VERDICT[verdict]
    return word


def webhook_verdict_explained(verdict: InboxVerdict) -> str:
    """What became of a webhook, and what that means."""
    word, meaning = _VERDICT[verdict]
    return f"{word}. {meaning}"


def juspay_word(word: str) -> str:
    """Juspay's status word and what it means."""
    if word == NOT_FOUND:
        return "that it does not know the order"
    known = ORDER_STATUSES.get(word)
    return f"{word}: {known.message}" if known else f"{word}, a status that we do not know"


def answered(words: Sequence[str]) -> str:
    """What Juspay answered, by its status words, such as `Juspay answered CHARGED`."""
    named = ["that it does not know the order" if word == NOT_FOUND else word for word in words]
    return f"Juspay answered {' and '.join(named)}" if named else "Juspay answered"


def announcement(announced: Announcement) -> str:
    """What the merchant is told, with the name under which it is told."""
    return f"{_ANNOUNCED[announced.kind]} ({announced.once_key})"


def money_of(order: Order, minor: int) -> str:
    """An amount of the order's money, with its currency."""
    return f"{format_minor(minor, order.amount.currency)} {order.amount.currency}"


def totals(order: Order) -> str:
    """An order's money, added up."""
    money = amounts(order)
    always = (("captured", money.captured), ("refunded", money.refunded), ("still refundable", money.refundable))
    sometimes = (
        ("less than the price by an offer", money.discount),
        ("more than the price by a surcharge", money.surcharge),
        ("taken as given back, though Juspay lists no refund for it", money.assumed),
        ("taken back by the shopper's bank", money.charged_back),
    )
    parts = (*always, *((name, minor) for name, minor in sometimes if minor))
    return ", ".join(f"{money_of(order, minor)} {name}" for name, minor in parts)


def settlement(word: SettledReason) -> str:
    """What a person found, with the person's own words at the end."""
    return f"{who(said_by(word))} settled {word.reason} as {word.verdict}: {word.note}"


def cash(word: Cash) -> str:
    """What became of the cash, with the words of whoever said so."""
    reported = (
        "the cash was collected" if word.outcome is CashOutcome.COLLECTED else "no cash came, and the goods went back"
    )
    return f"{who(said_by(word))} says that {reported}: {word.note}"


def cancellation(word: Cancelled) -> str:
    """Who called the sale off, and why."""
    return f"{who(said_by(word))} cancelled the order: {word.note}"


def who(by: Requester) -> str:
    """The name that was given, and the API key that was used: that one is proved. Then the second person, if any."""
    agreed = f", agreed to by {by.agreed_by}" if by.agreed_by else ""
    if not by.key_id:
        return f"{by.person}{agreed}"
    return f"{by.person} (API key {by.key_id}){agreed}" if by.person else f"API key {by.key_id}{agreed}"


def price(amount: Money) -> str:
    """An amount with its currency."""
    return f"{amount} {amount.currency}"


def no_worker(workers: Workers) -> str:
    """What a person is told where no worker works; empty while one does."""
    if workers.working:
        return ""
    if workers.last_beat_at is None:
        return "No worker has ever worked on this database."
    return f"No worker has worked since {clock(workers.last_beat_at)}."


def clock(instant: datetime) -> str:
    """An instant as people read it, such as `2026-03-14 09:00:00 UTC`."""
    return stamp(instant).replace("T", " ").replace("Z", " UTC")
