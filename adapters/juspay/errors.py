"""The one seam where trouble with the gateway becomes an error of ours, split by what is known of the outcome.

    ConnectError, ConnectTimeout, PoolTimeout          GatewayUnreachable: nothing was sent
    any other error of httpx                           OutcomeUnknown: something may have been
    4xx with an error body of Juspay's, or 429         GatewayRejected: a definite no
    4xx without one (a proxy's page)                   OutcomeUnknown
    3xx (never followed), 5xx                          OutcomeUnknown
    an answer that cannot be read                      AnswerUnusable, an OutcomeUnknown

Messages hold the operation and what was wrong with the answer's shape, never a part of a request or an answer.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

import httpx

from paystate.adapters.juspay.answers import read_error
from paystate.adapters.juspay.values import Unreadable
from paystate.core.errors import AnswerUnusable, GatewayRejected, GatewayUnreachable, OutcomeUnknown, PortError

NO_SUCH_OBJECT = frozenset({"NOT_FOUND", "order_not_found", "object_not_found"})
"""Codes that say "no such order" or "no such customer". Source: gateway contract, F.4 and B.5."""


@contextmanager
def gateway_errors(operation: str) -> Generator[None]:
    """Translate what httpx raises, and an answer that cannot be read, while `operation` runs."""
    try:
        yield
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as exc:
        raise GatewayUnreachable(operation) from exc
    except (httpx.RequestError, OSError) as exc:
        raise OutcomeUnknown(operation) from exc
    except Unreadable as exc:
        raise AnswerUnusable(operation) from exc


def refusal(operation: str, http_status: int, body: bytes) -> PortError:
    """The error for an answer that is not a success. Source: gateway contract, J."""
    code = read_error(body, http_status) if 400 <= http_status < 500 else None
    if code is None:
        return OutcomeUnknown(f"{operation}: HTTP {http_status}")
    return GatewayRejected(code, http_status)


def says_no_such_object(error: GatewayRejected) -> bool:
    """Whether the gateway says that it knows no such order or customer. Source: gateway contract, F.4."""
    return error.http_status in (400, 404) and error.code in NO_SUCH_OBJECT
