"""What `paystate explore` prints, and its exit code."""

from __future__ import annotations

from rich.console import Console

from paystate.entrypoints.cli.terminal import print_rows, say
from paystate.entrypoints.verification.report import explored_together, rows, totals
from paystate.entrypoints.verification.search import Found


def run(*, large: bool, console: Console) -> int:
    """Explore, print what was found, and return 1 if anything is wrong."""
    exploration = explored_together("large" if large else "small", lambda found: _tell(found, console))
    console.print()
    print_rows(("World", "States", "Steps", "What it holds"), rows(exploration), console)
    console.print()
    say(totals(exploration), console)
    findings = tuple(exploration.findings())
    say(findings or ("Nothing is wrong.",), console)
    return 1 if findings else 0


def _tell(found: Found, console: Console) -> None:
    wrong = f"{len(found.broken)} laws are broken" if found.broken else "nothing is wrong"
    say((f"{found.name}: {found.states:,} states, {wrong}",), console)
