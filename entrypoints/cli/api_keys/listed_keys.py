"""The API keys in the settings as a list: what each may do, until when, and when it was used last.

No secret is needed or shown. What is known of uses is in the database; without one the rest is listed all the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from rich.console import Console

from paystate.core.errors import StorageUnavailable
from paystate.core.key_uses import KeyUses
from paystate.core.timestamps import stamp
from paystate.entrypoints.cli.lookups import merchants_named
from paystate.entrypoints.cli.terminal import print_rows, printed_as_json
from paystate.entrypoints.setup import bootstrap
from paystate.entrypoints.setup.settings import BackendKey, Settings

_HEADINGS: Final = ("merchant", "key", "may", "state", "last use", "note")
_UNITS: Final = ((timedelta(days=1), "day"), (timedelta(hours=1), "hour"), (timedelta(minutes=1), "minute"))


async def print_keys(settings: Settings, merchant: str | None, now: datetime, console: Console) -> None:
    """Each key of one merchant, or of all; raises ConfigError for a merchant that is not set up."""
    chosen = merchants_named(settings, merchant)
    uses = await _uses(settings, chosen)
    keys = [(name, key, uses.get(name)) for name in chosen for key in settings.merchants[name].api_keys]
    if not printed_as_json(console, lambda: [_as_json(name, key, used, now) for name, key, used in keys]):
        print_rows(_HEADINGS, [(name, *_row(key, used, now)) for name, key, used in keys], console)


async def _uses(settings: Settings, merchants: Sequence[str]) -> Mapping[str, KeyUses]:
    """What is known of each merchant's keys; empty where the database cannot be read."""
    try:
        async with bootstrap.opened_store(settings) as store:
            return {name: await store.key_uses(name) for name in merchants}
    except StorageUnavailable:
        return {}


def _row(key: BackendKey, used: KeyUses | None, now: datetime) -> Sequence[str]:
    return (key.id, ", ".join(key.scopes), _state(key, now), _last_use(key, used, now), key.note)


def _state(key: BackendKey, now: datetime) -> str:
    if key.revoked:
        return f"revoked {stamp(key.revoked)}"
    if key.expires is None:
        return "good, never expires"
    return f"{'good until' if now < key.expires else 'expired'} {stamp(key.expires)}"


def _last_use(key: BackendKey, used: KeyUses | None, now: datetime) -> str:
    if used is None:
        return "not known, the database cannot be read"
    if at := used.last_used.get(key.id):
        return f"{_ago(now - at)} ({stamp(at)})"
    if used.noted_since:
        return f"not seen since {stamp(used.noted_since)}, when this began to be noted"
    return "never used"


def _ago(passed: timedelta) -> str:
    for unit, name in _UNITS:
        if count := max(passed, timedelta()) // unit:
            return f"{count} {name}{'' if count == 1 else 's'} ago"
    return "just now"


def _as_json(merchant: str, key: BackendKey, used: KeyUses | None, now: datetime) -> dict[str, Any]:
    at = used.last_used.get(key.id) if used else None
    since = used.noted_since if used else None
    return {
        "merchant_id": merchant,
        "key_id": key.id,
        "scopes": [str(scope) for scope in key.scopes],
        "state": "revoked" if key.revoked else "expired" if key.expires and key.expires <= now else "good",
        "expires": stamp(key.expires) if key.expires else None,
        "revoked": stamp(key.revoked) if key.revoked else None,
        "uses_known": used is not None,
        "last_used": stamp(at) if at else None,
        "noted_since": stamp(since) if since else None,
        "note": key.note,
    }
