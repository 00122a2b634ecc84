"""`/_control/orders/{id}/money` and `/legs`: what an order comes to, and how it is paid in parts (ours).

What these routes play is recorded (gateway contract, O.1 and O.3).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, cast

from litestar import Response, post

from paystate.entrypoints.sandbox.amounts import parsed_amount
from paystate.entrypoints.sandbox.control.bodies import truth
from paystate.entrypoints.sandbox.control.routes import AnyRequest, answered, order_named
from paystate.entrypoints.sandbox.faults.order_faults import REFUND_STATUSES
from paystate.entrypoints.sandbox.gateway.methods import MethodInvalid, chosen
from paystate.entrypoints.sandbox.gateway.records import Order, Price, Txn
from paystate.entrypoints.sandbox.gateway.rules import CannotHappen, World
from paystate.entrypoints.sandbox.gateway.statuses import FAILED, PENDING
from paystate.entrypoints.sandbox.parsing import Fields
from paystate.entrypoints.sandbox.sandbox import Sandbox

_FAILURE: Final = "Failure"
"""How some bodies spell that a leg failed (recorded, contract O.3)."""
_LEG_STATUSES: Final = frozenset({"CHARGED", "AUTO_REFUNDED", _FAILURE, *FAILED, *PENDING})
_NOTHING: Final = ("0", "0.00", 0)
_EVENTS: Final = {"CHARGED": "ORDER_SUCCEEDED", "PARTIAL_CHARGED": "ORDER_PARTIAL_CHARGED"}


@post("/_control/orders/{order_id:str}/money")
async def set_money(request: AnyRequest) -> Response[bytes]:
    """Set an order's offer, surcharge, tax, and what Juspay would refund."""
    return await answered(request, lambda sandbox, body: _set_money(order_named(sandbox, request), body))


@post("/_control/orders/{order_id:str}/legs")
async def pay_in_legs(request: AnyRequest) -> Response[bytes]:
    """Pay an order in parts."""
    return await answered(request, lambda sandbox, body: _pay_in_legs(sandbox, order_named(sandbox, request), body))


HANDLERS: Final = (set_money, pay_in_legs)


def _set_money(order: Order, body: Fields) -> dict[str, object]:
    """Set what is named. The price's terms are those of the next attempt, so none may be alive; `eligible` may change.

    Raises:
        CannotHappen: An attempt is alive, or nothing would be left to pay.
        ValueError: There is no such member, or it is no amount.
    """
    unknown = body.keys() - {"discount", "surcharge", "tax", "eligible"}
    if unknown or not body:
        raise ValueError("give discount, surcharge, tax or eligible")
    terms = {name: _sum(body, name) for name in ("discount", "surcharge", "tax") if name in body}
    if terms and any(one.status not in FAILED for one in order.txns):
        raise CannotHappen(f"the order is {order.status}")
    price = Price(
        **{"discount": order.price.discount, "surcharge": order.price.surcharge, "tax": order.price.tax, **terms}
    )
    if price.paid_for(order.amount) <= 0:
        raise CannotHappen("nothing is left to pay")
    order.price = price
    if "eligible" in body:
        order.eligible_at_first = _sum(body, "eligible")
    return truth(order)


def _sum(body: Fields, name: str) -> Decimal:
    if body[name] in _NOTHING:
        return Decimal(0)
    amount = parsed_amount(body[name])
    if amount is None:
        raise ValueError(f"{name} is an amount such as 1.00")
    return amount


def _pay_in_legs(sandbox: Sandbox, order: Order, body: Fields) -> dict[str, object]:
    """Make one attempt of several legs, each with its `amount`, `status`, `method`, and `refund` where it goes back.

    Raises:
        CannotHappen: The order takes no attempt, or the legs are not what it comes to.
        ValueError: A leg cannot be read.
    """
    world, now = sandbox.world, sandbox.clock.now()
    legs = [_Leg(one) for one in cast("list[Mapping[str, Any]]", body.get("legs") or [])]
    reason = world.why_not_payable(order, now)
    if reason is not None:
        raise CannotHappen(reason)
    if len(legs) < 2 or sum((one.amount for one in legs), Decimal(0)) != order.payable:
        raise CannotHappen("an order is paid in two legs or more, which come to what is to be paid")
    number = order.attempts_made + 1
    txns = [world.start_leg(order, number, leg, one.amount, one.method, now) for leg, one in enumerate(legs, 1)]
    for txn, leg in zip(txns, legs, strict=True):
        _end(world, order, txn, leg, now)
    if order.status in {*_EVENTS, *FAILED}:
        world.happenings.announce(_EVENTS.get(order.status, "ORDER_FAILED"), order, now)
    return truth(order)


class _Leg:
    """One leg as it is asked for; raises `ValueError` where it cannot be read."""

    def __init__(self, message: Mapping[str, Any]) -> None:
        amount, self.status = parsed_amount(message.get("amount")), str(message.get("status", "CHARGED"))
        if amount is None or self.status not in _LEG_STATUSES:
            raise ValueError(f"a leg has an amount, and as status one of {', '.join(sorted(_LEG_STATUSES))}")
        self.amount: Final = amount
        self.refund: Final = str(message.get("refund", "SUCCESS"))
        if self.refund not in REFUND_STATUSES:
            raise ValueError(f"refund is one of {', '.join(REFUND_STATUSES)}")
        kind, value = next(iter(dict(message.get("method") or {"upi": "success@upi"}).items()))
        try:
            self.method: Final = chosen(str(kind), str(value)).method
        except MethodInvalid as exc:
            raise ValueError(str(exc)) from exc


def _end(world: World, order: Order, txn: Txn, leg: _Leg, now: datetime) -> None:
    if leg.status == "AUTO_REFUNDED":
        world.leg_ended(order, txn, "CHARGED", now)
        world.refunding.give_back(order, txn, now, leg.refund)
    elif leg.status == _FAILURE:
        txn.spelt = leg.status
        world.leg_ended(order, txn, "AUTHORIZATION_FAILED", now)
    else:
        world.leg_ended(order, txn, leg.status, now)
