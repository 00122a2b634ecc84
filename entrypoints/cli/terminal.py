"""The look of what commands print: sentences, named values, tables; or all of it as one JSON document.

No value is taken for markup, wherever it comes from. Instants in what is printed for people stand in the time zone of
the merchant that it is about, with the zone's name; a JSON document has them in UTC.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, tzinfo
from typing import Any

import msgspec
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from paystate.entrypoints.interface.zones import localized

_PADDING = (0, 2, 0, 0)


class Terminal(Console):
    """A console that can keep what a command prints, and tell it as one JSON document in the end.

    A command that has a document of its own gives it to `told`. Of every other one the printed parts are the document:
    `values` by name, `rows` by heading, and all else as `lines`.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.zone: tzinfo = UTC
        self._parts: dict[str, Any] | None = None
        self._document: object = None

    @property
    def collects(self) -> bool:
        """Whether what is printed is kept for a document."""
        return self._parts is not None

    def collect(self) -> None:
        """Print nothing from here on; `print_document` does."""
        self._parts, self._document = {}, None

    def print_document(self) -> None:
        """Print what was kept as JSON, and print as usual again."""
        document = self._parts if self._document is None else self._document
        self._parts = self._document = None
        self.print(json.dumps(document, ensure_ascii=False, indent=2), soft_wrap=True, markup=False)

    def keep(self, document: object) -> None:
        """Take this as the whole document."""
        self._document = msgspec.to_builtins(document)

    def add(self, part: str, more: Mapping[str, str] | Sequence[Any]) -> None:
        """Add to a part of the document."""
        if self._parts is None:
            return
        if isinstance(more, Mapping):
            self._parts.setdefault(part, {}).update(more)
        else:
            self._parts.setdefault(part, []).extend(more)

    def print(self, *objects: Any, **options: Any) -> None:
        """Print, or keep the lines."""
        if not self.collects:
            super().print(*objects, **options)
            return
        plain = " ".join(Text.from_markup(one).plain if isinstance(one, str) else str(one) for one in objects)
        self.add("lines", [line for line in plain.split("\n") if line])


def printed_as_json(console: Console, document: Callable[[], object]) -> bool:
    """Print the document and nothing else, where JSON is asked for; returns whether it is."""
    if isinstance(console, Terminal) and console.collects:
        console.keep(document())
        return True
    return False


def in_zone_of(console: Console, zone: tzinfo) -> None:
    """Show instants in this zone from here on."""
    if isinstance(console, Terminal):
        console.zone = zone


def zone_of(console: Console) -> tzinfo:
    """The zone in which instants are shown."""
    return console.zone if isinstance(console, Terminal) else UTC


def say(sentences: Iterable[str], console: Console) -> None:
    """A sentence a line."""
    for sentence in sentences:
        console.print(escape(localized(sentence, zone_of(console))), soft_wrap=True)


def print_values(values: Iterable[tuple[str, str]], console: Console) -> None:
    """A name and its value a line."""
    shown = [(name, localized(value, zone_of(console))) for name, value in values]
    if isinstance(console, Terminal) and console.collects:
        console.add("values", dict(shown))
        return
    table = Table(show_header=False, box=None, padding=_PADDING)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in shown:
        table.add_row(name, escape(value))
    console.print(table)


def print_rows(headings: Sequence[str], rows: Iterable[Sequence[str]], console: Console) -> None:
    """A table; what does not fit its column goes on in the next line, and nothing is cut off."""
    shown = [[localized(cell, zone_of(console)) for cell in row] for row in rows]
    if isinstance(console, Terminal) and console.collects:
        console.add("rows", [dict(zip(headings, row, strict=True)) for row in shown])
        return
    table = Table(box=None, padding=_PADDING)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in shown:
        table.add_row(*map(escape, row))
    console.print(table)
