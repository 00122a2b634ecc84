"""A sandbox whose file has no room: what it does not hold is neither answered nor sent, and it goes on later (ours)."""

from __future__ import annotations

import asyncio
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from integration.sandbox.playing import HEADERS, KEY, SESSION, START, bakery
from integration.sandbox.receiving import Receiver
from patience import HANGS_S, until

from paystate.entrypoints.sandbox import SandboxClock, SandboxConfig, WebhookTarget, create_app, running
from paystate.entrypoints.sandbox.server import serve
from paystate.entrypoints.sandbox.state_file import StateFile

TRIES = 3


def give_room(state_file: StateFile, pages: int) -> None:
    """Let the file have so many pages, or as many as it has by now."""
    state_file._database.execute(f"pragma max_page_count = {pages}")


async def test_webhooks_are_sent_once_there_is_room_again(
    tmp_path: Path, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    webhook = WebhookTarget(receiver.url, "bakery", "hook-pass")

    async def tried() -> bool:
        return sum("could not be written" in one.message for one in caplog.records) >= TRIES

    async def came(*names: str) -> bool:
        return list(names) == receiver.names

    with closing(StateFile.opened(tmp_path / "state")) as state_file:
        app = create_app(SandboxConfig((bakery(webhook=webhook),)), SandboxClock(START), state_file)
        async with (
            running(app) as url,
            httpx.AsyncClient(base_url=url, timeout=HANGS_S, headers=HEADERS, auth=(KEY, "")) as http,
        ):
            give_room(state_file, 1)
            answer = await http.post("/session", json={**SESSION, "description": "x" * 20_000})
            assert 500 == answer.status_code
            await until(tried)
            assert 500 == (await http.post("/_control/webhooks/deliver")).status_code
            assert [] == receiver.names
            give_room(state_file, 1000)
            await until(lambda: came("ORDER_CREATED"))
            assert 200 == (await http.post("/session", json={**SESSION, "order_id": "bun-2"})).status_code
            await until(lambda: came("ORDER_CREATED", "ORDER_CREATED"))


async def test_anything_else_that_breaks_the_background_stops_the_sandbox(caplog: pytest.LogCaptureFixture) -> None:
    app = create_app(SandboxConfig((bakery(),)), SandboxClock(START))

    def broken() -> None:
        raise ZeroDivisionError("planted")

    app.state.sandbox.catch_up = broken
    with pytest.raises(ZeroDivisionError, match="planted"):
        async with asyncio.timeout(HANGS_S):
            await serve(app, 0)
    assert "the sandbox broke" in caplog.text
