"""Stands between a store and PostgreSQL, and cuts connections where a commit is on its way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from enum import StrEnum
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from attrs import define, field

SOCKET = ".s.PGSQL.5432"
COMMIT = b"Q\x00\x00\x00\x0bcommit\x00"
"""A plain query, as PostgreSQL's protocol has it."""
_FIELDS = b"SFATAL\0VFATAL\0C57P01\0Mterminating connection due to unexpected postmaster exit\0\0"
GOODBYE = b"E" + (4 + len(_FIELDS)).to_bytes(4) + _FIELDS
"""What a server says to those that have asked for nothing, before it closes their connections."""


class Cut(StrEnum):
    NOWHERE = "nowhere"
    BEFORE_THE_COMMIT = "before the commit"
    AFTER_THE_COMMIT = "after the commit"


@define
class Proxy:
    """What is cut, and whether anybody may connect afterwards; it cuts once."""

    server: Path
    cut: Cut = Cut.NOWHERE
    stays_away: bool = False
    cuts: int = 0
    callers: list[asyncio.StreamWriter] = field(factory=list[asyncio.StreamWriter])

    async def say_goodbye(self) -> None:
        """To all that are connected; it is never followed by the end."""
        for caller in self.callers:
            caller.write(GOODBYE)
            await caller.drain()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.cuts and self.stays_away:
            writer.close()
            return
        self.callers.append(writer)
        answers, asked = await asyncio.open_unix_connection(self.server)
        ends = [asyncio.ensure_future(one) for one in (self._asked(reader, asked), copied(answers, writer))]
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for end in ends:
                end.cancel()
            await asyncio.gather(*ends, return_exceptions=True)
            asked.close()
            writer.close()

    async def _asked(self, reader: asyncio.StreamReader, asked: asyncio.StreamWriter) -> None:
        while sent := await reader.read(65536):
            if sent == COMMIT and self.cut is not Cut.NOWHERE:
                is_sent, self.cut = self.cut is Cut.AFTER_THE_COMMIT, Cut.NOWHERE
                self.cuts += 1
                if is_sent:
                    asked.write(sent + b"X\x00\x00\x00\x04")  # and that the client leaves
                    await asked.drain()
                return
            asked.write(sent)
            await asked.drain()


async def copied(source: asyncio.StreamReader, into: asyncio.StreamWriter) -> None:
    while got := await source.read(65536):
        into.write(got)
        await into.drain()


@asynccontextmanager
async def between(address: str, folder: Path) -> AsyncGenerator[tuple[Proxy, str]]:
    """A proxy before the server at an address, and the address that leads through it."""
    (server,) = parse_qs(urlsplit(address).query)["host"]
    proxy = Proxy(Path(server, SOCKET))
    listening = await asyncio.start_unix_server(proxy.serve, folder / SOCKET)
    try:
        yield proxy, address.replace(server, str(folder))
    finally:
        listening.close()
