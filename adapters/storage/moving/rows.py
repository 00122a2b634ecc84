"""What a move knows of tables: in which order they go, and by what two of them are found to be the same."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, Final

import msgspec
from attrs import define
from sqlalchemy import Table

from paystate.adapters.storage.schema import METADATA

Row = tuple[Any, ...]
Key = Sequence[int | str]

TABLES: Final[Sequence[Table]] = tuple(METADATA.sorted_tables)
"""Every table of ours, each after those that its rows name."""
_BITS: Final = 256


def columns_of(table: Table) -> tuple[str, ...]:
    """The columns of a table; on both databases they have the same names."""
    return tuple(column.name for column in table.columns)


def key_of(table: Table) -> tuple[str, ...]:
    """The columns by whose values the rows of a SQLite table are told apart, and read in turn."""
    return tuple(column.name for column in table.primary_key.columns)


@define
class Digest:
    """The rows of a table in one number: the sum of the SHA-256 of each row, modulo 2**256.

    A sum does not depend on the order in which rows are read, so neither database has to sort them. It finds what went
    wrong by accident; whoever can write to both databases could make two tables that agree.
    """

    rows: int = 0
    total: int = 0

    def add(self, row: Row) -> None:
        """Count a row in."""
        hashed = hashlib.sha256(msgspec.msgpack.encode(row)).digest()
        self.total = (self.total + int.from_bytes(hashed)) % 2**_BITS
        self.rows += 1

    @property
    def text(self) -> str:
        """The number in hex."""
        return f"{self.total:0{_BITS // 4}x}"
