"""One service per test."""

from collections.abc import AsyncIterator

import pytest
from integration.api.endpoints import two_endpoints
from integration.api.world import World, world

from paystate.entrypoints.service.worker import Worker


@pytest.fixture
async def shop() -> AsyncIterator[World]:
    async with world() as running:
        yield running


@pytest.fixture
async def told() -> AsyncIterator[World]:
    """A shop with two endpoints that are known to the store; what is announced from now on is queued for them."""
    async with world(subscribers=two_endpoints()) as running:
        await Worker(running.runtime).turn()
        yield running
