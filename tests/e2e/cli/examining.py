"""The doctor beside a sandbox that runs in the test's own loop."""

from __future__ import annotations

import asyncio

from paystate.entrypoints.cli.doctor import examine
from paystate.entrypoints.demo.stack import Stack
from paystate.entrypoints.setup.problems import ConfigProblem


async def examined(stack: Stack, clock_url: str | None) -> list[ConfigProblem]:
    """What the doctor finds online; from a thread of its own, as asking the sandbox for its clock blocks."""

    async def collected() -> list[ConfigProblem]:
        return [one async for one in examine(stack.settings_file, online=True, clock_url=clock_url)]

    return await asyncio.to_thread(asyncio.run, collected())
