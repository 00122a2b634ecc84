"""Time, size and place: deadlines, long answers, connections, and to whom the client speaks at all."""

import asyncio
import gzip
import socket
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from integration.juspay.played import INR, ORIGIN, answers, at_once, client, config, order, text
from patience import HANGS_S

from paystate.adapters.juspay import JuspayClient, connection_pool
from paystate.core.errors import GatewayUnreachable, OutcomeUnknown, PortError

SOON_S = 0.04


async def status(tea: JuspayClient) -> object:
    return await tea.order_status("tea-041", routing_id="c.17")


async def refund(tea: JuspayClient) -> object:
    return await tea.refund("tea-041", "r1", INR, routing_id="c.17")


both = pytest.mark.parametrize("call", [status, refund])
Call = Callable[[JuspayClient], Awaitable[object]]

# --- deadlines


async def hang(_: httpx.Request) -> httpx.Response:
    await asyncio.Event().wait()
    raise AssertionError


@both
async def test_at_the_deadline_the_outcome_is_unknown(call: Call) -> None:
    with pytest.raises(PortError) as caught:
        await call(client(hang, total_timeout_s=SOON_S))
    assert type(caught.value) is OutcomeUnknown


class Drip(httpx.AsyncByteStream):
    """A body of one byte at a time that never ends, and remembers that it was closed."""

    closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            await asyncio.sleep(0.005)
            yield b" "

    async def aclose(self) -> None:
        self.closed = True


@both
async def test_a_drip_does_not_outlast_the_deadline(call: Call) -> None:
    body = Drip()
    with pytest.raises(OutcomeUnknown):
        await call(client(lambda _: httpx.Response(200, stream=body), total_timeout_s=SOON_S))
    assert body.closed


async def test_repeated_reads_share_one_deadline() -> None:
    tries = 0

    async def slowly(_: httpx.Request) -> httpx.Response:
        nonlocal tries
        tries += 1
        await asyncio.sleep(0.02)
        return httpx.Response(503)

    async with asyncio.timeout(HANGS_S):
        with pytest.raises(OutcomeUnknown, match="no answer in time"):
            await status(client(slowly, total_timeout_s=SOON_S, read_retries=1000))
    assert tries < 5


async def test_being_cancelled_is_no_outcome_of_the_call() -> None:
    task = asyncio.create_task(refund(client(hang)))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize(("call", "silence_s"), [(status, 10.0), (refund, 20.0)])
async def test_the_default_times(call: Call, silence_s: float) -> None:
    seen: list[Any] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request.extensions["timeout"])
        return httpx.Response(200, content=text(order()))

    await call(client(handler))
    assert seen == [{"connect": 3.0, "read": silence_s, "write": silence_s, "pool": 3.0}]
    assert config().total_timeout_s == 25.0


# --- sizes


class Counted(httpx.AsyncByteStream):
    """A long body, which counts how much of it was taken."""

    taken = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for _ in range(50 * 1024):
            self.taken += 1024
            yield b" " * 1024


@both
async def test_a_long_answer_is_left_at_the_limit(call: Call) -> None:
    bodies: list[Counted] = []

    def handler(_: httpx.Request) -> httpx.Response:
        bodies.append(Counted())
        return httpx.Response(200, stream=bodies[-1])

    with pytest.raises(OutcomeUnknown):
        await call(client(handler))
    assert {body.taken for body in bodies} == {config().answer_bytes_max + 1024}


async def test_the_limit_itself_is_allowed() -> None:
    body = text(order())
    for spare, good in ((0, True), (-1, False)):
        tea = client(answers(200, body), answer_bytes_max=len(body) + spare)
        if good:
            assert await refund(tea)
        else:
            with pytest.raises(OutcomeUnknown):
                await refund(tea)


@both
@pytest.mark.parametrize("spaces", [0, 10_000_000], ids=["small", "bomb"])
async def test_a_compressed_answer_is_refused_unopened(call: Call, spaces: int) -> None:
    packed = gzip.compress(text(order()) + b" " * spaces)
    with pytest.raises(OutcomeUnknown):
        await call(client(answers(200, packed, **{"content-encoding": "gzip"})))


# --- a real server on loopback


class Server:
    """Speaks as told to each connection, and counts them."""

    def __init__(self) -> None:
        self.connections = 0
        self.paths: list[bytes] = []
        self.answer = b""
        self.closes = False
        self.mute = False
        self.port = 0
        self.writers: list[asyncio.StreamWriter] = []
        self.tasks: set[asyncio.Task[None] | None] = set()
        self.heard = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.writers.append(writer)
        self.tasks.add(asyncio.current_task())
        while not self.mute and (head := await self._read(reader.readuntil(b"\r\n\r\n"))):
            self.paths.append(head.split()[1])
            self.heard.set()
            lines = head.lower().split(b"\r\n")
            await self._read(reader.readexactly(sum(int(x[15:]) for x in lines if x.startswith(b"content-length:"))))
            writer.write(self.answer)
            if self.closes:
                break
        if self.mute and await self._read(reader.read(1)):
            self.heard.set()
            await self._read(reader.read())
        writer.close()

    @staticmethod
    async def _read(reading: Awaitable[bytes]) -> bytes:
        try:
            return await reading
        except (asyncio.IncompleteReadError, ConnectionError):
            return b""

    async def end(self) -> None:
        for writer in self.writers:
            writer.close()
        await asyncio.gather(*filter(None, self.tasks))


def http_answer(body: bytes, length: int | None = None, line: bytes = b"200 OK", extra: bytes = b"") -> bytes:
    head = b"HTTP/1.1 %s\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n"
    return head % (line, extra, len(body) if length is None else length) + body


@asynccontextmanager
async def serving(server: Server) -> AsyncGenerator[httpx.AsyncBaseTransport]:
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    async with connection_pool() as pool:
        yield pool
    listening.close()
    await listening.wait_closed()
    await server.end()


def at(server: Server, pool: httpx.AsyncBaseTransport, scheme: str = "http", **changes: Any) -> JuspayClient:
    return JuspayClient(config(base_url=f"{scheme}://127.0.0.1:{server.port}", **changes), pool, sleep=at_once)


async def test_one_connection_serves_many_calls() -> None:
    server = Server()
    server.answer = http_answer(text(order()))
    async with serving(server) as pool:
        tea, other = at(server, pool), at(server, pool, merchant_id="coffeehouse")
        for _ in range(5):
            await status(tea)
            await refund(other)
    assert server.connections == 1
    assert server.paths == [b"/orders/tea-041", b"/orders/tea-041/refunds"] * 5


async def test_an_answer_refused_for_its_length_does_not_spoil_the_next_call() -> None:
    server = Server()
    async with serving(server) as pool:
        tea = at(server, pool, answer_bytes_max=1000)
        server.answer = http_answer(b" " * 100_000)
        with pytest.raises(OutcomeUnknown):
            await refund(tea)
        server.answer = http_answer(text(order()))
        assert await refund(tea)


@both
@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-",
        http_answer(text(order()), length=5000),
        b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"sta',
        b"SMTP ready\r\n\r\n",
    ],
    ids=["nothing", "half a head", "half a body", "half a chunk", "no http"],
)
async def test_a_cut_answer_is_an_unknown_outcome(call: Call, answer: bytes) -> None:
    server = Server()
    server.answer, server.closes = answer, True
    async with serving(server) as pool:
        with pytest.raises(OutcomeUnknown):
            await call(at(server, pool))
    assert len(server.paths) == (2 if call is status else 1)


@both
async def test_a_redirect_is_not_followed(call: Call) -> None:
    server, trap = Server(), Server()
    async with serving(trap) as _, serving(server) as pool:
        server.answer = http_answer(b"", line=b"307 Go", extra=b"Location: http://127.0.0.1:%d/\r\n" % trap.port)
        with pytest.raises(OutcomeUnknown):
            await call(at(server, pool))
    assert (trap.connections, server.connections) == (0, 1)


@both
async def test_a_closed_port_is_unreachable(call: Call) -> None:
    server = Server()
    with socket.socket() as held:  # bound, and nobody listens: no other program can be given the port
        held.bind(("127.0.0.1", 0))
        server.port = held.getsockname()[1]
        async with connection_pool() as pool:
            with pytest.raises(GatewayUnreachable):
                await call(at(server, pool))


def leap(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Let so much time pass at once, for whatever waits in this event loop."""
    loop = asyncio.get_running_loop()
    now = loop.time
    monkeypatch.setattr(loop, "time", lambda: now() + seconds)


@both
async def test_a_handshake_that_never_ends_is_unreachable(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server()
    server.mute = True
    async with serving(server) as pool:
        long: dict[str, Any] = {"connect_timeout_s": HANGS_S, "total_timeout_s": 2 * HANGS_S, "read_retries": 0}
        calling: asyncio.Future[object] = asyncio.ensure_future(call(at(server, pool, scheme="https", **long)))
        await server.heard.wait()  # the handshake has begun
        leap(monkeypatch, HANGS_S)
        with pytest.raises(GatewayUnreachable):
            await calling


@both
async def test_a_server_that_never_answers_is_an_unknown_outcome(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server()
    async with serving(server) as pool:
        long: dict[str, Any] = {
            "total_timeout_s": HANGS_S,
            "read_timeout_s": 2 * HANGS_S,
            "write_timeout_s": 2 * HANGS_S,
        }
        calling: asyncio.Future[object] = asyncio.ensure_future(call(at(server, pool, **long)))
        await server.heard.wait()
        leap(monkeypatch, HANGS_S)
        with pytest.raises(OutcomeUnknown, match="no answer in time"):
            await calling
    assert 1 == len(server.paths)


async def test_a_proxy_in_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    server, proxy = Server(), Server()
    server.answer = http_answer(text(order()))
    async with serving(proxy):
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "https_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        async with serving(server) as pool:
            assert await refund(at(server, pool))
    assert (proxy.connections, server.connections) == (0, 1)


# --- the shared connections and the origin


class Pool(httpx.MockTransport):
    """Connections that remember whether they were closed."""

    closed = False

    async def aclose(self) -> None:
        self.closed = True

    def close(self) -> None:
        self.closed = True


async def test_connections_that_were_given_are_left_open() -> None:
    pool = Pool(answers(200, order()))
    async with JuspayClient(config(), pool) as tea:
        assert await status(tea)
    with JuspayClient.sync(config(), pool):
        pass
    assert not pool.closed


async def test_connections_of_the_client_s_own_are_closed_with_it() -> None:
    server = Server()
    server.answer = http_answer(text(order()))
    async with serving(server):
        own = config(base_url=f"http://127.0.0.1:{server.port}")
        async with JuspayClient(own) as tea:
            assert await status(tea)
        (reader,) = server.tasks
        assert reader is not None
        await asyncio.wait_for(reader, HANGS_S)
    assert server.connections == 1


def test_a_context_that_checks_nothing_is_refused() -> None:
    context = ssl.create_default_context()
    context.check_hostname = False
    with pytest.raises(ValueError, match="must check"):
        connection_pool(ssl_context=context)
    context.verify_mode = ssl.CERT_NONE
    with pytest.raises(ValueError, match="must check"):
        connection_pool(ssl_context=context)


def test_origins() -> None:
    assert ORIGIN == config(base_url="https://Gateway.Example.test:443/").base_url


@pytest.mark.parametrize(
    "url", ["", "http://gateway.example.test", "https://user@gateway.example.test", f"{ORIGIN}/v2"]
)
def test_what_is_not_a_safe_origin_is_refused(url: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each fault has its own text
        config(base_url=url)


def test_only_allowed_origins_are_spoken_to() -> None:
    assert config(allowed_origins=("https://a.test", ORIGIN + "/")).base_url == ORIGIN
    with pytest.raises(ValueError, match="allowed"):
        config(allowed_origins=("https://a.test", ORIGIN + ":8443"))


@pytest.mark.parametrize(
    "change",
    [
        *[{"connect_timeout_s": 0}, {"read_timeout_s": -1}, {"write_timeout_s": 0}, {"total_timeout_s": float("nan")}],
        *[{"answer_bytes_max": 0}, {"read_retries": -1}, {"retry_delay_s": -1}, {"merchant_id": ""}],
        *[{"client_id": "a b"}, {"version": "2023\n"}],
    ],
)
def test_settings_out_of_range_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(change))):
        config(**change)
