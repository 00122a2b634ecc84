"""Two services and two workers on one database, each started again whenever it has died, and what happens to them."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from attrs import define, evolve, field
from e2e.programs import Program
from e2e.shop import START, Shop, kept_port, process, shop, with_endpoint
from integration.delivery.receiver import Receiver, receiving
from patience import until
from postgres_server import Server, database_made, own
from siege.test_fulfilled_once import RATES, time_passing
from torture.fleet import WAITS_S, beside

from paystate.adapters.storage.postgres.config import PostgresConfig
from paystate.adapters.storage.postgres.migration import migrate

VICTIMS_MAX: Final = 3
LONGER_THAN_ANY_LEASE: Final = timedelta(minutes=3)
_NO_CLOCK: Final = b"tells no time"
"""What a process says that has waited half a second for a test's clock: on a busy machine it is started again."""
_WORKER: Final = ("worker",)
_SERVICE: Final = ("serve", "--no-worker")


@define
class Member:
    """One process of the fleet; after its death another one takes its place.

    Attributes:
        running: None while it starts.
        ended: How it ended and what it said, where nobody had killed it.
    """

    at: Shop
    command: Sequence[str]
    running: Program | None = None
    ended: str = ""
    is_killed: bool = False

    def kill(self) -> None:
        """Kill the process that runs."""
        self.is_killed = True
        os.kill(self.pid, signal.SIGKILL)
        self.running = None

    async def live(self, closing: asyncio.Event) -> None:
        """One life after the other, until the fleet is closed."""
        while not closing.is_set():
            own_log = evolve(self.at, logged=bytearray())
            try:
                await self._live_once(own_log, closing)
            except AssertionError as failed:
                if _NO_CLOCK not in own_log.logged:
                    raise AssertionError(f"{self.command} does not start: {own_log.logged.decode()}") from failed

    async def _live_once(self, at: Shop, closing: asyncio.Event) -> None:
        ready = b'"working"' if self.command is _WORKER else b""
        async with process(at, *self.command, ready=ready) as running:
            self.running = running
            death, close = asyncio.create_task(running.wait()), asyncio.create_task(closing.wait())
            await asyncio.wait((death, close), return_when=asyncio.FIRST_COMPLETED)
            close.cancel()
            self.running = None
            if death.done() and not self.is_killed:
                self.ended = f"{self.command} ended with {death.result()}: {at.logged[-2000:].decode()}"
            self.is_killed = False
            running.kill()
            await death

    @property
    def pid(self) -> int:
        assert self.running is not None
        return self.running.pid


@define
class Fleet:
    """All of it.

    Attributes:
        server: None where the database is a SQLite file.
        happened: How often each thing has.
    """

    services: tuple[Shop, ...]
    members: tuple[Member, ...]
    server: Server | None
    endpoint: Receiver
    dice: random.Random
    happened: Counter[str] = field(factory=Counter[str])

    @property
    def at(self) -> Shop:
        """The shop, whichever process answers for it."""
        return self.services[0]

    async def is_up(self) -> bool:
        """Whether every process runs; each is started again after its death."""
        for one in self.members:
            assert not one.ended, one.ended
        return all(one.running for one in self.members)

    def ways(self) -> list[Callable[[], Awaitable[None]]]:
        """All that can happen to it, in a random order."""
        ways = [self._some_die, self._one_stands_still, *([self._database_dies] if self.server else [])]
        return self.dice.sample(ways, len(ways))

    async def _some_die(self) -> None:
        for one in self.dice.sample(self.members, self.dice.randint(1, VICTIMS_MAX)):
            one.kill()
            self.happened["processes killed"] += 1

    async def _one_stands_still(self) -> None:
        stopped = self.dice.choice(self.members)
        pid, wakes_at = stopped.pid, self._now() + LONGER_THAN_ANY_LEASE

        async def has_come() -> bool:
            return self._now() >= wakes_at

        os.kill(pid, signal.SIGSTOP)
        await until(has_come)
        os.kill(pid, signal.SIGCONT)
        self.happened["processes stopped for 3 minutes"] += 1

    async def _database_dies(self) -> None:
        assert self.server is not None
        await asyncio.to_thread(self.server.stop, "immediate")
        await asyncio.to_thread(self.server.start_again)
        self.happened["stops of the database without a warning"] += 1

    def _now(self) -> datetime:
        assert self.at.juspay.now is not None
        return self.at.juspay.now


@asynccontextmanager
async def fleet(folder: Path, dice: random.Random, *, postgres: bool) -> AsyncGenerator[Fleet]:
    """All of it, up and on everybody's clock."""
    async with AsyncExitStack() as ends:
        endpoint = await ends.enter_async_context(receiving())
        one = await ends.enter_async_context(shop(folder, now=START))
        server = ends.enter_context(own()) if postgres else None
        database = await asyncio.to_thread(_migrated, server) if server else str(folder / "paystate.sqlite3")
        bound = f"[postgres]\ntimeout_s = {WAITS_S}\n" if server else ""
        one.settings.write_text(f'database = "{database}"\n{one.settings.read_text()}{bound}{RATES}')
        with_endpoint(one, endpoint.url)
        services = (one, beside(one, folder / "other", ends.enter_context(kept_port())))
        members = tuple(Member(at, command) for command in (_SERVICE, _WORKER) for at in services)
        made = Fleet(services, members, server, endpoint, dice)
        closing = asyncio.Event()
        lives = [asyncio.create_task(one.live(closing)) for one in members]
        try:
            await until(made.is_up)
            async with time_passing(one):
                yield made
        finally:
            closing.set()
            await asyncio.gather(*lives)


def _migrated(server: Server) -> str:
    address = database_made(server.dsn())
    migrate(PostgresConfig(address=address))
    return address
