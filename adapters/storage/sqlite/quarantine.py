"""What keeps the inbox bounded, on a connection that holds the write lock: quotas and sweeps.

`core.retention` works out what goes. What each merchant's quarantine holds is counted by triggers (`schema.py`), so
that no webhook that comes has to count the others.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from typing import Final

from paystate.adapters.storage.instants import instant, micros
from paystate.core.retention import (
    BATCH_MAX,
    CLAIMS_CHARS_MAX,
    DROPS_PER_NEWCOMER,
    Quarantine,
    Quota,
    Retention,
    StoredBody,
    Swept,
    batch,
    bodies_over,
    webhooks_over,
    would_leave_quarantine,
)

_QUARANTINED: Final = "merchant_id = ? and verdict not in ('', 'looked')"
_QUARANTINE: Final = "select webhooks, body_bytes from quarantines where merchant_id = ?"
OLDEST: Final = f"select id, kept_bytes from inbox where {_QUARANTINED} order by id limit ?"  # noqa: S608 - fixed text
OLDEST_BODIES: Final = f"""
    select id, kept_bytes from inbox where {_QUARANTINED} and kept_bytes > 0 order by id
"""  # noqa: S608
OUT_OF_DATE: Final = f"""
    select id, kept_bytes from inbox where {_QUARANTINED} and received_at < ? order by received_at, id limit ?
"""  # noqa: S608
_OLD: Final = "merchant_id = ? and verdict = 'looked' and kept_bytes > 0 and received_at < ?"
OLD_BODIES: Final = f"select id, kept_bytes from inbox where {_OLD} order by received_at, id limit ?"  # noqa: S608
OLD_BODIES_SUM: Final = f"select count(*), coalesce(sum(kept_bytes), 0) from inbox where {_OLD}"  # noqa: S608
IN_QUARANTINE: Final = f"select received_at, kept_bytes from inbox where {_QUARANTINED} order by id"  # noqa: S608
_WEBHOOK: Final = "select merchant_id, kept_bytes from inbox where id = ?"
_DROP: Final = f"""
    update inbox set body = x'', kept_bytes = 0,
                     claims = case when length(claims) <= {CLAIMS_CHARS_MAX} then claims end
    where id = ?
"""  # noqa: S608
_DELETE: Final = "delete from inbox where id = ?"


def keep_quota(connection: sqlite3.Connection, quota: Quota, newcomer: int) -> None:
    """Bring the quarantine that a webhook has just come into back within its quota."""
    ((merchant_id, size_bytes),) = connection.execute(_WEBHOOK, (newcomer,)).fetchall()
    if over := webhooks_over(_quarantine_of(connection, merchant_id), quota, most=DROPS_PER_NEWCOMER):
        _delete(connection, _found(connection, OLDEST, merchant_id, over))
    _drop(connection, _bodies_over(connection, merchant_id, quota, StoredBody(newcomer, size_bytes)))


def sweep(connection: sqlite3.Connection, merchant_id: str, retention: Retention) -> Swept:
    """Do what `Store.sweep_inbox` promises, short of the commit."""
    since = micros(retention.quarantined_since)
    if late := batch(_found(connection, OUT_OF_DATE, merchant_id, since, BATCH_MAX)):
        return _delete(connection, late)
    if over := webhooks_over(_quarantine_of(connection, merchant_id), retention.quota, most=BATCH_MAX):
        return _delete(connection, batch(_found(connection, OLDEST, merchant_id, over)))
    if bodies := batch(_bodies_over(connection, merchant_id, retention.quota)):
        return _drop(connection, bodies)
    return _drop(
        connection, batch(_found(connection, OLD_BODIES, merchant_id, micros(retention.bodies_since), BATCH_MAX))
    )


def sweepable(connection: sqlite3.Connection, merchant_id: str, retention: Retention) -> Swept:
    """Do what `Store.sweepable_inbox` promises."""
    rows = connection.execute(IN_QUARANTINE, (merchant_id,)).fetchall()
    quarantined = would_leave_quarantine(retention, [(instant(came), size) for came, size in rows])
    old = (merchant_id, micros(retention.bodies_since))
    ((bodies, body_bytes),) = connection.execute(OLD_BODIES_SUM, old).fetchall()
    return quarantined + Swept(bodies=bodies, body_bytes=body_bytes)


def _quarantine_of(connection: sqlite3.Connection, merchant_id: str) -> Quarantine:
    counted = connection.execute(_QUARANTINE, (merchant_id,)).fetchall()
    return Quarantine(*counted[0]) if counted else Quarantine()


def _found(connection: sqlite3.Connection, statement: str, *values: str | int) -> Sequence[StoredBody]:
    return [StoredBody(*row) for row in connection.execute(statement, values).fetchall()]


def _bodies_over(
    connection: sqlite3.Connection, merchant_id: str, quota: Quota, newcomer: StoredBody | None = None
) -> Sequence[StoredBody]:
    quarantine = _quarantine_of(connection, merchant_id)
    with closing(connection.execute(OLDEST_BODIES, (merchant_id,))) as rows:  # read no further than is needed
        return bodies_over(quarantine, quota, (StoredBody(*row) for row in rows), newcomer)


def _drop(connection: sqlite3.Connection, bodies: Sequence[StoredBody]) -> Swept:
    connection.executemany(_DROP, [(body.row_id,) for body in bodies])
    return Swept(bodies=len(bodies), body_bytes=sum(body.size_bytes for body in bodies))


def _delete(connection: sqlite3.Connection, webhooks: Sequence[StoredBody]) -> Swept:
    connection.executemany(_DELETE, [(webhook.row_id,) for webhook in webhooks])
    return Swept(webhooks=len(webhooks), body_bytes=sum(webhook.size_bytes for webhook in webhooks))
