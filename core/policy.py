"""What a merchant may choose, as data with defaults: windows, schedules, budgets.

Owns numbers only; who uses them says how.
"""

from __future__ import annotations

from enum import StrEnum
from math import inf

from attrs import frozen

MINUTE_S = 60
HOUR_S = 60 * MINUTE_S
DAY_S = 24 * HOUR_S


class CheckoutMode(StrEnum):
    """How strictly `process` follows `initiate`."""

    STRICT = "strict"
    """The app must have told us of a good `initiate_result` first."""
    INFERRED = "inferred"
    """Asking for the process payload implies it, and is journaled so."""


@frozen
class Ladder:
    """When to look again, counted from an anchor.

    Attributes:
        first: Offsets in seconds, ascending.
        then: Pairs (until, every) in seconds for the time after `first`; the last `until` is infinite.
    """

    first: tuple[int, ...]
    then: tuple[tuple[float, int], ...]


@frozen(kw_only=True)
class Policy:
    """All choices; times in seconds.

    The first two steps of `order_looks` are the gateway contract's default polling schedule (F.3, a decision);
    `refund_spacing_s` is Juspay's guard against equal amounts (H.5, documented).
    """

    checkout_mode: CheckoutMode = CheckoutMode.STRICT
    checkout_ttl_s: int = 15 * MINUTE_S
    checkout_events_max: int = 200
    fulfilment_window_s: int = 7 * DAY_S
    order_looks: Ladder = Ladder(
        first=(0, 2, 5, 10, 20, 30),
        then=((15 * MINUTE_S, MINUTE_S), (HOUR_S, 5 * MINUTE_S), (DAY_S, 30 * MINUTE_S), (inf, 6 * HOUR_S)),
    )
    refund_looks: Ladder = Ladder(
        first=(5, 15, 30),
        then=((15 * MINUTE_S, MINUTE_S), (HOUR_S, 5 * MINUTE_S), (DAY_S, HOUR_S), (inf, 6 * HOUR_S)),
    )
    overdue_look_s: int = DAY_S
    looks_per_minute: int = 20
    looks_per_hour: int = 60
    looks_kept_for_hints: int = 6
    look_lease_s: int = 60
    refund_spacing_s: int = 5
    refund_answer_wait_s: int = 30
    refund_retry_max_s: int = 15 * MINUTE_S
    refund_tries_max: int = 12
    attempts_max: int = 25
    refunds_max: int = 25


DEFAULT = Policy()
