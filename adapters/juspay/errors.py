"""The one seam where trouble with the gateway becomes an error of ours, split by what is known of the outcome.

    ConnectError, ConnectTimeout, PoolTimeout          GatewayUnreachable: nothing was sent
    any other error of httpx, the total deadline       OutcomeUnknown: something may have been sent
    429                                                RateLimited, a GatewayRejected
    other 4xx with an error body of Juspay's           GatewayRejected: a definite no
    4xx without one (a proxy's page)                   OutcomeUnknown
    503                                                Unavailable, an OutcomeUnknown
    3xx (never followed), other 5xx                    OutcomeUnknown
    an answer that cannot be read or opened            AnswerUnusable, an OutcomeUnknown

Messages hold the operation and what was wrong with the answer's shape, never a part of a request or an answer. What
httpx raised is kept as the cause, without its frames: their variables hold the headers, and some tools write variables
into reports.
"""

from __future__ import annotations

from typing import TypeVar

import httpx

from paystate.adapters.juspay.answers import read_error_codes
from paystate.core.errors import (
    AnswerUnusable,
    GatewayRejected,
    GatewayUnreachable,
    OutcomeUnknown,
    PortError,
    RateLimited,
    SignatureInvalid,
    Unreadable,
)

__all__ = ["Unavailable"]

E = TypeVar("E", bound=BaseException)

NO_SUCH_OBJECT = frozenset({"NOT_FOUND", "order_not_found", "object_not_found"})
"""Codes that say "no such order" or "no such customer". Source: gateway contract, F.4 and B.5."""


class Unavailable(OutcomeUnknown):
    """Juspay, or something before it, answered 503.

    Attributes:
        retry_after_s: As its `Retry-After` says; None where it says nothing.
    """

    def __init__(self, operation: str, retry_after_s: float | None) -> None:
        super().__init__(operation, retry_after_s)
        self.retry_after_s = retry_after_s

    def __str__(self) -> str:
        return f"{self.args[0]}: HTTP 503"


NO_USE = (Unreadable, SignatureInvalid)
"""What reading an answer may raise where it cannot be used."""

TROUBLE = (httpx.RequestError, OSError, *NO_USE)
"""What sending a call and taking its answer may raise beside what a call's reader raises."""


def translated(operation: str, trouble: BaseException) -> PortError:
    """What one of `TROUBLE` is to who made the call."""
    if isinstance(trouble, (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)):
        return GatewayUnreachable(operation)
    if isinstance(trouble, NO_USE):
        return AnswerUnusable(operation)
    return OutcomeUnknown(operation)


def refusal(operation: str, http_status: int, body: bytes, retry_after_s: float | None) -> PortError:
    """The error for an answer that is not a success. Source: gateway contract, J; A.4 for 429."""
    if http_status == 429:
        return RateLimited(http_status, retry_after_s)
    if http_status == 503:
        return Unavailable(operation, retry_after_s)
    codes = read_error_codes(body) if 400 <= http_status < 500 else ()
    return GatewayRejected(codes[0], http_status) if codes else OutcomeUnknown(f"{operation}: HTTP {http_status}")


def says_no_such_object(http_status: int, body: bytes) -> bool:
    """Whether the gateway says that it knows no such order or customer, in whichever member. Source: F.4 and B.5."""
    return http_status in (400, 404) and not NO_SUCH_OBJECT.isdisjoint(read_error_codes(body))


def without_frames(error: E) -> E:
    """The same error, it and what led to it without the frames that they came through."""
    link: BaseException | None = error
    while link is not None:
        link.__traceback__ = None
        link = link.__cause__ or link.__context__
    return error
