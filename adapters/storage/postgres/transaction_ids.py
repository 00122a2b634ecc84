"""By what a server is asked how a transaction ended, when the answer to its commit was lost."""

from __future__ import annotations

from typing import Final, NamedTuple

from paystate.adapters.storage.postgres.connections import Connection
from paystate.adapters.storage.schema_head import check_heads

RUN: Final = "left(pg_walfile_name(pg_current_wal_lsn()), 8) || cast(pg_stat_get_bgwriter_stat_reset_time() as text)"
"""A run of a server. Its first part changes when a standby takes over. The second does in a crash, after which counters
begin anew, even where the server has only ended its own processes; whoever sets them back makes us ask in vain."""
HEADS: Final = "(select string_agg(version_num, ',') from alembic_version)"
"""Where the database stands. Asked in each transaction, so that a program ends its work when a step is none of its own;
the table is locked with it to the end, and such a step waits for those who have asked."""
_OF_NOW: Final = f"select cast(pg_current_xact_id_if_assigned() as text), {RUN}, {HEADS}"
HOW_IT_ENDED: Final = f"""
    select case when {RUN} = $2 then pg_xact_status(cast(cast($1 as text) as xid8)) else 'forgotten' end
"""
"""`committed`, `aborted` or `in progress`; `forgotten` if that run is over."""


class TransactionId(NamedTuple):
    """A transaction of a server.

    Attributes:
        number: None where it has written nothing.
        run: That of the server which has given the number: after a crash, the same number is given again.
    """

    number: str | None
    run: str


async def id_of_transaction(connection: Connection) -> TransactionId:
    """The transaction that is open on a connection.

    Raises:
        StorageUnavailable: This program may not write any more: a newer one has made another schema.
    """
    number, run, heads = await connection.fetchrow(_OF_NOW) or (None, "", None)
    check_heads((heads or "").split(","))
    return TransactionId(number, run)
