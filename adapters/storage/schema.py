"""The tables, as migrations must leave them: names, types, constraints and indexes.

No statement is run from here, and the store does not import it: the hot path uses fixed SQL on the driver, and
SQLAlchemy only serves migrations and their checks.

An instant is an integer of microseconds since 1970 in UTC: it is exact, holds no zone to get wrong, and sorts and
indexes as a number in every database. (ISO text sorts too, but only while every writer spells it alike.) Journals and
snapshots are JSON text, so any SQL tool can read them. Ids that the gateway or a merchant chose are in unique
constraints only; rows are reached and ordered by small ascending integers.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    TextClause,
    UniqueConstraint,
    event,
    text,
)

from paystate.adapters.storage.schema_triggers import make_triggers

METADATA: Final = MetaData()

_BIG: Final = BigInteger().with_variant(Integer(), "sqlite")  # a strict SQLite table knows INTEGER only


def _id() -> Column[int]:
    return Column("id", _BIG, nullable=False)


def _words(name: str, *, nullable: bool = False, default: str | None = None) -> Column[str]:
    return Column(name, Text(), nullable=nullable, server_default=_sql(default))


def _number(name: str, *, nullable: bool = False, default: str | None = None) -> Column[int]:
    return Column(name, _BIG, nullable=nullable, server_default=_sql(default))


def _sql(default: str | None) -> TextClause | None:
    return None if default is None else text(default)


ORDERS: Final = Table(
    "orders",
    METADATA,
    _id(),
    _words("merchant_id"),
    _words("order_key"),  # the id in lower case, as the gateway compares it
    _words("order_id"),  # as it was spelled when it was opened
    _words("snapshot"),
    _number("version"),
    _number("created_at"),
    _number("next_look_at", nullable=True),
    _number("hint_at", nullable=True),
    _number("due_at", nullable=True),  # the earlier of the two above
    _words("looks"),  # a JSON array of pairs: an instant, and who asked
    _number("open_reasons", default="0"),  # how many of the snapshot's; only to find orders by, never read as truth
    _number("sends", default="0"),  # 0 or 1: a refund is to be sent at next_look_at
    _number("urgent_at", nullable=True),  # hint_at, or due_at where it sends
    _words("hint_by", default="'plan'"),
    _number("failures", default="0"),  # looks in a row that had no answer
    _number("planned_at", nullable=True),  # when this schedule was written
    _words("last_return", default="''"),  # digest of the newest return address
    _words("status", default="''"),  # this and those below: as open_reasons, out of the snapshot to find orders by
    _words("currency", default="''"),  # of the price
    _words("customer_id", default="''"),
    _words("purchase", default="''"),
    _number("amount_minor", default="0"),  # the price
    _number("changed_at", default="0"),
    _number("refund_open_since", nullable=True),  # since when the oldest refund waits whose end is not known
    PrimaryKeyConstraint("id", name="pk_orders"),
    UniqueConstraint("merchant_id", "order_key", name="uq_orders_key"),
    Index("ix_orders_newest", "merchant_id", "created_at", "id"),
    Index("ix_orders_due", "due_at", "id", "merchant_id", sqlite_where=text("due_at is not null")),
    Index("ix_orders_urgent", "urgent_at", "id", "merchant_id", sqlite_where=text("urgent_at is not null")),
    Index("ix_orders_planned", "planned_at", sqlite_where=text("due_at is not null")),
    Index("ix_orders_status", "merchant_id", "status", "created_at", "id"),
    Index("ix_orders_amount", "merchant_id", "currency", "amount_minor", "created_at", "id"),
    Index("ix_orders_currency", "merchant_id", "currency", "created_at", "id"),
    Index("ix_orders_changed", "merchant_id", "changed_at", "order_key"),
    Index("ix_orders_purchase", "merchant_id", "purchase", sqlite_where=text("purchase <> ''")),
    Index(
        "ix_orders_refund_open",
        *("merchant_id", "refund_open_since", "id"),
        sqlite_where=text("refund_open_since is not null"),
    ),
    Index("ix_orders_review", "merchant_id", "created_at", "id", sqlite_where=text("open_reasons > 0")),
    sqlite_strict=True,
)

ORDER_NAMES: Final = Table(
    "order_names",
    METADATA,
    _words("merchant_id"),
    _words("kind"),
    _words("value"),  # as names are compared
    _number("created_at"),  # of the order, so that those of one name stand by age
    _number("order_row"),
    PrimaryKeyConstraint("merchant_id", "kind", "value", "created_at", "order_row", name="pk_order_names"),
    ForeignKeyConstraint(["order_row"], ["orders.id"], name="fk_order_names_order"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

MOVEMENTS: Final = Table(
    "movements",
    METADATA,
    _id(),
    _words("merchant_id"),
    _words("order_key"),
    _number("version"),
    _number("at"),
    _words("kind"),
    _words("name"),  # of the transaction or the refund
    _words("method"),
    _words("currency"),
    _number("amount_minor"),  # below 0 where a later answer took something back
    PrimaryKeyConstraint("id", name="pk_movements"),
    UniqueConstraint("merchant_id", "order_key", "version", "kind", "name", name="uq_movements_fact"),
    ForeignKeyConstraint(
        ["merchant_id", "order_key"], ["orders.merchant_id", "orders.order_key"], name="fk_movements_order"
    ),
    Index("ix_movements_at", "merchant_id", "at", "id"),
    sqlite_strict=True,
)

ORDER_JOURNAL: Final = Table(
    "order_journal",
    METADATA,
    _id(),
    _words("merchant_id"),
    _words("order_key"),
    _number("version"),
    _words("fact"),
    _number("at"),
    PrimaryKeyConstraint("id", name="pk_order_journal"),
    UniqueConstraint("merchant_id", "order_key", "version", name="uq_order_journal_version"),
    ForeignKeyConstraint(
        ["merchant_id", "order_key"], ["orders.merchant_id", "orders.order_key"], name="fk_order_journal_order"
    ),
    sqlite_strict=True,
)

CHECKOUTS: Final = Table(
    "checkouts",
    METADATA,
    _id(),
    _words("merchant_id"),
    _words("checkout_id"),
    _words("order_key", nullable=True),  # of the order whose process payload was signed last
    _words("snapshot"),
    _number("version"),
    _number("created_at"),
    PrimaryKeyConstraint("id", name="pk_checkouts"),
    UniqueConstraint("merchant_id", "checkout_id", name="uq_checkouts_key"),
    Index("ix_checkouts_order", "merchant_id", "order_key", sqlite_where=text("order_key is not null")),
    sqlite_strict=True,
)

CHECKOUT_JOURNAL: Final = Table(
    "checkout_journal",
    METADATA,
    _id(),
    _words("merchant_id"),
    _words("checkout_id"),
    _number("version"),
    _words("fact"),
    _number("at"),
    PrimaryKeyConstraint("id", name="pk_checkout_journal"),
    UniqueConstraint("merchant_id", "checkout_id", "version", name="uq_checkout_journal_version"),
    ForeignKeyConstraint(
        ["merchant_id", "checkout_id"],
        ["checkouts.merchant_id", "checkouts.checkout_id"],
        name="fk_checkout_journal_checkout",
    ),
    sqlite_strict=True,
)

CLAIMS: Final = Table(
    "claims",
    METADATA,
    _words("merchant_id"),
    _words("name"),
    _words("order_key"),
    PrimaryKeyConstraint("merchant_id", "name", name="pk_claims"),
    ForeignKeyConstraint(
        ["merchant_id", "order_key"], ["orders.merchant_id", "orders.order_key"], name="fk_claims_order"
    ),
    sqlite_strict=True,
)

INBOX: Final = Table(
    "inbox",
    METADATA,
    _id(),
    _words("merchant_id"),
    _words("event_id"),
    _words("digest"),  # empty in the one row that counts the webhooks of an order beyond its bound
    Column("body", LargeBinary(), nullable=False),
    _number("received_at"),
    _number("repeats"),
    _number("conflicts"),  # 0 or 1
    _words("verdict"),  # empty while it waits
    _words("order_key", nullable=True),  # of the order that the body names, whether it is there or not
    _words("event_name", default="''"),  # as the body claims
    _words("claims", nullable=True),  # what the body claims about the order, as JSON; null where it is still to be read
    _number("body_bytes", default="0"),  # of the body as it came
    _number("kept_bytes", default="0"),  # of it now: 0 once it is dropped
    PrimaryKeyConstraint("id", name="pk_inbox"),
    UniqueConstraint("merchant_id", "event_id", "digest", name="uq_inbox_body"),
    Index("ix_inbox_newest", "merchant_id", "id"),
    Index("ix_inbox_waiting", "merchant_id", "id", sqlite_where=text("verdict = ''")),
    Index("ix_inbox_order", "merchant_id", "order_key", "id", sqlite_where=text("order_key is not null")),
    Index("ix_inbox_quarantined", "merchant_id", "id", sqlite_where=text("verdict not in ('', 'looked')")),
    Index(
        "ix_inbox_quarantined_bodies",
        *("merchant_id", "id", "kept_bytes"),
        sqlite_where=text("verdict not in ('', 'looked') and kept_bytes > 0"),
    ),
    Index(
        "ix_inbox_quarantined_age",
        *("merchant_id", "received_at", "id", "kept_bytes"),
        sqlite_where=text("verdict not in ('', 'looked')"),
    ),
    Index(
        "ix_inbox_looked_age",
        *("merchant_id", "received_at", "id", "kept_bytes"),
        sqlite_where=text("verdict = 'looked' and kept_bytes > 0"),
    ),
    sqlite_strict=True,
)

QUARANTINES: Final = Table(
    "quarantines",
    METADATA,
    _words("merchant_id"),
    _number("webhooks"),
    _number("body_bytes"),  # of the bodies that are still kept
    PrimaryKeyConstraint("merchant_id", name="pk_quarantines"),
    sqlite_strict=True,
)

OUTBOX: Final = Table(
    "outbox",
    METADATA,
    _id(),
    _words("merchant_id"),
    _words("order_key"),
    _words("once_key"),
    _words("kind"),
    _number("version"),
    _number("at"),
    _words("event_id", default="''"),
    _number("kept_since", default="0"),  # when it was put in, or put back by a replay
    _number("is_restored", default="0"),  # put back: it is for those who are named then, and queued for nobody else
    PrimaryKeyConstraint("id", name="pk_outbox"),
    UniqueConstraint("merchant_id", "order_key", "once_key", name="uq_outbox_once"),
    ForeignKeyConstraint(
        ["merchant_id", "order_key"], ["orders.merchant_id", "orders.order_key"], name="fk_outbox_order"
    ),
    Index("ix_outbox_oldest", "merchant_id", "id"),
    Index("ix_outbox_event", "merchant_id", "event_id", unique=True),
    Index("ix_outbox_age", "merchant_id", "kept_since", "id"),
    sqlite_strict=True,
)

SUBSCRIBERS: Final = Table(
    "subscribers",
    METADATA,
    _words("merchant_id"),
    _words("subscriber"),
    _number("after_id"),  # the last row of the outbox that was queued for it, or passed over
    _number("paused_at", nullable=True),
    _words("handles", default="''"),  # of a handler: the kinds it wants, with spaces between; of an endpoint: empty
    PrimaryKeyConstraint("merchant_id", "subscriber", name="pk_subscribers"),
    sqlite_strict=True,
)

DELIVERIES: Final = Table(
    "deliveries",
    METADATA,
    _id(),
    _words("merchant_id"),
    _words("subscriber"),
    _number("announcement_id"),
    _words("order_key"),
    _words("state"),
    _number("tries"),
    _number("due_at", nullable=True),  # null where it has ended, or waits behind another one of its order
    _number("planned_at", nullable=True),  # when due_at was written
    _number("is_leased", default="0"),  # due_at is the end of a lease
    _number("ended_at", nullable=True),
    _words("told", default="''"),  # how the last try ended
    PrimaryKeyConstraint("id", name="pk_deliveries"),
    UniqueConstraint("merchant_id", "subscriber", "announcement_id", name="uq_deliveries_once"),
    ForeignKeyConstraint(["announcement_id"], ["outbox.id"], name="fk_deliveries_announcement"),
    Index("ix_deliveries_due", "merchant_id", "subscriber", "due_at", "id", sqlite_where=text("due_at is not null")),
    Index(
        "ix_deliveries_planned",
        *("merchant_id", "subscriber", "planned_at", "id"),
        sqlite_where=text("due_at is not null"),
    ),
    Index(
        "ix_deliveries_line",
        *("merchant_id", "subscriber", "order_key", "announcement_id"),
        sqlite_where=text("state = 'waiting'"),
    ),
    Index("ix_deliveries_announcement", "announcement_id"),
    Index("ix_deliveries_newest", "merchant_id", "id"),
    Index("ix_deliveries_order", "merchant_id", "order_key", "id"),
    Index("ix_deliveries_dead", "merchant_id", "id", sqlite_where=text("state = 'dead'")),
    sqlite_strict=True,
    sqlite_autoincrement=True,  # who notes how a try ended knows its delivery by the id, also after a sweep
)

SETTLEMENT_IMPORTS: Final = Table(
    "settlement_imports",
    METADATA,
    _id(),
    _words("merchant_id"),
    _words("digest"),
    _words("file_name"),
    _number("taken_at"),
    _number("rows"),
    PrimaryKeyConstraint("id", name="pk_settlement_imports"),
    Index("ix_settlement_imports_newest", "merchant_id", "id"),
    sqlite_strict=True,
)

SETTLEMENT_ROWS: Final = Table(
    "settlement_rows",
    METADATA,
    _id(),
    _words("merchant_id"),
    _words("settlement_id"),
    _words("known"),  # the case id of the payment or refund that it means; empty where none is known
    _words("body"),
    PrimaryKeyConstraint("id", name="pk_settlement_rows"),
    Index("ix_settlement_rows_settlement", "merchant_id", "settlement_id", "id"),
    Index("ix_settlement_rows_known", "merchant_id", "known", "id"),
    sqlite_strict=True,
)

SETTLEMENT_CASES: Final = Table(
    "settlement_cases",
    METADATA,
    _id(),
    _words("merchant_id"),
    _words("case_id"),
    _words("state"),
    _words("body"),
    PrimaryKeyConstraint("id", name="pk_settlement_cases"),
    UniqueConstraint("merchant_id", "case_id", name="uq_settlement_cases_case"),
    Index("ix_settlement_cases_state", "merchant_id", "state", "id"),
    Index("ix_settlement_cases_oldest", "merchant_id", "id"),
    sqlite_strict=True,
)

API_KEY_USES: Final = Table(
    "api_key_uses",
    METADATA,
    _words("merchant_id"),
    _words("key_id"),  # empty in the row that says since when a merchant's keys are noted
    _number("used_at"),
    PrimaryKeyConstraint("merchant_id", "key_id", name="pk_api_key_uses"),
    sqlite_strict=True,
)

SIGNATURE_FAILURES: Final = Table(
    "signature_failures",
    METADATA,
    _words("merchant_id"),
    _words("source"),
    _words("code"),
    _words("key_id"),  # empty where it named none of the merchant's
    _number("hour_at"),
    _number("failures"),
    _number("last_at"),
    PrimaryKeyConstraint("merchant_id", "source", "code", "key_id", "hour_at", name="pk_signature_failures"),
    Index("ix_signature_failures_hour", "hour_at"),
    sqlite_strict=True,
)

WORKER_HEARTBEATS: Final = Table(
    "worker_heartbeats",
    METADATA,
    _words("worker_id"),
    _words("host"),
    _number("pid"),
    _words("version"),
    _number("started_at"),
    _number("beat_at"),
    _number("steps"),
    PrimaryKeyConstraint("worker_id", name="pk_worker_heartbeats"),
    sqlite_strict=True,
)

CONSOLE_USERS: Final = Table(
    "console_users",
    METADATA,
    _words("name"),
    _words("role"),
    _words("password_hash"),
    _number("added_at"),
    _number("disabled_at", nullable=True),
    PrimaryKeyConstraint("name", name="pk_console_users"),
    sqlite_strict=True,
)

CONSOLE_SESSIONS: Final = Table(
    "console_sessions",
    METADATA,
    _words("token_digest"),
    _words("name"),
    _number("began_at"),
    _number("seen_at"),
    _number("proved_at"),
    PrimaryKeyConstraint("token_digest", name="pk_console_sessions"),
    Index("ix_console_sessions_name", "name", "began_at"),
    sqlite_strict=True,
)

CONSOLE_PROPOSALS: Final = Table(
    "console_proposals",
    METADATA,
    _words("proposal_id"),
    _words("merchant_id"),
    _words("order_key"),
    _words("state"),
    _number("made_at"),
    _words("body"),
    PrimaryKeyConstraint("proposal_id", name="pk_console_proposals"),
    Index("ix_console_proposals_order", "merchant_id", "order_key", "made_at"),
    Index("ix_console_proposals_state", "state", "made_at"),
    sqlite_strict=True,
)

CALL_PACES: Final = Table(
    "call_paces",
    METADATA,
    _words("merchant_id"),
    _number("free_at", nullable=True),
    _number("closed_until", nullable=True),
    _number("closed_for"),  # microseconds
    PrimaryKeyConstraint("merchant_id", name="pk_call_paces"),
    Index("ix_call_paces_free", "free_at", "merchant_id"),
    sqlite_strict=True,
)

event.listen(METADATA, "after_create", make_triggers)
