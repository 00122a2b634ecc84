"""What faults make happen to an order itself. Owns the acts of the seam `world`; the rules are the world's.

An act raises `CannotHappen` where the order is not in a state for it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from decimal import Decimal
from typing import Final

from paystate.entrypoints.sandbox.config import EVENTS
from paystate.entrypoints.sandbox.params import Params
from paystate.entrypoints.sandbox.records import Dispute, Order, Refund, Txn
from paystate.entrypoints.sandbox.statuses import FAILED, HELD
from paystate.entrypoints.sandbox.world import CannotHappen, World

Act = Callable[[World, Order, Params, datetime], None]

_OPEN: Final = ("PENDING", "MANUAL_REVIEW")
_REFUND_STATUSES: Final = (*_OPEN, "SUCCESS", "FAILURE")


def wait(*_: object) -> None:
    """Do nothing yet: the world asks for it when an attempt succeeds (`Faults.holds`)."""


def late_success(world: World, order: Order, params: Params, now: datetime) -> None:
    """A failed attempt is charged after all."""
    world.settle(order, _attempt(order, FAILED, "failed attempt", params["txn_id"]), True, now)


def second_charge(world: World, order: Order, _: Params, now: datetime) -> None:
    """A paid order is paid once more."""
    world.charge_again(order, now)


def auto_refund(world: World, order: Order, params: Params, now: datetime) -> None:
    """Juspay begins to give a charged attempt back; its refund ends as it is said."""
    ends = str(params["ends"])
    if ends not in _REFUND_STATUSES:
        raise CannotHappen(f"ends is one of {', '.join(_REFUND_STATUSES)}")
    world.refunds.give_back(order, _charged(order, params["txn_id"]), now, ends)


def auto_refund_failed(world: World, order: Order, _: Params, now: datetime) -> None:
    """Juspay begins to give a charged attempt back, and fails; the money stays."""
    world.refunds.give_back(order, _charged(order), now, "FAILURE")


def auto_refund_tried_again(world: World, order: Order, params: Params, now: datetime) -> None:
    """Juspay tries once more to give back what it could not, under another name."""
    failed = [one for one in order.refunds if one.initiated_by == "juspay" and one.status == "FAILURE"]
    txn = order.txn(failed[-1].txn_id) if failed else None
    if txn is None:
        raise CannotHappen("the order has no automatic refund that failed")
    world.refunds.give_back(order, txn, now, str(params["ends"]))


def priced(world: World, order: Order, params: Params, now: datetime) -> None:
    """The next attempts cost the shopper less by an offer, or more by a surcharge and its tax."""
    amounts = [Decimal(str(params[name]) or "0") for name in ("discount", "surcharge", "tax")]
    if min(amounts) < 0 or amounts[0] > order.amount:
        raise CannotHappen("discount, surcharge and tax are amounts, the first at most the order's")
    order.discount, order.surcharge, order.tax = amounts
    world.effect(order, "order_priced", now)


def eligible(world: World, order: Order, params: Params, now: datetime) -> None:
    """Juspay says that it would refund another amount than what is left."""
    order.eligible = Decimal(str(params["amount"]))
    world.effect(order, "order_eligible", now)


def amended(world: World, order: Order, params: Params, now: datetime) -> None:
    """Somebody changes the order's amount on the dashboard."""
    if order.txns:
        raise CannotHappen("the order has attempts")
    world.amend(order, Decimal(str(params["amount"])), {}, now)


def refund_renamed(world: World, order: Order, params: Params, now: datetime) -> None:
    """A refund of the merchant's is listed under another id from now on."""
    ours = [one for one in order.refunds if one.initiated_by == "API"]
    if not ours:
        raise CannotHappen("the order has no refund of the merchant's")
    ours[-1].unique_request_id = str(params["becomes"])
    world.effect(order, "refund_renamed", now)


def dispute(world: World, order: Order, params: Params, now: datetime) -> None:
    """The shopper's bank disputes the payment, or ends that."""
    stage = str(params["stage"])
    if f"CHARGEBACK_{stage}" not in EVENTS:
        raise CannotHappen("there is no such stage")
    amount = Decimal(str(params["amount"])) if params["amount"] else order.captured
    world.dispute(order, Dispute(str(params["dispute_id"]), stage, amount), now)


def split_payment(world: World, order: Order, params: Params, now: datetime) -> None:
    """The shopper pays in several legs at once, such as by gift card and UPI."""
    amounts = [Decimal(one) for one in str(params["amounts"]).split(",")]
    words = str(params["statuses"]).split(",")
    if sum(amounts, Decimal(0)) != order.amount or len(words) != len(amounts) or len(amounts) < 2:
        raise CannotHappen("amounts are two or more that make the order's, and statuses as many")
    world.pay_in_legs(order, [*zip(amounts, words, strict=True)], now)


def partial_charge(world: World, order: Order, params: Params, now: datetime) -> None:
    """A part of the held money is captured."""
    txn, part = _held(order), Decimal(params["amount"])
    if part >= txn.amount:
        raise CannotHappen("amount is less than what is held")
    world.end_hold(order, txn, "CHARGED", now, part)


def ending_hold(status: str) -> Act:
    """Return the act by which held money comes to `status`."""

    def act(world: World, order: Order, _: Params, now: datetime) -> None:
        world.end_hold(order, _held(order), status, now)

    return act


def changing_mandate(status: str, *possible: str) -> Act:
    """Return the act by which the order's mandate comes to `status`, from one of the possible ones."""

    def act(world: World, order: Order, _: Params, now: datetime) -> None:
        if order.mandate is None or order.mandate.status not in possible:
            raise CannotHappen(f"the order has no mandate that is {' or '.join(possible)}")
        world.mandates.become(order.mandate, order, status, now)

    return act


def ending_refund(status: str) -> Act:
    """Return the act by which an open refund comes to `status`."""

    def act(world: World, order: Order, params: Params, now: datetime) -> None:
        if not world.refunds.settle(order, _open_refund(order, params["unique_request_id"]), status, now):
            raise CannotHappen(f"the refund is {status} already")

    return act


def refund_pending(_: World, order: Order, params: Params, __: datetime) -> None:
    """An open refund stays as it is."""
    _open_refund(order, params["unique_request_id"]).stays_pending = True


def external_refund(world: World, order: Order, params: Params, now: datetime) -> None:
    """Somebody refunds on the dashboard."""
    request_id, status = str(params["unique_request_id"]), str(params["status"])
    amount = Decimal(params["amount"]) if params["amount"] else order.refundable
    _charged(order)
    if status not in _REFUND_STATUSES:
        raise CannotHappen(f"status is one of {', '.join(_REFUND_STATUSES)}")
    if order.refund(request_id) is not None:
        raise CannotHappen("the order has a refund of that id")
    if not 0 < amount <= order.refundable:
        raise CannotHappen("the amount is more than what can be given back")
    world.refunds.elsewhere(order, request_id, amount, status, now)


def _charged(order: Order, named: str = "") -> Txn:
    return _attempt(order, {"CHARGED"}, "charged attempt", named)


def _held(order: Order) -> Txn:
    return _attempt(order, HELD, "attempt that holds money")


def _attempt(order: Order, statuses: Collection[str], what: str, named: str = "") -> Txn:
    """Return the newest such attempt, or the named one."""
    fitting = [one for one in order.txns if one.status in statuses and named in ("", one.txn_id, one.txn_uuid)]
    if not fitting:
        raise CannotHappen(f"the order has no such {what}" if named else f"the order has no {what}")
    return fitting[-1]


def _open_refund(order: Order, named: str) -> Refund:
    fitting = [one for one in order.refunds if one.status in _OPEN and named in ("", one.unique_request_id)]
    if not fitting:
        raise CannotHappen("the order has no such open refund" if named else "the order has no open refund")
    return fitting[-1]
