"""Reads a settlement report's file into rows; all or nothing."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import Final

from paystate.adapters.signing.secret_files import FileUnusable, read_file
from paystate.core.settlement.reading import BadLine, ReadReport, ReportFormat, read_report
from paystate.entrypoints.setup.problems import ConfigError, ConfigProblem

BYTES_MAX: Final = 32 * 1024 * 1024
LINE_MAX: Final = 10_000
"""Characters of a line."""


def read_report_file(path: Path, form: ReportFormat, settlement_id: str) -> ReadReport:
    """Read the file; raises ConfigError with each bad line, and then nothing of it is taken."""
    lines = _lines(path)
    cells = csv.reader(lines, delimiter=form.delimiter, strict=True)
    try:
        heading = next(cells)
        read = read_report(form, heading, ((cells.line_num, line) for line in cells if any(line)), settlement_id)
    except csv.Error as wrong:
        raise _refused(cells.line_num, str(wrong)) from None
    if read.bad:
        raise ConfigError(*map(_problem, read.bad))
    if not read.rows:
        raise _refused(1, "has no row of a payment or a refund below it")
    return read


def _lines(path: Path) -> Sequence[str]:
    try:
        text = read_file(path, bytes_max=BYTES_MAX, counts_from="the current folder").decode("utf-8")
    except FileUnusable as unusable:
        raise ConfigError(ConfigProblem(str(path), str(unusable), unusable.fix)) from None
    except UnicodeDecodeError:
        raise ConfigError(ConfigProblem(str(path), "is not UTF-8 text", "save it as CSV in UTF-8")) from None
    lines = StringIO(text, newline="").readlines()  # `str.splitlines` would end lines within cells too
    for number, line in enumerate(lines, 1):
        if len(line) > LINE_MAX:
            raise _refused(number, f"is longer than {LINE_MAX:,} characters")
    if not lines:
        raise ConfigError(ConfigProblem(str(path), "is empty", "download the report again"))
    return lines


def _refused(number: int, rule: str) -> ConfigError:
    return ConfigError(_problem(BadLine(number, "", rule)))


def _problem(bad: BadLine) -> ConfigProblem:
    place = f"line {bad.number}" + (f", {bad.column}" if bad.column else "")
    fix = "nothing of the file was taken; name another --format, correct the format in the settings, or ask the sender"
    return ConfigProblem(place, bad.rule, fix)
