"""What the merchant says of its own sales, on the terminal.

Owns the layout. Everything goes through the same rules as the API's routes, and is journaled with the person's name.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from rich.console import Console
from rich.markup import escape

from paystate.core.deciding import OrderDecision
from paystate.core.errors import ValueInvalid
from paystate.core.facts import CashOutcome, Refused
from paystate.core.persons import NAME_MAX, NOTE_MAX
from paystate.core.rules import cited, help_for
from paystate.core.sale import CancelOrder, DemandLook, RecordCash
from paystate.core.use_cases.sale import resync as put_in_doubt
from paystate.core.use_cases.sale import say
from paystate.core.wording import clock
from paystate.entrypoints import bootstrap
from paystate.entrypoints.mistakes import Mistake, Problem
from paystate.entrypoints.named import merchant_named, order_named, policy_of
from paystate.entrypoints.settings import Settings


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
    """Keep what became of the cash; raises Mistake with the rule's own words when it is refused."""
    decided = await _said(
        settings, merchant, order_id, clock_url, lambda: RecordCash(outcome=outcome, by=by, note=note)
    )
    name = decided.after.opened.order_id
    if decided.fact is None:
        console.print(f"The cash of {name} is told as {outcome} already; nothing changed.")
    else:
        console.print(f"The cash of {name} is {outcome}. It stands in its journal as what {escape(by)} says.")


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
    """Call a sale off; raises Mistake with the rule's own words when it is refused."""
    decided = await _said(settings, merchant, order_id, clock_url, lambda: CancelOrder(by=by, note=note))
    name = decided.after.opened.order_id
    if decided.fact is None:
        console.print(f"{name} is cancelled already; nothing changed.")
    else:
        console.print(f"{name} is cancelled. Nobody is let pay it any more; a shopper may still be paying.")


async def resync(
    settings: Settings, merchant: str | None, clock_url: str | None, since: datetime, console: Console
) -> None:
    """Put every order in doubt that may lack something; raises Mistake for an instant to come."""
    merchant_id = merchant_named(settings, merchant)
    policy = policy_of(settings, merchant_id)
    async with bootstrap.opened_store(settings.database_path) as store:
        ports = bootstrap.ports_on(store, bootstrap.clock(settings, clock_url))
        if since > ports.clock.now():
            raise Mistake(Problem("--since", "lies ahead", "give the instant at which the backup was made"))
        counts = await put_in_doubt(ports, policy, merchant_id, DemandLook(since=since))
    console.print(f"{counts.marked} orders are in doubt since {clock(since)}: no refund of them is sent before a look.")
    console.print(f"{counts.already} were so already, {counts.passed_over} took no money and are older.")
    console.print("The worker asks Juspay about each as its budget allows; a refund that is asked for goes first.")


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
        mend = f"give a name of up to {NAME_MAX} characters and a note of up to {NOTE_MAX}, on one line each"
        raise Mistake(Problem(wrong.pointer.replace("/", "--"), "says nothing, or is not plain text", mend)) from wrong
    async with order_named(settings, merchant, order_id) as (store, order):
        ports = bootstrap.ports_on(store, bootstrap.clock(settings, clock_url))
        decided = await say(ports, policy_of(settings, order.key.merchant_id), order.key, said)
    if isinstance(decided, Refused):
        legal = f"possible: {', '.join(decided.legal)}; " if decided.legal else ""
        raise Mistake(Problem("refused", cited(decided.rule), f"{legal}see {help_for(decided.rule)}"))
    return decided
