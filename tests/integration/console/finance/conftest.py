"""The books of one shop per test."""

from collections.abc import AsyncIterator

import pytest
from integration.console.desk import Desk
from integration.console.finance.books import opened_books


@pytest.fixture
async def books() -> AsyncIterator[Desk]:
    async with opened_books() as desk:
        yield desk
