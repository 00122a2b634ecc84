"""What an accountant asks of an order, and how it is told a story.

The answers come from the core over the real reader of Juspay's bodies; what is right stands in the tests.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from accountant.bodies import MERCHANT, ORDER_ID, text
from attrs import field, frozen

from paystate.adapters.juspay.answers import read_order, read_refunded
from paystate.core.evidence import Answer, Evidence, TxnClaim
from paystate.core.ids import refund_id_for
from paystate.core.money import Money
from paystate.core.orders.amounts.totals import amounts
from paystate.core.orders.commands.decide import Command, decide
from paystate.core.orders.commands.open_commands import OpenOrder
from paystate.core.orders.commands.refund_commands import RequestRefund, SendRefund
from paystate.core.orders.commands.settle_commands import Settle
from paystate.core.orders.commands.webhook_claims import NoteWebhook
from paystate.core.orders.derived import status
from paystate.core.orders.facts import Customer, Opened, Refused
from paystate.core.orders.fulfilment import may_fulfil
from paystate.core.orders.order import Order
from paystate.core.orders.reason import Verdict
from paystate.core.orders.review.reasons import open_reasons
from paystate.core.policy import DEFAULT
from paystate.core.requester import Requester

NOW = datetime(2026, 3, 1, 9, 0, 0, tzinfo=UTC)
OURS = refund_id_for(MERCHANT, "k1")
"""The id of the refund that `ask` asks for."""


def _kinds(given: Iterable[str]) -> frozenset[str]:
    return frozenset(given)


@frozen(kw_only=True)
class Books:
    """The five questions. Amounts in rupees.

    Attributes:
        captured: How much of the shopper's money was taken, be it gone back since.
        back: How much of it is with the shopper again.
        may_go_back: How much a refund could still be of.
        goods: Whether they may go out.
        person: Kinds of what a person has to look at.
    """

    captured: str = "0.00"
    back: str = "0.00"
    may_go_back: str = "0.00"
    goods: bool
    person: frozenset[str] = field(default=frozenset[str](), converter=_kinds)


Step = dict[str, Any] | Command | Evidence


def kept(price: str, steps: Iterable[Step]) -> Order:
    """An order of that price after everything that was told or done, ten seconds between the steps."""
    opened = Opened(merchant_id=MERCHANT, order_id=ORDER_ID, amount=Money.parse(price, "INR"), customer=Customer(),
                    window_s=DEFAULT.fulfilment_window_s)  # fmt: skip
    order = _after(None, OpenOrder(opened), NOW)
    for number, step in enumerate(steps, start=1):
        what = answered(step, order.version) if isinstance(step, dict) else step
        order = _after(order, what, NOW + timedelta(seconds=10 * number))
    return order


def _after(order: Order | None, what: Command | Evidence, now: datetime) -> Order:
    decided = decide(order, what, DEFAULT, now)
    assert not isinstance(decided, Refused), decided
    return decided.after


def books(order: Order) -> Books:
    money = amounts(order)
    return Books(
        captured=_rupees(money.captured),
        back=_rupees(money.refunded),
        may_go_back=_rupees(money.refundable),
        goods=may_fulfil(order),
        person=[str(reason.kind) for reason in open_reasons(order)],
    )


def label(order: Order) -> str:
    return str(status(order))


def answered(body: dict[str, Any], asked: int) -> Evidence:
    """A status answer to the newest question."""
    return Evidence(asked=asked, answer=Answer(body=read_order(text(body))))


def refund_answered(body: dict[str, Any], asked: int) -> Evidence:
    """The answer to a refund call."""
    return Evidence(asked=asked, answer=Answer(body=read_refunded(text(body))), refunds_only=True)


def ask(price: str, key: str = "k1") -> RequestRefund:
    return RequestRefund(key=key, refund_id=refund_id_for(MERCHANT, key), amount=Money.parse(price, "INR"))


def send(key: str = "k1") -> SendRefund:
    return SendRefund(refund_id_for(MERCHANT, key))


def named_by_webhook(txn_id: str, status_told: str) -> NoteWebhook:
    return NoteWebhook(txns=(TxnClaim(txn_id=txn_id, status=status_told),))


def found(reason: str, verdict: Verdict) -> Settle:
    return Settle(reason=reason, verdict=verdict, by=Requester("Meena"), note="asked the bank")


def _rupees(minor: int) -> str:
    return f"{Decimal(minor) / 100:.2f}"
