"""Where a shopper may be sent in the end: what a merchant's return URL may look like, and where the order's id goes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import SplitResult, quote, unquote_plus, urlsplit, urlunsplit

from paystate.core.errors import ValueInvalid
from paystate.entrypoints.setup.credentials import Credentials
from paystate.entrypoints.setup.settings import LOOPBACK

_LENGTH_MAX: Final = 2000
_PLAIN: Final = re.compile(r"[!-\[\]-~]+", re.ASCII)
"""Visible ASCII without the backslash, which browsers take for a slash."""
_DEFAULT_PORTS: Final = {"https": 443, "http": 80}


def checked_return_url(text: str, access: Credentials) -> str:
    """Return `text` if a shopper may be sent there; empty means our own page. Raises ValueInvalid."""
    if text and not is_on_a_host(text, access.return_hosts):
        raise ValueInvalid("invalid_return_url")
    return text


def with_order_id(url: str, order_id: str) -> str:
    """`url` with `order_id` in its query and nothing else changed; one that was there already gives way."""
    parts = urlsplit(url)
    kept = [pair for pair in parts.query.split("&") if pair and unquote_plus(pair.partition("=")[0]) != "order_id"]
    return urlunsplit(parts._replace(query="&".join([*kept, f"order_id={quote(order_id, safe='')}"])))


def is_on_a_host(text: str, return_hosts: Iterable[str]) -> bool:
    """Whether `text` is an https URL, without tricks, on one of the hosts."""
    if len(text) > _LENGTH_MAX or not _PLAIN.fullmatch(text) or "#" in text:
        return False
    try:
        parts = urlsplit(text)
        place = _place(parts)
    except ValueError:
        return False
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    return is_safe and "@" not in parts.netloc and place in {host.lower() for host in return_hosts}


def _place(parts: SplitResult) -> str:
    """Host, with its port where that is not the scheme's own; raises ValueError."""
    host = parts.hostname or ""
    named = f"[{host}]" if ":" in host else host
    is_usual = parts.port is None or parts.port == _DEFAULT_PORTS.get(parts.scheme)
    return named if is_usual else f"{named}:{parts.port}"
