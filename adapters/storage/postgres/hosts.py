"""Of the servers that an address names, the one that can be written to: after a standby took over, that one.

All are asked at once. A machine that has lost its power answers nothing at all, and who waits for it until his time is
over never gets to the other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, quote, urlsplit

import asyncpg
from asyncpg.connect_utils import SessionAttribute

if TYPE_CHECKING:
    One = asyncpg.Connection[asyncpg.Record]
else:  # it has no generics when it runs
    One = asyncpg.Connection

DRIVER_ERRORS: Final = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)
"""What is raised for a server, a network or a connection that fails; the third for one that is broken off halfway."""
_WRITES: Final = SessionAttribute.read_write


async def connected(dsn: str | None = None, **chosen: Any) -> One:
    """A connection to the first of an address's servers that answers and can be written to.

    Args:
        dsn: As `PostgresConfig.address`, with commas between hosts.
        chosen: As `asyncpg.connect` takes it.

    Raises:
        DRIVER_ERRORS: None of them did. What is told of a server that fails comes before that another is a standby.
    """
    tries = [
        asyncio.ensure_future(asyncpg.connect(one, target_session_attrs=_WRITES, **chosen))
        for one in each_host(dsn or "")
    ]
    found = None
    try:
        found = await _first(tries)
        return found
    finally:
        for one in tries:
            one.cancel()
        for late in await asyncio.gather(*tries, return_exceptions=True):
            if isinstance(late, asyncpg.Connection) and late is not found:
                late.terminate()


async def _first(tries: Sequence[asyncio.Future[One]]) -> One:
    failed: Exception = ConnectionRefusedError("what answers can only be read from")
    for one in asyncio.as_completed(tries):
        try:
            return await one
        except asyncpg.TargetServerAttributeNotMatched:
            continue  # as of a standby, and no reason for what another one said
        except DRIVER_ERRORS as error:
            failed = error
    raise failed


def each_host(address: str) -> list[str]:
    """The same address once for each of its hosts; a host is a folder of a socket, too."""
    parts = urlsplit(address)
    user, at, hosts = parts.netloc.rpartition("@")
    if hosts:
        return [parts._replace(netloc=f"{user}{at}{host}").geturl() for host in hosts.split(",")]
    folders = parse_qs(parts.query).get("host", [""])[-1]
    socket = f"{parts.scheme}://{parts.netloc}{parts.path}?host="
    return [f"{socket}{quote(folder)}" for folder in folders.split(",")]
