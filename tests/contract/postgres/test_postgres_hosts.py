"""What is told of servers none of which can be written to, in whichever order they answer."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest

from paystate.adapters.storage.postgres import hosts

STANDBY = asyncpg.TargetServerAttributeNotMatched("it can only be read from")
FULL = asyncpg.TooManyConnectionsError("there are too many already")
BROKEN = asyncpg.InternalClientError("it was broken off halfway")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ((FULL, STANDBY), FULL),
        ((STANDBY, FULL), FULL),
        ((BROKEN, STANDBY), BROKEN),
        ((BROKEN, FULL), FULL),
        ((STANDBY, STANDBY), ConnectionRefusedError("what answers can only be read from")),
    ],
    ids=["full, then a standby", "a standby, then full", "broken, then a standby", "broken, then full", "standbys"],
)
async def test_that_a_server_is_a_standby_is_told_only_where_nothing_else_is_wrong(
    monkeypatch: pytest.MonkeyPatch, said: tuple[Exception, Exception], told: Exception
) -> None:
    answered = list[str]()

    async def connects(address: str, **_: Any) -> None:
        """In the order of the address, as each is asked in a task of its own."""
        answered.append(address)
        raise said[len(answered) - 1]

    monkeypatch.setattr(asyncpg, "connect", connects)
    with pytest.raises(type(told), match=str(told)):
        await hosts.connected("postgresql://me@a,b/shop")
    assert ["postgresql://me@a/shop", "postgresql://me@b/shop"] == answered
