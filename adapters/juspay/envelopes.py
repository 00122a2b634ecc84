"""The interface of what seals a request and opens an answer in Juspay's JWT mode (gateway contract, A.5: JWS in JWE).

Keys and algorithms are in another adapter; the composition root brings the two together.
"""

from __future__ import annotations

from typing import Protocol

__all__ = ["Envelope"]


class Envelope(Protocol):
    """One merchant's keys and Juspay's, at work."""

    def seal(self, plain: bytes) -> bytes:
        """Sign with our key and encrypt to Juspay's: the body of a `/v4` request."""
        ...

    def open(self, sealed: bytes) -> bytes:
        """Decrypt with our key and verify with Juspay's: the plain body of an answer.

        Raises:
            SignatureInvalid: Whatever is wrong with it.
        """
        ...
