"""Which addresses are the gateway's: exact origins, with HTTPS unless they are on this machine.

Nothing is looked up, so a name that only resolves to loopback is not loopback.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, urlsplit


def origin_of(url: str) -> str:
    """Return `scheme://host[:port]` of an address, in lower case and without a default port.

    Raises:
        ValueError: Not `https` (or `http` to loopback), no host, a user name or password, or an impossible port.
    """
    parts = _split(url)
    host = parts.hostname or ""
    if "@" in parts.netloc or not host:
        raise ValueError("not an address of the form https://host")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        raise ValueError("https is needed, except to loopback")
    port = "" if parts.port in (None, {"https": 443, "http": 80}[parts.scheme]) else f":{parts.port}"
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}"


def checked_origin(url: str) -> str:
    """Return an origin given without path, query or fragment (one closing slash is allowed).

    Raises:
        ValueError: As `origin_of`, or there is more than an origin.
    """
    parts = _split(url)
    if parts.path not in ("", "/") or parts.query or parts.fragment or url.endswith(("?", "#")):
        raise ValueError("an origin has no path, query or fragment")
    return origin_of(url)


def is_loopback(host: str) -> bool:
    """Whether a host name or literal address is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _split(url: str) -> SplitResult:
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise ValueError("an address is visible ASCII, and has no backslash")
    return urlsplit(url)
