"""A socket that systemd holds: callers wait in it while the service restarts, and are answered by the next one."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from e2e.shop import shop
from patience import HANGS_S

pytestmark = pytest.mark.skipif(os.name != "posix", reason="there is systemd on Linux only")

# As systemd starts a unit: the socket is number 3, and the variables name this very process.
UNIT = "import os, sys; os.environ['LISTEN_PID'] = str(os.getpid()); os.execv(sys.argv[1], sys.argv[1:])"


@asynccontextmanager
async def unit(settings: Path, held: socket.socket) -> AsyncGenerator[Process]:
    paystate = str(Path(sys.executable).parent / "paystate")
    running = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", UNIT, paystate, "serve", "--settings", str(settings), "--no-worker"),
        env={**os.environ, "LISTEN_FDS": "1"},
        preexec_fn=lambda: os.dup2(held.fileno(), 3),
        pass_fds=(3,),
        stdout=DEVNULL,
        stderr=DEVNULL,
    )
    try:
        yield running
    finally:
        if running.returncode is None:
            running.terminate()
        await running.wait()


async def test_who_calls_while_the_service_restarts_waits_and_is_answered(tmp_path: Path) -> None:
    async with shop(tmp_path) as at, httpx.AsyncClient(trust_env=False, timeout=HANGS_S) as http:
        with socket.create_server(("127.0.0.1", 0), backlog=16) as held:
            url = f"http://127.0.0.1:{held.getsockname()[1]}/healthz"
            async with unit(at.settings, held):
                assert 200 == (await http.get(url)).status_code
            waiting = asyncio.create_task(http.get(url, headers={"connection": "close"}))
            await asyncio.wait([waiting], timeout=0.2)  # nobody runs: it is neither answered nor refused
            assert not waiting.done()
            async with unit(at.settings, held):
                assert 200 == (await waiting).status_code
