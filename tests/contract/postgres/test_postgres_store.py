"""The contract, on PostgreSQL."""

from collections.abc import AsyncIterator

import pytest
from contract.postgres.emptying import emptied
from contract.store_contract import StoreContract
from postgres_server import database_made

from paystate.adapters.storage.postgres.config import PostgresConfig
from paystate.adapters.storage.postgres.store import PostgresStore
from paystate.core.ports.backlog import ConnectionUse
from paystate.core.ports.store import Store


@pytest.fixture(scope="module")
def module_database(postgres_server: str, postgres_template: str) -> str:
    return database_made(postgres_server, template=postgres_template)


@pytest.fixture
async def database(module_database: str) -> str:
    """Empty, and no other test's meanwhile: to make one anew takes ten times as long."""
    await emptied(module_database)
    return module_database


@pytest.fixture
async def store(database: str) -> AsyncIterator[PostgresStore]:
    async with PostgresStore(PostgresConfig(address=database)) as store:
        yield store


class TestPostgresStore(StoreContract):
    storm, kept_of_a_storm = 200, 50  # each is a transaction of its own

    @pytest.fixture
    async def store(self, store: PostgresStore) -> Store:
        return store


async def test_how_a_pool_is_used_is_told_while_it_is_used(store: PostgresStore) -> None:
    pool = store._opened().pool
    await store.ping()
    async with pool.acquire():
        assert ConnectionUse(used=1, idle=0, most=10) == store.connection_use()
    assert ConnectionUse(used=0, idle=1, most=10) == store.connection_use()
