"""The example shops: written by `paystate init`, started as it says, and bought from."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx
import pytest
from e2e.programs import ended
from patience import until
from postgres_server import database_made

from paystate.entrypoints.cli.integration import BEFORE, RUNS, SECRETS, write_integration
from paystate.entrypoints.demo.stack import free_ports
from paystate.entrypoints.sandbox import SandboxClock, create_app, running
from paystate.entrypoints.sandbox.config import config_from_file

EXAMPLES = Path(__file__).parents[3] / "docs/examples"
RAN = """\
before payment: {'refused': 409}
the screen says: paid
shipped: [True, False]
refunds: 1 100.00
too much: {'refused': 409}
"""
LINES_MAX = 120
PROGRAMS = Path(sys.executable).parent

ENVIRON = {**SECRETS, "NO_COLOR": "1", "PATH": f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}"}


def run(folder: Path, *line: str, **environ: str) -> str:
    ran = subprocess.run(
        line, cwd=folder, env={**os.environ, **environ}, capture_output=True, text=True, timeout=300, check=False
    )
    assert 0 == ran.returncode, ran.stdout + ran.stderr
    return ran.stdout


@asynccontextmanager
async def started(folder: Path, line: str) -> AsyncGenerator[asyncio.subprocess.Process]:
    """A process that runs as long as the block; what it printed is shown if the block fails."""
    with (folder / "printed.txt").open("ab") as printed:
        process = await asyncio.create_subprocess_exec(*line.split(), cwd=folder, stdout=printed, stderr=printed)
        try:
            yield process
        except BaseException:
            sys.stderr.write((folder / "printed.txt").read_text())
            raise
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()


def moved(folder: Path, shop_port: int, sandbox_port: int) -> None:
    """The files as they were written, at ports that are free here."""
    for name in ("paystate.toml", "sandbox.toml"):
        text = (folder / name).read_text()
        (folder / name).write_text(text.replace(":8000", f":{shop_port}").replace(":9000", f":{sandbox_port}"))


@pytest.mark.long
@pytest.mark.parametrize("framework", sorted(RUNS))
async def test_a_shop_takes_a_payment_ships_once_and_refunds_once(
    framework: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in ENVIRON.items():
        monkeypatch.setenv(name, value)
    if framework in BEFORE:
        address = database_made(request.getfixturevalue("postgres_server"))
        monkeypatch.setenv("PAYSTATE_DATABASE", address)
    port, sandbox_port = free_ports(2)
    write_integration(framework, tmp_path)
    moved(tmp_path, port, sandbox_port)
    for command in ("keys", "new"), ("migrate",):
        done = await ended(*command)
        assert 0 == done.returncode, done.stderr
    async with AsyncExitStack() as up:
        sandbox = create_app(config_from_file(tmp_path / "sandbox.toml"), SandboxClock())
        sandbox_url = await up.enter_async_context(running(sandbox, sandbox_port))
        lines = [line.replace("8000", str(port)) for line in RUNS[framework]]
        processes = [await up.enter_async_context(started(tmp_path, line)) for line in lines]
        http = await up.enter_async_context(httpx.AsyncClient(trust_env=False))
        shop_url = f"http://127.0.0.1:{port}"

        async def is_up() -> bool:
            assert all(process.returncode is None for process in processes)
            try:
                answer = await http.get(f"{shop_url}/checkouts/nothing/result")
            except httpx.TransportError:
                return False
            assert 404 == answer.status_code, answer.text
            return True

        await until(is_up)
        urls = {"SHOP_URL": shop_url, "SANDBOX_URL": sandbox_url}
        told = await asyncio.to_thread(run, tmp_path, sys.executable, "shopper.py", **urls)
        hooks = (await http.get(f"{sandbox_url}/_control/webhooks")).json()
        forged = await http.post(f"{shop_url}/webhooks/juspay/teashop", content=b"{}")
        back = await http.get(f"{shop_url}/return/teashop?order_id=A1&status=CHARGED")
    assert RAN == told
    assert 401 == forged.status_code
    assert (200, "We are checking your payment.") == (back.status_code, back.text)
    assert hooks


@pytest.mark.parametrize("framework", sorted(RUNS))
def test_a_shop_is_short(framework: str) -> None:
    (shop,) = (EXAMPLES / framework).glob("*.py")
    assert len(shop.read_text().splitlines()) < LINES_MAX
