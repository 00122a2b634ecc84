"""Where the signature of an SDK payload and the public key differ, step by step.

The mistakes that are made with `signaturePayload` and `orderDetails` are here. All of it is public: verifying needs no
private key, and none is taken.
"""

from __future__ import annotations

import hashlib
import json
from base64 import b64decode
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final
from urllib.parse import unquote

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, AsymmetricPadding, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, SHA512, HashAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from paystate.adapters.signing.diagnose.search import (
    Explanation,
    Mistake,
    Way,
    compared,
    fewest_mistakes,
    loose_base64,
    readings,
    stopped,
    where_they_part,
    wrong,
)

STEPS: Final = {
    1: "read the public key",
    2: "take the text's bytes in UTF-8, just as they are sent",
    3: "RSA with SHA-256, PKCS#1 v1.5",
    4: "write it as base64",
    5: "compare",
}
"""Source: gateway contract, C.1 and C.5."""

_SHA256: Final = (PKCS1v15(), SHA256())
_ALGORITHMS: Final[dict[str, tuple[AsymmetricPadding, HashAlgorithm]]] = {
    "it is signed with SHA-1; it must be SHA-256": (PKCS1v15(), SHA1()),  # noqa: S303 - to recognise it
    "it is signed with SHA-512; it must be SHA-256": (PKCS1v15(), SHA512()),
    "it is signed with the PSS padding; it must be PKCS#1 v1.5": (PSS(MGF1(SHA256()), PSS.AUTO), SHA256()),
}


def explain_payload(text: bytes, signature: bytes, public_pem: bytes) -> Explanation:
    """Say at which step a payload's signature parts from what its key would have signed.

    Args:
        text: The exact `signaturePayload` or `orderDetails`.
        signature: As it is sent beside the text.
        public_pem: The key that was uploaded to Juspay.
    """
    try:
        key = load_pem_public_key(public_pem)
    except (ValueError, UnsupportedAlgorithm):
        return stopped(STEPS, Mistake(1, "The public key is not a PEM public key."), {})
    if not isinstance(key, RSAPublicKey):
        return stopped(STEPS, Mistake(1, "The public key is not an RSA key."), {})
    ours = {1: f"RSA, {key.key_size} bits", 2: f"{len(text)} bytes"}
    if not (tags := [way for way in _tags(signature) if len(way.does) == key.key_size // 8]):
        return stopped(STEPS, Mistake(4, _no_signature(key)), ours)
    algorithms: list[Way[Any]] = [Way(_SHA256), *wrong(3, _ALGORITHMS)]
    fits = fewest_mistakes([[*readings(2, _TEXTS, text)], algorithms, tags], partial(_is_made_by, key))
    if not fits:
        return stopped(STEPS, Mistake(5, _NOTHING_FITS), ours)
    is_good = not fits[0]
    message = "The signature is right." if is_good else where_they_part(fits)
    return Explanation(steps=tuple(compared(STEPS, fits[0], ours)), conclusion=message, is_good=is_good)


_NOTHING_FITS: Final = (
    "The signature fits in no way that we know. Another private key made it, or the text was changed after it was"
    " signed."
)


def _no_signature(key: RSAPublicKey) -> str:
    return f"The signature cannot be from this key: {key.key_size // 8} bytes in base64 are needed."


def _is_made_by(key: RSAPublicKey, text: bytes, how: tuple[AsymmetricPadding, HashAlgorithm], tag: bytes) -> bool:
    try:
        key.verify(tag, text, *how)
    except InvalidSignature:
        return False
    return True


def _rewritten(**how: Any) -> Callable[[bytes], bytes]:
    return lambda text: json.dumps(_loaded(text), **how).encode()


_TEXTS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "": bytes,
    "the text has white space around it that was not signed": bytes.strip,
    "the text was signed with a line break at its end": lambda text: text + b"\n",
    "the text has Windows line breaks, and was signed with others": lambda text: text.replace(b"\r\n", b"\n"),
    "the text begins with a byte order mark that was not signed": lambda text: text.removeprefix(b"\xef\xbb\xbf"),
    "the text was rewritten after it was signed: without spaces at first": _rewritten(
        separators=(",", ":"), ensure_ascii=False
    ),
    "the text was rewritten after it was signed: with spaces at first": _rewritten(ensure_ascii=False),
    "the text was rewritten after it was signed: with letters as codes (\\u00e9) at first": _rewritten(
        separators=(",", ":")
    ),
    "the text was rewritten after it was signed: with its members sorted at first": _rewritten(
        separators=(",", ":"), ensure_ascii=False, sort_keys=True
    ),
    "the text was signed before it was quoted as a member of the payload": lambda text: _quoted(text).encode(),
    "what was signed is the digest of the text in hex, and not the text": lambda text: (
        hashlib.sha256(text).hexdigest().encode()
    ),
    "what was signed is the digest of the text, so it was digested twice": lambda text: hashlib.sha256(text).digest(),
}


def _loaded(text: bytes) -> Any:
    """The JSON value that the text is; raises ValueError for anything else, and for what is nested too deeply."""
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _quoted(text: bytes) -> str:
    """The text within a JSON text; raises ValueError for anything else."""
    within = _loaded(text)
    if not isinstance(within, str):
        raise ValueError("not a text within a text")
    return within


def _tags(signature: bytes) -> Iterator[Way[bytes]]:
    return readings(4, _SPELLINGS, signature.decode("ascii", "replace").removesuffix("\n"))


_SPELLINGS: Final[dict[str, Callable[[str], bytes]]] = {
    "": lambda text: b64decode(text, validate=True),
    "the signature is written in hex; base64 is needed": bytes.fromhex,
    "there are line breaks, or other white space, in the base64": lambda text: b64decode(
        "".join(text.split()), validate=True
    ),
    "the base64 is base64url: - and _ for + and /, or no = at its end": loose_base64,
    "the signature is percent-encoded": lambda text: b64decode(unquote(text), validate=True),
}
