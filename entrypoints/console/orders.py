"""Which order a page is about, and how orders stand in lists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from attrs import frozen
from litestar import get
from litestar.params import FromQuery

from paystate.core.describe.grouped import grouped
from paystate.core.describe.wording import FOUND_BY_PART
from paystate.core.errors import ValueInvalid
from paystate.core.finding.filters import UNDER_REVIEW
from paystate.core.ids import OrderKey, checked_order_id
from paystate.core.orders.derived import Status, status
from paystate.core.orders.order import Order
from paystate.core.orders.review.reasons import open_reasons
from paystate.core.text import is_clean
from paystate.core.use_cases.context import Merchant
from paystate.entrypoints.console.access import AnyRequest, Console, console_of, needs_sign_in
from paystate.entrypoints.console.proposal_rows import open_rows
from paystate.entrypoints.console.rendering import Page, page, see
from paystate.entrypoints.interface.zones import time_in

FOUND_MAX: Final = 50
LISTED_MAX: Final = 20
WORD_MAX: Final = 200

_GOOD: Final = frozenset({Status.CHARGED})
_BAD: Final = frozenset({Status.FAILED, Status.EXPIRED})
_WAITING: Final = frozenset({Status.PENDING, Status.UNKNOWN, Status.AUTHORIZED, Status.PARTIAL_CHARGED})


class NoSuchOrder(Exception):
    """The path names no order of ours, or nothing of a merchant's."""


@frozen(kw_only=True)
class OrderRow:
    """An order in a list, in words."""

    path: str
    merchant_id: str
    order_id: str
    customer_id: str
    amount: str
    label: str
    tone: str
    opened: str
    is_under_review: bool


def label_of(status_: Status) -> str:
    """A status as people say it."""
    return status_.replace("_", " ").capitalize()


def tone_of(status_: Status) -> str:
    """The colour in which a status is shown; the words say the same."""
    if status_ in _GOOD:
        return "good"
    return "bad" if status_ in _BAD else "waiting" if status_ in _WAITING else "calm"


def path_of(key: OrderKey) -> str:
    """Where an order's page is."""
    return f"/orders/{key.merchant_id}/{key.order_id}"


def merchant_named(console: Console, merchant_id: str) -> Merchant:
    """The merchant; raises NoSuchOrder."""
    merchant = console.merchants.get(merchant_id)
    if merchant is None:
        raise NoSuchOrder
    return merchant


async def order_named(console: Console, merchant_id: str, order_id: str) -> tuple[Merchant, Order]:
    """The order; raises NoSuchOrder."""
    merchant = merchant_named(console, merchant_id)
    try:
        key = OrderKey(merchant_id, checked_order_id(order_id))
    except ValueInvalid:
        raise NoSuchOrder from None
    order = await console.ports.store.load(key)
    if order is None:
        raise NoSuchOrder
    return merchant, order


@get("/", guards=[needs_sign_in])
async def show_home(request: AnyRequest) -> Page:
    """The search box, what waits for a person, and the newest orders."""
    console = console_of(request)
    store, review, newest = console.ports.store, list[Order](), list[Order]()
    for merchant_id in console.merchants:
        review += (await store.find(merchant_id, UNDER_REVIEW, limit=LISTED_MAX)).orders
        newest += (await store.find(merchant_id, limit=LISTED_MAX)).orders
    waiting, is_cut = await open_rows(console)
    return page(
        request,
        "home.html",
        waiting=waiting,
        is_cut=is_cut,
        review=_rows(console, review),
        newest=_rows(console, newest),
    )


@get("/search", guards=[needs_sign_in])
async def search(request: AnyRequest, q: FromQuery[str] = "") -> Page:
    """Find orders by any one word that stands on them; the only one is shown at once."""
    console, word = console_of(request), q.strip()[:WORD_MAX]
    if not word:
        return see("/")
    found = [
        order
        for merchant_id in (console.merchants if is_clean(word, joins=True) else ())
        for order in await console.ports.store.find_word(merchant_id, word, limit=FOUND_MAX)
    ]
    if len(found) == 1:
        return see(path_of(found[0].key))
    is_cut = len(found) >= FOUND_MAX
    rows = _rows(console, found, FOUND_MAX)
    return page(request, "found.html", word=word, found=rows, is_cut=is_cut, found_by_part=FOUND_BY_PART)


HANDLERS: Final = (show_home, search)


def _rows(console: Console, orders: Iterable[Order], most: int = LISTED_MAX) -> Sequence[OrderRow]:
    newest_first = sorted(orders, key=lambda order: order.created_at, reverse=True)
    return [_row(console, order) for order in newest_first[:most]]


def _row(console: Console, order: Order) -> OrderRow:
    opened, stands = order.opened, status(order)
    return OrderRow(
        path=path_of(order.key),
        merchant_id=opened.merchant_id,
        order_id=opened.order_id,
        customer_id=opened.customer.customer_id,
        amount=grouped(order.amount.amount_minor, order.amount.currency),
        label=label_of(stands),
        tone=tone_of(stands),
        opened=time_in(order.created_at, console.merchants[opened.merchant_id].time_zone),
        is_under_review=bool(open_reasons(order)),
    )
