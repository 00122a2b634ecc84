"""The look of what commands print: sentences, named values, tables.

No value is taken for markup, wherever it comes from.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

_PADDING = (0, 2, 0, 0)


def say(sentences: Iterable[str], console: Console) -> None:
    """A sentence a line."""
    for sentence in sentences:
        console.print(escape(sentence), soft_wrap=True)


def print_values(values: Iterable[tuple[str, str]], console: Console) -> None:
    """A name and its value a line."""
    table = Table(show_header=False, box=None, padding=_PADDING)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in values:
        table.add_row(name, escape(value))
    console.print(table)


def print_rows(headings: Sequence[str], rows: Iterable[Sequence[str]], console: Console) -> None:
    """A table; what does not fit its column goes on in the next line, and nothing is cut off."""
    table = Table(box=None, padding=_PADDING)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*map(escape, row))
    console.print(table)
