"""A database of PostgreSQL's for these tests, and merchants on it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from integration.consumer.merchant import Merchant, in_postgres, merchant


@pytest.fixture(scope="module")
def dsn(postgres_server: str) -> Iterator[str]:
    """A database of the module's own."""
    in_postgres(postgres_server, "create database consumer_tests")
    yield postgres_server.replace("/postgres?", "/consumer_tests?")
    in_postgres(postgres_server, "drop database consumer_tests with (force)")


@pytest.fixture
async def shop(request: pytest.FixtureRequest, dsn: str, tmp_path: Path) -> AsyncIterator[Merchant]:
    """A merchant on the kind of database that the test is given."""
    async with merchant(request.param, dsn, tmp_path) as one:
        yield one
