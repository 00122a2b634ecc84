"""Looks at what open pages show, for all who wait for news of it.

However many wait for news of one thing, it is looked at once for all of them.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from typing import Final

from attrs import define, field

from paystate.core.errors import PortError
from paystate.core.ports.runtime import Sleep

STREAMS_MAX: Final = 100
"""Open pages that wait at the same time; each has a place among the requests that are worked on."""
STREAMS_OF_ONE: Final = 10
"""Those of one person."""
NOT_KNOWN: Final = ""

Look = Callable[[], Awaitable[str]]
"""Reads how a thing stands: a short text that is another one once there is news."""


@define
class Lookout:
    """One for all pages of a console.

    Attributes:
        sleep: How it waits for its next look.
        is_over: The process ends, so nobody waits any longer.
    """

    sleep: Sleep
    is_over: bool = field(default=False, init=False)
    _waiting: Counter[str] = field(factory=Counter[str], init=False)
    _coming: dict[str, asyncio.Task[str]] = field(factory=dict[str, asyncio.Task[str]], init=False)

    @contextmanager
    def place(self, who: str) -> Generator[bool]:
        """A place among those who wait; False where all are taken."""
        if self._waiting.total() >= STREAMS_MAX or self._waiting[who] >= STREAMS_OF_ONE:
            yield False
            return
        self._waiting[who] += 1
        try:
            yield True
        finally:
            self._waiting[who] -= 1

    async def next(self, thing: str, look: Look, *, in_s: float) -> str:
        """What a look at it in so many seconds finds, or in fewer where others wait for one already.

        Returns:
            NOT_KNOWN where the store does not answer, and at the end.
        """
        if self.is_over:
            return NOT_KNOWN
        coming = self._coming.get(thing)
        if coming is None:
            coming = self._coming[thing] = asyncio.create_task(self._look(thing, look, in_s))
        await asyncio.wait({coming})  # whoever waits no longer ends it for nobody else
        return NOT_KNOWN if coming.cancelled() else coming.result()

    async def _look(self, thing: str, look: Look, in_s: float) -> str:
        try:
            await self.sleep(in_s)
            return await look()
        except PortError:
            return NOT_KNOWN
        finally:
            del self._coming[thing]

    def end(self) -> None:
        """Let nobody wait any longer."""
        self.is_over = True
        for coming in self._coming.values():
            coming.cancel()
