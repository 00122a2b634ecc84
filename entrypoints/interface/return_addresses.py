"""Where a shopper may be sent in the end: what a merchant's return URL may look like, and where the order's id goes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from urllib.parse import quote, unquote_plus, urlsplit, urlunsplit

from paystate.core.errors import ValueInvalid
from paystate.core.urls import checked_origin, origin_of
from paystate.entrypoints.setup.credentials import Credentials

_LENGTH_MAX: Final = 2000


def checked_return_url(text: str, credentials: Credentials) -> str:
    """Return `text` if a shopper may be sent there; empty means our own page. Raises ValueInvalid."""
    if text and not is_on_a_host(text, credentials.return_hosts):
        raise ValueInvalid(
            "invalid_return_url", rule="must be an https address, without #, on one of your return_hosts"
        )
    return text


def with_order_id(url: str, order_id: str) -> str:
    """`url` with `order_id` in its query and nothing else changed; one that was there already gives way."""
    parts = urlsplit(url)
    kept = [pair for pair in parts.query.split("&") if pair and unquote_plus(pair.partition("=")[0]) != "order_id"]
    return urlunsplit(parts._replace(query="&".join([*kept, f"order_id={quote(order_id, safe='')}"])))


def is_on_a_host(text: str, return_hosts: Iterable[str]) -> bool:
    """Whether `text` is a safe address on one of the hosts; 443 is https's own port, and 80 is http's."""
    if len(text) > _LENGTH_MAX or "#" in text:
        return False
    try:
        origin = origin_of(text)
    except ValueError:
        return False
    scheme = urlsplit(origin).scheme
    return any(origin == _origin(scheme, host) for host in return_hosts)


def _origin(scheme: str, host: str) -> str | None:
    """The origin of a host; None where it has none, such as plain http on another machine."""
    try:
        return checked_origin(f"{scheme}://{host}")
    except ValueError:
        return None
