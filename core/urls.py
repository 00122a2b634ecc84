"""Which addresses something may be sent to: https, or http to this machine; and which of them are the same origin.

Owns the form of an address. Nothing is looked up, so a name that only resolves to loopback is not loopback.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final
from urllib.parse import SplitResult, urlsplit

from paystate.core.text import is_visible_ascii

LOOPBACK: Final = "127.0.0.1"
"""Where what is for this machine alone listens."""
_NAME: Final = re.compile(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*", re.ASCII | re.IGNORECASE)
_PLACE: Final = re.compile(r"(\[[^\[\]]*\]|[^\[\]:]*)(:[0-9]*)?", re.ASCII)
_NAT64: Final = IPv6Network("64:ff9b::/96")
_NEVER_PUBLIC: Final = (
    IPv4Network("192.0.0.0/24"),  # IETF's protocols: some Pythons count parts as global; a cloud has secrets there
    IPv4Network(
        "168.63.129.16/32"
    ),  # Azure's own services of a machine. Source: learn.microsoft.com, "IP 168.63.129.16"
    IPv6Network("64:ff9b:1::/48"),  # NAT64 within a network, to whatever it likes. Source: RFC 8215
    IPv6Network("::/96"),  # IPv4-compatible, deprecated. Source: RFC 4291, 2.5.5.1
    IPv6Network("::ffff:0:0:0/96"),  # IPv4-translated. Source: RFC 2765, 2.1
)
"""Also not global, whatever a Python's tables say."""
_USUAL_PORTS: Final = {"https": 443, "http": 80}


def is_host(text: str) -> bool:
    """Whether `text` is a name, or an address of IPv4 or IPv6, without brackets and port."""
    return bool(_NAME.fullmatch(text)) or _address(text) is not None


def is_address(host: str) -> bool:
    """Whether a host is written as an address of IPv4 or IPv6, and is no name."""
    return _address(host) is not None


def is_loopback(host: str) -> bool:
    """Whether a host's name or address is this machine's."""
    address = _address(host)
    return host == "localhost" if address is None else address.is_loopback


def is_local(url: str) -> bool:
    """Whether `url` is an address that something may be sent to, and is this machine's."""
    try:
        return is_loopback(checked_url(url).hostname or "")
    except ValueError:
        return False


def checked_url(url: str) -> SplitResult:
    """Take an address apart.

    Raises:
        ValueError: Not `https` (or `http` to loopback), no host, a user name or password, a port that cannot be, or a
            sign that readers of addresses take in different ways: a backslash, a blank, anything but visible ASCII,
            something beside a host in brackets.
    """
    if not is_visible_ascii(url) or "\\" in url:
        raise ValueError("an address is visible ASCII, and has no backslash")
    parts = urlsplit(url)
    host = parts.hostname or ""
    if not _PLACE.fullmatch(parts.netloc) or "@" in parts.netloc or not is_host(host) or parts.port == 0:
        raise ValueError("not an address of the form https://host")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        raise ValueError("https is needed, except to loopback")
    return parts


def checked_receiver(url: str, *, allow_http: bool) -> SplitResult:
    """Take the address of a receiver of webhooks apart.

    Args:
        allow_http: Without TLS is allowed to any host, as within a private network.

    Raises:
        ValueError: As `checked_url`, or there is a fragment, which nobody would be sent.
    """
    if "#" in url:
        raise ValueError("a receiver's address has no fragment")
    return checked_url(f"https{url[4:]}" if allow_http and url.startswith("http:") else url)


def is_public(address: str) -> bool:
    """Whether an address of IPv4 or IPv6 is one of the internet's, and neither a private nor a special one.

    What carries an IPv4 address inside (mapped, NAT64) is as public as that; tunnels (6to4, Teredo) are not public,
    because they may end anywhere. What is no address is not public.
    """
    known = _address(address)
    if isinstance(known, IPv6Address):
        if known.sixtofour or known.teredo or known.is_site_local:
            return False
        known = known.ipv4_mapped or _translated(known) or known
    if known is None or not known.is_global or known.is_multicast:
        return False
    return not any(known in network for network in _NEVER_PUBLIC)


def _translated(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address to which NAT64 translates. Source: RFC 6052, 2.1."""
    return IPv4Address(int(address) & 0xFFFF_FFFF) if address in _NAT64 else None


def origin_of(url: str) -> str:
    """Return `scheme://host[:port]` of an address, in lower case and without a usual port; raises as `checked_url`."""
    parts = checked_url(url)
    return f"{parts.scheme}://{_place(parts)}"


def checked_origin(url: str) -> str:
    """Return an origin given without path, query or fragment (one closing slash is allowed).

    Raises:
        ValueError: As `checked_url`, or there is more than an origin.
    """
    parts = checked_url(url)
    if parts.path not in ("", "/") or "?" in url or "#" in url:
        raise ValueError("an origin has no path, query or fragment")
    return f"{parts.scheme}://{_place(parts)}"


def _address(host: str) -> IPv4Address | IPv6Address | None:
    """What a literal address is; None for a name, and for an address that names a network card."""
    try:
        return None if "%" in host else ip_address(host)
    except ValueError:
        return None


def _place(parts: SplitResult) -> str:
    host = parts.hostname or ""
    named = f"[{host}]" if ":" in host else host
    return named if parts.port in (None, _USUAL_PORTS[parts.scheme]) else f"{named}:{parts.port}"
