"""Which commands an order's status allows: a small table of status and command.

An allowed command still has its own checks to pass.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from paystate.core.lifecycle.guards import UNSEEN_PAYMENT
from paystate.core.lifecycle.table import Mark, Outcome, Rule, Table, cells
from paystate.core.orders.amounts.totals import amounts
from paystate.core.orders.derived import Status, status
from paystate.core.orders.held_money import is_free
from paystate.core.orders.hold import HoldKind
from paystate.core.orders.order import Order
from paystate.core.orders.review.reasons import refund_blockers
from paystate.core.policy import Policy

PROCESS: Final = "process"
REFUND: Final = "refund"
_D, _O = Mark.DOCUMENTED, Mark.OURS
_RETRYABLE: Final = (Status.NEW, Status.PENDING, Status.UNKNOWN, Status.FAILED)
_REFUNDABLE: Final = (
    Status.CHARGED,
    Status.PARTIALLY_REFUNDED,
    Status.REFUNDED,
    Status.PARTIAL_CHARGED,
    Status.AUTO_REFUNDED,
)
"""AUTO_REFUNDED too: Juspay's own refund may fail, and then the money is still here (gateway contract, O.2)."""

RULES: Final = (
    Rule("O1", Outcome.ALLOWED, cells(_RETRYABLE, [PROCESS]), ref="G.1", mark=_D,
         message="The order is not paid, so the shopper may try, or try again."),
    Rule("O2", Outcome.REFUSED, cells(set(Status) - {*_RETRYABLE, Status.EXPIRED}, [PROCESS]), ref="G.1", mark=_O,
         message="The order is paid, held, released, refunded or to be paid in cash. Another payment is one too many."),
    Rule("O3", Outcome.REFUSED, cells([Status.EXPIRED], [PROCESS]), ref="F.3", mark=_O,
         message="The order's time is over; open a new order."),
    Rule("O4", Outcome.ALLOWED, cells(_REFUNDABLE, [REFUND]), ref="H.1", mark=_D,
         message="Money was captured, so up to that much may be refunded."),
    Rule("O5", Outcome.REFUSED, cells(set(Status) - set(_REFUNDABLE), [REFUND]), ref="H.1", mark=_D,
         message="No captured money is left on this order to refund."),
    Rule("O20", Outcome.ALLOWED, cells([Status.AUTHORIZED], HoldKind), ref="L", mark=_D,
         message="Money is held for the order, so it may be taken or released."),
    Rule("O21", Outcome.REFUSED, cells(set(Status) - {Status.AUTHORIZED}, HoldKind), ref="L", mark=_D,
         message="No money is held for the order now, so nothing can be taken or released."),
)  # fmt: skip

TABLE: Final = Table("order", states=Status, inputs=(PROCESS, REFUND, *HoldKind), rules=RULES)


def refund_rule(order: Order) -> Rule:
    """Whether the order's status allows a refund; where it does not, money may still be seen to have been taken."""
    rule = TABLE.step(status(order), REFUND).rule
    return UNSEEN_PAYMENT if rule.outcome is Outcome.REFUSED and amounts(order).captured else rule


def legal_for_payments(order: Order, policy: Policy, now: datetime) -> tuple[str, ...]:
    """What may be done about the order's payments, as refusals name it; a look is always legal.

    `commands.legal` has what may be done about the sale too.
    """
    by_status = [name for name in TABLE.legal_from(status(order)) if name != REFUND]
    by_money = [REFUND] if refund_rule(order).outcome is Outcome.ALLOWED else []
    return ("look", *[name for name in (*by_status, *by_money) if _is_possible(order, name, policy, now)])


def _is_possible(order: Order, name: str, policy: Policy, now: datetime) -> bool:
    """Whether amounts, times and open reasons permit what the order's status allows."""
    if name == PROCESS:
        return now < order.closes_at and not order.cancelled and not order.price_change
    if name in (HoldKind.CAPTURE, HoldKind.VOID):
        return is_free(order) and len(order.holds) < policy.holds_max and not refund_blockers(order)
    has_room = len(order.refunds) < policy.refunds_max  # rule G7
    return has_room and amounts(order).refundable > 0 and not refund_blockers(order)
