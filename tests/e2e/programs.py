"""Programs as processes of their own that begin with everything imported.

Importing takes most of a start, and is the same each time. So a server of `multiprocessing` imports once for each of
the suite's workers, and each program is forked from it, with its own pid, memory and signals, and nothing of a test's.
Tests of the command line, of systemd's socket and of the example shops start the installed command itself.
"""

from __future__ import annotations

import asyncio
import os
import runpy
import signal
import sys
from multiprocessing import get_context
from multiprocessing.connection import Connection, Pipe
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from attrs import frozen

from paystate.entrypoints.cli.start import main

_CONTEXT = get_context("forkserver")
_CONTEXT.set_forkserver_preload(
    ["paystate.entrypoints.cli.main", "paystate.entrypoints.service.api.app", "uvicorn.protocols.http.httptools_impl"]
)


@frozen
class Program:
    """A program that runs or has ended.

    Attributes:
        stdout: What it prints; its complaints too.
    """

    stdout: asyncio.StreamReader
    _process: ForkServerProcess

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        """How it ended, below 0 by a signal; None while it runs."""
        return self._process.exitcode

    def kill(self) -> None:
        self._process.kill()

    def terminate(self) -> None:
        os.kill(self.pid, signal.SIGTERM)

    async def wait(self) -> int:
        await asyncio.to_thread(self._process.join)
        assert self.returncode is not None
        return self.returncode


async def started(program: Path | None, *arguments: str | Path, **environ: str) -> Program:
    """Start a script, or the command `paystate` where none is named, with today's environment and `environ`."""
    reading, writing = Pipe(duplex=False)
    line = [str(program or "paystate"), *map(str, arguments)]
    process = _CONTEXT.Process(
        target=_run, args=(line, {**os.environ, **environ}, str(Path.cwd()), writing), daemon=True
    )
    await asyncio.to_thread(process.start)
    writing.close()
    stdout = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(stdout)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, os.fdopen(os.dup(reading.fileno()), "rb"))
    reading.close()
    return Program(stdout, process)


def _run(line: list[str], environ: dict[str, str], folder: str, printed: Connection) -> None:
    os.environ.clear()
    os.environ.update(environ)
    os.chdir(folder)
    for descriptor in (1, 2):
        os.dup2(printed.fileno(), descriptor)
    printed.close()
    sys.argv = line
    if line[0] == "paystate":
        main()
    else:
        runpy.run_path(line[0], run_name="__main__")
