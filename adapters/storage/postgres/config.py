"""What a connection to PostgreSQL needs to know."""

from __future__ import annotations

import ssl

from attrs import field, frozen


@frozen(kw_only=True)
class PostgresConfig:
    """A database, and how it is used.

    Attributes:
        address: `postgresql://user@host:port/database`, without a password.
        tls: Whom to trust as its server; None for a connection that is not encrypted.
        connections_max: How many connections one process has at most.
        timeout_s: How long to wait for a connection, for a lock, and for a statement.
        prepared_max: How many statements each connection keeps prepared; 0 where a pooler that hands connections out
            for one transaction each does not know of prepared statements.
        waiting_max: Writes that may be under way; one more is refused.
    """

    address: str
    password: str | None = field(default=None, repr=False)
    tls: ssl.SSLContext | None = field(default=None, repr=False)
    connections_max: int = 10
    timeout_s: float = 5.0
    prepared_max: int = 0
    waiting_max: int = 1000
