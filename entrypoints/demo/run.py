"""Plays the stories and shows them; the exit status says whether all ledgers agree."""

from __future__ import annotations

import asyncio
import logging
import signal
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, cast

import httpx
from rich.console import Console

from paystate.entrypoints.demo import kept, show
from paystate.entrypoints.demo.script import Unexpected
from paystate.entrypoints.demo.stack import TRUSTS_NOBODY, Stack, running_stack
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.stories import CHAPTERS, STORIES
from paystate.entrypoints.demo.story import Story, Verdict, broken, judge
from paystate.entrypoints.setup import logs
from paystate.entrypoints.storefront import PortTaken

START: Final = datetime(2026, 3, 14, 9, 0, tzinfo=UTC)
"""The stories' clock stands still here and moves only when a story moves it."""


_ENDED: Final = 128 + signal.SIGTERM
"""What a shell says of a program that SIGTERM has ended."""
_ENDINGS: Final = tuple(signal.Signals[name] for name in ("SIGTERM", "SIGHUP") if name in signal.Signals.__members__)
"""Somebody ends the program, or closes its terminal. Windows has no SIGHUP."""


async def run(names: Sequence[str], *, keep: bool, console: Console) -> int:
    """Play the named stories, or all; returns 0 only if all three ledgers agree in each of them."""
    end = cast("asyncio.Task[int]", asyncio.current_task()).cancel
    with suppress(NotImplementedError):  # on Windows, whose loop takes no signals
        for each in _ENDINGS:
            asyncio.get_running_loop().add_signal_handler(each, end)
    logs.configure(logging.CRITICAL)  # what goes wrong goes wrong on purpose, or shows in a verdict
    known = {story.name: story for story in STORIES}
    if unknown := [name for name in names if name not in known]:
        console.print(f"There is no story {', '.join(unknown)}. The stories are:")
        show.contents(console, CHAPTERS)
        return 2
    chosen = [known[name] for name in names] or list(STORIES)
    try:
        verdicts = await _played(chosen, keep=keep, console=console)
    except asyncio.CancelledError:
        return _ENDED
    except PortTaken as taken:
        console.print(f"The shop cannot open: {taken}. Please start again.")
        return 1
    return 0 if all(verdict.agrees for verdict in verdicts) else 1


async def _played(chosen: Sequence[Story], *, keep: bool, console: Console) -> list[Verdict]:
    """Play the stories in a folder that is gone afterwards, whatever ends them."""
    with tempfile.TemporaryDirectory(prefix="paystate-demo-") as folder:
        async with running_stack(Path(folder), START) as stack:
            show.opening(console, stack)
            verdicts = [await tell(story, stack, console) for story in chosen]
            show.verdicts(console, CHAPTERS, verdicts)
            if keep:
                await _keep(stack, console, [verdict.order_id for verdict in verdicts if verdict.order_id])
    return verdicts


def list_stories(console: Console) -> None:
    """Print what there is to play."""
    show.contents(console, CHAPTERS)
    console.print(f"\nPlay some with `paystate demo NAME...`, or all {len(STORIES)} with `paystate demo`.")


async def tell(story: Story, stack: Stack, console: Console | None = None) -> Verdict:
    """Play one story and judge it; shown when there is a console."""
    async with httpx.AsyncClient(trust_env=False, verify=TRUSTS_NOBODY, timeout=30) as http:
        stage = Stage(stack, http)
        await stage.leave_out_earlier()
        try:
            verdict = await judge(story, stage, await story.play(stage))
        except Unexpected as unexpected:
            verdict = broken(story, str(unexpected))
        except Exception as fault:  # noqa: BLE001
            # Whatever breaks one story must not keep the others from being told.
            verdict = broken(story, f"{type(fault).__name__}: {fault}")
        finally:
            await stage.leave()
        if console:
            show.story(console, story, stage.lines, verdict)
    return verdict


async def _keep(stack: Stack, console: Console, order_ids: Sequence[str]) -> None:
    stack.clock.tick()
    try:
        async with kept.pages(stack, order_ids) as pages:
            show.addresses(console, stack, pages, order_ids)
            await asyncio.Event().wait()
    except asyncio.CancelledError:
        console.print("\nStopped. Everything the demo made is deleted.")
