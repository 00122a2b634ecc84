"""Small pieces of Markdown that the generated pages are made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence


def grid(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a table, and an empty one after it."""
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)
    yield ""


def slug(title: str) -> str:
    """Return the anchor that a heading gets when Markdown is shown."""
    return "".join(c for c in title.lower().replace(" ", "-") if c.isalnum() or c in "-_")


def contract_link(ref: str, page: str) -> str:
    """Return a link to a section of the gateway contract at `page`; `-` where nothing is cited."""
    return "-" if ref == "-" else f"[{ref}]({page}#{ref.lower().replace('.', '')})"
