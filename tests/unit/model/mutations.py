"""Faults to plant in the core, to see whether the oracle notices them.

Each breaks one function or table of the core in this process.
"""

import re
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from attrs import evolve
from unit.verification.planting import everywhere

from paystate.adapters.signing import return_url
from paystate.core.lifecycle import observations
from paystate.core.lifecycle.observations import NEWER, UNTOLD, Observation
from paystate.core.lifecycle.statuses import Paid, Refusal
from paystate.core.lifecycle.table import Outcome, Rule, Table
from paystate.core.orders import (
    answers,
    attempt,
    decision,
    derived,
    fulfilment,
    permitted,
    reading,
    reason,
    refund,
)
from paystate.core.orders.amounts import counted_refunds, disputes, eligible, payments, totals, twins
from paystate.core.orders.amounts.totals import Amounts
from paystate.core.orders.commands import decide, refund_commands, webhook_claims
from paystate.core.orders.commands.refund_commands import EndRefundCall, RequestRefund, SendRefund
from paystate.core.orders.order import evolve as applied
from paystate.core.orders.reason import ReasonKind
from paystate.core.orders.refund import LastCall, Refund, RefundState
from paystate.core.orders.review import payment_reasons, reasons, refund_reasons
from paystate.core.orders.timing import schedule, sending
from paystate.core.policy import DEFAULT


def replaced(owner: Any, name: str, make: Callable[[Any], Any]) -> AbstractContextManager[Any]:
    """One attribute, made anew out of the old one."""
    return patch.object(owner, name, make(getattr(owner, name)))


def not_compared(field: str) -> AbstractContextManager[Any]:
    return replaced(
        reading,
        "_mismatches",
        lambda compare: lambda *given: (one for one in compare(*given) if one.field != field),
    )


def handling(command: type, handle: Callable[[Callable[..., Any]], Callable[..., Any]]) -> AbstractContextManager[Any]:
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", command.__name__).lower()  # `SendRefund` is decided by `send_refund`
    return replaced(decide, name, handle)


def changed_table(table: Table[Any], **outcomes: Outcome) -> Table[Any]:
    """The same table with other outcomes for some rules; what then moves, moves to the state the input names."""

    def changed(rule: Rule) -> Rule:
        outcome = outcomes.get(rule.id)
        return evolve(rule, outcome=outcome, to="(the state that the input names)") if outcome else rule

    rules = [changed(rule) for rule in table.rules.values()]
    return Table(table.name, states=table.states, inputs=table.inputs, rules=rules, names=table._names)


def without_reservations() -> AbstractContextManager[Any]:
    add = totals.amounts
    return everywhere(add, lambda order: evolve(add(order), reserved=add(order).refunded))


def _whole(read: Any) -> Any:
    return evolve(read, eligible=read.eligible and (read.eligible[0], ""))


def _denied_on_a_tie(order: Any) -> str | None:
    kind = observations.newest(order.latest, attempt.HARD)
    is_less = kind not in (None, "CHARGED") and any(one.state == "CHARGED" for one in payments.captured_attempts(order))
    return kind if is_less else None


@contextmanager
def without_automatic_refunds() -> Generator[None]:
    def blind(add: Callable[..., Any]) -> Callable[..., Any]:
        def counted(order: Any) -> Any:
            reserved = sum(
                one.amount_minor for one in order.refunds.values() if one.reserves_amount and not one.automatic
            )
            return evolve(add(order), reserved=reserved, automatic=0)

        return counted

    with replaced(refund_commands, "amounts", blind), replaced(payment_reasons, "amounts", blind):
        yield


@contextmanager
def never_given_up() -> Generator[None]:
    patient = evolve(DEFAULT, refund_tries_max=99)
    with (
        handling(EndRefundCall, lambda end: lambda order, what, _, now: end(order, what, patient, now)),
        replaced(answers, "not_listed", lambda miss: lambda known, asked, _: miss(known, asked, 99)),
    ):
        yield


def observed_as(**changes: Any) -> AbstractContextManager[Any]:
    """Listings are taken as if these fields of the refund were others."""

    def handle(observe: Callable[..., Any]) -> Callable[..., Any]:
        def misled(known: Refund, *given: Any) -> Any:
            after, step = observe(evolve(known, **changes), *given)
            return evolve(after, **{name: getattr(known, name) for name in changes}), step

        return misled

    return replaced(refund, "observe", handle)


def first_told(known: Refund) -> str | None:
    told = (kind for kind, seen in known.observations.items() if seen.asked_last >= known.settled_asked)
    return next((kind for kind in told if kind != known.settled_from_state), None)


def a_key_makes_a_new_refund_each_time() -> AbstractContextManager[Any]:
    def handle(request: Callable[..., Any]) -> Callable[..., Any]:
        def fresh(order: Any, what: RequestRefund, *more: Any) -> Any:
            is_known = what.refund_id in order.refunds
            return request(order, evolve(what, refund_id=what.refund_id + "x") if is_known else what, *more)

        return fresh

    return handling(RequestRefund, handle)


def sent_again_under_a_new_id() -> AbstractContextManager[Any]:
    def handle(end: Callable[..., Any]) -> Callable[..., Any]:
        def renamed(order: Any, what: EndRefundCall, policy: Any, now: Any) -> Any:
            result = end(order, what, policy, now)
            if result.fact is None or what.last_call is not LastCall.UNKNOWN:
                return result
            old = order.refunds[what.refund_id]
            again = Refund(refund_id=f"{old.refund_id}x", amount_minor=old.amount_minor, since=now,
                           state=RefundState.REQUESTED,
                           key=old.key)  # fmt: skip
            fact = evolve(result.fact, refunds=(*result.fact.refunds, again))
            return decision.record_fact(order, fact, policy, now)

        return renamed

    return handling(EndRefundCall, handle)


def every_no_is_to_the_only_call() -> AbstractContextManager[Any]:
    def handle(end: Callable[..., Any]) -> Callable[..., Any]:
        def only(order: Any, what: EndRefundCall, *more: Any) -> Any:
            one = evolve(order.refunds[what.refund_id], tries=1, not_sent=0)
            return end(evolve(order, refunds={**order.refunds, one.refund_id: one}), what, *more)

        return only

    return handling(EndRefundCall, handle)


def always_announced() -> AbstractContextManager[Any]:
    return replaced(
        decision, "evolve", lambda apply: lambda order, fact: evolve(apply(order, fact), announced=frozenset())
    )


@contextmanager
def never_withdrawn() -> Generator[None]:
    with (
        patch.object(payment_reasons, "is_withdrawn", lambda _: False),
        patch.object(fulfilment, "is_withdrawn", lambda _: False),
    ):
        yield


def paid_as(**changes: Any) -> AbstractContextManager[Any]:
    """Every answer tells these sums."""
    return replaced(reading, "_particulars", lambda tell: lambda *given: evolve(tell(*given), **changes))


@contextmanager
def newest_always() -> Generator[None]:
    with ExitStack() as stack:
        for module in (attempt, refund):
            stack.enter_context(patch.object(module, "freshness", lambda *_: NEWER))
        yield


@contextmanager
def every_answer_is_news() -> Generator[None]:
    def noted(order: Any, kind: str, asked: int, reported: Any) -> dict[str, Observation]:
        return {kind: Observation(asked, asked, reported)}

    with patch.object(answers, "_changed", noted):
        yield


MUTATIONS: dict[str, Callable[[], AbstractContextManager[Any]]] = {
    "the amount is not compared": lambda: not_compared("amount"),
    "the currency is not compared": lambda: not_compared("currency"),
    "the merchant is not compared": lambda: not_compared("merchant"),
    "the order id is not compared": lambda: not_compared("order id"),
    "a mismatch does not keep the goods back": lambda: patch.object(reason, "BLOCKS_FULFILMENT", frozenset()),
    "a mismatch does not keep refunds back": lambda: patch.object(reason, "BLOCKS_REFUNDS", frozenset()),
    "reservations are ignored": without_reservations,
    "Juspay's own refunds are ignored": without_automatic_refunds,
    "a failed refund still holds": lambda: patch.object(Refund, "reserves_amount", True),
    "a key makes a new refund each time": a_key_makes_a_new_refund_each_time,
    "an unknown refund is sent again under a new id": sent_again_under_a_new_id,
    "a refund is sent again without a look": lambda: patch.object(
        refund_commands, "sendable_at", lambda _, known, __: known.since
    ),
    "equal amounts are not spaced": lambda: replaced(
        refund_commands,
        "sendable_at",
        lambda when: lambda order, known, policy: when(order, known, evolve(policy, refund_spacing_s=0)),
    ),
    "an answer to an older question counts for a later call": lambda: replaced(
        refund_commands,
        "sendable_at",
        lambda when: (
            lambda order, known, policy: when(
                order,
                evolve(known, last_unlisted_at_version=10**6 if known.last_unlisted_at_version >= 0 else -1),
                policy,
            )
        ),
    ),
    "a no to a second call ends a refund": every_no_is_to_the_only_call,
    "duplicate.call ends a refund": lambda: patch.object(refund_commands, "refusal_of", lambda _: Refusal.FINAL),
    "every answer is the newest": newest_always,
    "every answer is news": every_answer_is_news,
    "a newer answer unproves money": lambda: patch.object(
        attempt, "TABLE", changed_table(attempt.TABLE, A12=Outcome.MOVES)
    ),
    "an older answer unproves money": lambda: patch.object(
        attempt, "TABLE", changed_table(attempt.TABLE, A11=Outcome.MOVES)
    ),
    "a newer answer takes a refund back": lambda: patch.object(
        refund, "TABLE", changed_table(refund.TABLE, R13=Outcome.MOVES)
    ),
    "a transaction's word proves money": lambda: patch.object(reading, "_capped", lambda kind, _: kind),
    "an unknown word is success": lambda: replaced(
        reading,
        "paid_class",
        lambda classify: lambda word: Paid.CHARGED if classify(word) is Paid.UNKNOWN else classify(word),
    ),
    "an unknown word is failure": lambda: replaced(
        reading,
        "paid_class",
        lambda classify: lambda word: Paid.FAILED if classify(word) is Paid.UNKNOWN else classify(word),
    ),
    "an unnamed charge is forgotten": lambda: replaced(
        reading, "_attempt_inputs", lambda read: lambda *given: [one for one in read(*given) if one.txn_id]
    ),
    "an unnamed charge is counted twice": lambda: patch.object(payments, "_explains", lambda *_: False),
    "money that went on is counted beside itself": lambda: patch.object(payments, "_is_part_of", lambda *_: False),
    "an automatic refund is taken for a refund of the charge": lambda: replaced(
        derived,
        "_charged_status",
        lambda label: (
            lambda order: label(
                evolve(order, refunds={n: evolve(r, automatic=False) for n, r in order.refunds.items()})
            )
        ),
    ),
    "an order's word that is less than its charge is not heard": lambda: patch.object(
        payment_reasons, "_charge_denied_by", lambda _: None
    ),
    "a denial does not keep refunds back": lambda: patch.object(
        reason, "BLOCKS_REFUNDS", reason.BLOCKS_REFUNDS - {ReasonKind.DENIED}
    ),
    "an order's denial is not heard": lambda: patch.object(payment_reasons, "_ORDER_DENIALS", {}),
    "a transaction's denial is not heard": lambda: patch.object(attempt, "_DENIALS", {}),
    "a verdict is never denied": lambda: patch.object(Refund, "told_since_settled", lambda _: None),
    "the first word against a verdict is the only one": lambda: patch.object(Refund, "told_since_settled", first_told),
    "a refund is unclear once only": lambda: replaced(
        refund_reasons,
        "_refund_reasons",
        lambda find: lambda order, known: find(order, evolve(known, settled_asked=-1)),
    ),
    "a settled word is never news again": lambda: observed_as(settled_newest=10**6),
    "a settled word is news at once": lambda: observed_as(settled_from_state=""),
    "nobody ever gives up": never_given_up,
    "a missed refund is not given up": lambda: replaced(
        answers, "not_listed", lambda miss: lambda known, asked, _: miss(known, asked, 99)
    ),
    "calls never end": lambda: replaced(
        refund_commands,
        "sendable_at",
        lambda when: lambda order, known, policy: when(order, evolve(known, not_sent=known.tries), policy),
    ),
    "calls that never left are counted": lambda: replaced(
        refund_commands,
        "sendable_at",
        lambda when: (
            lambda order, known, policy: when(order, known, policy) if known.tries < policy.refund_tries_max else None
        ),
    ),
    "a late success is not noticed": lambda: patch.object(payment_reasons, "_was_over_before_money", lambda _: False),
    "our own clock expires an order": lambda: patch.object(derived, "answered_after_close", lambda _: True),
    "nothing ever expires": lambda: patch.object(derived, "answered_after_close", lambda _: False),
    "paid is announced each time": always_announced,
    "a refund of another amount is adopted": lambda: replaced(
        reading,
        "_refund_input",
        lambda read: lambda order, entry: read(evolve(order, refunds={}), entry),
    ),
    "what was paid is not heard": lambda: paid_as(paid_minor=UNTOLD),
    "a silence says that the price was paid": lambda: replaced(
        reading,
        "_minor",
        lambda read: (
            lambda amount, order, otherwise: (
                order.amount.amount_minor if amount is None and otherwise == UNTOLD else read(amount, order, otherwise)
            )
        ),
    ),
    "a part is taken for the whole": lambda: replaced(
        payments, "_payment", lambda add: lambda *given: evolve(add(*given), captured=add(*given).paid)
    ),
    "Juspay's limit is not heard": lambda: patch.object(totals, "eligible", lambda *_: None),
    "Juspay's limit has counted every refund": lambda: patch.object(
        totals, "eligible", lambda order, _: order.eligible.amount_minor if order.eligible else None
    ),
    "Juspay's older limit counts": lambda: replaced(
        answers, "_newer_eligible", lambda read: lambda order, _, reading: read(order, 10**6, reading)
    ),
    "a return beside a charge is of that charge": lambda: patch.object(totals, "_proved_by", lambda _: 0),
    "each failed return is a payment": lambda: patch.object(
        totals, "_proved_by", lambda automatic: sum(one.amount_minor for one in automatic)
    ),
    "a return without a refund is not back": lambda: patch.object(totals, "_assumed", lambda *_: 0),
    "a return is back from its beginning": lambda: patch.object(
        totals, "_assumed", lambda returned, _: sum(one.paid for one in returned)
    ),
    "a failed return is nobody's concern": lambda: patch.object(
        payment_reasons, "_auto_refund_failed", lambda *_: iter(())
    ),
    "a return of another payment is nobody's concern": lambda: patch.object(
        payment_reasons, "_refund_of_another_payment", lambda _: ""
    ),
    "a payment that goes back is not withdrawn": never_withdrawn,
    "the goods go out though the money goes back": lambda: patch.object(fulfilment, "is_going_back", lambda _: False),
    "a surcharge keeps the goods on their way": lambda: replaced(
        payments, "_payment", lambda add: lambda *given: evolve(add(*given), surcharge=0)
    ),
    "a webhook's names are forgotten": lambda: patch.object(webhook_claims, "_news", lambda *_: iter(())),
    "an earlier attempt is not missed": lambda: patch.object(payment_reasons, "_earlier_attempts", lambda _: iter(())),
    "any sight of a payment explains it": lambda: replaced(
        payment_reasons,
        "is_explained",
        lambda know: lambda order, txn_id: txn_id in order.attempts or know(order, txn_id),
    ),
    "a dispute does not keep refunds back": lambda: patch.object(
        reason, "BLOCKS_REFUNDS", reason.BLOCKS_REFUNDS - {ReasonKind.DISPUTE}
    ),
    "a dispute never ends": lambda: patch.object(disputes, "_ENDS", frozenset()),
    "a failed capture is told at the end": lambda: patch.object(reasons, "hold_reasons", lambda _: iter(())),
    "cash is overdue": lambda: patch.object(
        payment_reasons, "UNSETTLED", derived.UNSETTLED | {derived.Status.COD_INITIATED}
    ),
    "Juspay's figure for one payment is the whole order's": lambda: replaced(
        answers, "read", lambda read: lambda *given: _whole(read(*given))
    ),
    "a refund that Juspay had counted and that failed frees nothing": lambda: patch.object(
        eligible, "was_counted", lambda *_: False
    ),
    "a claim of a payment is nobody's concern on an order that looks unpaid": lambda: patch.object(
        payment_reasons, "_claimed", lambda _: iter(())
    ),
    "an older failure answers a claim": lambda: replaced(
        payment_reasons, "is_explained", lambda ask: lambda order, name: ask(evolve(order, mentioned={}), name)
    ),
    "one refund is two of ours": lambda: replaced(
        twins, "_candidates", lambda _: lambda order, __: (one for one in order.refunds.values() if one.key is None)
    ),
    "a refund that failed under another name counts as that": lambda: patch.object(
        counted_refunds, "_is_counted_as_another", lambda _, one: one.is_known_as_another
    ),
    "a refund that failed under another name calls nobody": lambda: patch.object(
        refund_reasons, "failed_as_another", lambda *_: ""
    ),
    "a refund that was asked for before Juspay's own failed goes out": lambda: patch.object(
        sending, "is_blocked", lambda *_: False
    ),
    "a payment that no answer names can never be refunded": lambda: replaced(
        refund_commands,
        "refund_rule",
        lambda _: lambda order: permitted.TABLE.step(derived.status(order), permitted.REFUND).rule,
    ),
    "what the bank took back can be refunded": lambda: patch.object(totals, "charged_back_minor", lambda *_, **__: 0),
    "of two answers to one question the lesser denies a charge": lambda: replaced(
        payment_reasons, "_charge_denied_by", lambda _: _denied_on_a_tie
    ),
    "a declined price lets the goods go": lambda: patch.object(
        fulfilment, "declined_prices", lambda _: frozenset[int]()
    ),
    "a price that was taken stays a mismatch": lambda: patch.object(
        reading, "_is_price", lambda order, amount: amount == order.amount
    ),
    "a refund is sent though its money has gone": lambda: patch.object(Amounts, "has_room", True),
    "a refund is sent though a person has to look": lambda: patch.object(sending, "refund_blockers", lambda _: ()),
    "a refund is sent beside its twin": lambda: patch.object(sending, "listed_elsewhere", lambda *_: ()),
    "a refund that may have been sent is given up": lambda: replaced(
        refund_commands,
        "_without_room",
        lambda end: lambda order, known, *more: end(order, evolve(known, not_sent=known.tries), *more),
    ),
    "a twin is nobody's concern": lambda: patch.object(refund_reasons, "listed_elsewhere", lambda *_: ()),
    "an answer to a refund call is one about the order": lambda: replaced(
        answers,
        "_answered",
        lambda take: lambda order, what, *more: take(order, evolve(what, refunds_only=False), *more),
    ),
    "a verdict that is denied cannot be given anew": lambda: replaced(
        refund_reasons, "_denied_refund", lambda find: lambda *given: evolve(find(*given), ends_refund=False)
    ),
    "a hint puts a look off": lambda: replaced(
        schedule,
        "hinted",
        lambda move: (
            lambda kept, *given: evolve(move(kept, *given), hint_at=given[2] + timedelta(seconds=60), next_look_at=None)
        ),
    ),
    "looks have no budget": lambda: patch.object(schedule, "free_at", lambda _, __, ___, now: now),
    "the return URL's code is not compared": lambda: patch.object(return_url, "verify", lambda *_: None),
    "the order's send is not counted": lambda: handling(
        SendRefund, lambda count: lambda order, what, *more: _uncounted(count(order, what, *more), order, what)
    ),
}


def _uncounted(result: Any, order: Any, what: SendRefund) -> Any:
    if not hasattr(result, "fact"):
        return result
    fact = evolve(result.fact, refunds=(order.refunds[what.refund_id],))
    return evolve(result, fact=fact, after=applied(order, fact))
