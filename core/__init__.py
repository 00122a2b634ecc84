"""Paystate's rules, pure: no clock, no randomness, no input or output.

Owns the names that somebody who embeds the rules of orders needs. Checkouts have a `decide` of their own in
`paystate.core.checkout`; what an adapter fills is in `paystate.core.ports`, and the jobs over it in
`paystate.core.use_cases`.

The way of an input: `commands.decide` takes it. An answer of Juspay's is read by `reading` (what it says of this order)
and taken by `answering` (what that changes); each attempt and refund steps through its table (`attempt`, `refund`, both
run by `table` and remembered by `register`). `deciding` makes the one fact of it, `order.evolve` applies that fact, and
`derived` says what follows from the record. `timeline` and `explain` put it into words; `supposing` tries an input,
and `explore` tries everything in a small world.
"""

from paystate.core.amounts import Amounts, amounts
from paystate.core.commands import Command, OpenOrder, Settle, SignProcess, Verdict, decide
from paystate.core.deciding import Decided, OrderDecision
from paystate.core.derived import Status, juspay_status, status
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
    ValueInvalid,
)
from paystate.core.evidence import Answer, Evidence, NotFound, OrderAnswer, RefundAnswer, TxnAnswer
from paystate.core.explain import explain_order
from paystate.core.facts import Announce, Customer, Decision, Fact, Opened, Refused, Settlement
from paystate.core.fulfilment import is_paid
from paystate.core.hold import HoldKind, HoldOperation, HoldState
from paystate.core.holding import EndHoldCall, RequestCapture, RequestVoid, SendHoldCall
from paystate.core.ids import OrderKey, hold_id_for, refund_id_for
from paystate.core.money import Money
from paystate.core.order import Order, evolve, fold, order_at
from paystate.core.policy import CheckoutMode, Ladder, Policy
from paystate.core.reason import Reason, ReasonKind
from paystate.core.refund import LastCall, Refund
from paystate.core.refunding import EndRefundCall, RequestRefund, SendRefund
from paystate.core.review import open_reasons
from paystate.core.supposing import WhatIf, what_if
from paystate.core.table import Outcome, Rule
from paystate.core.timeline import TimelineEntry, order_timeline

__all__ = [
    "Amounts",
    "Announce",
    "Answer",
    "AnswerUnusable",
    "CheckoutMode",
    "Command",
    "ConcurrentUpdate",
    "Customer",
    "Decided",
    "Decision",
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
    "Rule",
    "SendHoldCall",
    "SendRefund",
    "Settle",
    "Settlement",
    "SignProcess",
    "SignatureInvalid",
    "Status",
    "StorageUnavailable",
    "TimelineEntry",
    "TxnAnswer",
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
