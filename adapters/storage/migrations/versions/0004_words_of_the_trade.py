"""Stored members have the names that the trade uses; announcements and settlements carry their parts.

Released steps are never edited. Rows are rewritten as JSON, member by member, because a step must not change when the
records of the program do. Mappings keep their order, which has a meaning.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | None = None
depends_on: str | None = None

Json = dict[str, Any]

_REPORT: Final = {"word": "status_word"}
_OBSERVATION: Final = {"said": "reported"}
_ATTEMPT: Final = {"sightings": "observations"}
_REFUND: Final = {
    **_ATTEMPT,
    "absent_asked": "last_unlisted_at_version",
    "gave_up": "tries_exhausted",
    "settled_over": "settled_from_state",
}
_VERDICTS: Final = {
    "names no order": "no_order",
    "another merchant's": "other_merchant",
    "unknown order": "unknown_order",
}


def upgrade() -> None:
    """Change what is stored forwards; there is no way back, a backup is."""
    _rewrite("orders", "snapshot", _order)
    _rewrite("order_journal", "fact", _fact)
    _rewrite("checkout_journal", "fact", lambda fact: _renamed(fact, _OBSERVATION))
    connection = op.get_bind()
    for old, new in _VERDICTS.items():
        connection.exec_driver_sql("update inbox set verdict = ? where verdict = ?", (new, old))
    op.drop_index("ix_inbox_put_away", "inbox")
    quarantined = sa.text("verdict not in ('', 'looked')")
    op.create_index("ix_inbox_quarantined", "inbox", ["merchant_id", "id"], sqlite_where=quarantined)


def _rewrite(table: str, column: str, change: Callable[[Json], Json]) -> None:
    """Change every row of a column that holds JSON; in steps, so that a large table is never in memory whole."""
    connection, after = op.get_bind(), 0
    page = f"select id, {column} from {table} where id > ? order by id limit 1000"  # noqa: S608 - names of this file's
    write = f"update {table} set {column} = ? where id = ?"  # noqa: S608 - names of this file's
    while rows := connection.exec_driver_sql(page, (after,)).fetchall():
        for row_id, text in rows:
            changed = _changed(text, change, f"row {row_id} of {table}")
            if changed != text:
                connection.exec_driver_sql(write, (changed, row_id))
        after = rows[-1][0]


def _changed(text: str | bytes, change: Callable[[Json], Json], where: str) -> str:
    try:
        return msgspec.json.encode(change(msgspec.json.decode(text, type=Json))).decode()
    except (ValueError, AttributeError, KeyError, TypeError) as wrong:
        raise ValueError(f"{where} cannot be read by this program") from wrong


def _order(order: Json) -> Json:
    for name, change in (("attempts", _attempt), ("refunds", _refund), ("settled", _settlement)):
        if name in order:
            order[name] = {key: change(one) for key, one in order[name].items()}
    return _with_common_members(order)


def _fact(fact: Json) -> Json:
    for name, change in (("attempts", _attempt), ("refunds", _refund), ("settled", _settlement)):
        if name in fact:
            fact[name] = [change(one) for one in fact[name]]
    return _with_common_members(fact)


def _with_common_members(record: Json) -> Json:
    if "latest" in record:
        record["latest"] = _observations(record["latest"])
    if "announced" in record:
        record["announced"] = [_announcement(once_key) for once_key in record["announced"]]
    return record


def _announcement(once_key: str) -> Json:
    kind, _, about = once_key.partition(":")
    return {"kind": kind, "about": about}


def _attempt(attempt: Json) -> Json:
    return _observed(_renamed(attempt, _ATTEMPT))


def _refund(refund: Json) -> Json:
    return _observed(_renamed(refund, _REFUND))


def _observed(record: Json) -> Json:
    return {**record, "observations": _observations(record["observations"])} if "observations" in record else record


def _observations(seen: Json) -> Json:
    return {kind: _observation(one) for kind, one in seen.items()}


def _observation(seen: Json) -> Json:
    named = _renamed(seen, _OBSERVATION)
    return {**named, "reported": _renamed(named["reported"], _REPORT)}


def _settlement(word: Json) -> Json:
    """A word names the kind of its reason, and a dispute: that reason's key is `dispute:<id>:<outcome>`."""
    kind, _, evidence = word["reason"].partition(":")
    about = {"dispute_id": evidence.rpartition(":")[0]} if kind == "dispute" else {}
    return {**word, "kind": kind, **about}


def _renamed(record: Json, names: dict[str, str]) -> Json:
    return {names.get(name, name): value for name, value in record.items()}
