"""What happened to an order and in its checkouts, moment by moment, in words that can be said on the phone.

Every word is read off a journal or a stored webhook; none decides anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Final

from attrs import frozen

from paystate.core.checkouts import checkout as steps
from paystate.core.checkouts.checkout import CheckoutFact
from paystate.core.describe.wording import (
    SOURCE,
    announcement,
    attempt_stands,
    cancellation,
    cash,
    clock,
    hold_named,
    juspay_word,
    price,
    refund_stands,
    settlement,
    webhook_verdict,
    who,
)
from paystate.core.evidence import Trust
from paystate.core.lifecycle.guards import UNCHANGED
from paystate.core.lifecycle.table import Outcome
from paystate.core.money import format_minor
from paystate.core.orders.facts import Fact, FactKind, Opened
from paystate.core.orders.hold import HoldKind, HoldOperation
from paystate.core.orders.refund import LastCall, Refund, RefundState
from paystate.core.ports.store import InboxRow


@frozen(kw_only=True)
class TimelineEntry:
    """One moment of an order or of a checkout, or a webhook about it.

    Attributes:
        version: The order's version after it; None for a moment of a checkout, and for a webhook.
        source: Who said or did it, in words.
    """

    at: datetime
    version: int | None
    title: str
    details: tuple[str, ...]
    rules: tuple[str, ...]
    source: str


def order_timeline(journal: Sequence[Fact]) -> tuple[TimelineEntry, ...]:
    """An order's journal, entry by entry; the first fact opens the order."""
    currency = next((fact.opened.amount.currency for fact in journal if fact.opened), "")
    entries: list[TimelineEntry] = []
    heard: Sequence[str] = ()
    for version, fact in enumerate(journal, start=1):
        words = [seen.reported.status_word for seen in fact.latest.values()]
        entries.append(
            TimelineEntry(
                at=fact.at,
                version=version,
                title=_answered(fact, words, heard) if fact.kind is FactKind.ANSWERED else _TITLES[fact.kind](fact),
                details=tuple(_details(fact, currency)),
                rules=fact.rules,
                source=SOURCE[fact.trust],
            )
        )
        heard = words or heard
    return tuple(entries)


def checkout_timeline(journal: Sequence[CheckoutFact]) -> tuple[TimelineEntry, ...]:
    """The same for a checkout's journal."""
    return tuple(
        TimelineEntry(
            at=fact.at,
            version=None,
            title=_step_title(fact),
            details=(f"the checkout is {fact.state}", *_asked_by(fact)),
            rules=fact.rules,
            source=SOURCE[fact.trust],
        )
        for fact in journal
    )


def webhook_timeline(rows: Sequence[InboxRow]) -> tuple[TimelineEntry, ...]:
    """The same for the webhooks that name an order; what they claim is not told here, because it proves nothing."""
    return tuple(
        TimelineEntry(
            at=row.received_at,
            version=None,
            title=_webhook_title(row),
            details=tuple(_of_webhook(row)),
            rules=(),
            source=SOURCE[Trust.WEBHOOK],
        )
        for row in rows
    )


def _webhook_title(row: InboxRow) -> str:
    name = row.event_name or "without a name"
    return f"{'More webhooks came, the newest' if row.is_flood else 'A webhook came'}: {name}"


def _of_webhook(row: InboxRow) -> Iterator[str]:
    if row.is_quarantined:
        yield f"quarantined: {webhook_verdict(row.verdict)}"
    else:
        yield "it proves nothing and makes Paystate ask Juspay"
    if row.is_flood:
        yield f"{row.repeats + 1} came, too many to be kept one by one"
    elif row.repeats:
        yield f"the same came again, {row.repeats} times" if row.repeats > 1 else "the same came once more"
    if row.conflicts:
        yield "another body came under the same event id"
    if row.is_body_dropped:
        yield "its body is no longer kept"


_STEPS: Final = {
    steps.SIGN_INITIATE: "The app was given what it needs to start the SDK",
    steps.SIGN_PROCESS: "The app was given what it needs to open the payment page",
    steps.TERMINATE: "The app ended the checkout; money is untouched",
    steps.FORGET: "The customer was forgotten, and the checkout has ended",
}


def _step_title(fact: CheckoutFact) -> str:
    if not fact.event:
        return _STEPS[fact.kind]
    return f"The app says {fact.event}{f': {fact.reported} (a claim, not a proof)' if fact.reported else ''}"


def _answered(fact: Fact, words: Sequence[str], heard: Sequence[str]) -> str:
    """What an answer says, in `words` about the order itself; `heard` are those of the one before."""
    if not words:
        return _beside_the_order(fact)
    reported = " and ".join(juspay_word(word) for word in words)
    if fact.outcome is Outcome.STALE:
        return f"An older answer from Juspay came late: {reported}"
    if fact.outcome is Outcome.CONTRADICTS:
        return f"Juspay says {reported}; something in the answer denies what was proved, or does not match"
    is_again = UNCHANGED.id in fact.rules and words == heard
    return f"Juspay says {'again ' if is_again else ''}{reported}"


def _beside_the_order(fact: Fact) -> str:
    """What an answer tells that has no news of the order itself."""
    if fact.attempts:
        return "Juspay reports on an attempt to pay"
    if fact.refunds:
        return "Juspay reports on the order's refunds"
    if fact.expires_at:
        return "Juspay says when the order's time is over"
    if fact.price_change_over:
        return "Juspay says which price the order has"
    return "Juspay's answer did not match the order and was not believed"


def _call_ended(fact: Fact) -> str:
    (known,) = fact.refunds
    if known.state == RefundState.REJECTED:
        return "Juspay refused the refund for good"
    if known.last_call is LastCall.NOT_SENT:
        return "Juspay did not accept the refund call"
    return "The refund call ended, and it is not known whether the refund was made"


def _opened(fact: Fact) -> str:
    if fact.opened and fact.opened.adopted:
        return "An order from before Paystate was taken over; Juspay is asked about it"
    return "Your backend opened the order; nothing was sent to Juspay"


def _sent(fact: Fact) -> str:
    (known,) = fact.refunds
    return "The refund is sent to Juspay" if known.tries == 1 else f"The refund is sent again (call {known.tries})"


def _hold(fact: Fact) -> HoldOperation:
    (known,) = fact.holds
    return known


def _hold_requested(fact: Fact) -> str:
    if _hold(fact).kind is HoldKind.VOID:
        return "The release of the held money was asked for"
    return f"The capture of {'the' if _hold(fact).is_whole else 'a part of the'} held money was asked for"


def _hold_sent(fact: Fact) -> str:
    known = _hold(fact)
    again = "" if known.tries == 1 else f" again (call {known.tries})"
    return f"{_CALLED[known.kind]} is sent to Juspay{again}"


def _hold_call_ended(fact: Fact) -> str:
    known = _hold(fact)
    if known.is_refused:
        return f"Juspay refused {_CALLED[known.kind].lower()} for good"
    if known.last_call is LastCall.NOT_SENT:
        return f"Juspay did not accept the call for {_CALLED[known.kind].lower()}"
    return f"The call for {_CALLED[known.kind].lower()} ended, and it is not known whether it was made"


_CALLED: Final = {HoldKind.CAPTURE: "The capture", HoldKind.VOID: "The release"}

_TITLES: Final[dict[FactKind, Callable[[Fact], str]]] = {
    FactKind.OPENED: lambda fact: _opened(fact),
    FactKind.PROCESS_SIGNED: lambda fact: "The shopper is about to pay; Paystate begins to ask Juspay",
    FactKind.REFUND_REQUESTED: lambda fact: "A refund was asked for, and its money is reserved",
    FactKind.REFUND_SENT: _sent,
    FactKind.REFUND_CALL_ENDED: _call_ended,
    FactKind.REFUND_GIVEN_UP: lambda fact: "The refund was given up before any call of it had reached Juspay",
    FactKind.HOLD_REQUESTED: _hold_requested,
    FactKind.HOLD_SENT: _hold_sent,
    FactKind.HOLD_CALL_ENDED: _hold_call_ended,
    FactKind.WEBHOOK_NOTED: lambda fact: "A webhook named what no answer has shown yet; it proves nothing",
    FactKind.SETTLED: lambda fact: "A person settled a review reason",
    FactKind.CASH_TOLD: lambda fact: "You recorded what became of the cash",
    FactKind.CANCELLED: lambda fact: "The order was cancelled; a shopper may still be paying",
    FactKind.PRICE_CHANGE_BEGUN: lambda fact: "Another price was asked for, and Juspay must confirm it first",
    FactKind.PRICE_CHANGE_ENDED: lambda fact: "The price was changed" if fact.amended else "The price was not changed",
    FactKind.RECORD_DOUBTED: lambda fact: "The record may be incomplete; refunds wait for Juspay's answer",
    FactKind.CUSTOMER_FORGOTTEN: lambda fact: "The customer was forgotten",
}


def _details(fact: Fact, currency: str) -> Iterator[str]:
    if fact.opened:
        yield f"{price(fact.opened.amount)} to be paid"
        yield from _adopted(fact.opened)
    yield from _of_price(fact)
    if fact.cash:
        yield cash(fact.cash)
    if fact.cancelled:
        yield cancellation(fact.cancelled)
    if not (fact.settled or fact.cash or fact.cancelled):  # their own words name who said so
        yield from _asked_by(fact)
    if fact.unsure_for:
        yield f"what happened since {clock(fact.unsure_for)} may be missing"
    if fact.expires_at:
        yield f"Juspay says that the order's time is over at {clock(fact.expires_at)}"
    yield from (attempt_stands(seen) for seen in fact.attempts)
    yield from (_refund(known, currency, fact.kind) for known in fact.refunds)
    yield from (_of_hold(known, currency) for known in fact.holds)
    for wrong in fact.mismatches:
        about = f"{wrong.field} of refund {wrong.refund_id}" if wrong.refund_id else wrong.field
        yield f"does not match: {about} is {wrong.theirs}, should be {wrong.ours}"
    for txn_id, claimed in fact.mentioned.items():
        yield f"payment {txn_id}{f': {claimed}' if claimed else ''} (a claim, not a proof)"
    yield from (f"dispute {one.dispute_id or 'without a name'}: {one.stage}" for one in fact.disputes)
    for word in fact.settled:
        yield settlement(word)
    yield from (f"to be announced: {announcement(one)}" for one in fact.announced)


def _asked_by(fact: Fact | CheckoutFact) -> Iterator[str]:
    if fact.by:
        why = f": {fact.note}" if isinstance(fact, Fact) and fact.note else ""
        yield f"asked for by {who(fact.by)}{why}"


def _of_hold(known: HoldOperation, currency: str) -> str:
    told = ", Juspay says that it failed" if known.was_told_failed else ""
    why = f", Juspay's reason: {known.refusal}" if known.refusal else ""
    return f"{hold_named(known, currency)}{told}{why}"


def _adopted(opened: Opened) -> Iterator[str]:
    if opened.sold_at:
        yield f"sold at {clock(opened.sold_at)}"
    if opened.fulfilled:
        yield "the goods had gone out already"


def _of_price(fact: Fact) -> Iterator[str]:
    if fact.price_change:
        yield f"asked for: {price(fact.price_change.amount)}"
    if fact.amended:
        yield f"the price is {price(fact.amended)} from now on"
    elif fact.price_change_over:
        yield "the price stays what it was"


def _refund(known: Refund, currency: str, kind: FactKind) -> str:
    is_missing = kind is FactKind.ANSWERED and known.state == RefundState.REQUESTED
    stands = "is not in Juspay's list" if is_missing else refund_stands(known)
    return f"refund {known.refund_id} of {format_minor(known.amount_minor, currency)} {currency} {stands}"
