"""The merchant's RSA keys, and Juspay's: where they come from, what state each is in, and what is refused at start.

A key is parsed once, because parsing takes a hundred times as long as signing. It is tried once too, so that a bad key
stops the start and not the first payment. No message or repr holds key material.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from math import isqrt
from pathlib import Path
from typing import Final

from attrs import field, frozen
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    load_pem_private_key,
    load_pem_public_key,
)

from paystate.adapters.signing import pem as pems
from paystate.adapters.signing import pkcs1
from paystate.adapters.signing.secret_files import FileUnusable, read_file
from paystate.core.errors import PaystateError, SignatureInvalid
from paystate.core.text import is_printable_ascii

KEY_BITS_MIN: Final = 2048
"""Source: gateway contract, C.1."""
KEY_ID_CHARACTERS_MAX: Final = 128
"""Of what a token may name; ours."""

FIX_JUSPAYS: Final = "download Juspay's public key again (Dashboard > Security > JWT Keys)"
_SELF_TEST: Final = b"paystate tries this key"
_EXPONENT_MIN: Final = 65537
"""FIPS 186-5, A.1.1: a small one makes careless checks of padding forgeable."""
_FERMAT_STEPS: Final = 1000
_ROCA_PRIMES: Final = (11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157)
_ROCA_POWERS: Final = tuple((prime, {pow(65537, n, prime) for n in range(prime)}) for prime in _ROCA_PRIMES)


class KeyInvalid(PaystateError):
    """A key, or the ring of them, cannot be used; raised at load, never while signing.

    Attributes:
        key_id: The key it is about, or `""` for the ring.
        fix: What to do about it.
    """

    def __init__(self, key_id: str, message: str, fix: str = pems.NEW_PAIR) -> None:
        super().__init__(f"key {key_id!r}: {message}" if key_id else message)
        self.key_id = key_id
        self.fix = fix


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

    @property
    def modulus(self) -> int:
        """What tells whether two keys are the same; it is public."""
        return self.public_key.public_numbers().n


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
                raise KeyInvalid(key.key_id, "comes twice", "leave one of the two out")
            self._keys[key.key_id] = key
        active = [key for key in self._keys.values() if key.state is KeyState.ACTIVE]
        if len(active) != 1:
            fix = 'give one key the state "active", and the others "next", "retiring" or "revoked"'
            raise KeyInvalid("", f"exactly one key must be active, not {len(active)}", fix)
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
    """Read a private key from a PEM file that nobody else can read.

    Raises:
        KeyInvalid: The file cannot be read, is too long or open to others (see `secret_files`), or its content is
            refused, see `parse_key`.
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
        return read_file(path, only_ours=is_secret)
    except FileUnusable as unusable:
        raise KeyInvalid(key_id, f"the file {unusable}", unusable.fix) from None


def parse_key(key_id: str, pem: bytes, state: KeyState, *, password: bytes | None = None) -> SigningKey:
    """Parse a PEM private key, check it and try it.

    Raises:
        KeyInvalid: No PEM, a public key or certificate, no RSA, weak (see `_check_strength`), encrypted and no (or a
            wrong) password, or what it signs does not verify.

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
        KeyInvalid: No PEM, a private key or certificate, no RSA, weak (see `_check_strength`), or nothing can be
            encrypted to it.

    Source: gateway contract, A.5.
    """
    _check_id(key_id)
    if b"PRIVATE KEY-----" in pem:
        raise KeyInvalid(key_id, "a private key, where Juspay's public one is needed", FIX_JUSPAYS)
    try:
        key = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        message = "a certificate, where" if b"CERTIFICATE-----" in pem else "no readable PEM, where"
        raise KeyInvalid(key_id, f"{message} Juspay's public key is needed", FIX_JUSPAYS) from None
    if not isinstance(key, RSAPublicKey):
        raise KeyInvalid(key_id, "not an RSA key", FIX_JUSPAYS)
    _check_strength(key_id, key, FIX_JUSPAYS)
    try:
        key.encrypt(_SELF_TEST, OAEP(mgf=MGF1(SHA256()), algorithm=SHA256(), label=None))
    except ValueError:
        raise KeyInvalid(key_id, "nothing can be encrypted to it", FIX_JUSPAYS) from None
    return JuspayKey(key_id=key_id, public_key=key)


def _check_id(key_id: str) -> None:
    if not is_printable_ascii(key_id) or len(key_id) > KEY_ID_CHARACTERS_MAX:
        message = f"a key needs an id of printable ASCII, {KEY_ID_CHARACTERS_MAX} characters at most"
        raise KeyInvalid("", message, "copy the id from Juspay's dashboard")


def _check_strength(key_id: str, key: RSAPublicKey, fix: str = pems.NEW_PAIR) -> None:
    """Raises KeyInvalid for a key of few bits, with a small exponent, or whose primes can be found from the modulus."""
    if key.key_size < KEY_BITS_MIN:
        raise KeyInvalid(key_id, f"{key.key_size} bits, at least {KEY_BITS_MIN} are needed", fix)
    numbers = key.public_numbers()
    if numbers.e < _EXPONENT_MIN:
        raise KeyInvalid(key_id, f"its exponent is {numbers.e}, at least {_EXPONENT_MIN} is needed", fix)
    # Some smart cards made primes from powers of 65537, which can be found (CVE-2017-15361); their products show it.
    if all(numbers.n % prime in powers for prime, powers in _ROCA_POWERS):
        raise KeyInvalid(key_id, "made by a generator whose keys can be broken (ROCA)", fix)
    if _has_near_primes(numbers.n):
        raise KeyInvalid(key_id, "its primes lie so near each other that they can be found (Fermat)", fix)


def _has_near_primes(modulus: int) -> bool:
    """Whether Fermat's method finds the factors within a few steps, as of some printers' keys (CVE-2022-26320)."""
    middle = isqrt(modulus - 1) + 1
    for step in range(_FERMAT_STEPS):
        square = (middle + step) ** 2 - modulus
        if isqrt(square) ** 2 == square:
            return True
    return False


def _parsed(key_id: str, pem: bytes, password: bytes | None) -> RSAPrivateKey:
    try:
        key = load_pem_private_key(pem, password)
    except TypeError:  # the library's word for a password that is missing, or given and not needed
        if password is None:
            raise KeyInvalid(key_id, *pems.ENCRYPTED) from None
        raise KeyInvalid(key_id, "a password was given, but none is needed", "leave the password out") from None
    except (ValueError, UnsupportedAlgorithm):
        if password is not None:
            message = "no readable private key, or the password is wrong"
            raise KeyInvalid(key_id, message, "give the right password") from None
        raise KeyInvalid(key_id, *pems.wrong_with_private_key(pem)) from None
    if not isinstance(key, RSAPrivateKey):
        raise KeyInvalid(key_id, "not an RSA key")
    return key
