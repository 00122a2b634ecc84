"""What is wrong with the address of a database, and with how it is reached; nobody is asked."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Final
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from paystate.adapters.signing.secret_files import FileUnusable, read_file
from paystate.core.urls import is_loopback
from paystate.entrypoints.setup.problems import ConfigProblem
from paystate.entrypoints.setup.settings import Settings

CA_BYTES_MAX: Final = 1024 * 1024
_ADDRESS: Final = "give postgresql://user@host/name, or the name of a file for SQLite"


def check_database(settings: Settings) -> Iterator[ConfigProblem]:
    """What is wrong with `database` and, for an address, with `postgres`, but for its password."""
    if not settings.is_on_postgres:
        return
    address = _parts(settings.database)
    if address is None or address.scheme != "postgresql" or not unquote(address.path.strip("/")):
        yield ConfigProblem("database", "is not the address of a database on PostgreSQL", _ADDRESS)
        return
    if address.password is not None or "password" in parse_qs(address.query):
        fix = "take it out, and let `postgres.password` say in which file it is"
        yield ConfigProblem("database", "has a password in it", fix)
    if set(parse_qs(address.query)) - {"host", "password"}:
        fix = "leave it out; [postgres] has TLS and the rest, and only `host`, a socket's folder, may stand there"
        yield ConfigProblem("database", "has a parameter that is not taken", fix)
    if find_spec("asyncpg") is None:
        yield ConfigProblem("database", "needs a driver that is not installed", "install paystate[postgres]")
    yield from _check_ca_file(settings)


def has_tls(settings: Settings) -> bool:
    """Whether the connection to PostgreSQL is encrypted: where it leaves this machine, unless that is turned off."""
    return not is_on_this_machine(settings) if settings.postgres.tls is None else settings.postgres.tls


def is_on_this_machine(settings: Settings) -> bool:
    """Whether PostgreSQL is reached by a socket of this machine, or over loopback."""
    address = urlsplit(settings.database)
    hosts = [host for host, _ in _hosts(address)] + parse_qs(address.query).get("host", [])
    return all(not host or host.startswith("/") or is_loopback(host) for host in hosts)


def _parts(address: str) -> SplitResult | None:
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    is_whole = all(not port or (port.isascii() and port.isdigit() and int(port) < 65_536) for _, port in _hosts(parts))
    return parts if is_whole else None


def _hosts(address: SplitResult) -> list[tuple[str, str]]:
    """The hosts of an address, each with its port; a standby that may take over stands behind a comma."""
    hosts = address.netloc.rpartition("@")[2].split(",")
    found = [re.fullmatch(r"(\[[^]]*\]|[^:]*)(?::(.*))?", host) for host in hosts]
    return [(one[1].strip("[]"), one[2] or "") if one else (host, "?") for one, host in zip(found, hosts, strict=True)]


def _check_ca_file(settings: Settings) -> Iterator[ConfigProblem]:
    if settings.postgres.ca_file is None:
        return
    try:
        pem = read_file(settings.file(settings.postgres.ca_file), bytes_max=CA_BYTES_MAX).decode()
        ssl.create_default_context(cadata=pem)
    except (FileUnusable, OSError, ValueError):
        fix = "name the PEM file of the authority that signed the server's certificate"
        yield ConfigProblem("postgres.ca_file", "is not a certificate file", fix)
