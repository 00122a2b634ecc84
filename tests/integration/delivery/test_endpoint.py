"""One webhook to one endpoint: signed by the Standard Webhooks text, to an address that was checked, and judged."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

import pytest
import trustme
from integration.delivery.receiver import NOTHING, Receiver, receiving, said
from standardwebhooks import Webhook, WebhookVerificationError

from paystate.adapters.delivery.endpoint import ANSWER_BYTES_MAX, WebhookEndpoint
from paystate.adapters.delivery.resolving import Resolve, system_resolver
from paystate.adapters.juspay import connection_pool
from paystate.core.announcements.delivery import Delivered, NotDelivered, TryEnd, Unwanted
from paystate.core.orders.facts import AnnouncementKind
from paystate.core.ports.notifier import Message

# Source: the tests of the Standard Webhooks libraries (Python, JavaScript).
VECTOR_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
VECTOR = Message(
    event_id="msg_p5jXN8AQM9LWM0D4loKWxJek", kind=AnnouncementKind.ORDER_PAID, body=b'{"test": 2432232314}'
)
VECTOR_AT = datetime.fromtimestamp(1614265330, UTC)
VECTOR_SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

SECRET = "whsec_" + "c2VjcmV0" * 5
OTHER = "whsec_" + "b3RoZXIh" * 5
BODY = '{"type":"order.paid","note":"Zoë"}'.encode()
MESSAGE = Message(event_id="ann_1", kind=AnnouncementKind.ORDER_PAID, body=BODY)


def resolves(*addresses: str) -> Resolve:
    async def resolve(host: str, port: int) -> Sequence[str]:
        return addresses

    return resolve


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as made:
        yield made


async def sent(
    url: str, *, resolve: Resolve | None = None, trust: ssl.SSLContext | None = None, **more: object
) -> TryEnd:
    async with connection_pool(ssl_context=trust) as pool:
        return await made(url, pool, resolve, **more).deliver(MESSAGE, datetime.now(UTC))


def made(url: str, pool: object, resolve: Resolve | None = None, **more: object) -> WebhookEndpoint:
    facts = {"url": url, "secrets": [SECRET], "timeout_s": 5, "allow_private": True, "transport": pool}
    return WebhookEndpoint(**{**facts, "resolve": resolve or system_resolver(), **more})  # type: ignore[arg-type]


# --- signatures


def test_the_official_vector_is_signed_as_it_says() -> None:
    headers = made("https://shop.test", None, secrets=[VECTOR_SECRET]).headers(VECTOR, VECTOR_AT)
    assert (VECTOR.event_id, "1614265330", VECTOR_SIGNATURE) == (
        headers["webhook-id"], headers["webhook-timestamp"], headers["webhook-signature"],
    )  # fmt: skip


async def test_a_webhook_is_verified_by_the_library_of_the_text(receiver: Receiver) -> None:
    assert Delivered("answered 204") == await sent(receiver.url)
    (got,) = receiver.received
    assert "POST /told?by=paystate HTTP/1.1" == got.line
    assert (BODY, "application/json", f"127.0.0.1:{receiver.port}") == (
        got.body, got.headers["content-type"], got.headers["host"],
    )  # fmt: skip
    Webhook(SECRET).verify(got.body, got.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(got.body + b" ", got.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(OTHER).verify(got.body, got.headers)


async def test_while_there_are_two_secrets_either_one_verifies(receiver: Receiver) -> None:
    await sent(receiver.url, secrets=[OTHER, SECRET])
    (got,) = receiver.received
    for secret in (SECRET, OTHER):
        Webhook(secret).verify(got.body, got.headers)


def test_no_secret_is_printed() -> None:
    assert SECRET[6:] not in repr(made("https://shop.test", None))


# --- judged


@pytest.mark.parametrize(
    ("answer", "end"),
    [
        (said(200, b"thanks"), Delivered("answered 200")),
        (said(299), Delivered("answered 299")),
        (said(301, location="http://127.0.0.1/"), NotDelivered("answered 301")),
        (said(400), NotDelivered("answered 400")),
        (said(410), Unwanted("answered 410")),
        (said(429, retry_after="17"), NotDelivered("answered 429", 17)),
        (said(503, retry_after="Wed, 21 Oct 2026 07:28:00 GMT"), NotDelivered("answered 503")),
        (said(503, retry_after="9" * 4000), NotDelivered("answered 503")),
        (said(503, retry_after="-1"), NotDelivered("answered 503")),
        (said(503, retry_after="٣"), NotDelivered("answered 503")),
        (NOTHING, NotDelivered("no answer")),
        (b"SSH-2.0-OpenSSH\r\n\r\n", NotDelivered("no answer")),
    ],
)
async def test_the_status_decides(receiver: Receiver, answer: bytes, end: TryEnd) -> None:
    receiver.answer = lambda _: answer
    assert end == await sent(receiver.url)
    assert 1 == len(receiver.received)


async def test_a_receiver_that_does_not_answer_is_left_after_its_time(receiver: Receiver) -> None:
    receiver.hangs = True
    assert NotDelivered("no answer within 1 s") == await sent(receiver.url, timeout_s=1)


async def test_where_nobody_listens_nothing_is_delivered(receiver: Receiver) -> None:
    async with receiving() as gone:
        url = gone.url
    assert NotDelivered("cannot be reached") == await sent(url)


async def test_an_answer_without_end_is_read_no_further_and_counts(receiver: Receiver) -> None:
    receiver.answer = lambda _: said(200, b"x" * (4 * ANSWER_BYTES_MAX))
    assert Delivered("answered 200") == await sent(receiver.url)


async def test_an_answer_whose_body_never_comes_counts(receiver: Receiver) -> None:
    receiver.answer = lambda _: said(200).replace(b"length: 0", b"length: 9")
    assert Delivered("answered 200") == await sent(receiver.url)


async def test_a_connection_is_used_again(receiver: Receiver) -> None:
    async with connection_pool() as pool:
        endpoint = made(receiver.url, pool)
        for _ in range(3):
            assert isinstance(await endpoint.deliver(MESSAGE, datetime.now(UTC)), Delivered)
    assert 1 == receiver.connections


# --- addresses


async def test_a_private_address_is_not_connected_to(receiver: Receiver) -> None:
    refused = NotDelivered("its name leads to an address that is not allowed")
    assert refused == await sent(receiver.url, allow_private=False)
    for address in ("127.0.0.1", "169.254.169.254", "10.0.0.1", "::1", "::ffff:127.0.0.1"):
        url = f"https://shop.test:{receiver.port}/"
        assert refused == await sent(url, allow_private=False, resolve=resolves(address))
    assert 0 == receiver.connections


async def test_one_private_address_among_public_ones_is_too_many(receiver: Receiver) -> None:
    url = f"https://shop.test:{receiver.port}/"
    end = await sent(url, allow_private=False, resolve=resolves("93.184.216.34", "127.0.0.1"))
    assert NotDelivered("its name leads to an address that is not allowed") == end
    assert 0 == receiver.connections


async def test_a_name_is_resolved_once_so_that_it_cannot_lead_elsewhere_in_between(receiver: Receiver) -> None:
    asked: list[str] = []

    async def resolve(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"]

    url = receiver.url.replace("127.0.0.1", "rebinding.invalid")  # the system has no address for it
    assert Delivered("answered 204") == await sent(url, resolve=resolve)
    assert (["rebinding.invalid"], f"rebinding.invalid:{receiver.port}") == (
        asked, receiver.received[0].headers["host"],
    )  # fmt: skip


async def test_what_goes_without_tls_stays_in_a_private_network(receiver: Receiver) -> None:
    end = await sent(receiver.url, resolve=resolves("93.184.216.34"))
    assert NotDelivered("its name leads to an address that is not allowed") == end


async def test_the_next_address_is_tried_where_the_first_cannot_be_reached(receiver: Receiver) -> None:
    # Nobody listens at the first one: the receiver has bound only the second.
    assert Delivered("answered 204") == await sent(receiver.url, resolve=resolves("127.0.0.2", "127.0.0.1"))


async def test_once_something_was_sent_no_other_address_is_tried(receiver: Receiver) -> None:
    receiver.answer = lambda _: NOTHING
    assert NotDelivered("no answer") == await sent(receiver.url, resolve=resolves("127.0.0.1", "127.0.0.1"))
    assert 1 == len(receiver.received)


async def test_a_name_without_an_address_is_told_so() -> None:
    none = NotDelivered("its name has no address")
    assert none == await sent("https://nobody.invalid/", resolve=resolves())
    assert none == await sent("https://nobody.invalid/")


async def test_a_look_up_that_hangs_takes_no_longer_than_the_try() -> None:
    async def hangs(host: str, port: int) -> Sequence[str]:
        await asyncio.Event().wait()
        return ()

    assert NotDelivered("no answer within 1 s") == await sent("https://shop.test/", resolve=hangs, timeout_s=1)


# --- TLS


def certified(*names: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context for these names, and that of a client who trusts it."""
    ca, theirs = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert(*names).configure_cert(theirs)
    ours = ssl.create_default_context()
    ca.configure_trust(ours)
    return theirs, ours


async def test_the_certificate_must_be_the_name_s_and_not_the_address_s() -> None:
    theirs, ours = certified("shop.test")
    async with receiving(theirs) as receiver:
        url, local = f"https://shop.test:{receiver.port}/", resolves("127.0.0.1")
        assert Delivered("answered 204") == await sent(url, resolve=local, trust=ours)
        wrong = url.replace("shop.test", "other.test")
        assert NotDelivered("cannot be reached") == await sent(wrong, resolve=local, trust=ours)
        assert NotDelivered("cannot be reached") == await sent(url, resolve=local)
        assert 1 == len(receiver.received)


async def test_an_address_with_a_certificate_is_reached_by_it() -> None:
    theirs, ours = certified("127.0.0.1")
    async with receiving(theirs) as receiver:
        assert Delivered("answered 204") == await sent(f"https://127.0.0.1:{receiver.port}/", trust=ours)


async def test_an_address_of_ipv6_is_reached() -> None:
    async with receiving(host="::1") as receiver:
        assert Delivered("answered 204") == await sent(f"http://[::1]:{receiver.port}/")
        assert f"[::1]:{receiver.port}" == receiver.received[0].headers["host"]
