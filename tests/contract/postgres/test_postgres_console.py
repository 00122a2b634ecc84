"""People at the console who do two things to one row at the same time, on PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest
from attrs import evolve
from contract.console_contract import ASHA, OMAR, begins, proposal, session
from contract.samples import KEY, NOW
from contract.store.forgetting import BY, LATE, open_for_asha
from patience import until

from paystate.adapters.storage.postgres.config import PostgresConfig
from paystate.adapters.storage.postgres.running import run
from paystate.adapters.storage.postgres.store import PostgresStore
from paystate.adapters.storage.sql.console import desk
from paystate.adapters.storage.sql.steps import Steps
from paystate.core.console.proposals import ProposalState, declined
from paystate.core.console.users import Role
from paystate.core.orders.commands.decide import decide
from paystate.core.orders.commands.forget_commands import ForgetCustomer
from paystate.core.policy import DEFAULT


@pytest.fixture
async def store(postgres_database: str) -> AsyncIterator[PostgresStore]:
    async with PostgresStore(PostgresConfig(address=postgres_database)) as store:
        yield store


@asynccontextmanager
async def raw(address: str) -> AsyncGenerator[asyncpg.Connection[asyncpg.Record]]:
    connection = await asyncpg.connect(address)
    try:
        yield connection
    finally:
        await connection.close()


async def beside(address: str, first: Steps[Any], second: Coroutine[Any, Any, Any]) -> Any:
    """Do `first` and commit it only when `second`, which began later, waits for it."""
    async with raw(address) as slow, raw(address) as looking:

        async def waits() -> bool:
            return bool(await looking.fetchval("select count(*) from pg_locks where not granted"))

        undecided = slow.transaction()
        await undecided.start()
        await run(slow, first)
        later = asyncio.create_task(second)
        await until(waits)
        await undecided.commit()
        return await later


async def test_a_request_that_is_declined_while_its_customer_is_forgotten_stays_declined(
    postgres_database: str, store: PostgresStore
) -> None:
    await open_for_asha(store)
    await store.add_proposal(proposal("p1"))
    admin = evolve(ASHA, role=Role.ADMIN)
    declines = desk._decide("p1", lambda kept: declined(kept, admin, NOW))
    forgets = store.transact(KEY, lambda order: decide(order, ForgetCustomer(by=BY), DEFAULT, LATE))
    await beside(postgres_database, declines, forgets)
    kept = await store.proposal("p1")
    assert kept
    assert (ProposalState.DECLINED, "asha") == (kept.state, kept.decided_by)


async def test_a_session_that_begins_while_its_person_is_changed_is_ended(
    postgres_database: str, store: PostgresStore
) -> None:
    await store.add_console_user(ASHA)
    signs_in = desk._begin(session("d1"), "a hash", "", NOW)
    changes = store.change_console_user("asha", lambda kept: evolve(kept, password_hash="another"))
    await beside(postgres_database, signs_in, changes)
    assert await store.console_session("d1") is None


async def test_a_role_that_is_given_while_its_person_is_disabled_lets_nobody_in(
    postgres_database: str, store: PostgresStore
) -> None:
    await store.add_console_user(evolve(OMAR, disabled_at=None))
    disables = desk._change_user("omar", lambda kept: evolve(kept, disabled_at=NOW))
    changes = store.change_console_user("omar", lambda kept: evolve(kept, role=Role.ADMIN))
    assert evolve(OMAR, role=Role.ADMIN) == await beside(postgres_database, disables, changes)


async def test_the_old_password_begins_no_session_while_another_is_given(
    postgres_database: str, store: PostgresStore
) -> None:
    await store.add_console_user(ASHA)
    changes = desk._change_user("asha", lambda kept: evolve(kept, password_hash="another"))
    assert not await beside(postgres_database, changes, begins(store, session("d1")))
