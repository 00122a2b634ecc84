"""Faults to plant in the rules: each breaks one row, guard or function of the core in this process."""

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from decimal import Decimal
from typing import Any
from unittest.mock import patch

from attrs import evolve
from unit.model.mutations import MUTATIONS, changed_table, handling, replaced
from unit.verification.planted_sale import OF_THE_SALE
from unit.verification.planting import everywhere

from paystate.core.checkouts import checkout
from paystate.core.evidence import SdkEvent, WebhookEvent
from paystate.core.lifecycle.observations import GatewayReport
from paystate.core.lifecycle.statuses import Paid
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
from paystate.core.orders.amounts import counted_refunds, eligible, payments, totals, twins
from paystate.core.orders.amounts.totals import Amounts
from paystate.core.orders.commands import (
    decide,
    hold_commands,
    open_commands,
    refund_commands,
    settle_commands,
    webhook_claims,
)
from paystate.core.orders.commands.open_commands import SignProcess
from paystate.core.orders.commands.settle_commands import Settle
from paystate.core.orders.commands.webhook_claims import NoteWebhook
from paystate.core.orders.decision import no_change
from paystate.core.orders.facts import Decision, Refused
from paystate.core.orders.reason import ReasonKind, Verdict
from paystate.core.orders.review import hold_reasons, mismatches, payment_reasons, reasons, refund_reasons
from paystate.core.orders.timing import next_step, sending

Plant = Callable[[], AbstractContextManager[Any]]

OUTSIDE = {
    "a hint puts a look off",
    "looks have no budget",
    "the return URL's code is not compared",
}
"""Faults that are not in the rules of a state: of the schedule's budget and of signatures."""


def moved(table: Table[Any], owner: Any, **to: str) -> AbstractContextManager[Any]:
    """The same table, in which some rules move to a state."""

    def changed(rule: Rule) -> Rule:
        return evolve(rule, outcome=Outcome.MOVES, to=to[rule.id]) if rule.id in to else rule

    rules = [changed(rule) for rule in table.rules.values()]
    return patch.object(
        owner, "TABLE", Table(table.name, states=table.states, inputs=table.inputs, rules=rules, names=table._names)
    )


def resting(table: Table[Any], owner: Any, *rule_ids: str) -> AbstractContextManager[Any]:
    """The same table, in which some rules no longer move."""
    rules = [
        evolve(rule, outcome=Outcome.STALE, to=None) if rule.id in rule_ids else rule for rule in table.rules.values()
    ]
    return patch.object(
        owner, "TABLE", Table(table.name, states=table.states, inputs=table.inputs, rules=rules, names=table._names)
    )


def paid_again() -> AbstractContextManager[Any]:
    """A status that refuses a payment lets it through."""
    rules = [evolve(rule, outcome=Outcome.ALLOWED) if rule.id == "O2" else rule for rule in permitted.RULES]
    table = Table("order", states=permitted.TABLE.states, inputs=permitted.TABLE.inputs, rules=rules)
    return patch.object(open_commands, "TABLE", table)


def taken_like_an_answer(hint: type) -> AbstractContextManager[Any]:
    def instead(decides: Callable[..., Any]) -> Callable[..., Any]:
        def take(known: Any, what: Any, *more: Any) -> Any:
            taken: Decision[Any, Any] = Decision(outcome=Outcome.MOVES, fact=None, after=known)
            return taken if isinstance(what, hint) else decides(known, what, *more)

        return take

    return replaced(decide, "_decide", instead)


@contextmanager
def without_moving_the_refund() -> Generator[None]:
    def handle(settle: Callable[..., Any]) -> Callable[..., Any]:
        return lambda known, what, *more: settle(known, evolve(what, verdict=Verdict.ACCEPTED), *more)

    with handling(Settle, handle), patch.object(reason.Reason, "verdicts", property(lambda _: tuple(Verdict))):
        yield


def forgetting(field: str) -> AbstractContextManager[Any]:
    """Applying a fact loses what it says of one field."""
    return replaced(decision, "evolve", lambda apply: lambda known, fact: apply(known, evolve(fact, **{field: ()})))


def _reopened(known: Any, what: Any, policy: Any, now: Any) -> Any:
    return open_commands.sign_process(evolve(known, created_at=now), what, policy, now)


OTHERS: dict[str, Plant] = {
    "money is taken from attempts that had not ended only": lambda: resting(attempt.TABLE, attempt, "A8"),
    "money is not heard of an attempt under way": lambda: resting(attempt.TABLE, attempt, "A7"),
    "the first soft answer wins": lambda: resting(attempt.TABLE, attempt, "A4"),
    "a failed attempt stays failed": lambda: resting(attempt.TABLE, attempt, "A5"),
    "an older soft answer wins": lambda: patch.object(attempt, "TABLE", changed_table(attempt.TABLE, A6=Outcome.MOVES)),
    "proved money does not go on": lambda: resting(attempt.TABLE, attempt, "A10"),
    "a listed refund is not adopted": lambda: resting(refund.TABLE, refund, "R4"),
    "a refund made elsewhere is not taken over": lambda: resting(refund.TABLE, refund, "R3"),
    "a refused refund that is listed stays refused": lambda: resting(refund.TABLE, refund, "R5"),
    "an older word about a refund wins": lambda: patch.object(
        refund, "TABLE", changed_table(refund.TABLE, R9=Outcome.MOVES)
    ),
    "a refund that was given back after all is not heard": lambda: resting(refund.TABLE, refund, "R11"),
    "a verdict of done is taken for not done": lambda: moved(refund.TABLE, refund, R17="FAILURE"),
    "a person's verdict does not move the refund": without_moving_the_refund,
    "no person can end a refund": lambda: patch.object(
        reason.Reason, "verdicts", property(lambda _: (Verdict.ACCEPTED,))
    ),
    "a paid order can be paid again": paid_again,
    "the end of life does not keep the shopper from paying": lambda: handling(SignProcess, lambda _: _reopened),
    "anybody's order may be paid": lambda: handling(
        SignProcess,
        lambda sign: lambda known, _, *more: sign(known, SignProcess(known.opened.customer.customer_id), *more),
    ),
    "a key takes another amount": lambda: replaced(
        refund_commands,
        "_repeat_refund",
        lambda _: lambda known, before, what, policy, now: decision.no_change(known, Outcome.ALREADY, policy, now),
    ),
    "a refund leaves the order's doubts aside": lambda: patch.object(refund_commands, "refund_blockers", lambda _: ()),
    "a webhook is taken for an answer": lambda: taken_like_an_answer(WebhookEvent),
    "an event of the app is taken for an answer": lambda: taken_like_an_answer(SdkEvent),
    "nobody looks at what is open": lambda: patch.object(decision, "next_at", lambda *_: None),
    "what waits past its end is not overdue": lambda: patch.object(payment_reasons, "UNSETTLED", frozenset()),
    "a partial capture releases the goods": lambda: replaced(
        reason, "BLOCKS_FULFILMENT", lambda kinds: kinds - {ReasonKind.PARTIAL_CAPTURE}
    ),
    "applying a fact forgets the attempts": lambda: forgetting("attempts"),
    "applying a fact forgets a mismatch": lambda: forgetting("mismatches"),
    "the payment page opens before the SDK is ready": lambda: moved(checkout.TABLE, checkout, C10="PROCESS_SIGNED"),
    "the payment page opens twice": lambda: moved(checkout.TABLE, checkout, C11="PROCESS_SIGNED"),
    "a checkout that has ended begins again": lambda: moved(checkout.TABLE, checkout, C3="INITIATE_SIGNED"),
    "an event outside its step moves the checkout": lambda: moved(checkout.TABLE, checkout, C17="RETURNED"),
    "a checkout's time never runs out": lambda: patch.object(checkout, "_is_over", lambda *_: False),
    "a checkout cannot be ended": lambda: resting(checkout.TABLE, checkout, "C20"),
}


def summed_as(change: Callable[[Any, Amounts], Amounts]) -> AbstractContextManager[Any]:
    """The order's sums, changed."""
    add = totals.amounts
    return everywhere(add, lambda order: change(order, add(order)))


def each_payment(change: Callable[[Any, Any], dict[str, Any]], *owners: Any) -> AbstractContextManager[Any]:
    """Every payment's sums, changed: for some modules, or for all of them."""
    known = payments.payments

    def changed(order: Any) -> Any:
        return tuple(evolve(one, **change(order, one)) for one in known(order))

    if not owners:
        return everywhere(known, changed)
    stack = ExitStack()
    for owner in owners:
        stack.enter_context(patch.object(owner, "payments", changed))
    return stack


def not_kept_back(kind: ReasonKind, blocks: str) -> AbstractContextManager[Any]:
    return patch.object(reason, blocks, getattr(reason, blocks) - {kind})


def believed(order: Any, what: NoteWebhook, policy: Any, now: Any) -> Any:
    """A webhook's word about a payment is taken for an answer."""
    noted = webhook_claims.note_webhook(order, what, policy, now)
    if isinstance(noted, Refused) or noted.fact is None or not what.txns:
        return noted
    reported = GatewayReport(what.txns[0].status)
    one, _ = attempt.observe(attempt.Attempt(what.txns[0].txn_id), Paid.CHARGED, order.version, reported)
    return decision.record_fact(order, evolve(noted.fact, attempts=(one,)), policy, now)


def by_name_of_the_payment(order: Any, txn_id: str) -> int:
    """What is left of one payment, as if Juspay's own refunds always named theirs."""
    left = totals.amounts(order).refundable
    took = sum(one.captured for one in payments.payments(order) if one.attempt.txn_id == txn_id)
    gone = sum(one.amount_minor for one in order.refunds.values() if one.reserves_amount and one.txn_id == txn_id)
    return max(0, min(left, took - gone)) if txn_id else left


def never_refundable() -> AbstractContextManager[Any]:
    """What Juspay gives back by itself, and failed to, can never be refunded."""
    lost = ("AUTO_REFUNDED", permitted.REFUND)

    def changed(rule: Rule) -> Rule:
        cells = {"O4": rule.cells - {lost}, "O5": rule.cells | {lost}}
        return evolve(rule, cells=cells.get(rule.id, rule.cells))

    rules = [changed(rule) for rule in permitted.RULES]
    table = Table("order", states=permitted.TABLE.states, inputs=permitted.TABLE.inputs, rules=rules)
    return patch.object(
        refund_commands, "refund_rule", lambda order: table.step(derived.status(order), permitted.REFUND).rule
    )


def _any_share(statuses: Any) -> str:
    words = [*statuses]
    return "SUCCESS" if "SUCCESS" in words else words[0]


_assumed = totals._assumed
_LEFT_OF_ELIGIBLE = eligible.left_of_eligible


def _by_juspay(order: Any) -> int:
    return sum(one.amount_minor for one in order.refunds.values() if one.automatic and one.reserves_amount)


def both_counted(order: Any) -> Any:
    """Every named attempt that took money, also one that was told in legs since."""
    return tuple(one for one in order.attempts.values() if one.state in attempt.HARD and one.txn_id)


def known_at_once(find: Callable[..., Any]) -> Callable[..., Any]:
    """Every refund was asked for when it was known that Juspay's own had failed."""

    def misled(order: Any, failed: Any) -> Any:
        knowing = {name: evolve(one, after_failure=True) for name, one in order.refunds.items()}
        return find(evolve(order, refunds=knowing), failed)

    return misled


def any_decline(order: Any) -> frozenset[int]:
    """A decline of one price speaks for every payment."""
    prices = frozenset(one.price for one in payments.payments(order))
    return prices if mismatches.declined_prices(order) else frozenset()


def denied_by_a_tie(order: Any) -> str | None:
    kind = max(order.latest.keys() & {*attempt.HARD}, key=lambda one: order.latest[one].asked_last, default=None)
    ties = {one for one, seen in order.latest.items() if kind and seen.asked_last == order.latest[kind].asked_last}
    others = sorted((ties & {*attempt.HARD}) - {"CHARGED"})
    stands = any(one.state == "CHARGED" for one in payments.captured_attempts(order))
    return others[0] if others and stands else None


MONEY: dict[str, Plant] = {
    "captured is the price": lambda: each_payment(lambda order, _: {"captured": order.amount.amount_minor}),
    "a failed automatic refund counts as back": lambda: patch.object(
        totals,
        "_assumed",
        lambda returned, told: _assumed(returned, [one for one in told if one.reserves_amount]),
    ),
    "refunds of Juspay's own are taken off its own figure": lambda: everywhere(
        eligible.left_of_eligible, lambda *given: _LEFT_OF_ELIGIBLE(*given) - _by_juspay(given[0])
    ),
    "Juspay's own figure is not heard": lambda: patch.object(answers, "_newer_eligible", lambda *_: None),
    "money that Juspay failed to give back can never be refunded": never_refundable,
    "more goes back of one payment than it took": lambda: replaced(
        refund_commands, "refundable_of", lambda left: lambda order, _: left(order, "")
    ),
    "a payment that Juspay has given back is refunded again": lambda: patch.object(
        refund_commands, "refundable_of", by_name_of_the_payment
    ),
    "refunds of legs are not read": lambda: patch.object(reading, "_listed", lambda _, told: told.refunds),
    "a share of a refund counts as all of it": lambda: patch.object(reading, "_joined", lambda _, __, parts: parts[0]),
    "shares that are back are not counted": lambda: replaced(
        reading, "_joined", lambda join: lambda *given: evolve(join(*given), done=Decimal(0))
    ),
    "one refund under two names counts twice": lambda: replaced(
        settle_commands, "listed_elsewhere", lambda _: lambda *_: ()
    ),
    "shares that were done and failed count as done": lambda: patch.object(reading, "_status_of_all", _any_share),
    "a leg's payment is not kept": lambda: replaced(
        reading, "_leg_input", lambda read: lambda order, one, *more: read(order, evolve(one, paid=None), *more)
    ),
    "a leg without money is a payment": lambda: replaced(
        reading,
        "_leg_input",
        lambda read: lambda order, one, whole, sums: evolve(read(order, one, whole, sums), kind=whole),
    ),
    "an order that is all back is not REFUNDED": lambda: patch.object(derived, "is_all_back", lambda _: False),
    "any discount releases the goods": lambda: not_kept_back(ReasonKind.DISCOUNT, "BLOCKS_FULFILMENT"),
    "a price that a person has settled is not taken": lambda: replaced(
        settle_commands,
        "_take_price",
        lambda _: lambda order, fact, __, policy, now: decision.record_fact(order, fact, policy, now),
    ),
    "a refund that is stuck calls nobody": lambda: patch.object(refund_reasons, "_is_stuck", lambda *_: False),
    "a refund without room is never given up": lambda: patch.object(
        refund_commands, "_without_room", lambda order, *_: no_change(order, Outcome.ALREADY, *_[1:])
    ),
    "a refund ends in silence": lambda: replaced(
        decision,
        "announcements",
        lambda tell: lambda order: [k for k in tell(order) if not k.once_key.startswith("refund.fa")],
    ),
    "a payment that a webhook names calls nobody": lambda: replaced(
        reasons, "unexplained_payments", lambda find: lambda order: find(evolve(order, mentioned={}))
    ),
    "a payment that has ended is asked about for ever": lambda: patch.object(
        payment_reasons, "is_explained", lambda *_: False
    ),
    "nobody looks for a payment that is not explained": lambda: patch.object(
        next_step, "_has_unexplained_payment", lambda _: False
    ),
    "a webhook's word proves money": lambda: handling(NoteWebhook, lambda _: believed),
    "a dispute is forgotten": lambda: forgetting("disputes"),
    "a word on a dispute is kept as one on another": lambda: replaced(
        settle_commands,
        "SettledReason",
        lambda keep: lambda *, dispute_id, **told: keep(dispute_id=dispute_id and "dispute-1", **told),
    ),
    "a dispute calls nobody": lambda: patch.object(reasons, "dispute_reasons", lambda _: ()),
    "withdrawn goods call nobody": lambda: patch.object(payment_reasons, "is_withdrawn", lambda _: False),
    "the merchant is not told of withdrawn goods": lambda: patch.object(fulfilment, "is_withdrawn", lambda _: False),
    "Juspay's figure for one payment does not bound it": lambda: replaced(
        refund_commands,
        "refundable_of",
        lambda left: lambda order, txn: min(left(order, ""), left(evolve(order, eligible=None), txn)),
    ),
    "a claim is not heard of a payment that was named before": lambda: replaced(
        webhook_claims,
        "_says_more",
        lambda know: lambda order, name, word: name not in order.mentioned and know(order, name, word),
    ),
    "a refund of Juspay's own is never of what stands": lambda: everywhere(
        counted_refunds.refunds_of_returning,
        lambda order: tuple(one for one in order.refunds.values() if one.automatic),
    ),
    "what Juspay took back of what stands is not withdrawn": lambda: patch.object(
        derived, "_is_back_by_juspay", lambda _: False
    ),
    "a refund that was asked for before Juspay's own failed stands in": lambda: replaced(
        payment_reasons, "_auto_refund_failed", known_at_once
    ),
    "a refund without a date is never ours": lambda: replaced(
        twins,
        "_is_of_its_time",
        lambda fits: lambda order, *two: two[1].since != order.created_at and fits(order, *two),
    ),
    "a refund of any date may be ours": lambda: replaced(
        twins, "_is_of_its_time", lambda fits: lambda order, *two: two[1].since != order.created_at or fits(order, *two)
    ),
    "a share that a leg gives back is never ours": lambda: patch.object(twins, "_is_of_a_leg", lambda *_: False),
    "a decline of one price speaks for every payment": lambda: patch.object(fulfilment, "declined_prices", any_decline),
    "of a payment told whole and in legs both count": lambda: everywhere(payments.captured_attempts, both_counted),
    "what was held is not what was paid": lambda: replaced(
        payments,
        "_told_of",
        lambda tell: (
            lambda one: tell(evolve(one, observations={k: s for k, s in one.observations.items() if k != "HELD"}))
        ),
    ),
    "legs take more than was captured": lambda: patch.object(payments, "_within_what_was_captured", lambda took: took),
    "a failed capture that the order alone tells calls nobody": lambda: replaced(
        hold_reasons, "_failed_elsewhere", lambda find: lambda order: find(evolve(order, latest={}))
    ),
    "held money is taken twice at a time": lambda: patch.object(hold_commands, "open_operation", lambda _: None),
    "more is taken than is held": lambda: patch.object(hold_commands, "held_minor", lambda *_: 10**9),
    "held money is taken in doubt": lambda: patch.object(hold_commands, "refund_blockers", lambda _: ()),
    "a capture is sent in doubt": lambda: replaced(
        hold_commands,
        "hold_sendable_at",
        lambda when: lambda order, one, policy: when(evolve(order, mismatches=frozenset()), one, policy),
    ),
    "a capture is sent again without a look": lambda: patch.object(sending, "_may_be_repeated", lambda *_: True),
}

_INSIDE = {name: plant for name, plant in MUTATIONS.items() if name not in OUTSIDE}

PLANTED: dict[str, Plant] = _INSIDE | OTHERS | MONEY | OF_THE_SALE
"""By what each breaks."""
