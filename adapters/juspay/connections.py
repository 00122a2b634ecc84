"""The connections of a process, to be shared by all its merchants.

Both kinds have in common: certificates are checked, their number is bounded, and no proxy is taken from the
environment. They are httpx's transports and not its clients: a call of ours is one request and one answer, and we want
nothing that a client adds to that (redirects, cookies, logins, headers).
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from threading import local
from typing import Any, Final

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
    return _Queued(connections_max, **_options(connections_max, keepalive_s, ssl_context or _public_authorities()))


def blocking_connection_pool(
    *, connections_max: int = 50, keepalive_s: float = 30.0, ssl_context: ssl.SSLContext | None = None
) -> httpx.HTTPTransport:
    """The same as `connection_pool`, for code that is not async; threads may share them."""
    context = ssl_context or httpx.create_ssl_context(trust_env=False)
    return httpx.HTTPTransport(**_options(connections_max, keepalive_s, context))


def _options(connections_max: int, keepalive_s: float, context: ssl.SSLContext) -> dict[str, Any]:
    if context.verify_mode is not ssl.CERT_REQUIRED or not context.check_hostname:
        raise ValueError("the TLS context must check certificates and host names")
    limits = httpx.Limits(
        max_connections=connections_max, max_keepalive_connections=connections_max, keepalive_expiry=keepalive_s
    )
    return {"verify": context, "trust_env": False, "limits": limits}


class _Kept(local):
    """What each thread has for itself."""

    public_authorities: ssl.SSLContext | None = None


_KEPT: Final = _Kept()


def _public_authorities() -> ssl.SSLContext:
    """Whom everybody trusts, for all event loops of a thread: to read the certificates takes some 15 ms.

    Threads do not share it: httpcore sets a context's protocols at each connection, and Python lets nobody do that
    while another thread begins one.
    """
    if _KEPT.public_authorities is None:
        _KEPT.public_authorities = httpx.create_ssl_context(trust_env=False)
    return _KEPT.public_authorities


class _Queued(httpx.AsyncHTTPTransport):
    """A pool before which requests wait for one of its places.

    httpcore goes through all connections for each request that waits inside its pool, each time anything changes: while
    a gateway is silent, a few hundred looks that wait hold up everything else in the process, for 0.1 s at a time.
    """

    def __init__(self, places: int, **options: Any) -> None:
        super().__init__(**options)
        self._places = asyncio.Semaphore(places)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request once it has a place, which it keeps until its answer is read or given up."""
        try:
            async with asyncio.timeout(request.extensions.get("timeout", {}).get("pool")):
                await self._places.acquire()
        except TimeoutError:
            raise httpx.PoolTimeout("no connection is free", request=request) from None
        try:
            response = await super().handle_async_request(request)
        except BaseException:
            self._places.release()
            raise
        response.stream = _Placed(response.stream, self._places.release)
        return response


class _Placed(httpx.AsyncByteStream):
    """An answer's body, whose place is free again once it is closed."""

    def __init__(self, stream: Any, free: Callable[[], None]) -> None:
        self._stream = stream
        self._free = free

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._stream:
            yield chunk

    async def aclose(self) -> None:
        free, self._free = self._free, _nothing
        try:
            await self._stream.aclose()
        finally:
            free()


def _nothing() -> None:
    """A body that is closed twice frees its place once."""
