"""How SQLite counts what waits: each figure along an index of its own, however much there is beside it."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from paystate.adapters.storage.schema import METADATA
from paystate.adapters.storage.sql import backlog
from paystate.adapters.storage.sql.steps import Sql


@pytest.mark.parametrize(
    ("statement", "indexes"),
    [
        (backlog.DUE, {"ix_orders_due"}),
        (backlog.OF_MERCHANT, {"ix_inbox_waiting", "ix_orders_refund_open", "ix_orders_review", "ix_orders_status"}),
        (backlog.OF_SUBSCRIBER, {"ix_deliveries_line", "ix_deliveries_dead", "ix_outbox_oldest"}),
    ],
    ids=["due", "merchant", "subscriber"],
)
def test_what_waits_is_counted_along_indexes(database: Path, statement: Sql, indexes: set[str]) -> None:
    with closing(sqlite3.connect(database)) as connection:
        plan = [row[-1] for row in connection.execute(f"explain query plan {statement}", (0,) * statement.count("?"))]
    assert [] == [step for step in plan if step.startswith("SCAN") and step.split()[1] in METADATA.tables]
    assert [] == [step for step in plan if step.startswith("SEARCH") and "?" not in step]  # from its beginning on
    assert [] == [step for step in plan if "ORDER BY" in step]
    assert indexes <= {word for step in plan for word in step.split()}
