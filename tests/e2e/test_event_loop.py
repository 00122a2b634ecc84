"""On which event loop the programs run that serve and work."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from click.testing import CliRunner

from paystate.entrypoints.cli.main import main
from paystate.entrypoints.service import process, server

SETTINGS = """
public_url = "http://127.0.0.1:8000"

[merchants.teashop]
mode = "session"
client_id = "teashop"
base_url = "http://127.0.0.1:9"
api_key = { env = "SECRET" }
response_keys = [{ env = "SECRET" }]
webhook_logins = [{ user = "juspay", password = { env = "SECRET" } }]
return_hosts = ["127.0.0.1:8000"]
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no uvloop for Windows")
@pytest.mark.parametrize(
    ("command", "module", "done_by"), [("serve", server, "serve"), ("worker", process, "work")], ids=["serve", "worker"]
)
def test_what_serves_and_works_runs_on_uvloop(
    command: str, module: ModuleType, done_by: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loops: list[str] = []

    async def noted(*_: Any, **__: Any) -> None:
        loops.append(type(asyncio.get_running_loop()).__module__)

    monkeypatch.setattr(module, done_by, noted)
    monkeypatch.setenv("SECRET", "A" * 32)
    (tmp_path / "paystate.toml").write_text(SETTINGS, "utf-8")
    result = CliRunner().invoke(main, [command, "--settings", str(tmp_path / "paystate.toml")])
    assert (0, ["uvloop"]) == (result.exit_code, loops), result.output
