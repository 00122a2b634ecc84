"""Juspay's JWT mode for one merchant: what we send is signed, then encrypted; what comes is decrypted, then checked.

This decides which key does what, by key id, and knows the ways in which Juspay writes a token down. How a token is made
and what it may say is in `jose`.

Source: gateway contract, A.5 (calls) and I.5 (webhooks).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from joserfc.jwk import RSAKey

from paystate.adapters.signing import jose
from paystate.adapters.signing.keyring import FIX_JUSPAYS, JuspayKey, KeyInvalid, KeyRing
from paystate.core.ports.signing import LIVE_KEYS_MAX

_SIGNED: Final = ("header", "payload", "signature")
_SEALED: Final = ("header", "encryptedKey", "iv", "encryptedPayload", "tag")
"""Juspay's own names, in the order of a compact token. Documented, contract A.5."""
_WEBHOOK: Final = ("JWT",)


class JwtEnvelope:
    """Seals our bodies to Juspay, and opens Juspay's to us.

    Our active key signs, and every live key of ours decrypts. We encrypt to the first of Juspay's keys, and take what
    any of them signed. So on either side an old and a new key may be good together. A token that names no key is tried
    with all of them (ours: key ids are known of requests and around webhooks, not of answers; contract A.5).
    """

    def __init__(self, ring: KeyRing, juspay_keys: Iterable[JuspayKey]) -> None:
        """Take our keys and Juspay's, the newest of those first.

        Raises:
            KeyInvalid: None of Juspay's, more than three on a side, an id twice, or one key on both sides.
        """
        ours, theirs = ring.live, tuple(juspay_keys)
        _check_sides(ring, theirs)
        self._ring = ring
        self._signs_with = jose.signature_key(ring.active.private_key)
        self._encrypts_to = (theirs[0].key_id, jose.encryption_key(theirs[0].public_key))
        self._decrypt = _finder({key.key_id: jose.encryption_key(key.private_key) for key in ours})
        self._verify = _finder({key.key_id: jose.signature_key(key.public_key) for key in theirs})

    def seal(self, plain: bytes) -> bytes:
        """Return a call's body: `plain` signed, and that encrypted, as Juspay's object of five members."""
        signed = jose.sign(self._signs_with, self._ring.active.key_id, plain)
        key_id, key = self._encrypts_to
        return _written(_SEALED, jose.encrypt(key, key_id, _written(_SIGNED, signed)))

    def open(self, sealed: bytes) -> bytes:
        """Return what Juspay put into an answer.

        Raises:
            SignatureInvalid: Anything is wrong; always the same text, wherever it broke.
        """
        return self._opened(jose.members(_capped(sealed), _SEALED))

    def open_webhook(self, body: bytes) -> bytes:
        """Return what Juspay put into a webhook, `{"JWT": "<compact token>"}`.

        Raises:
            SignatureInvalid: Anything is wrong, as with `open`.

        Source: gateway contract, I.5.
        """
        (token,) = jose.members(_capped(body), _WEBHOOK)
        return self._opened(token.split(".", len(_SEALED)))

    def _opened(self, parts: Sequence[str]) -> bytes:
        signed = jose.decrypt(parts, self._decrypt)
        # Which form the signed part has inside a webhook is not told, so both are taken (a decision, contract I.5).
        inner = jose.members(signed, _SIGNED) if signed.startswith(b"{") else _compact(signed)
        return jose.verify(inner, self._verify)

    def __repr__(self) -> str:
        """Our ring's ids and states."""
        return f"JwtEnvelope({self._ring!r})"


def _finder(keys: Mapping[str, RSAKey]) -> jose.Finder:
    every = tuple(keys.values())

    def find(key_id: str | None) -> Sequence[RSAKey]:
        if key_id is None:
            return every
        return (keys[key_id],) if key_id in keys else ()

    return find


def _check_sides(ring: KeyRing, theirs: Sequence[JuspayKey]) -> None:
    if not 1 <= len(theirs) <= LIVE_KEYS_MAX or len(ring.live) > LIVE_KEYS_MAX:
        message = f"JWT mode takes 1 to {LIVE_KEYS_MAX} keys of Juspay's, and {LIVE_KEYS_MAX} live ones of ours at most"
        raise KeyInvalid("", message, "drop the oldest")
    if len({key.key_id for key in theirs}) != len(theirs):
        raise KeyInvalid(theirs[0].key_id, "one of Juspay's key ids comes twice", "leave one of the two out")
    numbers = {key.public_key.public_numbers() for key in ring.live}
    for key in theirs:
        if key.public_key.public_numbers() in numbers:
            raise KeyInvalid(key.key_id, "is our own key, where Juspay's is needed", FIX_JUSPAYS)


def _capped(text: bytes) -> bytes:
    if len(text) > jose.BYTES_MAX:
        raise jose.refused()
    return text


def _compact(signed: bytes) -> list[str]:
    try:
        return signed.decode("ascii").split(".", len(_SIGNED))
    except UnicodeDecodeError:
        raise jose.refused() from None


def _written(names: Sequence[str], parts: Sequence[str]) -> bytes:
    return json.dumps(dict(zip(names, parts, strict=True)), separators=(",", ":")).encode("ascii")
