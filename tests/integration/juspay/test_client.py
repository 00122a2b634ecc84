"""Each call: the exact request, what its answer becomes, and which error each kind of trouble is."""

import copy
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest
from integration.juspay.played import (
    API_KEY,
    INR,
    ORIGIN,
    REQUEST,
    Recorder,
    answers,
    client,
    config,
    fails,
    order,
    refund,
    session,
    text,
)

from paystate.adapters.juspay import JuspayGateway
from paystate.adapters.juspay.client import JuspayClient
from paystate.adapters.juspay.errors import TROUBLE, translated
from paystate.core.errors import GatewayRejected, GatewayUnreachable, OutcomeUnknown, PortError, ValueInvalid
from paystate.core.evidence import Answer, NotFound, OrderAnswer
from paystate.core.ports.gateway import PaymentGateway

FORM = "application/x-www-form-urlencoded"
CREDENTIALS = "Basic Q0FOQVJZa2V5N2MxZjBkNmU1YjRhMzkyODE3MDZmNWU0Og=="

Call = Callable[[JuspayClient], Awaitable[object]]

CALLS: dict[str, Call] = {
    "create session": lambda c: c.create_session(REQUEST, routing_id="c.17"),
    "order status": lambda c: c.order_status("tea-041", routing_id="c.17"),
    "refund": lambda c: c.refund("tea-041", "r1", INR, routing_id="c.17"),
    "create order": lambda c: c.create_order(REQUEST, routing_id="c.17"),
    "update order": lambda c: c.update_order("tea-041", INR, routing_id="c.17"),
    "create customer": lambda c: c.create_customer(REQUEST.customer),
    "get customer": lambda c: c.get_customer("c.17"),
}
READS = {"order status", "get customer"}
CUSTOMER = {"id": "cst_1", "object_reference_id": "c.17"}
GOOD: dict[str, Any] = {
    name: session() if "session" in name else CUSTOMER if "customer" in name else order() for name in CALLS
}
each_call = pytest.mark.parametrize("name", CALLS)


def port(client: JuspayGateway) -> PaymentGateway:
    """Let the type checkers see that the port is met."""
    return client


async def requested(name: str) -> httpx.Request:
    recorder = Recorder(answers(200, GOOD[name]))
    await CALLS[name](client(recorder))
    (request,) = recorder.requests
    return request


# --- requests


@pytest.mark.parametrize(
    ("name", "line", "content_type"),
    [
        ("create session", "POST /session", "application/json"),
        ("order status", "GET /orders/tea-041", None),
        ("refund", "POST /orders/tea-041/refunds", FORM),
        ("create order", "POST /orders", FORM),
        ("update order", "POST /orders/tea-041", FORM),
        ("create customer", "POST /customers", FORM),
        ("get customer", "GET /customers/c.17", None),
    ],
)
async def test_method_path_and_headers(name: str, line: str, content_type: str | None) -> None:
    request = await requested(name)
    sent = dict(request.headers)
    length = sent.pop("content-length", None)
    assert f"{request.method} {request.url.raw_path.decode()}" == line
    assert str(request.url).startswith(ORIGIN + "/")
    assert length == (str(len(request.content)) if content_type else None)
    assert sent == {
        "host": "gateway.example.test",
        "authorization": CREDENTIALS,
        "x-merchantid": "teahouse",
        "x-routing-id": "c.17",
        "version": "2023-06-30",
        "accept": "application/json",
        "accept-encoding": "identity",
        "user-agent": "paystate",
    } | ({"content-type": content_type} if content_type else {})


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("order status", b""),
        ("get customer", b""),
        ("refund", b"unique_request_id=r1&amount=120.50"),
        ("update order", b"amount=120.50"),
        (
            "create order",
            (
                b"order_id=tea-041&amount=120.50&currency=INR&customer_id=c.17&customer_email=lee%40example.test"
                b"&customer_phone=5550100&return_url=https%3A%2F%2Fshop.example.test%2Freturn%2Fteahouse"
                b"&description=green+tea"
            ),
        ),
        (
            "create session",
            (
                b'{"order_id":"tea-041","amount":"120.50","currency":"INR","customer_id":"c.17","customer_email":'
                b'"lee@example.test","customer_phone":"5550100","payment_page_client_id":"teaclient","action":'
                b'"paymentPage","return_url":"https://shop.example.test/return/teahouse","description":"green tea",'
                b'"first_name":"Lee","last_name":"Ng"}'
            ),
        ),
    ],
)
async def test_bodies(name: str, body: bytes) -> None:
    assert (await requested(name)).content == body


@pytest.mark.parametrize(
    ("order_id", "path"),
    [
        ("a/b", b"/orders/a%2Fb"),
        ("../refunds", b"/orders/..%2Frefunds"),
        ("a?b#c", b"/orders/a%3Fb%23c"),
        ("a%2Fb", b"/orders/a%252Fb"),
        ("é ", b"/orders/%C3%A9%20"),
        ("a\r\nx-merchantid: other", b"/orders/a%0D%0Ax-merchantid%3A%20other"),
    ],
)
async def test_an_order_id_is_one_path_segment(order_id: str, path: bytes) -> None:
    recorder = Recorder(answers(200, order()))
    await client(recorder).order_status(order_id, routing_id="c.17")
    assert recorder.requests[0].url.raw_path == path


@pytest.mark.parametrize("order_id", ["", ".", ".."])
async def test_an_id_that_would_name_another_route_is_never_sent(order_id: str) -> None:
    recorder = Recorder(answers(200, order()))
    with pytest.raises(ValueInvalid):
        await client(recorder).refund(order_id, "r1", INR, routing_id="c.17")
    assert recorder.requests == []


@pytest.mark.parametrize(
    ("routing_id", "sent"), [("lee+1@example.test", "lee+1@example.test"), ("a\r\nb: c", "a%0D%0Ab%3A%20c")]
)
async def test_a_routing_id_stays_one_header(routing_id: str, sent: str) -> None:
    recorder = Recorder(answers(200, order()))
    await client(recorder).order_status("tea-041", routing_id=routing_id)
    assert recorder.requests[0].headers["x-routing-id"] == sent


async def test_cookies_are_never_sent_back() -> None:
    recorder = Recorder(answers(200, order(), **{"set-cookie": "track=1; Path=/"}))
    tea = client(recorder)
    await tea.order_status("tea-041", routing_id="c.17")
    await tea.order_status("tea-041", routing_id="c.17")
    assert all("cookie" not in request.headers for request in recorder.requests)


# --- answers


@pytest.mark.parametrize("name", ["order status", "refund"])
async def test_the_answer_is_the_whole_order(name: str) -> None:
    body = order(refunds=[refund()], brand_new_key={"a": [1]})
    answer = await CALLS[name](client(answers(200, body, date="Mon, 03 Feb 2031 04:05:06 GMT")))
    assert isinstance(answer, Answer)
    assert isinstance(answer.body, OrderAnswer)
    assert answer.body.refunds[0].refund_id == "r1"
    assert answer.body.amount == Decimal("120.5")
    assert answer.dated == datetime(2031, 2, 3, 4, 5, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    "date", ["", "soon", "2031-02-03T04:05:06Z", "Mon, 03 Feb 2031 04:05:06 -0000", "Mon, 99 Feb 2031"]
)
async def test_a_date_that_is_none_is_none(date: str) -> None:
    answer = await client(answers(200, order(), date=date)).order_status("tea-041", routing_id="c.17")
    assert answer.dated is None


async def test_an_answer_without_date_or_with_two() -> None:
    bare = await client(answers(200, order())).order_status("tea-041", routing_id="c.17")
    two = [("date", "Mon, 03 Feb 2031 04:05:06 GMT"), ("date", "Mon, 03 Feb 2031 04:05:07 GMT")]
    twice = await client(lambda _: httpx.Response(200, content=text(order()), headers=two)).order_status(
        "tea-041", routing_id="c.17"
    )
    assert (bare.dated, twice.dated) == (None, None)


@pytest.mark.parametrize("http_status", [400, 404])
@pytest.mark.parametrize(
    "body",
    [
        {"status": "NOT_FOUND", "status_id": 40, "order_id": "TEA-041"},
        {"status": "NOT_FOUND", "status_id": 40},
        {"error_code": "order_not_found"},
        {"status": "NOT_FOUND", "status_id": 40, "error_info": {"code": "RESOURCE_NOT_FOUND"}},
        {"error_code": "object_not_found", "status": "invalid_request_error"},
    ],
)
async def test_an_unknown_order_is_an_answer(http_status: int, body: Any) -> None:
    answer = await client(answers(http_status, body)).order_status("tea-041", routing_id="c.17")
    assert answer == Answer(body=NotFound())


async def test_that_another_order_was_not_found_says_nothing() -> None:
    with pytest.raises(OutcomeUnknown):
        await client(answers(400, {"status": "NOT_FOUND", "order_id": "other"})).order_status(
            "tea-041", routing_id="c.17"
        )


async def test_another_order_is_handed_to_the_core_and_to_nobody_else() -> None:
    tea = client(answers(200, {"order_id": "other", "status": "CHARGED", "amount": 1}))
    answer = await tea.order_status("tea-041", routing_id="c.17")
    assert isinstance(answer.body, OrderAnswer)
    assert "other" == answer.body.order_id
    with pytest.raises(OutcomeUnknown):
        await tea.get_order("tea-041", routing_id="c.17")


async def test_the_case_of_an_order_id_makes_no_other_order() -> None:
    record = await client(answers(200, {"order_id": "TEA-041", "status": "NEW", "amount": 1})).get_order(
        "tea-041", routing_id="c.17"
    )
    assert record is not None


@pytest.mark.parametrize(("http_status", "code"), [(400, "DUPLICATE_ORDER_ID"), (401, "NOT_FOUND"), (403, "NOT_FOUND")])
async def test_other_refusals_of_a_status_call_are_not_an_unknown_order(http_status: int, code: str) -> None:
    with pytest.raises(GatewayRejected):
        await client(answers(http_status, {"status": code})).order_status("tea-041", routing_id="c.17")


async def test_refunding_an_unknown_order_is_refused() -> None:
    with pytest.raises(GatewayRejected) as caught:
        await client(answers(400, {"status": "NOT_FOUND"})).refund("tea-041", "r1", INR, routing_id="c.17")
    assert (caught.value.code, caught.value.http_status) == ("NOT_FOUND", 400)


async def test_a_session() -> None:
    answer = await client(answers(200, session(order_id="TEA-041"))).create_session(REQUEST, routing_id="c.17")
    assert answer.sdk_payload == (
        '{"requestId": "0f", "service": "in.juspay.hyperpay", "payload": {"orderId": "tea-041"}}'
    )
    assert answer.payment_link == f"{ORIGIN}/payment-page/order/ordeh_1"


@pytest.mark.parametrize(
    "changes",
    [
        {"order_id": "other", "sdk_payload": {}},
        {"order_id": "other", "sdk_payload": {"payload": {"orderId": "other"}}},
        {"sdk_payload": None},
        *[
            {"sdk_payload": {"payload": {"orderId": "tea-041", **other}}}
            for other in (
                {"amount": "120.51"},
                {"amount": "12050"},
                {"amount": 1},
                {"merchantId": "teahouse2"},
                {"merchantId": "Teahouse"},
                {"currency": "USD"},
            )
        ],
        *[
            {"payment_links": {"web": link}}
            for link in (
                "https://gateway.example.test.evil.test/x",
                "https://gateway.example.test@evil.test/x",
                "http://gateway.example.test/x",
                "https://gateway.example.test:444/x",
                "//gateway.example.test/x",
                "javascript:alert(1)",
                "https://gateway.example.test\\@evil.test/",
            )
        ],
    ],
)
async def test_a_session_that_must_not_be_handed_on(changes: dict[str, Any]) -> None:
    with pytest.raises(OutcomeUnknown):
        await client(answers(200, session(**changes))).create_session(REQUEST, routing_id="c.17")


@pytest.mark.parametrize("amount", ["120.5", "120.50", 120.5, None], ids=repr)
async def test_a_session_may_spell_our_amount_in_any_way(amount: Any) -> None:
    told = {"orderId": "TEA-041", "amount": amount, "merchantId": "teahouse", "currency": "INR"}
    body = session(sdk_payload={"payload": told})
    assert (await client(answers(200, body)).create_session(REQUEST, routing_id="c.17")).order_id == "tea-041"


async def test_a_payment_link_may_point_to_another_allowed_origin() -> None:
    pages = "https://pages.example.test"
    tea = client(answers(200, session(payment_links={"web": f"{pages}/1"})), allowed_origins=(ORIGIN, pages))
    assert (await tea.create_session(REQUEST, routing_id="c.17")).payment_link == f"{pages}/1"


async def test_customers() -> None:
    created = await client(answers(200, CUSTOMER)).create_customer(REQUEST.customer)
    found = await client(answers(200, CUSTOMER)).get_customer("c.17")
    absent = await client(answers(404, {"error_code": "object_not_found"})).get_customer("c.17")
    assert created == found
    assert (created.id, created.object_reference_id, absent) == ("cst_1", "c.17", None)
    with pytest.raises(GatewayRejected):
        await client(answers(401, {"error_code": "access_denied"})).get_customer("c.17")


# --- trouble


async def trouble(name: str, recorder: Recorder) -> PortError:
    with pytest.raises(PortError) as caught:
        await CALLS[name](client(recorder))
    assert len(recorder.requests) == (2 if name in READS and not isinstance(caught.value, GatewayRejected) else 1)
    return caught.value


@each_call
@pytest.mark.parametrize("error", [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout])
async def test_what_was_never_sent_is_unreachable(name: str, error: type[httpx.RequestError]) -> None:
    assert isinstance(await trouble(name, Recorder(fails(error))), GatewayUnreachable)


@each_call
@pytest.mark.parametrize(
    "error",
    [
        *[httpx.ReadTimeout, httpx.WriteTimeout, httpx.ReadError, httpx.WriteError, httpx.CloseError],
        *[httpx.RemoteProtocolError, httpx.LocalProtocolError, httpx.ProxyError, httpx.DecodingError],
        *[httpx.TooManyRedirects, httpx.UnsupportedProtocol, httpx.RequestError],
    ],
)
async def test_all_other_trouble_is_an_unknown_outcome(name: str, error: type[httpx.RequestError]) -> None:
    assert isinstance(await trouble(name, Recorder(fails(error))), OutcomeUnknown)


def subclasses(kind: type) -> set[type]:
    return {kind}.union(*map(subclasses, kind.__subclasses__()))


@pytest.mark.parametrize("error", sorted(subclasses(httpx.RequestError), key=str), ids=lambda e: e.__name__)
def test_the_seam_lets_no_error_of_httpx_through(error: type[httpx.RequestError]) -> None:
    trouble = error("as planned")
    assert isinstance(trouble, TROUBLE)
    assert isinstance(translated("refund", trouble), (GatewayUnreachable, OutcomeUnknown))


@each_call
@pytest.mark.parametrize("http_status", [300, 301, 302, 303, 307, 308, 500, 502, 503, 504, 599])
async def test_a_redirect_or_server_error_is_an_unknown_outcome(name: str, http_status: int) -> None:
    recorder = Recorder(answers(http_status, {"error_code": "x"}, location="https://elsewhere.example.test/"))
    assert isinstance(await trouble(name, recorder), OutcomeUnknown)
    assert {request.url.host for request in recorder.requests} == {"gateway.example.test"}


@each_call
@pytest.mark.parametrize(
    "body", [b"", b"<html>ok</html>", b"{", b"[]", b"null", text({"ok": True}), "{}".encode("utf-16"), b"\xff"]
)
async def test_an_unreadable_success_is_an_unknown_outcome(name: str, body: bytes) -> None:
    assert isinstance(await trouble(name, Recorder(answers(200, body))), OutcomeUnknown)


@each_call
@pytest.mark.parametrize("http_status", [400, 401, 403, 404, 407, 413, 499])
@pytest.mark.parametrize("body", [b"", b"<html>proxy</html>", b"[]", b"{}"])
async def test_a_refusal_that_is_not_the_gateway_s_is_an_unknown_outcome(
    name: str, http_status: int, body: bytes
) -> None:
    assert isinstance(await trouble(name, Recorder(answers(http_status, body))), OutcomeUnknown)


@each_call
@pytest.mark.parametrize("http_status", [400, 401, 403, 404, 409, 422])
async def test_a_refusal_of_the_gateway_is_definite(name: str, http_status: int) -> None:
    error = await trouble(name, Recorder(answers(http_status, {"status": "ERROR", "error_code": "duplicate.call"})))
    assert isinstance(error, GatewayRejected)
    assert (error.code, error.http_status) == ("duplicate.call", http_status)


@each_call
@pytest.mark.parametrize("body", [b"", b"<html>slow down</html>", text({"error_code": "other"})])
async def test_too_many_requests_is_definite_whatever_the_body(name: str, body: bytes) -> None:
    error = await trouble(name, Recorder(answers(429, body)))
    assert isinstance(error, GatewayRejected)
    assert (error.code, error.http_status) == ("rate_limited", 429)


@pytest.mark.parametrize("name", sorted(READS))
@pytest.mark.parametrize(
    "first",
    [fails(httpx.ConnectError), fails(httpx.ReadError), answers(503, b""), answers(200, b"<html>")],
    ids=["unreachable", "cut", "busy", "html"],
)
async def test_a_read_is_repeated_once_and_its_second_answer_counts(name: str, first: Any) -> None:
    recorder = Recorder(first, answers(200, GOOD[name]))
    assert await CALLS[name](client(recorder))
    assert len(recorder.requests) == 2


async def test_how_often_a_read_is_repeated_is_a_choice() -> None:
    recorder, waits = Recorder(answers(503, b"")), list[float]()

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    pool = httpx.MockTransport(recorder)
    for retries in (0, 2):
        tea = JuspayClient(config(read_retries=retries, retry_delay_s=0.3), pool, sleep=sleep)
        with pytest.raises(OutcomeUnknown):
            await tea.order_status("tea-041", routing_id="c.17")
    assert len(recorder.requests) == 1 + 3
    assert waits == [0.3, 0.3]


# --- secrets


SECRETS = (API_KEY, API_KEY[6:26], CREDENTIALS.removeprefix("Basic "), API_KEY.encode().hex())


def spelled(thing: object) -> str:
    return f"{thing!r} {thing} {thing:}" if type(thing).__format__ is object.__format__ else f"{thing!r} {thing}"


@each_call
@pytest.mark.parametrize(
    "handler",
    [
        fails(httpx.ConnectError),
        fails(httpx.ReadError),
        answers(500, {"error_message": API_KEY}),
        answers(401, {"error_code": "access_denied", "error_message": API_KEY}),
        answers(400, API_KEY.encode()),
        answers(200, API_KEY.encode()),
        answers(200, {"status": {"echo": API_KEY}}),
    ],
    ids=["unreachable", "cut", "error", "refused", "no error", "no answer", "odd answer"],
)
async def test_no_error_and_no_log_line_holds_a_secret(
    name: str, handler: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(PortError) as caught:
        await CALLS[name](client(handler))
    seen = caplog.text
    error: BaseException | None = caught.value
    while error is not None:
        seen += spelled(error) + repr(error.args) + repr(vars(error))
        error = error.__cause__ or error.__context__
    assert not any(secret in seen for secret in SECRETS)


def test_no_spelling_of_client_or_configuration_holds_a_secret() -> None:
    tea = client(answers(200, order()))
    seen = spelled(config()) + spelled(copy.copy(config())) + spelled(tea) + spelled(vars(tea)["_config"])
    assert not any(secret in seen for secret in SECRETS)


@pytest.mark.parametrize("key", ["", "with space", "line\nend", "kéy"])
def test_a_bad_key_is_refused_without_being_shown(key: str) -> None:
    with pytest.raises(ValueError, match=r"^api_key must be visible ASCII$"):
        config(api_key=key)
