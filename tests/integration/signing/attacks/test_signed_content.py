"""What is encrypted must be one signed thing, by Juspay's key."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from integration.signing.attacks.forging import PAYLOAD, assert_refused, changed, twice
from integration.signing.juspay_side import JWE_MEMBERS, JWS_MEMBERS, JuspaySide, as_call, as_object, as_webhook

from paystate.adapters.signing.envelope import JwtEnvelope


def general(side: JuspaySide) -> bytes:
    header, payload, signature = side.jws(PAYLOAD)
    one = {"protected": header, "signature": signature}
    return json.dumps({"payload": payload, "signatures": [one, {"protected": header, "signature": "AA"}]}).encode()


def signed_object(side: JuspaySide, **more: Any) -> bytes:
    return json.dumps({**dict(zip(JWS_MEMBERS, side.jws(PAYLOAD), strict=True)), **more}).encode()


def signed_twice(name: str) -> Callable[[JuspaySide], bytes]:
    return lambda side: twice(JWS_MEMBERS, side.jws(PAYLOAD), name)


def signed_without(name: str) -> Callable[[JuspaySide], bytes]:
    return lambda side: json.dumps(
        {n: v for n, v in zip(JWS_MEMBERS, side.jws(PAYLOAD), strict=True) if n != name}
    ).encode()


INNER_ATTACKS: dict[str, Callable[[JuspaySide], bytes]] = {
    "nothing": lambda _: b"",
    "the payload itself, unsigned": lambda _: PAYLOAD,
    "two signatures (general JSON form)": general,
    "RFC 7515's own member names": lambda side: json.dumps(
        dict(zip(("protected", "payload", "signature"), side.jws(PAYLOAD), strict=True))
    ).encode(),
    "an unprotected header beside it": lambda side: signed_object(side, unprotected={"alg": "none"}),
    "a header that is an object": lambda side: signed_object(side, header={"alg": "RS256", "kid": "key_juspay"}),
    "a signature that is null": lambda side: signed_object(side, signature=None),
    "a list of signatures": lambda side: signed_object(side, signatures=[]),
    "a payload that is an object": lambda side: signed_object(side, payload=json.loads(PAYLOAD)),
    "an array of parts": lambda side: json.dumps(side.jws(PAYLOAD)).encode(),
    **{f"{name} twice": signed_twice(name) for name in JWS_MEMBERS},
    **{f"no {name}": signed_without(name) for name in JWS_MEMBERS},
    "trailing bytes after the object": lambda side: signed_object(side) + b"{}",
    "a space before the object": lambda side: b" " + signed_object(side),
    "trailing bytes after the compact form": lambda side: ".".join(side.jws(PAYLOAD)).encode() + b"\n",
    "two parts": lambda side: ".".join(side.jws(PAYLOAD)[:2]).encode(),
    "four parts": lambda side: ".".join([*side.jws(PAYLOAD), "AA"]).encode(),
    "four parts, the last empty": lambda side: ".".join([*side.jws(PAYLOAD), ""]).encode(),
    "a detached payload": lambda side: ".".join(changed(side.jws(PAYLOAD), 1, "")).encode(),
    "no text": lambda _: os.urandom(300),
    "nested 20 times": lambda side: nested(side, 20),
    "nested once": lambda side: nested(side, 1),
    "nested once, as an object": lambda side: as_object(JWE_MEMBERS, side.told(PAYLOAD)),
    "signed by the merchant's own key": lambda side: reflected(side, "key_ours"),
    "signed by the merchant's own key under Juspay's id": lambda side: reflected(side, "key_juspay"),
}  # fmt: skip


def nested(side: JuspaySide, times: int) -> bytes:
    inner = as_object(JWS_MEMBERS, side.jws(PAYLOAD))
    for _ in range(times):
        inner = ".".join(side.jwe(inner)).encode()
    return inner


MERCHANT: list[RSAPrivateKey] = []


@pytest.fixture(autouse=True)
def merchant_key(private_key: RSAPrivateKey) -> None:
    MERCHANT[:] = [private_key]


def reflected(side: JuspaySide, key_id: str) -> bytes:
    """What the merchant itself might have said, sent back to it."""
    (key,) = MERCHANT
    signed = side.jws(PAYLOAD, sign=lambda message: key.sign(message, PKCS1v15(), SHA256()), kid=key_id)
    return as_object(JWS_MEMBERS, signed)


@pytest.mark.parametrize("name", INNER_ATTACKS)
def test_what_is_encrypted_must_be_one_signed_thing(envelope: JwtEnvelope, juspay: JuspaySide, name: str) -> None:
    sealed = juspay.jwe(INNER_ATTACKS[name](juspay))
    assert_refused(envelope, as_call(sealed), as_webhook(sealed))
