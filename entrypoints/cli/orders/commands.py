"""The commands about orders: `paystate order list | find | show | timeline | explain | at | what-if | look | refund |
capture | void | cancel | cash | amend`.

Heavy imports wait until their command runs, so that `--help` is quick.
"""

# rich_click's decorators are only partly typed.
# pyright: reportUnknownMemberType=false
from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from paystate.core.orders.derived import Status
from paystate.core.orders.facts import CashOutcome
from paystate.entrypoints.cli.common import (
    by_option,
    clock_option,
    complain,
    instant_named,
    loaded,
    named,
    note_option,
    of_a_merchant,
    of_an_order,
    out,
    run,
    settings_at,
)
from paystate.entrypoints.interface.order_search import given
from paystate.entrypoints.setup.problems import ConfigError

if TYPE_CHECKING:
    from paystate.entrypoints.cli.orders.asked import Asked


def asked_for(key: str, by: str, note: str) -> Asked:
    """What a person says with a request; ends the program for what is no key, no name or no note."""
    from paystate.entrypoints.cli.orders.asked import Asked

    try:
        return Asked.checked(key, by, note)
    except ConfigError as mistake:
        complain(mistake.problems)


@click.group()
def order() -> None:
    """Find orders, look into them, and act on them.

    list, find, show, timeline, explain, at and what-if only read the database and ask nobody.
    """


@order.command("list")
@of_a_merchant
@click.option("--status", type=click.Choice([status.value for status in Status]), help="Those that have it now.")
@click.option("--customer", "customer_id", help="Your own id of the customer.")
@click.option("--phone", help="The customer's number; its last ten digits are compared.")
@click.option("--email", help="The customer's address, in any case.")
@click.option("--purchase", help="Your own reference of the purchase.")
@click.option("--txn", "txn_id", help="Juspay's id of a payment.")
@click.option("--reference", help="A bank's or gateway's own of a payment or refund: RRN, ARN.")
@click.option("--refund", "refund_id", help="The id of a refund.")
@click.option("--amount", help="The price, in major units; --currency must be given beside it.")
@click.option("--currency", help="Of the price, such as INR.")
@click.option("--day", metavar="DAY", help="Opened on it: 2026-11-27, or 2026-11-01..2026-11-27.")
@click.option("--review", "under_review", is_flag=True, help="Only those that a person must look at.")
@click.option("--changed-since", metavar="INSTANT", help="By their newest change, the oldest first.")
@click.option("--after", default="", help="Where the page before ended.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="Orders at most.")
def order_list(settings_path: Path, merchant: str | None, after: str, limit: int, **search: Any) -> None:
    """List orders that fit in everything that is given, newest first."""
    from paystate.entrypoints.cli.orders import finding

    run(finding.listed(settings_at(settings_path), merchant, given(**search), out, after=after, limit=limit))


@order.command("find")
@of_a_merchant
@click.argument("word")
def order_find(settings_path: Path, merchant: str | None, word: str) -> None:
    """Find orders by any one WORD that stands on them.

    An order's id, its beginning or (among the newest orders) another part of it, a payment's or a refund's id, a bank's
    reference (RRN, ARN), the customer's id, phone or e-mail, or the purchase.
    """
    from paystate.entrypoints.cli.orders import finding

    run(finding.found(settings_at(settings_path), merchant, word, out))


@order.command("look")
@of_an_order
@clock_option
def order_look(settings_path: Path, merchant: str | None, clock_url: str | None, order_id: str) -> None:
    """Ask Juspay about an order now, within its budget of looks. This needs Juspay's API key."""
    from paystate.entrypoints.cli.orders import look

    run(look.look(loaded(settings_path), merchant, order_id, clock_url, out))


@order.command("refund")
@of_an_order
@clock_option
@click.argument("amount")
@click.option("--txn", "txn_id", help="Give back from this payment, if several took money.")
@click.option("--key", required=True, help="Names this refund for ever. The same key never makes a second refund.")
@by_option
@note_option
def order_refund(
    settings_path: Path,
    merchant: str | None,
    clock_url: str | None,
    order_id: str,
    amount: str,
    txn_id: str | None,
    key: str,
    by: str,
    note: str,
) -> None:
    """Give back AMOUNT, in major units such as 100.00. The request is stored, and the worker sends it."""
    from paystate.entrypoints.cli.orders import refund

    settings, asked = settings_at(settings_path), asked_for(key, by, note)
    payment = named(txn_id, "--txn")
    run(refund.refund(settings, merchant, order_id, clock_url, out, asked, amount=amount, txn_id=payment))


@order.command("show")
@of_an_order
def order_show(settings_path: Path, merchant: str | None, order_id: str) -> None:
    """Show an order as the API does."""
    from paystate.entrypoints.cli.orders import order as order_view

    run(order_view.show(settings_at(settings_path), merchant, order_id, out))


@order.command("timeline")
@of_an_order
def order_timeline(settings_path: Path, merchant: str | None, order_id: str) -> None:
    """Show what happened to an order, moment by moment."""
    from paystate.entrypoints.cli.orders import order as order_view

    run(order_view.timeline(settings_at(settings_path), merchant, order_id, out))


@order.command("explain")
@of_an_order
def order_explain(settings_path: Path, merchant: str | None, order_id: str) -> None:
    """Say in plain sentences where an order stands, why, and what comes next."""
    from paystate.entrypoints.cli.orders import order as order_view

    run(order_view.explain(settings_at(settings_path), merchant, order_id, out))


@order.command("at")
@of_an_order
@click.argument("instant")
def order_at(settings_path: Path, merchant: str | None, order_id: str, instant: str) -> None:
    """Say what was known of an order at INSTANT, such as 2026-03-14T09:05:00Z."""
    from paystate.entrypoints.cli.orders import order as order_view

    run(order_view.at(settings_at(settings_path), merchant, order_id, instant_named(instant, "instant"), out))


@order.command("what-if")
@of_an_order
@click.option("--juspay", metavar="STATUS", help="Juspay answers this, such as CHARGED or NOT_FOUND.")
@click.option(
    "--amount", metavar="AMOUNT", help="With --juspay: the amount it names. The default is the order's amount."
)
@click.option("--captured", metavar="AMOUNT", help="With --juspay PARTIAL_CHARGED: how much was taken.")
@click.option("--txn", "txn_id", metavar="ID", default="", help="With --juspay: the attempt it names.")
@click.option("--listing", nargs=2, metavar="REFUND STATUS", help="With --juspay: how it lists a known refund.")
@click.option("--refund", metavar="AMOUNT", help="The backend asks for a refund.")
@click.option("--pay", is_flag=True, help="The shopper goes to the payment page.")
@click.option("--settle", nargs=2, metavar="KEY VERDICT", help="A person settles a review reason.")
def order_what_if(settings_path: Path, merchant: str | None, order_id: str, **given: Any) -> None:
    """Say what one event would change: --juspay, --refund, --pay or --settle. Nothing is changed."""
    from paystate.entrypoints.cli.orders import order as order_view

    run(order_view.what_if(settings_at(settings_path), merchant, order_id, given, out))


@order.command()
@of_an_order
@clock_option
@click.option("--amount", metavar="AMOUNT", help="A part of what is held. The default is all of it.")
@click.option("--key", required=True, help="Names this capture for ever. The same key never makes a second capture.")
@by_option
@note_option
def capture(
    settings_path: Path,
    merchant: str | None,
    clock_url: str | None,
    order_id: str,
    amount: str | None,
    key: str,
    by: str,
    note: str,
) -> None:
    """Take an order's held money, all of it or a part. The request is stored, and the worker sends it."""
    from paystate.entrypoints.cli.orders import hold

    settings, asked = settings_at(settings_path), asked_for(key, by, note)
    run(hold.capture(settings, merchant, order_id, clock_url, out, asked, amount=amount))


@order.command()
@of_an_order
@clock_option
@click.option("--key", required=True, help="Names this release for ever.")
@by_option
@note_option
def void(
    settings_path: Path, merchant: str | None, clock_url: str | None, order_id: str, key: str, by: str, note: str
) -> None:
    """Release all of an order's held money. The request is stored, and the worker sends it."""
    from paystate.entrypoints.cli.orders import hold

    settings, asked = settings_at(settings_path), asked_for(key, by, note)
    run(hold.void(settings, merchant, order_id, clock_url, out, asked))


@order.command()
@of_an_order
@clock_option
@click.argument("outcome", type=click.Choice([outcome.value for outcome in CashOutcome]))
@by_option
@click.option("--note", required=True, help="What it rests on, such as the courier's receipt.")
def cash(
    settings_path: Path, merchant: str | None, clock_url: str | None, order_id: str, outcome: str, by: str, note: str
) -> None:
    """Say what became of cash on delivery: OUTCOME is collected, or returned when the goods came back."""
    from paystate.entrypoints.cli.orders import sale_of_an_order

    told = CashOutcome(outcome)
    run(
        sale_of_an_order.cash(
            settings_at(settings_path), merchant, order_id, clock_url, out, outcome=told, by=by, note=note
        )
    )


@order.command()
@of_an_order
@clock_option
@by_option
@click.option("--note", required=True, help="Why.")
def cancel(settings_path: Path, merchant: str | None, clock_url: str | None, order_id: str, by: str, note: str) -> None:
    """Cancel an order while nothing is paid or held. Juspay cannot be told, so later money needs a person."""
    from paystate.entrypoints.cli.orders import sale_of_an_order

    run(sale_of_an_order.cancel(settings_at(settings_path), merchant, order_id, clock_url, out, by=by, note=note))


@order.command()
@of_an_order
@clock_option
@click.argument("amount")
@by_option
def amend(
    settings_path: Path, merchant: str | None, clock_url: str | None, order_id: str, amount: str, by: str
) -> None:
    """Change an order's price before anybody pays: AMOUNT is in major units, such as 450.00.

    If Juspay may know the order, it is told too, so this needs its API key. Asking again sends nothing.
    """
    from paystate.entrypoints.cli.orders import sale_of_an_order

    run(sale_of_an_order.amend(loaded(settings_path), merchant, order_id, clock_url, out, amount=amount, by=by))
