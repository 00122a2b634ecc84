"""Reads rows of the fidelity page from TOML into their records, and says where a wrong row is."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Final, Protocol, TypeVar

import msgspec

FOLDER: Final = Path(__file__).resolve().parents[2] / "reference" / "fidelity"

T = TypeVar("T")


class Row(Protocol):
    """A record that names its sources."""

    @property
    def sources(self) -> tuple[str, ...]:
        """Keys of the pages that it was read from."""
        ...


R = TypeVar("R", bound=Row)


class WrongRow(ValueError):
    """A file or a row that is not as its record wants it; the text names both."""


def document(path: Path) -> dict[str, object]:
    """Return what the file holds; raises WrongRow if it is no TOML."""
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise WrongRow(f"{path.name}: {error}") from error


def converted(raw: object, record: type[T], where: str) -> T:
    """Return the record that `raw` holds; raises WrongRow, which begins with `where`."""
    try:
        return msgspec.convert(raw, record)
    except msgspec.ValidationError as error:
        raise WrongRow(f"{where}: {error}") from error


def named_rows(path: Path, record: type[R], keys: Collection[str]) -> Mapping[str, R]:
    """Return the rows of a file by name; they may name the sources `keys` and no other."""
    return {name: _row(raw, record, keys, f"{path.name}, {name}") for name, raw in document(path).items()}


def numbered_rows(
    raws: Collection[object], record: type[R], keys: Collection[str], where: str
) -> Iterator[tuple[str, R]]:
    """Yield each row, and before it what it is called in an error: `where` and its number, from 1."""
    for number, raw in enumerate(raws, 1):
        yield f"{where} {number}", _row(raw, record, keys, f"{where} {number}")


def _row(raw: object, record: type[R], keys: Collection[str], where: str) -> R:
    row = converted(raw, record, where)
    if unknown := [key for key in row.sources if key not in keys]:
        raise WrongRow(f"{where}: there is no source {', '.join(unknown)} in sources.toml")
    return row
