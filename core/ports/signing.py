"""The ports to keys: signing what the SDK needs, and checking the signature of a return."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from paystate.core.checkouts.sdk_payloads import Signature

LIVE_KEYS_MAX: Final = 3
"""Keys of one kind and side that are good together: two for a rotation and one to spare."""


class Signer(Protocol):
    """Signs payloads with the merchant's active key."""

    def sign(self, text: str) -> Signature:
        """Sign the UTF-8 bytes of `text` with RSA-SHA256 (PKCS#1 v1.5)."""
        ...


class ReturnVerifier(Protocol):
    """Checks return URLs with the merchant's response keys."""

    def verify(self, parameters: Sequence[tuple[str, str]]) -> Mapping[str, str]:
        """Return the signed parameters, decoded once, without the two signature members.

        Raises:
            SignatureInvalid: Anything but a whole, right signature; also when there is no key.
            ValueInvalid: `duplicate_parameter`.
        """
        ...
