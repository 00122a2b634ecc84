"""The engine's port over the client: what each method sends, once, and that its answer is one that the core judges."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest
from integration.juspay.played import INR, REQUEST, Recorder, answers, client, fails, order, refund, session

from paystate.adapters.juspay import JuspayGateway
from paystate.core.errors import GatewayRejected, GatewayUnreachable, OutcomeUnknown, PortError, ValueInvalid
from paystate.core.evidence import Answer, OrderAnswer, RefundsAnswer
from paystate.core.ports.gateway import PaymentGateway

FORM = "application/x-www-form-urlencoded"
DATE = "Mon, 03 Feb 2031 04:05:06 GMT"

Ask = Callable[[PaymentGateway], Awaitable[object]]

CALLS: dict[str, tuple[Ask, str, bytes, Any]] = {
    "refund": (
        lambda g: g.refund("tea-041", "r1", INR, routing_id="c.17"),
        "POST /orders/tea-041/refunds", b"unique_request_id=r1&amount=120.50", order(refunds=[refund()]),
    ),
    "refund of a transaction": (
        lambda g: g.refund("tea-041", "r1", INR, routing_id="c.17", txn_id="tea-041-2"),
        "POST /refunds", b"unique_request_id=r1&amount=120.50&txn_id=tea-041-2&refund_type=STANDARD",
        {"unique_request_id": "r1", "order_id": "tea-041", "amount": 120.5, "status": "PENDING"},
    ),
    "capture": (
        lambda g: g.capture("u9", None, call_id="k1", routing_id="c.17"), "POST /v2/txns/u9/capture", b"", order(),
    ),
    "capture of a part": (
        lambda g: g.capture("u9", INR, call_id="k1", routing_id="c.17"),
        "POST /v2/txns/u9/capture", b"amount=120.50&idempotence_key=k1", order(status="PARTIAL_CHARGED", status_id=37),
    ),
    "void": (lambda g: g.void("u9", routing_id="c.17"), "POST /v2/txns/u9/void", b"", order(status="VOIDED")),
    "update": (
        lambda g: g.update_order("tea-041", INR, routing_id="c.17"),
        "POST /orders/tea-041", b"amount=120.50", order(status="NEW"),
    ),
}  # fmt: skip
each_call = pytest.mark.parametrize("name", CALLS)


def gateway(recorder: Recorder) -> PaymentGateway:
    return JuspayGateway(client(recorder))


async def told(name: str, body: Any = None) -> Answer:
    answer = await CALLS[name][0](gateway(Recorder(answers(200, CALLS[name][3] if body is None else body, date=DATE))))
    assert isinstance(answer, Answer)
    return answer


async def trouble(name: str, recorder: Recorder) -> PortError:
    with pytest.raises(PortError) as caught:
        await CALLS[name][0](gateway(recorder))
    assert len(recorder.requests) == 1
    return caught.value


@each_call
async def test_what_is_sent(name: str) -> None:
    recorder = Recorder(answers(200, CALLS[name][3]))
    await CALLS[name][0](gateway(recorder))
    (request,) = recorder.requests
    assert f"{request.method} {request.url.raw_path.decode()}" == CALLS[name][1]
    assert (request.content, request.headers["content-type"]) == (CALLS[name][2], FORM)
    assert (request.headers["x-routing-id"], request.headers["authorization"][:6]) == ("c.17", "Basic ")


@each_call
async def test_each_answer_has_its_date(name: str) -> None:
    assert (await told(name)).dated == datetime(2031, 2, 3, 4, 5, 6, tzinfo=UTC)


@pytest.mark.parametrize("name", sorted(CALLS.keys() - {"refund of a transaction"}))
async def test_the_answer_is_the_whole_order(name: str) -> None:
    answer = await told(name)
    assert isinstance(answer.body, OrderAnswer)
    assert (answer.body.order_id, answer.body.status) == ("tea-041", CALLS[name][3]["status"])


async def test_the_refund_of_a_transaction_answers_that_refund_alone() -> None:
    answer = await told("refund of a transaction")
    assert isinstance(answer.body, RefundsAnswer)
    assert [(one.refund_id, one.amount) for one in answer.body.refunds] == [("r1", Decimal("120.5"))]


async def test_a_refund_of_a_split_order_answers_that_refund_alone() -> None:
    body = CALLS["refund of a transaction"][3] | {"split_refund_details": [{"unique_request_id": "r1-1", "amount": 1}]}
    answer = await told("refund", body)
    assert isinstance(answer.body, RefundsAnswer)
    assert [one.refund_id for one in answer.body.refunds] == ["r1"]


@each_call
async def test_what_never_left_is_unreachable(name: str) -> None:
    assert isinstance(await trouble(name, Recorder(fails(httpx.ConnectError))), GatewayUnreachable)


@each_call
@pytest.mark.parametrize(
    "handler",
    [
        fails(httpx.ReadTimeout),
        answers(503, b""),
        answers(200, b"<html>"),
        answers(200, {"hello": 1}),
        answers(302, b""),
    ],
    ids=["time-out", "busy", "html", "something else", "redirect"],
)
async def test_all_other_trouble_is_an_unknown_outcome_and_nothing_is_sent_again(name: str, handler: Any) -> None:
    assert isinstance(await trouble(name, Recorder(handler)), OutcomeUnknown)


@each_call
async def test_a_refusal_is_definite(name: str) -> None:
    error = await trouble(name, Recorder(answers(400, {"status": "ERROR", "error_code": "invalid.state"})))
    assert isinstance(error, GatewayRejected)
    assert (error.code, error.http_status) == ("invalid.state", 400)


@pytest.mark.parametrize("txn_uuid", ["", ".", "..", "x" * 257], ids=["nothing", "dot", "dots", "long"])
async def test_an_id_that_would_name_another_route_is_never_sent(txn_uuid: str) -> None:
    recorder = Recorder(answers(200, order()))
    with pytest.raises(ValueInvalid):
        await gateway(recorder).capture(txn_uuid, None, call_id="k1", routing_id="c.17")
    with pytest.raises(ValueInvalid):
        await gateway(recorder).void(txn_uuid, routing_id="c.17")
    assert recorder.requests == []


async def test_a_part_without_an_id_of_its_own_is_never_sent() -> None:
    recorder = Recorder(answers(200, order()))
    with pytest.raises(ValueInvalid):
        await gateway(recorder).capture("u9", INR, call_id="", routing_id="c.17")
    assert recorder.requests == []


async def test_sessions_and_looks_are_the_client_s() -> None:
    opened = await gateway(Recorder(answers(200, session()))).create_session(REQUEST, routing_id="c.17")
    seen = await gateway(Recorder(answers(200, order()))).order_status("tea-041", routing_id="c.17")
    assert opened.order_id == "tea-041"
    assert isinstance(seen.body, OrderAnswer)
