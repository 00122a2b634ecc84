"""One connection to a merchant's NATS, made when it is needed.

The addresses of each server are checked and connected to one by one, as those of a webhook's receiver are. What the
servers tell of others in their cluster is not followed: it would lead to addresses that nobody has checked. So the
client never reconnects by itself. Whoever finds the connection gone makes a new one, with the next server first.
"""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from attrs import define, field, frozen
from nats import errors
from nats.aio.client import Client

from paystate.adapters.delivery.broker_credentials import BrokerCredentials
from paystate.adapters.delivery.resolving import Resolve, may_reach

CONNECT_S: Final = 2
_CLOSE_S: Final = 1
_PING_S: Final = 5
_PINGS_MAX: Final = 2
"""A server that is silent for so many pings is taken for gone."""
_PORT: Final = 4222


class BrokerUnreachable(Exception):
    """There is no connection; its text is a few fixed words."""


@frozen(kw_only=True)
class BrokerConfig:
    """A merchant's NATS.

    Attributes:
        servers: `tls://host:port`, or `nats://host:port` without TLS where `allow_private` is set.
        ca_file: PEM of the authority that has signed the servers' certificates; None for the public ones.
        login: User and password.
    """

    servers: tuple[str, ...]
    allow_private: bool = False
    ca_file: Path | None = None
    credentials: BrokerCredentials | None = field(default=None, repr=False)
    login: tuple[str, str] | None = field(default=None, repr=False)


@define
class Broker:
    """The connection of one stream's deliveries; those share it."""

    _config: BrokerConfig
    _resolve: Resolve = field(repr=False)
    _client: Client | None = field(default=None, init=False)
    _turn: asyncio.Lock = field(factory=asyncio.Lock, init=False)
    _first: int = field(default=0, init=False)

    async def client(self) -> Client:
        """A client that is connected.

        Raises:
            BrokerUnreachable: No server takes us.
        """
        async with self._turn:
            if self._client is None or not self._client.is_connected:
                await self._let_go()
                self._client = await self._connected()
            return self._client

    async def leave(self, client: Client) -> None:
        """Let go of a connection on which nothing comes; the next one is to another server, where there is one.

        Of those who share it the first one does that.
        """
        if client is self._client:
            self._first += 1
            await self._let_go()

    async def close(self) -> None:
        """Close the connection; the next call makes another."""
        await self._let_go()

    async def _let_go(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await _closed(client)

    async def _connected(self) -> Client:
        outcome = "cannot be reached"
        count = len(self._config.servers)
        for number in range(self._first, self._first + count):
            self._first = number + 1  # whoever gives up meanwhile leaves the next one to begin with
            parts = urlsplit(self._config.servers[number % count])
            host, port, has_tls = parts.hostname or "", parts.port or _PORT, parts.scheme == "tls"
            try:
                addresses = await self._resolve(host, port)
            except (OSError, UnicodeError):
                continue
            if not all(may_reach(one, has_tls=has_tls, allow_private=self._config.allow_private) for one in addresses):
                outcome = "its name leads to an address that is not allowed"
                continue
            for address in addresses:
                try:
                    client = await self._connected_to(address, port, host if has_tls else None)
                except (OSError, errors.Error, TimeoutError, ValueError) as failed:
                    outcome = _why(failed)
                else:
                    self._first = number
                    return client
        raise BrokerUnreachable(outcome)

    async def _connected_to(self, address: str, port: int, tls_name: str | None) -> Client:
        client = _Client(needs_tls=tls_name is not None)
        place = f"[{address}]" if ":" in address else address
        try:
            await client.connect(
                f"{'tls' if tls_name else 'nats'}://{place}:{port}",
                name="paystate",
                allow_reconnect=False,
                max_reconnect_attempts=1,  # the least that the library knows: it begins twice, without a pause
                reconnect_time_wait=0,
                connect_timeout=CONNECT_S,
                ping_interval=_PING_S,
                max_outstanding_pings=_PINGS_MAX,
                error_cb=_heard,
                **self._secured(tls_name),
                **self._known_as(),
            )
        except BaseException:
            await _closed(client)
            raise
        return client

    def _secured(self, tls_name: str | None) -> dict[str, Any]:
        if tls_name is None:
            return {}
        return {"tls": ssl.create_default_context(cafile=self._config.ca_file), "tls_hostname": tls_name}

    def _known_as(self) -> dict[str, Any]:
        credentials, login = self._config.credentials, self._config.login
        if credentials is not None:
            return {"user_jwt_cb": credentials.jwt.encode, "signature_cb": credentials.signed}
        return {"user": login[0], "password": login[1]} if login else {}


class _Client(Client):
    """The library's client, which asks for TLS only where the server offers it: whoever is between could say no."""

    def __init__(self, *, needs_tls: bool) -> None:
        super().__init__()
        self._needs_tls = needs_tls

    async def _process_info(self, info: dict[str, Any], initial_connection: bool = False) -> None:
        if self._needs_tls and not info.get("tls_required"):
            raise errors.SecureConnRequiredError
        await super()._process_info(info, initial_connection)  # pyright: ignore[reportUnknownMemberType]


async def _heard(_error: Exception) -> None:
    """What the library would write to a log of its own: the outcome of each delivery tells it."""


async def _closed(client: Client) -> None:
    with suppress(OSError, errors.Error, TimeoutError):
        async with asyncio.timeout(_CLOSE_S):
            await client.close()


def _why(failed: Exception) -> str:
    if isinstance(failed, errors.SecureConnRequiredError):
        return "offers no TLS"
    if isinstance(failed, ssl.SSLError):
        return "its certificate is not trusted"
    if "authorization" in str(failed).lower():
        return "does not take the credentials"
    return "cannot be reached"
