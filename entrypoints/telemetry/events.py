"""What is told to whoever watches, in values that know of no library."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple

from paystate.core.errors import GatewayRejected, GatewayUnreachable, OutcomeUnknown, PortError, RateLimited

NONE: Final = "none"
"""The value of a label where there is none that we know."""


class Answered(NamedTuple):
    """A request that has ended. One is made for each request, and no other record is made as quickly.

    Attributes:
        route: The template of its path, or `none`.
        status: 499 where the caller left before an answer began.
        code: Of the problem that was answered; empty where none was.
        merchant_id: Whom its path names, where that is a merchant of ours; else `none`.
    """

    method: str
    route: str
    status: int
    code: str
    seconds: float
    merchant_id: str = NONE


class CallOutcome(StrEnum):
    """How a call to Juspay ended."""

    ANSWERED = "answered"
    REFUSED = "refused"
    RATE_LIMITED = "rate_limited"
    NO_ANSWER = "no_answer"
    NOT_SENT = "not_sent"
    BROKEN = "broken"
    """By a fault of this program, or because its caller did not wait."""


_OUTCOMES: Final[tuple[tuple[type[PortError], CallOutcome], ...]] = (
    (RateLimited, CallOutcome.RATE_LIMITED),
    (GatewayRejected, CallOutcome.REFUSED),
    (OutcomeUnknown, CallOutcome.NO_ANSWER),
    (GatewayUnreachable, CallOutcome.NOT_SENT),
)


def outcome_of(fault: BaseException) -> CallOutcome:
    """How a call ended that raised `fault`."""
    return next((outcome for kind, outcome in _OUTCOMES if isinstance(fault, kind)), CallOutcome.BROKEN)
