"""The key never gets out: not by a spelling, a copy, a pickle, an error, a report of an error, or a log."""

import asyncio
import base64
import copy
import pickle
import traceback
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from integration.juspay.played import API_KEY, INR, answers, at_once, client, config, order, text
from patience import HANGS_S

from paystate.adapters.juspay import (
    Calls,
    JuspayClient,
    JuspayConfig,
    RateLimited,
    Reply,
    Unavailable,
    connection_pool,
)
from paystate.core.errors import GatewayRejected, GatewayUnreachable, OutcomeUnknown, PortError

BASIC = base64.b64encode(f"{API_KEY}:".encode()).decode()
SECRETS = (API_KEY, API_KEY[6:26], BASIC, BASIC[4:24], API_KEY.encode().hex())


def holds_a_secret(seen: str) -> bool:
    return any(secret in seen for secret in SECRETS)


# --- spellings, copies, pickles


def test_no_spelling_holds_a_secret() -> None:
    tea = client(answers(200, order()))
    call = tea.calls.order_status("tea-041", routing_id="c.17")
    for thing in (config(), tea, tea.calls, call, vars(tea)["_config"]):
        assert not holds_a_secret(f"{thing!r} {thing}")


def test_a_copy_of_a_configuration_is_the_configuration() -> None:
    whole = config()
    assert copy.copy(whole) is whole
    assert copy.deepcopy([whole])[0] is whole


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_what_holds_the_key_is_not_pickled(protocol: int) -> None:
    held: list[Any] = [config(), Calls(config()), client(answers(200, order()))]
    for thing in held:
        with pytest.raises(TypeError):
            pickle.dumps(thing, protocol)


def test_a_bad_configuration_is_not_shown() -> None:
    with pytest.raises(ValueError, match="allowed origins") as caught:
        config(allowed_origins=("https://other.example.test",))
    assert not holds_a_secret(f"{caught.value!r}")


CARD = {
    "last_four_digits": "4242",
    "card_isin": "424242",
    "name_on_card": "ASHA RAO",
    "expiry_month": "08",
    "expiry_year": "2039",
}
PRIVATE = ("asha@example.test", "9000012345", *CARD.values(), "vpa@upi", "tkn_1", "brand new")


def test_no_spelling_of_an_order_shows_who_paid() -> None:
    body = order(
        customer_email="asha@example.test",
        customer_phone="9000012345",
        card=CARD,
        upi={"payer_vpa": "vpa@upi"},
        payer_vpa="vpa@upi",
        juspay={"client_auth_token": "tkn_1"},
        later={"is": "brand new"},
        mandate={"mandate_id": "m1", "mandate_token": "tkn_1"},
    )
    record = Calls(config()).get_order("tea-041", routing_id="c").read(Reply(http_status=200, body=text(body)))
    assert record is not None
    assert record.card is not None
    assert (record.card.last_four_digits, record.extra["later"]) == ("4242", {"is": "brand new"})
    assert [] == [word for word in PRIVATE if word in repr(record)]


@pytest.mark.parametrize(
    "error",
    [
        GatewayUnreachable("order status"),
        OutcomeUnknown("order status: HTTP 500"),
        Unavailable("order status", 3.0),
        GatewayRejected("duplicate.call", 400),
        RateLimited(429),
        RateLimited(429, 2.0),
    ],
    ids=repr,
)
def test_an_error_may_go_to_another_process(error: PortError) -> None:
    there = pickle.loads(pickle.dumps(error))  # noqa: S301 - made on the line itself
    assert (type(there), str(there), vars(there)) == (type(error), str(error), vars(error))


# --- errors, and reports of them


def spelled(error: BaseException) -> str:
    """All that a report of an error may hold: each link, its arguments, and the variables of every frame."""
    report = traceback.TracebackException.from_exception(error, capture_locals=True)
    seen = "".join(report.format())
    link: BaseException | None = error
    while link is not None:
        seen += f"{link!r} {link} {link.args!r} {vars(link)!r}"
        link = link.__cause__ or link.__context__
    return seen


def careless(error: type[httpx.RequestError]) -> Callable[[httpx.Request], httpx.Response]:
    """A library whose frames hold the headers in the open, as those below httpx do."""

    def handler(request: httpx.Request) -> httpx.Response:
        in_the_open = [*request.headers.raw, (b"", API_KEY.encode())]
        raise error(f"after {len(in_the_open)} headers", request=request)

    return handler


CARELESS = [httpx.ConnectError, httpx.ReadError, httpx.WriteTimeout]


def test_a_report_of_a_careless_error_would_hold_the_key() -> None:
    request = httpx.Request("GET", "https://x.example.test", headers={"Authorization": f"Basic {BASIC}"})
    with pytest.raises(httpx.ReadError) as caught:
        careless(httpx.ReadError)(request)
    assert holds_a_secret(spelled(caught.value))


@pytest.mark.parametrize("error", CARELESS)
async def test_no_report_of_an_error_holds_a_secret(error: type[httpx.RequestError]) -> None:
    with pytest.raises((GatewayUnreachable, OutcomeUnknown)) as caught:
        await client(careless(error)).refund("tea-041", "r1", INR, routing_id="c.17")
    assert isinstance(caught.value.__cause__, error)
    assert not holds_a_secret(spelled(caught.value))


@pytest.mark.parametrize("error", CARELESS)
def test_no_report_of_an_error_in_blocking_code_holds_a_secret(error: type[httpx.RequestError]) -> None:
    pool = httpx.MockTransport(careless(error))
    with pytest.raises((GatewayUnreachable, OutcomeUnknown)) as caught:
        JuspayClient.sync(config(), pool).refund("tea-041", "r1", INR, routing_id="c.17")
    assert not holds_a_secret(spelled(caught.value))


# --- a real server, everything logged


ANSWERS = {
    "good": b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(text(order())), text(order())),
    "refused": b"HTTP/1.1 401 No\r\nSet-Cookie: a=b\r\nContent-Length: 2\r\n\r\n{}",
    "cut": b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\nhello",
    "no http": b"SMTP ready\r\n\r\n",
    "nothing": b"",
}


@asynccontextmanager
async def serving(answer: bytes | None) -> AsyncGenerator[str]:
    """A server that answers with some bytes and hangs up, or never answers."""
    over = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        if answer is None:
            await over.wait()
        writer.write(answer or b"")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    over.set()
    server.close()
    await server.wait_closed()


async def failing(ask: Callable[[], Awaitable[object]]) -> str:
    try:
        await ask()
    except PortError as error:
        return spelled(error)
    return ""


@pytest.mark.parametrize("answer", [*ANSWERS.values(), None], ids=[*ANSWERS, "mute"])
async def test_a_real_call_leaves_no_secret_in_logs_or_errors(
    answer: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("", "httpx", "httpcore", "asyncio"):
        caplog.set_level(1, name)
    async with serving(answer) as url, connection_pool() as pool:
        short = JuspayConfig(
            base_url=url,
            merchant_id="m",
            client_id="c",
            api_key=API_KEY,
            total_timeout_s=0.05 if answer is None else HANGS_S,
            read_retries=0,
        )
        tea, shop = JuspayClient(short, pool, sleep=at_once), JuspayClient.sync(short)
        with shop:
            errors = await failing(lambda: tea.order_status("tea-041", routing_id="c.17"))
            errors += await failing(lambda: asyncio.to_thread(lambda: shop.order_status("tea-041", routing_id="c.17")))
    assert "httpcore" in caplog.text
    assert (errors == "") == (answer == ANSWERS["good"])
    assert not holds_a_secret(caplog.text + errors)
