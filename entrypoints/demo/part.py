"""One part of the stack that a story can stop, and start again as it was. What it is made of is in `stack`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Generic, TypeVar

T = TypeVar("T")


class Part(Generic[T]):
    """Something that runs between `start` and `stop`, any number of times."""

    def __init__(self, opened: Callable[[], AbstractAsyncContextManager[T]]) -> None:
        """Nothing runs yet; each start enters what `opened` makes."""
        self._opened = opened
        self._running: tuple[T, AsyncExitStack] | None = None

    @property
    def is_up(self) -> bool:
        """Whether it runs."""
        return self._running is not None

    @property
    def value(self) -> T:
        """What the part gives while it runs; raises RuntimeError while it does not."""
        if self._running is None:
            raise RuntimeError("this part of the stack is down")
        return self._running[0]

    async def start(self) -> T:
        """Start it, unless it is up."""
        if self._running is None:
            async with AsyncExitStack() as opening:
                value = await opening.enter_async_context(self._opened())
                self._running = value, opening.pop_all()
        return self.value

    async def stop(self) -> None:
        """Stop it, unless it is down."""
        running, self._running = self._running, None
        if running:
            await running[1].aclose()
