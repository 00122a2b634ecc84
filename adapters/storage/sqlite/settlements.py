"""The part of the SQLite store that is the `Settlements`. No statement begins or ends a transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence
from json import dumps
from typing import Final

from paystate.adapters.storage.codec import decoded_case, decoded_settlement_row, encoded
from paystate.adapters.storage.instants import instant, micros
from paystate.adapters.storage.sqlite.group_commit import GroupWriter, Reader
from paystate.core.orders.facts import Refused
from paystate.core.ports.settlements import PlacedRow, ReportRow, TakenReport
from paystate.core.settlement.cases import Case, CaseState, CaseWord, closed, judged

_REVISION: Final = "select coalesce(max(id), 0) from settlement_imports where merchant_id = ?"
_ROWS: Final = """
    select body, known from settlement_rows
    where merchant_id = ? and settlement_id in (select value from json_each(?)) order by id
"""
_ROWS_OF: Final = """
    select body, known from settlement_rows
    where merchant_id = ? and known in (select value from json_each(?)) order by id
"""
_DELETE_ROWS: Final = """
    delete from settlement_rows where merchant_id = ? and settlement_id in (select value from json_each(?))
"""
_INSERT_ROW: Final = "insert into settlement_rows (merchant_id, settlement_id, known, body) values (?, ?, ?, ?)"
_INSERT_IMPORT: Final = """
    insert into settlement_imports (merchant_id, digest, file_name, taken_at, rows) values (?, ?, ?, ?, ?)
"""
_IMPORTS: Final = """
    select digest, file_name, taken_at, rows from settlement_imports where merchant_id = ? order by id desc limit ?
"""
_CASE: Final = "select body from settlement_cases where merchant_id = ? and case_id = ?"
_WRITE_CASE: Final = """
    insert into settlement_cases (merchant_id, case_id, state, body) values (?, ?, ?, ?)
    on conflict (merchant_id, case_id) do update set state = excluded.state, body = excluded.body
"""
_PLACE: Final = "select id from settlement_cases where merchant_id = ? and case_id = ?"
_CASES: Final = "select body from settlement_cases where merchant_id = ? and id > ? order by id limit ?"
_CASES_IN: Final = """
    select body from settlement_cases where merchant_id = ? and id > ? and state = ? order by id limit ?
"""


class SqliteSettlements:
    """Settlement reports and cases, in the threads of the store."""

    _writer: GroupWriter
    _reader: Reader

    async def settlement_revision(self, merchant_id: str) -> int:
        """See `Settlements.settlement_revision`."""
        return await self._reader.run(lambda connection: _revision(connection, merchant_id))

    async def settlement_rows(self, merchant_id: str, settlement_ids: Collection[str]) -> Sequence[PlacedRow]:
        """See `Settlements.settlement_rows`."""
        return await self._reader.run(lambda connection: _placed(connection, _ROWS, merchant_id, settlement_ids))

    async def settlement_rows_of(self, merchant_id: str, known: Collection[str]) -> Sequence[PlacedRow]:
        """See `Settlements.settlement_rows_of`."""
        return await self._reader.run(lambda connection: _placed(connection, _ROWS_OF, merchant_id, known))

    async def take_report(self, merchant_id: str, taken: TakenReport, *, seen: int) -> Sequence[Case] | None:
        """See `Settlements.take_report`."""
        return await self._writer.run(lambda connection: _take(connection, merchant_id, taken, seen))

    async def settlement_reports(self, merchant_id: str, *, limit: int = 50) -> Sequence[ReportRow]:
        """See `Settlements.settlement_reports`."""
        return await self._reader.run(lambda connection: _reports(connection, merchant_id, limit))

    async def settlement_cases(
        self, merchant_id: str, state: CaseState | None = None, *, after: str = "", limit: int = 50
    ) -> Sequence[Case]:
        """See `Settlements.settlement_cases`."""
        return await self._reader.run(lambda connection: _cases(connection, merchant_id, state, after, limit))

    async def settlement_case(self, merchant_id: str, case_id: str) -> Case | None:
        """See `Settlements.settlement_case`."""
        return await self._reader.run(lambda connection: _case(connection, merchant_id, case_id))

    async def close_settlement_case(self, merchant_id: str, case_id: str, word: CaseWord) -> Case | Refused | None:
        """See `Settlements.close_settlement_case`."""
        return await self._writer.run(lambda connection: _close(connection, merchant_id, case_id, word))


def _revision(connection: sqlite3.Connection, merchant_id: str) -> int:
    (newest,) = connection.execute(_REVISION, (merchant_id,)).fetchone()
    return int(newest)


def _placed(
    connection: sqlite3.Connection, statement: str, merchant_id: str, which: Collection[str]
) -> Sequence[PlacedRow]:
    rows = connection.execute(statement, (merchant_id, dumps([*which]))).fetchall()
    return [PlacedRow(row=decoded_settlement_row(body), of=known) for body, known in rows]


def _take(connection: sqlite3.Connection, merchant_id: str, taken: TakenReport, seen: int) -> Sequence[Case] | None:
    if _revision(connection, merchant_id) != seen:
        return None
    replaced = sorted({one.row.settlement_id for one in taken.rows})
    connection.execute(_DELETE_ROWS, (merchant_id, dumps(replaced)))
    values = [(merchant_id, one.row.settlement_id, one.of, encoded(one.row)) for one in taken.rows]
    connection.executemany(_INSERT_ROW, values)
    report = taken.report
    if not taken.is_again:
        noted = (merchant_id, report.rows_digest, report.file_name, micros(report.taken_at), report.rows)
        connection.execute(_INSERT_IMPORT, noted)
    changed = list[Case]()
    for finding in taken.findings:
        case = _case(connection, merchant_id, finding.case_id)
        after = judged(case, finding, report.taken_at)
        if after is not None and after is not case:
            _write(connection, merchant_id, after)
            changed.append(after)
    return changed


def _write(connection: sqlite3.Connection, merchant_id: str, case: Case) -> None:
    connection.execute(_WRITE_CASE, (merchant_id, case.id, case.state, encoded(case)))


def _reports(connection: sqlite3.Connection, merchant_id: str, limit: int) -> Sequence[ReportRow]:
    return [
        ReportRow(rows_digest=digest, file_name=file_name, taken_at=instant(taken_at), rows=rows)
        for digest, file_name, taken_at, rows in connection.execute(_IMPORTS, (merchant_id, limit)).fetchall()
    ]


def _cases(
    connection: sqlite3.Connection, merchant_id: str, state: CaseState | None, after: str, limit: int
) -> Sequence[Case]:
    place = connection.execute(_PLACE, (merchant_id, after)).fetchone() if after else (0,)
    if place is None:
        return []
    if state is None:
        found = connection.execute(_CASES, (merchant_id, *place, limit)).fetchall()
    else:
        found = connection.execute(_CASES_IN, (merchant_id, *place, state, limit)).fetchall()
    return [decoded_case(body) for (body,) in found]


def _case(connection: sqlite3.Connection, merchant_id: str, case_id: str) -> Case | None:
    found = connection.execute(_CASE, (merchant_id, case_id)).fetchone()
    return decoded_case(found[0]) if found else None


def _close(connection: sqlite3.Connection, merchant_id: str, case_id: str, word: CaseWord) -> Case | Refused | None:
    case = _case(connection, merchant_id, case_id)
    if case is None:
        return None
    after = closed(case, word)
    if isinstance(after, Case):
        _write(connection, merchant_id, after)
    return after
