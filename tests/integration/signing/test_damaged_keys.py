"""A key that cannot sign, or that others could find, stops the start and not the first payment."""

from __future__ import annotations

import math
import os
import secrets
from functools import partial
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPrivateNumbers, RSAPublicNumbers
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from paystate.adapters.signing import keyring
from paystate.adapters.signing.keyring import KeyInvalid, KeyState, load_juspay_key, load_key, parse_key

NUMBERS = ["d", "dmp1", "dmq1", "iqmp", "e"]
SIGNS_WRONGLY = [("e",), ("d", "dmp1"), ("d", "iqmp")]
"""What is wrong with the three short numbers alone is made good by the library, out of `d`."""
MARKS = (11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157)
"""Primes by which products of weak primes are told. Source: CVE-2017-15361."""

posix = pytest.mark.skipif(os.name != "posix", reason="special files are POSIX")


def damaged(key: RSAPrivateKey, *names: str) -> bytes:
    """The key with some of its numbers wrong, as PEM."""
    numbers, public = key.private_numbers(), key.public_key().public_numbers()
    own = {one: getattr(numbers, one) + 2 * (one in names) for one in ("p", "q", "d", "dmp1", "dmq1", "iqmp")}
    whole = RSAPrivateNumbers(public_numbers=RSAPublicNumbers(public.e + 2 * ("e" in names), public.n), **own)
    wrong = whole.private_key(unsafe_skip_rsa_key_validation=True)
    return wrong.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.mark.parametrize("name", NUMBERS)
def test_a_key_of_which_one_number_is_wrong_does_not_load(
    private_key: RSAPrivateKey, name: str, tmp_path: Path
) -> None:
    file = tmp_path / "private.pem"
    file.write_bytes(damaged(private_key, name))
    file.chmod(0o600)
    with pytest.raises(KeyInvalid):
        load_key("key_1", file, KeyState.ACTIVE)


@pytest.mark.parametrize("names", SIGNS_WRONGLY, ids="-".join)
def test_a_damaged_key_that_the_library_lets_through_is_found_by_trying_it(
    private_key: RSAPrivateKey, names: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    lenient = partial(load_pem_private_key, unsafe_skip_rsa_key_validation=True)
    monkeypatch.setattr(keyring, "load_pem_private_key", lenient)
    with pytest.raises(KeyInvalid, match="its own signature does not verify"):
        parse_key("key_1", damaged(private_key, *names), KeyState.ACTIVE)


def is_prime(number: int) -> bool:
    """Fermat's test, which no number made by chance passes by chance."""
    return all(pow(base, number - 1, number) == 1 for base in (2, 3, 5))


def weak_prime() -> int:
    """A prime of 1024 bits that is a power of 65537 by each of the marks."""
    marks = math.prod(MARKS)
    while True:
        factor = secrets.randbits(1024) | 3 << 1022
        found = factor // marks * marks + pow(65537, secrets.randbelow(marks), marks)
        if found % 2 and found % 65537 != 1 and found.bit_length() == 1024 and is_prime(found):
            return found


def test_a_private_key_of_the_weak_kind_is_refused() -> None:
    p, q = weak_prime(), weak_prime()
    d = pow(65537, -1, (p - 1) * (q - 1))
    public = RSAPublicNumbers(65537, p * q)
    weak = RSAPrivateNumbers(
        p=p, q=q, d=d, dmp1=d % (p - 1), dmq1=d % (q - 1), iqmp=pow(q, -1, p), public_numbers=public
    ).private_key()
    pem = weak.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(KeyInvalid, match="ROCA"):
        parse_key("key_1", pem, KeyState.ACTIVE)


@posix
def test_a_device_is_no_key_of_juspay_s() -> None:
    with pytest.raises(KeyInvalid, match="not a regular file"):
        load_juspay_key("key_1", Path("/dev/zero"))


@pytest.mark.parametrize("key_id", ["", "a\nb", "schlüssel"])
def test_an_id_of_juspay_s_key_is_printable(key_id: str) -> None:
    with pytest.raises(KeyInvalid, match="printable ASCII"):
        keyring.parse_juspay_key(key_id, b"")
