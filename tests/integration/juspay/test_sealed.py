"""JWT mode: which calls go out sealed, what is read of their answers, and which calls have no such form."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from integration.juspay.played import INR, REQUEST, Handler, Recorder, answers, at_once, config, order, session, text

from paystate.adapters.juspay import JuspayClient
from paystate.core.errors import AnswerUnusable, GatewayRejected, OutcomeUnknown, SignatureInvalid
from paystate.core.evidence import Answer, NotFound

SEAL = b"sealed:"


class Envelope:
    """Stands in for keys: what it seals can be told, and nothing else can be opened."""

    def seal(self, plain: bytes) -> bytes:
        return SEAL + plain

    def open(self, sealed: bytes) -> bytes:
        if not sealed.startswith(SEAL):
            raise SignatureInvalid("refused")
        return sealed.removeprefix(SEAL)


def sealing(handler: Handler) -> JuspayClient:
    pool = httpx.MockTransport(handler)
    return JuspayClient(config(), pool, envelope=Envelope(), sleep=at_once)


Ask = Callable[[JuspayClient], Awaitable[Any]]

SEALED: dict[str, tuple[Ask, str, dict[str, Any]]] = {
    "session": (lambda c: c.create_session(REQUEST, routing_id="c.17"), "/v4/session", session()),
    "status": (lambda c: c.order_status("tea-041", routing_id="c.17"), "/v4/order-status", order()),
    "order": (lambda c: c.get_order("tea-041", routing_id="c.17"), "/v4/order-status", order()),
    "refund": (lambda c: c.refund("tea-041", "r1", INR, routing_id="c.17"), "/v4/orders/tea-041/refunds", order()),
}
READS = {"status", "order"}
each = pytest.mark.parametrize("name", SEALED)


def sealed(body: Any) -> bytes:
    return SEAL + text(body)


async def sent(name: str) -> httpx.Request:
    ask, _, body = SEALED[name]
    recorder = Recorder(answers(200, sealed(body)))
    assert await ask(sealing(recorder))
    (request,) = recorder.requests
    return request


@each
async def test_a_sealed_call_is_a_post_to_a_route_of_its_own_without_the_key(name: str) -> None:
    request = await sent(name)
    assert (request.method, request.url.raw_path.decode()) == ("POST", SEALED[name][1])
    assert request.headers["content-type"] == "application/json"
    assert request.headers["x-merchantid"] == "teahouse"
    assert request.headers["x-routing-id"] == "c.17"
    assert "authorization" not in request.headers


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("status", {"order_id": "tea-041"}),
        ("order", {"order_id": "tea-041"}),
        ("refund", {"unique_request_id": "r1", "amount": "120.50"}),
    ],
)
async def test_what_is_sealed(name: str, plain: dict[str, str]) -> None:
    assert json.loads((await sent(name)).content.removeprefix(SEAL)) == plain


async def test_a_session_is_sealed_as_it_would_be_sent_plain() -> None:
    plain = Recorder(answers(200, session()))
    pool = httpx.MockTransport(plain)
    await JuspayClient(config(), pool).create_session(REQUEST, routing_id="c.17")
    assert (await sent("session")).content == SEAL + plain.requests[0].content


@each
@pytest.mark.parametrize("body", [b"", b"forged", b"{}"])
async def test_an_answer_that_does_not_open_is_unusable(name: str, body: bytes) -> None:
    recorder = Recorder(answers(200, body))
    with pytest.raises(AnswerUnusable):
        await SEALED[name][0](sealing(recorder))
    assert len(recorder.requests) == (2 if name in READS else 1)


@each
async def test_a_good_answer_that_came_plain_is_unusable(name: str) -> None:
    with pytest.raises(AnswerUnusable):
        await SEALED[name][0](sealing(answers(200, SEALED[name][2])))


@each
async def test_an_opened_answer_is_read_as_any_other(name: str) -> None:
    with pytest.raises(AnswerUnusable):
        await SEALED[name][0](sealing(answers(200, sealed({"status": 7}))))


@each
async def test_a_refusal_comes_plain(name: str) -> None:
    with pytest.raises(GatewayRejected) as caught:
        await SEALED[name][0](sealing(answers(400, {"error_code": "invalid.key"})))
    assert caught.value.code == "invalid.key"


@each
async def test_only_reads_are_repeated_although_all_are_posts(name: str) -> None:
    recorder = Recorder(answers(500, b""))
    with pytest.raises(OutcomeUnknown):
        await SEALED[name][0](sealing(recorder))
    assert len(recorder.requests) == (2 if name in READS else 1)


async def test_an_unknown_order_is_an_answer_here_too() -> None:
    tea = sealing(answers(400, {"status": "NOT_FOUND", "order_id": "tea-041"}))
    assert await tea.order_status("tea-041", routing_id="c.17") == Answer(body=NotFound())
    assert await tea.get_order("tea-041", routing_id="c.17") is None


async def test_a_call_without_a_sealed_form_goes_out_as_ever() -> None:
    recorder = Recorder(answers(200, order()))
    await sealing(recorder).void("u9", routing_id="c.17")
    (request,) = recorder.requests
    assert request.url.raw_path == b"/v2/txns/u9/void"
    assert request.headers["authorization"].startswith("Basic ")


async def test_a_refund_of_one_transaction_has_no_sealed_form() -> None:
    recorder = Recorder(
        answers(200, {"unique_request_id": "r1", "order_id": "tea-041", "amount": 1, "status": "PENDING"})
    )
    await sealing(recorder).refund("tea-041", "r1", INR, routing_id="c.17", txn_id="tea-041-2")
    (request,) = recorder.requests
    assert request.url.raw_path == b"/refunds"
    assert request.headers["authorization"].startswith("Basic ")


def test_blocking_code_seals_the_same() -> None:
    recorder = Recorder(answers(200, sealed(order())))
    pool = httpx.MockTransport(recorder)
    answer = JuspayClient.sync(config(), pool, envelope=Envelope()).order_status("tea-041", routing_id="c.17")
    assert isinstance(answer, Answer)
    assert recorder.requests[0].url.raw_path == b"/v4/order-status"
