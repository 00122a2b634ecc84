"""What one input would do to an order, without doing it.

The rules are the real ones: `decide` is pure, so asking it costs nothing and changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal

from attrs import frozen

from paystate.core.describe.citations import RULES, cited
from paystate.core.describe.wording import announcement, price, totals
from paystate.core.evidence import Answer, Evidence, NotFound, OrderAnswer, RefundAnswer, TxnAnswer
from paystate.core.ids import refund_id_for
from paystate.core.lifecycle.table import Outcome, Rule
from paystate.core.money import Money, format_minor
from paystate.core.orders.amounts.payments import captured_attempts
from paystate.core.orders.amounts.totals import amounts
from paystate.core.orders.attempt import UNNAMED
from paystate.core.orders.commands.decide import Command, decide
from paystate.core.orders.commands.open_commands import SignProcess
from paystate.core.orders.commands.refund_commands import RequestRefund
from paystate.core.orders.commands.settle_commands import Settle
from paystate.core.orders.derived import status
from paystate.core.orders.facts import Announcement, Refused
from paystate.core.orders.fulfilment import may_fulfil
from paystate.core.orders.held_money import held_attempt, held_minor
from paystate.core.orders.hold import HoldKind
from paystate.core.orders.order import NOT_FOUND, Order
from paystate.core.orders.reason import Verdict
from paystate.core.orders.refund import Refund
from paystate.core.orders.review.reasons import open_reasons
from paystate.core.policy import Policy
from paystate.core.requester import Requester

_KEY = "what if"
"""With a blank, so that it is no idempotency key that a backend can have used."""


@frozen(kw_only=True)
class WhatIf:
    """What would come of one input.

    Attributes:
        rules: Those that would decide; none where nothing would change.
        after: The order as it would be; `before` itself where the input would be refused or change nothing.
        announces: What the merchant would be told.
    """

    outcome: Outcome
    rules: tuple[Rule, ...]
    before: Order
    after: Order
    announces: tuple[Announcement, ...] = ()
    refused: Refused | None = None


def what_if(order: Order, what: Command | Evidence, policy: Policy, now: datetime) -> WhatIf:
    """Decide `what` on `order`, and keep nothing of it.

    Raises:
        LookupError: The order has no such refund.
    """
    decided = decide(order, what, policy, now)
    if isinstance(decided, Refused):
        return WhatIf(outcome=decided.rule.outcome, rules=(decided.rule,), before=order, after=order, refused=decided)
    return WhatIf(
        outcome=decided.outcome,
        rules=tuple(RULES[rule_id] for rule_id in decided.fact.rules) if decided.fact else (),
        before=order,
        after=decided.after,
        announces=decided.effects,
    )


def juspay_answers(
    order: Order,
    word: str,
    now: datetime,
    *,
    amount: Money | None = None,
    captured: Money | None = None,
    txn_id: str = "",
    refunds: Mapping[str, str] | None = None,
) -> Evidence:
    """An answer of Juspay's to a question that is asked now, as far as it is not said otherwise just what fits `order`.

    Args:
        word: Juspay's status word, or `NOT_FOUND`. Small letters will do, because all of Juspay's are capitals.
        amount: In the order's currency; the order's own without.
        captured: In the order's currency, for a partial capture.
        txn_id: The transaction it names; the one that took the money without, or else the newest known one.
        refunds: Status words by refund id; every other refund stays as Juspay told it last.
    """
    word = word.upper()
    if word == NOT_FOUND:
        return Evidence(asked=order.version, answer=Answer(body=NotFound(), dated=now))
    told = {refund_id: one.upper() for refund_id, one in (refunds or {}).items()}
    body = OrderAnswer(
        merchant_id=order.opened.merchant_id,
        order_id=order.opened.order_id,
        amount=_major(amount or order.amount),
        currency=order.amount.currency,
        status=word,
        txn=TxnAnswer(txn_id=txn_id or _attempt_named(order), status=word),
        refunds=tuple(_listed(order, told)),
        captured=_major(captured) if captured else None,
    )
    return Evidence(asked=order.version, answer=Answer(body=body, dated=now))


def backend_refunds(order: Order, amount: Money) -> RequestRefund:
    """A refund that the merchant's backend asks for under a new key."""
    refund_id = refund_id_for(order.opened.merchant_id, _KEY)
    return RequestRefund(key=_KEY, refund_id=refund_id, amount=amount)


def shopper_pays(order: Order) -> SignProcess:
    """The order's own customer goes to the payment page."""
    return SignProcess(order.opened.customer.customer_id)


def person_settles(reason: str, verdict: Verdict) -> Settle:
    """A person settles a reason."""
    return Settle(reason=reason, verdict=verdict, by=Requester(_KEY), note=_KEY)


def _attempt_named(order: Order) -> str:
    known = [seen.txn_id for seen in (*order.attempts.values(), *captured_attempts(order)) if seen.txn_id != UNNAMED]
    return known[-1] if known else f"{order.opened.merchant_id}-{order.opened.order_id}-1"


def _listed(order: Order, words: Mapping[str, str]) -> Iterator[RefundAnswer]:
    for known in order.refunds.values():
        if word := words.get(known.refund_id) or _told_last(known):
            amount = Decimal(format_minor(known.amount_minor, order.amount.currency))
            yield RefundAnswer(
                refund_id=known.refund_id, amount=amount, status=word, automatic=known.automatic, created_at=known.since
            )


def _major(amount: Money) -> Decimal:
    return Decimal(str(amount))


def _told_last(known: Refund) -> str:
    newest = max(known.observations.values(), key=lambda seen: seen.asked_last, default=None)
    return newest.reported.status_word if newest else ""


def answer_in_words(would: WhatIf) -> tuple[str, ...]:
    """What would happen, in plain sentences."""
    return tuple(_refusal(would.refused) if would.refused else _changes(would))


def _refusal(refused: Refused) -> Iterator[str]:
    yield f"It would be refused: {cited(refused.rule)}."
    if refused.facts:
        yield f"The rule looks at {', '.join(f'{name} {value}' for name, value in refused.facts)}."
    if refused.legal:
        yield f"Possible instead: {', '.join(refused.legal)}."


def _given_up(before: Order, after: Order) -> Iterator[str]:
    """What is held and would not be taken: a hold is captured once."""
    held = held_attempt(before)
    for hold_id, asked in after.holds.items():
        if held and hold_id not in before.holds and asked.kind is HoldKind.CAPTURE and not asked.is_whole:
            rest = Money(held_minor(before, held) - asked.amount_minor, before.amount.currency)
            yield f"The rest of the held money, {price(rest)}, would be given up: nobody can take it any more."


def _changes(would: WhatIf) -> Iterator[str]:
    before, after = would.before, would.after
    if after is before:
        yield "Nothing would change."
        return
    was, is_ = status(before), status(after)
    yield f"The order would go from {was} to {is_}." if was is not is_ else f"The order would stay {is_}."
    yield from (f"Rule {rule.id}: {rule.message}" for rule in would.rules)
    if may_fulfil(before) != may_fulfil(after):
        yield "The goods might then go out." if may_fulfil(after) else "The goods would then be held back."
    yield from _given_up(before, after)
    if amounts(before) != amounts(after):
        yield f"Money then: {totals(after)}."
    known = {reason.key for reason in open_reasons(before)}
    yield from (
        f"A person would have to look: {r.message} ({r.key})" for r in open_reasons(after) if r.key not in known
    )
    yield from (f"It would be announced that {announcement(one)}." for one in would.announces)
