"""JWT mode: sealed bodies, a JWS inside a JWE, in the forms Juspay gives them (contract A.5, I.5).

The sandbox's own key pairs, the public keys that merchants uploaded, opening and sealing are here. Which routes are
sealed, and what a refusal looks like on the wire, is in the routes. The cryptography is joserfc's.

Key ids, as official clients use them: the inner header's `kid` names the merchant's key that signed. The outer `kid`
names our key that the body is encrypted to, or once more the merchant's (recorded: Juspay's clients know one id for
both sides); then each of our live keys is tried. An answer goes back to the key that signed the call, signed with ours
that opened it and under the id that the call gave it, so that either side may change its keys while calls are on their
way, and a merchant who knows one id for both sides gets that one (ours).
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias, cast

from cryptography.exceptions import InvalidTag
from joserfc import jwe, jws
from joserfc.errors import JoseError
from joserfc.jwe import JWERegistry
from joserfc.jwk import RSAKey
from joserfc.jws import JWSRegistry

from paystate.entrypoints.sandbox.signatures import checked_public_key

Body: TypeAlias = dict[str, str]

SIZE_BYTES_MAX: Final = 512 * 1024

SEALED_MEMBERS: Final = ("header", "encryptedKey", "iv", "encryptedPayload", "tag")
"""The five parts of a JWE, under Juspay's own names (documented, contract A.5)."""

SIGNED_MEMBERS: Final = ("header", "payload", "signature")
"""The three parts of the JWS inside (documented, contract A.5)."""


class SealBroken(Exception):
    """A sealed body cannot be opened, or is not signed by the merchant; the message says why."""


class _JweRegistry(JWERegistry):
    max_ciphertext_length = SIZE_BYTES_MAX


class _JwsRegistry(JWSRegistry):
    max_payload_length = SIZE_BYTES_MAX


# Documented: RSA-OAEP-256. Recorded: the Node client asks with RSA-OAEP, of SHA-1 (contract A.5).
_TAKEN: Final = _JweRegistry(algorithms=["RSA-OAEP-256", "RSA-OAEP", "A256GCM"])
_SENT: Final = _JweRegistry(algorithms=["RSA-OAEP-256", "A256GCM"])
_SIGNED: Final = _JwsRegistry(algorithms=["RS256"])

_BROKEN: Final = (JoseError, InvalidTag, ValueError, TypeError)
"""What joserfc raises for a body that does not hold, or is none."""


@dataclass(frozen=True, slots=True)
class OwnKey:
    """A key pair of the sandbox's own."""

    key_id: str
    public_pem: str
    key: RSAKey = field(repr=False)


@dataclass(frozen=True, slots=True)
class Channel:
    """Both sides' keys of one exchange: what we send is signed with `own`, and encrypted to the merchant's `key`.

    Attributes:
        own_id: The key id that our signature names.
        key_id: The merchant's.
    """

    own: OwnKey
    own_id: str
    key_id: str
    key: RSAKey = field(repr=False)

    def sealed(self, text: bytes) -> Body:
        """Return an answer's body: the five-member object around the three-member one (documented, contract A.5)."""
        inner = _members(SIGNED_MEMBERS, self._signed(text))
        return _members(SEALED_MEMBERS, self._encrypted(json.dumps(inner)))

    def sealed_compact(self, text: bytes, *, inner_object: bool = False) -> str:
        """Return a webhook's text: a compact JWE (documented) around a JWS, compact or the object (open; I.5)."""
        signed = self._signed(text)
        return self._encrypted(json.dumps(_members(SIGNED_MEMBERS, signed)) if inner_object else signed)

    def _signed(self, text: bytes) -> str:
        header = {"alg": "RS256", "kid": self.own_id}
        return jws.serialize_compact(header, text, self.own.key, registry=_SIGNED)

    def _encrypted(self, text: str) -> str:
        header = {"alg": "RSA-OAEP-256", "enc": "A256GCM", "kid": self.key_id}
        return jwe.encrypt_compact(header, text, self.key, registry=_SENT)


class JwtKeys:
    """The sandbox's live key pairs, the newest last, and each merchant's live public keys. A sandbox holds one."""

    def __init__(self, own: Mapping[str, str], merchants: Mapping[str, Mapping[str, str]]) -> None:
        """Take our private keys and the merchants' public ones, PEM by key id; our first pair may be made later.

        Raises:
            ValueError: A key is not RSA.
        """
        self._own = [_own_key(key_id, RSAKey.import_key(pem)) for key_id, pem in own.items()]
        self._merchants = {
            merchant_id: {key_id: _public_key(pem) for key_id, pem in keys.items()}
            for merchant_id, keys in merchants.items()
        }

    @property
    def own(self) -> tuple[OwnKey, ...]:
        """Our live keys, the newest last; the first is made when somebody asks."""
        if not self._own:
            self.renew()
        return tuple(self._own)

    def renew(self) -> OwnKey:
        """Make a new pair, which signs what we send first; the older ones stay in use until they are withdrawn."""
        made = _own_key(new_key_id(), RSAKey.generate_key(2048))
        self._own.append(made)
        return made

    def withdraw(self, key_id: str) -> None:
        """Use that pair no more.

        Raises:
            ValueError: We have none of that id, or no other.
        """
        left = [one for one in self._own if one.key_id != key_id]
        if len(left) == len(self._own) or not left:
            raise ValueError("there is no such key, or no other to go on with")
        self._own = left

    def key_ids(self, merchant_id: str) -> tuple[str, ...]:
        """Return the ids of the merchant's live keys, the newest last."""
        return tuple(self._merchants[merchant_id])

    def upload(self, merchant_id: str, pem: str, key_id: str | None = None) -> str:
        """Take a public key of the merchant, and return its id: the given one, or one like Juspay's.

        Raises:
            ValueError: It is not an RSA public key.
        """
        named = key_id or new_key_id()
        self._merchants[merchant_id][named] = _public_key(pem)
        return named

    def forget(self, merchant_id: str, key_id: str) -> None:
        """Take that key of the merchant no more.

        Raises:
            ValueError: There is none.
        """
        if self._merchants[merchant_id].pop(key_id, None) is None:
            raise ValueError("the merchant has no such key")

    def channel_to(self, merchant_id: str, key_id: str, *, one_id: bool = False) -> Channel:
        """Return what webhooks to that key of the merchant go through: signed with our newest key.

        Args:
            one_id: Sign under the merchant's key id, not under ours.

        Raises:
            SealBroken: The merchant has no such key any more.
        """
        key = self._merchants[merchant_id].get(key_id)
        if key is None:
            raise SealBroken("the merchant has no such key")
        own = self.own[-1]
        return Channel(own, key_id if one_id else own.key_id, key_id, key)

    def opened(self, merchant_id: str, body: Mapping[str, Any]) -> tuple[bytes, Channel]:
        """Return what a merchant's sealed body says, and the channel that the answer goes back through.

        It is the object of five members, or holds the compact form as `JWT`, as a sample has it (recorded, A.5).

        Raises:
            SealBroken: The members are not the five, a key is unknown, or what they say does not hold.
        """
        compact = body.get("JWT") if len(body) == 1 else None
        token = compact if isinstance(compact, str) else _compact(SEALED_MEMBERS, body)
        own_id = str(_header_of(token).get("kid"))
        inner, own = self._decrypted(token, self._addressed(merchant_id, own_id))
        signed = _inner_jws(inner)
        key_id = _header_of(signed).get("kid")
        key = self._merchants.get(merchant_id, {}).get(str(key_id))
        if key is None:
            raise SealBroken("the key id of the signature is not known")
        try:
            verified = jws.deserialize_compact(signed, key, registry=_SIGNED)
        except _BROKEN as exc:
            raise SealBroken("the signature does not hold") from exc
        return verified.payload, Channel(own, own_id, str(key_id), key)

    def _decrypted(self, token: str, keys: Iterable[OwnKey]) -> tuple[bytes, OwnKey]:
        for own in keys:
            try:
                plain = jwe.decrypt_compact(token, own.key, registry=_TAKEN).plaintext
            except _BROKEN:
                continue
            if plain is not None:
                return plain, own
        raise SealBroken("no key of ours opens it")

    def _addressed(self, merchant_id: str, key_id: str) -> Iterable[OwnKey]:
        """Return our keys that a body with this outer key id may be encrypted to."""
        if key_id in self._merchants.get(merchant_id, {}):
            return reversed(self.own)
        return [one for one in self.own if one.key_id == key_id]


def new_key_id() -> str:
    """Return a key id that looks like Juspay's: `key_` and 32 hexadecimal digits (documented, contract A.5)."""
    return f"key_{secrets.token_hex(16)}"


def _own_key(key_id: str, key: RSAKey) -> OwnKey:
    return OwnKey(key_id, key.as_pem(private=False).decode(), key)


def _public_key(pem: str) -> RSAKey:
    checked_public_key(pem)
    return RSAKey.import_key(pem)


def _members(names: tuple[str, ...], token: str) -> Body:
    return dict(zip(names, token.split("."), strict=True))


def _compact(names: tuple[str, ...], members: Mapping[str, Any]) -> str:
    parts = [members.get(name) for name in names]
    if set(members) != set(names) or not all(isinstance(part, str) and "." not in part for part in parts):
        raise SealBroken(f"the members must be {', '.join(names)}")
    return ".".join(cast("list[str]", parts))


def _inner_jws(inner: bytes) -> str:
    """Return the JWS inside as compact text: the clients send the object, the compact form is taken too (ours)."""
    try:
        text = inner.decode("ascii")
        return _compact(SIGNED_MEMBERS, _json_object(text)) if text.lstrip().startswith("{") else text
    except UnicodeDecodeError as exc:
        raise SealBroken("what is inside is not signed") from exc


def _header_of(token: str) -> dict[str, Any]:
    header = token.partition(".")[0]
    try:
        return _json_object(base64.urlsafe_b64decode(f"{header}===").decode())
    except ValueError as exc:
        raise SealBroken("the header cannot be read") from exc


def _json_object(text: str) -> dict[str, Any]:
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError) as exc:
        raise SealBroken("what is inside is not JSON") from exc
    if not isinstance(parsed, dict):
        raise SealBroken("what is inside is not an object")
    return cast("dict[str, Any]", parsed)
