"""What a person must look at, on the terminal: listed, shown, settled.

Settling goes through the same rules as the API's route, and is journaled with the person's name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from rich.console import Console
from rich.markup import escape

from paystate.core.describe.wording import price, who
from paystate.core.errors import GatewayRejected, GatewayUnreachable, OutcomeUnknown, ValueInvalid
from paystate.core.finding.filters import UNDER_REVIEW
from paystate.core.ids import OrderKey
from paystate.core.orders.commands.settle_commands import Settle
from paystate.core.orders.derived import status
from paystate.core.orders.facts import Refused, said_by
from paystate.core.orders.order import Order
from paystate.core.orders.reason import Verdict
from paystate.core.orders.review.reasons import open_reasons
from paystate.core.use_cases.settle import settle as settle_reason
from paystate.entrypoints.cli.lookups import (
    check_set_up,
    merchant_named,
    note_refused,
    order_id_named,
    order_in,
    order_named,
    person_named,
    zone_of_merchant,
)
from paystate.entrypoints.cli.orders.documents import review_document, review_page_document
from paystate.entrypoints.cli.refusals import refused_by_rule
from paystate.entrypoints.cli.terminal import print_rows, printed_as_json
from paystate.entrypoints.interface.zones import clock_in
from paystate.entrypoints.setup import bootstrap
from paystate.entrypoints.setup.problems import ConfigError, ConfigProblem
from paystate.entrypoints.setup.settings import Settings

PAGE: Final = 50
_HEADINGS: Final = ("order", "status", "amount", "why a person must look")


async def listed(settings: Settings, merchant: str | None, after: str, console: Console) -> None:
    """Print one page of orders that wait for a person, newest first."""
    merchant_id = merchant_named(settings, merchant)
    async with bootstrap.opened_store(settings) as store:
        if after:
            await order_in(settings, store, OrderKey(merchant_id, order_id_named(after, "--after")), "--after")
        page = await store.find(merchant_id, UNDER_REVIEW, after=after, limit=PAGE)
    if not page.orders:
        check_set_up(settings, merchant_id)
    if printed_as_json(console, lambda: review_page_document(page.orders, page.next)):
        return
    if not page.orders:
        console.print("No order waits for a person." if not after else "No more orders wait for a person.")
        return
    print_rows(_HEADINGS, (row for order in page.orders for row in _rows(order)), console)
    if page.next:
        console.print(f"\nMore: paystate review list --after {page.next}")
    console.print("\nTo see one with its keys: paystate review show ORDER")


async def shown(settings: Settings, merchant: str | None, order_id: str, console: Console) -> None:
    """Print an order's reasons, open and settled, with the command that would settle each."""
    async with order_named(settings, merchant, order_id) as (_, order):
        known = open_reasons(order)
    if printed_as_json(console, lambda: review_document(order)):
        return
    zone = zone_of_merchant(settings, order.key.merchant_id)
    counts = f"{len(known)} open, {len(order.settled)} settled"
    console.print(f"Order {order.opened.order_id} is {status(order)}. Reasons: {counts}.")
    for reason in known:
        console.print(f"\n[bold]{reason.kind}[/bold]  {escape(reason.message)}", soft_wrap=True)
        console.print(f"  key      {escape(reason.key)}", soft_wrap=True)
        console.print(f"  verdict  {' or '.join(reason.verdicts)}")
    for word in order.settled.values():
        console.print(f"\n[bright_black]settled[/bright_black]  {escape(word.reason)}: {word.verdict}", soft_wrap=True)
        console.print(
            f"  by {escape(who(said_by(word)))}, {clock_in(word.at, zone)}: {escape(word.note)}",
            soft_wrap=True,
        )
    if known:
        how = f"paystate review settle {order.opened.order_id} KEY --verdict VERDICT --by NAME --note WORDS"
        console.print(f"\nTo settle one: {how}", soft_wrap=True)


async def settle(
    settings: Settings,
    merchant: str | None,
    order_id: str,
    clock_url: str | None,
    console: Console,
    *,
    reason: str,
    verdict: Verdict,
    by: str,
    note: str,
) -> None:
    """Close one open reason in a person's name; raises ConfigError with the rule's own words when it is refused."""
    word = _word(reason, verdict, by, note)
    async with order_named(settings, merchant, order_id) as (_, order):
        check_set_up(settings, order.key.merchant_id)
    async with bootstrap.opened_runtime(settings, clock=bootstrap.clock(settings, clock_url)) as runtime:
        shop = runtime.merchants[order.key.merchant_id]
        try:
            decided = await settle_reason(runtime.ports, shop, order.key, word)
        except (GatewayRejected, GatewayUnreachable, OutcomeUnknown) as no:
            raise ConfigError(_not_asked(f"Juspay gave no answer: {no}")) from no
    if decided is None:
        raise ConfigError(_not_asked("Juspay was asked about this order too often of late"))
    if isinstance(decided, Refused):
        raise ConfigError(refused_by_rule(decided))
    if printed_as_json(console, lambda: review_document(decided.after)):
        return
    console.print(f"Settled. The journal of {order.opened.order_id} records it as what {escape(word.by.person)} found.")
    left = open_reasons(decided.after)
    console.print(f"Still open: {len(left)}." if left else "No reason is open now.")


def _not_asked(why: str) -> ConfigProblem:
    """A verdict on a refund waits for a look, so that it does not contradict what Juspay has done since."""
    return ConfigProblem("not settled", why, "try again in a minute; before such a verdict Juspay is asked once more")


def _word(reason: str, verdict: Verdict, by: str, note: str) -> Settle:
    person = person_named(by)
    try:
        return Settle(reason=reason, verdict=verdict, by=person, note=note)
    except ValueInvalid as wrong:
        raise ConfigError(note_refused(wrong)) from None


def _rows(order: Order) -> Iterator[Sequence[str]]:
    """A reason a row; what is the order's own stands in the first."""
    head: Sequence[str] = (order.opened.order_id, status(order), price(order.amount))
    for reason in open_reasons(order):
        yield *head, f"{reason.kind}: {reason.message}"
        head = ("", "", "")
