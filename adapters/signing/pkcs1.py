"""RSA-SHA256 with PKCS#1 v1.5 padding over `cryptography`: the two primitives, and nothing about which key.

Source: gateway contract, C.1 (Java's `SHA256withRSA`).
"""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from paystate.core.errors import SignatureInvalid


def sign(key: RSAPrivateKey, message: bytes) -> bytes:
    """Sign `message`; the same key and message always give the same bytes."""
    return key.sign(message, PKCS1v15(), SHA256())


def verify(key: RSAPublicKey, message: bytes, signature: bytes) -> None:
    """Return None if `signature` is `key`'s over `message`.

    Raises:
        SignatureInvalid: It is not, or its digest is not encoded exactly as the standard says.
    """
    try:
        key.verify(signature, message, PKCS1v15(), SHA256())
    except InvalidSignature:
        raise SignatureInvalid("rsa") from None
