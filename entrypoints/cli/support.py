"""The commands for whoever answers the phone: `paystate review | inbox | retention | forget |
explain-signature`.

Heavy imports wait until their command runs, so that `--help` is quick.
"""

# rich_click's decorators are only partly typed.
# pyright: reportUnknownMemberType=false
from __future__ import annotations

import sys
from pathlib import Path

import rich_click as click

from paystate.core.orders.reason import Verdict
from paystate.entrypoints.cli.common import (
    by_option,
    clock_option,
    json_option,
    named,
    of_a_merchant,
    of_an_order,
    out,
    run,
    settings_at,
    settings_option,
)

a_file = click.Path(path_type=Path, dir_okay=False)
row_argument = click.argument("row_id", metavar="ID", type=click.IntRange(min=1, max=2**63 - 1))


@click.group()
def review() -> None:
    """What a person must look at, and what a person found."""


@review.command("list")
@of_a_merchant
@click.option("--after", default="", help="The last order of the page before.")
def review_list(settings_path: Path, merchant: str | None, after: str) -> None:
    """List the orders that wait for a person, newest first."""
    from paystate.entrypoints.cli.orders import review as review_view

    run(review_view.listed(settings_at(settings_path), merchant, after, out))


@review.command("show")
@of_an_order
def review_show(settings_path: Path, merchant: str | None, order_id: str) -> None:
    """Show an order's reasons, with their keys and the verdicts that would settle them."""
    from paystate.entrypoints.cli.orders import review as review_view

    run(review_view.shown(settings_at(settings_path), merchant, order_id, out))


@review.command("settle")
@of_an_order
@clock_option
@click.argument("key")
@click.option("--verdict", type=click.Choice([verdict.value for verdict in Verdict]), required=True)
@by_option
@click.option("--note", required=True, help="What you found, and where.")
def review_settle(
    settings_path: Path,
    merchant: str | None,
    clock_url: str | None,
    order_id: str,
    key: str,
    verdict: str,
    by: str,
    note: str,
) -> None:
    """Close one open reason in your name. This sets no status, and new evidence opens a new reason."""
    from paystate.entrypoints.cli.orders import review as review_view

    settling = review_view.settle(
        settings_at(settings_path),
        merchant,
        order_id,
        clock_url,
        out,
        reason=key,
        verdict=Verdict(verdict),
        by=by,
        note=note,
    )
    run(settling)


@click.group()
def inbox() -> None:
    """Webhooks that could not be used: see them, and process one again."""


@inbox.command("list")
@of_a_merchant
@click.option("--all", "everything", is_flag=True, help="Also those that were used or that wait.")
@click.option("--order", "order_id", help="Only those that name this order.")
@click.option("--before", type=click.IntRange(min=1, max=2**63 - 1), help="Only those with a smaller id.")
def inbox_list(
    settings_path: Path, merchant: str | None, everything: bool, order_id: str | None, before: int | None
) -> None:
    """List the webhooks that could not be used, newest first."""
    from paystate.entrypoints.cli.webhooks import inbox as inbox_view

    listing = inbox_view.show_list(
        settings_at(settings_path),
        merchant,
        out,
        everything=everything,
        order_id=named(order_id, "--order"),
        before=before,
    )
    run(listing)


@inbox.command("show")
@of_a_merchant
@row_argument
def inbox_show(settings_path: Path, merchant: str | None, row_id: int) -> None:
    """Show one webhook, without any person's data."""
    from paystate.entrypoints.cli.webhooks import inbox as inbox_view

    run(inbox_view.show(settings_at(settings_path), merchant, row_id, out))


@inbox.command("replay")
@of_a_merchant
@row_argument
@click.option("--dry-run", is_flag=True, help="Only say what would happen to it.")
def inbox_replay(settings_path: Path, merchant: str | None, row_id: int, dry_run: bool) -> None:
    """Put a webhook back in the queue, so that the worker processes it again."""
    from paystate.entrypoints.cli.webhooks import inbox as inbox_view

    run(inbox_view.replay(settings_at(settings_path), merchant, row_id, out, dry_run=dry_run))


@click.group()
def retention() -> None:
    """How long webhooks and their bodies are kept."""


@retention.command("run")
@settings_option
@json_option
@clock_option
@click.option("--dry-run", is_flag=True, help="Only say what would be deleted.")
def retention_run(settings_path: Path, clock_url: str | None, dry_run: bool) -> None:
    """Delete old webhooks and drop old bodies, as each merchant's policy says. The worker does so too, bit by bit."""
    from paystate.entrypoints.cli.webhooks import retention as retention_view

    run(retention_view.run(settings_at(settings_path), clock_url, out, dry_run=dry_run))


@click.command()
@of_a_merchant
@clock_option
@click.argument("customer")
@by_option
@click.option("--dry-run", is_flag=True, help="Only say what would be forgotten.")
def forget(
    settings_path: Path, merchant: str | None, clock_url: str | None, customer: str, by: str, dry_run: bool
) -> None:
    """Forget who a customer is: ids, names, addresses, and the bodies that hold them. What moved of money stays."""
    from paystate.entrypoints.cli.orders import forget as forgetting

    run(forgetting.forget(settings_at(settings_path), merchant, customer, clock_url, out, by=by, dry_run=dry_run))


@click.command("explain-signature")
@of_a_merchant
@click.argument("url", required=False)
@click.option("--key-file", type=a_file, help="Read the response key from this file instead of from the settings.")
@click.option("--key-env", metavar="NAME", help="Read it from this environment variable.")
@click.option("--ask-key", is_flag=True, help="Ask for it, without showing it.")
@click.option("--payload", type=a_file, help="Instead of URL: the exact signaturePayload or orderDetails ...")
@click.option("--signature", type=a_file, help="... its signature ...")
@click.option("--public-key", type=a_file, help="... and the public key that Juspay has, PEM.")
def explain_signature(
    settings_path: Path,
    merchant: str | None,
    url: str | None,
    key_file: Path | None,
    key_env: str | None,
    ask_key: bool,
    **files: Path | None,
) -> None:
    """Say at which step a return URL's signature differs from ours. Without URL, it is read from standard input."""
    from paystate.entrypoints.cli import signature as view

    def keys() -> tuple[str, ...]:
        if ask_key:
            return (click.prompt("Response key", hide_input=True, err=True),)
        if key_file or key_env:
            return (view.key_in(key_file, key_env),)
        return view.keys_of(settings_at(settings_path), merchant)

    if any(files.values()):
        is_good = run(view.explain_payload(files, out))
    else:
        is_good = run(view.explain_return(url or sys.stdin.read(), keys, out))
    sys.exit(0 if is_good else 1)
