"""A receiver of webhooks on this machine: a real server that takes what comes and answers as a test wants."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress

from attrs import define, field, frozen

NOTHING = b""
"""Closes the connection without an answer."""


@frozen
class Received:
    """One webhook as it came."""

    line: str
    headers: dict[str, str]
    body: bytes


@define
class Receiver:
    """What came, and what is answered: `answer` is given each webhook, and returns bytes."""

    answer: Callable[[Received], bytes] = lambda _: said(204)
    received: list[Received] = field(factory=list[Received])
    connections: int = 0
    hangs: bool = False
    port: int = 0
    _writers: set[asyncio.StreamWriter] = field(factory=set[asyncio.StreamWriter])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/told?by=paystate"

    @property
    def ids(self) -> list[str]:
        return [one.headers["webhook-id"] for one in self.received]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.add(writer)
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                line, *rest = head.strip().split("\r\n")
                headers = {name.lower(): value for name, _, value in (one.partition(": ") for one in rest)}
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                self.received.append(got := Received(line, headers, body))
                if self.hangs:
                    continue
                answer = self.answer(got)
                writer.write(answer)
                await writer.drain()
                if not answer:
                    break
        writer.close()

    def close(self) -> None:
        for writer in self._writers:
            writer.close()


def said(status: int, body: bytes = b"", **headers: str) -> bytes:
    """An answer."""
    lines = [f"HTTP/1.1 {status} Whatever", f"content-length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


@asynccontextmanager
async def receiving(tls: ssl.SSLContext | None = None, *, host: str = "127.0.0.1") -> AsyncGenerator[Receiver]:
    """A receiver that listens."""
    made = Receiver()
    server = await asyncio.start_server(made.serve, host, 0, ssl=tls)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
        made.close()
        await server.wait_closed()
