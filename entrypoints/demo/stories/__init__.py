"""The stories, in the order in which they are told."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.stories import app_closed, forged, lost_refund, straight, webhook_storm
from paystate.entrypoints.demo.story import Story

STORIES: Final[tuple[Story, ...]] = (
    straight.STORY,
    app_closed.STORY,
    webhook_storm.STORY,
    forged.STORY,
    lost_refund.STORY,
)
