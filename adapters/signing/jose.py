"""JWS and JWE by `joserfc`, narrowed to the one way of each that Juspay's JWT mode has.

A token's form is checked before a key is touched, and a key is used with one algorithm only: RS256 for a signature,
RSA-OAEP-256 with A256GCM for encryption. Everything that is wrong is one and the same error, so that nobody can learn
from it how far a forgery got. Which key has which id, and how Juspay writes a token down, is in `envelope`.

Source: gateway contract, A.5; what is refused beyond it is ours (ADR 16).
"""

from __future__ import annotations

import base64
import json
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, cast

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from joserfc import jwe, jws
from joserfc.errors import JoseError
from joserfc.jwa import JWEKeyEncryption
from joserfc.jwe import JWERegistry, Recipient
from joserfc.jwk import RSAKey
from joserfc.jws import JWSRegistry

from paystate.adapters.signing.keyring import KEY_ID_CHARACTERS_MAX
from paystate.core.errors import SignatureInvalid

BYTES_MAX: Final = 2 * 1024 * 1024
"""Of a whole token, however it is written down."""
HEADER_CHARACTERS_MAX: Final = 8 * 1024

_SIGNED: Final = {"alg": "RS256"}
_ENCRYPTED: Final = {"alg": "RSA-OAEP-256", "enc": "A256GCM"}
_ALSO_ALLOWED: Final = frozenset({"kid", "typ", "cty"})
_CEK_BYTES: Final = 32
_IV_CHARACTERS: Final = 16
"""Of 12 bytes."""
_TAG_CHARACTERS: Final = 22
"""Of 16 bytes."""
_SEGMENT: Final = re.compile(r"[A-Za-z0-9_-]*", re.ASCII)

Finder = Callable[[str | None], Sequence[RSAKey]]
"""The keys to try for a key id, or for a token without one; none where the id is nobody's."""


def refused(key_id: str = "") -> SignatureInvalid:
    """The one error, for everything that is wrong with a token; `key_id` is the key of ours or Juspay's that failed."""
    return SignatureInvalid("jwt", key_id=key_id)


_OAEP: Final = cast("JWEKeyEncryption", JWERegistry.algorithms["alg"]["RSA-OAEP-256"])


class _Oaep(JWEKeyEncryption):
    """RSA-OAEP-256 that goes on with a random key where it cannot decrypt (RFC 7516, 11.5): the content then fails."""

    name = "RSA-OAEP-256"
    key_types = _OAEP.key_types

    def encrypt_cek(self, cek: bytes, recipient: Recipient[Any]) -> bytes:
        return _OAEP.encrypt_cek(cek, recipient)

    def decrypt_cek(self, recipient: Recipient[Any]) -> bytes:
        instead = secrets.token_bytes(_CEK_BYTES)
        try:
            return _OAEP.decrypt_cek(recipient)
        except JoseError:
            return instead


_RS256: Final = {"RS256": JWSRegistry.algorithms["RS256"]}
_A256GCM: Final = {"A256GCM": JWERegistry.algorithms["enc"]["A256GCM"]}


class _OneSignature(JWSRegistry):
    """Knows RS256 and nothing else."""

    algorithms = _RS256
    max_header_length = HEADER_CHARACTERS_MAX
    max_payload_length = BYTES_MAX


class _OneEncryption(JWERegistry):
    """Knows RSA-OAEP-256 with A256GCM and nothing else, compression least of all."""

    algorithms = {"alg": {_Oaep.name: _Oaep()}, "enc": _A256GCM, "zip": {}}  # noqa: RUF012  # never added to
    max_protected_header_length = HEADER_CHARACTERS_MAX
    max_encrypted_key_length = HEADER_CHARACTERS_MAX
    max_ciphertext_length = BYTES_MAX


_SIGNATURE: Final = _OneSignature(algorithms=[*_SIGNED.values()])
_ENCRYPTION: Final = _OneEncryption(algorithms=[*_ENCRYPTED.values()])


def signature_key(key: RSAPrivateKey | RSAPublicKey) -> RSAKey:
    """The key, for RS256 alone."""
    return RSAKey.import_key(key, {"use": "sig", "alg": _SIGNED["alg"]})


def encryption_key(key: RSAPrivateKey | RSAPublicKey) -> RSAKey:
    """The key, for RSA-OAEP-256 alone."""
    return RSAKey.import_key(key, {"use": "enc", "alg": _ENCRYPTED["alg"]})


def sign(key: RSAKey, key_id: str, payload: bytes) -> list[str]:
    """Sign `payload`; returns header, payload and signature, base64url."""
    return jws.serialize_compact({**_SIGNED, "kid": key_id}, payload, key, registry=_SIGNATURE).split(".")


def verify(parts: Sequence[str], find: Finder) -> bytes:
    """Return the payload of a JWS whose three parts are given, base64url.

    Raises:
        SignatureInvalid: Anything is wrong with it, or none of the keys made it.
    """
    if len(parts) != len(("header", "payload", "signature")) or not all(map(_SEGMENT.fullmatch, parts)):
        raise refused()
    key_id = _key_id(parts[0], _SIGNED)
    keys = find(key_id)
    for key in keys:
        try:
            return jws.deserialize_compact(".".join(parts), key, registry=_SIGNATURE).payload
        except (JoseError, ValueError):
            continue
    raise _refused_by(keys, key_id)


def encrypt(key: RSAKey, key_id: str, plain: bytes) -> list[str]:
    """Encrypt to a public key; returns header, encrypted key, IV, ciphertext and tag, base64url."""
    return jwe.encrypt_compact({**_ENCRYPTED, "kid": key_id}, plain, key, registry=_ENCRYPTION).split(".")


def decrypt(parts: Sequence[str], find: Finder) -> bytes:
    """Return the plain text of a JWE whose five parts are given, base64url.

    Raises:
        SignatureInvalid: Anything is wrong with it, or it is for none of the keys.
    """
    if len(parts) != len(("header", "key", "iv", "ciphertext", "tag")) or not all(map(_SEGMENT.fullmatch, parts)):
        raise refused()
    header, _, iv, _, tag = parts
    if len(iv) != _IV_CHARACTERS or len(tag) != _TAG_CHARACTERS:
        raise refused()
    key_id = _key_id(header, _ENCRYPTED)
    keys = find(key_id)
    for key in keys:
        try:
            plain = jwe.decrypt_compact(".".join(parts), key, registry=_ENCRYPTION).plaintext
        except (JoseError, ValueError):
            continue
        if plain is not None:
            return plain
    raise _refused_by(keys, key_id)


def _refused_by(keys: Sequence[RSAKey], key_id: str | None) -> SignatureInvalid:
    """The error tells of a key only where there is one of that id: a stranger may have made the id up."""
    return refused(key_id if keys and key_id else "")


def members(text: bytes | str, names: Sequence[str]) -> list[str]:
    """The values of a JSON object that has exactly these members, each once and each a text; plain ASCII all of it.

    Raises:
        SignatureInvalid: It is something else.
    """
    found = _object(text)
    values = [found.get(name) for name in names]
    if len(found) != len(names) or not all(isinstance(value, str) for value in values):
        raise refused()
    return cast("list[str]", values)


def _key_id(segment: str, fixed: Mapping[str, str]) -> str | None:
    """The key id of a header that says what we mean and nothing that could mean more."""
    if len(segment) > HEADER_CHARACTERS_MAX:
        raise refused()
    header = _object(_decoded(segment))
    is_ours = all(header.get(name) == value for name, value in fixed.items())
    if not is_ours or not header.keys() <= fixed.keys() | _ALSO_ALLOWED:
        raise refused()
    if not all(isinstance(value, str) for value in header.values()):
        raise refused()
    key_id: str | None = header.get("kid")
    if key_id is not None and len(key_id) > KEY_ID_CHARACTERS_MAX:
        raise refused()
    return key_id


def _object(text: bytes | str) -> dict[str, Any]:
    try:
        plain = text.decode("ascii") if isinstance(text, bytes) else text
        found = json.loads(plain, object_pairs_hook=_once_each)
    except (ValueError, RecursionError):
        raise refused() from None
    if not isinstance(found, dict):
        raise refused()
    return cast("dict[str, Any]", found)


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member comes twice")
    return found


def _decoded(segment: str) -> bytes:
    """Base64url has several texts for the same bytes: only the one that would be made again is taken."""
    try:
        found = base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    except ValueError:
        raise refused() from None
    if base64.urlsafe_b64encode(found).rstrip(b"=").decode("ascii") != segment:
        raise refused()
    return found
