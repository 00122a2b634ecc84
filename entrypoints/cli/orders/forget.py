"""`paystate forget CUSTOMER`: what tells who a customer is goes out of the database."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Final

from rich.console import Console

from paystate.core.errors import ValueInvalid
from paystate.core.ids import checked_customer_id
from paystate.core.use_cases.retention.forget import Forgotten, would_forget
from paystate.core.use_cases.retention.forget import forget as forget_customer
from paystate.entrypoints.cli.lookups import merchant_named, person_named, policy_of
from paystate.entrypoints.cli.terminal import print_rows, say
from paystate.entrypoints.setup import bootstrap
from paystate.entrypoints.setup.problems import ConfigError, ConfigProblem
from paystate.entrypoints.setup.settings import Settings

_HEADINGS: Final = ("order", "still open")


async def forget(
    settings: Settings,
    merchant: str | None,
    customer: str,
    clock_url: str | None,
    console: Console,
    *,
    by: str,
    dry_run: bool,
) -> None:
    """Forget a customer, or only say what that would come to; ends the program with 1 where orders keep them.

    Raises:
        ConfigError: There is no such merchant, or no id or name can be spelled so.
    """
    merchant_id, customer_id, person = merchant_named(settings, merchant), _named(customer), person_named(by)
    policy = policy_of(settings, merchant_id)
    work = would_forget if dry_run else forget_customer
    async with bootstrap.opened_store(settings) as store:
        ports = bootstrap.ports_on(store, bootstrap.clock(settings, clock_url))
        came_to = await work(ports, policy, merchant_id, customer_id, person)
    say(_told(came_to, customer_id, dry_run=dry_run), console)
    if not dry_run:
        bootstrap.compact(settings)  # also where nothing was found: the last run may have ended before this
    if came_to.kept:
        print_rows(_HEADINGS, ((one.order_id, one.owed) for one in came_to.kept), console)
        say(["These orders keep the customer. Do it again once nothing is open."], console)
        sys.exit(1)


def _named(customer: str) -> str:
    fix = "give the id under which your backend opens this customer's orders"
    try:
        customer_id = checked_customer_id(customer)
    except ValueInvalid as wrong:
        raise ConfigError(ConfigProblem("CUSTOMER", wrong.rule or "is no customer's id", fix)) from None
    if not customer_id:
        raise ConfigError(ConfigProblem("CUSTOMER", "is blank", fix))
    return customer_id


def _told(came_to: Forgotten, customer_id: str, *, dry_run: bool) -> Iterator[str]:
    if not (came_to.orders or came_to.checkouts or came_to.kept):
        yield f"Nothing is kept of customer {customer_id}."
        return
    if not (came_to.orders or came_to.checkouts):
        yield f"Nothing of customer {customer_id} {'can be' if dry_run else 'is'} forgotten yet."
        return
    verb = "would be forgotten" if dry_run else "is forgotten"
    yield f"Customer {customer_id} {verb}. Orders: {came_to.orders:,}. Checkouts: {came_to.checkouts:,}."
    if not dry_run:
        yield "Backups still hold what they held. Do this again after you have restored one."
