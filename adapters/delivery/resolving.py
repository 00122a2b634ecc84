"""Which addresses a name stands for.

Each receiver has a thread of its own for it: the system's look-ups block and cannot be cancelled, and one name whose
servers hang must not use up everybody's threads.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from paystate.core.urls import is_public

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""From a host and a port to addresses, in the order in which they are to be tried; raises OSError."""


def may_reach(address: str, *, has_tls: bool, allow_private: bool) -> bool:
    """Whether something may be sent to an address: without TLS only within a private network, if that is allowed."""
    if not has_tls:
        return allow_private and not is_public(address)
    return allow_private or is_public(address)


def system_resolver() -> Resolve:
    """The system's own look-ups, one at a time."""
    thread = ThreadPoolExecutor(1, thread_name_prefix="paystate-resolve")

    async def resolve(host: str, port: int) -> Sequence[str]:
        return await asyncio.get_running_loop().run_in_executor(thread, _look_up, host, port)

    return resolve


def _look_up(host: str, port: int) -> Sequence[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(place[0]) for *_, place in found))
