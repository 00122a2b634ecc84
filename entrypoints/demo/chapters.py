"""Finds the stories by their folders: a folder is a chapter, a file in it is a story.

A chapter's `__init__.py` has its `TITLE` and, in `ORDER`, the order of its files. To add a story, add its file and its
name.
"""

from __future__ import annotations

import pkgutil
from collections import Counter
from collections.abc import Iterator, Sequence
from importlib import import_module
from types import ModuleType

from attrs import frozen

from paystate.entrypoints.demo.story import Story


class WronglyOrdered(ImportError):
    """A file that is not told or told twice, or a word that names no file."""


@frozen
class Chapter:
    """Stories that belong together, in the order in which they are told."""

    title: str
    stories: tuple[Story, ...]


def chapters_in(package: str, order: Sequence[str]) -> tuple[Chapter, ...]:
    """Return the chapters of a package, each a package of stories; raises WronglyOrdered."""
    return tuple(_chapter(folder) for folder in _modules(package, order))


def _chapter(folder: ModuleType) -> Chapter:
    return Chapter(folder.TITLE, tuple(_story(file) for file in _modules(folder.__name__, folder.ORDER)))


def _story(file: ModuleType) -> Story:
    story: Story = file.STORY
    return story


def _modules(package: str, order: Sequence[str]) -> Iterator[ModuleType]:
    files = {found.name for found in pkgutil.iter_modules(import_module(package).__path__)}
    told = Counter(order)
    _none(f"{package}: nothing tells", files - told.keys())
    _none(f"{package}: there is no file for", told.keys() - files)
    _none(f"{package}: told twice", {name for name, times in told.items() if times > 1})
    yield from (import_module(f"{package}.{name}") for name in order)


def _none(wrong: str, names: set[str]) -> None:
    if names:
        raise WronglyOrdered(f"{wrong} {', '.join(sorted(names))}")
