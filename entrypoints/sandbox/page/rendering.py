"""How a page of the hosted payment page is made: template, headers, and what every page says of the order."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, TypeAlias

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Request, Response
from litestar.response import Redirect
from markupsafe import Markup

from paystate.entrypoints.sandbox.amounts import for_shoppers
from paystate.entrypoints.sandbox.gateway.methods import BANKS, WALLETS, Method
from paystate.entrypoints.sandbox.gateway.offers import Offer
from paystate.entrypoints.sandbox.gateway.records import Order, Price, Txn
from paystate.entrypoints.sandbox.gateway.statuses import FAILED
from paystate.entrypoints.sandbox.parsing import BodyInvalid, Fields, read_fields
from paystate.entrypoints.sandbox.sandbox import Sandbox

AnyRequest: TypeAlias = Request[Any, Any, Any]
Page: TypeAlias = Response[Any]

_FOLDER: Final = Path(__file__).parent / "templates"
_UNSEEN: Final = frozenset({"Cc", "Cf"})
_LAID_OUT: Final = "\n\t"


def shown(value: object) -> object:
    """Return a value as a page shows it: what nobody sees, such as a mark of direction, stands there by its number."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return "".join(
        f"[U+{ord(one):04X}]" if unicodedata.category(one) in _UNSEEN and one not in _LAID_OUT else one for one in value
    )


def templates_in(*folders: Path) -> Environment:
    """Return the templates of these folders, and those of the payment page, which they may build on."""
    return Environment(
        loader=FileSystemLoader([*folders, _FOLDER]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=shown,
    )


_TEMPLATES: Final = templates_in()

_HEADERS: Final = {
    # A browser holds every redirect that follows a form against form-action: the merchant's return page, and where
    # that sends the shopper on. Which hosts those are is the merchant's matter, so only the schemes are fixed. So it is
    # with the shop's page that frames this one.
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self' https: http:; "
        "base-uri 'none'; frame-ancestors https: http:"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of what a payment comes to."""

    label: str
    amount: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What every page says of the order. Amounts are as people write them.

    Attributes:
        amount: What the shopper pays.
        lines: How that comes about; none where it is the price.
    """

    path: str
    order_id: str
    shop: str
    amount: str
    lines: tuple[Line, ...]
    description: str
    status: str


def facts_of(sandbox: Sandbox, order: Order, price: Price | None = None) -> Facts:
    """Return what a page says of the order at `price`; without one, as it was paid, or is to be paid now."""
    merchant, leading = sandbox.merchant_of(order), order.leading
    terms = price or (leading.price if leading and leading.status not in FAILED else order.price)
    return Facts(
        path=path_of(order),
        order_id=order.order_id,
        shop=merchant.display_name or merchant.merchant_id,
        amount=for_shoppers(terms.paid_for(order.amount), order.currency),
        lines=_lines(order, terms),
        description=order.fields.get("description", ""),
        status=order.status,
    )


def _lines(order: Order, price: Price) -> tuple[Line, ...]:
    parts = (("Offer", -price.discount), ("Surcharge", price.surcharge), ("Tax on the surcharge", price.tax))
    changes = [Line(label, for_shoppers(amount, order.currency)) for label, amount in parts if amount]
    return (Line("Price", for_shoppers(order.amount, order.currency)), *changes) if changes else ()


def path_of(order: Order) -> str:
    """Return the path of the order's page."""
    return f"/payment-page/order/{order.juspay_id}"


async def form_of(request: AnyRequest) -> Fields:
    """Return what was filled in; nothing where it cannot be read.

    Read it before the order is looked up: of an order that is changed after others were answered, nothing is kept.
    """
    try:
        return await read_fields(request)
    except BodyInvalid:
        return {}


def order_of(sandbox: Sandbox, request: AnyRequest) -> Order | None:
    """Return the order that the path names by Juspay's own id: whoever knows that may pay it."""
    return sandbox.world.page_order(str(request.path_params["juspay_id"]))


def attempt_of(sandbox: Sandbox, request: AnyRequest) -> tuple[Order, Txn] | None:
    """Return the attempt that the path names, with its order."""
    order = order_of(sandbox, request)
    txn = order.txn(str(request.path_params["txn_uuid"])) if order else None
    return None if order is None or txn is None else (order, txn)


def price_with(offer: Offer | None, order: Order) -> Price:
    """Return what a payment of the order comes to with that offer, as the gateway's rules have it."""
    return order.price if offer is None else replace(order.price, discount=offer.discount(order.amount))


def method_text(method: Method) -> str:
    """Return a way to pay as people call it."""
    match method.group:
        case "UPI":
            return f"UPI ID {method.vpa}" if method.vpa else "UPI app"
        case "CARD":
            return f"{method.name.title()} card ending in {method.last_four}"
        case "CASH":
            return "Cash on delivery"
        case _:
            return BANKS.get(method.name) or WALLETS.get(method.name) or method.name


def page(template: str, status: int = 200, **facts: object) -> Page:
    """Return a page."""
    html = _TEMPLATES.get_template(template).render(**facts)
    return Response(html, status_code=status, media_type="text/html", headers=_HEADERS)


def missing() -> Page:
    """Return the page for a link that leads nowhere."""
    return page("missing.html", 404)


def see(path: str) -> Page:
    """Send the browser on, so that a reload sends no form again."""
    return Redirect(path, status_code=303, headers=_HEADERS)
