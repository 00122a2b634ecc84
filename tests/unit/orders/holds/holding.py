"""Short ways to say what happens to held money. Owns words, no expectations."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from attrs import evolve
from unit.builders import MERCHANT, after, new_order, rupees, told

from paystate.core.evidence import Evidence, OrderAnswer, TxnAnswer
from paystate.core.ids import hold_id_for
from paystate.core.orders.commands.hold_commands import EndHoldCall, RequestCapture, RequestVoid, SendHoldCall
from paystate.core.orders.held_money import state_of
from paystate.core.orders.hold import HoldOperation, HoldState
from paystate.core.orders.order import Order
from paystate.core.orders.refund import LastCall

UUID = "mozUuid1"


def says(
    word: str,
    asked: int,
    *,
    captured: str | None = None,
    paid: str | None = None,
    dated: datetime | None = None,
    txn_status: str | None = None,
    uuid: str = UUID,
) -> Evidence:
    """An answer about a hold, with Juspay's name for it."""
    evidence = told(word, asked, txn_status=txn_status, captured=captured, dated=dated)
    body = evidence.answer.body
    assert isinstance(body, OrderAnswer)
    assert isinstance(body.txn, TxnAnswer)
    told_paid = Decimal(paid) if paid else None
    body = evolve(body, txn=evolve(body.txn, txn_uuid=uuid), paid=told_paid)
    return evolve(evidence, answer=evolve(evidence.answer, body=body))


def hold_id(key: str = "c1") -> str:
    return hold_id_for(MERCHANT, key)


def capture(minor: int | None = None, key: str = "c1") -> RequestCapture:
    return RequestCapture(key=key, hold_id=hold_id(key), amount=None if minor is None else rupees(minor))


def void(key: str = "c1") -> RequestVoid:
    return RequestVoid(key=key, hold_id=hold_id(key))


def send(key: str = "c1") -> SendHoldCall:
    return SendHoldCall(hold_id(key))


def ended(order: Order, last_call: LastCall, refusal: str = "", key: str = "c1") -> EndHoldCall:
    sent = order.holds[hold_id(key)].sent_version
    return EndHoldCall(hold_id=hold_id(key), sent_version=sent, last_call=last_call, refusal=refusal)


def held(word: str = "AUTHORIZED", **more: Any) -> Order:
    return after(new_order(), says(word, 1, **more))


def hears(order: Order, word: str, **more: Any) -> Order:
    """An answer that can know of all that was done."""
    return after(order, says(word, order.version, **more))


def the(order: Order, key: str = "c1") -> HoldOperation:
    return order.holds[hold_id(key)]


def state(order: Order, key: str = "c1") -> HoldState:
    return state_of(order, the(order, key))


def sent(minor: int | None = None) -> Order:
    return after(held(), capture(minor), send())


def unanswered(minor: int | None = None) -> Order:
    order = sent(minor)
    return after(order, ended(order, LastCall.UNKNOWN))
