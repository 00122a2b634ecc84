"""Programs as processes of their own that begin with everything imported.

Importing takes most of a start, and is the same each time. So a server of `multiprocessing` imports once for each of
the suite's workers, and each program is forked from it, with its own pid, memory and signals, and nothing of a test's.
The installed command itself is started by the tests of the demo, of systemd's socket and of the example shops' workers;
tests/architecture/test_starting.py sees that each part of it loads by itself.
"""

from __future__ import annotations

import asyncio
import os
import runpy
import signal
import sys
from collections.abc import Mapping, Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection, Pipe
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from attrs import frozen
from patience import HANGS_S

from paystate.entrypoints.cli.start import main

_CONTEXT = get_context("forkserver")
_CONTEXT.set_forkserver_preload(
    [
        "paystate.entrypoints.cli.main",
        "paystate.entrypoints.service.server",
        "paystate.entrypoints.console.server",
        "paystate.adapters.passwords",
        "paystate.adapters.storage.sqlite.migration",
        "uvicorn.protocols.http.httptools_impl",
    ]
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


@frozen
class Ended:
    """How a program has ended, and what it wrote.

    Attributes:
        stderr: Its complaints, and what it logged.
    """

    returncode: int
    stdout: str
    stderr: str


async def started(program: Path | None, *arguments: str | Path, **environ: str) -> Program:
    """Start a script, or the command `paystate` where none is named, with today's environment and `environ`."""
    stdin, typing = Pipe(duplex=False)
    stdout, printing = Pipe(duplex=False)
    typing.close()
    process = await _forked(program, arguments, environ, stdin, printing, printing)
    return Program(await _reader(stdout), process)


async def ended(*arguments: str | Path, typed: str = "") -> Ended:
    """Run the command `paystate` to its end, with a few lines piped in; raises TimeoutError for one that hangs."""
    (stdin, typing), (stdout, printing), (stderr, complaining) = (Pipe(duplex=False) for _ in range(3))
    os.write(typing.fileno(), typed.encode())
    typing.close()
    process = await _forked(None, arguments, {}, stdin, printing, complaining)
    readers = [await _reader(one) for one in (stdout, stderr)]
    try:
        async with asyncio.timeout(HANGS_S):
            printed, complaints = await asyncio.gather(*(one.read() for one in readers))
        await asyncio.to_thread(process.join, HANGS_S)
        if process.exitcode is None:
            raise TimeoutError
    finally:
        process.kill()  # nothing, where it has ended
        await asyncio.to_thread(process.join)
    return Ended(process.exitcode, printed.decode(), complaints.decode())


async def _forked(
    program: Path | None, arguments: Sequence[str | Path], environ: Mapping[str, str], *streams: Connection
) -> ForkServerProcess:
    """The process, begun; `streams` are its standard input, output and error, and closed in this one."""
    line = [str(program or "paystate"), *map(str, arguments)]
    process = _CONTEXT.Process(
        target=_run, args=(line, {**os.environ, **environ}, str(Path.cwd()), streams), daemon=True
    )
    await asyncio.to_thread(process.start)
    for stream in streams:
        stream.close()
    return process


async def _reader(end: Connection) -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, os.fdopen(os.dup(end.fileno()), "rb"))
    end.close()
    return reader


def _run(line: list[str], environ: dict[str, str], folder: str, streams: tuple[Connection, ...]) -> None:
    os.environ.clear()
    os.environ.update(environ)
    os.chdir(folder)
    for descriptor, stream in enumerate(streams):
        os.dup2(stream.fileno(), descriptor)
    for stream in streams:
        stream.close()
    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)  # multiprocessing has put an empty one there
    sys.argv = line
    if line[0] == "paystate":
        main()
    else:
        runpy.run_path(line[0], run_name="__main__")
