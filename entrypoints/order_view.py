"""An order on the terminal: shown, told as a timeline, explained, as it was, and as it would be.

Owns the layout. Reads the database only; asks nobody and changes nothing.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from paystate.core import derived, supposing
from paystate.core.errors import ValueInvalid
from paystate.core.ids import OrderKey, checked_order_id
from paystate.core.money import format_minor
from paystate.core.order import Order
from paystate.core.policy import Policy
from paystate.core.ports import Store
from paystate.core.rules import help_for
from paystate.core.timeline import TimelineEntry
from paystate.core.use_cases.tell import tell_order, tell_past, tell_timeline
from paystate.entrypoints import bootstrap
from paystate.entrypoints.settings import Problem, Settings, SettingsInvalid
from paystate.entrypoints.suppositions import supposed


async def show(settings: Settings, merchant: str | None, order_id: str, console: Console) -> None:
    """Print the order's main values."""
    async with opened(settings, merchant, order_id) as (store, order):
        kept = await store.schedule(order.key)
    money = derived.amounts(order)
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    currency = order.amount.currency
    for name, value in (
        ("order", order.opened.order_id),
        ("status", derived.status(order)),
        ("Juspay says", derived.juspay_status(order) or "nothing yet"),
        ("goods may go out", "yes" if derived.is_paid(order) else "no"),
        ("amount", f"{order.amount} {currency}"),
        ("captured", f"{format_minor(money.captured, currency)} {currency}"),
        ("refunded", f"{format_minor(money.refunded, currency)} {currency}"),
        ("refundable", f"{format_minor(money.refundable, currency)} {currency}"),
        ("next look", derived.stamp(kept.due_at) if kept.due_at else "none"),
        ("version", str(order.version)),
    ):
        table.add_row(name, value)
    for reason in derived.open_reasons(order):
        table.add_row("a person must look", f"{reason.key}: {reason.says}")
    console.print(table)


async def timeline(settings: Settings, merchant: str | None, order_id: str, console: Console) -> None:
    """Print everything that happened, in order of time."""
    async with opened(settings, merchant, order_id) as (store, order):
        entries = await tell_timeline(store, order.key)
    for line in timeline_lines(entries):
        console.print(line, soft_wrap=True)


async def explain(settings: Settings, merchant: str | None, order_id: str, console: Console) -> None:
    """Print the order in plain sentences."""
    async with opened(settings, merchant, order_id) as (store, order):
        sentences = await tell_order(store, order.key, datetime.now(UTC))
    say(sentences, console)


async def at(settings: Settings, merchant: str | None, order_id: str, instant: datetime, console: Console) -> None:
    """Print what was known of the order at an instant."""
    async with opened(settings, merchant, order_id) as (store, order):
        past = await tell_past(store, order.key, instant)
    say(past.sentences, console)


async def what_if(
    settings: Settings, merchant: str | None, order_id: str, given: Mapping[str, Any], console: Console
) -> None:
    """Print what would come of what is `given`, in the terms of `suppositions`; nothing does."""
    now = datetime.now(UTC)
    async with opened(settings, merchant, order_id) as (_, order):
        policy = policy_of(settings, order.key.merchant_id)
    would = supposing.what_if(order, supposed(order, now, **given), policy, now)
    say(supposing.answer_in_words(would), console)
    for rule in would.rules:
        console.print(f"[bright_black]{rule.id}: {help_for(rule)}[/bright_black]", soft_wrap=True)


def say(sentences: Iterable[str], console: Console) -> None:
    """A sentence a line."""
    for sentence in sentences:
        console.print(escape(sentence), soft_wrap=True)


def timeline_lines(entries: tuple[TimelineEntry, ...]) -> Iterator[str]:
    """A timeline as console markup: a heading a day, a line a moment, its details below."""
    day = ""
    for entry in entries:
        date, clock = derived.stamp(entry.at).removesuffix("Z").split("T")
        if date != day:
            day = date
            yield f"[bold]{date}[/bold] (UTC)"
        rules = f"; rules {', '.join(entry.rules)}" if entry.rules else ""
        yield f"  {clock}  {escape(entry.title)}  [bright_black]{escape(entry.source + rules)}[/bright_black]"
        yield from (f"            {escape(detail)}" for detail in entry.details)


@asynccontextmanager
async def opened(settings: Settings, merchant: str | None, order_id: str) -> AsyncGenerator[tuple[Store, Order]]:
    """The database and one order in it; raises SettingsInvalid where there is none."""
    merchant_id = merchant or only_merchant(settings)
    try:
        key = OrderKey(merchant_id, checked_order_id(order_id))
    except ValueInvalid:
        raise SettingsInvalid((Problem("order", "is not an order id", "use 1 to 20 of A-Z a-z 0-9 _ -"),)) from None
    async with bootstrap.opened_store(settings.database_path) as store:
        order = await store.load(key)
        if order is None:
            says = f"{merchant_id} has no order {order_id}"
            raise SettingsInvalid((Problem("order", says, "check the id and the merchant"),))
        yield store, order


def policy_of(settings: Settings, merchant_id: str) -> Policy:
    """What the merchant has chosen; raises SettingsInvalid for one that is not set up."""
    if merchant_id not in settings.merchants:
        raise SettingsInvalid((Problem("--merchant", f"{merchant_id} is not set up", "add it to the settings"),))
    return settings.merchants[merchant_id].policy.policy()


def only_merchant(settings: Settings) -> str:
    """The merchant where there is just one; raises SettingsInvalid where one has to be named."""
    if len(settings.merchants) != 1:
        names = ", ".join(settings.merchants)
        raise SettingsInvalid((Problem("--merchant", "is needed here", f"name one of: {names}"),))
    return next(iter(settings.merchants))
