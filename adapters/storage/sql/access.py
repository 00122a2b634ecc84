"""How a store runs steps: what each database does in its own way."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TypeVar

from paystate.adapters.storage.sql.steps import Steps

T = TypeVar("T")


class Access(ABC):
    """Runs steps, each time newly made, as a transaction may have to be run again.

    There are two ways in to write, and whoever wraps a store wraps both.
    """

    @abstractmethod
    async def _write(self, steps: Callable[[], Steps[T]]) -> T:
        """Run steps in a transaction; returns, or raises, once that is committed."""

    async def _write_together(self, steps: Callable[[], Steps[T]]) -> T:
        """The same, for steps that first of all are `alone` with all that they touch.

        They may share a transaction with others that come at the same time.
        """
        return await self._write(steps)

    @abstractmethod
    async def _read(self, steps: Callable[[], Steps[T]]) -> T:
        """Run steps that write nothing."""
