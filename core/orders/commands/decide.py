"""`decide`: one input, taken or refused.

Every command has its records and its checks in a file of its own subject; what an answer of Juspay's changes is
`answers`. A command that nobody handles is a type error here. Every refusal names the rule it comes from.
"""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from paystate.core.evidence import Evidence
from paystate.core.orders.answers import take_evidence
from paystate.core.orders.commands.forget_commands import ForgetCustomer, forget_customer
from paystate.core.orders.commands.hold_commands import (
    EndHoldCall,
    RequestCapture,
    RequestVoid,
    SendHoldCall,
    end_hold_call,
    request_capture,
    request_void,
    send_hold_call,
)
from paystate.core.orders.commands.open_commands import OpenOrder, SignProcess, open_order, sign_process
from paystate.core.orders.commands.price_commands import AmendOrder, EndPriceChange, amend_order, end_price_change
from paystate.core.orders.commands.refund_commands import (
    EndRefundCall,
    RequestRefund,
    SendRefund,
    end_refund_call,
    request_refund,
    send_refund,
)
from paystate.core.orders.commands.sale_commands import (
    CancelOrder,
    DoubtRecord,
    RecordCash,
    cancel_order,
    doubt_record,
    record_cash,
)
from paystate.core.orders.commands.settle_commands import Settle, settle
from paystate.core.orders.commands.webhook_claims import NoteWebhook, note_webhook
from paystate.core.orders.decision import DecisionResult
from paystate.core.orders.order import Order
from paystate.core.policy import Policy

OrderCommand = (
    SignProcess
    | RequestRefund
    | SendRefund
    | EndRefundCall
    | RequestCapture
    | RequestVoid
    | SendHoldCall
    | EndHoldCall
    | Settle
    | NoteWebhook
    | RecordCash
    | CancelOrder
    | AmendOrder
    | EndPriceChange
    | DoubtRecord
    | ForgetCustomer
)
Command = OpenOrder | OrderCommand


def decide(order: Order | None, what: Command | Evidence, policy: Policy, now: datetime) -> DecisionResult:
    """Decide one input; pure, so it may be run again on a newer record.

    Raises:
        LookupError: Anything but `OpenOrder` for an order that is not there, or a refund that the order does not have.
    """
    if isinstance(what, OpenOrder):
        return open_order(order, what, policy, now)
    if order is None:
        raise LookupError("no such order")
    return _decide(order, what, policy, now)


def _decide(order: Order, what: OrderCommand | Evidence, policy: Policy, now: datetime) -> DecisionResult:
    match what:
        case Evidence():
            return take_evidence(order, what, policy, now)
        case SignProcess():
            return sign_process(order, what, policy, now)
        case RequestRefund():
            return request_refund(order, what, policy, now)
        case SendRefund():
            return send_refund(order, what, policy, now)
        case EndRefundCall():
            return end_refund_call(order, what, policy, now)
        case RequestCapture():
            return request_capture(order, what, policy, now)
        case RequestVoid():
            return request_void(order, what, policy, now)
        case SendHoldCall():
            return send_hold_call(order, what, policy, now)
        case EndHoldCall():
            return end_hold_call(order, what, policy, now)
        case Settle():
            return settle(order, what, policy, now)
        case NoteWebhook():
            return note_webhook(order, what, policy, now)
        case RecordCash():
            return record_cash(order, what, policy, now)
        case CancelOrder():
            return cancel_order(order, what, policy, now)
        case AmendOrder():
            return amend_order(order, what, policy, now)
        case EndPriceChange():
            return end_price_change(order, what, policy, now)
        case DoubtRecord():
            return doubt_record(order, what, policy, now)
        case ForgetCustomer():
            return forget_customer(order, what, policy, now)
        case _:
            assert_never(what)
