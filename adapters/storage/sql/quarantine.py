"""What keeps the inbox bounded: quotas and sweeps.

`core.retention` works out what goes. What each merchant's quarantine holds is counted by triggers (`schema.py`), so
that no webhook that comes has to count the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from paystate.adapters.storage.instants import instant, micros
from paystate.adapters.storage.sql.steps import Sql, Steps, Value, change_each, fetch
from paystate.core.retention import (
    BATCH_MAX,
    CLAIMS_CHARS_MAX,
    DROPS_MAX,
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
_QUARANTINE: Final = Sql("select webhooks, body_bytes from quarantines where merchant_id = ?")
OLDEST: Final = Sql(f"""
    select id, kept_bytes from inbox where {_QUARANTINED} order by id limit ? [for update or skip]
""")  # noqa: S608 - fixed text
OLDEST_BODIES: Final = Sql(f"""
    select id, kept_bytes from inbox where {_QUARANTINED} and kept_bytes > 0 order by id limit {DROPS_MAX}
    [for update or skip]
""")  # noqa: S608
OUT_OF_DATE: Final = Sql(f"""
    select id, kept_bytes from inbox where {_QUARANTINED} and received_at < ? order by received_at, id limit ?
    [for update or skip]
""")  # noqa: S608
_OLD: Final = "merchant_id = ? and verdict = 'looked' and kept_bytes > 0 and received_at < ?"
OLD_BODIES: Final = Sql(f"""
    select id, kept_bytes from inbox where {_OLD} order by received_at, id limit ? [for update or skip]
""")  # noqa: S608
OLD_BODIES_SUM: Final = Sql(f"""
    select count(*), cast(coalesce(sum(kept_bytes), 0) as bigint) from inbox where {_OLD}
""")  # noqa: S608
IN_QUARANTINE: Final = Sql(f"select received_at, kept_bytes from inbox where {_QUARANTINED} order by id")  # noqa: S608
_WEBHOOK: Final = Sql("select merchant_id, kept_bytes from inbox where id = ?")
_DROP: Final = Sql(f"""
    update inbox set body = ?, kept_bytes = 0,
                     claims = case when length(claims) <= {CLAIMS_CHARS_MAX} then claims end
    where id = ?
""")  # noqa: S608
_DELETE: Final = Sql("delete from inbox where id = ?")


def keep_quota(quota: Quota, newcomer: int) -> Steps[None]:
    """Bring the quarantine that a webhook has just come into back within its quota."""
    ((merchant_id, size_bytes),) = yield from fetch(_WEBHOOK, newcomer)
    if over := webhooks_over((yield from _quarantine_of(merchant_id)), quota, most=DROPS_PER_NEWCOMER):
        yield from _delete((yield from _found(OLDEST, merchant_id, over)))
    yield from _drop((yield from _bodies_over(merchant_id, quota, StoredBody(newcomer, size_bytes))))


def sweep(merchant_id: str, retention: Retention) -> Steps[Swept]:
    """Do what `Store.sweep_inbox` promises."""
    since = micros(retention.quarantined_since)
    if late := batch((yield from _found(OUT_OF_DATE, merchant_id, since, BATCH_MAX))):
        return (yield from _delete(late))
    if over := webhooks_over((yield from _quarantine_of(merchant_id)), retention.quota, most=BATCH_MAX):
        return (yield from _delete(batch((yield from _found(OLDEST, merchant_id, over)))))
    if bodies := batch((yield from _bodies_over(merchant_id, retention.quota))):
        return (yield from _drop(bodies))
    old = yield from _found(OLD_BODIES, merchant_id, micros(retention.bodies_since), BATCH_MAX)
    return (yield from _drop(batch(old)))


def sweepable(merchant_id: str, retention: Retention) -> Steps[Swept]:
    """Do what `Store.sweepable_inbox` promises."""
    rows = yield from fetch(IN_QUARANTINE, merchant_id)
    quarantined = would_leave_quarantine(retention, [(instant(came), size) for came, size in rows])
    ((bodies, body_bytes),) = yield from fetch(OLD_BODIES_SUM, merchant_id, micros(retention.bodies_since))
    return quarantined + Swept(bodies=bodies, body_bytes=body_bytes)


def _quarantine_of(merchant_id: str) -> Steps[Quarantine]:
    counted = yield from fetch(_QUARANTINE, merchant_id)
    return Quarantine(*counted[0]) if counted else Quarantine()


def _found(statement: Sql, *values: Value) -> Steps[Sequence[StoredBody]]:
    return [StoredBody(*row) for row in (yield from fetch(statement, *values))]


def _bodies_over(merchant_id: str, quota: Quota, newcomer: StoredBody | None = None) -> Steps[Sequence[StoredBody]]:
    quarantine = yield from _quarantine_of(merchant_id)
    if quarantine.body_bytes <= quota.bytes_max:
        return ()
    return bodies_over(quarantine, quota, (yield from _found(OLDEST_BODIES, merchant_id)), newcomer)


def _drop(bodies: Sequence[StoredBody]) -> Steps[Swept]:
    yield from change_each(_DROP, [(b"", body.row_id) for body in bodies])
    return Swept(bodies=len(bodies), body_bytes=sum(body.size_bytes for body in bodies))


def _delete(webhooks: Sequence[StoredBody]) -> Steps[Swept]:
    yield from change_each(_DELETE, [(webhook.row_id,) for webhook in webhooks])
    return Swept(webhooks=len(webhooks), body_bytes=sum(webhook.size_bytes for webhook in webhooks))
