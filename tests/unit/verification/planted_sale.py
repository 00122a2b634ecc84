"""Faults to plant in the rules of the merchant's own words: cash, cancelling, another price, a record in doubt."""

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from unittest.mock import patch

from attrs import evolve
from unit.model.mutations import handling, replaced
from unit.verification.planting import everywhere

from paystate.core.evidence import Trust
from paystate.core.lifecycle.guards import TOO_MUCH
from paystate.core.lifecycle.table import Outcome, Table
from paystate.core.orders import answers, decision, fulfilment, price, reading, reason
from paystate.core.orders import order as order_module
from paystate.core.orders.amounts import payments, twins
from paystate.core.orders.commands import forget_commands, hold_commands, price_commands, sale_commands
from paystate.core.orders.commands.open_commands import SignProcess
from paystate.core.orders.commands.price_commands import AmendOrder, EndPriceChange
from paystate.core.orders.commands.refund_commands import RequestRefund
from paystate.core.orders.commands.sale_commands import CancelOrder, DoubtRecord, RecordCash
from paystate.core.orders.facts import Refused
from paystate.core.orders.order import Order
from paystate.core.orders.reason import Reason, ReasonKind
from paystate.core.orders.review import giving_back, mismatches, payment_reasons, reasons, refund_reasons
from paystate.core.orders.timing import next_step, sending

Plant = Callable[[], AbstractContextManager[Any]]


def allowed(owner: Any, rule_id: str) -> AbstractContextManager[Any]:
    """A status that refuses the merchant's word lets it through."""
    rules = [evolve(rule, outcome=Outcome.ALLOWED) if rule.id == rule_id else rule for rule in sale_commands.RULES]
    table = Table(
        sale_commands.TABLE.name, states=sale_commands.TABLE.states, inputs=sale_commands.TABLE.inputs, rules=rules
    )
    return patch.object(owner, "TABLE", table)


def knowing(command: type, **changes: Any) -> AbstractContextManager[Any]:
    """A command is decided as if the order were another in these fields."""

    def handle(decide: Callable[..., Any]) -> Callable[..., Any]:
        def misled(order: Any, what: Any, policy: Any, now: Any) -> Any:
            result = decide(evolve(order, **changes), what, policy, now)
            if isinstance(result, Refused):
                return result
            if result.fact is None:
                return decision.no_change(order, result.outcome, policy, now)
            return decision.record_fact(order, result.fact, policy, now)

        return misled

    return handling(command, handle)


def asked_as(**changes: Any) -> AbstractContextManager[Any]:
    """What an answer tells of the price is read as if it were an answer to another question."""
    return replaced(
        answers, "price_told", lambda tell: lambda order, what, *more: tell(order, evolve(what, **changes), *more)
    )


def waiting(seconds: int) -> AbstractContextManager[Any]:
    """A change that is not shown is waited for so long."""
    return replaced(
        answers,
        "price_told",
        lambda tell: (
            lambda order, what, policy, now: tell(order, what, evolve(policy, refund_answer_wait_s=seconds), now)
        ),
    )


def unanswered(command: type) -> AbstractContextManager[Any]:
    """A command is taken and changes nothing."""

    def quiet(order: Any, _: Any, policy: Any, now: Any) -> Any:
        return decision.no_change(order, Outcome.ALREADY, policy, now)

    return handling(command, lambda _: quiet)


def untold(begins: str) -> AbstractContextManager[Any]:
    """The merchant is told nothing of one kind."""
    return replaced(
        decision,
        "announcements",
        lambda tell: lambda order: [k for k in tell(order) if not k.once_key.startswith(begins)],
    )


def under_another_policy(function: Any, **changes: Any) -> AbstractContextManager[Any]:
    """A function of an order and a policy, for a policy that is changed."""
    return everywhere(function, lambda order, policy, *more: function(order, evolve(policy, **changes), *more))


@contextmanager
def goods_of_the_cancelled() -> Generator[None]:
    with (
        patch.object(fulfilment, "is_wanted", lambda *_: True),
        patch.object(Reason, "blocks_fulfilment", property(lambda one: one.kind in reason.BLOCKS_FULFILMENT)),
    ):
        yield


def the_call_of_another_change(end: Callable[..., Any]) -> Callable[..., Any]:
    def ended(order: Any, what: EndPriceChange, *more: Any) -> Any:
        change = order.price_change
        return end(order, evolve(what, asked=change.asked) if change else what, *more)

    return ended


def refusing_the_policy(request: Callable[..., Any]) -> Callable[..., Any]:
    def refused(order: Any, what: RequestRefund, *more: Any) -> Any:
        if what.trust is Trust.SELF:
            return Refused(code="amount_exceeds_refundable", rule=TOO_MUCH)
        return request(order, what, *more)

    return refused


def reasons_of(owner: Any, name: str, change: Callable[[Reason], Reason | None]) -> AbstractContextManager[Any]:
    """Some reasons are others, or are not given at all."""

    def make(find: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *given: [changed for one in find(*given) if (changed := change(one)) is not None]

    return replaced(owner, name, make)


def failed_tries_alone(read: Callable[..., Any]) -> Callable[..., Any]:
    """Of several tries of one refund the one that failed is read alone."""

    def misled(order: Any, listed: Any, **more: Any) -> Any:
        entries = tuple(listed)
        failed = {one.refund_id for one in entries if one.status == "FAILURE"}
        return read(order, [one for one in entries if one.refund_id not in failed or one.status == "FAILURE"], **more)

    return misled


def took(order: Any, _: str) -> int:
    """What was taken, as if nothing of it had gone back."""
    return sum(one.captured for one in payments.payments(order))


OF_THE_SALE: dict[str, Plant] = {
    "a word on the cash is taken of any order": lambda: allowed(sale_commands, "S6"),
    "the cash may be told otherwise later": lambda: knowing(RecordCash, cash=None),
    "a word on the cash is not announced": lambda: untold("order.cash"),
    "a paid order can be cancelled": lambda: allowed(sale_commands, "S2"),
    "an order can be cancelled again and again": lambda: knowing(CancelOrder, cancelled=None),
    "a cancelled order can be paid": lambda: knowing(SignProcess, cancelled=None),
    "the goods of a cancelled order go out": goods_of_the_cancelled,
    "a cancelled order whose money is back is paid": lambda: patch.object(fulfilment, "is_wanted", lambda *_: True),
    "money of a cancelled order calls nobody": lambda: patch.object(payment_reasons, "unwanted_money", lambda _: ()),
    "money of a cancelled order cannot be declined": lambda: patch.object(
        Reason, "may_be_declined", property(lambda one: one.price is not None)
    ),
    "late money that a person took is given back": lambda: patch.object(giving_back, "is_wanted", lambda *_: False),
    "late money is given back once more": lambda: patch.object(giving_back, "refund_id_for", lambda *_: "another"),
    "late money is given back while it is in doubt": lambda: patch.object(giving_back, "refund_blockers", lambda _: ()),
    "late money is given back though it has gone": lambda: patch.object(giving_back, "refundable_of", took),
    "late money is never given back": lambda: patch.object(giving_back, "captured_attempts", lambda _: ()),
    "late money is given back some other time": lambda: patch.object(next_step, "due_back", lambda *_: None),
    "late money is given back and nobody wanted that": lambda: under_another_policy(
        giving_back.due_back, refund_when_cancelled=True
    ),
    "what the policy gives back is refused": lambda: handling(RequestRefund, refusing_the_policy),
    "a price changes here though Juspay knows another": lambda: patch.object(
        price_commands, "_may_be_known_there", lambda _: False
    ),
    "an older answer shows the new price": lambda: asked_as(asked=10**6),
    "a refund call's answer shows the new price": lambda: asked_as(refunds_only=False),
    "somebody else's order shows the new price": lambda: patch.object(price, "_is_about", lambda *_: True),
    "a price changes while somebody pays": lambda: allowed(price_commands, "S4"),
    "a price changes though money is told at another": lambda: patch.object(
        price_commands, "payment_told", lambda _: None
    ),
    "two prices are on their way": lambda: knowing(AmendOrder, price_change=None),
    "an order whose price is on its way can be paid": lambda: knowing(SignProcess, price_change=None),
    "a refused change goes on": lambda: unanswered(EndPriceChange),
    "an older call's end ends a change": lambda: handling(EndPriceChange, the_call_of_another_change),
    "the old price ends a change at once": lambda: waiting(0),
    "the old price never ends a change": lambda: waiting(10**6),
    "money at the price of before is heard like any other word": lambda: patch.object(price, "SHOWS_MONEY", ()),
    "an older answer at the price of before is a mismatch": lambda: replaced(
        answers, "price_told", lambda tell: lambda *given: evolve(tell(*given), is_stale=False)
    ),
    "a price that is the order's own stays a mismatch": lambda: patch.object(
        mismatches, "_is_our_price_now", lambda *_: False
    ),
    "cash and a charge call nobody": lambda: reasons_of(
        payment_reasons, "_second_charge", lambda one: None if one.key.startswith("second_charge:cash:") else one
    ),
    "goods that were handed over go out again": lambda: patch.object(fulfilment, "is_delivered", lambda _: False),
    "money for goods that came back calls nobody": lambda: replaced(
        payment_reasons, "unwanted_money", lambda find: lambda order: find(order) if order.cancelled else ()
    ),
    "a refund is sent while the record is in doubt": lambda: patch.object(Order, "is_unsure", False),
    "any news ends a doubt": lambda: patch.object(
        Order, "is_unsure", property(lambda order: order.version <= order.unsure_since)
    ),
    "a capture is sent while the record is in doubt": lambda: replaced(
        hold_commands,
        "hold_sendable_at",
        lambda when: lambda order, *more: when(evolve(order, unsure_since=-1), *more),
    ),
    "a record is never doubted": lambda: unanswered(DoubtRecord),
    "the same doubt is raised again": lambda: knowing(DoubtRecord, unsure_for=None),
    "a refund is sent beside one that was forgotten": lambda: replaced(
        sending, "listed_elsewhere", lambda find: lambda order, one: find(order, evolve(one, doubted=False))
    ),
    "a forgotten refund is nobody's concern": lambda: patch.object(twins, "_found_since_the_doubt", lambda *_: ()),
    "a refund that was never sent is found done": lambda: reasons_of(
        refund_reasons, "_refund_reasons", lambda one: evolve(one, may_be_done=True)
    ),
    "a customer with whom something is open is forgotten": lambda: patch.object(
        forget_commands, "still_owed", lambda *_: ()
    ),
    "a customer is forgotten and stays": lambda: patch.object(order_module, "_without_customer", lambda order: order),
    "a customer is forgotten again and again": lambda: patch.object(forget_commands, "knows_customer", lambda _: True),
    "nobody looks at what is in doubt or on its way": lambda: patch.object(next_step, "_doubts", lambda *_: ()),
    "looks never end": lambda: under_another_policy(next_step.next_at, looks_end_s=10**9),
    "a second charge calls nobody": lambda: reasons_of(
        reasons, "money_reasons", lambda one: None if one.kind is ReasonKind.SECOND_CHARGE else one
    ),
    "of a payment that is named twice the last entry counts": lambda: replaced(
        reading, "_attempt_inputs", lambda read: lambda *given: {one.txn_id: one for one in read(*given)}.values()
    ),
    "a try that failed hides the one that did not": lambda: replaced(reading, "_of_refunds", failed_tries_alone),
}
