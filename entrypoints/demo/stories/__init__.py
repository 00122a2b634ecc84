"""The stories, in the order in which they are told: chapter by chapter, a folder each."""

from __future__ import annotations

from typing import Final

from paystate.entrypoints.demo.chapters import chapters_in

ORDER: Final = ("paying", "sums", "late", "lies", "webhooks", "refunds", "given_back", "machines")

CHAPTERS: Final = chapters_in(__name__, ORDER)
STORIES: Final = tuple(story for chapter in CHAPTERS for story in chapter.stories)
