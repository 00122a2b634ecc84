"""The examples of `docs/how-to/call-juspay.md`, run as they stand there against a sandbox."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import httpx
import pytest
from beginnings import pair
from patience import HANGS_S

from paystate.adapters import juspay
from paystate.adapters.juspay import JuspayClient
from paystate.core.errors import PaystateError
from paystate.entrypoints.sandbox import (
    SandboxClock,
    SandboxConfig,
    create_app,
    demo_merchant,
    running,
)

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "how-to" / "call-juspay.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[str]:
    """A sandbox as `paystate sandbox` starts it, and the two key files that the page names."""
    private, public = pair("the merchant")
    key = tmp_path / "sandbox-demo-merchant.key"
    key.touch(mode=0o600)
    key.write_text(private)
    juspays, _ = pair("Juspay")
    config = SandboxConfig((demo_merchant(public),), jwt_keys={"key_sandbox": juspays})
    async with running(create_app(config, SandboxClock())) as url, httpx.AsyncClient(timeout=HANGS_S) as http:
        shown = (await http.get(f"{url}/_control/jwt")).json()["keys"]
        (tmp_path / "juspay.pem").write_text(shown[0]["public_key"])
        yield url


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
async def test_each_example_runs_by_itself(number: int, sandbox: str, tmp_path: Path) -> None:
    example = EXAMPLES[number].replace("http://127.0.0.1:9000", sandbox)
    command = [sys.executable, "-W", "error", "-c", example]
    ran = await asyncio.create_subprocess_exec(*command, cwd=tmp_path, stderr=asyncio.subprocess.PIPE)
    _, stderr = await ran.communicate()
    assert (0, "") == (ran.returncode, stderr.decode())


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 5


def test_every_call_stands_on_the_page() -> None:
    methods = {name for name in vars(JuspayClient) if not name.startswith("_")} - {"send", "sync", "aclose"}
    assert set() == methods - set(re.findall(r"`(\w+)`", PAGE))


def test_every_error_of_the_client_stands_on_the_page() -> None:
    exported = {name: getattr(juspay, name) for name in juspay.__all__}
    faults = {name for name, one in exported.items() if isinstance(one, type) and issubclass(one, Exception)}
    assert {"Unavailable", "Unreadable"} <= faults
    assert [] == sorted(name for name in faults if f"| `{name}`" not in PAGE)


def test_every_error_that_the_client_defines_is_one_of_paystate_s() -> None:
    modules = [import_module(one.name) for one in walk_packages(juspay.__path__, f"{juspay.__name__}.")]
    classes = {one for module in modules for one in vars(module).values() if isinstance(one, type)}
    own = {one for one in classes if issubclass(one, Exception) and one.__module__.startswith(juspay.__name__)}
    assert own
    assert set() == {one for one in own if not issubclass(one, PaystateError)}
