"""Makes the keys a new merchant needs: an RSA pair for signing, an API key for the merchant's backend.

Only the owner may read the private key, and nothing that exists is ever overwritten.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from attrs import field, frozen

from paystate.adapters.signing.rsa import new_key
from paystate.entrypoints.setup.credentials import Scope, new_api_key
from paystate.entrypoints.setup.settings import BackendKey


@frozen(kw_only=True)
class MadeKey:
    """An API key that was made.

    Attributes:
        api_key: Shown once, kept nowhere.
        entry: What the settings keep of it.
    """

    api_key: str = field(repr=False)
    entry: BackendKey


@frozen(kw_only=True)
class MadePair:
    """The files of an RSA pair that was made."""

    private_file: Path
    public_file: Path


def make_pair(folder: Path) -> MadePair:
    """Make an RSA pair and write it into `folder`.

    Raises:
        FileExistsError: A key file is there already; nothing was written.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    private_file, public_file = folder / "signing.pem", folder / "signing.public.pem"
    new_key(private_file, public_file)
    return MadePair(private_file=private_file, public_file=public_file)


def make_api_key(environment: str, scopes: Sequence[Scope], expires: datetime | None, note: str) -> MadeKey:
    """Make an API key; nothing is written."""
    api_key, known = new_api_key(environment)
    entry = BackendKey(id=known.key_id, digest=known.digest, scopes=tuple(scopes), expires=expires, note=note)
    return MadeKey(api_key=api_key, entry=entry)
