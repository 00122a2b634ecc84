"""What a consumer pulls: the request for a page of announcements, and the page as it came.

Nothing is sent here; `Consumer` and `BlockingConsumer` do that.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, TypeAlias, cast

import httpx
from attrs import field, frozen

from paystate.core.announcements.subscription import EVERYTHING, kinds_wanted, names
from paystate.core.errors import PaystateError, ValueInvalid
from paystate.core.text import is_visible_ascii
from paystate.core.urls import checked_receiver

Event: TypeAlias = Mapping[str, Any]
"""An announcement as a webhook has it: `id`, `type`, `timestamp` and `data` (docs/reference/announcements.md)."""

PAGE_MAX: Final = 100
WAIT_MAX_S: Final = 25
ANSWER_BYTES_MAX: Final = 32 * 1024 * 1024
RETRY_AFTER_MAX_S: Final = 300
"""The service may ask for a longer pause than the consumer would make, up to this."""
_CONNECT_S: Final = 5
_ANSWER_S: Final = 15
"""What the service may take beside the time for which it was asked to wait."""
_OK: Final = 200
_UNKNOWN: Final = "cursor_unknown"


class PullFailed(PaystateError):
    """No page came; nothing has changed, and the next try may be made after a pause.

    Attributes:
        retry_after_s: The pause that the service asked for; None where it named none.
    """

    def __init__(self, told: str, retry_after_s: int | None = None) -> None:
        super().__init__(told)
        self.retry_after_s = retry_after_s


class CursorUnknown(PullFailed):
    """The service has another database than the cursor: a restored backup."""


class AnnouncementDamaged(PaystateError):
    """The next announcement has no data, because the record of its order is damaged at the service.

    Whoever runs the service repairs it. Give the consumer `damaged=` to go on without it.
    """


@frozen
class Entry:
    """One announcement of a page.

    Attributes:
        cursor: Behind it.
        is_damaged: It has no data.
    """

    event: Event = field(repr=False)
    cursor: str
    is_damaged: bool = False


@frozen
class Page:
    """Announcements, oldest first, and the cursor behind them."""

    entries: tuple[Entry, ...]
    next: str


@frozen(kw_only=True)
class Feed:
    """Where announcements are pulled, and which of them are wanted.

    Attributes:
        url: The service's own address: `public_url` of its settings, or another that leads there.
        api_key: Of the merchant, with the scope `read`.
        kinds: Kinds, or patterns such as `refund.*`.
        since: What was announced before it is passed over; None for all that the service keeps.
        page: Announcements that one call gets, 1 to 100.
        wait_s: For how long the service holds a call that finds none, 0 to 25.
        allow_http: The way to the service has no TLS, as within a private network; this machine needs none anyhow.

    Raises:
        ValueInvalid: `validation_failed`, with the attribute that is wrong.
    """

    url: str
    api_key: str = field(repr=False)
    kinds: tuple[str, ...] = (EVERYTHING,)
    since: datetime | None = None
    page: int = 20
    wait_s: int = 20
    allow_http: bool = False

    def __attrs_post_init__(self) -> None:
        if not is_visible_ascii(self.api_key):
            raise ValueInvalid("validation_failed", "/api_key", "is no API key")
        if self.since is not None and self.since.tzinfo is None:
            raise ValueInvalid("validation_failed", "/since", "has no time zone")
        for name, value, least, most in (("page", self.page, 1, PAGE_MAX), ("wait_s", self.wait_s, 0, WAIT_MAX_S)):
            if not least <= value <= most:
                raise ValueInvalid("validation_failed", f"/{name}", f"must be {least} to {most}")
        self._check_url()
        self._check_kinds()

    def _check_url(self) -> None:
        try:
            parts = checked_receiver(self.url, allow_http=self.allow_http)
        except ValueError:
            rule = "is not an https address; http is taken to this machine, or with `allow_http`"
            raise ValueInvalid("validation_failed", "/url", rule) from None
        if parts.query:
            raise ValueInvalid("validation_failed", "/url", "has a query")

    def _check_kinds(self) -> None:
        if not isinstance(cast("object", self.kinds), tuple) or not self.kinds:
            raise ValueInvalid("validation_failed", "/kinds", "is not a tuple of kinds")
        try:
            kinds_wanted(self.kinds)
        except ValueError:
            raise ValueInvalid("validation_failed", "/kinds", "names what is never announced") from None

    def wants(self, event: Event) -> bool:
        """Whether an announcement is one of the kinds, and not too old."""
        if self.since is not None and datetime.fromisoformat(event["timestamp"]) < self.since:
            return False
        return any(names(pattern, event["type"]) for pattern in self.kinds)

    @property
    def time_limits(self) -> httpx.Timeout:
        """For each part of a call."""
        return httpx.Timeout(_CONNECT_S, read=self.wait_s + _ANSWER_S)

    @property
    def total_s(self) -> int:
        """For a whole call."""
        return _CONNECT_S + self.wait_s + _ANSWER_S

    def request(self, after: str) -> httpx.Request:
        """The call for the page behind a cursor."""
        query = {"limit": str(self.page), "wait": str(self.wait_s), **({"after": after} if after else {})}
        return httpx.Request(
            "GET",
            f"{self.url.rstrip('/')}/v1/announcements",
            params=query,
            headers={"authorization": f"Bearer {self.api_key}", "accept": "application/json"},
            extensions={"timeout": self.time_limits.as_dict()},
        )


def page_from(answer: httpx.Response, body: bytes) -> Page:
    """What an answer says.

    Raises:
        CursorUnknown, PullFailed: There is no page in it.
    """
    try:
        told = json.loads(body)
        if answer.status_code == _OK:
            return _page(told)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        if answer.status_code == _OK:
            raise PullFailed("the answer is not a page of announcements") from None
        told = None
    if isinstance(told, dict) and cast("dict[str, object]", told).get("code") == _UNKNOWN:
        raise CursorUnknown("the cursor is none of this service's database")
    raise PullFailed(f"the service answered {answer.status_code}", _retry_after_s(answer))


def _page(told: dict[str, Any]) -> Page:
    found = {event["id"]: event for event in told["announcements"]}
    damaged = {event["id"]: event for event in told["unreadable"]}
    entries = tuple(
        Entry(damaged[event_id], cursor, True) if event_id in damaged else Entry(found[event_id], cursor)
        for event_id, cursor in told["cursors"].items()
    )
    if not isinstance(told["next"], str) or not all(_has_form(one) for one in entries):
        raise TypeError("not of that form")
    return Page(entries, told["next"])


def _has_form(entry: Entry) -> bool:
    event = entry.event
    texts = (event["id"], event["type"], event["timestamp"], entry.cursor)
    return all(isinstance(text, str) for text in texts) and (entry.is_damaged or isinstance(event["data"], dict))


def _retry_after_s(answer: httpx.Response) -> int | None:
    text = answer.headers.get("retry-after", "")
    return min(int(text), RETRY_AFTER_MAX_S) if text.isascii() and text.isdecimal() and len(text) < 9 else None
