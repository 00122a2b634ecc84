"""What a webhook leaves with an order: names to be explained, never money.

This is the only way for a webhook into an order's journal. A status names only one transaction. So a payment that a
webhook names and no answer has shown is noted, and asked about until it is explained. A dispute is noted too, and
refunds wait until a person has looked (gateway contract, O.4 and I.3).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from attrs import frozen

from paystate.core.evidence import TEXT_MAX, DisputeClaim, Trust, TxnClaim
from paystate.core.lifecycle.guards import DISPUTED, MENTIONED
from paystate.core.lifecycle.table import Outcome
from paystate.core.money import Money
from paystate.core.orders.attempt import HARD
from paystate.core.orders.decision import DecisionResult, no_change, record_fact
from paystate.core.orders.facts import Decision, Dispute, Fact, FactKind, claims_money
from paystate.core.orders.order import Order
from paystate.core.orders.review.payment_reasons import is_explained
from paystate.core.policy import Policy


@frozen(kw_only=True)
class NoteWebhook:
    """T2: what an authenticated webhook names."""

    txns: tuple[TxnClaim, ...] = ()
    dispute: DisputeClaim | None = None


def is_news(order: Order, what: NoteWebhook, policy: Policy, now: datetime) -> bool:
    """Whether it names anything that the order does not know."""
    decision = note_webhook(order, what, policy, now)
    return isinstance(decision, Decision) and decision.fact is not None


def note_webhook(order: Order, what: NoteWebhook, policy: Policy, now: datetime) -> DecisionResult:
    """Note what no answer has shown ended yet; a webhook that names nothing new changes nothing."""
    mentioned = dict(_news(order, what.txns, policy.attempts_max))
    disputes = tuple(_new_dispute(order, what.dispute, policy.disputes_max)) if what.dispute else ()
    if not mentioned and not disputes:
        return no_change(order, Outcome.ALREADY, policy, now)
    rules = tuple(rule.id for rule, found in ((MENTIONED, mentioned), (DISPUTED, disputes)) if found)
    fact = Fact(at=now, kind=FactKind.WEBHOOK_NOTED, trust=Trust.WEBHOOK, outcome=Outcome.MOVES, rules=rules,
                mentioned=mentioned, mentioned_since=dict.fromkeys(mentioned, order.version + 1),
                disputes=disputes)  # fmt: skip
    return record_fact(order, fact, policy, now)


def _news(order: Order, txns: tuple[TxnClaim, ...], most: int) -> Iterator[tuple[str, str]]:
    room = most - len(order.mentioned)
    for claim in txns:
        txn_id, word = claim.txn_id[:TEXT_MAX], claim.status[:TEXT_MAX]
        is_new = txn_id not in order.mentioned
        if txn_id and (room > 0 or not is_new) and _says_more(order, txn_id, word):
            room -= is_new
            yield txn_id, word


def _says_more(order: Order, txn_id: str, word: str) -> bool:
    """Whether a webhook says more than we know: a payment that we had no word of, or that it was paid.

    A claim of money that an answer has denied is news when it is made again.
    """
    known, before = order.attempts.get(txn_id), order.mentions.get(txn_id)
    if claims_money(word):
        own = (one for name, one in order.attempts.items() if name == txn_id or name.startswith(f"{txn_id}-"))
        is_open = before is not None and before.claims_money and not is_explained(order, txn_id)
        return not is_open and all(one.state not in HARD for one in own)
    return not (known and known.has_ended) and before is None


def _new_dispute(order: Order, claim: DisputeClaim, most: int) -> Iterator[Dispute]:
    amount = Money.from_decimal_if_exact(claim.amount, order.amount.currency)
    told = Dispute(claim.dispute_id[:TEXT_MAX], claim.stage[:TEXT_MAX], amount.amount_minor if amount else 0)
    if told not in order.disputes and len(order.disputes) < most:
        yield told
