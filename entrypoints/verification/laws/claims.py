"""Payments that webhooks name or that must have been begun, and what answers show of them: worked out a second time."""

from __future__ import annotations

import re
from collections.abc import Iterator

from paystate.core.orders.derived import status
from paystate.core.orders.order import Order
from paystate.entrypoints.verification.inputs import ORDER
from paystate.entrypoints.verification.laws.books import LOOK_UNPAID, MONEY, PAID_WORDS


def unexplained(order: Order) -> set[str]:
    """Payments that may have been made, and that no answer has shown ended.

    Beside money each one that a webhook or the counter of attempts names; of an order that looks unpaid each one that a
    webhook calls paid, once anything was answered to a question asked since.
    """
    if not any(one.state in MONEY for one in order.attempts.values()):
        return {name for name in _claimed(order) if not has_ended(order, name)}
    counted = (re.fullmatch(rf"(.*{ORDER}-)([0-9]{{1,2}})(-[0-9]{{1,2}})?", name) for name in order.attempts)
    skipped = (f"{found[1]}{number}" for found in counted if found for number in range(1, int(found[2])))
    return {name for name in (*order.mentioned, *skipped) if not has_ended(order, name)}


def _claimed(order: Order) -> Iterator[str]:
    asked = max((sight.asked_last for sight in order.latest.values()), default=-1)
    is_unpaid = status(order) in LOOK_UNPAID
    return (name for name in order.mentioned if is_unpaid and 0 <= _claimed_since(order, name) <= asked)


def _claimed_since(order: Order, name: str) -> int:
    """The version since which a webhook calls it paid, or -1."""
    return order.mentioned_since[name] if order.mentioned.get(name) in PAID_WORDS else -1


def has_ended(order: Order, name: str) -> bool:
    """Whether it took money, or failed by an answer that can speak to a webhook's claim that it was paid."""
    since = _claimed_since(order, name)
    about = [one for txn, one in order.attempts.items() if txn == name or txn.startswith(f"{name}-")]
    over = [one.state in ("FAILED", "VOIDED") and one.observations[one.state].asked_last >= since for one in about]
    return (bool(over) and all(over)) or any(one.state in MONEY for one in about)
