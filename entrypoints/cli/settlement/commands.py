"""`paystate settle import | imports | list | show | close`: options and arguments; `settlements` does the work."""

# rich_click's decorators are only partly typed.
# pyright: reportUnknownMemberType=false
from __future__ import annotations

from pathlib import Path

import rich_click as click

from paystate.core.settlement.cases import CaseState, CaseVerdict
from paystate.entrypoints.cli.common import (
    by_option,
    clock_option,
    note_option,
    of_a_merchant,
    out,
    run,
    settings_at,
)

_STATES = [*map(str, CaseState), "all"]


@click.group()
def settle() -> None:
    """Hold a bank's settlement report against orders and refunds."""


@settle.command("import")
@of_a_merchant
@clock_option
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--format", "form", help="The format of the settings; needed when there are several.")
@click.option("--days", help="The days of which it has all money, such as 2026-11-27; else those in its rows.")
@click.option("--settlement", default="", help="The id of the pay-out, where no column has it.")
@click.option("--replace", is_flag=True, help="Take a corrected report in place of the rows that it corrects.")
def settle_import(
    settings_path: Path,
    merchant: str | None,
    clock_url: str | None,
    file: Path,
    form: str | None,
    days: str | None,
    settlement: str,
    replace: bool,
) -> None:
    """Import the report FILE (CSV) and say what differs. The same report again changes nothing."""
    from paystate.entrypoints.cli.settlement import settlements as view

    wish = view.Wish(file=file, form=form, days=days, settlement=settlement, replace=replace)
    run(view.take(settings_at(settings_path), merchant, wish, clock_url, out))


@settle.command("imports")
@of_a_merchant
def settle_imports(settings_path: Path, merchant: str | None) -> None:
    """List what was imported, newest first."""
    from paystate.entrypoints.cli.settlement import settlements as view

    run(view.imports(settings_at(settings_path), merchant, out))


@settle.command("list")
@of_a_merchant
@click.option("--state", type=click.Choice(_STATES), default="open", show_default=True, help="Only cases in it.")
@click.option("--after", default="", metavar="CASE", help="The case that ended the page before.")
def settle_list(settings_path: Path, merchant: str | None, state: str, after: str) -> None:
    """List differences, the one first that came first."""
    from paystate.entrypoints.cli.settlement import settlements as view

    chosen = None if state == "all" else CaseState(state)
    run(view.listed(settings_at(settings_path), merchant, chosen, after, out))


@settle.command("show")
@of_a_merchant
@click.argument("case_id", metavar="CASE")
def settle_show(settings_path: Path, merchant: str | None, case_id: str) -> None:
    """Show a difference: both sums, the rule, the rows, and what people found."""
    from paystate.entrypoints.cli.settlement import settlements as view

    run(view.shown(settings_at(settings_path), merchant, case_id, out))


@settle.command("close")
@of_a_merchant
@clock_option
@click.argument("case_id", metavar="CASE")
@click.option("--verdict", type=click.Choice([*map(str, CaseVerdict)]), required=True, help="What you found.")
@click.option("--revision", help="Close it only if it is as you saw it: what `settle show` told.")
@by_option
@note_option
def settle_close(
    settings_path: Path,
    merchant: str | None,
    clock_url: str | None,
    case_id: str,
    verdict: str,
    revision: str | None,
    by: str,
    note: str,
) -> None:
    """Close a difference in your name. It opens again only when its facts change."""
    from paystate.entrypoints.cli.settlement import settlements as view

    word = view.Word(verdict=CaseVerdict(verdict), by=by, note=note, seen=revision)
    run(view.close(settings_at(settings_path), merchant, case_id, word, clock_url, out))
