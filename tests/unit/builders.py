"""Short ways to say what happens to an order. Owns words, no expectations."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from paystate.core.describe.explain import explain_order
from paystate.core.describe.timeline import order_timeline
from paystate.core.evidence import Answer, Evidence, NotFound, OrderAnswer, RefundAnswer, TxnAnswer, TxnClaim
from paystate.core.ids import refund_id_for
from paystate.core.money import Money
from paystate.core.orders.amounts.totals import amounts
from paystate.core.orders.commands.decide import Command, decide
from paystate.core.orders.commands.open_commands import OpenOrder, SignProcess
from paystate.core.orders.commands.refund_commands import EndRefundCall, RequestRefund, SendRefund
from paystate.core.orders.commands.settle_commands import Settle
from paystate.core.orders.commands.webhook_claims import NoteWebhook
from paystate.core.orders.decision import OrderDecision
from paystate.core.orders.facts import Customer, Fact, Opened, Refused
from paystate.core.orders.order import Order
from paystate.core.orders.reason import Verdict
from paystate.core.orders.refund import LastCall
from paystate.core.orders.review.reasons import open_reasons
from paystate.core.orders.timing.schedule import Schedule
from paystate.core.policy import DEFAULT, Policy
from paystate.core.requester import Requester

NOW = datetime(2026, 3, 1, 9, 0, 0, tzinfo=UTC)
MERCHANT = "acme"
ORDER = "Order-1"
FULL = 10_000
"""The order's amount in minor units: 100.00 INR."""
Step = tuple[Command | Evidence, datetime]


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def after_close(seconds: float = 5) -> datetime:
    return at(DEFAULT.fulfilment_window_s + seconds)


def rupees(minor: int) -> Money:
    return Money(minor, "INR")


def opened(**changes: Any) -> Opened:
    values: dict[str, Any] = {
        "merchant_id": MERCHANT,
        "order_id": ORDER,
        "amount": rupees(FULL),
        "customer": Customer(customer_id="cust-1", email="a@example.com"),
        "window_s": DEFAULT.fulfilment_window_s,
    }
    return Opened(**(values | changes))


def new_order(**changes: Any) -> Order:
    return taken(None, OpenOrder(opened(**changes))).after


def told(
    status: str,
    asked: int = 1,
    *,
    txn: str | None = "t1",
    txn_status: str | None = None,
    refunds: Iterable[RefundAnswer] = (),
    amount: Any = "100.00",
    currency: str | None = "INR",
    merchant_id: str | None = MERCHANT,
    order_id: str | None = ORDER,
    captured: str | None = None,
    paid: str | None = None,
    eligible: str | None = None,
    legs: Iterable[TxnAnswer] = (),
    dated: datetime | None = None,
    expires_at: datetime | None = None,
    refunds_only: bool = False,
) -> Evidence:
    """An answer to the question that was asked at version `asked`."""
    named = None if txn is None else TxnAnswer(txn_id=txn, status=status if txn_status is None else txn_status)
    body = OrderAnswer(
        merchant_id=merchant_id,
        order_id=order_id,
        amount=amount if amount is None or isinstance(amount, Decimal) else Decimal(amount),
        currency=currency,
        status=status,
        txn=named,
        refunds=tuple(refunds),
        captured=None if captured is None else Decimal(captured),
        paid=None if paid is None else Decimal(paid),
        eligible=None if eligible is None else Decimal(eligible),
        legs=tuple(legs),
        expires_at=expires_at,
    )
    return Evidence(asked=asked, answer=Answer(body=body, dated=dated), refunds_only=refunds_only)


def not_found(asked: int = 1, dated: datetime | None = None, refunds_only: bool = False) -> Evidence:
    return Evidence(asked=asked, answer=Answer(body=NotFound(), dated=dated), refunds_only=refunds_only)


def listed(refund_id: str, amount: str, status: str, *, automatic: bool = False) -> RefundAnswer:
    return RefundAnswer(refund_id=refund_id, amount=Decimal(amount), status=status, automatic=automatic)


def decision(
    order: Order | None, what: Command | Evidence, now: datetime = NOW, policy: Policy = DEFAULT
) -> OrderDecision | Refused:
    return decide(order, what, policy, now)


def taken(
    order: Order | None, what: Command | Evidence, now: datetime = NOW, policy: Policy = DEFAULT
) -> OrderDecision:
    result = decide(order, what, policy, now)
    assert not isinstance(result, Refused), result
    return result


def fact_of(decided: OrderDecision) -> Fact:
    """What a decision writes; it must write something."""
    assert decided.fact is not None
    return decided.fact


def refused(order: Order, what: Command | Evidence, now: datetime = NOW, policy: Policy = DEFAULT) -> Refused:
    result = decide(order, what, policy, now)
    assert isinstance(result, Refused), result
    return result


def after(order: Order | None, *inputs: Command | Evidence, now: datetime = NOW, policy: Policy = DEFAULT) -> Order:
    for what in inputs:
        order = taken(order, what, now, policy).after
    assert order is not None
    return order


def charged(*more: Command | Evidence) -> Order:
    return after(new_order(), told("CHARGED"), *more)


def refund_id(key: str = "k1") -> str:
    return refund_id_for(MERCHANT, key)


def refund(minor: int, key: str = "k1") -> RequestRefund:
    return RequestRefund(key=key, refund_id=refund_id(key), amount=rupees(minor))


def send(key: str = "k1") -> SendRefund:
    return SendRefund(refund_id(key))


def ended(order: Order, last_call: LastCall, refusal: str = "", key: str = "k1") -> EndRefundCall:
    """How the newest call of a refund ended."""
    sent = order.refunds[refund_id(key)].sent_version
    return EndRefundCall(refund_id=refund_id(key), sent_version=sent, last_call=last_call, refusal=refusal)


def settle(reason: str, verdict: Verdict = Verdict.ACCEPTED) -> Settle:
    return Settle(reason=reason, verdict=verdict, by=Requester("Asha"), note="checked with the bank")


def sign(customer_id: str = "cust-1") -> SignProcess:
    return SignProcess(customer_id)


def money(order: Order) -> tuple[int, int, int, int]:
    """Captured, refunded, of that by Juspay itself, and reserved."""
    added = amounts(order)
    return added.captured, added.refunded, added.automatic, added.reserved


def open_keys(order: Order) -> list[str]:
    return [reason.key for reason in open_reasons(order)]


def journal(*steps: Command | Evidence | Step) -> list[Fact]:
    """Facts of an order that was opened at `NOW`, one second between the steps unless they say when."""
    known = new_order()
    facts = [taken(None, OpenOrder(known.opened)).fact]
    for number, step in enumerate(steps, start=1):
        what, when = step if isinstance(step, tuple) else (step, at(number))
        decided = taken(known, what, when)
        known = decided.after
        facts.append(decided.fact)
    return [fact for fact in facts if fact]


def sentences(*steps: Command | Evidence | Step, kept: Schedule | None = None, now: datetime = NOW) -> str:
    return "\n".join(explain_order(journal(*steps), kept, DEFAULT, now))


def titles(*steps: Command | Evidence | Step) -> list[str]:
    return [moment.title for moment in order_timeline(journal(*steps))]


T1, T2 = f"{MERCHANT}-{ORDER}-1", f"{MERCHANT}-{ORDER}-2"
RF = refund_id()


def automatic(word: str, amount: str = "100.00", refund_id: str = "AR1") -> RefundAnswer:
    """A refund of Juspay's own."""
    return listed(refund_id, amount, word, automatic=True)


def leg(number: int, word: str, paid: str, *refunds: RefundAnswer) -> TxnAnswer:
    """A transaction out of several that pay together at the first try."""
    return TxnAnswer(txn_id=f"{T1}-{number}", status=word, paid=Decimal(paid), refunds=refunds)


def claims(**words: str) -> NoteWebhook:
    """A webhook that names the first or the second try to pay."""
    names = {"first": T1, "second": T2}
    return NoteWebhook(txns=tuple(TxnClaim(txn_id=names[name], status=word) for name, word in words.items()))


def kinds(order: Order) -> list[str]:
    return [key.partition(":")[0] for key in open_keys(order)]
