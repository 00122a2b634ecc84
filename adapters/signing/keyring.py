"""The merchant's RSA keys, and Juspay's: where they come from, what state each is in, and what is refused at start.

A key is parsed once, because parsing takes a hundred times as long as signing. It is tried once too, so that a bad key
stops the start and not the first payment. No message or repr holds key material.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Final, NoReturn

from attrs import field, frozen
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    load_pem_private_key,
    load_pem_public_key,
)

from paystate.adapters.signing import pkcs1
from paystate.core.errors import PaystateError, SignatureInvalid

KEY_BITS_MIN: Final = 2048
"""Source: gateway contract, C.1."""
KEY_ID_CHARACTERS_MAX: Final = 128
"""Of what a token may name; ours."""

_FILE_BYTES_MAX: Final = 64 * 1024
_SELF_TEST: Final = b"paystate tries this key"
_ROCA_PRIMES: Final = (11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157)
_ROCA_POWERS: Final = tuple((prime, {pow(65537, n, prime) for n in range(prime)}) for prime in _ROCA_PRIMES)


class KeyInvalid(PaystateError):
    """A key, or the ring of them, cannot be used; raised at load, never while signing.

    Attributes:
        key_id: The key it is about, or `""` for the ring.
    """

    def __init__(self, key_id: str, message: str) -> None:
        super().__init__(f"key {key_id!r}: {message}" if key_id else message)
        self.key_id = key_id


class KeyState(StrEnum):
    """What a key may be used for, in the order in which keys live."""

    NEXT = "next"
    """Known to Juspay, signs nothing yet."""
    ACTIVE = "active"
    """Signs; exactly one does."""
    RETIRING = "retiring"
    """Signs nothing more; what it signed is still good."""
    REVOKED = "revoked"
    """What it signed is no longer good."""


@frozen(kw_only=True)
class SigningKey:
    """One checked key.

    Attributes:
        key_id: The `merchantKeyId` that Juspay gave it.
    """

    key_id: str
    state: KeyState
    private_key: RSAPrivateKey = field(repr=False, eq=False)

    @property
    def public_key(self) -> RSAPublicKey:
        """The half that Juspay has."""
        return self.private_key.public_key()


@frozen(kw_only=True)
class JuspayKey:
    """One checked public key of Juspay's.

    Attributes:
        key_id: The id that the dashboard shows with it.
    """

    key_id: str
    public_key: RSAPublicKey = field(repr=False, eq=False)


class KeyRing:
    """The keys of one merchant, exactly one of them active."""

    def __init__(self, keys: Iterable[SigningKey]) -> None:
        """Take the keys; raises `KeyInvalid` where an id comes twice, or not exactly one key is active."""
        self._keys: dict[str, SigningKey] = {}
        for key in keys:
            if key.key_id in self._keys:
                raise KeyInvalid(key.key_id, "comes twice")
            self._keys[key.key_id] = key
        active = [key for key in self._keys.values() if key.state is KeyState.ACTIVE]
        if len(active) != 1:
            raise KeyInvalid("", f"exactly one key must be active, not {len(active)}")
        self._active = active[0]

    @property
    def active(self) -> SigningKey:
        """The key that signs."""
        return self._active

    @property
    def live(self) -> tuple[SigningKey, ...]:
        """The keys that are still, or already, good for something: all but the revoked."""
        return tuple(key for key in self._keys.values() if key.state is not KeyState.REVOKED)

    def __repr__(self) -> str:
        """The ids and states, nothing of the keys."""
        return f"KeyRing({', '.join(f'{key.key_id}: {key.state}' for key in self._keys.values())})"


def load_key(key_id: str, path: Path, state: KeyState, *, password: bytes | None = None) -> SigningKey:
    """Read a private key from a PEM file that only its owner can read.

    Raises:
        KeyInvalid: The file cannot be read, is too long or open to others (POSIX), or its content is refused, see
            `parse_key`.
    """
    return parse_key(key_id, _read(key_id, path, is_secret=True), state, password=password)


def load_juspay_key(key_id: str, path: Path) -> JuspayKey:
    """Read a public key of Juspay's from a PEM file, which anybody may read.

    Raises:
        KeyInvalid: The file cannot be read or is too long, or its content is refused, see `parse_juspay_key`.
    """
    return parse_juspay_key(key_id, _read(key_id, path, is_secret=False))


def _read(key_id: str, path: Path, *, is_secret: bool) -> bytes:
    try:
        with path.open("rb") as file:
            _check_mode(key_id, os.fstat(file.fileno()).st_mode, is_secret=is_secret)
            pem = file.read(_FILE_BYTES_MAX + 1)
    except (OSError, ValueError) as exc:  # ValueError: a path with a NUL in it
        raise KeyInvalid(key_id, f"the file cannot be read ({type(exc).__name__})") from None
    if len(pem) > _FILE_BYTES_MAX:
        raise KeyInvalid(key_id, "the file is too long for a key")
    return pem


def _check_mode(key_id: str, mode: int, *, is_secret: bool) -> None:
    if not stat.S_ISREG(mode):
        raise KeyInvalid(key_id, "not a regular file")
    if is_secret and os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise KeyInvalid(key_id, f"the file is open to group or others (mode {stat.S_IMODE(mode):o}, want 600)")


def parse_key(key_id: str, pem: bytes, state: KeyState, *, password: bytes | None = None) -> SigningKey:
    """Parse a PEM private key, check it and try it.

    Raises:
        KeyInvalid: No PEM, a public key or certificate, no RSA, under 2048 bits, encrypted and no (or a wrong)
            password, or what it signs does not verify.

    Source: gateway contract, C.1.
    """
    _check_id(key_id)
    private_key = _parsed(key_id, pem, password)
    _check_strength(key_id, private_key.public_key())
    try:
        pkcs1.verify(private_key.public_key(), _SELF_TEST, pkcs1.sign(private_key, _SELF_TEST))
    except (SignatureInvalid, ValueError):
        raise KeyInvalid(key_id, "its own signature does not verify") from None
    return SigningKey(key_id=key_id, state=state, private_key=private_key)


def parse_juspay_key(key_id: str, pem: bytes) -> JuspayKey:
    """Parse a PEM public key, check it and try it.

    Raises:
        KeyInvalid: No PEM, a private key or certificate, no RSA, under 2048 bits, a modulus of the weak kind, or
            nothing can be encrypted to it.

    Source: gateway contract, A.5.
    """
    _check_id(key_id)
    if b"PRIVATE KEY-----" in pem:
        raise KeyInvalid(key_id, "a private key, where Juspay's public one is needed")
    try:
        key = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        message = "a certificate, where" if b"CERTIFICATE-----" in pem else "no readable PEM, where"
        raise KeyInvalid(key_id, f"{message} Juspay's public key is needed") from None
    if not isinstance(key, RSAPublicKey):
        raise KeyInvalid(key_id, "not an RSA key")
    _check_strength(key_id, key)
    try:
        key.encrypt(_SELF_TEST, OAEP(mgf=MGF1(SHA256()), algorithm=SHA256(), label=None))
    except ValueError:
        raise KeyInvalid(key_id, "nothing can be encrypted to it") from None
    return JuspayKey(key_id=key_id, public_key=key)


def _check_id(key_id: str) -> None:
    if not (key_id.isascii() and key_id.isprintable() and 0 < len(key_id) <= KEY_ID_CHARACTERS_MAX):
        raise KeyInvalid("", f"a key needs an id of printable ASCII, {KEY_ID_CHARACTERS_MAX} characters at most")


def _check_strength(key_id: str, key: RSAPublicKey) -> None:
    if key.key_size < KEY_BITS_MIN:
        raise KeyInvalid(key_id, f"{key.key_size} bits, at least {KEY_BITS_MIN} are needed")
    modulus = key.public_numbers().n
    # Some smart cards made primes from powers of 65537, which can be found (CVE-2017-15361); their products show it.
    if all(modulus % prime in powers for prime, powers in _ROCA_POWERS):
        raise KeyInvalid(key_id, "made by a generator whose keys can be broken (ROCA)")


def _parsed(key_id: str, pem: bytes, password: bytes | None) -> RSAPrivateKey:
    try:
        key = load_pem_private_key(pem, password)
    except TypeError:  # the library's word for a password that is missing, or given and not needed
        message = (
            "encrypted, and no password was given" if password is None else "a password was given, but none is needed"
        )
        raise KeyInvalid(key_id, message) from None
    except (ValueError, UnsupportedAlgorithm):
        _explain(key_id, pem, password)
    if not isinstance(key, RSAPrivateKey):
        raise KeyInvalid(key_id, "not an RSA key")
    return key


def _explain(key_id: str, pem: bytes, password: bytes | None) -> NoReturn:
    if b"PUBLIC KEY-----" in pem and b"PRIVATE KEY-----" not in pem:
        message = "a public key, where the private one is needed"
    elif b"CERTIFICATE-----" in pem and b"PRIVATE KEY-----" not in pem:
        message = "a certificate, where the private key is needed"
    elif password is not None:
        message = "no readable private key, or the password is wrong"
    else:
        message = "no readable PEM private key"
    raise KeyInvalid(key_id, message) from None
