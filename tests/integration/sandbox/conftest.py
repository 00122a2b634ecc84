"""Fixtures of the sandbox's tests: a sandbox in this process, on a frozen clock."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from integration.sandbox.playing import Player, bakery, player_of
from integration.sandbox.receiving import Receiver

from paystate.entrypoints.sandbox import SandboxConfig, WebhookTarget, running


@pytest.fixture
async def player() -> AsyncIterator[Player]:
    """A sandbox with one merchant, its webhooks going nowhere, and no background delivery."""
    hook = WebhookTarget("http://127.0.0.1:9/hook", "bakery", "hook-pass")
    one = player_of(SandboxConfig((bakery(webhook=hook),)))
    async with one.http:
        yield one


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A merchant's endpoint over a real socket."""
    one = Receiver()
    async with running(one.app()) as url:
        one.url = f"{url}/hook"
        yield one
