"""The stories, in the order in which they are told: chapter by chapter."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.stories import (
    app_closed,
    app_lies,
    app_replays,
    backed_out,
    cash_on_delivery,
    clock_jumps,
    forged,
    juspay_down_hour,
    key_rotated,
    killed_after_webhook,
    killed_in_refund,
    lost_refund,
    old_return,
    pays_later,
    pending_then_refused,
    refund_auto_race,
    refund_cut_answer,
    refund_duplicate_call,
    refund_equal_amounts,
    refund_external,
    refund_external_race,
    refund_fails_then_new,
    refund_manual_done,
    refund_manual_review,
    refund_never_arrives,
    refund_pending_days,
    refund_same_key,
    refund_two_clerks,
    refund_unknown,
    second_try,
    service_restarted,
    session_expired,
    straight,
    two_tabs,
    unknown_status,
    webhook_late,
    webhook_storm,
    wrong_amount,
)
from paystate.entrypoints.demo.story import Story

PAYING: Final = (
    straight.STORY,
    second_try.STORY,
    backed_out.STORY,
    pays_later.STORY,
    pending_then_refused.STORY,
    app_closed.STORY,
    session_expired.STORY,
    cash_on_delivery.STORY,
)
LATE: Final = (two_tabs.STORY,)
LIES: Final = (
    app_lies.STORY,
    app_replays.STORY,
    forged.STORY,
    old_return.STORY,
    wrong_amount.STORY,
    unknown_status.STORY,
)
WEBHOOKS: Final = (
    webhook_storm.STORY,
    webhook_late.STORY,
)
REFUNDS: Final = (
    lost_refund.STORY,
    refund_same_key.STORY,
    refund_two_clerks.STORY,
    refund_equal_amounts.STORY,
    refund_fails_then_new.STORY,
    refund_pending_days.STORY,
    refund_manual_review.STORY,
    refund_manual_done.STORY,
    refund_unknown.STORY,
    refund_never_arrives.STORY,
    refund_cut_answer.STORY,
    refund_duplicate_call.STORY,
    refund_external.STORY,
    refund_external_race.STORY,
    refund_auto_race.STORY,
)
MACHINES: Final = (
    juspay_down_hour.STORY,
    killed_after_webhook.STORY,
    killed_in_refund.STORY,
    service_restarted.STORY,
    key_rotated.STORY,
    clock_jumps.STORY,
)

STORIES: Final[tuple[Story, ...]] = (*PAYING, *LATE, *LIES, *WEBHOOKS, *REFUNDS, *MACHINES)
