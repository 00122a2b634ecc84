"""How long tests wait for what must come: a bound for what hangs, never a measure of speed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

HANGS_S = 120.0
"""Real seconds after which whatever is waited for never comes, however slow and busy the machine is."""


async def until(holds: Callable[[], Awaitable[Any]]) -> Any:
    """Ask again and again, until it hangs; returns the first answer that is true."""
    ends = time.monotonic() + HANGS_S
    while not (found := await holds()):
        assert time.monotonic() < ends, "it did not come to pass"
        await asyncio.sleep(0.02)
    return found
