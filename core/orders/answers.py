"""What an answer of Juspay's changes: from one reading to one fact.

The tables decide each attempt and each refund; this collects what they say. How answers that cross are kept in order
is told here once, because every record of an order rests on it.

**Questions, not clocks.** A question carries `asked`, the order's version that was read when it was sent. Versions only
grow, so of two questions the one with the larger `asked` was sent later, on whatever machine and whatever the clocks
said. Its answer may arrive first all the same. Juspay tells no time that could be used instead: its own clock is not
ours, and two of its servers may disagree.

**Observations.** For each class of answer (`PENDING`, `CHARGED`, ...) a record keeps an observation: the oldest and the
newest question that was answered so, and the newest words. Merging one more answer is a minimum and a maximum. Both
commute, and the same answer twice adds nothing, so any order of arrival leaves the same observations.

**Two answers that cross.** An order has version 4 and a look is sent (`asked=4`). It hangs. A webhook comes, a second
look is sent (`asked=5`) and answered CHARGED. Then the first look's answer arrives: PENDING. The observations are

    CHARGED: asked 5 to 5        PENDING: asked 4 to 4

whichever came first. PENDING is older than what is known, and the table says STALE. Had both been PENDING and FAILED,
the newer question would have won, because neither proves money. CHARGED wins even where its question is the older one:
money that was once taken is not untaken by an answer that knows less. A newer answer that denies it contradicts, and a
person must look.

**Ties.** One question may be answered twice, such as by a refund call and by the look that it asked for. Then the later
class in `CLASSES` counts as newer: the list goes from what says least to what says most, so a tie never hides money.

**Silence.** What one answer tells and the next leaves out stays (`Particulars`): of two amounts the larger, of two
texts the later one in the alphabet. Neither depends on the order of arrival.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from datetime import datetime
from typing import Any, Final, assert_never

from attrs import evolve as with_changes

from paystate.core.evidence import Evidence, NotFound, OrderAnswer, RefundsAnswer, Trust
from paystate.core.lifecycle.guards import (
    ABSENT,
    AMENDED,
    BESIDE,
    DENIED,
    LATEST,
    MISMATCH,
    NOT_AMENDED,
    OLDER_WORD,
    TOO_MANY_SEEN,
    UNCHANGED,
    UNLISTED,
)
from paystate.core.lifecycle.observations import GatewayReport, Observation, newest, observed
from paystate.core.lifecycle.statuses import Paid
from paystate.core.lifecycle.table import Outcome, Rule, Step
from paystate.core.orders import attempt as attempts_table
from paystate.core.orders import refund as refunds_table
from paystate.core.orders.attempt import Attempt
from paystate.core.orders.decision import DecisionResult, no_change, record_fact
from paystate.core.orders.facts import Eligible, Fact, FactKind, Mismatch
from paystate.core.orders.held_money import told_failed
from paystate.core.orders.hold import HoldOperation
from paystate.core.orders.order import ANSWER_CLASSES, NOT_FOUND, Order
from paystate.core.orders.price import PriceTold, price_told
from paystate.core.orders.reading import Reading, RefundInput, read, read_refunds
from paystate.core.orders.refund import LastCall, Refund, RefundState, not_listed
from paystate.core.policy import Policy
from paystate.core.timestamps import stamp

_MISMATCHES_MAX: Final = 50
_WEIGHT: Final = (
    Outcome.ALREADY,
    Outcome.STALE,
    Outcome.ALLOWED,
    Outcome.MOVES,
    Outcome.CORRECTED,
    Outcome.CONTRADICTS,
)


def take_evidence(order: Order, what: Evidence, policy: Policy, now: datetime) -> DecisionResult:
    """Decide one answer; it is never refused, and one that tells nothing new changes nothing."""
    match body := what.answer.body:
        case RefundsAnswer():
            draft = _refunds_told(order, what.asked, body, policy)
        case NotFound():
            draft = _Draft() if what.refunds_only else _absent(order, what)
            _take_price(draft, price_told(order, what, policy, now))
        case OrderAnswer():
            draft = _priced(order, what, body, policy, now)
        case _:
            assert_never(body)
    fact = _drafted(draft, now)
    if fact is None:
        return no_change(order, draft.outcome, policy, now)
    return record_fact(order, fact, policy, now)


class _Draft:
    """Collects what one answer changes; lives for one decision only."""

    def __init__(self) -> None:
        self.rules: dict[str, Rule] = {}
        self.changes: dict[str, Any] = {}

    def add(self, rule: Rule) -> None:
        self.rules[rule.id] = rule

    def mismatch(self, order: Order, wrong: Mismatch) -> None:
        known = (*order.mismatches, *self.changes.get("mismatches", ()))
        if wrong not in known and len(known) < _MISMATCHES_MAX:  # a person needs one to look; a flood adds nothing
            self.changes["mismatches"] = (*self.changes.get("mismatches", ()), wrong)

    @property
    def outcome(self) -> Outcome:
        return max([rule.outcome for rule in self.rules.values()], key=_WEIGHT.index, default=Outcome.ALREADY)


def _drafted(draft: _Draft, now: datetime) -> Fact | None:
    changes = {name: value for name, value in draft.changes.items() if value}
    if not changes:
        return None
    return Fact(at=now, kind=FactKind.ANSWERED, trust=Trust.GATEWAY, outcome=draft.outcome,
                rules=tuple(draft.rules), **changes)  # fmt: skip


def _absent(order: Order, what: Evidence) -> _Draft:
    draft = _Draft()
    draft.add(_on_absence(order, what.asked))
    reported = GatewayReport(NOT_FOUND, dated=stamp(what.answer.dated) if what.answer.dated else "")
    draft.changes["latest"] = _changed(order, NOT_FOUND, what.asked, reported)
    return draft


def _on_absence(order: Order, asked: int) -> Rule:
    shown = [seen.asked_first for kind, seen in order.latest.items() if kind != NOT_FOUND]
    if not shown:
        return ABSENT
    return DENIED if asked > min(shown) else OLDER_WORD


def _priced(order: Order, what: Evidence, answer: OrderAnswer, policy: Policy, now: datetime) -> _Draft:
    """Read the answer against the price that it has to name."""
    price = price_told(order, what, policy, now)
    if price.is_stale:
        draft = _Draft()
        draft.add(OLDER_WORD)
        return draft
    draft = _answered(price.order, what, answer, policy)
    _take_price(draft, price)
    return draft


def _take_price(draft: _Draft, price: PriceTold) -> None:
    if price.amended:
        draft.add(AMENDED)
        draft.changes["amended"] = price.amended
    elif price.over:
        draft.add(NOT_AMENDED)
    draft.changes["price_change_over"] = price.over


def _answered(order: Order, what: Evidence, answer: OrderAnswer, policy: Policy) -> _Draft:
    draft = _Draft()
    reading = read(order, answer, what.answer.dated)
    if what.refunds_only and reading.order is None:
        draft.add(BESIDE)  # it may be a refund in another form; a look decides, and the order itself is not in doubt
        return draft
    for wrong in reading.mismatches:
        draft.add(MISMATCH)
        draft.mismatch(order, wrong)
    if reading.order is None:
        return draft
    if not what.refunds_only:
        _take_order(draft, order, what.asked, answer, *reading.order)
        dated = stamp(what.answer.dated) if what.answer.dated else ""
        draft.changes["attempts"] = tuple(_take_attempts(draft, order, what.asked, reading, policy, dated))
        draft.changes["holds"] = tuple(_take_holds(order, what, reading))
        draft.changes["eligible"] = _newer_eligible(order, what.asked, reading)
    if reading.refund_ids or order.refunds:
        listed = tuple(_take_refunds(draft, order, what.asked, reading, policy))
        draft.changes["refunds"] = (*listed, *_unlisted_refunds(draft, order, what.asked, reading.refund_ids, policy))
    return draft


def _newer_eligible(order: Order, asked: int, reading: Reading) -> Eligible | None:
    """What Juspay itself will still refund, where this answer knows it better; of one question the smaller figure."""
    if reading.eligible is None:
        return None
    told, known = Eligible(asked, *reading.eligible), order.eligible
    return told if known is None or _age(told) > _age(known) else None


def _age(told: Eligible) -> tuple[int, int, str]:
    return told.asked, -told.amount_minor, told.txn_id


def _refunds_told(order: Order, asked: int, answer: RefundsAnswer, policy: Policy) -> _Draft:
    """What an answer changes that speaks of some refunds, and so says nothing of those that it leaves out."""
    draft = _Draft()
    reading = read_refunds(order, answer)
    for wrong in reading.mismatches:
        draft.add(MISMATCH)
        draft.mismatch(order, wrong)
    draft.changes["refunds"] = tuple(_take_refunds(draft, order, asked, reading, policy))
    return draft


def _take_order(
    draft: _Draft, order: Order, asked: int, answer: OrderAnswer, kind: Paid, reported: GatewayReport
) -> None:
    if changed := _changed(order, kind, asked, reported):
        draft.add(_on_latest(order, kind, changed))
        draft.changes["latest"] = changed
    if answer.expires_at and (order.expires_at is None or answer.expires_at < order.expires_at):
        draft.changes["expires_at"] = answer.expires_at


def _on_latest(order: Order, kind: Paid, changed: Mapping[str, Observation]) -> Rule:
    if newest(order.latest, ANSWER_CLASSES) == kind:
        return UNCHANGED
    return LATEST if newest({**order.latest, **changed}, attempts_table.CLASSES) == kind else OLDER_WORD


def _changed(order: Order, kind: str, asked: int, reported: GatewayReport) -> dict[str, Observation]:
    after = observed(order.latest, kind, asked, reported)
    return {} if after is order.latest else {kind: after[kind]}


def _take_attempts(
    draft: _Draft, order: Order, asked: int, reading: Reading, policy: Policy, dated: str
) -> Iterable[Attempt]:
    room = policy.attempts_max + 1 - len(order.attempts)  # one more for the attempt that no answer names
    taken: dict[str, Attempt] = {}  # one answer may name a transaction twice; both entries count
    for seen in reading.attempts:
        before = taken.get(seen.txn_id) or order.attempts.get(seen.txn_id)
        if before is None and room <= 0 and seen.kind not in attempts_table.HARD:  # money is never left out
            draft.add(TOO_MANY_SEEN)
            continue
        room -= before is None
        known = before or Attempt(seen.txn_id)
        after, step = attempts_table.observe(known, seen.kind, asked, seen.reported, leg=seen.leg, dated=dated)
        draft.add(step.rule)
        if after is not before:
            taken[seen.txn_id] = after
    yield from taken.values()


def _take_holds(order: Order, what: Evidence, reading: Reading) -> Iterable[HoldOperation]:
    """Captures and releases that the answer tells something of: that they failed, or that their call was answered."""
    of_order = reading.order[1].status_word if reading.order else ""
    told = [(seen.txn_id, word) for seen in reading.attempts for word in (seen.reported.status_word, of_order)]
    changed = {one.hold_id: one for one in told_failed(order, what.asked, told)}
    called = changed.get(what.hold_id) or order.holds.get(what.hold_id)
    if called and called.sent_version == what.asked and called.last_call is LastCall.IN_FLIGHT:
        changed[called.hold_id] = with_changes(called, last_call=LastCall.ANSWERED)
    return changed.values()


def _take_refunds(draft: _Draft, order: Order, asked: int, reading: Reading, policy: Policy) -> Iterable[Refund]:
    room = 2 * policy.refunds_max - len(order.refunds)
    taken: dict[str, Refund] = {}  # one answer may list an id twice; both entries count
    for seen in reading.refunds:
        before = taken.get(seen.refund_id) or order.refunds.get(seen.refund_id)
        if before is None and room <= 0:
            draft.add(TOO_MANY_SEEN)
            draft.mismatch(order, Mismatch("number of refunds", f"at most {2 * policy.refunds_max}", "more"))
            continue
        room -= before is None
        after, step = _listed(before, seen, asked, order.created_at)
        draft.add(step.rule)
        if after != before:
            taken[seen.refund_id] = after
    yield from taken.values()


def _unlisted_refunds(
    draft: _Draft, order: Order, asked: int, listed: Container[str], policy: Policy
) -> Iterable[Refund]:
    for refund in order.refunds.values():
        if (
            refund.refund_id not in listed
            and (after := not_listed(refund, asked, policy.refund_tries_max)) is not refund
        ):
            draft.add(UNLISTED)
            yield after


def _listed(
    before: Refund | None, seen: RefundInput, asked: int, undated: datetime
) -> tuple[Refund, Step[RefundState]]:
    refund = before or Refund(refund_id=seen.refund_id, amount_minor=seen.amount_minor, since=seen.since)
    after, step = refunds_table.observe(refund, seen.kind, asked, seen.reported)
    if not refund.is_ours:
        # Made elsewhere: the largest amount and the earliest time ever told, whatever the order of the answers.
        amount_minor = max(refund.amount_minor, seen.amount_minor)
        automatic = refund.automatic or seen.automatic
        txn_id = max(refund.txn_id, seen.txn_id)
        since = min({refund.since, seen.since} - {undated}, default=undated)
        known = (after.amount_minor, after.automatic, after.txn_id, after.since)
        if (amount_minor, automatic, txn_id, since) != known:
            after = with_changes(after, amount_minor=amount_minor, automatic=automatic, txn_id=txn_id, since=since)
    return after, step
