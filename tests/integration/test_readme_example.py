"""The README's example of embedding the rules, run as it stands there, and its sample of the demo, played anew."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from patience import HANGS_S

from paystate.entrypoints.demo import stage as staging
from paystate.entrypoints.demo.run import START
from paystate.entrypoints.demo.stack import running_stack
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.demo.stories import STORIES
from paystate.entrypoints.demo.stories.refunds import lost_refund

README = Path(__file__).resolve().parents[2] / "README.md"


def example() -> str:
    """The rules alone; the other one embeds Paystate, and `tests/e2e/engine` runs it."""
    blocks = re.findall(r"^```python\n(.*?)^```$", README.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    (block,) = [block for block in blocks if "paystate.core" in block]
    return str(block)


def test_the_example_runs_by_itself() -> None:
    # A process of its own: nothing that another test has imported or set up can help it.
    ran = subprocess.run([sys.executable, "-W", "error", "-c", example()], capture_output=True, text=True, check=False)
    assert (0, "") == (ran.returncode, ran.stderr)


def test_the_example_needs_the_core_alone() -> None:
    imported = set(re.findall(r"^from ([\w.]+) import", example(), re.MULTILINE))
    assert all(name in ("datetime", "decimal") or f"{name}.".startswith("paystate.core.") for name in imported)


def sample() -> str:
    (block,) = re.findall(r"^```text\n(.*?)^```$", README.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return str(block)


def whenever(what: str) -> str:
    """A line without how far a refund had come: the worker looks for it while the backend still asks."""
    return re.sub(r"(: 20[01]) (?:REQUESTED|PENDING)$", r"\1", what)


async def test_the_sample_of_the_demo_is_what_the_demo_tells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "PATIENCE_S", HANGS_S)
    story = lost_refund.STORY
    async with running_stack(tmp_path, START) as stack, httpx.AsyncClient(trust_env=False, timeout=HANGS_S) as http:
        stage = Stage(stack, http)
        await story.play(stage)
    told = {(line.who, whenever(line.what)) for line in stage.lines}
    shown = {(who, whenever(what)) for who, what in re.findall(r"^  [0-9:]{8} +(\w+) +(.+)$", sample(), re.MULTILINE)}
    assert sample().startswith(story.title)
    assert story.happens in sample()
    assert set() == shown - told


def test_the_sample_ends_as_the_stories_do() -> None:
    count = len(STORIES)
    ends = {(story.name, story.expected.status) for story in STORIES}
    shown = set(re.findall(r"^([a-z-]+) +\S.*? +([A-Z_]+) +yes +yes +yes$", sample(), re.MULTILINE))
    assert shown
    assert set() == shown - ends
    assert f"in {count} stories" in README.read_text("utf-8")
    assert f"{count} of {count} stories agree in all three." in sample()
