"""What the tests of the protocol share."""

from collections.abc import AsyncIterator

import pytest
from e2e.protocol.raw import Server, raw_server


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    """A service on a real socket."""
    async with raw_server() as running:
        yield running
