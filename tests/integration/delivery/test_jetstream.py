"""Announcements into a stream of a real NATS: each once, acknowledged, and to checked addresses over checked TLS."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import trustme
from integration.delivery.nats_accounts import Accounts
from nats.js import JetStreamContext
from nats_server import NatsServer, asking, serving
from patience import HANGS_S, until

from paystate.adapters.delivery.broker import Broker, BrokerConfig
from paystate.adapters.delivery.broker_credentials import read_credentials
from paystate.adapters.delivery.jetstream import JetStreamEndpoint
from paystate.adapters.delivery.resolving import system_resolver
from paystate.core.announcements.delivery import Delivered, NotDelivered, TryEnd
from paystate.core.orders.facts import AnnouncementKind
from paystate.core.ports.notifier import Message

NOW = datetime(2031, 5, 6, tzinfo=UTC)
MESSAGE = Message(event_id="ann_1", kind=AnnouncementKind.ORDER_PAID, body=b'{"id":"ann_1"}')
IN, AGAIN = Delivered("in the stream"), Delivered("was in the stream already")


@asynccontextmanager
async def endpoint(*servers: str, timeout_s: int = round(HANGS_S), **of: Any) -> AsyncGenerator[JetStreamEndpoint]:
    given: dict[str, Any] = {"allow_private": True, **of}
    broker = Broker(BrokerConfig(servers=servers, **given), system_resolver())
    try:
        yield JetStreamEndpoint(
            broker=broker, merchant_id="teashop", stream="PAYSTATE", subject="paystate.{merchant}.{kind}",
            timeout_s=timeout_s,
        )  # fmt: skip
    finally:
        await broker.close()


async def tried(*servers: str, **of: Any) -> TryEnd:
    async with endpoint(*servers, **of) as to:
        return await to.deliver(MESSAGE, NOW)


async def comes_in(to: JetStreamEndpoint) -> None:
    """Sooner or later: a machine may be too busy to answer within a second."""

    async def is_in() -> bool:
        return await to.deliver(MESSAGE, NOW) in (IN, AGAIN)

    await until(is_in)


async def made(stream: JetStreamContext, **of: Any) -> None:
    given: dict[str, Any] = {"name": "PAYSTATE", "subjects": ["paystate.>"], **of}
    await stream.add_stream(**given)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[NatsServer]:
    async with serving(tmp_path) as running:
        yield running


@pytest.fixture
async def stream(server: NatsServer) -> AsyncIterator[JetStreamContext]:
    """A look at the server, which has the stream."""
    async with asking(server) as found:
        await made(found)
        yield found


async def test_a_message_is_in_the_stream_under_its_id_and_subject(
    server: NatsServer, stream: JetStreamContext
) -> None:
    assert IN == await tried(server.url)
    kept = await stream.get_msg("PAYSTATE", 1)
    assert ("paystate.teashop.order.paid", MESSAGE.body) == (kept.subject, kept.data)
    assert kept.headers is not None
    assert ("ann_1", "application/json") == (kept.headers["Nats-Msg-Id"], kept.headers["Content-Type"])


async def test_a_message_that_is_sent_again_is_there_once(server: NatsServer, stream: JetStreamContext) -> None:
    async with endpoint(server.url) as to:
        assert [IN, AGAIN] == [await to.deliver(MESSAGE, NOW) for _ in range(2)]
    assert AGAIN == await tried(server.url)
    assert 1 == (await stream.stream_info("PAYSTATE")).state.messages


async def test_many_at_a_time_share_a_connection(server: NatsServer, stream: JetStreamContext) -> None:
    some = [Message(event_id=f"ann_{n}", kind=AnnouncementKind.ORDER_PAID, body=b"{}") for n in range(20)]
    async with endpoint(server.url) as to:
        assert {IN} == set(await asyncio.gather(*(to.deliver(one, NOW) for one in some)))
    assert 20 == (await stream.stream_info("PAYSTATE")).state.messages


async def test_without_the_stream_nothing_counts_as_delivered(server: NatsServer) -> None:
    assert NotDelivered("no stream takes its subject") == await tried(server.url)


async def test_another_stream_that_takes_the_subject_does_not_count(server: NatsServer) -> None:
    async with asking(server) as found:
        await made(found, name="OTHER")
        assert NotDelivered("refused by the stream (10060)") == await tried(server.url)
        assert 0 == (await found.stream_info("OTHER")).state.messages


async def test_a_stream_that_is_full_refuses(server: NatsServer) -> None:
    async with asking(server) as found:
        await made(found, max_msgs=1, discard="new")
        async with endpoint(server.url) as to:
            assert IN == await to.deliver(MESSAGE, NOW)
            more = Message(event_id="ann_2", kind=AnnouncementKind.ORDER_PAID, body=b"{}")
            assert NotDelivered("refused by the stream (10077)") == await to.deliver(more, NOW)


async def test_a_message_that_is_too_large_is_not_sent(tmp_path: Path) -> None:
    async with serving(tmp_path, "max_payload: 8\n") as running:
        assert NotDelivered("larger than the broker takes") == await tried(running.url)


async def test_after_a_kill_the_next_try_is_taken(server: NatsServer, stream: JetStreamContext) -> None:
    async with endpoint(server.url, timeout_s=1) as to:
        await comes_in(to)
        server.kill()
        assert isinstance(await to.deliver(MESSAGE, NOW), NotDelivered)
        server.start()
        await comes_in(to)


async def test_a_server_that_is_silent_is_left_for_the_next(server: NatsServer, stream: JetStreamContext) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        async with endpoint(f"nats://127.0.0.1:{port}", server.url, timeout_s=1) as to:
            first, *_ = await asyncio.gather(*(to.deliver(MESSAGE, NOW) for _ in range(2)))
            assert NotDelivered("no answer within 1 s") == first
            await comes_in(to)


async def test_a_node_that_acknowledges_nothing_is_left_for_the_next(
    server: NatsServer, stream: JetStreamContext, tmp_path: Path
) -> None:
    """As one that is cut off from its cluster: it answers, but no stream has what it takes."""
    folder = tmp_path / "mute"
    folder.mkdir()
    async with serving(folder) as mute, asking(mute) as other:
        await other.add_stream(name="PAYSTATE", subjects=["paystate.>"], no_ack=True)
        async with endpoint(mute.url, server.url, timeout_s=1) as to:
            both = await asyncio.gather(*(to.deliver(MESSAGE, NOW) for _ in range(2)))
            assert [NotDelivered("no answer within 1 s")] * 2 == both
            await comes_in(to)


async def test_where_the_first_server_is_down_the_next_is_taken(server: NatsServer, stream: JetStreamContext) -> None:
    assert IN == await tried("nats://127.0.0.1:1", server.url)


@pytest.mark.parametrize(
    ("url", "of"),
    [
        ("nats://127.0.0.1:4222", {"allow_private": False}),
        ("tls://127.0.0.1:4222", {"allow_private": False}),
        ("nats://8.8.8.8:4222", {}),
    ],
)
async def test_an_address_that_is_not_allowed_is_not_connected_to(url: str, of: dict[str, Any]) -> None:
    told = "its name leads to an address that is not allowed"
    assert NotDelivered(told) == await tried(url, **of)


async def test_a_name_without_an_address_is_not_reached() -> None:
    async def nowhere(_host: str, _port: int) -> Sequence[str]:
        raise OSError

    broker = Broker(BrokerConfig(servers=("tls://broker.example.test",)), nowhere)
    to = JetStreamEndpoint(broker=broker, merchant_id="m", stream="S", subject="s", timeout_s=5)
    assert NotDelivered("cannot be reached") == await to.deliver(MESSAGE, NOW)


# --- who we are, and who they are


async def test_a_user_and_a_password_are_told(tmp_path: Path) -> None:
    lines = 'authorization { users = [ { user: shop, password: "s3cret" } ] }\n'
    async with serving(tmp_path, lines, user="shop", password="s3cret") as running:
        async with asking(running, user="shop", password="s3cret") as found:
            await made(found)
        assert IN == await tried(running.url, login=("shop", "s3cret"))
        for wrong in (("shop", "guess"), None):
            assert NotDelivered("does not take the credentials") == await tried(running.url, login=wrong)


async def test_credentials_of_an_account_are_shown_and_the_challenge_is_signed(tmp_path: Path) -> None:
    accounts = Accounts()
    ours = read_credentials(accounts.credentials())
    known: dict[str, Any] = {"user_jwt_cb": ours.jwt.encode, "signature_cb": ours.signed}
    async with serving(tmp_path, accounts.server_lines, **known) as running:
        async with asking(running, **known) as found:
            await made(found)
        assert IN == await tried(running.url, credentials=ours)
        forged = read_credentials(accounts.credentials(by=Accounts().account))
        assert NotDelivered("does not take the credentials") == await tried(running.url, credentials=forged)


@pytest.mark.parametrize("change", [("SU", "SA"), ("BEGIN NATS USER JWT", "JWT"), ("SEED-----\nSU", "SEED-----\nSUA")])
def test_a_credentials_file_that_is_damaged_is_refused_and_not_repeated(change: tuple[str, str]) -> None:
    text = Accounts().credentials().replace(*change)
    with pytest.raises(ValueError, match=r"credentials|seed") as refused:
        read_credentials(text)
    assert not any(line in str(refused.value) for line in text.splitlines() if len(line) > 20)


def test_credentials_are_not_shown() -> None:
    ours = read_credentials(Accounts().credentials())
    shown = repr(BrokerConfig(servers=(), credentials=ours, login=("u", "s3cret")))
    assert (True, True, True) == (ours.jwt not in shown, repr(ours.seed) not in repr(ours), "s3cret" not in shown)


async def test_a_server_shows_a_certificate_that_is_checked_against_its_name(tmp_path: Path) -> None:
    trusted, stranger = trustme.CA(), trustme.CA()
    trusted.cert_pem.write_to_path(tmp_path / "ca.pem")
    stranger.cert_pem.write_to_path(tmp_path / "other.pem")
    trusted.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(tmp_path / "server.pem")
    lines = f'tls {{ cert_file: "{tmp_path}/server.pem", key_file: "{tmp_path}/server.pem" }}\n'
    context = ssl.create_default_context(cafile=tmp_path / "ca.pem")
    async with serving(tmp_path, lines, tls=context, tls_hostname="localhost") as running:
        async with asking(running, tls=context, tls_hostname="localhost") as found:
            await made(found)
        by_name, by_number = (f"tls://{host}:{running.port}" for host in ("localhost", "127.0.0.1"))
        assert IN == await tried(by_name, ca_file=tmp_path / "ca.pem")
        for url, ca_file in ((by_number, "ca.pem"), (by_name, "other.pem")):
            told = await tried(url, ca_file=tmp_path / ca_file)
            assert NotDelivered("its certificate is not trusted") == told


async def test_a_server_without_tls_is_told_nothing_where_tls_is_asked_for(server: NatsServer) -> None:
    url = server.url.replace("nats:", "tls:")
    assert NotDelivered("offers no TLS") == await tried(url, login=("shop", "s3cret"))


# --- the doctor's question


async def test_all_is_well(server: NatsServer, stream: JetStreamContext) -> None:
    async with endpoint(server.url) as to:
        assert "" == await to.trouble()


@pytest.mark.parametrize(
    ("of", "told"),
    [
        ({"name": "OTHER"}, "has no stream PAYSTATE"),
        ({"subjects": ["else.>"]}, "its stream PAYSTATE does not take the subject paystate.teashop.order.paid"),
        ({"duplicate_window": 10}, "its stream PAYSTATE knows an id again for 10 s only"),
    ],
)
async def test_what_is_wrong_with_a_stream_is_told(server: NatsServer, of: dict[str, Any], told: str) -> None:
    async with asking(server) as found:
        await made(found, **of)
    async with endpoint(server.url) as to:
        assert told == await to.trouble()


async def test_a_broker_that_is_down_is_told() -> None:
    async with endpoint("nats://127.0.0.1:1") as to:
        assert "cannot be reached" == await to.trouble()
