"""A service in this process on a real socket, spoken to in bytes."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Any

from attrs import define
from integration.api.world import LOGIN, World, basic, world
from patience import HANGS_S

from paystate.entrypoints.in_process_server import embedded
from paystate.entrypoints.service.protocol import BoundedConfig
from paystate.entrypoints.service.server import config


@define
class Server:
    """A running service and the world around it."""

    port: int
    shop: World
    config: BoundedConfig

    @asynccontextmanager
    async def connected(
        self, source: str = "127.0.0.1"
    ) -> AsyncGenerator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, local_addr=(source, 0))
        try:
            yield reader, writer
        finally:
            # To close would wait for a server that reads no more, and leave the socket to whichever test comes next.
            writer.transport.abort()
            with suppress(OSError):
                await writer.wait_closed()

    async def sent(self, *pieces: bytes) -> bytes:
        """Send and read until the server closes; fails when it does not."""
        async with self.connected() as (reader, writer):
            try:
                for piece in pieces:
                    writer.write(piece)
                    await writer.drain()
                return await ended(reader)
            except ConnectionResetError:
                return b""

    def head(self, line: str, *headers: str) -> bytes:
        lines = (line, "Host: localhost", f"Authorization: Bearer {self.shop.key}", *headers, "", "")
        return "\r\n".join(lines).encode("latin-1")

    def webhook(self, body: bytes = b"{}") -> bytes:
        lines = ("POST /webhooks/juspay/shop HTTP/1.1", "Host: localhost", f"Authorization: {basic(*LOGIN)}")
        return "\r\n".join((*lines, "X-Shop: ours", f"Content-Length: {len(body)}", "", "")).encode() + body


@asynccontextmanager
async def raw_server(*, trusted_proxies: int = 0, **changes: Any) -> AsyncGenerator[Server]:
    """Serve the world of the API's tests."""
    async with world(**changes) as shop:
        shop.runtime.trusted_proxies = trusted_proxies
        with socket.create_server(("127.0.0.1", 0)) as listener:
            async with embedded(served := config(shop.runtime), listener):
                yield Server(listener.getsockname()[1], shop, served)


async def ended(reader: asyncio.StreamReader) -> bytes:
    """All that comes until the server closes; what it cut off counts as well."""
    got = bytearray()
    async with asyncio.timeout(HANGS_S):
        try:
            while piece := await reader.read(65536):
                got += piece
        except ConnectionResetError:
            pass
    return bytes(got)


async def answered(reader: asyncio.StreamReader) -> bytes:
    """The next answer, whole, of a connection that goes on."""
    async with asyncio.timeout(HANGS_S):
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        return head + await reader.readexactly(int(length.partition(b":")[2]))


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer else 0


def told(answer: bytes) -> str:
    return str(json.loads(answer.partition(b"\r\n\r\n")[2])["code"])
