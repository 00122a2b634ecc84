"""Credentials of those who call us: API keys of merchants' backends, and the webhook password.

A secret is compared by digest and in constant time; it is never kept in clear. An API key says in its name for which
environment it was made, opens only that, and may do only what its scopes say, until it expires or is revoked.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final

from attrs import field, frozen

_API_KEY: Final = re.compile(r"pst_(test|live)_([a-z0-9]{8})_([A-Za-z0-9_-]{43})", re.ASCII)


class Scope(StrEnum):
    """What an API key may be used for."""

    READ = "read"
    """See orders, refunds, reasons and announcements, and ask what would happen."""
    ORDERS = "orders"
    """Open orders and checkouts, change a price, cancel, tell of cash, have Juspay asked, be told again."""
    MONEY = "money"
    """Refund, capture, release."""
    REVIEW = "review"
    """Settle review reasons with a verdict."""


ALL_SCOPES: Final = frozenset(Scope)


@frozen
class ApiKey:
    """An API key as it is kept.

    Attributes:
        key_id: Its public part; eight symbols.
        digest: SHA-256 of its secret part, in hex.
        expires: From when on it opens nothing; None for never.
        is_revoked: It opens nothing any more.
    """

    key_id: str
    digest: str = field(repr=False)
    scopes: frozenset[Scope] = ALL_SCOPES
    expires: datetime | None = None
    is_revoked: bool = False

    def is_good(self, now: Callable[[], datetime]) -> bool:
        """Whether it opens anything; `now` is asked only if it may have expired."""
        return not self.is_revoked and (self.expires is None or now() < self.expires)


@frozen
class Caller:
    """Whose backend is calling, and with which of its keys."""

    merchant_id: str
    key: ApiKey


@frozen(kw_only=True)
class Credentials:
    """Who may speak to us for one merchant.

    Attributes:
        environment: `sandbox` or `production`; an API key of the other one opens nothing.
        api_keys: The merchant's backend; several, so that keys can be rotated.
        webhook_logins: SHA-256 digests of `user:password`, in hex; several for the same reason.
        webhook_users: The users of those logins, who are no secret.
        webhook_headers: Custom headers that Juspay is configured to send, names in lower case.
        return_hosts: Hosts to which a shopper may be sent in the end, with a port where it is not the usual one.
        app_origins: Origins of pages that may call the app's routes from a browser, as browsers spell them.
        open_webhook: Opens a webhook that came sealed, or raises SignatureInvalid; None: none are taken.
        takes_plain_webhooks: Whether a webhook may come unsealed.
    """

    api_keys: tuple[ApiKey, ...]
    webhook_logins: tuple[str, ...] = field(repr=False)
    webhook_users: frozenset[str] = frozenset()
    webhook_headers: Mapping[str, str] = field(factory=dict[str, str], repr=False, hash=False)
    return_hosts: tuple[str, ...] = ()
    app_origins: frozenset[str] = frozenset()
    open_webhook: Callable[[bytes], bytes] | None = field(default=None, repr=False)
    takes_plain_webhooks: bool = True
    environment: str = "sandbox"


def new_api_key(environment: str) -> tuple[str, ApiKey]:
    """Make an API key: what the merchant is shown once, and what is kept."""
    key_id = base64.b32encode(secrets.token_bytes(5)).decode("ascii").lower()
    secret = secrets.token_urlsafe(32)
    return f"pst_{_stage(environment)}_{key_id}_{secret}", ApiKey(key_id, sha256(secret))


def _stage(environment: str) -> str:
    return "live" if environment == "production" else "test"


def caller_of(
    authorization: str | None, credentials: Mapping[str, Credentials], now: Callable[[], datetime]
) -> Caller | None:
    """Whose API key an `Authorization: Bearer` header carries; None for anything else, and for one that is over."""
    match = _API_KEY.fullmatch(bearer(authorization) or "")
    if match is None:
        return None
    stage, key_id, digest = match[1], match[2], sha256(match[3])
    for merchant_id, access in credentials.items():
        for known in access.api_keys:
            is_it = known.key_id == key_id and hmac.compare_digest(known.digest, digest)
            if is_it and stage == _stage(access.environment) and known.is_good(now):
                return Caller(merchant_id, known)
    return None


def bearer(authorization: str | None) -> str | None:
    """The token of a Bearer header."""
    scheme, _, token = (authorization or "").partition(" ")
    return token if scheme.lower() == "bearer" and token else None


def is_webhook_login(authorization: str | None, access: Credentials) -> bool:
    """Whether a Basic header carries one of the merchant's webhook logins."""
    login = _basic(authorization)
    return login is not None and _is_any_of(hashlib.sha256(login).hexdigest(), access.webhook_logins)


def webhook_user(authorization: str | None, access: Credentials) -> str:
    """The user whom a Basic header names, right or wrong, where that is one of the merchant's; else empty."""
    named = (_basic(authorization) or b"").partition(b":")[0]
    return next((user for user in access.webhook_users if user.encode() == named), "")


def has_webhook_headers(headers: Mapping[str, str], access: Credentials) -> bool:
    """Whether every custom header is there with the right value."""
    given = ((headers.get(name, ""), value) for name, value in access.webhook_headers.items())
    wrong = sum(not hmac.compare_digest(sha256(is_), sha256(should)) for is_, should in given)  # looks at all of them
    return wrong == 0


def sha256(text: str) -> str:
    """SHA-256 of the UTF-8 bytes, in hex; also of a header that a framework could not decode, which is none of ours."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


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
