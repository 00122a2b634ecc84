"""The command about a day: `paystate day`. Heavy imports wait until it runs, so that `--help` is quick."""

# rich_click's decorators are only partly typed.
# pyright: reportUnknownMemberType=false
from __future__ import annotations

from pathlib import Path

import rich_click as click

from paystate.core.finding.day import SumKind
from paystate.entrypoints.cli.common import clock_option, json_option, merchant_option, out, run, settings_at
from paystate.entrypoints.cli.common import settings_option as settings_file


@click.command()
@settings_file
@merchant_option
@json_option
@clock_option
@click.argument("date")
@click.option("--rows", "rows_of", type=click.Choice([kind.value for kind in SumKind]), help="The rows behind a sum.")
@click.option(
    "--csv",
    "as_csv",
    is_flag=True,
    help="Every row behind every sum, or behind that of --rows, as CSV for a spreadsheet.",
)
def day(
    settings_path: Path,
    merchant: str | None,
    clock_url: str | None,
    date: str,
    rows_of: str | None,
    as_csv: bool,
) -> None:
    """Show DATE, such as 2026-11-27: what was opened and how it stands, what was captured and refunded.

    It is a day of the merchant's time zone. Without --merchant it is told of every one. This only reads the database.
    """
    from paystate.entrypoints.cli.days import day as view

    chosen = SumKind(rows_of) if rows_of else None
    run(view.show(settings_at(settings_path), merchant, date, clock_url, out, rows_of=chosen, as_csv=as_csv))
