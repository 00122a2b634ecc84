"""One service per test."""

from collections.abc import AsyncIterator

import pytest
from integration.api.world import World, world


@pytest.fixture
async def shop() -> AsyncIterator[World]:
    async with world() as running:
        yield running
