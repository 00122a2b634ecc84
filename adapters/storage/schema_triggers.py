"""The triggers of a SQLite file, as migrations must leave them. Those of PostgreSQL are in `postgres/baseline.py`."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, MetaData

# Counted by triggers, as many statements move a webhook into a quarantine, out of it, or take its body.
_TRIGGERS: Final = (
    """
    create trigger quarantines_insert after insert on inbox when new.verdict not in ('', 'looked') begin
    insert into quarantines (merchant_id, webhooks, body_bytes) values (new.merchant_id, 1, new.kept_bytes)
    on conflict (merchant_id) do update
    set webhooks = webhooks + excluded.webhooks, body_bytes = body_bytes + excluded.body_bytes;
    end
    """,
    """
    create trigger quarantines_update after update of verdict, kept_bytes on inbox
    when old.verdict not in ('', 'looked') or new.verdict not in ('', 'looked') begin
    insert into quarantines (merchant_id, webhooks, body_bytes)
    values (
        new.merchant_id,
        (new.verdict not in ('', 'looked')) - (old.verdict not in ('', 'looked')),
        (new.verdict not in ('', 'looked')) * new.kept_bytes - (old.verdict not in ('', 'looked')) * old.kept_bytes
    )
    on conflict (merchant_id) do update
    set webhooks = webhooks + excluded.webhooks, body_bytes = body_bytes + excluded.body_bytes;
    end
    """,
    """
    create trigger quarantines_delete after delete on inbox when old.verdict not in ('', 'looked') begin
    insert into quarantines (merchant_id, webhooks, body_bytes) values (old.merchant_id, -1, -old.kept_bytes)
    on conflict (merchant_id) do update
    set webhooks = webhooks + excluded.webhooks, body_bytes = body_bytes + excluded.body_bytes;
    end
    """,
)


def make_triggers(_: MetaData, connection: Connection, **_more: object) -> None:
    """Make them on tables that are there; a listener of SQLAlchemy's."""
    for trigger in _TRIGGERS:
        connection.exec_driver_sql(trigger.strip())
