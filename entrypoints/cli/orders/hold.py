"""Held money on the terminal: ask for its capture or its release.

The request goes through the same rules as the API's routes and is stored here. A running worker sends it, so no key of
Juspay's is needed.
"""

from __future__ import annotations

from rich.console import Console

from paystate.core.describe.wording import hold_named, hold_stands
from paystate.core.ids import hold_id_for
from paystate.core.orders.facts import Refused
from paystate.core.orders.order import Order
from paystate.core.use_cases.holds import request_capture, request_void
from paystate.entrypoints.cli.lookups import amount_named, order_named, policy_of
from paystate.entrypoints.cli.orders.asked import Asked
from paystate.entrypoints.cli.orders.documents import hold_document
from paystate.entrypoints.cli.refusals import refused_by_rule
from paystate.entrypoints.cli.terminal import printed_as_json
from paystate.entrypoints.setup import bootstrap
from paystate.entrypoints.setup.problems import ConfigError
from paystate.entrypoints.setup.settings import Settings


async def capture(
    settings: Settings,
    merchant: str | None,
    order_id: str,
    clock_url: str | None,
    console: Console,
    asked: Asked,
    *,
    amount: str | None,
) -> None:
    """Reserve a capture; raises ConfigError with the rule's own words when it is refused."""
    async with order_named(settings, merchant, order_id) as (store, order):
        ports = bootstrap.ports_on(store, bootstrap.clock(settings, clock_url))
        policy = policy_of(settings, order.key.merchant_id)
        part = None if amount is None else amount_named(order, amount, "--amount")
        decided = await request_capture(
            ports, policy, order.key, idempotency_key=asked.key, amount=part, by=asked.by, note=asked.note
        )
    if isinstance(decided, Refused):
        raise ConfigError(refused_by_rule(decided))
    _say(decided.after, asked, console)


async def void(
    settings: Settings, merchant: str | None, order_id: str, clock_url: str | None, console: Console, asked: Asked
) -> None:
    """Reserve a release; raises ConfigError with the rule's own words when it is refused."""
    async with order_named(settings, merchant, order_id) as (store, order):
        ports = bootstrap.ports_on(store, bootstrap.clock(settings, clock_url))
        policy = policy_of(settings, order.key.merchant_id)
        decided = await request_void(ports, policy, order.key, idempotency_key=asked.key, by=asked.by, note=asked.note)
    if isinstance(decided, Refused):
        raise ConfigError(refused_by_rule(decided))
    _say(decided.after, asked, console)


def _say(order: Order, asked: Asked, console: Console) -> None:
    operation = order.holds[hold_id_for(order.key.merchant_id, asked.key)]
    if printed_as_json(console, lambda: hold_document(order, operation)):
        return
    named = hold_named(operation, order.amount.currency)
    console.print(f"{named[0].upper()}{named[1:]} {hold_stands(order, operation)}.", soft_wrap=True)
    if not operation.tries:
        console.print("The worker sends it. To see how it ended: paystate order explain " + order.opened.order_id)
