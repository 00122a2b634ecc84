"""What may be given to an order, in plain words and as the real inputs.

Owns one order's data, one of Juspay's words for each class of answer, and the sentences of a story. Expects nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from attrs import evolve, frozen

from paystate.core.catalogue import Paid, Refunded
from paystate.core.commands import OpenOrder, Settle, SignProcess, Verdict, decide
from paystate.core.evidence import Answer, Evidence, NotFound, OrderAnswer, RefundAnswer, Trust, TxnAnswer
from paystate.core.explore import Offer
from paystate.core.facts import Customer, Opened, Refused
from paystate.core.ids import refund_id_for
from paystate.core.money import Money
from paystate.core.order import Order
from paystate.core.policy import DAY_S, DEFAULT, HOUR_S, Policy
from paystate.core.refund import REQUESTED, LastCall
from paystate.core.refunding import EndRefundCall, RequestRefund, SendRefund
from paystate.core.review import open_reasons

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
    "status number": {"status_id": 99},
}
"""Ways for an answer to be somebody else's."""

SAFE_REFUSAL, FINAL_REFUSAL, UNCLEAR_REFUSAL = "access_denied", "invalid amount", "duplicate.call"


@frozen(kw_only=True)
class Ours:
    """A refund that the merchant's backend may ask for."""

    name: str
    amount_minor: int

    @property
    def refund_id(self) -> str:
        """Its id for ever."""
        return refund_id_for(MERCHANT, self.name)


def fresh(policy: Policy = DEFAULT) -> Order:
    """An order just opened; its version leaves room for older questions."""
    opened = Opened(
        merchant_id=MERCHANT,
        order_id=ORDER,
        amount=Money(FULL, CURRENCY),
        customer=Customer(customer_id=CUSTOMER),
        window_s=policy.fulfilment_window_s,
    )
    return evolve(_taken(None, OpenOrder(opened), policy), version=3)


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
    dated: datetime | None = None,
    expires_at: datetime | None = None,
    about: str = "",
    when: str = "",
    **changes: Any,
) -> Offer:
    """Juspay's answer to the question that was asked at version `asked`; `when` says so in words."""
    named = None if txn is None else TxnAnswer(txn_id=txn, status=word if txn_word is None else txn_word)
    body = OrderAnswer(
        merchant_id=MERCHANT,
        order_id=ORDER,
        amount=Decimal(FULL) / 100,
        currency=CURRENCY,
        status=word,
        txn=named,
        refunds=tuple(refunds),
        captured=Decimal(PARTLY) / 100 if WORDS[Paid.PARTIAL] in (word, txn_word) else None,
        expires_at=expires_at,
    )
    parts = (
        f"Juspay answers {word}",
        f" about {txn or 'no transaction'}" + (f", whose own word is {txn_word}" if txn_word is not None else ""),
        "".join(f", and lists {_whose(one.refund_id)} as {one.status}" for one in body.refunds),
        f", with another {about}" if about else "",
        f"; dated {'before' if dated < CLOSES_AT else 'after'} the end of life" if dated else "",
        ", and tells that the order's time is short" if expires_at else "",
        f" (asked {when or f'at version {asked}'}).",
    )
    evidence = Evidence(asked=asked, answer=Answer(body=evolve(body, **changes), dated=dated))
    return Offer(says="".join(parts), what=evidence, now=IN_TIME, by=Trust.GATEWAY)


def absent(asked: int, dated: datetime | None = None) -> Offer:
    """Juspay's answer that there is no such order."""
    when = f"; dated {'before' if dated < CLOSES_AT else 'after'} the end of life" if dated else ""
    evidence = Evidence(asked=asked, answer=Answer(body=NotFound(), dated=dated))
    says = f"Juspay knows no such order{when} (asked at version {asked})."
    return Offer(says=says, what=evidence, now=IN_TIME, by=Trust.GATEWAY)


def listed(refund_id: str, amount_minor: int, kind: Refunded, *, automatic: bool = False) -> RefundAnswer:
    """One refund in an answer."""
    return RefundAnswer(
        refund_id=refund_id,
        amount=Decimal(amount_minor) / 100,
        status=REFUND_WORDS[kind],
        automatic=automatic,
        created_at=OPENED_AT,
    )


def _whose(refund_id: str) -> str:
    return f"refund {refund_id[:4]}" if len(refund_id) == len(Ours(name="", amount_minor=0).refund_id) else refund_id


# --- what the merchant, Paystate itself and people do -----------------------------------------------------------------


def process(now: datetime = IN_TIME, customer_id: str = CUSTOMER) -> Offer:
    """The shopper goes to the payment page."""
    when = " after the end of life" if now >= CLOSES_AT else ""
    who = "" if customer_id == CUSTOMER else "somebody else's "
    says = f"The backend asks for {who}process payload{when}."
    return Offer(says=says, what=SignProcess(customer_id), now=now, by=Trust.MERCHANT)


def open_again(order: Order) -> Iterator[Offer]:
    """The backend opens the order once more: the same, or another, or one for nothing."""
    for minor in (FULL, FULL - 1, 0):
        what = OpenOrder(evolve(order.opened, amount=Money(minor, CURRENCY)))
        says = f"The backend opens an order of {Money(minor, CURRENCY)} under the same id."
        yield Offer(says=says, what=what, now=IN_TIME, by=Trust.MERCHANT)


def request(ours: Ours, *, currency: str = CURRENCY) -> Offer:
    """The backend asks for a refund."""
    amount = Money(ours.amount_minor, currency)
    what = RequestRefund(key=ours.name, refund_id=ours.refund_id, amount=amount)
    says = f"The backend asks for a refund of {amount} {currency} under the key {ours.name}."
    return Offer(says=says, what=what, now=OPENED_AT, by=Trust.MERCHANT)


def calls(order: Order, ours: Ours) -> Iterator[Offer]:
    """A call of one refund is begun, too early or in time; or the newest one ends."""
    name, refund = ours.name, order.refunds.get(ours.refund_id)
    if refund is None:
        return
    for now, when in ((TOO_EARLY, "one second later"), (IN_TIME, "an hour later")):
        says = f"The worker sends refund {name}, {when}."
        yield Offer(says=says, what=SendRefund(ours.refund_id), now=now, by=Trust.SELF)
    if refund.tries:
        for ends, refusal, how in _ENDS:
            what = EndRefundCall(
                refund_id=ours.refund_id, sent_version=refund.sent_version, last_call=ends, refusal=refusal
            )
            yield Offer(says=f"The call of refund {name} {how}.", what=what, now=IN_TIME, by=Trust.SELF)


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
            what = Settle(reason=reason.key, verdict=verdict, by="Asha", note="looked into it")
            says = f"A person settles {reason.key} as {verdict}."
            yield Offer(says=says, what=what, now=IN_TIME, by=Trust.OPERATOR)


def no_such_reason() -> Offer:
    """A person settles what is not open."""
    what = Settle(reason="denied:order:nothing", verdict=Verdict.ACCEPTED, by="Asha", note="looked into it")
    return Offer(says="A person settles what is not open.", what=what, now=IN_TIME, by=Trust.OPERATOR)


def always(*offers: Offer) -> Callable[[Order], Iterable[Offer]]:
    """The same offers in every state."""
    return lambda _: offers


def before_the_last_call(order: Order) -> int:
    """The newest question that cannot know of the newest refund call."""
    sent = [refund.sent_version for refund in order.refunds.values() if refund.state == REQUESTED and refund.tries]
    return max(sent, default=order.version) - 1
