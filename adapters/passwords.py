"""Passwords as Argon2id keeps them.

A hash costs 64 MiB and a core for some time, so that guessing is slow. Two are made at once at most, in threads: who
tries many at a time waits, and takes nobody else's memory.
"""

from __future__ import annotations

import asyncio
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

AT_ONCE_MAX: Final = 2


class Argon2Hasher:
    """The port `PasswordHasher`, with the second recommended option of RFC 9106, 4 (the library's own choice)."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher()
        self._turns = asyncio.Semaphore(AT_ONCE_MAX)
        self._nobodys = ""

    async def hashed(self, password: str) -> str:
        """See `PasswordHasher.hashed`."""
        async with self._turns:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def fits(self, password: str, password_hash: str) -> bool:
        """See `PasswordHasher.fits`."""
        if not password_hash:
            self._nobodys = self._nobodys or await self.hashed("nobody's")
        async with self._turns:
            return await asyncio.to_thread(self._fits, password, password_hash)

    def _fits(self, password: str, password_hash: str) -> bool:
        try:
            self._hasher.verify(password_hash or self._nobodys, password)
        except (Argon2Error, InvalidHashError):
            return False
        return bool(password_hash)
