"""A call to Juspay as a value, and how one is made: its headers, its sealed form, and how its answer is read.

What the calls are is in `calls.py` and `mandates.py`; nothing here sends or waits.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Final, Generic, TypeVar, cast
from urllib.parse import quote

from attrs import field, frozen

from paystate.adapters.juspay.config import JuspayConfig
from paystate.adapters.juspay.envelopes import Envelope
from paystate.adapters.juspay.errors import NO_USE, refusal, says_no_such_object, translated, without_frames
from paystate.core.errors import ValueInvalid

T = TypeVar("T")
U = TypeVar("U")

FORM: Final = "application/x-www-form-urlencoded"
JSON: Final = "application/json"
_WAIT_MAX_S: Final = 86_400.0
_ID_MAX: Final = 256


@frozen(kw_only=True)
class Reply:
    """What came back over HTTP.

    Attributes:
        date: The header's text; `""` where there is none, or more than one.
        retry_after: Likewise.
    """

    http_status: int
    body: bytes = field(repr=False)
    date: str = ""
    retry_after: str = ""

    @property
    def is_success(self) -> bool:
        return 200 <= self.http_status < 300

    @property
    def dated(self) -> datetime | None:
        """The answer's `Date`, Juspay's own clock."""
        return _instant(self.date)

    @property
    def retry_after_s(self) -> float | None:
        """How long we are asked to wait: seconds, or an instant that is taken against the answer's own `Date`."""
        text = self.retry_after.strip()
        if text.isascii() and text.isdigit():
            return min(float(text[:9]), _WAIT_MAX_S)
        until, dated = _instant(text), self.dated
        if until is None or dated is None:
            return None
        return min(max((until - dated).total_seconds(), 0.0), _WAIT_MAX_S)


@lru_cache(maxsize=16)  # the answers of one second have the same date
def _instant(text: str) -> datetime | None:
    try:
        instant = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return instant.astimezone(UTC) if instant.tzinfo else None


@frozen(kw_only=True)
class Call(Generic[T]):
    """One call: a request, and the reader of its answer.

    Attributes:
        path: With the query, percent-encoded.
        is_read: It changes nothing at Juspay, so it may be repeated.
        read: Raises GatewayRejected or OutcomeUnknown; AnswerUnusable, one of the latter, where an answer is of no use.
    """

    operation: str
    method: str
    path: str
    headers: Mapping[str, str] = field(repr=False)
    read: Callable[[Reply], T] = field(repr=False)
    body: bytes = field(default=b"", repr=False)
    is_read: bool = False

    def answered_by(self, read: Callable[[Reply], U]) -> Call[U]:
        """The same request, its answer read as something else."""
        return Call(
            operation=self.operation,
            method=self.method,
            path=self.path,
            headers=self.headers,
            read=read,
            body=self.body,
            is_read=self.is_read,
        )


class CallMaker:
    """Makes the calls of one merchant: all of them have its key, its id and the version of the interface."""

    def __init__(self, config: JuspayConfig, envelope: Envelope | None = None) -> None:
        """Make calls with the key of `config`; with an envelope, sealed ones where Juspay has them."""
        self._config = config
        self._envelope = envelope
        credentials = base64.b64encode(f"{config.api_key}:".encode()).decode("ascii")
        self._unsigned = {
            "x-merchantid": config.merchant_id,
            "version": config.version,
            "Accept": JSON,
            "Accept-Encoding": "identity",
            "User-Agent": "paystate",
        }
        self._signed = {"Authorization": f"Basic {credentials}", **self._unsigned}

    def _get(
        self,
        operation: str,
        path: str,
        routing_id: str,
        read: Callable[[bytes, Reply], T],
        absent: Callable[[Reply], T] | None = None,
    ) -> Call[T]:
        return Call(
            operation=operation,
            method="GET",
            path=path,
            headers={**self._signed, "x-routing-id": _routed(routing_id)},
            read=lambda reply: _read(operation, reply, read, absent),
            is_read=True,
        )

    def _post(
        self,
        operation: str,
        path: str,
        routing_id: str,
        body: bytes,
        read: Callable[[bytes, Reply], T],
        content_type: str = FORM,
        is_read: bool = False,
    ) -> Call[T]:
        return Call(
            operation=operation,
            method="POST",
            path=path,
            headers={**self._signed, "x-routing-id": _routed(routing_id), "Content-Type": content_type},
            read=lambda reply: _read(operation, reply, read, None),
            body=body,
            is_read=is_read,
        )

    def _sealed(
        self,
        operation: str,
        path: str,
        routing_id: str,
        body: bytes,
        read: Callable[[bytes, Reply], T],
        absent: Callable[[Reply], T] | None = None,
        is_read: bool = False,
    ) -> Call[T]:
        """Make a call of JWT mode: no API key in it, errors plain. Source: gateway contract, A.5."""
        envelope = cast("Envelope", self._envelope)
        return Call(
            operation=operation,
            method="POST",
            path=path,
            headers={**self._unsigned, "x-routing-id": _routed(routing_id), "Content-Type": JSON},
            read=lambda reply: _read(operation, reply, lambda sealed, _: read(envelope.open(sealed), reply), absent),
            body=envelope.seal(body),
            is_read=is_read,
        )


def _read(operation: str, reply: Reply, read: Callable[[bytes, Reply], T], absent: Callable[[Reply], T] | None) -> T:
    try:
        if reply.is_success:
            return read(reply.body, reply)
        if absent and says_no_such_object(reply.http_status, reply.body):
            return absent(reply)
    except NO_USE as exc:
        raise translated(operation, exc) from without_frames(exc)
    raise refusal(operation, reply.http_status, reply.body, reply.retry_after_s)


def plain(read: Callable[[bytes], T]) -> Callable[[bytes, Reply], T]:
    return lambda body, _: read(body)


def segment(text: str) -> str:
    """Percent-encode an id as one path segment; an empty or dotted one would name another route."""
    if text in ("", ".", "..") or len(text) > _ID_MAX:
        raise ValueInvalid("invalid_id")
    return quote(text, safe="")


def _routed(routing_id: str) -> str:
    # Quoting changes no id that we take, and keeps a line end out of a header.
    if len(routing_id) > _ID_MAX:
        raise ValueInvalid("invalid_id")
    return quote(routing_id, safe="@+")
