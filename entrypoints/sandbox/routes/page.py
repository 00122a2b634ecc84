"""The hosted payment page and the bank page behind it (documented as existing; its looks and steps are ours).

Plain HTML forms, no script. The shopper chooses, pays, answers the bank and goes back to the merchant.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Request, Response, get, post
from litestar.response import Redirect

from paystate.entrypoints.sandbox.amounts import plain_text
from paystate.entrypoints.sandbox.gateway.methods import BANKS, MAGIC_CARDS, MAGIC_VPAS, MethodInvalid, chosen
from paystate.entrypoints.sandbox.gateway.records import Order, Txn
from paystate.entrypoints.sandbox.gateway.rules import NotPayable
from paystate.entrypoints.sandbox.gateway.statuses import FAILED, PENDING
from paystate.entrypoints.sandbox.parsing import BodyInvalid, read_fields
from paystate.entrypoints.sandbox.sandbox import Sandbox, sandbox_of
from paystate.entrypoints.sandbox.sdk.return_url import way_back

AnyRequest = Request[Any, Any, Any]
Page = Response[Any]

_FOLDER: Final = Path(__file__).parent / "templates"
_TEMPLATES: Final = Environment(
    loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)
_SYMBOLS: Final = {"INR": "\u20b9", "USD": "$", "EUR": "\u20ac", "GBP": "\u00a3"}

HEADERS: Final = {
    # A browser holds every redirect that follows a form against form-action: the merchant's return page, and where
    # that sends the shopper on. Which hosts those are is the merchant's matter, so only the schemes are fixed.
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self' https: http:; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
}


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
    order = _order(sandbox, request)
    return _missing() if order is None else _choice_page(sandbox, order)


@post("/payment-page/order/{juspay_id:str}/pay")
async def pay(request: AnyRequest) -> Page:
    """Start an attempt with the chosen way, and go on to the bank."""
    sandbox = sandbox_of(request)
    now = sandbox.catch_up()
    order = _order(sandbox, request)
    if order is None:
        return _missing()
    kind = "upi"
    try:
        form = await read_fields(request)
        kind = str(form.get("kind", ""))
        txn = sandbox.world.confirm(order, chosen(kind, str(form.get(kind, ""))), now)
    except (MethodInvalid, NotPayable, BodyInvalid) as exc:
        return _choice_page(sandbox, order, kind=kind, problem=str(exc), status=400)
    sandbox.sdk.page_started(order, txn)
    if not sandbox.world.at_bank(txn):
        return _finished(sandbox, order, txn, left=False)
    return Redirect(f"/payment-page/order/{order.juspay_id}/bank/{txn.txn_uuid}", status_code=303, headers=HEADERS)


@post("/payment-page/order/{juspay_id:str}/cancel")
async def cancel(request: AnyRequest) -> Page:
    """Leave before paying: back to the merchant, the order unchanged."""
    sandbox = sandbox_of(request)
    sandbox.catch_up()
    order = _order(sandbox, request)
    return _missing() if order is None else _finished(sandbox, order, None, left=True)


@get("/payment-page/order/{juspay_id:str}/bank/{txn_uuid:str}")
async def show_bank(request: AnyRequest) -> Page:
    """Show the bank's page; the order is PENDING_VBV for as long as nobody answers."""
    sandbox = sandbox_of(request)
    sandbox.catch_up()
    order = _order(sandbox, request)
    txn = order.txn(str(request.path_params["txn_uuid"])) if order else None
    if order is None or txn is None:
        return _missing()
    if not sandbox.world.at_bank(txn):
        return _finished(sandbox, order, txn, left=False)
    return _page("bank.html", order=_facts(sandbox, order), txn=txn, method=_method_text(txn))


@post("/payment-page/order/{juspay_id:str}/bank/{txn_uuid:str}")
async def answer_bank(request: AnyRequest) -> Page:
    """Take the shopper's answer at the bank: approve, decline, or leave (which settles nothing)."""
    sandbox = sandbox_of(request)
    now = sandbox.catch_up()
    order = _order(sandbox, request)
    txn = order.txn(str(request.path_params["txn_uuid"])) if order else None
    if order is None or txn is None:
        return _missing()
    try:
        answer = (await read_fields(request)).get("answer")
    except BodyInvalid:
        answer = None
    if answer == "approve":
        sandbox.world.approve(order, txn, now)
    elif answer == "decline":
        sandbox.world.decline(order, txn, now)
    return _finished(sandbox, order, txn, left=answer not in {"approve", "decline"})


@get("/payment-page/style.css")
async def style() -> Page:
    """Serve the one style sheet."""
    return Response(
        (_FOLDER / "style.css").read_bytes(), media_type="text/css", headers={"X-Content-Type-Options": "nosniff"}
    )


HANDLERS: Final = (show_choice, pay, cancel, show_bank, answer_bank, style)


def _order(sandbox: Sandbox, request: AnyRequest) -> Order | None:
    return sandbox.world.page_order(str(request.path_params["juspay_id"]))


def _choice_page(
    sandbox: Sandbox, order: Order, *, kind: str = "upi", problem: str | None = None, status: int = 200
) -> Page:
    return _page(
        "choose.html",
        status,
        order=_facts(sandbox, order),
        kind=kind,
        problem=problem,
        closed=sandbox.world.why_not_payable(order, sandbox.clock.now()),
        banks=BANKS,
        vpas=MAGIC_VPAS,
        cards=MAGIC_CARDS,
    )


def _finished(sandbox: Sandbox, order: Order, txn: Txn | None, *, left: bool) -> Page:
    """Send the shopper back to the merchant (documented, contract E), or say the outcome where there is no way back."""
    sandbox.sdk.page_finished(order, txn, left)
    status_id = sandbox.view.status_ids[order.status]
    merchant = sandbox.merchant_of(order)
    way = way_back(order, merchant.response_key, status_id)
    if way is None:
        return _page("result.html", order=_facts(sandbox, order), outcome=_outcome(order))
    if merchant.returns_by_post:
        return _page("return.html", order=_facts(sandbox, order), outcome=_outcome(order), way=way)
    return Redirect(way.address, status_code=303, headers=HEADERS)


def _outcome(order: Order) -> tuple[str, str]:
    """Return a class for the looks, and a sentence."""
    if order.status in {"CHARGED", "PARTIAL_CHARGED", "AUTHORIZED", "COD_INITIATED"}:
        return "good", "Thank you. The payment went through."
    if order.status in FAILED:
        return "bad", "The payment did not go through. No money was taken."
    if order.status in PENDING:
        return "waiting", "The bank has not answered yet. The shop will tell you how it ends."
    return "waiting", "No payment was made."


def _facts(sandbox: Sandbox, order: Order) -> dict[str, str]:
    merchant = sandbox.merchant_of(order)
    symbol = _SYMBOLS.get(order.currency)
    number = f"{plain_text(order.amount)}"
    return {
        "juspay_id": order.juspay_id,
        "order_id": order.order_id,
        "shop": merchant.display_name or merchant.merchant_id,
        "amount": f"{symbol}{number}" if symbol else f"{number} {order.currency}",
        "description": order.fields.get("description", ""),
        "status": order.status,
    }


def _method_text(txn: Txn) -> str:
    method = txn.method
    if method.group == "UPI":
        return f"UPI ID {method.vpa}"
    if method.group == "CARD":
        return f"{method.name.title()} card ending in {method.last_four}"
    return BANKS.get(method.name, method.name)


def _missing() -> Page:
    return _page("missing.html", 404)


def _page(template: str, status: int = 200, **facts: object) -> Page:
    html = _TEMPLATES.get_template(template).render(**facts)
    return Response(html, status_code=status, media_type="text/html", headers=HEADERS)
