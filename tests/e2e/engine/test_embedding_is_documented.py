"""The blocks of the guide and of the README that embed Paystate, run as they stand; and every promised name is told."""

from __future__ import annotations

import asyncio
import inspect
import os
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from beginnings import copied_pair

from paystate.entrypoints import engine
from paystate.entrypoints.cli.integration import SECRETS, write_integration
from paystate.entrypoints.engine import BlockingShop, Shop, migrate
from paystate.entrypoints.sandbox import SandboxClock, create_app, running
from paystate.entrypoints.sandbox.config import config_from_file

ROOT = Path(__file__).resolve().parents[3]
GUIDE = (ROOT / "docs/how-to/embed-paystate.md").read_text("utf-8")
PROMISES = (ROOT / "docs/reference/stability.md").read_text("utf-8")


def blocks(page: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


IN_THE_README = [block for block in blocks((ROOT / "README.md").read_text("utf-8")) if "paystate.toml" in block]
EXAMPLES = [*IN_THE_README, *blocks(GUIDE)]


@pytest.fixture
async def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Path]:
    """What `paystate init` and `paystate keys new` write, with a sandbox that is up."""
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    write_integration("flask", tmp_path)
    (tmp_path / "keys").mkdir()
    copied_pair(tmp_path / "keys/signing.pem", tmp_path / "keys/signing.public.pem")
    async with running(create_app(config_from_file(tmp_path / "sandbox.toml"), SandboxClock())) as url:
        settings = tmp_path / "paystate.toml"
        settings.write_text(settings.read_text().replace("http://127.0.0.1:9000", url))
        migrate(settings)
        yield tmp_path


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
async def test_each_example_runs_by_itself(number: int, folder: Path) -> None:
    command = [sys.executable, "-W", "error", "-c", EXAMPLES[number]]
    pipe = asyncio.subprocess.PIPE
    ran = await asyncio.create_subprocess_exec(*command, cwd=folder, stdout=pipe, stderr=pipe, env=os.environ)
    stdout, stderr = await ran.communicate()
    assert (0, "") == (ran.returncode, stderr.decode())
    assert stdout


def test_there_are_examples() -> None:
    assert (1, 4) == (len(IN_THE_README), len(blocks(GUIDE)))


def test_every_promised_name_stands_on_the_page_and_no_other() -> None:
    table = PROMISES.partition("## The engine's names")[2].partition("\n## ")[0]
    told = re.findall(r"`(\w+)`", "\n".join(re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)))
    assert sorted(engine.__all__) == sorted(told)


@pytest.mark.parametrize("name", sorted(engine.__all__))
def test_every_promised_name_says_what_it_is(name: str) -> None:
    found = getattr(engine, name)
    assert inspect.getdoc(found) or name == "Amount"


def test_every_method_of_a_shop_stands_in_the_guide_and_says_what_it_does() -> None:
    methods = {name: method for name, method in inspect.getmembers(Shop, callable) if not name.startswith("_")}
    assert set() == methods.keys() - set(re.findall(r"`(\w+)`", GUIDE))
    assert all(inspect.getdoc(method) for method in methods.values())
    assert all(inspect.getdoc(getattr(BlockingShop, name)) for name in methods)
