"""The "bank says" panel (ours): what no shopper can do, for whoever tries a shop out and wants to see what comes of it.

It stands beside the payment page, and whoever knows that page's address may use it: its orders are made up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Final

from litestar import get, post

from paystate.entrypoints.sandbox.amounts import for_shoppers, parsed_amount
from paystate.entrypoints.sandbox.gateway.methods import Plan
from paystate.entrypoints.sandbox.gateway.records import Order, Price, Txn
from paystate.entrypoints.sandbox.gateway.rules import CannotHappen, World
from paystate.entrypoints.sandbox.gateway.statuses import FAILED, PENDING
from paystate.entrypoints.sandbox.page.rendering import (
    AnyRequest,
    Page,
    facts_of,
    form_of,
    method_text,
    missing,
    order_of,
    page,
)
from paystate.entrypoints.sandbox.sandbox import Sandbox, sandbox_of

TAX: Final = Decimal("0.18")
"""What the panel puts on a surcharge (ours)."""


@dataclass(frozen=True, slots=True)
class Saying:
    """One thing that the bank can say now: its name in the form, its label, what it does."""

    name: str
    label: str
    act: Callable[[datetime], object]


@get("/payment-page/order/{juspay_id:str}/bank-says")
async def show_panel(request: AnyRequest) -> Page:
    """Show how the order stands, and what the bank can say now."""
    sandbox = sandbox_of(request)
    sandbox.catch_up()
    order = order_of(sandbox, request)
    return missing() if order is None else _panel(sandbox, order)


@post("/payment-page/order/{juspay_id:str}/bank-says")
async def say(request: AnyRequest) -> Page:
    """Let the bank say it; what it cannot say now changes nothing."""
    sandbox, form = sandbox_of(request), await form_of(request)
    now = sandbox.catch_up()
    order = order_of(sandbox, request)
    if order is None:
        return missing()
    try:
        if "surcharge" in form:
            _put_on(order, str(form["surcharge"]))
            done = "The next payment comes to what stands above."
        else:
            named = str(form.get("says"))
            wanted = next((one for one in _sayings(sandbox, order) if one.name == named), None)
            if wanted is None:
                raise CannotHappen("The bank cannot say that now.")
            wanted.act(now)
            done = f"The bank has said: {wanted.label}."
    except CannotHappen as exc:
        return _panel(sandbox, order, problem=str(exc), status=400)
    return _panel(sandbox, order, done=done)


HANDLERS: Final = (show_panel, say)


def _panel(sandbox: Sandbox, order: Order, *, done: str = "", problem: str = "", status: int = 200) -> Page:
    shown = partial(for_shoppers, currency=order.currency)
    return page(
        "panel.html",
        status,
        order=facts_of(sandbox, order),
        done=done,
        problem=problem,
        sayings=list(_sayings(sandbox, order)),
        may_put_on=_is_unpaid(order),
        surcharge="" if not order.price.surcharge else format(order.price.surcharge, "f"),
        attempts=[(method_text(one.method), shown(one.amount), one.order_status) for one in order.txns],
        refunds=[(one.unique_request_id, shown(one.amount), one.status) for one in order.refunds],
    )


def _is_unpaid(order: Order) -> bool:
    return all(one.status in FAILED for one in order.txns)


def _put_on(order: Order, given: str) -> None:
    """Let the next payment cost more, as a payment by some cards does (recorded, contract O.1).

    Raises:
        CannotHappen: What is given is not an amount, or a payment is under way.
    """
    amount = Decimal(0) if given.strip() in {"", "0", "0.00"} else parsed_amount(given.strip())
    if amount is None:
        raise CannotHappen("Write an amount such as 7.50, or nothing.")
    if not _is_unpaid(order):
        raise CannotHappen("A payment is under way, or was made.")
    order.price = Price(order.price.discount, amount, (amount * TAX).quantize(Decimal("0.01")))


def _sayings(sandbox: Sandbox, order: Order) -> Iterator[Saying]:
    """Yield what the bank can say of the newest attempt, and of an order that is paid."""
    if not order.txns:
        return
    txn, world = order.txns[-1], sandbox.world
    if world.at_bank(txn):
        yield from _of_one_at_the_bank(world, order, txn)
    elif txn.status in PENDING:
        yield Saying("success", "It went through", lambda now: world.settle(order, txn, True, now))
        yield Saying("failure", "It failed", lambda now: world.settle(order, txn, False, now))
    elif txn.status in FAILED:
        late = _happens(sandbox, order, "late_success")
        yield Saying("late_success", "It went through after all: a late success", late)
    if any(one.status == "CHARGED" for one in order.txns):
        happens = partial(_happens, sandbox, order, "second_charge")
        yield Saying("second", "The shopper was charged a second time", happens())
        yield Saying("second_back", "Charged a second time, and that is refunded", happens(auto_refund="SUCCESS"))
        yield Saying("second_stuck", "Charged a second time, and its refund fails", happens(auto_refund="FAILURE"))
        failing = _happens(sandbox, order, "auto_refund_failed")
        yield Saying("refund_fails", "The payment is refunded automatically, and that fails", failing)


def _of_one_at_the_bank(world: World, order: Order, txn: Txn) -> Iterator[Saying]:
    for plan, label in (
        (Plan.CHARGE, "It went through"),
        (Plan.REFUSE, "It failed"),
        (Plan.PENDING_CHARGE, "Not known yet; it goes through a minute later"),
        (Plan.PENDING_REFUSE, "Not known yet; it fails a minute later"),
        (Plan.STUCK, "Not known for days: until you say it here"),
        (Plan.LATE_CHARGE, "It failed; yet it goes through a minute later"),
    ):
        yield Saying(plan.value, label, partial(_approve_as, world, order, txn, plan))


def _approve_as(world: World, order: Order, txn: Txn, plan: Plan, now: datetime) -> None:
    txn.plan = plan
    world.approve(order, txn, now)


def _happens(sandbox: Sandbox, order: Order, fault: str, **params: str) -> Callable[[datetime], None]:
    """Return the act of a fault of the table, as if it were armed for this order."""

    def act(_: datetime) -> None:
        whose = {"merchant_id": order.merchant_id, "order_id": order.order_id}
        armed = sandbox.faults.arm(fault, **whose, route=None, calls=1, params=params)
        sandbox.let_happen(armed, order)

    return act
