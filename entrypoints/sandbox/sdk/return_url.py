"""The shopper's way back: the return URL with the signed outcome (contract section E, documented). Pure."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, quote_plus, urlsplit, urlunsplit

from paystate.entrypoints.sandbox.gateway.records import Order

Pairs = Sequence[tuple[str, str]]

ALGORITHM: Final = "HMAC-SHA256"
_OURS: Final = frozenset({"order_id", "status", "status_id", "signature", "signature_algorithm"})


def signature(params: Pairs, response_key: str) -> str:
    """Return the base64 HMAC over `params`: each encoded, sorted, joined, and all encoded once more."""
    encoded = sorted((_encoded(key), _encoded(value)) for key, value in params)
    joined = "&".join(f"{key}={value}" for key, value in encoded)
    digest = hmac.digest(response_key.encode(), _encoded(joined).encode(), hashlib.sha256)
    return base64.b64encode(digest).decode()


@dataclass(frozen=True, slots=True)
class WayBack:
    """Where the shopper goes after the page, and with what."""

    place: str
    params: Pairs

    @property
    def address(self) -> str:
        """The address that a GET asks for; for a POST it is `place`, with `params` as a form (the latter inferred)."""
        query = "&".join(f"{_encoded(key)}={_encoded(value)}" for key, value in self.params)
        return urlunsplit(urlsplit(self.place)._replace(query=query))


def way_back(order: Order, response_key: str | None, status_id: int) -> WayBack | None:
    """Return where the shopper goes after the page, or None if the order names no place.

    The merchant's own query parameters stay and are signed too; those with one of our names give way (ours).
    Without a response key the outcome is not signed (documented).
    """
    target = order.fields.get("return_url")
    if not target:
        return None
    parts = urlsplit(target)
    own = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] not in _OURS]
    params = [
        ("order_id", order.order_id),
        ("status", order.status),
        ("status_id", str(status_id)),
        *own,
    ]
    if response_key is not None:
        signed = signature(params, response_key)
        params += [("signature", signed), ("signature_algorithm", ALGORITHM)]
    return WayBack(urlunsplit(parts._replace(query="")), params)


def is_web_address(target: str) -> bool:
    """Whether a return URL is fully qualified (documented, contract B.1), with nothing that could split a header."""
    try:
        parts = urlsplit(target)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and target.isascii() and target.isprintable()


def _encoded(text: str) -> str:
    """Percent-encode like Java's URLEncoder, as in Juspay's sample: space is +, * stays, ~ does not."""
    return quote_plus(text, safe="*").replace("~", "%7E")
