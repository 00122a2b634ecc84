"""How many connections may wait, and whose give way: no stranger can take the places of all others.

A connection *waits* while it is its client's turn: for a request to begin, or for the rest of one. Only those are ever
ended. One on which a request is worked on keeps its place.
"""

from __future__ import annotations

import asyncio
from ipaddress import IPv6Address, ip_address
from typing import Final, Protocol

CONNECTIONS_MAX: Final = 1000
"""Open connections, of all addresses together."""
WAITING_MAX: Final = 100
"""Connections of one address that wait."""
WORKING_MAX: Final = 900
"""Requests that are worked on at once. What `KEPT_FOR` names is taken beyond it, in the room that is left."""
SWEEP_S: Final = 0.05
"""Who has too many is looked at so much later. Many connections are taken at once before any of them is read; without
the pause one whose request is here already would have to go."""
KEPT_FOR: Final = (b"/webhooks/", b"/healthz", b"/readyz")
"""Paths that have a reserve: what Juspay tells must be stored, and whoever runs the service must see how it is."""

_NETWORK_BITS: Final = 64
"""Whoever has one address of IPv6 has the rest of its network as well."""


class Connection(Protocol):
    """What a connection must be able to do."""

    def give_way(self) -> None:
        """End at once."""


def network_of(address: str) -> str:
    """Whom an address belongs to, as far as it shows: itself, and for IPv6 its network of 64 bits."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return address
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return f"{IPv6Address(int(parsed) >> _NETWORK_BITS << _NETWORK_BITS)}/{_NETWORK_BITS}"


class Waiting:
    """The connections of one server that wait, by address."""

    def __init__(self, *, behind_proxies: bool = False) -> None:
        """Behind proxies no address has a bound of its own: everybody comes from theirs."""
        self._behind_proxies = behind_proxies
        self._crowded: set[str] = set()
        self._by_address: dict[str, dict[Connection, None]] = {}  # the longest waiting first

    def add(self, connection: Connection, address: str) -> None:
        """It begins to wait. Where there are too many of its address, the longest waiting give way soon."""
        ours = self._by_address.setdefault(address, {})
        ours[connection] = None
        if len(ours) > WAITING_MAX and not self._behind_proxies:
            if not self._crowded:
                asyncio.get_running_loop().call_later(SWEEP_S, self._sweep)
            self._crowded.add(address)

    def discard(self, connection: Connection, address: str) -> None:
        """It waits no longer."""
        ours = self._by_address.get(address, {})
        ours.pop(connection, None)
        if not ours:
            self._by_address.pop(address, None)

    def make_room(self) -> None:
        """End the longest waiting connection of the address that has most, if any waits."""
        if self._by_address:
            self._end_longest_of(max(self._by_address, key=lambda address: len(self._by_address[address])))

    def _sweep(self) -> None:
        for address in self._crowded:
            while len(self._by_address.get(address, ())) > WAITING_MAX:
                self._end_longest_of(address)
        self._crowded.clear()

    def _end_longest_of(self, address: str) -> None:
        longest = next(iter(self._by_address[address]))
        self.discard(longest, address)
        longest.give_way()
