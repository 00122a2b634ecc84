"""A merchant's own RSA keys as the settings name them: which there are, and how old their files."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from attrs import frozen

from paystate.entrypoints.setup.settings import MerchantSettings, Mode, Settings, SigningKey


@frozen(kw_only=True)
class OwnKey:
    """One key, without any of it.

    Attributes:
        use: What it does: `signs payloads`, or `seals calls` in JWT mode.
        written_at: When its file was written. A key has no date of its own, and a copy of the file has a later one.
    """

    key_id: str
    state: str
    use: str
    written_at: datetime


def own_keys(settings: Settings, merchant: MerchantSettings) -> Iterator[OwnKey]:
    """Those that are loaded; raises OSError where a file is gone, which loading the keys finds first."""
    signing = () if merchant.mode is Mode.SESSION else merchant.signing_keys
    sealing = merchant.jwt.keys if merchant.jwt else ()
    for use, keys in (("signs payloads", signing), ("seals calls", sealing)):
        yield from (_own_key(use, key, settings.file(key.file)) for key in keys)


def _own_key(use: str, key: SigningKey, file: Path) -> OwnKey:
    written_at = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    return OwnKey(key_id=key.key_id, state=key.state, use=use, written_at=written_at)
