"""An order on the terminal: shown, as a timeline, explained, as it was, and as it would be.

This only reads the database; it asks nobody and changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any

from rich.console import Console
from rich.markup import escape

from paystate.core.describe import what_if as trying
from paystate.core.describe.deliveries import deliveries_in_words
from paystate.core.describe.explain import explain_order
from paystate.core.describe.timeline import TimelineEntry
from paystate.core.describe.times import OrderTimes, Times, times_of
from paystate.core.describe.wording import (
    attempt_stands,
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
from paystate.core.lifecycle.observations import Particulars
from paystate.core.orders.amounts.totals import amounts
from paystate.core.orders.attempt import Attempt
from paystate.core.orders.derived import juspay_status, status
from paystate.core.orders.facts import Capture
from paystate.core.orders.fulfilment import may_fulfil
from paystate.core.orders.held_money import held_attempt, held_minor, hold_lapses_at
from paystate.core.orders.order import Order
from paystate.core.orders.refund import Refund
from paystate.core.orders.review.reasons import open_reasons
from paystate.core.orders.timing.schedule import Schedule
from paystate.core.ports.outbox import DeliveryRow
from paystate.core.requester import Requester
from paystate.core.timestamps import instant_from, stamp
from paystate.core.use_cases.describe_order import past_of, read_deliveries, read_facts, read_history, timeline_of
from paystate.entrypoints.cli.lookups import order_named, policy_of, zone_of_merchant
from paystate.entrypoints.cli.orders.documents import order_document, read_document, timeline_document, what_if_document
from paystate.entrypoints.cli.orders.what_if import supposed
from paystate.entrypoints.cli.terminal import in_zone_of, print_values, printed_as_json, say
from paystate.entrypoints.interface.zones import localized
from paystate.entrypoints.setup.help_links import published_rule_link
from paystate.entrypoints.setup.settings import Settings


async def show(settings: Settings, merchant: str | None, order_id: str, console: Console) -> None:
    """Print the order's main values."""
    async with order_named(settings, merchant, order_id) as (store, order):
        facts, kept = await read_facts(store, order.key), await store.schedule(order.key)
        deliveries = await read_deliveries(store, order.key)
    if not printed_as_json(console, lambda: read_document(order, kept, facts, deliveries)):
        in_zone_of(console, zone_of_merchant(settings, order.key.merchant_id))
        print_values((*_values(order, kept, times_of(facts)), *_told_values(deliveries)), console)


async def timeline(settings: Settings, merchant: str | None, order_id: str, console: Console) -> None:
    """Print everything that happened, in order of time."""
    async with order_named(settings, merchant, order_id) as (store, order):
        history = await read_history(store, order.key)
    if printed_as_json(console, lambda: timeline_document(order, timeline_of(history))):
        return
    for line in timeline_lines(timeline_of(history), zone_of_merchant(settings, order.key.merchant_id)):
        console.print(line, soft_wrap=True)


async def explain(settings: Settings, merchant: str | None, order_id: str, console: Console) -> None:
    """Print the order in plain sentences."""
    async with order_named(settings, merchant, order_id) as (store, order):
        facts, kept = await read_facts(store, order.key), await store.schedule(order.key)
        heartbeats, now = await store.heartbeats(), datetime.now(UTC)
        deliveries = await read_deliveries(store, order.key)
    policy = policy_of(settings, order.key.merchant_id)
    sentences = explain_order(facts, kept, policy, now, workers_at(heartbeats, now), deliveries)
    if not printed_as_json(console, lambda: {"order_id": order.opened.order_id, "sentences": sentences}):
        in_zone_of(console, zone_of_merchant(settings, order.key.merchant_id))
        say(sentences, console)


async def at(settings: Settings, merchant: str | None, order_id: str, instant: datetime, console: Console) -> None:
    """Print what was known of the order at an instant."""
    async with order_named(settings, merchant, order_id) as (store, order):
        facts = await read_facts(store, order.key)
    past = past_of(facts, policy_of(settings, order.key.merchant_id), instant)
    known = {"order_id": order.opened.order_id, "instant": stamp(instant), "sentences": past.sentences}
    if not printed_as_json(console, lambda: {**known, "order": order_document(past.order) if past.order else None}):
        in_zone_of(console, zone_of_merchant(settings, order.key.merchant_id))
        say(past.sentences, console)


async def what_if(
    settings: Settings, merchant: str | None, order_id: str, given: Mapping[str, Any], console: Console
) -> None:
    """Print what would come of what is `given`, in the terms of `supposed`; nothing is changed."""
    now = datetime.now(UTC)
    async with order_named(settings, merchant, order_id) as (_, order):
        policy = policy_of(settings, order.key.merchant_id)
    would = trying.what_if(order, supposed(order, now, **given), policy, now)
    if printed_as_json(console, lambda: what_if_document(would)):
        return
    in_zone_of(console, zone_of_merchant(settings, order.key.merchant_id))
    say(trying.answer_in_words(would), console)
    for rule in would.rules:
        console.print(f"[bright_black]{rule.id}: {published_rule_link(rule)}[/bright_black]", soft_wrap=True)


def timeline_lines(entries: tuple[TimelineEntry, ...], zone: tzinfo = UTC) -> Iterator[str]:
    """A timeline as console markup: a heading a day of the zone, a line a moment, its details below."""
    day = ""
    for entry in entries:
        date, clock = f"{entry.at.astimezone(zone):%Y-%m-%d %H:%M:%S}".split()
        if date != day:
            day = date
            yield f"[bold]{date}[/bold] ({zone})"
        rules = f"; {'rule' if len(entry.rules) == 1 else 'rules'} {', '.join(entry.rules)}" if entry.rules else ""
        yield f"  {clock}  {escape(entry.title)}  [bright_black]{escape(entry.source + rules)}[/bright_black]"
        yield from (f"            {escape(localized(detail, zone))}" for detail in entry.details)


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


def _payment(seen: Attempt, times: Times | None) -> str:
    """An attempt with what Juspay says of it, since when, and how to find it at the bank."""
    said = f"Juspay: {seen.reported.status_word}{f', {seen.reported.note}' if seen.reported.note else ''}"
    return f"{attempt_stands(seen)} ({said}){_when(times)}{_references(seen.reported.particulars)}"


def _refund(order: Order, known: Refund, times: Times | None) -> str:
    """A refund with who asked for it, since when it stands so, and how to find it at the bank."""
    whose = _asked_by(order.asked_by(known.since_version))
    what = f"{known.refund_id} of {money_of(order, known.amount_minor)} {refund_stands(known)}"
    return f"{what}{whose}{_when(times)}{_references(known.references)}"


def _when(times: Times | None) -> str:
    """Since when something stands as it does and when it was first seen, to be put behind it."""
    if times is None:
        return ""
    first = "" if times.first_seen_at == times.changed_at else f"; first seen {clock(times.first_seen_at)}"
    return f", since {clock(times.changed_at)}{first}"


def _told_values(deliveries: Sequence[DeliveryRow]) -> Iterator[tuple[str, str]]:
    """What was told of the order, and to whom."""
    yield from (("told", words) for words in deliveries_in_words(deliveries))
    if not deliveries:
        yield "told", "nothing was sent to an endpoint or handler"


def _references(told: Particulars) -> str:
    """What a bank asks for, to be put behind a payment or a refund; empty where nothing was told."""
    named = (("RRN", told.rrn), ("ARN", told.arn), ("gateway's id", told.gateway))
    carried_out = f"; carried out at {clock(instant_from(told.processed_at))}" if told.processed_at else ""
    return "".join(f"; {name} {text}" for name, text in named if text) + carried_out


def _values(order: Order, kept: Schedule, times: OrderTimes) -> Iterator[tuple[str, str]]:
    money = amounts(order)
    yield "order", order.opened.order_id
    if order.opened_by:
        yield "opened by", who(order.opened_by)
    yield "opened", clock(order.created_at)
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
    for seen in order.attempts.values():
        yield "payment", _payment(seen, times.attempts.get(seen.txn_id))
    yield "captured", money_of(order, money.captured)
    yield "refunded", money_of(order, money.refunded)
    for known in order.refunds.values():
        yield "refund", _refund(order, known, times.refunds.get(known.refund_id))
    if money.charged_back:
        yield "charged back", money_of(order, money.charged_back)
    yield "reserved", money_of(order, money.reserved)
    yield "refundable", money_of(order, money.refundable)
    if order.eligible:
        yield "Juspay would refund", money_of(order, order.eligible.amount_minor)
    yield "next look", clock(kept.due_at) if kept.due_at else "none"
    yield from _sale_values(order)
    yield "version", str(order.version)
    yield from (("a person must look", f"{reason.key}: {reason.message}") for reason in open_reasons(order))
