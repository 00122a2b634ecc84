"""A database of PostgreSQL's for these tests, and merchants on it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from integration.consumer.merchant import Merchant, merchant
from postgres_server import database_made


@pytest.fixture(scope="module")
def dsn(postgres_server: str) -> str:
    """A database of the module's own."""
    return database_made(postgres_server)


@pytest.fixture
async def shop(request: pytest.FixtureRequest, dsn: str, tmp_path: Path) -> AsyncIterator[Merchant]:
    """A merchant on the kind of database that the test is given."""
    async with merchant(request.param, dsn, tmp_path) as one:
        yield one
