"""What the options of `paystate order what-if` suppose of an order, as one input of the core's."""

from __future__ import annotations

from datetime import datetime

from paystate.core.describe.what_if import backend_refunds, juspay_answers, person_settles, shopper_pays
from paystate.core.errors import ValueInvalid
from paystate.core.evidence import Evidence
from paystate.core.money import Money
from paystate.core.orders.commands.decide import Command
from paystate.core.orders.order import Order
from paystate.core.orders.reason import Verdict
from paystate.entrypoints.setup.problems import ConfigError, ConfigProblem


def supposed(
    order: Order,
    now: datetime,
    *,
    juspay: str | None,
    amount: str | None,
    captured: str | None,
    txn_id: str,
    listing: tuple[str, str] | None,
    refund: str | None,
    pay: bool,
    settle: tuple[str, str] | None,
) -> Command | Evidence:
    """The one thing that is supposed of `order`; raises ConfigError for what makes no sense."""
    if sum((juspay is not None, refund is not None, pay, settle is not None)) != 1:
        raise _unclear("needs exactly one event", "give exactly one of --juspay, --refund, --pay and --settle")
    if juspay is None and (amount is not None or captured is not None or txn_id or listing):
        raise _unclear("needs --juspay beside what it would answer", "add it, or leave out the options of its answer")
    if juspay is not None:
        return juspay_answers(
            order,
            juspay,
            now,
            amount=None if amount is None else _money(order, amount),
            captured=None if captured is None else _money(order, captured),
            txn_id=txn_id,
            refunds=_listed(order, *listing) if listing else {},
        )
    if refund is not None:
        return backend_refunds(order, _money(order, refund))
    if settle is not None:
        key, verdict = settle
        if verdict not in list(Verdict):
            raise _unclear(f"{verdict} is not a verdict", f"give one of {', '.join(Verdict)}")
        return person_settles(key, Verdict(verdict))
    return shopper_pays(order)


def _listed(order: Order, refund_id: str, word: str) -> dict[str, str]:
    if refund_id not in order.refunds:
        raise _unclear(f"{refund_id} is not a known refund", "`paystate order explain` lists the order's refunds")
    return {refund_id: word}


def _money(order: Order, text: str) -> Money:
    try:
        return Money.parse(text, order.amount.currency)
    except ValueInvalid as wrong:
        raise _unclear(f"{text} is not an amount of {order.amount.currency}", "give it like 10.00") from wrong


def _unclear(message: str, fix: str) -> ConfigError:
    return ConfigError(ConfigProblem("what-if", message, fix))
