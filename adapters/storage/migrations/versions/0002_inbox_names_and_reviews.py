"""Webhooks know the order and the event that they name; orders under review are found.

Released steps are never edited. How many reasons are open is not counted here: whoever migrates counts them with
today's rules once all steps are done.
"""

from __future__ import annotations

import re
from typing import Final, cast

import msgspec
import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | None = None
depends_on: str | None = None

_BIG: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_EVENT_NAME_MAX: Final = 64
_ORDER_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,20}", re.ASCII)
_WEBHOOK: Final = msgspec.json.Decoder(float_hook=str)
"""Takes a number of any size, as the worker does: what one decides that an order is named, the other must find."""


def upgrade() -> None:
    """Change the schema forwards; there is no way back, a backup is."""
    _orders()
    _inbox()


def _orders() -> None:
    op.add_column("orders", sa.Column("open_reasons", _BIG, nullable=False, server_default=sa.text("0")))
    review = ["merchant_id", "created_at", "id"]
    op.create_index("ix_orders_review", "orders", review, sqlite_where=sa.text("open_reasons > 0"))


def _inbox() -> None:
    op.drop_index("ix_inbox_early", "inbox")
    op.add_column("inbox", sa.Column("event_name", sa.Text(), nullable=False, server_default=sa.text("''")))
    connection = op.get_bind()
    for row_id, merchant_id, body in connection.exec_driver_sql("select id, merchant_id, body from inbox"):
        told = _read(body)
        values = (_event_name(told), _order_key(merchant_id, told), row_id)
        connection.exec_driver_sql("update inbox set event_name = ?, order_key = ? where id = ?", values)
    of_order, put_away = ["merchant_id", "order_key", "id"], sa.text("verdict not in ('', 'looked')")
    op.create_index("ix_inbox_order", "inbox", of_order, sqlite_where=sa.text("order_key is not null"))
    op.create_index("ix_inbox_put_away", "inbox", ["merchant_id", "id"], sqlite_where=put_away)


def _event_name(webhook: object) -> str:
    name = _member(webhook, "event_name")
    return name[:_EVENT_NAME_MAX] if isinstance(name, str) and name[:_EVENT_NAME_MAX].isprintable() else ""


def _order_key(merchant_id: str, webhook: object) -> str | None:
    order = _member(_member(webhook, "content"), "order")
    if _member(order, "merchant_id") != merchant_id:
        return None
    order_id = _member(order, "order_id")
    return order_id.lower() if isinstance(order_id, str) and _ORDER_ID.fullmatch(order_id) else None


def _member(value: object, key: str) -> object:
    return cast("dict[str, object]", value).get(key) if isinstance(value, dict) else None


def _read(body: bytes) -> object:
    try:
        return _WEBHOOK.decode(body)
    except (ValueError, RecursionError):
        return None
