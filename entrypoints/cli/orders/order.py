"""An order on the terminal: shown, as a timeline, explained, as it was, and as it would be.

This only reads the database; it asks nobody and changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.markup import escape

from paystate.core.describe import what_if as trying
from paystate.core.describe.explain import explain_order
from paystate.core.describe.timeline import TimelineEntry
from paystate.core.describe.wording import (
    cancellation,
    cash,
    clock,
    hold_named,
    hold_stands,
    money_of,
    price,
    refund_stands,
    who,
)
from paystate.core.heartbeats import workers_at
from paystate.core.orders.amounts.totals import amounts
from paystate.core.orders.derived import juspay_status, status
from paystate.core.orders.facts import Capture
from paystate.core.orders.fulfilment import may_fulfil
from paystate.core.orders.held_money import held_attempt, held_minor, hold_lapses_at
from paystate.core.orders.order import Order
from paystate.core.orders.review.reasons import open_reasons
from paystate.core.orders.timing.schedule import Schedule
from paystate.core.requester import Requester
from paystate.core.timestamps import stamp
from paystate.core.use_cases.describe_order import past_of, read_facts, read_history, timeline_of
from paystate.entrypoints.cli.lookups import order_named, policy_of
from paystate.entrypoints.cli.orders.what_if import supposed
from paystate.entrypoints.cli.terminal import print_values, say
from paystate.entrypoints.setup.help_links import rule_link
from paystate.entrypoints.setup.settings import Settings


async def show(settings: Settings, merchant: str | None, order_id: str, console: Console) -> None:
    """Print the order's main values."""
    async with order_named(settings, merchant, order_id) as (store, order):
        kept = await store.schedule(order.key)
    print_values(_values(order, kept), console)


async def timeline(settings: Settings, merchant: str | None, order_id: str, console: Console) -> None:
    """Print everything that happened, in order of time."""
    async with order_named(settings, merchant, order_id) as (store, order):
        history = await read_history(store, order.key)
    for line in timeline_lines(timeline_of(history)):
        console.print(line, soft_wrap=True)


async def explain(settings: Settings, merchant: str | None, order_id: str, console: Console) -> None:
    """Print the order in plain sentences."""
    async with order_named(settings, merchant, order_id) as (store, order):
        facts, kept = await read_facts(store, order.key), await store.schedule(order.key)
        heartbeats, now = await store.heartbeats(), datetime.now(UTC)
    policy = policy_of(settings, order.key.merchant_id)
    say(explain_order(facts, kept, policy, now, workers_at(heartbeats, now)), console)


async def at(settings: Settings, merchant: str | None, order_id: str, instant: datetime, console: Console) -> None:
    """Print what was known of the order at an instant."""
    async with order_named(settings, merchant, order_id) as (store, order):
        facts = await read_facts(store, order.key)
    say(past_of(facts, policy_of(settings, order.key.merchant_id), instant).sentences, console)


async def what_if(
    settings: Settings, merchant: str | None, order_id: str, given: Mapping[str, Any], console: Console
) -> None:
    """Print what would come of what is `given`, in the terms of `supposed`; nothing is changed."""
    now = datetime.now(UTC)
    async with order_named(settings, merchant, order_id) as (_, order):
        policy = policy_of(settings, order.key.merchant_id)
    would = trying.what_if(order, supposed(order, now, **given), policy, now)
    say(trying.answer_in_words(would), console)
    for rule in would.rules:
        console.print(f"[bright_black]{rule.id}: {rule_link(settings.public_url, rule)}[/bright_black]", soft_wrap=True)


def timeline_lines(entries: tuple[TimelineEntry, ...]) -> Iterator[str]:
    """A timeline as console markup: a heading a day, a line a moment, its details below."""
    day = ""
    for entry in entries:
        date, clock = stamp(entry.at).removesuffix("Z").split("T")
        if date != day:
            day = date
            yield f"[bold]{date}[/bold] (UTC)"
        rules = f"; {'rule' if len(entry.rules) == 1 else 'rules'} {', '.join(entry.rules)}" if entry.rules else ""
        yield f"  {clock}  {escape(entry.title)}  [bright_black]{escape(entry.source + rules)}[/bright_black]"
        yield from (f"            {escape(detail)}" for detail in entry.details)


def _asked_by(by: Requester | None) -> str:
    """Who asked for a thing, to be put behind what became of it; empty if not known."""
    return f", asked for by {who(by)}" if by else ""


def _sale_values(order: Order) -> Iterator[tuple[str, str]]:
    """What the merchant has said of the sale, where anything was."""
    if order.price_change:
        whose = _asked_by(order.asked_by(order.price_change.asked))
        yield "price asked for", f"{price(order.price_change.amount)}{whose}"
    if order.cash:
        yield "cash", cash(order.cash)
    if order.cancelled:
        yield "cancelled", cancellation(order.cancelled)
    if order.opened.adopted:
        yield "adopted", "yes, with the goods gone out" if order.opened.fulfilled else "yes"
    if order.is_unsure:
        yield "unsure", "yes: no refund is sent before Juspay has answered anew"


def _values(order: Order, kept: Schedule) -> Iterator[tuple[str, str]]:
    money = amounts(order)
    yield "order", order.opened.order_id
    if order.opened_by:
        yield "opened by", who(order.opened_by)
    yield "status", status(order)
    yield "Juspay says", juspay_status(order) or "nothing yet"
    yield "goods may go out", "yes" if may_fulfil(order) else "no"
    yield "amount", price(order.amount)
    if order.amended_by:
        yield "price changed by", who(order.amended_by)
    if order.opened.capture is Capture.MANUAL:
        yield "asked for", "a hold, to be taken or released later"
    yield "paid", money_of(order, money.paid)
    if money.discount:
        yield "discount", money_of(order, money.discount)
    if money.surcharge:
        yield "surcharge", money_of(order, money.surcharge)
    if held := held_attempt(order):
        lapses = clock(hold_lapses_at(order, held))
        yield "held", f"{money_of(order, held_minor(order, held))}, taken to lapse at {lapses}"
    for operation in order.holds.values():
        whose = _asked_by(order.asked_by(operation.since_version))
        yield operation.kind, f"{hold_named(operation, order.amount.currency)} {hold_stands(order, operation)}{whose}"
    yield "captured", money_of(order, money.captured)
    yield "refunded", money_of(order, money.refunded)
    for known in order.refunds.values():
        whose = _asked_by(order.asked_by(known.since_version))
        yield "refund", f"{known.refund_id} of {money_of(order, known.amount_minor)} {refund_stands(known)}{whose}"
    if money.charged_back:
        yield "charged back", money_of(order, money.charged_back)
    yield "reserved", money_of(order, money.reserved)
    yield "refundable", money_of(order, money.refundable)
    if order.eligible:
        yield "Juspay would refund", money_of(order, order.eligible.amount_minor)
    yield "next look", stamp(kept.due_at) if kept.due_at else "none"
    yield from _sale_values(order)
    yield "version", str(order.version)
    yield from (("a person must look", f"{reason.key}: {reason.message}") for reason in open_reasons(order))
