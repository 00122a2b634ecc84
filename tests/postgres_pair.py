"""Two real PostgreSQL servers on loopback: what one commits the other has, and takes over when the first one dies."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Final

from attrs import define, field
from e2e.shop import kept_port
from patience import HANGS_S
from postgres_server import QUICKEST, Server, laid_out, start

_STANDBY: Final = "standby"
"""The name under which a standby follows, and under which its primary waits for it."""
_SHARED: Final = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",  # its lock would lie in the folder, and be copied to a standby
    "dynamic_shared_memory_type": "mmap",  # in the folder, and goes with it, however the server dies
}


@define
class Pair:
    """A primary, and a standby without which the primary commits nothing.

    Attributes:
        ports: Of one of them and of the other; they never change, whoever is the primary.
        primary: Where it listens is `ports[leads]`.
    """

    folder: Path
    ports: tuple[int, int]
    leads: int
    primary: Server
    standby: Server
    _names: Iterator[int] = field(factory=count)

    def address(self, database: str) -> str:
        """One address for both, the first of which is the primary at first."""
        hosts = ",".join(f"127.0.0.1:{port}" for port in self.ports)
        return f"postgresql://postgres@{hosts}/{database}"

    def asked(self, query: str, server: Server | None = None) -> str:
        """What a server, by itself the primary, answers at the terminal."""
        server = server or self.primary
        port = self.ports[self.leads if server is self.primary else 1 - self.leads]
        return server.run("psql", "-h", "127.0.0.1", "-p", str(port), "-U", "postgres", "-Atc", query).strip()

    def take_over(self) -> Server:
        """Make the standby the primary, which waits for nobody; returns what was the primary."""
        was = self.primary
        self.standby.run("pg_ctl", "-D", str(self.standby.data_dir), "-w", "promote")
        self.primary, self.leads = self.standby, 1 - self.leads
        return was

    def follow(self) -> None:
        """Put a new standby where the last primary was, which must be gone, and have the primary wait for it."""
        port = self.ports[1 - self.leads]
        self.standby = laid_out(_made(self.folder, f"data{next(self._names)}"))
        where = str(self.standby.data_dir)
        leader = f"host=127.0.0.1 port={self.ports[self.leads]} user=postgres application_name={_STANDBY}"
        self.primary.run("pg_basebackup", "-d", leader, "-D", where, "-R", "-X", "stream", "-c", "fast", "--no-sync")
        with (self.standby.data_dir / "postgresql.conf").open("a") as file:
            file.write(f"port = '{port}'\n")
        self.standby.start_again()
        self.asked(f"alter system set synchronous_standby_names = '{_STANDBY}'")
        self.asked("select pg_reload_conf()")
        _wait(lambda: self.asked("select sync_state from pg_stat_replication") == "sync")


@contextmanager
def pair() -> Generator[Pair]:
    """A pair while the block runs."""
    folder = Path(tempfile.mkdtemp(prefix="paystate-pg-", dir=QUICKEST))
    folder.chmod(0o755)
    with ExitStack() as ends:
        ends.callback(shutil.rmtree, folder, ignore_errors=True)
        ports = (ends.enter_context(kept_port()), ends.enter_context(kept_port()))
        primary = start(_made(folder, "first"), {**_SHARED, "port": str(ports[0])})
        made = Pair(folder, ports, 0, primary, primary)
        ends.callback(lambda: kill(made.primary, made.standby))
        made.follow()
        yield made


def kill(*servers: Server) -> None:
    """As when its machine loses its power: all its processes at once; returns when there is none any more."""
    processes = [one for server in servers for one in _processes(server)]
    for one in processes:
        with suppress(ProcessLookupError):
            os.kill(one, signal.SIGKILL)
    _wait(lambda: not any(map(_is_alive, processes)))


@contextmanager
def paused(server: Server) -> Generator[None]:
    """As when its machine stands still, or is cut off: whoever has a connection hears nothing."""
    processes = _processes(server)
    for one in processes:
        os.kill(one, signal.SIGSTOP)
    try:
        yield
    finally:
        for one in processes:
            with suppress(ProcessLookupError):
                os.kill(one, signal.SIGCONT)


def _made(folder: Path, name: str) -> Path:
    (folder / name).mkdir(mode=0o700)
    return folder / name


def _processes(server: Server) -> list[int]:
    """That above all others first."""
    try:
        children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text()
    except OSError:
        return []
    return [server.pid, *map(int, children.split())]


def _is_alive(process: int) -> bool:
    """A process that has ended may stay on the list until somebody asks for it."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _wait(holds: Callable[[], bool]) -> None:
    ends = time.monotonic() + HANGS_S
    while not holds():
        assert time.monotonic() < ends, "it did not come to pass"
        time.sleep(0.02)
