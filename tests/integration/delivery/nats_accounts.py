"""An operator, an account and a user of NATS, as its account services make them: keys, tokens, a credentials file.

Source: github.com/nats-io/nkeys and github.com/nats-io/jwt, version 2 of the claims.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from typing import Any

from attrs import define, field
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

SEED, OPERATOR, ACCOUNT, USER = 18 << 3, 14 << 3, 0, 20 << 3


def _text(raw: bytes) -> str:
    whole = raw + binascii.crc_hqx(raw, 0).to_bytes(2, "little")
    return base64.b32encode(whole).decode().rstrip("=")


def _url64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


@define
class Identity:
    """Somebody with a key, of a kind."""

    kind: int
    key: Ed25519PrivateKey = field(factory=Ed25519PrivateKey.generate)

    @property
    def public(self) -> str:
        return _text(bytes([self.kind]) + self.key.public_key().public_bytes_raw())

    @property
    def seed(self) -> str:
        return _text(bytes([SEED | self.kind >> 5, (self.kind & 31) << 3]) + self.key.private_bytes_raw())

    def token(self, of: Identity, name: str, claims: dict[str, Any]) -> str:
        """A token about somebody, signed by this one."""
        body = {"iat": 1, "iss": self.public, "name": name, "sub": of.public, "nats": {"version": 2, **claims}}
        body["jti"] = hashlib.sha256(json.dumps(body).encode()).hexdigest()
        head = _url64(b'{"typ":"JWT","alg":"ed25519-nkey"}')
        signed = f"{head}.{_url64(json.dumps(body).encode())}"
        return f"{signed}.{_url64(self.key.sign(signed.encode()))}"


NO_LIMITS = {
    "subs": -1, "data": -1, "payload": -1, "imports": -1, "exports": -1, "wildcards": True, "conn": -1, "leaf": -1,
    "mem_storage": -1, "disk_storage": -1, "streams": -1, "consumer": -1,
}  # fmt: skip


@define
class Accounts:
    """An operator with an account for us and one for the system."""

    operator: Identity = field(factory=lambda: Identity(OPERATOR))
    account: Identity = field(factory=lambda: Identity(ACCOUNT))
    system: Identity = field(factory=lambda: Identity(ACCOUNT))

    @property
    def server_lines(self) -> str:
        """What a server of this operator's has in its configuration."""
        ours = self.operator.token(self.account, "shop", {"type": "account", "limits": NO_LIMITS})
        limits = {**NO_LIMITS, "mem_storage": 0, "disk_storage": 0}  # the system's own may keep no streams
        system = self.operator.token(self.system, "SYS", {"type": "account", "limits": limits})
        operator = self.operator.token(self.operator, "op", {"type": "operator", "system_account": self.system.public})
        return (
            f"operator: {operator}\nsystem_account: {self.system.public}\nresolver: MEMORY\n"
            f"resolver_preload: {{ {self.account.public}: {ours}, {self.system.public}: {system} }}\n"
        )

    def credentials(self, by: Identity | None = None) -> str:
        """The file of a new user; `by` signs in the account's place."""
        user = Identity(USER)
        claims = {"type": "user", "subs": -1, "data": -1, "payload": -1, "pub": {}, "sub": {}}
        token = (by or self.account).token(user, "paystate", claims)
        return (
            f"-----BEGIN NATS USER JWT-----\n{token}\n------END NATS USER JWT------\n\n"
            f"************************* IMPORTANT *************************\n\n"
            f"-----BEGIN USER NKEY SEED-----\n{user.seed}\n------END USER NKEY SEED------\n"
        )
