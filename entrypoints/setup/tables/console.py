"""The `[console]` table of the settings: where the pages for support are, and who lets people in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import IPv6Address, ip_address
from typing import Annotated, Final
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from paystate.core.errors import ValueInvalid
from paystate.core.money import Money
from paystate.core.urls import checked_origin, is_address, is_host
from paystate.entrypoints.setup.problems import ConfigProblem

_HEADER_NAME: Final = re.compile(r"[A-Za-z0-9-]{1,64}", re.ASCII)
_USUAL_NAMES: Final = frozenset(("authorization", "cookie", "host", "origin"))


class ConsoleProxy(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A reverse proxy that signs people in, in place of passwords.

    Attributes:
        header: In which it names the person, as `paystate console user add` did. The proxy has to take the header away
            from what comes from outside.
        addresses: Where it connects from; from anywhere else the header is not looked at.
    """

    header: str
    addresses: tuple[str, ...]

    def connects_from(self, address: str) -> bool:
        """Whether somebody who is connected from there is the proxy, however the address is written."""
        return _in_its_one_form(address) in map(_in_its_one_form, self.addresses)


class ConsoleSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The console: it has an address, a listener and a process of its own.

    Attributes:
        public_url: Where people open it: an https origin, or one on this machine.
        host: Where it listens.
        second_person_above: By currency, the most that one person may move; in major units, such as `INR = "10000"`.
            With `INR = "0"` two people are always needed. A currency that is not named has no limit.
        proxy: Left out, people sign in with a password.
        trusted_proxies: As in the settings of the service. There is one by itself, as the console does no TLS.
    """

    public_url: str
    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=1, le=65535)] = 8010
    second_person_above: dict[str, str] = {}
    proxy: ConsoleProxy | None = None
    trusted_proxies: Annotated[int, Meta(ge=0, le=10)] = 1

    @property
    def origin(self) -> str:
        """How a browser names a page of it; raises ValueError for what has no origin."""
        return checked_origin(self.public_url)

    @property
    def limits(self) -> dict[str, int]:
        """The limits in minor units; raises ValueInvalid for what is not an amount."""
        return {
            currency: (Money.of(0, currency) if amount == "0" else Money.parse(amount, currency)).amount_minor
            for currency, amount in self.second_person_above.items()
        }


def check_console(console: ConsoleSettings, public_url: str) -> Iterator[ConfigProblem]:
    """What is wrong with the table; `public_url` is the service's own."""
    origin = _origin(console.public_url)
    if not origin:
        fix = "give https://host[:port] and nothing after it; only this machine may do without TLS"
        yield ConfigProblem("console.public_url", "is not an https origin", fix)
    elif origin == _origin(public_url, has_path=True):
        fix = "give it a host or a port of its own: a page of the one must not act in the other's name"
        yield ConfigProblem("console.public_url", "is the service's own address", fix)
    if not is_host(console.host):
        fix = "give 127.0.0.1, or the address of this machine to listen at"
        yield ConfigProblem("console.host", "is not a host", fix)
    try:
        _ = console.limits
    except ValueInvalid:
        fix = 'give the currency and major units, such as INR = "10000.00"'
        yield ConfigProblem("console.second_person_above", "has an entry that is not an amount of money", fix)
    if console.proxy is not None:
        yield from _check_proxy(console.proxy)


def _check_proxy(proxy: ConsoleProxy) -> Iterator[ConfigProblem]:
    if not _HEADER_NAME.fullmatch(proxy.header) or proxy.header.lower() in _USUAL_NAMES:
        fix = "give the header in which the proxy names who is signed in, such as X-Forwarded-User"
        yield ConfigProblem("console.proxy.header", "is not the name of such a header", fix)
    if not proxy.addresses or not all(map(is_address, proxy.addresses)):
        fix = "give the IP addresses that the proxy connects from, such as 127.0.0.1"
        yield ConfigProblem("console.proxy.addresses", "is empty, or has an entry that is not an IP address", fix)


def _in_its_one_form(address: str) -> str:
    """An address of IPv4 or IPv6 as it is written shortest, one of IPv4 without IPv6 around it; a name as it is."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
    return str(mapped or parsed)


def _origin(url: str, *, has_path: bool = False) -> str:
    """The origin of an address; `""` for what has none, or has more than one and may not."""
    try:
        parts = urlsplit(url)
        return checked_origin(f"{parts.scheme}://{parts.netloc}" if has_path else url)
    except ValueError:
        return ""
