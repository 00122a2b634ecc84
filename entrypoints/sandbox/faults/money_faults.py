"""Acts of the seam `world` on an order's money as Juspay reports it (gateway contract, O).

They are Juspay's own refunds, second charges, chargebacks, word to the shopper, and what somebody does on the
dashboard. An act raises `CannotHappen` if the order is not in a state for it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Final

from paystate.entrypoints.sandbox.errors import Refusal
from paystate.entrypoints.sandbox.faults.order_faults import attempt_of, open_refund
from paystate.entrypoints.sandbox.faults.params import Params
from paystate.entrypoints.sandbox.gateway.records import Chargeback, Notification, Order, Txn
from paystate.entrypoints.sandbox.gateway.rules import CannotHappen, World

CHARGEBACKS: Final = (
    "RECEIVED",
    "EVIDENCE_REQUIRED",
    "UNDER_REVIEW",
    "RESOLVED_IN_MERCHANT_FAVOUR",
    "RESOLVED_IN_CUSTOMER_FAVOUR",
    "ALREADY_REFUNDED",
    "CANCELED",
    "EXPIRED",
)
"""How a chargeback may stand: `CHARGEBACK_` and this is the event (recorded, contract I.3)."""


def second_charge(world: World, order: Order, params: Params, now: datetime) -> None:
    """A paid order is paid once more; Juspay gives that back, or does not."""
    status = str(params["auto_refund"])
    txn = world.charge_again(order, now)
    if status:
        world.refunding.give_back(order, txn, now, status)


def auto_refund(world: World, order: Order, params: Params, now: datetime) -> None:
    """Juspay gives an attempt back: begins to, ends what it began, or tries again what failed."""
    status = str(params["status"])
    world.refunding.give_back(order, _to_give_back(order, str(params["txn_id"])), now, status)


def auto_refund_failed(world: World, order: Order, params: Params, now: datetime) -> None:
    """Juspay gives an attempt back, in vain."""
    world.refunding.give_back(order, _to_give_back(order, str(params["txn_id"])), now, "FAILURE")


def partial_void(world: World, order: Order, _: Params, now: datetime) -> None:
    """What a partial capture left is released."""
    txn = next((one for one in order.txns if one.still_held), None)
    if txn is None:
        raise CannotHappen("the order has no attempt of which a part is held")
    world.end_rest(order, txn, "PARTIAL_VOID", now)


def amount_changed(world: World, order: Order, params: Params, now: datetime) -> None:
    """Somebody changes the order's amount on the dashboard, while nobody has paid."""
    try:
        world.amend(order, Decimal(params["amount"]), {}, now)
    except Refusal as exc:
        raise CannotHappen(f"the order is {order.status}") from exc


def refund_renamed(world: World, order: Order, params: Params, now: datetime) -> None:
    """A refund of the merchant's is listed under another id, and its own is not known."""
    listed_as = str(params["listed_as"])
    if order.refund(listed_as) is not None:
        raise CannotHappen("the order has a refund of that id")
    refund = open_refund(order, str(params["unique_request_id"]))
    refund.unique_request_id = listed_as
    order.last_updated = now
    world.happenings.effect(order, "refund_renamed", now, unique_request_id=listed_as, status=refund.status)


def chargeback(world: World, order: Order, params: Params, now: datetime) -> None:
    """A bank wants a payment back, or that is decided."""
    status = str(params["status"])
    txn = attempt_of(order, {"CHARGED", "AUTO_REFUNDED"}, "charged attempt", str(params["txn_id"]))
    amount = Decimal(params["amount"]) if params["amount"] else txn.taken
    claim = Chargeback(str(params["chargeback_id"]), txn.txn_id, amount, status)
    world.happenings.announce(f"CHARGEBACK_{status}", order, now, claim)


def notifying(*, succeeded: bool) -> Callable[[World, Order, Params, datetime], None]:
    """Return the act by which the shopper is told of a coming charge by the order's mandate, or could not be."""

    def act(world: World, order: Order, params: Params, now: datetime) -> None:
        if order.mandate is None:
            raise CannotHappen("the order has no mandate")
        number = str(int(now.timestamp()))
        word = Notification(number, order.mandate.mandate_id, Decimal(params["amount"]), succeeded, now)
        world.happenings.announce(f"NOTIFICATION_{'SUCCEEDED' if succeeded else 'FAILED'}", order, now, word)

    return act


def _to_give_back(order: Order, named: str) -> Txn:
    """Return what Juspay gives back: something that it began with, or else a charged attempt, the newest."""
    begun = [one.txn_id for one in order.refunds if one.initiated_by == "juspay" and one.status in _OPEN]
    fitting = [one for one in order.txns if one.txn_id in begun and named in ("", one.txn_id, one.txn_uuid)]
    if fitting:
        return fitting[-1]
    failed = {"CHARGED"} if any(one.status == "CHARGED" for one in order.txns) and not named else _GIVABLE
    txn = attempt_of(order, failed, "charged attempt", named)
    if order.not_back_of(txn) <= 0:
        raise CannotHappen("nothing of the attempt is left to give back")
    return txn


_OPEN: Final = ("PENDING", "MANUAL_REVIEW")
_GIVABLE: Final = frozenset({"CHARGED", "AUTO_REFUNDED"})
