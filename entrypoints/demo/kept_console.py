"""The console of a demo that is kept: on the demo's own database, with people who may sign in."""

from __future__ import annotations

import secrets
import socket
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Final

from paystate.core.console.users import ConsoleUser, Role
from paystate.core.urls import LOOPBACK
from paystate.entrypoints.console.app import create_app, lookout_of
from paystate.entrypoints.demo.stack import Stack, free_ports
from paystate.entrypoints.in_process_server import embedded
from paystate.entrypoints.service.server import bounded
from paystate.entrypoints.setup import bootstrap
from paystate.entrypoints.setup.tables.console import ConsoleSettings

PEOPLE: Final = {"vik": Role.VIEWER, "omar": Role.OPERATOR, "asha": Role.ADMIN}
ALONE_MOST: Final = "300"
"""Rupees that one person may move alone: some orders of the stories need two."""


@asynccontextmanager
async def console(stack: Stack) -> AsyncGenerator[Mapping[str, str]]:
    """Serve it, and yield its address and the password that all have, each under what it is called."""
    (port,) = free_ports(1)
    url, password = f"http://{LOOPBACK}:{port}", secrets.token_urlsafe(12)
    chosen = ConsoleSettings(public_url=url, port=port, second_person_above={"INR": ALONE_MOST}, trusted_proxies=0)
    hasher, runtime = bootstrap.password_hasher(), stack.runtime
    for name, role in PEOPLE.items():
        hashed = await hasher.hashed(password)
        user = ConsoleUser(name=name, role=role, password_hash=hashed, added_at=stack.our_clock.now())
        await runtime.ports.store.add_console_user(user)
    app = create_app(runtime, chosen, hasher)
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind((LOOPBACK, port))
        async with embedded(bounded(app, runtime, host=LOOPBACK, port=port), listener):
            who = ", ".join(f"{name} ({role})" for name, role in PEOPLE.items())
            try:
                yield {"console": f"{url}/", "  sign in as": who, "  with the password": password}
            finally:
                lookout_of(app).end()
