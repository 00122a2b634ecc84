"""The `Signer` over a key ring, and the making of new keys."""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from paystate.adapters.signing import pkcs1
from paystate.adapters.signing.keyring import KEY_BITS_MIN, KeyRing
from paystate.adapters.signing.pkcs1 import verify
from paystate.core.checkouts.sdk_payloads import Signature

__all__ = ["RsaSigner", "new_key", "verify"]

_EXPONENT: Final = 65537


class RsaSigner:
    """Signs with the ring's active key: RSA-SHA256, PKCS#1 v1.5, standard base64.

    Source: gateway contract, C.1 (base64 without line breaks is a decision there).
    """

    def __init__(self, ring: KeyRing) -> None:
        """Use `ring`; rotation makes a new ring and a new signer."""
        self._ring = ring

    def sign(self, text: str) -> Signature:
        """Sign the UTF-8 bytes of `text`, which must be sent as it stands."""
        key = self._ring.active
        value = base64.b64encode(pkcs1.sign(key.private_key, text.encode("utf-8"))).decode("ascii")
        return Signature(value, key.key_id)

    def __repr__(self) -> str:
        """The ring's ids and states."""
        return f"RsaSigner({self._ring!r})"


def new_key(private_path: Path, public_path: Path) -> None:
    """Make an RSA key of 2048 bits and write both halves as PEM; the public one is for Juspay's dashboard.

    The private half is PKCS#8, readable by its owner only. No file that is there is ever written over.

    Raises:
        FileExistsError: One of the files is there; then neither is written.
        OSError: A file cannot be written.

    Source: gateway contract, C.1.
    """
    if public_path.exists():
        raise FileExistsError(str(public_path))
    key = generate_private_key(_EXPONENT, KEY_BITS_MIN)
    private_pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public_pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    _write(private_path, private_pem, 0o600)
    _write(public_path, public_pem, 0o644)


def _write(path: Path, content: bytes, mode: int) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
