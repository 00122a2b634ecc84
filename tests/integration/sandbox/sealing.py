"""A merchant's side of JWT mode, made by hand: what is signed and sealed to the sandbox, and what its answers hold."""

from __future__ import annotations

import base64
import json
import secrets
from functools import cache
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from integration.sandbox.playing import private_key

from paystate.entrypoints.sandbox import generate_key_pair

TEXT = b'{"order_id":"bun-7Kq2","amount":1.10}'
OAEP = {"RSA-OAEP": hashes.SHA1, "RSA-OAEP-256": hashes.SHA256}


@cache
def pair(name: str) -> tuple[str, str]:
    """Private and public PEM, one pair for each name."""
    assert name
    return generate_key_pair()


def encoded(part: bytes | dict[str, Any]) -> str:
    raw = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "==")


def signed(text: bytes = TEXT, key: str = "theirs", **header: Any) -> dict[str, str]:
    """The inner object, made by hand."""
    private = private_key(pair(key)[0])
    protected, payload = encoded({"alg": "RS256", "kid": "theirs", **header}), encoded(text)
    signature = private.sign(f"{protected}.{payload}".encode(), padding.PKCS1v15(), hashes.SHA256())
    return {"header": protected, "payload": payload, "signature": encoded(signature)}


def sealed(
    inner: bytes | dict[str, str], key: str = "ours", alg: str = "RSA-OAEP-256", **header: Any
) -> dict[str, str]:
    """The outer object, made by hand."""
    public = serialization.load_pem_public_key(pair(key)[1].encode())
    assert isinstance(public, rsa.RSAPublicKey)
    content_key, iv = secrets.token_bytes(32), secrets.token_bytes(12)
    digest = OAEP[alg]()
    wrapped = public.encrypt(content_key, padding.OAEP(padding.MGF1(digest), digest, None))
    protected = encoded({"alg": alg, "enc": "A256GCM", "kid": "ours", **header})
    text = inner if isinstance(inner, bytes) else json.dumps(inner).encode()
    whole = AESGCM(content_key).encrypt(iv, text, protected.encode())
    return {
        "header": protected,
        "encryptedKey": encoded(wrapped),
        "iv": encoded(iv),
        "encryptedPayload": encoded(whole[:-16]),
        "tag": encoded(whole[-16:]),
    }


def unsealed(body: dict[str, str], key: str = "theirs") -> tuple[dict[str, Any], bytes]:
    """The outer header and what is inside, read by hand."""
    private = private_key(pair(key)[0])
    oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
    content_key = private.decrypt(decoded(body["encryptedKey"]), oaep)
    whole = decoded(body["encryptedPayload"]) + decoded(body["tag"])
    inner = AESGCM(content_key).decrypt(decoded(body["iv"]), whole, body["header"].encode())
    return json.loads(decoded(body["header"])), inner
