"""Finding orders on the terminal: by filters, or by any one word that stands on them. Nobody is asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import tzinfo
from itertools import islice
from typing import Final

from rich.console import Console

from paystate.core.describe.wording import FOUND_BY_PART
from paystate.core.errors import ValueInvalid
from paystate.core.finding.filters import Filter
from paystate.core.orders.derived import status
from paystate.core.orders.order import Order
from paystate.core.orders.review.reasons import open_reasons
from paystate.core.ports.store import Orders
from paystate.entrypoints.cli.lookups import check_set_up, merchant_named, zone_of_merchant
from paystate.entrypoints.cli.orders.documents import page_document
from paystate.entrypoints.cli.terminal import in_zone_of, print_rows, printed_as_json
from paystate.entrypoints.interface.order_search import OrderSearch, filter_of
from paystate.entrypoints.interface.zones import time_in
from paystate.entrypoints.setup import bootstrap
from paystate.entrypoints.setup.problems import ConfigError, ConfigProblem
from paystate.entrypoints.setup.settings import Settings

FOUND_MAX: Final = 50
_HEADINGS: Final = ("order", "status", "amount", "customer", "opened ({zone})", "payments", "")


async def listed(
    settings: Settings, merchant: str | None, search: OrderSearch, console: Console, *, after: str, limit: int
) -> None:
    """Print orders that fit in the `search`, in the words of the command's options."""
    merchant_id = merchant_named(settings, merchant)
    check_set_up(settings, merchant_id)
    zone = zone_of_merchant(settings, merchant_id)
    in_zone_of(console, zone)
    which = _filter(search, zone)
    async with bootstrap.opened_store(settings) as store:
        orders, following = await _fill(store, merchant_id, which, after, limit)
    if printed_as_json(console, lambda: page_document(orders, following)):
        return
    _print(orders, zone, console, "No order fits.")
    if following:
        console.print(f"\nMore: add --after {following}")


async def found(settings: Settings, merchant: str | None, word: str, console: Console) -> None:
    """Print the orders on which a word stands."""
    merchant_id = merchant_named(settings, merchant)
    check_set_up(settings, merchant_id)
    zone = zone_of_merchant(settings, merchant_id)
    in_zone_of(console, zone)
    if not word.strip():  # every order is not what was asked for
        raise ConfigError(ConfigProblem("word", "is blank", "give a word that stands on the order"))
    async with bootstrap.opened_store(settings) as store:
        orders = await store.find_word(merchant_id, word, limit=FOUND_MAX + 1)
    if printed_as_json(console, lambda: page_document(orders[:FOUND_MAX], "")):
        return
    _print(orders[:FOUND_MAX], zone, console, f"Nothing of that name stands on any order. {FOUND_BY_PART}")
    if len(orders) > FOUND_MAX:
        console.print(f"\nThese are the {FOUND_MAX} newest; a longer word finds fewer.")


async def _fill(store: Orders, merchant_id: str, which: Filter, after: str, limit: int) -> tuple[Sequence[Order], str]:
    """Pages until there are as many orders as are wanted, as one page may be short and not the last."""
    orders: list[Order] = []
    while len(orders) < limit:
        page = await store.find(merchant_id, which, after=after, limit=limit - len(orders))
        orders += page.orders
        after = page.next
        if not after:
            break
    return orders, after


def _print(orders: Sequence[Order], zone: tzinfo, console: Console, nothing: str) -> None:
    if not orders:
        console.print(nothing)
        return
    headings = [heading.format(zone=zone) for heading in _HEADINGS]
    print_rows(headings, (_cells(order, zone) for order in orders), console)
    console.print("\nTo see one: paystate order show ORDER")


def _cells(order: Order, zone: tzinfo) -> Sequence[str]:
    opened = order.opened
    return (
        opened.order_id,
        status(order),
        f"{order.amount} {order.amount.currency}",
        opened.customer.customer_id,
        time_in(order.created_at, zone),
        ", ".join(islice(_payments(order), 3)),
        "a person must look" if open_reasons(order) else "",
    )


def _payments(order: Order) -> Iterator[str]:
    yield from (f"{one.txn_id or 'unnamed'} {one.state}" for one in order.attempts.values())


def _filter(search: OrderSearch, zone: tzinfo) -> Filter:
    """The filter; raises ConfigError with the option that will not do."""
    try:
        return filter_of(search, zone)
    except ValueInvalid as wrong:
        option = "--" + wrong.pointer.removeprefix("/").removesuffix("_id").replace("_", "-")
        is_missing = option == "--currency" and "currency" not in search
        fix = "add it, such as --currency INR" if is_missing else "correct it or leave it out; --help shows the form"
        raise ConfigError(ConfigProblem(option, wrong.rule, fix)) from None
