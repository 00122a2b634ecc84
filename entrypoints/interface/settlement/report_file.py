"""Reads the bytes of a settlement report's file into rows; all or nothing."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import StringIO
from typing import Final

from paystate.core.settlement.reading import BadLine, ReadReport, ReportFormat, read_report

BYTES_MAX: Final = 32 * 1024 * 1024
LINE_MAX: Final = 10_000
"""Characters of a line."""


class NoReport(Exception):
    """The file is no text, or an empty one.

    Attributes:
        rule: What is wrong with it.
        fix: What to do.
    """

    def __init__(self, rule: str, fix: str) -> None:
        super().__init__(rule)
        self.rule: Final = rule
        self.fix: Final = fix


def read_report_file(data: bytes, form: ReportFormat, settlement_id: str) -> ReadReport:
    """Read a file. With a bad line, or without a row that counts, nothing of it is taken, and `bad` says why.

    Raises:
        NoReport: It holds no lines of text.
    """
    lines = _lines(data)
    for number, line in enumerate(lines, 1):
        if len(line) > LINE_MAX:
            return _refused(number, f"is longer than {LINE_MAX:,} characters")
    cells = csv.reader(lines, delimiter=form.delimiter, strict=True)
    try:
        heading = next(cells)
        read = read_report(form, heading, ((cells.line_num, line) for line in cells if any(line)), settlement_id)
    except csv.Error as wrong:
        return _refused(cells.line_num, str(wrong))
    if not read.bad and not read.rows:
        return _refused(1, "has no row of a payment or a refund below it")
    return read


def _lines(data: bytes) -> Sequence[str]:
    try:
        text = data.decode("utf-8-sig")  # spreadsheets put a mark before UTF-8 that is no part of the first name
    except UnicodeDecodeError:
        raise NoReport("is not UTF-8 text", "save it as CSV in UTF-8") from None
    if not text:
        raise NoReport("is empty", "download the report again")
    return StringIO(text, newline="").readlines()  # `str.splitlines` would end lines within cells too


def _refused(number: int, rule: str) -> ReadReport:
    return ReadReport(bad=(BadLine(number, "", rule),))
