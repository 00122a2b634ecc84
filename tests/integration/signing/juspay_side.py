"""Juspay's side of JWT mode by `cryptography`'s primitives alone: an independent reading, and a forger's tools.

Owns how a token is put together, member by member, so that a test can make exactly one of them wrong.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import GCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

OAEP_256 = OAEP(mgf=MGF1(SHA256()), algorithm=SHA256(), label=None)
JWS_MEMBERS = ("header", "payload", "signature")
JWE_MEMBERS = ("header", "encryptedKey", "iv", "encryptedPayload", "tag")

Header = Mapping[str, Any] | bytes
Sign = Callable[[bytes], bytes]


def public_pem_of(key: RSAPrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def header_text(header: Header) -> str:
    return b64(header if isinstance(header, bytes) else json.dumps(header, separators=(",", ":")).encode())


def as_object(names: Sequence[str], parts: Sequence[str]) -> bytes:
    return json.dumps(dict(zip(names, parts, strict=True))).encode()


def as_call(parts: Sequence[str]) -> bytes:
    """How Juspay writes an answer: contract A.5."""
    return as_object(JWE_MEMBERS, parts)


def as_webhook(parts: Sequence[str]) -> bytes:
    """How Juspay writes a webhook: contract I.5."""
    return json.dumps({"JWT": ".".join(parts)}).encode()


@dataclass(frozen=True)
class JuspaySide:
    """Juspay with one key of its own, and the merchant's public one."""

    key: RSAPrivateKey
    key_id: str
    merchant_key: RSAPublicKey
    merchant_key_id: str

    def jws(self, payload: bytes, header: Header | None = None, sign: Sign | None = None, **more: Any) -> list[str]:
        """A signed payload; `more` joins the usual header."""
        usual = {"alg": "RS256", "kid": self.key_id, **more}
        said, body = header_text(usual if header is None else header), b64(payload)
        return [said, body, b64((sign or self.rs256)(f"{said}.{body}".encode()))]

    def rs256(self, message: bytes) -> bytes:
        return self.key.sign(message, PKCS1v15(), SHA256())

    def jwe(
        self,
        plain: bytes,
        header: Header | None = None,
        *,
        cek: bytes | None = None,
        padding: Any = OAEP_256,
        key: RSAPublicKey | None = None,
        iv: bytes | None = None,
        tag_bytes: int = 16,
        more: Mapping[str, Any] | None = None,
    ) -> list[str]:
        """An encrypted text; `more` joins the usual header."""
        usual = {"alg": "RSA-OAEP-256", "enc": "A256GCM", "kid": self.merchant_key_id, **(more or {})}
        said = header_text(usual if header is None else header)
        cek, iv = os.urandom(32) if cek is None else cek, os.urandom(12) if iv is None else iv
        sealer = Cipher(AES(cek if len(cek) in (16, 24, 32) else bytes(32)), GCM(iv)).encryptor()
        sealer.authenticate_additional_data(said.encode())
        content = sealer.update(plain) + sealer.finalize()
        wrapped = (key or self.merchant_key).encrypt(cek, padding)
        return [said, b64(wrapped), b64(iv), b64(content), b64(sealer.tag[:tag_bytes])]

    def told(self, payload: bytes) -> list[str]:
        """What Juspay honestly sends."""
        return self.jwe(as_object(JWS_MEMBERS, self.jws(payload)))

    def reads(self, sealed: bytes) -> tuple[dict[str, Any], dict[str, Any], bytes]:
        """A call of the merchant's: the outer header, the inner header and the payload, decrypted and verified."""
        outer = json.loads(sealed)
        assert list(outer) == list(JWE_MEMBERS)
        cek, iv, tag = self.key.decrypt(raw(outer["encryptedKey"]), OAEP_256), raw(outer["iv"]), raw(outer["tag"])
        assert (32, 12, 16) == (len(cek), len(iv), len(tag))
        opener = Cipher(AES(cek), GCM(iv, tag)).decryptor()
        opener.authenticate_additional_data(outer["header"].encode("ascii"))
        inner = json.loads(opener.update(raw(outer["encryptedPayload"])) + opener.finalize())
        assert list(inner) == list(JWS_MEMBERS)
        signed = f"{inner['header']}.{inner['payload']}".encode("ascii")
        self.merchant_key.verify(raw(inner["signature"]), signed, PKCS1v15(), SHA256())
        return json.loads(raw(outer["header"])), json.loads(raw(inner["header"])), raw(inner["payload"])
