"""The one pool of connections of a process.

Owns what both kinds have in common: no proxy from the environment, no redirects, no cookies, bounded connections, and
certificates that are checked.
"""

from __future__ import annotations

import ssl
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpx

__all__ = ["blocking_http_client", "http_client"]


def http_client(
    *, connections_max: int = 50, keepalive_s: float = 30.0, ssl_context: ssl.SSLContext | None = None
) -> httpx.AsyncClient:
    """Make the connections of a process whose code is async; to be closed by who made them.

    Args:
        ssl_context: To share between clients, or for a private certificate authority; must check certificates.

    Raises:
        ValueError: The context would accept any certificate.
    """
    return httpx.AsyncClient(**_options(connections_max, keepalive_s, ssl_context))


def blocking_http_client(
    *, connections_max: int = 50, keepalive_s: float = 30.0, ssl_context: ssl.SSLContext | None = None
) -> httpx.Client:
    """The same as `http_client`, for code that is not async; threads may share it."""
    return httpx.Client(**_options(connections_max, keepalive_s, ssl_context))


def _options(connections_max: int, keepalive_s: float, ssl_context: ssl.SSLContext | None) -> dict[str, Any]:
    context = ssl_context or httpx.create_ssl_context(trust_env=False)
    if context.verify_mode is not ssl.CERT_REQUIRED or not context.check_hostname:
        raise ValueError("the TLS context must check certificates and host names")
    limits = httpx.Limits(
        max_connections=connections_max, max_keepalive_connections=connections_max, keepalive_expiry=keepalive_s
    )
    no_cookies = CookieJar(policy=DefaultCookiePolicy(allowed_domains=()))
    return {
        "verify": context,
        "trust_env": False,
        "follow_redirects": False,
        "limits": limits,
        "cookies": no_cookies,
    }
