"""The connections of a process, to be shared by all its merchants.

Both kinds have in common: certificates are checked, their number is bounded, and no proxy is taken from the
environment. They are httpx's transports and not its clients: a call of ours is one request and one answer, and we want
nothing that a client adds to that (redirects, cookies, logins, headers).
"""

from __future__ import annotations

import ssl
from typing import Any

import httpx

__all__ = ["blocking_connection_pool", "connection_pool"]


def connection_pool(
    *, connections_max: int = 50, keepalive_s: float = 30.0, ssl_context: ssl.SSLContext | None = None
) -> httpx.AsyncHTTPTransport:
    """Make the connections of a process whose code is async; `aclose` or `async with` closes them.

    Args:
        ssl_context: To share, or for a private certificate authority; must check certificates.

    Raises:
        ValueError: The context would accept any certificate.
    """
    return httpx.AsyncHTTPTransport(**_options(connections_max, keepalive_s, ssl_context))


def blocking_connection_pool(
    *, connections_max: int = 50, keepalive_s: float = 30.0, ssl_context: ssl.SSLContext | None = None
) -> httpx.HTTPTransport:
    """The same as `connection_pool`, for code that is not async; threads may share them."""
    return httpx.HTTPTransport(**_options(connections_max, keepalive_s, ssl_context))


def _options(connections_max: int, keepalive_s: float, ssl_context: ssl.SSLContext | None) -> dict[str, Any]:
    context = ssl_context or httpx.create_ssl_context(trust_env=False)
    if context.verify_mode is not ssl.CERT_REQUIRED or not context.check_hostname:
        raise ValueError("the TLS context must check certificates and host names")
    limits = httpx.Limits(
        max_connections=connections_max, max_keepalive_connections=connections_max, keepalive_expiry=keepalive_s
    )
    return {"verify": context, "trust_env": False, "limits": limits}
