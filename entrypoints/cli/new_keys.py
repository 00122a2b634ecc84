"""Makes the keys a new merchant needs: an RSA pair for signing, an API key for the merchant's backend.

Only the owner may read the private key, and nothing that exists is ever overwritten.
"""

from __future__ import annotations

from pathlib import Path

from attrs import field, frozen

from paystate.adapters.signing.rsa import new_key
from paystate.entrypoints.setup.credentials import new_api_key


@frozen(kw_only=True)
class MadeKeys:
    """What was made.

    Attributes:
        api_key: Shown once, kept nowhere.
        entry: The settings' form of it: its public part and a digest.
    """

    private_file: Path
    public_file: Path
    api_key: str = field(repr=False)
    entry: str


def make(folder: Path, environment: str) -> MadeKeys:
    """Make everything and write the pair into `folder`.

    Raises:
        FileExistsError: A key file is there already; nothing was written.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    private_file, public_file = folder / "signing.pem", folder / "signing.public.pem"
    new_key(private_file, public_file)
    api_key, known = new_api_key(environment)
    return MadeKeys(
        private_file=private_file, public_file=public_file, api_key=api_key, entry=f"{known.key_id}:{known.digest}"
    )
