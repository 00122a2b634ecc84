"""`paystate outbox list | show | replay | resume | unsubscribe`: options and arguments; `outbox` does the work."""

# rich_click's decorators are only partly typed.
# pyright: reportUnknownMemberType=false
from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import rich_click as click

from paystate.core.ports.outbox import DeliveryState
from paystate.core.use_cases.announcements.replay import Wish
from paystate.entrypoints.cli.common import (
    instant_named,
    logged_by_option,
    named,
    of_a_merchant,
    out,
    run,
    settings_at,
)

_STATES = [str(one) for one in DeliveryState]

_endpoint = click.option("--endpoint", help="Only to this endpoint or handler.")
_order = click.option("--order", "order_id", help="Only about this order.")
_dry_run = click.option("--dry-run", is_flag=True, help="Only say what would be sent again.")


@click.group()
def outbox() -> None:
    """What your own endpoints and handlers are told, and what became of it."""


@outbox.command("list")
@of_a_merchant
@_endpoint
@_order
@click.option(
    "--state", type=click.Choice([str(one) for one in DeliveryState]), default=None, help="Only those in this state."
)
@click.option("--before", type=click.IntRange(min=1), help="The row id that ended the page before.")
def outbox_list(
    settings_path: Path,
    merchant: str | None,
    endpoint: str | None,
    order_id: str | None,
    state: str | None,
    before: int | None,
) -> None:
    """List deliveries, newest first."""
    from paystate.entrypoints.cli.announcements import outbox as view

    only = view.Only(
        endpoint=named(endpoint, "--endpoint"),
        order_id=named(order_id, "--order"),
        state=DeliveryState(state) if state else None,
        before=before,
    )
    run(view.show_list(settings_at(settings_path), merchant, out, only))


@outbox.command("show")
@of_a_merchant
@click.argument("event_id", metavar="ID")
def outbox_show(settings_path: Path, merchant: str | None, event_id: str) -> None:
    """Show one announcement as it is sent, and its deliveries. ID is the `webhook-id` that receivers see."""
    from paystate.entrypoints.cli.announcements import outbox as view

    run(view.show(settings_at(settings_path), merchant, event_id, out))


@outbox.command("replay")
@of_a_merchant
@click.argument("event_ids", metavar="[ID]...", nargs=-1)
@_order
@click.option("--since", help="What was announced since this instant, from the journals.")
@click.option("--dead", is_flag=True, help="What was given up.")
@_endpoint
@logged_by_option
@_dry_run
def outbox_replay(
    settings_path: Path,
    merchant: str | None,
    event_ids: Sequence[str],
    order_id: str | None,
    since: str | None,
    dead: bool,
    endpoint: str | None,
    by: str,
    dry_run: bool,
) -> None:
    """Deliver announcements once more, by ID, --order, --since or --dead; what is kept no more is made again.

    The ids stay, so a receiver that has seen one may pass it over. Handlers (`pay.on`) get theirs from the program that
    registers them.
    """
    from paystate.entrypoints.cli.announcements import outbox as view

    instant = None if since is None else instant_named(since, "--since")
    ids = tuple(named(event_id, "ID") for event_id in event_ids)
    wish = Wish(event_ids=ids, order_id=named(order_id, "--order"), since=instant, dead=dead)
    only_to = named(endpoint, "--endpoint")
    run(view.replay(settings_at(settings_path), merchant, wish, only_to, out, by=by, dry_run=dry_run))


@outbox.command("resume")
@of_a_merchant
@click.argument("endpoint")
def outbox_resume(settings_path: Path, merchant: str | None, endpoint: str) -> None:
    """Send again to an endpoint that had answered 410 (Gone). It begins with what is announced from now on."""
    from paystate.entrypoints.cli.announcements import outbox as view

    run(view.resume(settings_at(settings_path), merchant, endpoint, out))


@outbox.command("unsubscribe")
@of_a_merchant
@click.argument("name")
def outbox_unsubscribe(settings_path: Path, merchant: str | None, name: str) -> None:
    """Forget a handler or endpoint that is there no more, as after a new name. What waits for it is given up."""
    from paystate.entrypoints.cli.announcements import outbox as view

    run(view.unsubscribe(settings_at(settings_path), merchant, name, out))
