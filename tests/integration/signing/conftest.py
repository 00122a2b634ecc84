"""Keys made once for all tests of this folder: making one takes longer than everything done with it."""

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from integration.signing.juspay_side import JuspaySide, public_pem_of

from paystate.adapters.signing.envelope import JwtEnvelope
from paystate.adapters.signing.keyring import KeyRing, KeyState, parse_juspay_key, parse_key

pytest.register_assert_rewrite("integration.signing.attacks.forging")


def pem_of(key: RSAPrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.fixture(scope="session")
def private_key() -> RSAPrivateKey:
    return generate_private_key(65537, 2048)


@pytest.fixture(scope="session")
def pem(private_key: RSAPrivateKey) -> bytes:
    return pem_of(private_key)


@pytest.fixture(scope="session")
def other_pem() -> bytes:
    return pem_of(generate_private_key(65537, 2048))


@pytest.fixture(scope="session")
def juspay_key() -> RSAPrivateKey:
    return generate_private_key(65537, 2048)


@pytest.fixture(scope="session")
def juspay(juspay_key: RSAPrivateKey, private_key: RSAPrivateKey) -> JuspaySide:
    return JuspaySide(juspay_key, "key_juspay", private_key.public_key(), "key_ours")


@pytest.fixture(scope="session")
def envelope(pem: bytes, juspay_key: RSAPrivateKey) -> JwtEnvelope:
    ours = parse_key("key_ours", pem, KeyState.ACTIVE)
    return JwtEnvelope(KeyRing([ours]), [parse_juspay_key("key_juspay", public_pem_of(juspay_key))])
