"""The commands with which the merchant speaks of many of its sales at once: `paystate adopt | resync`.

Heavy imports wait until their command runs, so that `--help` is quick.
"""

# rich_click's decorators are only partly typed.
# pyright: reportUnknownMemberType=false
from __future__ import annotations

from pathlib import Path

import rich_click as click

from paystate.entrypoints.cli.common import (
    by_option,
    clock_option,
    instant_named,
    of_a_merchant,
    out,
    run,
    settings_at,
)


@click.command()
@of_a_merchant
@clock_option
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@by_option
def adopt(settings_path: Path, merchant: str | None, clock_url: str | None, file: Path, by: str) -> None:
    """Take over orders from before Paystate: FILE is CSV in UTF-8, one order a line.

    Columns: order_id, amount, currency, customer_id, fulfilled (yes or no); return_url, description and created_at may
    be left out. Every line is checked before any is taken, and the same file again changes nothing. Juspay is asked
    about each order.
    """
    from paystate.entrypoints.cli.orders import adopt as adopt_view

    run(adopt_view.adopt(settings_at(settings_path), merchant, clock_url, file, out, by=by))


@click.command()
@of_a_merchant
@clock_option
@click.option("--since", required=True, metavar="INSTANT", help="When the backup was made: 2026-03-14T09:05:00Z.")
@by_option
def resync(settings_path: Path, merchant: str | None, clock_url: str | None, since: str, by: str) -> None:
    """After a restore from a backup: send no refund of an order until Juspay was asked about it again.

    Every order that took money is in doubt, and every order newer than INSTANT. Repeating this changes nothing.
    """
    from paystate.entrypoints.cli.orders import sale_of_an_order

    run(
        sale_of_an_order.resync(
            settings_at(settings_path), merchant, clock_url, instant_named(since, "--since"), out, by=by
        )
    )
