"""The hosted payment page itself: how the shopper pays, and what comes of it (documented as existing, contract B.2).

Plain HTML forms, which work without a script. A form names the attempt that it would be, so that sent twice, by a
double click or after the back button, it changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, Literal

from litestar import get, post

from paystate.entrypoints.sandbox.amounts import for_shoppers
from paystate.entrypoints.sandbox.gateway.instalments import EmiPlan, plans
from paystate.entrypoints.sandbox.gateway.methods import BANKS, MAGIC_CARDS, MAGIC_VPAS, WALLETS
from paystate.entrypoints.sandbox.gateway.offers import Offer, eligible
from paystate.entrypoints.sandbox.gateway.records import Order, Txn
from paystate.entrypoints.sandbox.gateway.rules import NotPayable
from paystate.entrypoints.sandbox.gateway.saved_methods import Card
from paystate.entrypoints.sandbox.gateway.statuses import FAILED
from paystate.entrypoints.sandbox.page.ending import finished
from paystate.entrypoints.sandbox.page.forms import FormInvalid, offer_named, read, text
from paystate.entrypoints.sandbox.page.rendering import (
    AnyRequest,
    Page,
    facts_of,
    method_text,
    missing,
    order_of,
    page,
    path_of,
    price_with,
    see,
)
from paystate.entrypoints.sandbox.parsing import BodyInvalid, Fields, read_fields
from paystate.entrypoints.sandbox.sandbox import Sandbox, sandbox_of

_SHOWN_AGAIN: Final = ("kind", "upi", "nb", "wallet", "plan", "expiry", "name", "emi-expiry", "offer")
"""What a form that was not right is shown with again: nothing secret of a card."""

_NUMBER: Final = re.compile(r"[1-9][0-9]{0,2}", re.ASCII)

Stage = Literal["app", "bank", "ended", "none"]


@get(
    [
        "/payment-page/order/{juspay_id:str}",
        "/orders/{juspay_id:str}/payment-page",
        "/merchant/pay/{juspay_id:str}",
        "/merchant/ipay/{juspay_id:str}",
    ]
)
async def show_choice(request: AnyRequest) -> Page:
    """Show the ways to pay (forms of the link: recorded, contract B.2)."""
    sandbox = sandbox_of(request)
    sandbox.catch_up()
    order = order_of(sandbox, request)
    if order is None:
        return missing()
    if sandbox.sdk.waits_for_the_app(order):
        return see(_attempt_path(order, order.attempts_made + 1))
    return _choice_page(sandbox, order, {"offer": request.query_params.get("offer", "")})


@post("/payment-page/order/{juspay_id:str}/pay")
async def pay(request: AnyRequest) -> Page:
    """Start an attempt with the chosen way, and go on to the bank."""
    sandbox = sandbox_of(request)
    now = sandbox.catch_up()
    order = order_of(sandbox, request)
    if order is None:
        return missing()
    form: Fields = {}
    try:
        form = await read_fields(request)
        number = order.attempts_made + 1
        named = _attempt_named(form, number)
        if named != number or sandbox.sdk.waits_for_the_app(order):
            return see(_attempt_path(order, named))
        wanted = read(form, order, _kept_cards(sandbox, order), now)
        if sandbox.sdk.asks_the_app(order, wanted.choice):
            return see(_attempt_path(order, number))
        txn = sandbox.world.confirm(order, wanted.choice, now)
    except FormInvalid as exc:
        return _choice_page(sandbox, order, form, problems=exc.problems, status=400)
    except (NotPayable, BodyInvalid) as exc:
        return _choice_page(sandbox, order, form, problems={"kind": str(exc)}, status=400)
    sandbox.saved.keep_if_asked(order, txn, wanted.number)
    sandbox.sdk.page_started(order, txn)
    return _at_attempt(sandbox, order, txn)


@post("/payment-page/order/{juspay_id:str}/cancel")
async def cancel(request: AnyRequest) -> Page:
    """Leave before paying: back to the merchant, the order unchanged."""
    sandbox = sandbox_of(request)
    sandbox.catch_up()
    order = order_of(sandbox, request)
    return missing() if order is None else finished(sandbox, order, None, left=True)


@get("/payment-page/order/{juspay_id:str}/attempt/{number:int}")
async def show_attempt(request: AnyRequest) -> Page:
    """Go where an attempt stands now: at the app, at the bank, at its end."""
    sandbox = sandbox_of(request)
    sandbox.catch_up()
    order, number = order_of(sandbox, request), int(request.path_params["number"])
    if order is None:
        return missing()
    txn = _attempt(order, number)
    if txn is not None:
        return _at_attempt(sandbox, order, txn)
    if sandbox.sdk.waits_for_the_app(order):
        return page("waiting.html", order=facts_of(sandbox, order), watch=_attempt_path(order, number))
    return see(path_of(order))


@get("/payment-page/order/{juspay_id:str}/attempt/{number:int}/stage")
async def show_stage(request: AnyRequest) -> dict[str, str]:
    """Tell a page's script where an attempt stands, so that the page goes on by itself."""
    sandbox = sandbox_of(request)
    sandbox.catch_up()
    order, number = order_of(sandbox, request), int(request.path_params["number"])
    return {"stage": "none" if order is None else _stage(sandbox, order, _attempt(order, number))}


HANDLERS: Final = (show_choice, pay, cancel, show_attempt, show_stage)


def _stage(sandbox: Sandbox, order: Order, txn: Txn | None) -> Stage:
    if txn is not None:
        return "bank" if sandbox.world.at_bank(txn) else "ended"
    return "app" if sandbox.sdk.waits_for_the_app(order) else "none"


def _attempt(order: Order, number: int) -> Txn | None:
    return next((one for one in order.txns if one.number == number), None)


def _attempt_named(form: Fields, number: int) -> int:
    """Return which attempt the form would be; the next one where it says nothing, as a script's may."""
    given = text(form, "attempt")
    return int(given) if _NUMBER.fullmatch(given) else number


def _attempt_path(order: Order, number: int) -> str:
    return f"{path_of(order)}/attempt/{number}"


def _at_attempt(sandbox: Sandbox, order: Order, txn: Txn) -> Page:
    if sandbox.world.at_bank(txn):
        return see(f"{path_of(order)}/bank/{txn.txn_uuid}")
    return finished(sandbox, order, txn, left=False)


def _kept_cards(sandbox: Sandbox, order: Order) -> list[Card]:
    customer_id = order.fields.get("customer_id", "")
    return sandbox.saved.cards(order.merchant_id, customer_id) if customer_id else []


def _choice_page(
    sandbox: Sandbox, order: Order, form: Fields, *, problems: Mapping[str, str] | None = None, status: int = 200
) -> Page:
    values = {name: text(form, name) for name in _SHOWN_AGAIN}
    offer = offer_named(order, values["offer"])
    cards = _kept_cards(sandbox, order)
    values["kind"] = values["kind"] or (f"saved-{cards[0].token}" if cards else "upi")
    newest = order.txns[-1] if order.txns else None
    closed = sandbox.world.why_not_payable(order, sandbox.clock.now())
    return page(
        "choose.html",
        status,
        order=facts_of(sandbox, order, None if closed else price_with(offer, order)),
        attempt=order.attempts_made + 1,
        values=values,
        problems=problems or {},
        closed=closed,
        open_attempt=_attempt_path(order, newest.number) if newest and sandbox.world.at_bank(newest) else "",
        failed=f"{method_text(newest.method)}: {newest.error_message}" if newest and newest.status in FAILED else "",
        offers=[_offer_told(order, one, offer) for one in eligible(order.amount, "")],
        cards=cards,
        banks=BANKS,
        wallets=WALLETS,
        plans=_plans_told(order),
        vpas=MAGIC_VPAS,
        test_cards=MAGIC_CARDS,
    )


def _offer_told(order: Order, offer: Offer, taken: Offer | None) -> dict[str, object]:
    worth = for_shoppers(offer.benefit(order.amount), order.currency)
    what = f"{worth} off" if offer.kind == "DISCOUNT" else f"{worth} back, some days later"
    return {"code": offer.code, "title": offer.title, "worth": what, "is_taken": offer is taken}


def _plans_told(order: Order) -> list[tuple[str, str]]:
    """Return the plans that are paid by card, each with its value and its text."""
    by_card = [one for one in plans(order.amount) if one.bank.paid != "CARDLESS"]
    return [(f"{one.bank.code}:{one.tenure}", _plan_text(one, order.currency)) for one in by_card]


def _plan_text(plan: EmiPlan, currency: str) -> str:
    card = f"{plan.bank.name} {plan.bank.paid.lower()} card"
    return f"{plan.tenure} months of {for_shoppers(plan.monthly, currency)}, {card}, {plan.rate.normalize():f} % a year"
