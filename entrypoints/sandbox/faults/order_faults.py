"""Acts of the seam `world` on an order itself. The rules are those of `gateway/rules.py`.

An act raises `CannotHappen` if the order is not in a state for it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from decimal import Decimal
from typing import Final

from paystate.entrypoints.sandbox.faults.params import Params
from paystate.entrypoints.sandbox.gateway.records import Order, Refund, Txn
from paystate.entrypoints.sandbox.gateway.rules import CannotHappen, World
from paystate.entrypoints.sandbox.gateway.statuses import FAILED, HELD

Act = Callable[[World, Order, Params, datetime], None]

_OPEN: Final = ("PENDING", "MANUAL_REVIEW")
REFUND_STATUSES: Final = (*_OPEN, "SUCCESS", "FAILURE")


def wait(*_: object) -> None:
    """Do nothing yet: the world asks for it when an attempt succeeds (`Faults.holds`)."""


def late_success(world: World, order: Order, params: Params, now: datetime) -> None:
    """A failed attempt is charged after all."""
    world.settle(order, attempt_of(order, FAILED, "failed attempt", params["txn_id"]), True, now)


def partial_charge(world: World, order: Order, params: Params, now: datetime) -> None:
    """A part of the held money is captured."""
    part, begun = Decimal(params["amount"]), next((one for one in order.txns if one.still_held), None)
    txn = begun or _held(order)
    if part >= (txn.still_held or txn.amount):
        raise CannotHappen("amount is less than what is held")
    if begun is None:
        world.end_hold(order, txn, "CHARGED", now, part)
    else:
        world.end_rest(order, txn, "PARTIAL_CAPTURE", now, part)


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
        if not world.refunding.settle(order, open_refund(order, params["unique_request_id"]), status, now):
            raise CannotHappen(f"the refund is {status} already")

    return act


def refund_pending(_: World, order: Order, params: Params, __: datetime) -> None:
    """An open refund stays as it is."""
    open_refund(order, params["unique_request_id"]).stays_pending = True


def external_refund(world: World, order: Order, params: Params, now: datetime) -> None:
    """Somebody refunds on the dashboard."""
    request_id, status = str(params["unique_request_id"]), str(params["status"])
    amount = Decimal(params["amount"]) if params["amount"] else order.refundable
    _charged(order)
    if order.refund(request_id) is not None:
        raise CannotHappen("the order has a refund of that id")
    if not 0 < amount <= order.refundable:
        raise CannotHappen("the amount is more than what can be given back")
    world.refunding.elsewhere(order, request_id, amount, status, now)


def _charged(order: Order, named: str = "") -> Txn:
    return attempt_of(order, {"CHARGED"}, "charged attempt", named)


def _held(order: Order) -> Txn:
    return attempt_of(order, HELD, "attempt that holds money")


def attempt_of(order: Order, statuses: Collection[str], what: str, named: str = "") -> Txn:
    """Return the newest such attempt, or the named one."""
    fitting = [one for one in order.txns if one.status in statuses and named in ("", one.txn_id, one.txn_uuid)]
    if not fitting:
        raise CannotHappen(f"the order has no such {what}" if named else f"the order has no {what}")
    return fitting[-1]


def open_refund(order: Order, named: str) -> Refund:
    fitting = [one for one in order.refunds if one.status in _OPEN and named in ("", one.unique_request_id)]
    if not fitting:
        raise CannotHappen("the order has no such open refund" if named else "the order has no open refund")
    return fitting[-1]
