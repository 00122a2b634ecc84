"""Paystate's rules, pure: no clock, no randomness, no input or output.

These are the names that a program needs to embed the rules of orders. Checkouts have a `decide` of their own in
`paystate.core.checkouts.checkout`. What an adapter implements is in `paystate.core.ports`, and the jobs over the ports
are in `paystate.core.use_cases`.

An input goes through `paystate.core.orders` like this. `commands.decide` takes it. `reading` reads an answer of
Juspay's (what it says of this order), and `answers` takes it (what that changes). Each attempt and refund steps through
its table (`attempt`, `refund`), and what was reported of it is kept as observations (`paystate.core.lifecycle`).
`decision` makes one fact of it, `order.evolve` applies that fact, and `derived` and `amounts` say what follows from the
record. `paystate.core.describe` puts it into words, and tries an input without keeping anything.
"""

from paystate.core.describe.explain import explain_order
from paystate.core.describe.timeline import TimelineEntry, order_timeline
from paystate.core.describe.what_if import WhatIf, what_if
from paystate.core.errors import (
    AnswerUnusable,
    ConcurrentUpdate,
    GatewayRejected,
    GatewayUnreachable,
    OutcomeUnknown,
    PaystateError,
    PortError,
    SignatureInvalid,
    StorageUnavailable,
    Unreadable,
    ValueInvalid,
)
from paystate.core.evidence import Answer, Evidence, NotFound, OrderAnswer, RefundAnswer, TxnAnswer
from paystate.core.ids import OrderKey, hold_id_for, refund_id_for
from paystate.core.lifecycle.table import Outcome, Rule
from paystate.core.money import Money
from paystate.core.orders.amounts.totals import Amounts, amounts
from paystate.core.orders.commands.decide import Command, decide
from paystate.core.orders.commands.hold_commands import EndHoldCall, RequestCapture, RequestVoid, SendHoldCall
from paystate.core.orders.commands.open_commands import OpenOrder, SignProcess
from paystate.core.orders.commands.refund_commands import EndRefundCall, RequestRefund, SendRefund
from paystate.core.orders.commands.settle_commands import Settle
from paystate.core.orders.decision import DecisionResult, OrderDecision
from paystate.core.orders.derived import Status, juspay_status, status
from paystate.core.orders.facts import Announcement, Customer, Decision, Fact, Opened, Refused, SettledReason
from paystate.core.orders.fulfilment import is_paid
from paystate.core.orders.hold import HoldKind, HoldOperation, HoldState
from paystate.core.orders.order import Order, evolve, fold, order_at
from paystate.core.orders.reason import Reason, ReasonKind, Verdict
from paystate.core.orders.refund import LastCall, Refund
from paystate.core.orders.review.reasons import open_reasons
from paystate.core.policy import CheckoutMode, Ladder, Policy
from paystate.core.requester import Requester

__all__ = [
    "Amounts",
    "Announcement",
    "Answer",
    "AnswerUnusable",
    "CheckoutMode",
    "Command",
    "ConcurrentUpdate",
    "Customer",
    "Decision",
    "DecisionResult",
    "EndHoldCall",
    "EndRefundCall",
    "Evidence",
    "Fact",
    "GatewayRejected",
    "GatewayUnreachable",
    "HoldKind",
    "HoldOperation",
    "HoldState",
    "Ladder",
    "LastCall",
    "Money",
    "NotFound",
    "OpenOrder",
    "Opened",
    "Order",
    "OrderAnswer",
    "OrderDecision",
    "OrderKey",
    "Outcome",
    "OutcomeUnknown",
    "PaystateError",
    "Policy",
    "PortError",
    "Reason",
    "ReasonKind",
    "Refund",
    "RefundAnswer",
    "Refused",
    "RequestCapture",
    "RequestRefund",
    "RequestVoid",
    "Requester",
    "Rule",
    "SendHoldCall",
    "SendRefund",
    "Settle",
    "SettledReason",
    "SignProcess",
    "SignatureInvalid",
    "Status",
    "StorageUnavailable",
    "TimelineEntry",
    "TxnAnswer",
    "Unreadable",
    "ValueInvalid",
    "Verdict",
    "WhatIf",
    "amounts",
    "decide",
    "evolve",
    "explain_order",
    "fold",
    "hold_id_for",
    "is_paid",
    "juspay_status",
    "open_reasons",
    "order_at",
    "order_timeline",
    "refund_id_for",
    "status",
    "what_if",
]
