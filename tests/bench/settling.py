"""The goal for settlement reports: an import beside a loop that only keeps the rows and looks each order up by its id.

The loop is the least that anybody does with a report: csv in, sqlite3 out. An import reads each order's record besides,
works out its sums, and holds both sides against each other. Orders, files and connections are made outside the clock.
"""

import asyncio
import csv
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.measuring import Case, Goal, Result, measured
from contract.samples import MERCHANT, charges, opens

from paystate.adapters.clock import SystemClock
from paystate.adapters.storage.sqlite.migration import migrate
from paystate.adapters.storage.sqlite.store import SqliteStore
from paystate.core.ids import OrderKey
from paystate.core.settlement.reading import ReportFormat, read_report
from paystate.core.use_cases.settlements.import_report import Imported, ReportToImport, import_report

ROWS = 500
IMPORT_MOST = 60.0
_FORM = ReportFormat(amount="amount", order="order", settlement="payout")
_HEADING = ("order", "amount", "payout")


def results(*, rounds: int, rows: int = ROWS) -> list[Result]:
    """Measure it in one run."""
    lines = [(f"o{number}", "349.50", "S1") for number in range(rows)]
    report = "\n".join(map(",".join, (_HEADING, *lines)))
    with (
        TemporaryDirectory() as folder,
        asyncio.Runner() as runner,
        closing(sqlite3.connect(Path(folder, "plain.db"))) as plain,
    ):
        store = runner.run(_with_orders(Path(folder, "paystate.db"), [order_id for order_id, *_ in lines]))
        try:
            _tables(plain, lines)
            case = Case(lambda: report, lambda text: runner.run(_import(store, text)))
            floor = Case(lambda: report, lambda text: _keep(plain, text))
            message = f"a report of {rows} rows imported / csv into sqlite3, with each order looked up by its id"
            return measured([Goal("T1", message, case, floor, at_most=IMPORT_MOST)], rounds=rounds, repeats=1)
        finally:
            runner.run(store.__aexit__(None, None, None))


async def _with_orders(path: Path, order_ids: Sequence[str]) -> SqliteStore:
    migrate(path)
    store = await SqliteStore(path).__aenter__()
    for order_id in order_ids:
        key = OrderKey(MERCHANT, order_id)
        await store.transact(key, opens(key))
        await store.transact(key, charges(key))
    return store


async def _import(store: SqliteStore, text: str) -> None:
    cells = csv.reader(StringIO(text))
    read = read_report(_FORM, next(cells), ((cells.line_num, line) for line in cells))
    done = await import_report(store, SystemClock(), MERCHANT, ReportToImport(rows=read.rows, file_name="report"), UTC)
    assert isinstance(done, Imported)
    assert len(read.rows) == len(done.findings) / 2  # each payment agrees, and none is a row too many


def _tables(plain: sqlite3.Connection, lines: Sequence[tuple[str, str, str]]) -> None:
    plain.execute("create table orders (order_id text primary key, minor integer)")
    plain.execute("create table rows (order_id text, minor integer, payout text)")
    plain.executemany("insert into orders values (?, 34950)", [line[:1] for line in lines])
    plain.commit()


def _keep(plain: sqlite3.Connection, text: str) -> None:
    plain.execute("delete from rows")
    for line in csv.DictReader(StringIO(text)):
        minor = int(line["amount"].replace(".", ""))
        ours = plain.execute("select minor from orders where order_id = ?", (line["order"],)).fetchone()
        assert ours == (minor,)
        plain.execute("insert into rows values (?, ?, ?)", (line["order"], minor, line["payout"]))
    plain.commit()
