"""How a page of the shop is made: template, headers, and amounts as people in India write them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Response
from litestar.response import Redirect

from paystate.entrypoints.engine import Money
from paystate.entrypoints.storefront import outcomes, steps
from paystate.entrypoints.storefront.catalogue import CURRENCY
from paystate.entrypoints.storefront.rows import Note
from paystate.entrypoints.storefront.storefront import AnyRequest, Storefront, storefront_of

Page = Response[Any]

_INDIA: Final = timezone(timedelta(hours=5, minutes=30))
_COMMAS: Final = re.compile(r"(?<=\d)(?=(?:\d\d)*\d{3}$)", re.ASCII)


def rupees(amount: str, currency: str = CURRENCY) -> str:
    """An amount in major units as a shopper reads it: `123456.50` is ₹1,23,456.50."""
    whole, point, paise = amount.partition(".")
    if currency != CURRENCY:
        return f"{amount} {currency}"
    return f"₹{_COMMAS.sub(',', whole)}{point}{paise}"


def rupees_of(amount_minor: int) -> str:
    """The same for paise."""
    return rupees(str(Money.of(amount_minor, CURRENCY)))


def when(at: datetime) -> str:
    """An instant on a clock in India."""
    return f"{at.astimezone(_INDIA):%d %b %Y, %H:%M}"


def clock(at: datetime) -> str:
    """The same, of which only the time of day matters."""
    return f"{at.astimezone(_INDIA):%H:%M:%S}"


def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {  # pyright: ignore[reportUnknownMemberType]
        "rupees": rupees,
        "rupees_of": rupees_of,
        "when": when,
        "clock": clock,
        "in_short": outcomes.in_short,
        "of_refund": outcomes.of_refund,
    }
    return made


_TEMPLATES: Final = _environment()


def headers(storefront: Storefront) -> dict[str, str]:
    """What a page may load and call: itself, and Juspay for its SDK and its payment page."""
    juspay = storefront.juspay_origin
    return {
        "Content-Security-Policy": (
            f"default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self' {juspay}; "
            f"connect-src 'self' {juspay}; frame-src {juspay}; form-action 'self'; "
            "base-uri 'none'; frame-ancestors 'none'"
        ),
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }


def page(request: AnyRequest, template: str, status: int = 200, *, notes: Sequence[Note] = (), **facts: Any) -> Page:
    """A page of the shop, with `notes` of an order in the panel of steps."""
    storefront = storefront_of(request)
    shopper = storefront.shoppers.of(request)
    html = _TEMPLATES.get_template(template).render(
        storefront=storefront,
        in_cart=sum(line.count for line in storefront.rows.cart(shopper).lines),
        steps=steps.taken((*storefront.rows.notes(shopper), *notes)),
        **facts,
    )
    return _finished(request, Response(html, status_code=status, media_type="text/html"))


def message(request: AnyRequest, status: int, heading: str, told: str) -> Page:
    """A page that says one thing."""
    return page(request, "message.html", status, heading=heading, told=told)


def see(request: AnyRequest, path: str) -> Page:
    """Send the browser on, so that a reload sends no form again."""
    return _finished(request, Redirect(path, status_code=303))


def _finished(request: AnyRequest, answer: Page) -> Page:
    """The answer with a page's headers, and with the cookie of a shopper who was welcomed."""
    storefront = storefront_of(request)
    answer.headers.update(headers(storefront))
    shoppers = storefront.shoppers
    if shopper := shoppers.welcomed(request):
        shoppers.remember(shopper, answer, is_secure=storefront.url.startswith("https:"))
    return answer
