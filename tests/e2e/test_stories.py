"""Each story of the demo, played over real HTTP and judged by three ledgers."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from paystate.entrypoints.demo.run import START, tell
from paystate.entrypoints.demo.stack import Stack, running_stack
from paystate.entrypoints.demo.stories import STORIES
from paystate.entrypoints.demo.story import Story


@pytest.fixture
async def stack(tmp_path: Path) -> AsyncGenerator[Stack]:
    async with running_stack(tmp_path, START) as running:
        yield running


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
async def test_the_story_ends_as_it_says_in_all_three_ledgers(stack: Stack, story: Story) -> None:
    verdict = await tell(story, stack)
    assert verdict.wrong == ()
