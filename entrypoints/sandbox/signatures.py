"""The signatures of the signature-based integration (contract section C), as Juspay would check them.

A signed text is checked here: the key, the exact bytes, the encoding, the age. `sdk/player.py` reads what it says.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from paystate.entrypoints.sandbox.parsing import BodyInvalid, json_object


class SignatureRefused(Exception):
    """A signed text is not accepted; the message says why."""


def verified(
    text: object,
    signature: object,
    public_key_pem: str | None,
    *,
    now: datetime,
    window_s: int,
    take_hex: bool = False,
) -> Mapping[str, Any]:
    """Return what `text` says, once its signature over exactly these characters and its age hold.

    Args:
        text: The JSON text as it came, never serialised again.
        signature: Standard base64; white space in it is ignored (a decision, contract C.1).
        public_key_pem: The key of the payload's merchantKeyId, None if there is no such key.
        now: The sandbox's time.
        window_s: How far the text's `timestamp` may be from `now`, either side (a decision, contract C.4).
        take_hex: Also take lower-case hexadecimal.
    Raises:
        SignatureRefused: Any of it does not hold.
    """
    if not isinstance(text, str) or not isinstance(signature, str):
        raise SignatureRefused("The signed text and its signature must be strings")
    if public_key_pem is None:
        raise SignatureRefused("The merchantKeyId is not known")
    _check_signature(text, _signature_bytes(signature, take_hex), public_key_pem)
    message = _parsed(text)
    _check_age(message.get("timestamp"), now, window_s)
    return message


def generate_key_pair() -> tuple[str, str]:
    """Return a new RSA-2048 pair as PEM: private (PKCS#8), public. For trying out and tests."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


def public_half(private_pem: str) -> str:
    """Return the public key, PEM, of a private one."""
    key = serialization.load_pem_private_key(private_pem.encode(), None).public_key()
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


def checked_public_key(pem: str) -> rsa.RSAPublicKey:
    """Return the RSA public key in `pem`.

    Raises:
        ValueError: It holds none.
    """
    key = serialization.load_pem_public_key(pem.encode())
    if not isinstance(key, rsa.RSAPublicKey):
        raise ValueError("not an RSA public key")
    return key


def _signature_bytes(signature: str, take_hex: bool) -> bytes:
    bare = re.sub(r"\s", "", signature)
    if take_hex and re.fullmatch(r"[0-9a-f]{512}", bare):
        return bytes.fromhex(bare)
    try:
        return base64.b64decode(bare, validate=True)
    except (binascii.Error, ValueError) as exc:
        raise SignatureRefused("The signature is not base64") from exc


def _check_signature(text: str, signature: bytes, public_key_pem: str) -> None:
    try:
        signed = text.encode()
        checked_public_key(public_key_pem).verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, UnicodeEncodeError) as exc:
        raise SignatureRefused("The signature could not be verified") from exc


def _parsed(text: str) -> Mapping[str, Any]:
    try:
        return json_object(text.encode())
    except BodyInvalid as exc:
        raise SignatureRefused("The signed text is not a JSON object") from exc


def _check_age(timestamp: object, now: datetime, window_s: int) -> None:
    """Check epoch milliseconds of 13 digits, or seconds of 10, which may have a fraction.

    All are recorded (contract C.2 and O.7); that a bare number is taken too is ours.
    """
    text = str(timestamp) if isinstance(timestamp, str | int | Decimal) else ""
    if not re.fullmatch(r"[0-9]{13}|[0-9]{10}(?:\.[0-9]{1,9})?", text, re.ASCII):
        raise SignatureRefused("The timestamp must be epoch milliseconds, 13 digits, or epoch seconds, 10 digits")
    whole = text.partition(".")[0]
    made = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=int(whole.ljust(13, "0")))
    if abs(now - made) > timedelta(seconds=window_s):
        raise SignatureRefused("The timestamp is outside the allowed window")
