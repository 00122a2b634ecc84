"""One merchant of an embedded Paystate per test, on a frozen clock and a Juspay that answers what it is told to."""

from collections.abc import AsyncIterator

import pytest
from integration.api.world import World, world

from paystate.entrypoints.engine import Shop


@pytest.fixture
async def around() -> AsyncIterator[World]:
    """The same installation as a service, and everything around it."""
    async with world() as running:
        yield running


@pytest.fixture
def shop(around: World) -> Shop:
    return Shop(around.runtime, "shop")
