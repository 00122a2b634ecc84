"""Real processes: a service without a worker says so, and so does the probe of docs/deploy/alerts.md."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from pathlib import Path

import pytest
from e2e.programs import ended
from e2e.shop import START, Shop, process, shop
from patience import until

ALERTS = Path(__file__).resolve().parents[3] / "docs" / "deploy" / "alerts.md"


async def workers(at: Shop) -> int:
    count: int = (await at.http.get(f"{at.service_url}/readyz")).json()["workers"]
    return count


async def probed(at: Shop) -> int | None:
    """How the page's own probe ends."""
    (script,) = re.findall(r"^```sh\n(.*?)^```$", ALERTS.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    line = script.replace("http://127.0.0.1:8000", at.service_url)
    running = await asyncio.create_subprocess_exec("sh", "-c", line, stdout=asyncio.subprocess.DEVNULL)
    return await running.wait()


async def test_nobody_works_then_somebody_does_then_nobody_does_any_more(tmp_path: Path) -> None:
    async def is_seen() -> bool:
        return await workers(at) == 1

    async with shop(tmp_path, now=START) as at, process(at, "serve", "--no-worker"):
        assert (0, 1) == (await workers(at), await probed(at))
        async with process(at, "worker", ready=b"working") as worker:
            await until(is_seen)
            assert 0 == await probed(at)
            worker.kill()
        assert at.juspay.now is not None
        at.juspay.now += timedelta(seconds=61)
        assert (0, 1) == (await workers(at), await probed(at))


@pytest.mark.parametrize("options", [(), ("--worker",)])
async def test_a_service_with_a_worker_inside_leaves_a_heartbeat_itself(tmp_path: Path, options: tuple[str]) -> None:
    async def is_seen() -> bool:
        return await workers(at) == 1

    async with shop(tmp_path) as at, process(at, "serve", *options):
        await until(is_seen)


async def test_the_doctor_notes_that_the_workers_are_gone_and_calls_it_no_fault(tmp_path: Path) -> None:
    async def is_seen() -> bool:
        return await workers(at) == 1

    async with shop(tmp_path, now=START) as at:  # by the sandbox's clock, in 2031: the doctor goes by the machine's
        assert "No worker" not in await asked(at)
        async with process(at, "serve"):
            await until(is_seen)
        assert "No worker has worked since 2031-05-06" in await asked(at)


async def asked(at: Shop) -> str:
    """What the doctor says of an installation that is in order."""
    done = await ended("doctor", "--settings", at.settings)
    assert 0 == done.returncode, done.stderr
    return done.stdout
