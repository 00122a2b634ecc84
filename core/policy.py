"""What a merchant may choose, as data with defaults: windows, schedules, budgets. Whoever uses a number says how."""

from __future__ import annotations

from enum import StrEnum
from math import inf

from attrs import frozen

MINUTE_S = 60
HOUR_S = 60 * MINUTE_S
DAY_S = 24 * HOUR_S
WEEK_S = 7 * DAY_S


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
        then: Pairs (until, every) in seconds for the time after `first`; a ladder ends with its last `until`.
    """

    first: tuple[int, ...]
    then: tuple[tuple[float, int], ...]


@frozen(kw_only=True)
class Policy:
    """All choices; times in seconds.

    The numbers called `refund_*` bound the calls, waits and looks of captures and releases too, and
    `refund_answer_wait_s` the wait for an answer to a changed price. The names stay: `refund_tries_max` is a setting.

    Attributes:
        checkout_rows_max: What is noted of a checkout before it hands out no further process payload.
        order_rows_max: The same of an order.
        order_looks: Of an order that is not paid, counted from where somebody could pay. It begins with the steps of
            the gateway contract (F.3, a decision) and thins out: an order that nobody pays is looked at 36 times in its
            seven days.
        paid_looks: Of an order that is paid, counted likewise; one more falls just after its end of life.
        looks_end_s: From an order's opening, or a refund's beginning, to where looks by themselves end; hints and
            people still bring some.
        looks_per_minute: Questions to Juspay about one order; `core.orders.timing.look_budget` shares them out.
        hint_repeat_s: A look that a hint asked for and that showed nothing new is repeated once after this: a webhook
            may be faster than Juspay's own status (F.3, secondary).
        look_lease_s: A look that was begun and not answered is due again after this, and no answer counts that is
            heard later. More than a call may take.
        refund_spacing_s: Juspay's guard against equal amounts (H.5, documented), and the first wait before a repeat.
        refund_answer_wait_s: How long a refund call counts as in flight while nobody tells how it ended.
        refund_retry_max_s: The longest wait before a repeat; each is twice the one before.
        refund_tries_max: Calls of one refund; then a person must find out.
        refunds_max: Refunds that we request; of those that Juspay lists, twice as many are kept.
        holds_max: Captures and releases that are taken of one order.
        hold_window_s: How long a bank is taken to hold money; Juspay publishes no figure, so this is ours, and short of
            the seven days after which card networks let many holds lapse.
        hold_warning_s: How long before that a person is called.
        disputes_max: Events of disputes that are kept of one order.
        discount_max_percent: The largest discount by an offer, in percent of the price, that needs no person.
        webhooks_max: Webhooks of one order that are kept one by one; more are counted.
        quarantine_bytes_max: Bytes of the bodies that are kept of quarantined webhooks; `core.retention` says more.
        quarantine_webhooks_max: Quarantined webhooks that are kept.
        quarantine_kept_s: How long a quarantined webhook is kept; at most as long as the body of a followed one.
        webhook_bodies_kept_s: How long the body of a webhook that was followed is kept.
        announcements_kept_s: How long an announcement is kept beside the journal, which keeps it for ever.
        refund_when_cancelled: Money that comes for a cancelled order is given back without a person.
        refund_slow_s: How long a refund may wait for its end before it is pointed out among the day's. Banks take some
            days, and Juspay calls one unclear after ten (H.4).
        twice_paid_window_s: Within how much of each other two paid orders of one customer and price were opened that
            are pointed out as perhaps one purchase; 0 for never.
        order_id_max: The longest id that an order may be opened under. Many of Juspay's gateways take 20 characters
            (B.1, documented), and Juspay itself is seen to take 31 (O.7, recorded).
        calls_per_second: Calls to Juspay that the workers may make in a second, all processes and all orders together.
        calls_burst: Calls that may be made at one instant after a quiet time.
    """

    checkout_mode: CheckoutMode = CheckoutMode.STRICT
    checkout_ttl_s: int = 15 * MINUTE_S
    checkout_events_max: int = 200
    checkout_rows_max: int = 300
    order_rows_max: int = 500
    fulfilment_window_s: int = WEEK_S
    order_looks: Ladder = Ladder(
        first=(0, 2, 5, 10, 20, 30),
        then=(
            (10 * MINUTE_S, MINUTE_S),
            (30 * MINUTE_S, 5 * MINUTE_S),
            (2 * HOUR_S, 30 * MINUTE_S),
            (12 * HOUR_S, 3 * HOUR_S),
            (DAY_S, 6 * HOUR_S),
            (2 * DAY_S, 12 * HOUR_S),
            (2 * WEEK_S, DAY_S),
            (inf, WEEK_S),
        ),
    )
    paid_looks: Ladder = Ladder(first=(HOUR_S, DAY_S, 3 * DAY_S), then=())
    refund_looks: Ladder = Ladder(
        first=(5, 15, 30),
        then=(
            (5 * MINUTE_S, MINUTE_S),
            (HOUR_S, 15 * MINUTE_S),
            (6 * HOUR_S, 3 * HOUR_S),
            (DAY_S, 12 * HOUR_S),
            (2 * WEEK_S, DAY_S),
            (inf, WEEK_S),
        ),
    )
    looks_end_s: int = 60 * DAY_S
    looks_per_minute: int = 20
    looks_per_hour: int = 60
    look_lease_s: int = 60
    hint_repeat_s: int = 5
    refund_spacing_s: int = 5
    refund_answer_wait_s: int = 30
    refund_retry_max_s: int = 15 * MINUTE_S
    refund_tries_max: int = 12
    attempts_max: int = 25
    refunds_max: int = 25
    holds_max: int = 25
    hold_window_s: int = 5 * DAY_S
    hold_warning_s: int = DAY_S
    disputes_max: int = 100
    discount_max_percent: int = 100
    webhooks_max: int = 500
    quarantine_bytes_max: int = 64 * 1024 * 1024
    quarantine_webhooks_max: int = 100_000
    quarantine_kept_s: int = 30 * DAY_S
    webhook_bodies_kept_s: int = 90 * DAY_S
    announcements_kept_s: int = 30 * DAY_S
    refund_when_cancelled: bool = False
    refund_slow_s: int = WEEK_S
    twice_paid_window_s: int = 30 * MINUTE_S
    order_id_max: int = 20
    calls_per_second: int = 20
    calls_burst: int = 40


DEFAULT = Policy()
