"""HMAC-SHA256 with a comparison that takes the same time wherever the first difference is."""

from __future__ import annotations

import hmac

from paystate.core.errors import SignatureInvalid


def authenticate(key: bytes, message: bytes) -> bytes:
    """Return the 32 bytes of the tag."""
    return hmac.digest(key, message, "sha256")


def verify(key: bytes, message: bytes, tag: bytes) -> None:
    """Return None if `tag` is the whole right tag; raises SignatureInvalid otherwise, a cut one included."""
    if not hmac.compare_digest(authenticate(key, message), tag):
        raise SignatureInvalid("hmac")
