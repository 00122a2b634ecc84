"""How the demo looks on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table

from paystate.entrypoints.demo.chapters import Chapter
from paystate.entrypoints.demo.script import Line
from paystate.entrypoints.demo.stack import MERCHANT_ID, Stack
from paystate.entrypoints.demo.story import Story, Verdict

_COLOURS = {
    "app": "cyan",
    "backend": "blue",
    "juspay": "magenta",
    "paystate": "green",
    "person": "bright_blue",
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
            "They share one clock. It stands still unless a story moves it.",
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
    when = "%d %b %H:%M:%S" if len({line.at.date() for line in lines}) > 1 else "%H:%M:%S"
    for line in lines:
        who = f"[{_COLOURS.get(line.who, 'white')}]{line.who}[/]"
        table.add_row(line.at.strftime(when), who, escape(line.what))
    console.print(table)
    console.print(Padding(f"On the phone: [italic]{escape(told.to_say)}[/italic]", (1, 0, 0, 2)))
    for wrong in verdict.wrong:
        console.print(f"  [red]✗ {escape(wrong)}[/red]")


def contents(console: Console, chapters: Iterable[Chapter]) -> None:
    """The names and titles of the stories, chapter by chapter."""
    for chapter in chapters:
        console.print(f"\n[bold]{escape(chapter.title)}[/bold]")
        for one in chapter.stories:
            console.print(f"  {one.name:<24}{escape(one.title)}", soft_wrap=True)


def verdicts(console: Console, chapters: Iterable[Chapter], judged: Sequence[Verdict]) -> None:
    """The closing table, chapter by chapter; it fits into 80 columns."""
    console.print("\n[bold]Do Paystate's journal, the sandbox's ledger and the story agree?[/bold]\n")
    console.print(_table([("story", "shopper saw", "final state", "journal", "ledger", "story")], style="bright_black"))
    for chapter in chapters:
        told = [verdict for verdict in judged if verdict.story in chapter.stories]
        if told:
            console.print(f"[bold]{escape(chapter.title)}[/bold]")
            console.print(_table(_cells(verdict) for verdict in told))
    good = sum(verdict.agrees for verdict in judged)
    console.print(f"\n{good} of {len(judged)} stories agree in all three.")


def _table(rows: Iterable[Iterable[str]], style: str = "") -> Table:
    """A part of the closing table; its widths are fixed, so that the parts stand under each other."""
    table = Table(show_header=False, box=None, padding=(0, 1, 0, 0), pad_edge=False, style=style)
    for width in (22, 17, 18, 7, 6, 5):
        table.add_column(width=width, overflow="fold")
    for row in rows:
        table.add_row(*row)
    return table


def _cells(verdict: Verdict) -> Iterable[str]:
    yield verdict.story.name
    yield verdict.shopper_saw.replace("_", " ")
    yield verdict.status
    for agrees in (verdict.journal_agrees, verdict.ledger_agrees, verdict.story_agrees):
        yield "[green]yes[/green]" if agrees else "[red]no[/red]"


def addresses(console: Console, stack: Stack, pages: Mapping[str, str], order_ids: Sequence[str]) -> None:
    """What --keep leaves running: `pages` to be opened in a browser, the rest, and how to look at the last order."""
    console.print()
    console.rule("[bold]Open in a browser[/bold]", align="left")
    for name, value in pages.items():
        console.print(f"  {name:<28}{value}", soft_wrap=True)
    console.rule("[bold]Still running[/bold]", align="left")
    for name, value in (
        ("service", stack.service_url),
        ("its API description", f"{stack.service_url}/docs"),
        ("what really happened there", f"{stack.sandbox_url}/_control/orders"),
        ("merchant", MERCHANT_ID),
        ("the backend's API key", stack.api_key),
        ("settings", str(stack.settings_file)),
    ):
        console.print(f"  {name:<28}{value}", soft_wrap=True)
    for order_id in order_ids[-1:]:
        console.print(f"\nTry: paystate order explain {order_id} --settings {stack.settings_file}", soft_wrap=True)
    console.print("\nThe clock now runs. Ctrl-C stops everything.")
