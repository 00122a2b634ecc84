"""Orders, checkouts and decisions to write, made as plainly as the types allow."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from attrs import evolve as with_changes

from paystate.core.checkouts.checkout import (
    Checkout,
    CheckoutDecisionResult,
    CheckoutInput,
    CheckoutOpened,
    Issued,
    OpenCheckout,
    SignProcessFor,
)
from paystate.core.checkouts.checkout import decide as decide_checkout
from paystate.core.evidence import Answer, Evidence, OrderAnswer, SdkEvent, Trust, TxnAnswer
from paystate.core.ids import CheckoutKey, OrderKey, refund_id_for
from paystate.core.lifecycle.table import Mark, Outcome, Rule
from paystate.core.money import Money
from paystate.core.orders.commands.decide import decide
from paystate.core.orders.commands.open_commands import OpenOrder
from paystate.core.orders.commands.refund_commands import RequestRefund, SendRefund
from paystate.core.orders.commands.settle_commands import Settle
from paystate.core.orders.decision import DecisionResult
from paystate.core.orders.facts import (
    Announcement,
    AnnouncementKind,
    Customer,
    Decision,
    Fact,
    FactKind,
    Opened,
    Refused,
)
from paystate.core.orders.order import Order, evolve
from paystate.core.orders.reason import Verdict
from paystate.core.orders.review.reasons import open_reasons
from paystate.core.policy import DEFAULT
from paystate.core.ports.store import Store
from paystate.core.requester import Requester

NOW = datetime(2026, 11, 23, 5, 30, 0, 123457, tzinfo=UTC)
MERCHANT = "merchant"
KEY = OrderKey(MERCHANT, "Order-1")
OTHER = OrderKey(MERCHANT, "Order-2")
FOREIGN = OrderKey("another", "Order-1")
CHECKOUT = CheckoutKey(MERCHANT, "chk_1")
REFUSED = Refused(code="no", rule=Rule("X1", Outcome.REFUSED, frozenset(), "Not now.", "-", Mark.OURS))

Fn = Callable[[Order | None], DecisionResult]


def after_s(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def opened(key: OrderKey = KEY) -> Opened:
    return Opened(
        merchant_id=key.merchant_id,
        order_id=key.order_id,
        amount=Money.of(34950, "INR"),
        customer=Customer(customer_id="c-1", first_name="Zoë"),
        window_s=3600,
    )


def opens(key: OrderKey = KEY, at: datetime = NOW) -> Fn:
    return lambda order: decide(order, OpenOrder(opened(key)), DEFAULT, at)


def answered_wrongly(key: OrderKey = KEY) -> Fn:
    """Juspay answers with another amount, which opens a reason."""
    body = OrderAnswer(
        merchant_id=key.merchant_id, order_id=key.order_id, amount=Decimal(1), currency="INR", status="CHARGED"
    )
    return lambda order: decide(order, Evidence(asked=1, answer=Answer(body=body)), DEFAULT, after_s(1))


def charges(key: OrderKey = KEY) -> Fn:
    """Juspay answers that the order is paid."""
    body = OrderAnswer(
        merchant_id=key.merchant_id, order_id=key.order_id, amount=Decimal("349.50"), currency="INR", status="CHARGED",
        txn=TxnAnswer(txn_id="t1", status="CHARGED"),
    )  # fmt: skip
    return lambda order: decide(order, Evidence(asked=1, answer=Answer(body=body)), DEFAULT, after_s(1))


_REFUND = refund_id_for(MERCHANT, "k1")


def asks_for_refund() -> Fn:
    command = RequestRefund(key="k1", refund_id=_REFUND, amount=Money.of(10_000, "INR"))
    return lambda order: decide(order, command, DEFAULT, after_s(2))


def sends_refund() -> Fn:
    return lambda order: decide(order, SendRefund(_REFUND), DEFAULT, after_s(3))


def settles(order: Order | None) -> DecisionResult:
    """A person accepts the open reason."""
    assert order is not None
    reason = open_reasons(order)[0].key
    word = Settle(reason=reason, verdict=Verdict.ACCEPTED, by=Requester("Asha"), note="ok")
    return decide(order, word, DEFAULT, after_s(2))


def announcement(name: str) -> Announcement:
    return Announcement(AnnouncementKind.REVIEW_OPENED, name)


def announces(*names: str, claims: tuple[str, ...] = (), next_look_at: datetime | None = None) -> Fn:
    """Decide something whatever the order is like: a fact that announces `names`."""

    def decided(order: Order | None) -> DecisionResult:
        assert order is not None
        return fact_decision(order, Fact(
            at=order.updated_at + timedelta(seconds=1), kind=FactKind.ANSWERED, trust=Trust.GATEWAY,
            outcome=Outcome.MOVES, announced=tuple(announcement(name) for name in names),
        ), claims, next_look_at)  # fmt: skip

    return decided


def fact_decision(
    order: Order, fact: Fact, claims: tuple[str, ...] = (), next_look_at: datetime | None = None
) -> Decision[Order, Fact]:
    after = evolve(order, fact)
    return Decision(outcome=fact.outcome, fact=fact, after=after, effects=fact.announced,
                    next_look_at=next_look_at, claims=claims)  # fmt: skip


async def all_due(store: Store, now: datetime, limit: int = 100) -> list[OrderKey]:
    """What somebody waits for, and then what is merely due."""
    urgent = await store.due(now, urgent=True, limit=limit)
    return [*urgent, *await store.due(now, urgent=False, limit=limit - len(urgent))]


def counts(order: Order | None) -> DecisionResult:
    """Announce one name more than there are: what is lost leaves a gap."""
    assert order is not None
    return announces(f"n{len(order.announced)}")(order)


def nothing_new(next_look_at: datetime | None = None) -> Fn:
    def decided(order: Order | None) -> DecisionResult:
        assert order is not None
        return Decision(outcome=Outcome.ALREADY, fact=None, after=order, next_look_at=next_look_at)

    return decided


def refuses(_: Order | None) -> DecisionResult:
    return REFUSED


def fails(_: Order | None) -> DecisionResult:
    raise LookupError("no such order")


def renumbered(version: int) -> Fn:
    """Decide on a version that is not the stored one."""

    def decided(order: Order | None) -> DecisionResult:
        assert order is not None
        return announces("late")(with_changes(order, version=version))

    return decided


def checkout_input(what: CheckoutInput) -> Callable[[Checkout | None], CheckoutDecisionResult]:
    return lambda checkout: decide_checkout(checkout, what, DEFAULT, NOW)


def opens_checkout(key: CheckoutKey = CHECKOUT) -> Callable[[Checkout | None], CheckoutDecisionResult]:
    details = CheckoutOpened(merchant_id=key.merchant_id, checkout_id=key.checkout_id, customer_id="c-1")
    return checkout_input(OpenCheckout(details, Issued(token_digest="ab", expires_at=after_s(900))))


STARTED = SdkEvent(name="initiate_result", status="success")


def signs(order_id: str) -> SignProcessFor:
    return SignProcessFor(order_id)


async def digest_of(store: Store, key: OrderKey = KEY) -> tuple[object, ...]:
    """Everything stored about an order."""
    return (
        await store.load(key),
        await store.journal(key),
        await store.schedule(key),
        await store.outbox(key.merchant_id),
    )
