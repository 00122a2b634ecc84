"""Driving an official client in a process of its own: a line of JSON asks for calls, a line tells what came of them.

Owns the protocol's Python side. A line asks `{"client": {...}, "calls": [[name, argument, ...], ...]}`; all calls of a
line run at once where the client can. The answer is a list in the same order, of `{"ok": value}` or
`{"error": {"name", "status", ...}}`.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Told = dict[str, Any]


@dataclass(frozen=True)
class Driver:
    """A running client."""

    process: subprocess.Popen[str]
    one_at_a_time: threading.Lock = field(default_factory=threading.Lock)

    async def calls(self, client: Mapping[str, Any], *calls: tuple[Any, ...]) -> list[Told]:
        """Make these calls with a client of those settings, and return what came of each."""
        return await asyncio.to_thread(self._ask, json.dumps({"client": client, "calls": calls}))

    async def call(self, client: Mapping[str, Any], *call: Any) -> Told:
        """Make one call."""
        (told,) = await self.calls(client, call)
        return told

    def _ask(self, line: str) -> list[Told]:
        assert self.process.stdin
        assert self.process.stdout
        with self.one_at_a_time:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
            told: list[Told] = json.loads(self.process.stdout.readline())
        return told


@contextmanager
def driver(command: list[str], folder: Path, **environment: str) -> Generator[Driver]:
    """Run a client's driver in `folder` until the tests are through with it."""
    process = subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:  # leaving it closes the pipes, which ends the driver, and waits
        yield Driver(process)
