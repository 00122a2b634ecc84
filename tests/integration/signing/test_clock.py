"""Clocks and ids."""

import http.server
import threading
import time
import uuid
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from patience import HANGS_S

from paystate.adapters.clock import HttpClock, RandomIds, SettableClock, SystemClock
from paystate.core.ports.runtime import Clock, Ids

START = datetime(2031, 2, 3, 4, 5, 6, tzinfo=UTC)


def ports(clock: SystemClock | SettableClock | HttpClock, ids: RandomIds) -> tuple[Clock, Ids]:
    """Let the type checkers see that the ports are met."""
    return clock, ids


def test_the_system_s_clock_is_aware_and_in_utc() -> None:
    before = datetime.now(UTC)
    now = SystemClock().now()
    assert before <= now <= datetime.now(UTC)
    assert now.tzinfo is UTC


def test_a_settable_clock_stands_still() -> None:
    clock = SettableClock(START)
    assert clock.now() == clock.now() == START
    clock.advance(90.5)
    assert clock.now() == START + timedelta(seconds=90.5)
    clock.set(START - timedelta(days=1))
    assert clock.now() == START - timedelta(days=1)


def test_a_settable_clock_shows_utc_and_takes_no_naive_instant() -> None:
    india = timezone(timedelta(hours=5, minutes=30))
    clock = SettableClock(START.astimezone(india))
    assert clock.now().tzinfo is UTC
    with pytest.raises(ValueError, match="zone"):
        clock.set(START.replace(tzinfo=None))


def test_a_ticking_clock_goes_on_from_where_it_was_set() -> None:
    began = time.monotonic()
    clock = SettableClock(START, ticks=True)
    first = clock.now()
    clock.advance(60)
    later = clock.now()
    passed = timedelta(seconds=time.monotonic() - began)
    assert START <= first
    assert timedelta(seconds=60) <= later - first <= timedelta(seconds=60) + passed


@contextmanager
def shown(answer: dict[str, Any]) -> Generator[str]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            threading.Event().wait(answer.get("late_s", 0))
            self.send_response(answer.get("status", 200) if self.path == "/clock?x=1" else 404)
            self.end_headers()
            self.wfile.write(answer["body"])

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/clock?x=1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_clock_over_http_shows_what_the_other_process_shows() -> None:
    answer: dict[str, Any] = {"body": b'{"now": "2031-02-03T04:05:06Z"}'}
    with shown(answer) as url:
        clock = HttpClock(url, timeout_s=HANGS_S)
        assert clock.now() == START
        answer["body"] = b'{"now": "2031-02-03T09:40:06+05:30", "ticks": false}'
        before = datetime.now(UTC)
        assert clock.now() == START + timedelta(seconds=300)
        assert clock.now().tzinfo is UTC
    off = clock.now() - (START + timedelta(seconds=300))
    assert timedelta(0) <= off <= datetime.now(UTC) - before


def test_what_was_read_once_is_the_last_known_difference_for_a_first_answer_that_comes_too_late() -> None:
    with shown({"body": b'{"now": "2031-02-03T04:05:06Z"}'}) as url:
        clock, before = HttpClock(url), datetime.now(UTC)
        assert START == clock.read()
    assert timedelta(0) <= clock.now() - START <= datetime.now(UTC) - before


def test_a_clock_that_answers_late_is_still_heard_at_a_start() -> None:
    with shown({"body": b'{"now": "2031-02-03T04:05:06Z", "offered": true}', "late_s": 0.1}) as url:
        clock = HttpClock(url, timeout_s=0.01)
        assert (START, True) == (clock.read(), clock.is_offered())


@pytest.mark.parametrize(
    "answer",
    [
        *[{"body": b""}, {"body": b'{"now": 5}'}, {"body": b'{"now": "2031-02-03T04:05:06"}'}],
        *[{"body": b'{"now": "2031-02-03T04:05:06Z"}', "status": 500}, {"body": b" " * 5000}],
    ],
)
def test_an_answer_that_is_no_instant_leaves_the_last_known_difference(answer: dict[str, Any]) -> None:
    with shown(answer) as url:
        before = datetime.now(UTC)
        assert before <= HttpClock(url, timeout_s=HANGS_S).now() <= datetime.now(UTC)


@pytest.mark.parametrize(
    "url", ["", "https://127.0.0.1/", "http://clock.example.test/", "http://10.0.0.1/", "file:///x"]
)
def test_a_clock_elsewhere_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="this machine"):
        HttpClock(url)


def test_ids_have_their_forms_and_never_come_twice() -> None:
    ids = RandomIds()
    checkout_ids, tokens = {ids.checkout_id() for _ in range(1000)}, {ids.token() for _ in range(1000)}
    assert len(checkout_ids) == len(tokens) == 1000
    assert {len(each) for each in checkout_ids} == {4 + 26}
    assert all(
        each.startswith("chk_") and set(each[4:]) <= set("abcdefghijklmnopqrstuvwxyz234567") for each in checkout_ids
    )
    assert {len(each) for each in tokens} == {4 + 43}
    assert all(each.startswith("pct_") for each in tokens)
    assert uuid.UUID(ids.request_id()).version == 4
