"""The oracle is trusted because it sees planted faults.

Each mutation spoils one function or table of the core in this process; the scripted stories, told to the core and to
the model side by side, must then fail. Unspoiled, they all pass.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import timedelta
from importlib import import_module
from typing import Any
from unittest.mock import patch

import pytest
from attrs import evolve
from unit.builders import NOW, at, refund_id
from unit.driver import FULL, WRONGS, Driver

from paystate.adapters.signing import mac, return_url
from paystate.core import answering, attempt, commands, deciding, derived, reading, refund, refunding, review, schedule
from paystate.core.catalogue import Paid, Refusal
from paystate.core.commands import Verdict
from paystate.core.errors import SignatureInvalid
from paystate.core.policy import DEFAULT
from paystate.core.refund import LastCall, Refund
from paystate.core.refunding import EndRefundCall, RequestRefund, SendRefund
from paystate.core.register import NEWER, Sighting
from paystate.core.review import ReasonKind
from paystate.core.schedule import Schedule
from paystate.core.table import Outcome, Rule, Table

AMOUNTS = import_module("paystate.core.amounts")
"""The module: the core's front page hands out the function of that name."""
RF = refund_id("k1")
RF2 = refund_id("k2")


# --- the stories ------------------------------------------------------------------------------------------------------


def answers_of_others() -> None:
    for wrong in WRONGS:
        driver = Driver()
        driver.hear("CHARGED", wrong=wrong)
        driver.hear("CHARGED")
        driver.request(100)
        driver.settle()
        driver.request(100)


def answers_out_of_order() -> None:
    driver = Driver()
    for _ in range(6):
        driver.sign()
    driver.hear("PENDING_VBV", asked=4)
    driver.hear("AUTHORIZATION_FAILED", asked=2)
    driver.hear("AUTHORIZED", asked=3, txn="t2")
    driver.hear("SOMETHING_NEW")
    driver.hear_nothing()
    driver.hear("CHARGED", asked=1)
    driver.hear("AUTHORIZATION_FAILED")
    driver.hear("PARTIAL_CHARGED")
    driver.hear("AUTO_REFUNDED")
    driver.hear("CHARGED")


def words_of_transactions() -> None:
    driver = Driver()
    driver.hear("PENDING_VBV", txn_word="CHARGED")
    driver.hear("PARTIAL_CHARGED", txn_word="CHARGED")
    driver.request(100)
    driver.settle()
    driver.hear("CHARGED", txn="t2", txn_word="AUTHORIZATION_FAILED")
    driver.hear("CHARGED", txn="t3", txn_word="AUTO_REFUNDED")
    driver.hear("CHARGED", txn="t2")


def end_of_life() -> None:
    driver = Driver()
    driver.jump(10**6)
    driver.hear("AUTHORIZATION_FAILED")
    driver.hear("AUTHORIZATION_FAILED", late=True)
    driver.hear("CHARGED", late=True)


def refunds_beyond_what_was_captured() -> None:
    driver = Driver()
    driver.request(100)
    driver.hear("CHARGED")
    driver.request(6000)
    driver.request(6000)
    driver.request(5000)
    driver.request(6000, "k2")
    driver.request(4000, "k2")
    driver.hear("CHARGED", refunds=[("elsewhere", FULL, "PENDING", False)])
    driver.request(1, "k3")
    driver.hear("CHARGED", refunds=[(RF, 6000, "FAILURE", False), (RF2, 4000, "SUCCESS", False)])
    driver.request(1, "k3")


def refunds_by_juspay() -> None:
    driver = Driver()
    driver.hear("CHARGED")
    driver.hear("CHARGED", txn="t2", txn_word="AUTO_REFUNDED")
    driver.request(FULL + 1)
    driver.hear("CHARGED", txn="t2", txn_word="AUTO_REFUNDED", refunds=[("auto", FULL, "PENDING", True)])
    driver.request(FULL + 1)
    driver.request(FULL)
    driver.hear("AUTO_REFUNDED", refunds=[("auto", FULL, "SUCCESS", True)])
    driver = Driver()
    driver.hear("CHARGED", refunds=[("auto", 4000, "SUCCESS", True)])
    driver.request(6001)
    driver.request(6000)


def calls_of_unknown_outcome() -> None:
    driver = Driver()
    driver.hear("CHARGED")
    driver.request(4000)
    driver.request(4000, "k2")
    driver.send()
    driver.send("k2")
    driver.end(LastCall.UNKNOWN)
    driver.jump(1000)
    driver.send()
    driver.hear("CHARGED", asked=1)
    driver.send()
    driver.hear("CHARGED")
    driver.send()
    driver.send("k2")
    driver.end(LastCall.REFUSED, "invalid amount")
    driver.jump(6)
    driver.send("k2")
    driver.end(LastCall.REFUSED, "duplicate.call", "k2")
    driver.hear("CHARGED", refunds=[(RF, 4000, "SUCCESS", False), (RF2, 4000, "MANUAL_REVIEW", False)])
    driver.settle(0, Verdict.NOT_DONE)
    driver.hear("CHARGED", refunds=[(RF, 4000, "PENDING", False), (RF2, 4000, "MANUAL_REVIEW", False)])


def a_refused_call() -> None:
    driver = Driver()
    driver.hear("CHARGED")
    driver.request(FULL)
    driver.send()
    driver.end(LastCall.REFUSED, "invalid amount")
    driver.request(FULL, "k2")
    driver.send("k2")
    driver.end(LastCall.REFUSED, "duplicate.call", "k2")
    driver.request(FULL, "k3")
    driver.hear("CHARGED", refunds=[(RF2, 4999, "SUCCESS", False)])


def calls_until_a_person_is_asked() -> None:
    driver = Driver()
    driver.hear("CHARGED")
    driver.request(4000)
    for _ in range(13):
        driver.send()
        driver.end(LastCall.NOT_SENT)
        driver.jump(1000)
    driver.send()
    driver.end(LastCall.UNKNOWN)
    driver.jump(1000)
    driver.hear("CHARGED")
    driver.send()
    assert 15 == driver.model.refunds[RF]["tries"]
    driver.settle(0, Verdict.DONE)
    driver.hear("CHARGED", refunds=[(RF, 4000, "FAILURE", False)])
    driver.settle()
    driver.hear("CHARGED", refunds=[(RF, 4000, "PENDING", False)])


def calls_that_tell_nothing() -> None:
    for ends in (True, False):
        driver = Driver()
        driver.hear("CHARGED")
        driver.request(4000)
        for _ in range(13):
            driver.send()
            if ends:
                driver.end(LastCall.UNKNOWN)
            driver.jump(1000)
            driver.hear("CHARGED")
        assert 12 == driver.model.refunds[RF]["tries"]


def verdicts_on_a_refund() -> None:
    for verdict in (Verdict.DONE, Verdict.NOT_DONE):
        for word in ("MANUAL_REVIEW", "SOMETHING_NEW"):
            driver = Driver()
            driver.hear("CHARGED")
            driver.request(4000)
            driver.hear("CHARGED", refunds=[(RF, 4000, word, False)])
            driver.settle(0, verdict)
            driver.hear("CHARGED", refunds=[(RF, 4000, word, False)])
            driver.hear("CHARGED", refunds=[(RF, 4000, "PENDING", False)])
            driver.hear("CHARGED", refunds=[(RF, 4000, word, False)])
            driver.settle(0, verdict)
            driver.hear("CHARGED", refunds=[(RF, 4000, "SUCCESS", False)])
            driver.hear("CHARGED", refunds=[(RF, 4000, "FAILURE", False)])
    driver = Driver()
    driver.hear("CHARGED")
    driver.request(4000)
    driver.hear("CHARGED", refunds=[(RF, 4000, "MANUAL_REVIEW", False)])
    driver.settle(0, Verdict.NOT_DONE)
    driver.hear("CHARGED", refunds=[(RF, 4000, "PENDING", False)], asked=driver.order.version - 1)
    driver.hear("CHARGED", refunds=[(RF, 4000, "MANUAL_REVIEW", False)])
    driver.settle(0, Verdict.NOT_DONE)
    settled_at = driver.order.version
    driver.hear("CHARGED")
    for asked, word in ((settled_at + 1, "MANUAL_REVIEW"), (settled_at, "PENDING"), (None, "MANUAL_REVIEW")):
        driver.hear("CHARGED", refunds=[(RF, 4000, word, False)], asked=asked)
    assert "MANUAL_REVIEW" == driver.model.refunds[RF]["state"]


def denials() -> None:
    driver = Driver()
    driver.hear_nothing()
    driver.hear("NEW")
    driver.hear_nothing()
    driver.settle()
    driver.hear("CHARGED")
    driver.hear("CHARGED", txn_word="PENDING_VBV")
    driver.request(1)
    driver.settle()
    driver.request(1)
    driver.hear("AUTHORIZATION_FAILED", txn="t2")
    driver.request(1, "k2")
    driver.settle()
    driver.request(1, "k2")
    driver.hear("CHARGED", refunds=[("elsewhere", 100, "SUCCESS", False)])
    driver.hear("CHARGED", refunds=[("elsewhere", 100, "PENDING", False)])
    driver.request(1, "k3")
    for word in ("PARTIAL_CHARGED", "AUTO_REFUNDED"):
        driver = Driver()
        driver.hear("CHARGED")
        driver.hear(word, txn="t2")
        driver.request(1)
        driver.settle()
        driver.hear("CHARGED")


def money_without_a_name() -> None:
    for first, then in (("CHARGED", "AUTO_REFUNDED"), ("PARTIAL_CHARGED", "CHARGED"), ("CHARGED", "PARTIAL_CHARGED")):
        for names in ((None, "t1"), ("t1", None)):
            driver = Driver()
            driver.hear(first, txn=names[0])
            driver.hear(then, txn=names[1])
            driver.hear("CHARGED", refunds=[("auto", FULL, "PENDING", True), ("elsewhere", 100, "SUCCESS", False)])


def many_hints() -> None:
    kept = Schedule(next_look_at=at(600), looks=tuple(at(second - 40) for second in range(20)))
    once = schedule.hinted(kept, DEFAULT, NOW)
    later = schedule.hinted(once, DEFAULT, at(30))
    assert at(20) == once.due_at == later.due_at
    assert not schedule.claimed(later, DEFAULT, at(19))[1]
    assert [True] * 6 + [False] == _burst(14) + _burst(20)
    driver = Driver()
    driver.hint()
    driver.sign()
    driver.hint()


def _burst(already: int) -> list[bool]:
    kept, results = Schedule(hint_at=NOW, looks=(NOW,) * already), []
    for _ in range(20 - already or 1):
        kept, begun = schedule.claimed(evolve(kept, hint_at=NOW), DEFAULT, NOW)
        results.append(begun)
    return results


def a_forged_return_url() -> None:
    verifier = return_url.ReturnUrlVerifier(["SBX-RESPONSE-KEY-0001"])
    signed = {
        "order_id": "ord7f3a91c2",
        "status": "CHARGED",
        "status_id": "21",
        "signature": "5s4UldNHiPPqZsE6ojCEYgCE4oJNQFGCwzVE7nDJYOo=",
        "signature_algorithm": "HMAC-SHA256",
    }
    assert "CHARGED" == verifier.verify(list(signed.items()))["status"]
    for name, value in (("status", "NEW"), ("order_id", "ord7f3a91c3"), ("signature", "A" * 43 + "=")):
        try:
            verifier.verify(list((signed | {name: value}).items()))
        except SignatureInvalid:
            continue
        raise AssertionError(f"a forged {name} was taken")


STORIES: dict[str, Callable[[], None]] = {
    story.__name__: story
    for story in (
        answers_of_others,
        answers_out_of_order,
        words_of_transactions,
        end_of_life,
        refunds_beyond_what_was_captured,
        refunds_by_juspay,
        calls_of_unknown_outcome,
        a_refused_call,
        calls_until_a_person_is_asked,
        calls_that_tell_nothing,
        verdicts_on_a_refund,
        denials,
        money_without_a_name,
        many_hints,
        a_forged_return_url,
    )
}


# --- the faults -------------------------------------------------------------------------------------------------------


def replaced(owner: Any, name: str, make: Callable[[Any], Any]) -> AbstractContextManager[Any]:
    """One attribute, made anew out of the old one."""
    return patch.object(owner, name, make(getattr(owner, name)))


def not_compared(field: str) -> AbstractContextManager[Any]:
    return replaced(
        reading,
        "_mismatches",
        lambda compare: lambda order, answer: (one for one in compare(order, answer) if one.field != field),
    )


def handling(command: type, handle: Callable[[Callable[..., Any]], Callable[..., Any]]) -> AbstractContextManager[Any]:
    return patch.dict(commands._HANDLERS, {command: handle(commands._HANDLERS[command])})


def changed_table(table: Table, **outcomes: Outcome) -> Table:
    """The same table with other outcomes for some rules; what then moves, moves to the state the input names."""

    def changed(rule: Rule) -> Rule:
        outcome = outcomes.get(rule.id)
        return evolve(rule, outcome=outcome, to="(the state that the input names)") if outcome else rule

    rules = [changed(rule) for rule in table.rules.values()]
    return Table(table.name, states=table.states, inputs=table.inputs, rules=rules, names=table._names)


def without_reservations() -> AbstractContextManager[Any]:
    return replaced(refunding, "amounts", lambda add: lambda order: evolve(add(order), reserved=add(order).refunded))


@contextmanager
def without_automatic_refunds() -> Iterator[None]:
    def blind(add: Callable[..., Any]) -> Callable[..., Any]:
        def counted(order: Any) -> Any:
            reserved = sum(one.amount_minor for one in order.refunds.values() if one.holds and not one.automatic)
            return evolve(add(order), reserved=reserved, automatic=0)

        return counted

    with replaced(refunding, "amounts", blind), replaced(review, "amounts", blind):
        yield


@contextmanager
def never_given_up() -> Iterator[None]:
    patient = evolve(DEFAULT, refund_tries_max=99)
    with (
        handling(EndRefundCall, lambda end: lambda order, what, _, now: end(order, what, patient, now)),
        replaced(answering, "missed", lambda miss: lambda known, asked, _: miss(known, asked, 99)),
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
    told = (kind for kind, seen in known.sightings.items() if seen.asked_last >= known.settled_asked)
    return next((kind for kind in told if kind != known.settled_over), None)


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
            again = Refund(refund_id=f"{old.refund_id}x", amount_minor=old.amount_minor, since=now, state="REQUESTED",
                           key=old.key)  # fmt: skip
            fact = evolve(result.fact, refunds=(*result.fact.refunds, again))
            return deciding.decided(order, fact, policy, now)

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
        deciding, "evolve", lambda apply: lambda order, fact: evolve(apply(order, fact), announced=frozenset())
    )


@contextmanager
def newest_always() -> Iterator[None]:
    with ExitStack() as stack:
        for module in (attempt, refund):
            stack.enter_context(patch.object(module, "freshness", lambda *_: NEWER))
        yield


@contextmanager
def every_answer_is_news() -> Iterator[None]:
    def noted(order: Any, kind: str, asked: int, said: Any) -> dict[str, Sighting]:
        return {kind: Sighting(asked, asked, said)}

    with patch.object(answering, "_changed", noted):
        yield


MUTATIONS: dict[str, Callable[[], AbstractContextManager[Any]]] = {
    "the amount is not compared": lambda: not_compared("amount"),
    "the currency is not compared": lambda: not_compared("currency"),
    "the merchant is not compared": lambda: not_compared("merchant"),
    "the order id is not compared": lambda: not_compared("order id"),
    "a mismatch does not keep the goods back": lambda: patch.object(review, "BLOCKS_FULFILMENT", frozenset()),
    "a mismatch does not keep refunds back": lambda: patch.object(review, "BLOCKS_REFUNDS", frozenset()),
    "reservations are ignored": without_reservations,
    "Juspay's own refunds are ignored": without_automatic_refunds,
    "a failed refund still holds": lambda: patch.object(Refund, "holds", True),
    "a key makes a new refund each time": a_key_makes_a_new_refund_each_time,
    "an unknown refund is sent again under a new id": sent_again_under_a_new_id,
    "a refund is sent again without a look": lambda: patch.object(
        refunding, "sendable_at", lambda _, known, __: known.since
    ),
    "equal amounts are not spaced": lambda: replaced(
        refunding,
        "sendable_at",
        lambda when: lambda order, known, policy: when(order, known, evolve(policy, refund_spacing_s=0)),
    ),
    "an answer to an older question counts for a later call": lambda: replaced(
        refunding,
        "sendable_at",
        lambda when: (
            lambda order, known, policy: when(
                order, evolve(known, absent_asked=10**6 if known.absent_asked >= 0 else -1), policy
            )
        ),
    ),
    "a no to a second call ends a refund": every_no_is_to_the_only_call,
    "duplicate.call ends a refund": lambda: patch.object(refunding, "refusal_of", lambda _: Refusal.FINAL),
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
    "an unnamed charge is counted twice": lambda: patch.object(AMOUNTS, "_explains", lambda *_: False),
    "money that went on is counted beside itself": lambda: patch.object(AMOUNTS, "_is_part_of", lambda *_: False),
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
        review, "_charge_denied_by", lambda _: None
    ),
    "a denial does not keep refunds back": lambda: patch.object(
        review, "BLOCKS_REFUNDS", review.BLOCKS_REFUNDS - {ReasonKind.DENIED}
    ),
    "an order's denial is not heard": lambda: patch.object(review, "_ORDER_DENIALS", {}),
    "a transaction's denial is not heard": lambda: patch.object(attempt, "_DENIALS", {}),
    "a verdict is never denied": lambda: patch.object(Refund, "told_since_settled", lambda _: None),
    "the first word against a verdict is the only one": lambda: patch.object(Refund, "told_since_settled", first_told),
    "a refund is unclear once only": lambda: replaced(
        review, "_refund_reasons", lambda find: lambda order, known: find(order, evolve(known, settled_asked=-1))
    ),
    "a settled word is never news again": lambda: observed_as(settled_newest=10**6),
    "a settled word is news at once": lambda: observed_as(settled_over=""),
    "nobody ever gives up": never_given_up,
    "a missed refund is not given up": lambda: replaced(
        answering, "missed", lambda miss: lambda known, asked, _: miss(known, asked, 99)
    ),
    "calls never end": lambda: replaced(
        refunding,
        "sendable_at",
        lambda when: lambda order, known, policy: when(order, evolve(known, not_sent=known.tries), policy),
    ),
    "calls that never left are counted": lambda: replaced(
        refunding,
        "sendable_at",
        lambda when: (
            lambda order, known, policy: when(order, known, policy) if known.tries < policy.refund_tries_max else None
        ),
    ),
    "a late success is not noticed": lambda: patch.object(review, "_was_over_before_money", lambda _: False),
    "our own clock expires an order": lambda: patch.object(derived, "answered_after_close", lambda _: True),
    "nothing ever expires": lambda: patch.object(derived, "answered_after_close", lambda _: False),
    "paid is announced each time": always_announced,
    "a refund of another amount is adopted": lambda: replaced(
        reading,
        "_refund_input",
        lambda read: lambda order, entry: read(evolve(order, refunds={}), entry),
    ),
    "a hint puts a look off": lambda: replaced(
        schedule,
        "hinted",
        lambda move: (
            lambda kept, *given: evolve(move(kept, *given), hint_at=given[1] + timedelta(seconds=60), next_look_at=None)
        ),
    ),
    "looks have no budget": lambda: patch.object(schedule, "_window_free_at", lambda _, __, ___, now: now),
    "the return URL's code is not compared": lambda: patch.object(mac, "verify", lambda *_: None),
    "the order's send is not counted": lambda: handling(
        SendRefund, lambda count: lambda order, what, *more: _uncounted(count(order, what, *more), order, what)
    ),
}


def _uncounted(result: Any, order: Any, what: SendRefund) -> Any:
    if not hasattr(result, "fact"):
        return result
    fact = evolve(result.fact, refunds=(order.refunds[what.refund_id],))
    return evolve(result, fact=fact, after=deciding.evolve(order, fact))


# --- the verdict ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("story", STORIES)
def test_the_oracle_finds_nothing_wrong_with_the_core(story: str) -> None:
    STORIES[story]()


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_the_oracle_sees_a_planted_fault(mutation: str) -> None:
    assert seen_by(mutation)


def seen_by(mutation: str) -> list[str]:
    """The stories that fail under a mutation."""
    failed = []
    for name, story in STORIES.items():
        with MUTATIONS[mutation]():
            try:
                story()
            except (AssertionError, LookupError, ValueError):
                failed.append(name)
    return failed


def test_after_the_mutations_the_core_is_as_it_was() -> None:
    for mutation in MUTATIONS:
        with MUTATIONS[mutation]():
            pass
    for story in STORIES.values():
        story()
