"""The public pages that the sandbox's behaviour was read from, by key. The rows stand in `sources.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from msgspec import Struct

from generate.fidelity.reading import FOLDER, WrongRow, converted, document


class Sources(Struct, frozen=True, forbid_unknown_fields=True):
    """Every source that a row may name.

    Attributes:
        secondary: Keys of pages by others than Juspay, or read through others' notes.
        packages: What is no page: what it is, by key.
        links: Addresses of pages, by key.
    """

    secondary: frozenset[str]
    packages: dict[str, str]
    links: dict[str, str]


def read_sources(path: Path) -> Sources:
    """Return what the file holds; raises WrongRow."""
    sources = converted(document(path), Sources, path.name)
    if unknown := sorted(sources.secondary - sources.links.keys()):
        raise WrongRow(f"{path.name}, secondary: there is no link {', '.join(unknown)}")
    return sources


_SOURCES: Final = read_sources(FOLDER / "sources.toml")

PACKAGES: Final[Mapping[str, str]] = _SOURCES.packages
LINKS: Final[Mapping[str, str]] = _SOURCES.links
SECONDARY: Final = _SOURCES.secondary
KEYS: Final = frozenset((*PACKAGES, *LINKS))
