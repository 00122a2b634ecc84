"""Faults to plant in the rules: each spoils one row, guard or function of the core in this process."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from unittest.mock import patch

from attrs import evolve
from unit.test_mutations import MUTATIONS, changed_table, handling, replaced

from paystate.core import attempt, checkout, commands, deciding, derived, labels, refund, refunding
from paystate.core.commands import Settle, SignProcess, Verdict
from paystate.core.evidence import SdkEvent, WebhookEvent
from paystate.core.facts import Decision
from paystate.core.table import Outcome, Rule, Table

Plant = Callable[[], AbstractContextManager[Any]]

OUTSIDE = {
    "a hint puts a look off",
    "looks have no budget",
    "the return URL's code is not compared",
}
"""Faults that are not in the rules of a state: of the schedule's budget and of signatures."""


def moved(table: Table, owner: Any, **to: str) -> AbstractContextManager[Any]:
    """The same table, in which some rules move to a state."""

    def changed(rule: Rule) -> Rule:
        return evolve(rule, outcome=Outcome.MOVES, to=to[rule.id]) if rule.id in to else rule

    rules = [changed(rule) for rule in table.rules.values()]
    return patch.object(
        owner, "TABLE", Table(table.name, states=table.states, inputs=table.inputs, rules=rules, names=table._names)
    )


def resting(table: Table, owner: Any, *rule_ids: str) -> AbstractContextManager[Any]:
    """The same table, in which some rules no longer move."""
    rules = [
        evolve(rule, outcome=Outcome.STALE, to=None) if rule.id in rule_ids else rule for rule in table.rules.values()
    ]
    return patch.object(
        owner, "TABLE", Table(table.name, states=table.states, inputs=table.inputs, rules=rules, names=table._names)
    )


def paid_again() -> AbstractContextManager[Any]:
    """A status that refuses a payment lets it through."""
    rules = [evolve(rule, outcome=Outcome.ALLOWED) if rule.id == "O2" else rule for rule in labels.RULES]
    table = Table("order", states=labels.TABLE.states, inputs=labels.TABLE.inputs, rules=rules)
    return patch.object(commands, "TABLE", table)


def taken_like_an_answer(hint: type) -> AbstractContextManager[Any]:
    def take(known: Any, *_: Any) -> Any:
        return Decision(outcome=Outcome.MOVES, fact=None, after=known)

    return patch.dict(commands._HANDLERS, {hint: take})


@contextmanager
def without_moving_the_refund() -> Iterator[None]:
    def handle(settle: Callable[..., Any]) -> Callable[..., Any]:
        return lambda known, what, *more: settle(known, evolve(what, verdict=Verdict.ACCEPTED), *more)

    with handling(Settle, handle), patch.object(commands, "verdicts_for", lambda _: tuple(Verdict)):
        yield


def forgetting(field: str) -> AbstractContextManager[Any]:
    """Applying a fact loses what it says of one field."""
    return replaced(deciding, "evolve", lambda apply: lambda known, fact: apply(known, evolve(fact, **{field: ()})))


def _reopened(known: Any, what: Any, policy: Any, now: Any) -> Any:
    return commands._sign_process(evolve(known, created_at=now), what, policy, now)


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
    "no person can end a refund": lambda: patch.object(commands, "verdicts_for", lambda _: (Verdict.ACCEPTED,)),
    "a paid order can be paid again": paid_again,
    "the end of life does not keep the shopper from paying": lambda: handling(SignProcess, lambda _: _reopened),
    "anybody's order may be paid": lambda: handling(
        SignProcess,
        lambda sign: lambda known, _, *more: sign(known, SignProcess(known.opened.customer.customer_id), *more),
    ),
    "a key takes another amount": lambda: replaced(
        refunding,
        "_repeat_refund",
        lambda _: lambda known, before, what, policy, now: deciding.unchanged(known, Outcome.ALREADY, policy, now),
    ),
    "a refund leaves the order's doubts aside": lambda: patch.object(refunding, "refunds_held_by", lambda _: ()),
    "a webhook is taken for an answer": lambda: taken_like_an_answer(WebhookEvent),
    "an event of the app is taken for an answer": lambda: taken_like_an_answer(SdkEvent),
    "nobody looks at what is open": lambda: patch.object(deciding, "next_at", lambda *_: None),
    "what waits past its end is not overdue": lambda: patch.object(derived, "UNSETTLED", frozenset()),
    "a partial capture releases the goods": lambda: replaced(
        derived, "BLOCKS_FULFILMENT", lambda kinds: kinds - {derived.ReasonKind.PARTIAL_CAPTURE}
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

PLANTS: dict[str, Plant] = {name: plant for name, plant in MUTATIONS.items() if name not in OUTSIDE} | OTHERS
"""By what each spoils."""
