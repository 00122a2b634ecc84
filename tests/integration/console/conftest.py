"""One console per test."""

from collections.abc import AsyncIterator

import pytest
from integration.console.desk import Desk, opened_desk


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with opened_desk() as running:
        yield running
