"""What is pulled: the call, which announcements are wanted, and what is made of each answer."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, cast

import httpx
import pytest
from integration.consumer.shelf import KEY, event

from paystate.core.errors import ValueInvalid
from paystate.entrypoints.consumer.feed import CursorUnknown, Feed, PullFailed, page_from

URL = "https://pay.example.test"
CHANGES: tuple[dict[str, Any], ...] = (
    {"next": None},
    {"next": 5},
    {"cursors": {"ann_2": "a2"}},
    {"cursors": {"ann_1": 5}},
    {"announcements": None},
    {"announcements": [{"id": "ann_1"}]},
    {"announcements": [{**event(1), "data": "text"}]},
    {"announcements": [{**event(1), "type": None}]},
)
PAGE: dict[str, Any] = {
    "announcements": [event(1)],
    "unreadable": [],
    "cursors": {"ann_1": "a1"},
    "next": "a1",
}


def test_the_call_is_for_the_page_behind_a_cursor() -> None:
    request = Feed(url=f"{URL}/", api_key=KEY, page=7, wait_s=3).request("a5-abcdefgh")
    assert ("GET", f"{URL}/v1/announcements?limit=7&wait=3&after=a5-abcdefgh") == (request.method, str(request.url))
    assert f"Bearer {KEY}" == request.headers["authorization"]


def test_without_a_cursor_it_begins_with_the_oldest() -> None:
    assert "after" not in Feed(url=URL, api_key=KEY).request("").url.params


def test_each_part_of_a_call_has_a_time_limit_beyond_the_wait() -> None:
    limits = Feed(url=URL, api_key=KEY, wait_s=25).request("").extensions["timeout"]
    assert {"connect": 5, "read": 40, "write": 5, "pool": 5} == limits


def test_the_key_is_not_shown() -> None:
    assert KEY not in repr(Feed(url=URL, api_key=KEY))


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"url": "http://pay.example.test"}, "/url"),
        ({"url": "https://pay.example.test/?a=b"}, "/url"),
        ({"url": "pay.example.test"}, "/url"),
        ({"api_key": ""}, "/api_key"),
        ({"api_key": "a\nb"}, "/api_key"),
        ({"api_key": f"{KEY} "}, "/api_key"),
        ({"kinds": ()}, "/kinds"),
        ({"kinds": "order.paid"}, "/kinds"),
        ({"kinds": ("order.payed",)}, "/kinds"),
        ({"since": datetime(2031, 1, 1)}, "/since"),  # noqa: DTZ001
        ({"page": 0}, "/page"),
        ({"page": 101}, "/page"),
        ({"wait_s": -1}, "/wait_s"),
        ({"wait_s": 26}, "/wait_s"),
    ],
)
def test_what_cannot_work_is_refused(given: dict[str, Any], pointer: str) -> None:
    with pytest.raises(ValueInvalid) as refused:
        Feed(**cast("Any", {"url": URL, "api_key": KEY, **given}))
    assert pointer == refused.value.pointer


@pytest.mark.parametrize(
    "more", [{"url": "http://127.0.0.1:8000"}, {"url": "http://paystate:8000", "allow_http": True}]
)
def test_without_tls_it_goes_to_this_machine_or_where_that_is_allowed(more: dict[str, Any]) -> None:
    assert "http" == Feed(api_key=KEY, **more).request("").url.scheme


@pytest.mark.parametrize(
    ("kinds", "wanted"),
    [
        (("*",), ["order.paid", "refund.failed", "order.of_a_later_version"]),
        (("order.*",), ["order.paid", "order.of_a_later_version"]),
        (("refund.failed", "order.paid"), ["order.paid", "refund.failed"]),
    ],
)
def test_kinds_are_wanted_by_name_or_pattern(kinds: tuple[str, ...], wanted: list[str]) -> None:
    feed = Feed(url=URL, api_key=KEY, kinds=kinds)
    told = ("order.paid", "refund.failed", "order.of_a_later_version")
    assert wanted == [kind for kind in told if feed.wants(event(1, kind))]


def test_what_was_announced_before_is_not_wanted() -> None:
    feed = Feed(url=URL, api_key=KEY, since=datetime(2031, 5, 6, 7, 8, 2, tzinfo=UTC))
    assert [False, True, True] == [feed.wants(event(number)) for number in (1, 2, 3)]


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[]", b"{}", b"[" * 100_000, *(json.dumps({**PAGE, **change}).encode() for change in CHANGES)],
)
def test_what_is_not_a_page_is_not_taken(body: bytes) -> None:
    with pytest.raises(PullFailed, match="not a page"):
        page_from(httpx.Response(200), body)


@pytest.mark.parametrize(
    ("header", "waits_s"),
    [({}, None), ({"retry-after": "7"}, 7), ({"retry-after": "86400"}, 300), ({"retry-after": "soon"}, None)],
)
def test_a_refusal_tells_its_status_and_when_to_come_again(header: dict[str, str], waits_s: int | None) -> None:
    with pytest.raises(PullFailed, match="answered 503") as failed:
        page_from(httpx.Response(503, headers=header), b"<html>")
    assert waits_s == failed.value.retry_after_s


def test_a_cursor_of_another_database_is_told_from_other_refusals() -> None:
    with pytest.raises(CursorUnknown):
        page_from(httpx.Response(409), b'{"code": "cursor_unknown"}')
    with pytest.raises(PullFailed, match="answered 401"):
        page_from(httpx.Response(401), b'{"code": "unauthenticated"}')
