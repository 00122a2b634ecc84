"""Retention on the terminal: what each merchant's policy no longer keeps goes, or is only counted."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from rich.console import Console

from paystate.core.retention import NOTHING, Swept
from paystate.core.use_cases.retention.sweep import sweep_all, would_sweep
from paystate.entrypoints.cli.terminal import print_rows, say
from paystate.entrypoints.setup import bootstrap
from paystate.entrypoints.setup.problems import SettingsInvalid
from paystate.entrypoints.setup.settings import Settings
from paystate.entrypoints.setup.settings_checks import check_policies

REST_S: Final = 0.05
"""Between two batches: the lock of a database file is not fair, and the service writes as well."""
_HEADINGS: Final = ("merchant", "webhooks deleted", "bodies dropped", "bytes", "announcements deleted", "")


async def run(settings: Settings, clock_url: str | None, console: Console, *, dry_run: bool) -> None:
    """Sweep now, or only say what would be deleted and dropped; raises ConfigError for a policy out of its range."""
    if problems := tuple(check_policies(settings)):
        raise SettingsInvalid(*problems)
    policies = {merchant_id: one.policy.policy() for merchant_id, one in settings.merchants.items()}
    clock = bootstrap.clock(settings, clock_url)
    async with bootstrap.opened_store(settings) as store:
        if dry_run:
            went = await would_sweep(store, clock, policies)
        else:
            went = await sweep_all(store, clock, policies, lambda: asyncio.sleep(REST_S))
    if any(swept != NOTHING for swept in went.values()):
        print_rows(_HEADINGS, _rows(went, settings), console)
    say(_notes(went, settings, dry_run=dry_run), console)


def _rows(went: Mapping[str, Swept], settings: Settings) -> Iterator[Sequence[str]]:
    for merchant_id, swept in went.items():
        if swept != NOTHING:
            note = "" if merchant_id in settings.merchants else "no longer in the settings; the default policy applies"
            counted = (swept.webhooks, swept.bodies, swept.body_bytes, swept.announcements)
            yield merchant_id, *(f"{count:,}" for count in counted), note


def _notes(went: Mapping[str, Swept], settings: Settings, *, dry_run: bool) -> Iterator[str]:
    if all(swept == NOTHING for swept in went.values()):
        yield "Nothing is kept for longer than it should be."
    elif dry_run:
        yield "This is what would go. Nothing is changed."
    elif not settings.is_on_postgres:
        yield "The database file keeps its size, and its free pages are used again. VACUUM gives them back to the disk."
