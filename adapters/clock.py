"""Time and ids from outside: the `Clock`s and the `Ids` of `paystate.core`."""

from __future__ import annotations

import base64
import secrets
import time
import uuid
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPException
from typing import Final
from urllib.parse import urlsplit

import msgspec

from paystate.core.urls import is_loopback

_CHECKOUT_SYMBOLS: Final = 26
_CLOCK_BYTES_MAX: Final = 4096
_START_TIMEOUT_S: Final = 5.0


class SystemClock:
    """The machine's clock."""

    def __str__(self) -> str:
        """Whose time it is, for a log."""
        return "this machine's"

    def now(self) -> datetime:
        """The present instant, in UTC."""
        return datetime.now(UTC)


class SettableClock:
    """A clock that stands still until it is moved, for tests and the demo."""

    def __init__(self, start: datetime, *, ticks: bool = False) -> None:
        """Begin at `start`; with `ticks` it also runs on by itself. Raises ValueError for a naive instant."""
        self._ticks = ticks
        self.set(start)

    def now(self) -> datetime:
        """The instant it was moved to, in UTC, and what has passed since if it ticks."""
        passed = time.monotonic() - self._since if self._ticks else 0
        return self._at + timedelta(seconds=passed)

    def set(self, instant: datetime) -> None:
        """Move it to `instant`, backwards too; raises ValueError for a naive one."""
        if instant.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        self._at, self._since = instant.astimezone(UTC), time.monotonic()

    def advance(self, seconds: float) -> None:
        """Move it on by `seconds`."""
        self.set(self.now() + timedelta(seconds=seconds))

    def tick(self) -> None:
        """Let it run on by itself from here."""
        self.set(self.now())
        self._ticks = True


class HttpClock:
    """A clock that another process on this machine shows, so that both can be moved together.

    Each `now` is a blocking request of up to `timeout_s`: for tests and the demo, never for money. While the other
    process does not answer, the last known difference to the machine's clock is kept. `read` and `is_offered` are asked
    once, at a start, where a late answer is better than none: they wait up to 5 seconds.
    """

    def __init__(self, url: str, *, timeout_s: float = 0.5) -> None:
        """Read `{"now": "<ISO 8601, with a zone>"}` from `url`; raises ValueError unless it is `http` to loopback."""
        parts = urlsplit(url)
        if parts.scheme != "http" or not parts.hostname or not is_loopback(parts.hostname):
            raise ValueError("a clock is read from this machine only")
        self._host, self._port = parts.hostname, parts.port
        self._target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._timeout_s = timeout_s
        self._offset = timedelta(0)

    def __str__(self) -> str:
        """Whose time it is, for a log."""
        return f"http://{self._host}:{self._port or 80}"

    def now(self) -> datetime:
        """The instant that the other process shows, in UTC."""
        try:
            return self._shown(self._timeout_s).now.astimezone(UTC)
        except (OSError, HTTPException, ValueError, OverflowError):
            return datetime.now(UTC) + self._offset

    def is_offered(self) -> bool:
        """Whether the other process asks to be gone by, when nobody said so; raises as `read`."""
        return self._shown(_START_TIMEOUT_S).offered

    def read(self) -> datetime:
        """What the other process shows now; raises OSError, HTTPException or ValueError where that is no instant."""
        return self._shown(_START_TIMEOUT_S).now.astimezone(UTC)

    def _shown(self, timeout_s: float) -> _Shown:
        connection = HTTPConnection(self._host, self._port, timeout=timeout_s)
        try:
            connection.request("GET", self._target)
            response = connection.getresponse()
            body = response.read(_CLOCK_BYTES_MAX)
        finally:
            connection.close()
        shown = msgspec.json.decode(body, type=_Shown)
        if response.status != 200 or shown.now.tzinfo is None:
            raise ValueError("no instant")
        self._offset = shown.now - datetime.now(UTC)
        return shown


class _Shown(msgspec.Struct):
    now: datetime
    offered: bool = False


class RandomIds:
    """Ids from the system's source of randomness."""

    def checkout_id(self) -> str:
        """`chk_` and 26 lower-case base-32 symbols: 130 random bits."""
        return "chk_" + base64.b32encode(secrets.token_bytes(20)).decode("ascii").lower()[:_CHECKOUT_SYMBOLS]

    def token(self) -> str:
        """`pct_` and 43 URL-safe symbols: 256 random bits."""
        return "pct_" + secrets.token_urlsafe(32)

    def request_id(self) -> str:
        """A random UUID (version 4). Source: gateway contract, D.1."""
        return str(uuid.uuid4())
