"""How the demo looks on a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table

from paystate.entrypoints.demo.stack import MERCHANT_ID, Stack
from paystate.entrypoints.demo.stage import Line
from paystate.entrypoints.demo.story import Story, Verdict

_COLOURS = {
    "app": "cyan",
    "backend": "blue",
    "juspay": "magenta",
    "paystate": "green",
    "shopper": "yellow",
    "stranger": "red",
    "time": "bright_black",
}


def opening(console: Console, stack: Stack) -> None:
    """Say what runs where."""
    console.print(
        Panel.fit(
            "Juspay's servers, its SDK and its payment page are played by a sandbox on this machine.\n"
            f"Paystate   {stack.service_url}\n"
            f"Sandbox    {stack.sandbox_url}\n"
            "One clock for all; it stands still unless a story moves it.",
            title="Paystate demo",
        )
    )


def story(console: Console, told: Story, lines: Sequence[Line], verdict: Verdict) -> None:
    """One story: what happens, its timeline, and what does not agree."""
    console.print()
    console.rule(f"[bold]{escape(told.title)}[/bold]", align="left")
    console.print(Padding(escape(told.happens), (0, 0, 1, 2)))
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 2))
    table.add_column(style="bright_black", no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for line in lines:
        who = f"[{_COLOURS.get(line.who, 'white')}]{line.who}[/]"
        table.add_row(line.at.strftime("%H:%M:%S"), who, escape(line.what))
    console.print(table)
    for wrong in verdict.wrong:
        console.print(f"  [red]✗ {escape(wrong)}[/red]")


def verdicts(console: Console, judged: Sequence[Verdict]) -> None:
    """The closing table."""
    table = Table(
        title="\nDo Paystate's journal, the sandbox's ledger and the story agree?",
        title_justify="left",
        title_style="bold",
    )
    table.add_column("story", no_wrap=True)
    for column in ("shopper saw", "final state", "journal", "ledger", "story"):
        table.add_column(column)
    for verdict in judged:
        marks = (verdict.journal_agrees, verdict.ledger_agrees, verdict.story_agrees)
        table.add_row(
            verdict.story.name,
            verdict.shopper_saw.replace("_", " "),
            verdict.status,
            *("[green]agrees[/green]" if agrees else "[red]differs[/red]" for agrees in marks),
        )
    console.print(table)
    good = sum(verdict.agrees for verdict in judged)
    console.print(f"{good} of {len(judged)} stories agree in all three.")


def addresses(console: Console, stack: Stack) -> None:
    """What --keep leaves running."""
    console.print()
    console.rule("[bold]Still running[/bold]", align="left")
    for name, value in (
        ("service", stack.service_url),
        ("its API, described", f"{stack.service_url}/docs"),
        ("sandbox", stack.sandbox_url),
        ("what really happened there", f"{stack.sandbox_url}/_control/orders"),
        ("merchant", MERCHANT_ID),
        ("the backend's API key", stack.api_key),
        ("settings", str(stack.settings_file)),
    ):
        console.print(f"  {name:<28}{value}", soft_wrap=True)
    console.print(f"\nTry: paystate order explain tea-lost-1 --settings {stack.settings_file}", soft_wrap=True)
    console.print("The clock now runs on by itself. Ctrl-C stops everything.")
