"""Webhooks: once the sender is known, what fits is stored and answered 200, whatever it says."""

import asyncio
import gzip
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import structlog
from attrs import evolve
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from integration.api.world import LOGIN, World, basic
from integration.signing.juspay_side import JWS_MEMBERS, JuspaySide, as_object, as_webhook, public_pem_of

from paystate.adapters.signing.envelope import JwtEnvelope
from paystate.adapters.signing.keyring import KeyRing, KeyState, parse_juspay_key, parse_key
from paystate.core.ports.store import InboxRow
from paystate.entrypoints.setup.credentials import sha256

BODY = json.dumps({"id": "evt-1", "event_name": "ORDER_SUCCEEDED", "content": {"order": {"order_id": "lamp-1"}}})


def hook(**changes: Any) -> bytes:
    return json.dumps({**json.loads(BODY), **changes}).encode()


async def inbox(shop: World) -> list[InboxRow]:
    return list(await shop.store.inbox("shop"))


async def test_a_webhook_that_cannot_be_followed_is_logged_with_its_verdict(shop: World) -> None:
    with structlog.testing.capture_logs() as logs:
        await shop.hook(b'{"email": "dev@example.test"}')
        await shop.hook(BODY.encode())
    assert [("warning", "no_order"), ("debug", None)] == [(line["log_level"], line.get("verdict")) for line in logs]


async def test_a_webhook_is_stored_before_it_is_answered(shop: World) -> None:
    answer = await shop.hook(BODY.encode())
    assert (200, b"{}", "application/json") == (answer.status_code, answer.content, answer.headers["content-type"])
    (row,) = await inbox(shop)
    assert ("evt-1", BODY.encode(), 0) == (row.event_id, row.body, row.repeats)
    assert {"x-request-id", "cache-control"} <= set(answer.headers)


@pytest.mark.parametrize(
    "authorization",
    [
        pytest.param("", id="none"),
        pytest.param("Bearer abc", id="scheme"),
        pytest.param("Basic !!!", id="base64"),
        pytest.param("Basic anVzcGF5", id="no-colon"),
        pytest.param(basic(LOGIN[0], "wrong"), id="password"),
        pytest.param(basic("other", "secret"), id="other-merchant"),
        pytest.param("Basic /////w==", id="not-utf-8"),
    ],
)
async def test_row_52_a_stranger_gets_401_and_leaves_nothing(shop: World, authorization: str) -> None:
    answer = await shop.hook(BODY.encode(), authorization=authorization)
    assert (401, "unauthenticated") == (answer.status_code, answer.json()["code"])
    assert 'Basic realm="paystate"' == answer.headers["www-authenticate"]
    assert [] == await inbox(shop)


@pytest.mark.parametrize("header", ["", "theirs"])
async def test_row_53_the_custom_header_counts(shop: World, header: str) -> None:
    assert 401 == (await shop.hook(BODY.encode(), x_shop=header)).status_code


def accessed(shop: World, merchant: str = "shop", **changes: Any) -> None:
    """Change who may speak for a merchant, as a rotation does."""
    current = shop.runtime.current
    access = evolve(current.credentials[merchant], **changes)
    shop.runtime.current = evolve(current, credentials={**current.credentials, merchant: access})


async def test_while_the_password_changes_both_are_good(shop: World) -> None:
    old, new = LOGIN, ("juspay", "the next one")
    answers = {"before": [await shop.hook(BODY.encode(), authorization=basic(*login)) for login in (old, new)]}
    accessed(shop, webhook_logins=tuple(sha256(":".join(login)) for login in (new, old)))
    answers["during"] = [await shop.hook(BODY.encode(), authorization=basic(*login)) for login in (old, new)]
    accessed(shop, webhook_logins=(sha256(":".join(new)),))
    answers["after"] = [await shop.hook(BODY.encode(), authorization=basic(*login)) for login in (old, new)]
    told = {when: [answer.status_code for answer in some] for when, some in answers.items()}
    assert {"before": [200, 401], "during": [200, 200], "after": [401, 200]} == told


async def test_a_merchant_that_is_taken_away_while_the_body_arrives_gets_it_still(shop: World) -> None:
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        shop.runtime.current = evolve(shop.runtime.current, merchants={}, credentials={})
        return {"type": "http.request", "body": BODY.encode(), "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    headers = [(b"host", b"localhost"), (b"authorization", basic(*LOGIN).encode()), (b"x-shop", b"ours")]
    path = "/webhooks/juspay/shop"
    scope = {"type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b""}
    await shop.http.app({**scope, "headers": headers}, receive, send)
    assert (200, 1) == (sent[0]["status"], len(await inbox(shop)))


async def test_an_unknown_merchant_looks_like_a_wrong_login(shop: World) -> None:
    unknown, wrong = await shop.hook(b"{}", "nobody"), await shop.hook(b"{}", authorization=basic("a", "b"))
    assert 401 == unknown.status_code == wrong.status_code
    assert {**unknown.json(), "request_id": ""} == {**wrong.json(), "request_id": ""}


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"not json", id="54"),
        pytest.param(b'{"id":"e","event_name":"NEVER_HEARD_OF"}', id="55"),
        pytest.param(b'{"id":"e","event_name":"ORDER_SUCCEEDED","content":null}', id="56"),
        pytest.param(hook(content=[]), id="56-list"),
        pytest.param(hook(content={"order": {"order_id": "nobody-s"}}), id="57"),
        pytest.param(hook(content={"order": {"order_id": "lamp-1", "merchant_id": "theirs"}}), id="58"),
        pytest.param(hook(id=None), id="62-none"),
        pytest.param(hook(id="e" * 10_000), id="62-long"),
        pytest.param(hook(id=7), id="62-number"),
        pytest.param(hook(id={}), id="62-object"),
        pytest.param(hook(date_created="1970-01-01T00:00:00Z"), id="63"),
        pytest.param(hook(content={"order": {"order_id": "lamp-1", "status": 21, "status_id": "x"}}), id="66"),
        pytest.param(b"\xff\xfe", id="24"),
        pytest.param(b"[" * 10_000, id="25"),
        pytest.param(b"", id="empty"),
        pytest.param(b"x" * 1024 * 1024, id="as-large-as-may-be"),
    ],
)
async def test_what_cannot_be_understood_is_kept(shop: World, body: bytes) -> None:
    answer = await shop.hook(body, content_type="text/plain")
    assert 200 == answer.status_code
    assert [body] == [row.body for row in await inbox(shop)]


async def test_row_60_the_same_webhook_many_times_is_one(shop: World) -> None:
    answers = await asyncio.gather(*(shop.hook(BODY.encode()) for _ in range(50)))
    assert {200} == {answer.status_code for answer in answers}
    (row,) = await inbox(shop)
    assert 49 == row.repeats


async def test_row_61_another_body_under_the_same_id_is_flagged(shop: World) -> None:
    assert [200, 200] == [(await shop.hook(b)).status_code for b in (BODY.encode(), BODY.encode() + b" ")]
    assert any(row.conflicts for row in await inbox(shop))


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "zstd", "gzip, gzip"])
async def test_row_29_nothing_is_unpacked(shop: World, encoding: str) -> None:
    answer = await shop.hook(gzip.compress(b" " * 1000), content_encoding=encoding)
    assert (415, "unsupported_encoding") == (answer.status_code, answer.json()["code"])
    assert [] == await inbox(shop)


async def test_row_26_a_byte_too_many_is_refused(shop: World) -> None:
    answer = await shop.hook(b"x" * (1024 * 1024 + 1))
    assert (413, "body_too_large", "close") == (
        answer.status_code,
        answer.json()["code"],
        answer.headers["connection"],
    )
    assert [] == await inbox(shop)


async def test_row_69_what_is_not_stored_is_not_answered_200(shop: World) -> None:
    shop.store.is_gone = True
    answer = await shop.hook(BODY.encode())
    assert (503, "storage_unavailable") == (answer.status_code, answer.json()["code"])
    assert answer.headers["retry-after"].isdigit()


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS", "HEAD"])
async def test_only_post(shop: World, method: str) -> None:
    answer = await shop.http.request(method, "/webhooks/juspay/shop")
    assert (405, "POST") == (answer.status_code, answer.headers["allow"])


@pytest.mark.parametrize("path", ["/webhooks/juspay/shop", "/v1/orders", "/nowhere"])
async def test_another_protocol_is_closed(shop: World, path: str) -> None:
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "websocket", "path": path, "raw_path": path.encode(), "headers": [], "query_string": b""}
    await shop.http.app(scope, receive, send)
    assert ["websocket.close"] == [message["type"] for message in sent]


@pytest.mark.parametrize("path", ["", "/", "/shop/", "/shop/more", "shop", "//shop", "/%73hop"])
async def test_only_the_merchant_s_own_path(shop: World, path: str) -> None:
    headers = {"authorization": basic(*LOGIN), "x-shop": "ours"}
    answer = await shop.http.post(f"/webhooks/juspay{path}", content=b"{}", headers=headers)
    assert (404, "not_found") == (answer.status_code, answer.json()["code"])


# --- JWT mode


def pem_of(key: RSAPrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.fixture(scope="module")
def keys() -> tuple[RSAPrivateKey, RSAPrivateKey]:
    """Ours, and Juspay's."""
    return generate_private_key(65537, 2048), generate_private_key(65537, 2048)


@pytest.fixture(scope="module")
def juspay(keys: tuple[RSAPrivateKey, RSAPrivateKey]) -> JuspaySide:
    ours, theirs = keys
    return JuspaySide(theirs, "key_juspay", ours.public_key(), "key_ours")


@pytest.fixture(scope="module")
def envelope(keys: tuple[RSAPrivateKey, RSAPrivateKey]) -> JwtEnvelope:
    ours, theirs = keys
    ring = KeyRing([parse_key("key_ours", pem_of(ours), KeyState.ACTIVE)])
    return JwtEnvelope(ring, [parse_juspay_key("key_juspay", public_pem_of(theirs))])


@pytest.fixture
def sealed(shop: World, envelope: JwtEnvelope) -> World:
    """A merchant that takes webhooks in JWT mode alone."""
    accessed(shop, open_webhook=envelope.open_webhook, takes_plain_webhooks=False)
    return shop


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_a_sealed_webhook_is_kept_as_what_it_says(sealed: World, juspay: JuspaySide) -> None:
    answer = await sealed.hook(as_webhook(juspay.told(BODY.encode())))
    (row,) = await inbox(sealed)
    assert (200, "evt-1", BODY.encode()) == (answer.status_code, row.event_id, row.body)


async def test_the_same_webhook_sealed_anew_is_one(sealed: World, juspay: JuspaySide) -> None:
    for _ in range(3):
        await sealed.hook(as_webhook(juspay.told(BODY.encode())))
    (row,) = await inbox(sealed)
    assert (2, False) == (row.repeats, row.conflicts)


def zipped(side: JuspaySide) -> bytes:
    return as_webhook(side.jwe(as_object(JWS_MEMBERS, side.jws(BODY.encode())), more={"zip": "DEF"}))


def signed_with(side: JuspaySide, sign: Callable[[bytes], bytes], alg: str) -> bytes:
    return as_webhook(side.jwe(as_object(JWS_MEMBERS, side.jws(BODY.encode(), sign=sign, alg=alg))))


def hs256(side: JuspaySide) -> Callable[[bytes], bytes]:
    return lambda message: hmac.new(public_pem_of(side.key), message, hashlib.sha256).digest()


FORGERIES: dict[str, Callable[[JuspaySide], bytes]] = {
    "alg none": lambda side: signed_with(side, lambda _: b"", "none"),
    "HS256 with the public key": lambda side: signed_with(side, hs256(side), "HS256"),
    "zip": zipped,
    "wrong kid": lambda side: as_webhook(
        side.jwe(as_object(JWS_MEMBERS, side.jws(BODY.encode())), more={"kid": "key_other"})
    ),
    "cut": lambda side: as_webhook(side.told(BODY.encode())[:4]),
    "not signed": lambda side: as_webhook(side.jwe(BODY.encode())),
    "null": lambda _: b'{"JWT":null}',
    "a plain webhook beside the token": lambda side: (
        as_webhook(side.told(BODY.encode()))[:-1] + b',"id":"evt-1","event_name":"ORDER_SUCCEEDED"}'
    ),
}


@pytest.mark.parametrize("name", FORGERIES)
async def test_row_67_a_forged_token_gets_401_and_leaves_nothing(sealed: World, juspay: JuspaySide, name: str) -> None:
    answer = await sealed.hook(FORGERIES[name](juspay))
    assert (401, "signature_invalid") == code(answer)
    assert 'Basic realm="paystate"' == answer.headers["www-authenticate"]
    assert [] == await inbox(sealed)


async def test_row_67_all_forgeries_get_one_answer(sealed: World, juspay: JuspaySide) -> None:
    answers = [(await sealed.hook(forge(juspay))).json() for forge in FORGERIES.values()]
    assert 1 == len({json.dumps({**answer, "request_id": ""}) for answer in answers})


async def test_row_67_a_token_of_5_mb_is_too_large(sealed: World) -> None:
    assert (413, "body_too_large") == code(await sealed.hook(b'{"JWT":"' + b"A" * 5_000_000 + b'"}'))


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(BODY.encode(), id="a-webhook"),
        pytest.param(b"not json, JWT", id="no-json"),
        pytest.param(b'["JWT"]', id="a-list"),
        pytest.param(b'{"jwt":"x"}', id="lower-case"),
        pytest.param(b'{"content":{"JWT":"x"}}', id="deeper"),
        pytest.param(b'{"a":' + b"[" * 10_000 + b'"JWT"', id="deep"),
        pytest.param(b"JWT \xff", id="no-text"),
        pytest.param(b"", id="empty"),
    ],
)
async def test_row_68_a_plain_body_is_refused_where_a_sealed_one_is_required(sealed: World, body: bytes) -> None:
    assert (401, "signature_required") == code(await sealed.hook(body))
    assert [] == await inbox(sealed)


async def test_while_juspay_changes_over_both_are_taken(shop: World, envelope: JwtEnvelope, juspay: JuspaySide) -> None:
    accessed(shop, open_webhook=envelope.open_webhook)
    answers = [await shop.hook(body) for body in (BODY.encode(), as_webhook(juspay.told(BODY.encode())))]
    assert [200, 200] == [answer.status_code for answer in answers]
    (row,) = await inbox(shop)
    assert (BODY.encode(), 1) == (row.body, row.repeats)


async def test_a_token_that_nobody_here_can_open_is_not_taken(shop: World, juspay: JuspaySide) -> None:
    assert (401, "signature_invalid") == code(await shop.hook(as_webhook(juspay.told(BODY.encode()))))
    assert [] == await inbox(shop)


async def test_another_merchant_cannot_be_told_it(sealed: World, juspay: JuspaySide) -> None:
    stolen = as_webhook(juspay.told(BODY.encode()))
    answer = await sealed.hook(stolen, "other", authorization=basic("other", "secret"))
    assert (401, "signature_invalid") == code(answer)


@pytest.mark.parametrize(
    "headers", [{"authorization": ""}, {"authorization": basic(LOGIN[0], "wrong")}, {"x_shop": ""}], ids=str
)
async def test_a_token_does_not_stand_for_the_password(
    sealed: World, juspay: JuspaySide, headers: dict[str, str]
) -> None:
    assert (401, "unauthenticated") == code(await sealed.hook(as_webhook(juspay.told(BODY.encode())), **headers))


async def test_keys_change_while_sealed_webhooks_come_and_none_is_refused(
    shop: World, keys: tuple[RSAPrivateKey, RSAPrivateKey], juspay: JuspaySide
) -> None:
    ours, theirs = keys
    newer = generate_private_key(65537, 2048)
    later = JuspaySide(theirs, "key_juspay", newer.public_key(), "key_newer")

    def opening(**states: str) -> Callable[[bytes], bytes]:
        pems = {"key_ours": pem_of(ours), "key_newer": pem_of(newer)}
        ring = KeyRing([parse_key(name, pems[name], KeyState(state)) for name, state in states.items()])
        return JwtEnvelope(ring, [parse_juspay_key("key_juspay", public_pem_of(theirs))]).open_webhook

    both = ({"key_ours": "active", "key_newer": "next"}, {"key_ours": "retiring", "key_newer": "active"})
    steps = [({"key_ours": "active"}, [juspay]), *((states, [juspay, later]) for states in both)]
    steps.append(({"key_ours": "revoked", "key_newer": "active"}, [later]))
    answers: list[int] = []
    for states, sides in steps:
        accessed(shop, open_webhook=opening(**states), takes_plain_webhooks=False)
        told = [
            as_webhook(side.told(hook(id=f"evt-{len(answers)}-{n}-{side.merchant_key_id}")))
            for n in range(10)
            for side in sides
        ]
        answers += [answer.status_code for answer in await asyncio.gather(*map(shop.hook, told))]
    assert {200} == set(answers)
    assert (401, "signature_invalid") == code(await shop.hook(as_webhook(juspay.told(BODY.encode()))))
    assert len(answers) == len(await shop.store.inbox("shop", limit=1000))
