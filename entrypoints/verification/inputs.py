"""What may be given to an order, in plain words and as the real inputs.

It has one order's data, one of Juspay's words for each class of answer, and the sentences of a story. It expects
nothing of the outcome.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any, Final

from attrs import evolve, frozen

from paystate.core.evidence import (
    Answer,
    DisputeClaim,
    Evidence,
    NotFound,
    OrderAnswer,
    RefundAnswer,
    RefundsAnswer,
    Trust,
    TxnAnswer,
    TxnClaim,
)
from paystate.core.ids import refund_id_for
from paystate.core.lifecycle.statuses import Paid, Refunded
from paystate.core.money import Money
from paystate.core.orders.commands.decide import decide
from paystate.core.orders.commands.open_commands import OpenOrder, SignProcess, with_terms
from paystate.core.orders.commands.refund_commands import EndRefundCall, RequestRefund, SendRefund
from paystate.core.orders.commands.settle_commands import Settle
from paystate.core.orders.commands.webhook_claims import NoteWebhook
from paystate.core.orders.facts import Customer, Opened, Refused
from paystate.core.orders.order import Order
from paystate.core.orders.reason import Verdict
from paystate.core.orders.refund import LastCall, RefundState
from paystate.core.orders.review.reasons import open_reasons
from paystate.core.policy import DAY_S, DEFAULT, HOUR_S, Policy
from paystate.core.requester import Requester
from paystate.entrypoints.verification.search import Offer

MERCHANT: Final = "acme"
ORDER: Final = "order-1"
CURRENCY: Final = "INR"
CUSTOMER: Final = "cust-1"
FULL: Final = 10_000
PARTLY: Final = 6000
"""What a partial capture takes."""
OPENED_AT: Final = datetime(2026, 1, 1, tzinfo=UTC)
CLOSES_AT: Final = OPENED_AT + timedelta(days=7)
TOO_EARLY: Final = OPENED_AT + timedelta(seconds=1)
IN_TIME: Final = OPENED_AT + timedelta(seconds=HOUR_S)
TOO_LATE: Final = CLOSES_AT + timedelta(seconds=5)
JUST_EXPIRED: Final = OPENED_AT + timedelta(seconds=2 * DAY_S)
"""Some worlds let Juspay tell an `order_expiry` before the merchant's own window ends."""

WORDS: Final = {
    Paid.NEW: "NEW",
    Paid.UNKNOWN: "SOMETHING_NEW",
    Paid.PENDING: "PENDING_VBV",
    Paid.FAILED: "AUTHORIZATION_FAILED",
    Paid.COD: "COD_INITIATED",
    Paid.VOIDED: "VOIDED",
    Paid.HELD: "AUTHORIZED",
    Paid.PARTIAL: "PARTIAL_CHARGED",
    Paid.CHARGED: "CHARGED",
    Paid.AUTO_REFUNDED: "AUTO_REFUNDED",
}
"""One of Juspay's words for each class of order or transaction."""

REFUND_WORDS: Final = {
    Refunded.UNKNOWN: "SOMETHING_NEW",
    Refunded.PENDING: "PENDING",
    Refunded.MANUAL_REVIEW: "MANUAL_REVIEW",
    Refunded.FAILURE: "FAILURE",
    Refunded.SUCCESS: "SUCCESS",
}
"""One of Juspay's words for each class of refund."""

WRONGS: Final[dict[str, dict[str, Any]]] = {
    "amount": {"amount": Decimal(1)},
    "no amount": {"amount": None},
    "currency": {"currency": "USD"},
    "merchant": {"merchant_id": "other"},
    "order id": {"order_id": "other"},
}
"""Ways for an answer to be somebody else's, or at another price."""

MORE_WORDS: Final = {
    "CAPTURE_INITIATED": Paid.HELD,
    "CAPTURE_FAILED": Paid.HELD,
    "VOID_FAILED": Paid.HELD,
    "Failure": Paid.FAILED,
    "PENDING": Paid.PENDING,
}
"""Further words that a world uses, each with its class: of the gateway contract, G.1 and O.3."""

SAFE_REFUSAL, FINAL_REFUSAL, UNCLEAR_REFUSAL = "access_denied", "invalid amount", "duplicate.call"


@frozen(kw_only=True)
class Ours:
    """A refund that the merchant's backend may ask for."""

    name: str
    amount_minor: int

    @property
    def refund_id(self) -> str:
        """Its id for ever."""
        return refund_id_of(self.name)


@cache
def refund_id_of(key: str) -> str:
    """The one id of a key for ever, worked out once."""
    return refund_id_for(MERCHANT, key)


def fresh(policy: Policy = DEFAULT) -> Order:
    """An order just opened; its version leaves room for older questions."""
    opened = Opened(
        merchant_id=MERCHANT,
        order_id=ORDER,
        amount=Money(FULL, CURRENCY),
        customer=Customer(customer_id=CUSTOMER),
    )
    return evolve(_taken(None, OpenOrder(with_terms(opened, policy)), policy), version=3)


def told(order: Order, *offers: Offer, policy: Policy = DEFAULT) -> Order:
    """The order after some offers that it takes."""
    for offer in offers:
        order = _taken(order, offer.what, policy, offer.now)
    return order


def _taken(order: Order | None, what: Any, policy: Policy, now: datetime = OPENED_AT) -> Order:
    result = decide(order, what, policy, now)
    if isinstance(result, Refused):
        raise ValueError(result.detail)
    return result.after


# --- what Juspay answers ----------------------------------------------------------------------------------------------


def answer(
    word: str,
    asked: int,
    txn: str | None = "t1",
    *,
    txn_word: str | None = None,
    refunds: Iterable[RefundAnswer] = (),
    legs: Iterable[TxnAnswer] = (),
    dated: datetime | None = None,
    about: str = "",
    when: str = "",
    refunds_only: bool = False,
    **changes: Any,
) -> Offer:
    """Juspay's answer to the question that was asked at version `asked`; `when` says so in words.

    Args:
        about: The field that is not ours.
        refunds_only: It answers a refund call.
        changes: Fields of `OrderAnswer`; the money among them is told in the story.
    """
    named = None if txn is None else TxnAnswer(txn_id=txn, status=word if txn_word is None else txn_word)
    part: dict[str, Any] = {"captured": amount_of(PARTLY)} if WORDS[Paid.PARTIAL] in (word, txn_word) else {}
    body = OrderAnswer(
        merchant_id=MERCHANT,
        order_id=ORDER,
        amount=amount_of(FULL),
        currency=CURRENCY,
        status=word,
        txn=named,
        legs=tuple(legs),
        refunds=tuple(refunds),
        **part,
    )
    parts = (
        f"Juspay answers {'the refund call with ' if refunds_only else ''}{word}",
        f" about {txn or 'no transaction'}" + (f", whose own word is {txn_word}" if txn_word is not None else ""),
        "".join(f", of which {leg.txn_id} is {leg.status}{_listing(leg.refunds)}" for leg in body.legs),
        _listing(body.refunds),
        "".join(f", {field} {changes[field]}" for field in _MONEY_FIELDS if changes.get(field) is not None),
        f", with another {about}" if about else "",
        f"; dated {'before' if dated < CLOSES_AT else 'after'} the end of life" if dated else "",
        ", and tells that the order's time is short" if changes.get("expires_at") else "",
        f" (asked {when or f'at version {asked}'}).",
    )
    heard = Answer(body=evolve(body, **changes), dated=dated)
    evidence = Evidence(asked=asked, answer=heard, refunds_only=refunds_only)
    return Offer(message="".join(parts), what=evidence, now=IN_TIME, by=Trust.GATEWAY)


_MONEY_FIELDS: Final = ("paid", "discount", "surcharge", "eligible")


def amount_of(minor: int) -> Decimal:
    """Minor units as Juspay writes them."""
    return Decimal(minor) / 100


def _listing(refunds: Iterable[RefundAnswer]) -> str:
    return "".join(f", and lists {_whose(one.refund_id)} as {one.status}" for one in refunds)


def leg(txn_id: str, word: str, minor: int, *refunds: RefundAnswer) -> TxnAnswer:
    """One of several transactions that pay together."""
    return TxnAnswer(txn_id=txn_id, status=word, paid=amount_of(minor), refunds=refunds)


def refund_answer(asked: int, *refunds: RefundAnswer, when: str = "") -> Offer:
    """Juspay's answer to a refund call that speaks of refunds alone."""
    body = RefundsAnswer(order_id=ORDER, refunds=refunds)
    message = (
        f"Juspay answers the refund call with no order{_listing(refunds)} (asked {when or f'at version {asked}'})."
    )
    evidence = Evidence(asked=asked, answer=Answer(body=body), refunds_only=True)
    return Offer(message=message, what=evidence, now=IN_TIME, by=Trust.GATEWAY)


def absent(asked: int, dated: datetime | None = None) -> Offer:
    """Juspay's answer that there is no such order."""
    when = f"; dated {'before' if dated < CLOSES_AT else 'after'} the end of life" if dated else ""
    evidence = Evidence(asked=asked, answer=Answer(body=NotFound(), dated=dated))
    message = f"Juspay knows no such order{when} (asked at version {asked})."
    return Offer(message=message, what=evidence, now=IN_TIME, by=Trust.GATEWAY)


def listed(
    refund_id: str,
    amount_minor: int,
    kind: Refunded,
    *,
    automatic: bool = False,
    txn_id: str = "",
    created_at: datetime | None = None,
) -> RefundAnswer:
    """One refund in an answer; without a date if nothing else is said."""
    return RefundAnswer(
        refund_id=refund_id,
        amount=amount_of(amount_minor),
        status=REFUND_WORDS[kind],
        automatic=automatic,
        created_at=created_at,
        txn_id=txn_id,
    )


def _whose(refund_id: str) -> str:
    is_ours = len(refund_id) >= len(Ours(name="", amount_minor=0).refund_id)
    return f"refund {refund_id[:4]}{refund_id[20:]}" if is_ours else refund_id


def webhook(*txns: str, word: str = "CHARGED", dispute: DisputeClaim | None = None) -> Offer:
    """What a webhook with valid credentials names."""
    named = [f"payment {txn} as {word}" for txn in txns]
    of = f" of {dispute.amount}" if dispute and dispute.amount else ""
    named += [f"a dispute{of} that is {dispute.stage}"] if dispute else []
    what = NoteWebhook(txns=tuple(TxnClaim(txn_id=txn, status=word) for txn in txns), dispute=dispute)
    return Offer(message=f"A webhook names {' and '.join(named)}.", what=what, now=IN_TIME, by=Trust.WEBHOOK)


# --- what the merchant, Paystate itself and people do -----------------------------------------------------------------


def process(now: datetime = IN_TIME, customer_id: str = CUSTOMER) -> Offer:
    """The shopper goes to the payment page."""
    when = " after the end of life" if now >= CLOSES_AT else ""
    who = "" if customer_id == CUSTOMER else "somebody else's "
    message = f"The backend asks for {who}process payload{when}."
    return Offer(message=message, what=SignProcess(customer_id), now=now, by=Trust.MERCHANT)


def open_again(order: Order) -> Iterator[Offer]:
    """The backend opens the order once more: the same, or another, or one for nothing."""
    for minor in (FULL, FULL - 1, 0):
        what = OpenOrder(evolve(order.opened, amount=Money(minor, CURRENCY)))
        message = f"The backend opens an order of {Money(minor, CURRENCY)} under the same id."
        yield Offer(message=message, what=what, now=IN_TIME, by=Trust.MERCHANT)


def request(ours: Ours, *, txn_id: str = "") -> Offer:
    """The backend asks for a refund, of the order or of one transaction."""
    amount = Money(ours.amount_minor, CURRENCY)
    what = RequestRefund(key=ours.name, refund_id=ours.refund_id, amount=amount, txn_id=txn_id)
    of = f" of payment {txn_id}" if txn_id else ""
    message = f"The backend asks for a refund of {amount} {CURRENCY}{of} under the key {ours.name}."
    return Offer(message=message, what=what, now=OPENED_AT, by=Trust.MERCHANT)


def calls(order: Order, ours: Ours) -> Iterator[Offer]:
    """A call of one refund is begun, too early or in time; or the newest one ends."""
    name, refund = ours.name, order.refunds.get(ours.refund_id)
    if refund is None:
        return
    for now, when in ((TOO_EARLY, "one second later"), (IN_TIME, "an hour later")):
        message = f"The worker sends refund {name}, {when}."
        yield Offer(message=message, what=SendRefund(ours.refund_id), now=now, by=Trust.SELF)
    if refund.tries:
        for ends, refusal, how in _ENDS:
            what = EndRefundCall(
                refund_id=ours.refund_id, sent_version=refund.sent_version, last_call=ends, refusal=refusal
            )
            yield Offer(message=f"The call of refund {name} {how}.", what=what, now=IN_TIME, by=Trust.SELF)


_ENDS: Final = (
    (LastCall.UNKNOWN, "", "brings no answer"),
    (LastCall.NOT_SENT, "", "never left"),
    (LastCall.REFUSED, FINAL_REFUSAL, "is refused for good"),
    (LastCall.REFUSED, UNCLEAR_REFUSAL, "is refused as a duplicate"),
    (LastCall.REFUSED, SAFE_REFUSAL, "is turned away at the door"),
)


def verdicts(order: Order) -> Iterator[Offer]:
    """A person settles each reason that is open, in each way there is."""
    for reason in open_reasons(order):
        for verdict in Verdict:
            what = Settle(reason=reason.key, verdict=verdict, by=Requester("Asha"), note="looked into it")
            message = f"A person settles {reason.key} as {verdict}."
            yield Offer(message=message, what=what, now=IN_TIME, by=Trust.OPERATOR)


def no_such_reason() -> Offer:
    """A person settles what is not open."""
    what = Settle(reason="denied:order:nothing", verdict=Verdict.ACCEPTED, by=Requester("Asha"), note="looked into it")
    return Offer(message="A person settles what is not open.", what=what, now=IN_TIME, by=Trust.OPERATOR)


def always(*offers: Offer) -> Callable[[Order], Iterable[Offer]]:
    """The same offers in every state."""
    return lambda _: offers


def before_the_last_call(order: Order) -> int:
    """The newest question that cannot know of the newest refund call."""
    sent = [
        refund.sent_version
        for refund in order.refunds.values()
        if refund.state == RefundState.REQUESTED and refund.tries
    ]
    return max(sent, default=order.version) - 1
