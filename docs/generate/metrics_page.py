"""Writes `docs/reference/metrics.md`: every metric, with its labels and what it means.

The rows are the catalogue's own; a test holds a scrape to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from generate.markdown import grid
from paystate.entrypoints.telemetry.catalogue import COUNTED, STORED, Metric
from paystate.entrypoints.telemetry.stored_figures import CACHED_S, ORDERS_MAX

_INTRODUCTION: Final = f"""# Metrics

Made by `make docs` from the catalogue that they are made of. [What to alert on](../deploy/alerts.md) says how to switch
them on, which rules to load, and what to do when one fires.

A label takes few values: merchants and subscribers of your settings, handlers of your program, words of ours, and
templates of routes. No id, path, amount, key or name of a shopper is told. Beside these there are `process_*`, of the
process itself, from the library (Linux only), and for each counter and histogram a `*_created`.

## Read from the database

Each process tells the same, whoever is scraped, but for its own `paystate_database_*`: take `max by (merchant)`, never
`sum`. They are read at most once in {CACHED_S:.0f} s, however often you scrape. A count goes up to 10,000, and what has
to be read from orders themselves up to {ORDERS_MAX} orders of each merchant.
"""
_COUNTED: Final = """## Counted in a process

Each process counts its own work from 0 since it started: take `sum` over `rate` or `increase`. A service without a
worker counts requests; looks, settled webhooks and most refunds are counted by the workers.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([_INTRODUCTION, *_table(STORED), _COUNTED, *_table(COUNTED)]).rstrip("\n") + "\n"


def _table(metrics: Iterable[Metric]) -> Iterator[str]:
    rows = (
        (f"`{one.name}`", str(one.type), ", ".join(f"`{label}`" for label in one.labels) or "-", one.meaning)
        for one in metrics
    )
    yield from grid(("Name", "Type", "Labels", "Meaning"), rows)
