"""What the merchant says of its own sales, on the terminal.

Everything goes through the same rules as the API's routes, and is journaled with the person's name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from rich.console import Console
from rich.markup import escape

from paystate.core.describe.wording import clock
from paystate.core.errors import GatewayRejected, GatewayUnreachable, ValueInvalid
from paystate.core.money import Money
from paystate.core.orders.commands.sale_commands import CancelOrder, DoubtRecord, RecordCash
from paystate.core.orders.decision import OrderDecision
from paystate.core.orders.facts import CashOutcome, Refused
from paystate.core.orders.order import Order
from paystate.core.use_cases.sale import amend as change_price
from paystate.core.use_cases.sale import resync as put_in_doubt
from paystate.core.use_cases.sale import say
from paystate.entrypoints.cli.lookups import (
    amount_named,
    check_set_up,
    merchant_named,
    note_refused,
    order_named,
    person_named,
    policy_of,
    zone_of_merchant,
)
from paystate.entrypoints.cli.orders.documents import order_document
from paystate.entrypoints.cli.refusals import refused_by_rule
from paystate.entrypoints.cli.terminal import in_zone_of, printed_as_json
from paystate.entrypoints.cli.terminal import say as say_lines
from paystate.entrypoints.setup import bootstrap
from paystate.entrypoints.setup.problems import ConfigError, ConfigProblem
from paystate.entrypoints.setup.settings import Settings


async def cash(
    settings: Settings,
    merchant: str | None,
    order_id: str,
    clock_url: str | None,
    console: Console,
    *,
    outcome: CashOutcome,
    by: str,
    note: str,
) -> None:
    """Keep what became of the cash; raises ConfigError with the rule's own words when it is refused."""
    decided = await _said(
        settings, merchant, order_id, clock_url, lambda: RecordCash(outcome=outcome, by=person_named(by), note=note)
    )
    name = decided.after.opened.order_id
    if printed_as_json(console, lambda: order_document(decided.after)):
        return
    if decided.fact is None:
        console.print(f"The cash of {name} was already recorded as {outcome}; nothing changed.")
    else:
        console.print(f"The cash of {name} is {outcome}. The journal records it as what {escape(by)} says.")


async def cancel(
    settings: Settings,
    merchant: str | None,
    order_id: str,
    clock_url: str | None,
    console: Console,
    *,
    by: str,
    note: str,
) -> None:
    """Call a sale off; raises ConfigError with the rule's own words when it is refused."""
    decided = await _said(settings, merchant, order_id, clock_url, lambda: CancelOrder(by=person_named(by), note=note))
    name = decided.after.opened.order_id
    if printed_as_json(console, lambda: order_document(decided.after)):
        return
    if decided.fact is None:
        console.print(f"{name} was already cancelled; nothing changed.")
    else:
        console.print(f"{name} is cancelled. Nobody can start to pay it now, but a shopper may still be paying.")


async def amend(
    settings: Settings,
    merchant: str | None,
    order_id: str,
    clock_url: str | None,
    console: Console,
    *,
    amount: str,
    by: str,
) -> None:
    """Change the price before payment and say what it is; raises ConfigError where a rule or Juspay says no."""
    person = person_named(by)
    async with order_named(settings, merchant, order_id) as (_, before):
        price = amount_named(before, amount, "amount")
    check_set_up(settings, before.key.merchant_id)
    async with bootstrap.opened_runtime(settings, clock=bootstrap.clock(settings, clock_url)) as runtime:
        ports, shop = runtime.ports, runtime.merchants[before.key.merchant_id]
        try:
            result = await change_price(ports, shop, before.key, price, by=person)
        except (GatewayRejected, GatewayUnreachable) as no:
            raise ConfigError(_not_taken(before, no)) from no
    if isinstance(result, Refused):
        raise ConfigError(refused_by_rule(result))
    lines = [*_price_lines(before, result.order, price, is_new=result.decision.fact is not None)]
    if not printed_as_json(console, lambda: order_document(result.order)):
        say_lines(lines, console)


def _price_lines(before: Order, after: Order, price: Money, *, is_new: bool) -> Iterator[str]:
    name, wanted, stands = after.opened.order_id, _in_full(price), _in_full(after.amount)
    if after.price_change and after.price_change.amount == price:
        asked = f"Juspay was asked for {wanted}" if is_new else f"{wanted} was already asked for"
        yield f"{asked}, and Juspay has not confirmed it. Until it does, the price of {name} is {stands}."
        yield f"The worker will ask Juspay. To see how it ended: paystate order explain {name}"
    elif after.amount != price:
        raise ConfigError(_unchanged(after, "Juspay's answer does not show the new price", _see(after)))
    elif is_new:
        yield f"The price of {name} is {wanted} now; it was {_in_full(before.amount)}."
        if before.process_signed_at:
            yield "An app that already has its payload must ask for it again, because that payload names the old price."
    else:
        yield f"The price of {name} is already {wanted}; nothing changed."


def _not_taken(order: Order, no: GatewayRejected | GatewayUnreachable) -> ConfigProblem:
    if isinstance(no, GatewayRejected):
        return _unchanged(order, f"Juspay refused the call: {no}", _see(order))
    return _unchanged(order, "Juspay cannot be reached", "nothing was sent, so try again in a moment")


def _unchanged(order: Order, why: str, fix: str) -> ConfigProblem:
    return ConfigProblem("not changed", f"{why}. The price is still {_in_full(order.amount)}", fix)


def _see(order: Order) -> str:
    return f"see how the order stands: paystate order explain {order.opened.order_id}"


def _in_full(price: Money) -> str:
    return f"{price} {price.currency}"


async def resync(
    settings: Settings, merchant: str | None, clock_url: str | None, since: datetime, console: Console, *, by: str
) -> None:
    """Put every order in doubt that may lack something; raises ConfigError for an instant to come."""
    person = person_named(by)
    merchant_id = merchant_named(settings, merchant)
    policy = policy_of(settings, merchant_id)
    async with bootstrap.opened_store(settings) as store:
        ports = bootstrap.ports_on(store, bootstrap.clock(settings, clock_url))
        if since > ports.clock.now():
            raise ConfigError(
                ConfigProblem("--since", "is in the future", "give the instant at which the backup was made")
            )
        counts = await put_in_doubt(ports, policy, merchant_id, DoubtRecord(since, person))
    in_zone_of(console, zone_of_merchant(settings, merchant_id))
    say_lines(
        (
            f"{counts.marked} orders are in doubt since {clock(since)}: no refund is sent before Juspay was asked.",
            f"{counts.already} were in doubt already, {counts.passed_over} took no money and are older.",
            "The worker asks Juspay about each as its budget allows; a refund that is asked for goes first.",
        ),
        console,
    )


async def _said(
    settings: Settings,
    merchant: str | None,
    order_id: str,
    clock_url: str | None,
    word: Callable[[], RecordCash | CancelOrder],
) -> OrderDecision:
    try:
        said = word()
    except ValueInvalid as wrong:
        raise ConfigError(note_refused(wrong)) from None
    async with order_named(settings, merchant, order_id) as (store, order):
        ports = bootstrap.ports_on(store, bootstrap.clock(settings, clock_url))
        decided = await say(ports, policy_of(settings, order.key.merchant_id), order.key, said)
    if isinstance(decided, Refused):
        raise ConfigError(refused_by_rule(decided))
    return decided
