"""Credentials of those who call us: API keys of merchants' backends, and the webhook password.

A secret is compared by digest and in constant time; it is never kept in clear.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from attrs import field, frozen

_API_KEY: Final = re.compile(r"pst_(?:test|live)_([a-z0-9]{8})_([A-Za-z0-9_-]{43})", re.ASCII)


@frozen
class ApiKey:
    """An API key as it is kept.

    Attributes:
        key_id: Its public part; eight symbols.
        digest: SHA-256 of its secret part, in hex.
    """

    key_id: str
    digest: str = field(repr=False)


@frozen(kw_only=True)
class Credentials:
    """Who may speak to us for one merchant.

    Attributes:
        api_keys: The merchant's backend; several, so that keys can be rotated.
        webhook_logins: SHA-256 digests of `user:password`, in hex; several for the same reason.
        webhook_headers: Custom headers that Juspay is configured to send, names in lower case.
        return_hosts: Hosts to which a shopper may be sent in the end, with a port where it is not the default.
        open_webhook: Opens a webhook that came sealed, or raises SignatureInvalid; None: none are taken.
        takes_plain_webhooks: Whether a webhook may come unsealed.
    """

    api_keys: tuple[ApiKey, ...]
    webhook_logins: tuple[str, ...] = field(repr=False)
    webhook_headers: Mapping[str, str] = field(factory=dict[str, str], repr=False, hash=False)
    return_hosts: tuple[str, ...] = ()
    open_webhook: Callable[[bytes], bytes] | None = field(default=None, repr=False)
    takes_plain_webhooks: bool = True


def new_api_key(environment: str) -> tuple[str, ApiKey]:
    """Make an API key: what the merchant is shown once, and what is kept."""
    key_id = base64.b32encode(secrets.token_bytes(5)).decode("ascii").lower()
    secret = secrets.token_urlsafe(32)
    stage = "live" if environment == "production" else "test"
    return f"pst_{stage}_{key_id}_{secret}", ApiKey(key_id, sha256(secret))


def merchant_of(authorization: str | None, credentials: Mapping[str, Credentials]) -> str | None:
    """The merchant whose API key an `Authorization: Bearer` header carries; None for anything else."""
    match = _API_KEY.fullmatch(bearer(authorization) or "")
    if match is None:
        return None
    key_id, digest = match[1], sha256(match[2])
    for merchant_id, access in credentials.items():
        for known in access.api_keys:
            if known.key_id == key_id and hmac.compare_digest(known.digest, digest):
                return merchant_id
    return None


def bearer(authorization: str | None) -> str | None:
    """The token of a Bearer header."""
    scheme, _, token = (authorization or "").partition(" ")
    return token if scheme.lower() == "bearer" and token else None


def is_webhook_login(authorization: str | None, access: Credentials) -> bool:
    """Whether a Basic header carries one of the merchant's webhook logins."""
    login = _basic(authorization)
    return login is not None and _is_any_of(hashlib.sha256(login).hexdigest(), access.webhook_logins)


def has_webhook_headers(headers: Mapping[str, str], access: Credentials) -> bool:
    """Whether every custom header is there with the right value."""
    given = ((headers.get(name, ""), value) for name, value in access.webhook_headers.items())
    wrong = sum(not hmac.compare_digest(sha256(is_), sha256(should)) for is_, should in given)  # looks at all of them
    return wrong == 0


def sha256(text: str) -> str:
    """SHA-256 of the UTF-8 bytes, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def _basic(authorization: str | None) -> bytes | None:
    scheme, _, encoded = (authorization or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        login = base64.b64decode(encoded.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        return None
    return login if b":" in login else None


def _is_any_of(digest: str, known: Iterable[str]) -> bool:
    return sum(hmac.compare_digest(digest, one) for one in known) > 0  # looks at all of them
