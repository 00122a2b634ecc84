"""The stories, in the order in which they are told: chapter by chapter."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.stories import (
    app_closed,
    clock_jumps,
    forged,
    juspay_down_hour,
    key_rotated,
    killed_after_webhook,
    killed_in_refund,
    lost_refund,
    service_restarted,
    straight,
    webhook_storm,
)
from paystate.entrypoints.demo.story import Story

PAYING: Final = (
    straight.STORY,
    app_closed.STORY,
)
LATE: Final[tuple[Story, ...]] = ()
LIES: Final = (forged.STORY,)
WEBHOOKS: Final = (webhook_storm.STORY,)
REFUNDS: Final = (lost_refund.STORY,)
MACHINES: Final = (
    juspay_down_hour.STORY,
    killed_after_webhook.STORY,
    killed_in_refund.STORY,
    service_restarted.STORY,
    key_rotated.STORY,
    clock_jumps.STORY,
)

STORIES: Final[tuple[Story, ...]] = (*PAYING, *LATE, *LIES, *WEBHOOKS, *REFUNDS, *MACHINES)
