"""Tables for a spreadsheet, as CSV: no cell of them is taken for a formula."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from datetime import tzinfo
from typing import Final, TextIO

from paystate.core.finding.day import DayRow
from paystate.entrypoints.interface.zones import stamp_in

_FORMULA: Final = re.compile(r"[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
"""How a cell begins that a spreadsheet may take for a formula. Source: OWASP, "CSV Injection"."""
_NUMBER: Final = re.compile(r"-?[0-9]+(?:\.[0-9]+)?", re.ASCII)

DAY_COLUMNS: Final = ("merchant_id", "of", "order_id", "at", "name", "method", "status", "currency", "amount")
"""The heading over rows of a day."""


def write_table(out: TextIO, heading: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a heading and rows; what others have named gets a `'` before it where it begins as a formula does."""
    table = csv.writer(out, lineterminator="\n")
    table.writerow(heading)
    table.writerows([*map(_plain, row)] for row in rows)


def _plain(cell: str) -> str:
    return f"'{cell}" if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell) else cell


def day_cells(row: DayRow, merchant_id: str, zone: tzinfo) -> tuple[str, ...]:
    """A row of a day, under `DAY_COLUMNS`."""
    at = stamp_in(row.at, zone)
    status = row.status or ""
    return merchant_id, row.of, row.order_id, at, row.name, row.method, status, row.currency, row.amount
