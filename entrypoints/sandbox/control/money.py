"""What an order comes to, and how it is paid in parts (ours).

What these calls play is recorded (gateway contract, O.1 and O.3).
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from paystate.entrypoints.sandbox.control.bodies import truth
from paystate.entrypoints.sandbox.control.calls import OF_MERCHANT, Control, Told
from paystate.entrypoints.sandbox.control.request_bodies import (
    Leg,
    PayInLegs,
    SetMoney,
    amount_of,
    misfitting,
)
from paystate.entrypoints.sandbox.gateway.methods import Method, MethodInvalid, chosen
from paystate.entrypoints.sandbox.gateway.records import Order, Price, Txn
from paystate.entrypoints.sandbox.gateway.rules import CannotHappen, World
from paystate.entrypoints.sandbox.gateway.statuses import FAILED
from paystate.entrypoints.sandbox.parsing import Misfit

_FAILURE: Final = "Failure"
"""How some bodies spell that a leg failed (recorded, contract O.3)."""
_NOTHING: Final = ("0", "0.00")
_EVENTS: Final = {"CHARGED": "ORDER_SUCCEEDED", "PARTIAL_CHARGED": "ORDER_PARTIAL_CHARGED"}


def set_money(told: Told[SetMoney]) -> dict[str, object]:
    """Set what is named. The price's terms are those of the next attempt, so none may be alive; `eligible` may change.

    Raises:
        CannotHappen: An attempt is alive, or nothing would be left to pay.
        Refused: A member is no amount, or none is named.
    """
    order, body = told.order, told.body
    given = {name: text for name in body.__struct_fields__ if (text := getattr(body, name)) is not None}
    if not given:
        message = f"give {', '.join(body.__struct_fields__)}"
        raise misfitting(Misfit("missing_member", "discount", message, body.__struct_fields__))
    sums = {name: Decimal(0) if text in _NOTHING else amount_of(text, name) for name, text in given.items()}
    eligible = sums.pop("eligible", None)
    if sums and any(one.status not in FAILED for one in order.txns):
        raise CannotHappen(f"the order is {order.status}")
    price = Price(
        **{"discount": order.price.discount, "surcharge": order.price.surcharge, "tax": order.price.tax, **sums}
    )
    if price.paid_for(order.amount) <= 0:
        raise CannotHappen("nothing is left to pay")
    order.price = price
    if eligible is not None:
        order.eligible_at_first = eligible
    return truth(order)


def pay_in_legs(told: Told[PayInLegs]) -> dict[str, object]:
    """Make one attempt of several legs.

    Raises:
        CannotHappen: The order takes no attempt, or the legs are not what it comes to.
        Refused: A leg's amount or method is none.
    """
    world, now, order, legs = told.sandbox.world, told.sandbox.clock.now(), told.order, told.body.legs
    ways = [(amount_of(one.amount, f"legs[{place}].amount"), _method(one, place)) for place, one in enumerate(legs)]
    reason = world.why_not_payable(order, now)
    if reason is not None:
        raise CannotHappen(reason)
    if len(legs) < 2 or sum((amount for amount, _ in ways), Decimal(0)) != order.payable:
        raise CannotHappen("an order is paid in two legs or more, which come to what is to be paid")
    number = order.attempts_made + 1
    txns = [world.start_leg(order, number, leg, amount, method, now) for leg, (amount, method) in enumerate(ways, 1)]
    for txn, leg in zip(txns, legs, strict=True):
        _end(world, order, txn, leg, now)
    if order.status in {*_EVENTS, *FAILED}:
        world.happenings.announce(_EVENTS.get(order.status, "ORDER_FAILED"), order, now)
    return truth(order)


ROUTES: Final[tuple[Control[Any], ...]] = (
    Control(
        "POST", "/orders/{order_id:str}/money",
        "Sets an order's offer, surcharge and tax for the next attempt, and what Juspay would refund.", SetMoney,
        set_money, OF_MERCHANT,
    ),
    Control("POST", "/orders/{order_id:str}/legs", "Pays an order in parts.", PayInLegs, pay_in_legs, OF_MERCHANT),
)  # fmt: skip


def _method(leg: Leg, place: int) -> Method:
    kind, value = next(iter(leg.method.items()), ("upi", "success@upi"))
    try:
        return chosen(kind, value).method
    except MethodInvalid as exc:
        raise misfitting(Misfit("invalid_member", f"legs[{place}].method", str(exc))) from exc


def _end(world: World, order: Order, txn: Txn, leg: Leg, now: datetime) -> None:
    if leg.status == "AUTO_REFUNDED":
        world.leg_ended(order, txn, "CHARGED", now)
        world.refunding.give_back(order, txn, now, leg.refund)
    elif leg.status == _FAILURE:
        txn.spelt = leg.status
        world.leg_ended(order, txn, "AUTHORIZATION_FAILED", now)
    else:
        world.leg_ended(order, txn, leg.status, now)
