"""`paystate doctor --online` beside a running installation and the sandbox: what is wrong is named with its fix."""

from __future__ import annotations

import socket
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import httpx
import pytest
import pytest_asyncio
import uvicorn
from e2e.cli.examining import examined

from paystate.entrypoints.cli.checks import public_address
from paystate.entrypoints.cli.checks.online import SKEW_MAX, UNKNOWN_ORDER
from paystate.entrypoints.cli.checks.public_address import webhooks_arrive
from paystate.entrypoints.cli.doctor import notes
from paystate.entrypoints.demo.run import START
from paystate.entrypoints.demo.stack import MERCHANT_ID, TRUSTS_NOBODY, Stack, running_stack
from paystate.entrypoints.in_process_server import embedded

pytestmark = pytest.mark.asyncio(loop_scope="module")

KEY = f"merchants.{MERCHANT_ID}.api_key"
BASE_URL = f"merchants.{MERCHANT_ID}.base_url"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Stack]:
    async with running_stack(tmp_path_factory.mktemp("online"), START) as running:
        yield running


async def found(stack: Stack, *, clock: bool = True) -> dict[str, tuple[str, str]]:
    problems = await examined(stack, stack.clock_url if clock else None)
    return {one.setting: (one.message, one.fix) for one in problems}


@contextmanager
def changed(stack: Stack, old: str, new: str) -> Generator[None]:
    good = stack.settings_file.read_text("utf-8")
    assert old in good
    try:
        stack.settings_file.write_text(good.replace(old, new), "utf-8")
        yield
    finally:
        stack.settings_file.write_text(good, "utf-8")


@contextmanager
def with_stream(stack: Stack) -> Generator[None]:
    """A broker in the settings that is not there."""
    good = stack.settings_file.read_text("utf-8")
    lines = f"""
[[merchants.{MERCHANT_ID}.streams]]
name = "broker"
servers = ["nats://127.0.0.1:1"]
stream = "PAYSTATE"
allow_private = true
"""
    try:
        stack.settings_file.write_text(good + lines, "utf-8")
        yield
    finally:
        stack.settings_file.write_text(good, "utf-8")


@asynccontextmanager
async def armed(stack: Stack, fault: str) -> AsyncGenerator[None]:
    async with httpx.AsyncClient(
        trust_env=False, verify=TRUSTS_NOBODY, base_url=f"{stack.sandbox_url}/_control"
    ) as http:
        answer = await http.post("/faults", json={"name": fault})
        assert answer.is_success, answer.text
        try:
            yield
        finally:
            await http.delete("/faults")


@asynccontextmanager
async def somebody_else(status: int, *headers: tuple[str, str], body: bytes = b"<html>") -> AsyncGenerator[str]:
    """The address of a server that gives one answer to everything."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        given = [(name.encode(), value.encode()) for name, value in headers]
        await send({"type": "http.response.start", "status": status, "headers": given})
        await send({"type": "http.response.body", "body": body})

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        async with embedded(uvicorn.Config(app, lifespan="off", log_config=None), listener):
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"


async def test_nothing_is_wrong_with_what_runs_and_juspay_is_asked_one_harmless_thing(stack: Stack) -> None:
    async with httpx.AsyncClient(
        trust_env=False, verify=TRUSTS_NOBODY, base_url=f"{stack.sandbox_url}/_control"
    ) as http:
        before = (await http.get("/ledger?kind=call")).json()["entries"]
        assert {} == await found(stack)
        calls = (await http.get("/ledger?kind=call")).json()["entries"][len(before) :]
    assert [("/orders/{id}", UNKNOWN_ORDER)] == [(one["route"], one["order_id"]) for one in calls]


async def test_a_merchant_without_a_key_of_a_backend_is_noted_and_is_no_fault(stack: Stack) -> None:
    assert () == await notes(stack.settings_file, online=True)
    with changed(stack, "backend_keys = ", "# backend_keys = "):
        assert {} == await found(stack)
        (note,) = await notes(stack.settings_file, online=True)
    assert note.startswith(f"{MERCHANT_ID} has no key of a backend, so nobody may call the API for it.")


async def test_where_metrics_are_and_traces_go_is_noted(stack: Stack) -> None:
    endpoint = "http://127.0.0.1:4318/v1/traces"
    tables = f'[metrics]\nworker_port = 9465\n\n[tracing]\nendpoint = "{endpoint}"\n\n'
    first = f"[merchants.{MERCHANT_ID}]"
    with changed(stack, first, f"{tables}{first}"):
        assert (
            "Metrics of `paystate serve` are at http://127.0.0.1:9464/metrics.",
            "Metrics of `paystate worker` are at http://127.0.0.1:9465/metrics.",
            f"10% of all traces are exported to {endpoint}.",
        ) == await notes(stack.settings_file, online=True)


async def test_a_key_that_juspay_does_not_know_is_told_from_one_that_may_not_ask(stack: Stack) -> None:
    key_file = stack.settings_file.with_name("juspay.key")
    good = key_file.read_text("utf-8")
    try:
        key_file.write_text("0123456789abcdef0123456789abcdef", "utf-8")
        unknown = await found(stack)
    finally:
        key_file.write_text(good, "utf-8")
    async with armed(stack, "address_not_listed"):
        barred = await found(stack)
    assert ([KEY], [KEY]) == ([*unknown], [*barred])
    assert ("Juspay says access_denied (401)", True) == (unknown[KEY][0], "make an API key" in unknown[KEY][1])
    assert ("Juspay says BAD_ORIGIN (403)", True) == (barred[KEY][0], "allowed addresses" in barred[KEY][1])


async def test_too_many_calls_are_told_as_such(stack: Stack) -> None:
    async with armed(stack, "rate_limited"):
        assert [f"merchants.{MERCHANT_ID}.policy.calls_per_second"] == [*await found(stack)]


async def test_an_answer_about_an_order_that_cannot_exist_is_not_juspay_s(stack: Stack) -> None:
    body = b'{"order_id": "paystate-doctor", "status": "CHARGED", "amount": 1, "currency": "INR"}'
    async with somebody_else(200, ("content-type", "application/json"), body=body) as url:
        with changed(stack, stack.sandbox_url, url):
            problems = await found(stack, clock=False)
    assert BASE_URL in problems


async def test_a_juspay_that_is_not_there_is_not_a_wrong_key(stack: Stack) -> None:
    with changed(stack, stack.sandbox_url, "http://127.0.0.1:1"):
        problems = await found(stack, clock=False)
    assert "Juspay does not answer: it cannot be reached" == problems[BASE_URL][0]


async def test_a_clock_that_differs_from_juspay_s_is_told_with_the_difference(stack: Stack) -> None:
    problems = await found(stack, clock=False)
    assert {"clock", "worker"} == set(problems)  # the machine's clock is the wrong one here, for the worker as well
    assert "give the sandbox's address as --clock-url" == problems["clock"][1]
    assert 30 == SKEW_MAX.total_seconds()


async def test_a_service_that_does_not_answer_and_a_worker_that_is_gone_are_told(stack: Stack) -> None:
    await stack.service.stop()
    since = stack.clock.now()
    stack.clock.advance(61)
    try:
        problems = await found(stack)
    finally:
        await stack.service.start()
    assert {"public_url", "worker"} == set(problems)
    assert "does not answer from here" in problems["public_url"][0]
    assert f"No worker has worked since {since:%Y-%m-%d %H:%M}" in problems["worker"][0]


@pytest.mark.parametrize(
    ("status", "headers", "body", "message", "fix"),
    [
        (301, [("location", "https://elsewhere.example/")], b"", "answers 301", "follows no redirect"),
        (404, [], b"<html>no such page</html>", "answers 404", "let the proxy pass /webhooks/"),
        (200, [], b'{"code": "unauthenticated"}', "answers 200 unauthenticated", "let the proxy pass /webhooks/"),
        (401, [], b"<html>who are you</html>", "answers 401", "let the proxy pass /webhooks/"),
        (421, [], b'{"code": "wrong_host"}', "answers 421 wrong_host", "proxy_set_header Host"),
        (429, [], b'{"code": "rate_limited"}', "answers 429 rate_limited", "trusted_proxies"),
        (404, [], b'{"code": "\\u001b[2J"}', "answers 404", "let the proxy pass /webhooks/"),
        (502, [], b"x" * 200_000, "answers 502", "let the proxy pass /webhooks/"),
        (404, [], b'{"code": "%s"}' % (b"x" * 65), "answers 404", "let the proxy pass /webhooks/"),
    ],
)
async def test_whoever_answers_in_our_place_is_named_with_what_to_do(
    status: int, headers: list[tuple[str, str]], body: bytes, message: str, fix: str
) -> None:
    async with somebody_else(status, *headers, body=body) as url:
        (problem,) = await webhooks_arrive(url, MERCHANT_ID)
    assert problem.message.endswith(message)
    assert fix in problem.fix


async def test_a_public_address_that_is_asked_by_a_stranger_and_answers_as_ours_is_right(stack: Stack) -> None:
    assert [] == await webhooks_arrive(f"{stack.service_url}/", MERCHANT_ID)


async def test_an_answer_that_never_ends_ends_the_question(monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await receive()
        await receive()  # until the caller has left

    monkeypatch.setattr(public_address, "_TOTAL_S", 0.2)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        async with embedded(uvicorn.Config(never, lifespan="off", log_config=None), listener):
            (problem,) = await webhooks_arrive(f"http://127.0.0.1:{listener.getsockname()[1]}", MERCHANT_ID)
    assert problem.message.endswith("does not answer from here: TimeoutError")


async def test_a_broker_that_cannot_be_reached_is_named(stack: Stack) -> None:
    with with_stream(stack):
        problems = await found(stack)
    ((setting, (message, _)),) = problems.items()
    assert (f"merchants.{MERCHANT_ID}.streams", "broker: cannot be reached") == (setting, message)
