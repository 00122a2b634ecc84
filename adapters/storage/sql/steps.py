"""What is done on a database, without doing it: a generator yields each statement and gets back what that has found.

So what the databases share is written once. SQLite's driver is called in a thread and PostgreSQL's is awaited: each has
a small `run` of its own, which carries the statements out in turn. Nothing here begins or ends a transaction.

Where the two databases want other words, a statement has one of these marks in brackets:

    [for update]          locks the rows; SQLite has the whole file locked
    [for update or skip]  the same, and leaves out rows that another transaction has locked
    [in ?]                in a set, given as a JSON array of strings
    [by INDEX]            along this index; PostgreSQL chooses by its statistics
    [cross]               in this order; likewise
    [bytes]               the type
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterable, Sequence
from functools import cache
from itertools import count
from typing import Any, Final, NamedTuple, Self, TypeVar

T = TypeVar("T")
Row = tuple[Any, ...]
Value = int | str | bytes | None
Name = tuple[str, ...]
"""What a transaction is alone with: a kind, and what tells one of the kind from another."""

_MARK: Final = re.compile(r"\[([a-z][a-z0-9_ ?]*)\]")
_WORDS: Final = {
    "for update": ("", "for no key update"),
    "for update or skip": ("", "for no key update skip locked"),
    "in ?": ("in (select value from json_each(?))", "in (select json_array_elements_text(cast(? as json)))"),
    "cross": ("cross", ""),
    "bytes": ("blob", "bytea"),
}


class Sql(str):
    """A statement in SQLite's words.

    Attributes:
        postgres: The same in PostgreSQL's.
    """

    postgres: str

    def __new__(cls, text: str) -> Self:
        """Take a statement with marks; raises KeyError for an unknown mark."""
        made = super().__new__(cls, _MARK.sub(lambda mark: _in_words(mark[1])[0], text))
        number = count(1)
        marked = _MARK.sub(lambda mark: _in_words(mark[1])[1], text)
        made.postgres = re.sub(r"\?", lambda _: f"${next(number)}", marked)
        return made


def _in_words(mark: str) -> tuple[str, str]:
    return (f"indexed by {mark.removeprefix('by ')}", "") if mark.startswith("by ") else _WORDS[mark]


@cache
def sql_of(text: str) -> Sql:
    """A statement that is put together when it is needed; there are few."""
    return Sql(text)


class Fetch(NamedTuple):
    """Wants all rows; or those up to the first one of which `is_last` is true, and perhaps more."""

    statement: Sql
    values: Sequence[Value]
    is_last: Callable[[Row], bool] | None = None


class Change(NamedTuple):
    """Wants the number of rows that were changed."""

    statement: Sql
    values: Sequence[Value]


class ChangeEach(NamedTuple):
    """The same statement with several sets of values; wants nothing back."""

    statement: Sql
    values: Sequence[Sequence[Value]]


class Alone(NamedTuple):
    """Wants to be the only transaction that is at work on what is named so, from here to its end.

    For what no row stands for, because it may not be there yet. It gets back whether another one may have been at work
    until now: never in SQLite, which has one transaction at a time.
    """

    names: Sequence[Name]


Step = Fetch | Change | ChangeEach | Alone
Steps = Generator[Step, Any, T]


def fetch(statement: Sql, *values: Value) -> Steps[list[Row]]:
    """All rows."""
    rows: list[Row] = yield Fetch(statement, values)
    return rows


def fetch_until(is_last: Callable[[Row], bool], statement: Sql, *values: Value) -> Steps[list[Row]]:
    """Rows up to the first one of which `is_last` is true; there may be more."""
    rows: list[Row] = yield Fetch(statement, values, is_last)
    return rows


def change(statement: Sql, *values: Value) -> Steps[int]:
    """Change rows; returns how many."""
    changed: int = yield Change(statement, values)
    return changed


def change_each(statement: Sql, values: Iterable[Sequence[Value]]) -> Steps[None]:
    """Change rows with each set of values."""
    if each := list(values):
        yield ChangeEach(statement, each)


def alone(*names: Name) -> Steps[bool]:
    """Keep other transactions from what is named so, to the end of this one; returns whether one may have been there.

    So that no two wait for each other, an order comes before its announcements, and a subscriber before its lines.
    """
    others: bool = yield Alone(names)
    return others


def fetch_or_alone(name: Name, statement: Sql, *values: Value) -> Steps[list[Row]]:
    """Rows that `statement` locks; where there are none, nobody else makes them meanwhile."""
    rows = yield from fetch(statement, *values)
    if not rows and (yield from alone(name)):
        rows = yield from fetch(statement, *values)
    return rows
