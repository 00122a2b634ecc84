"""How a store runs steps: what each database does in its own way."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TypeVar

from paystate.adapters.storage.sql.steps import Steps

T = TypeVar("T")


class Access(ABC):
    """Runs steps, each time newly made, as a transaction may have to be run again."""

    @abstractmethod
    async def _write(self, steps: Callable[[], Steps[T]]) -> T:
        """Run steps in a transaction; returns, or raises, once that is committed."""

    @abstractmethod
    async def _read(self, steps: Callable[[], Steps[T]]) -> T:
        """Run steps that write nothing."""
