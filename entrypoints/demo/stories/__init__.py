"""The stories, in the order in which they are told: chapter by chapter."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.stories import app_closed, forged, lost_refund, straight, webhook_storm
from paystate.entrypoints.demo.story import Story

PAYING: Final = (
    straight.STORY,
    app_closed.STORY,
)
LATE: Final[tuple[Story, ...]] = ()
LIES: Final = (forged.STORY,)
WEBHOOKS: Final = (webhook_storm.STORY,)
REFUNDS: Final = (lost_refund.STORY,)
MACHINES: Final[tuple[Story, ...]] = ()

STORIES: Final[tuple[Story, ...]] = (*PAYING, *LATE, *LIES, *WEBHOOKS, *REFUNDS, *MACHINES)
