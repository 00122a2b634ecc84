"""The part of a store in SQL that is the `Settlements`."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Sequence
from json import dumps
from typing import Final

from paystate.adapters.storage.codec import decoded_case, decoded_row_sums, decoded_settlement_row, encoded
from paystate.adapters.storage.instants import instant, micros
from paystate.adapters.storage.sql.access import Access
from paystate.adapters.storage.sql.steps import Row, Sql, Steps, alone, change, change_each, fetch
from paystate.core.orders.facts import Refused
from paystate.core.ports.settlements import PlacedRow, ReportRow, TakenReport
from paystate.core.settlement.cases import Case, CaseState, CaseWord, closed, judged
from paystate.core.settlement.rows import RowSums

_REVISION: Final = Sql("select coalesce(max(id), 0) from settlement_imports where merchant_id = ?")
_ROWS: Final = Sql("""
    select body, known from settlement_rows
    where merchant_id = ? and settlement_id [in ?] order by id
""")
_ROWS_OF: Final = Sql("""
    select body, known from settlement_rows
    where merchant_id = ? and known [in ?] order by id
""")
_DELETE_ROWS: Final = Sql("""
    delete from settlement_rows where merchant_id = ? and settlement_id [in ?]
""")
_INSERT_ROW: Final = Sql("insert into settlement_rows (merchant_id, settlement_id, known, body) values (?, ?, ?, ?)")
_INSERT_IMPORT: Final = Sql("""
    insert into settlement_imports (merchant_id, digest, file_name, taken_at, rows) values (?, ?, ?, ?, ?)
""")
_IMPORTS: Final = Sql("""
    select digest, file_name, taken_at, rows from settlement_imports where merchant_id = ? order by id desc limit ?
""")
_CASE: Final = Sql("select body from settlement_cases where merchant_id = ? and case_id = ?")
_WRITE_CASE: Final = Sql("""
    insert into settlement_cases (merchant_id, case_id, state, body) values (?, ?, ?, ?)
    on conflict (merchant_id, case_id) do update set state = excluded.state, body = excluded.body
""")
_PLACE: Final = Sql("select id from settlement_cases where merchant_id = ? and case_id = ?")
_CASES: Final = Sql("select body from settlement_cases where merchant_id = ? and id > ? order by id limit ?")
_CASES_IN: Final = Sql("""
    select body from settlement_cases where merchant_id = ? and id > ? and state = ? order by id limit ?
""")


class SqlSettlements(Access):
    """Settlement reports and cases."""

    async def settlement_revision(self, merchant_id: str) -> int:
        """See `Settlements.settlement_revision`."""
        return await self._read(lambda: _revision(merchant_id))

    async def settlement_rows(self, merchant_id: str, settlement_ids: Collection[str]) -> Sequence[PlacedRow]:
        """See `Settlements.settlement_rows`."""
        return await self._read(lambda: _placed(_ROWS, merchant_id, settlement_ids))

    async def settlement_rows_of(self, merchant_id: str, known: Collection[str]) -> Sequence[PlacedRow]:
        """See `Settlements.settlement_rows_of`."""
        return await self._read(lambda: _placed(_ROWS_OF, merchant_id, known))

    async def settlement_sums_of(self, merchant_id: str, known: Collection[str]) -> Sequence[RowSums]:
        """See `Settlements.settlement_sums_of`."""
        rows = await self._read(lambda: fetch(_ROWS_OF, merchant_id, dumps([*known])))
        return await asyncio.to_thread(_sums, rows)  # others read meanwhile

    async def take_report(self, merchant_id: str, taken: TakenReport, *, seen: int) -> Sequence[Case] | None:
        """See `Settlements.take_report`."""
        return await self._write(lambda: _take(merchant_id, taken, seen))

    async def settlement_reports(self, merchant_id: str, *, limit: int = 50) -> Sequence[ReportRow]:
        """See `Settlements.settlement_reports`."""
        return await self._read(lambda: _reports(merchant_id, limit))

    async def settlement_cases(
        self, merchant_id: str, state: CaseState | None = None, *, after: str = "", limit: int = 50
    ) -> Sequence[Case]:
        """See `Settlements.settlement_cases`."""
        return await self._read(lambda: _cases(merchant_id, state, after, limit))

    async def settlement_case(self, merchant_id: str, case_id: str) -> Case | None:
        """See `Settlements.settlement_case`."""
        return await self._read(lambda: _case(merchant_id, case_id))

    async def close_settlement_case(
        self, merchant_id: str, case_id: str, word: CaseWord, *, seen: str | None = None
    ) -> Case | Refused | None:
        """See `Settlements.close_settlement_case`."""
        return await self._write(lambda: _close(merchant_id, case_id, word, seen))


def _revision(merchant_id: str) -> Steps[int]:
    ((newest,),) = yield from fetch(_REVISION, merchant_id)
    return int(newest)


def _placed(statement: Sql, merchant_id: str, which: Collection[str]) -> Steps[Sequence[PlacedRow]]:
    rows = yield from fetch(statement, merchant_id, dumps([*which]))
    return [PlacedRow(row=decoded_settlement_row(body), of=known) for body, known in rows]


def _sums(rows: Iterable[Row]) -> Sequence[RowSums]:
    return [decoded_row_sums(body, of) for body, of in rows]


def _take(merchant_id: str, taken: TakenReport, seen: int) -> Steps[Sequence[Case] | None]:
    yield from alone(("settlements", merchant_id))
    if (yield from _revision(merchant_id)) != seen:
        return None
    replaced = sorted({one.row.settlement_id for one in taken.rows})
    yield from change(_DELETE_ROWS, merchant_id, dumps(replaced))
    values = [(merchant_id, one.row.settlement_id, one.of, encoded(one.row)) for one in taken.rows]
    yield from change_each(_INSERT_ROW, values)
    report = taken.report
    if not taken.is_again:
        noted = (merchant_id, report.rows_digest, report.file_name, micros(report.taken_at), report.rows)
        yield from change(_INSERT_IMPORT, *noted)
    changed = list[Case]()
    for finding in taken.findings:
        case = yield from _case(merchant_id, finding.case_id)
        after = judged(case, finding, report.taken_at)
        if after is not None and after is not case:
            yield from _write(merchant_id, after)
            changed.append(after)
    return changed


def _write(merchant_id: str, case: Case) -> Steps[None]:
    yield from change(_WRITE_CASE, merchant_id, case.id, case.state, encoded(case))


def _reports(merchant_id: str, limit: int) -> Steps[Sequence[ReportRow]]:
    return [
        ReportRow(rows_digest=digest, file_name=file_name, taken_at=instant(taken_at), rows=rows)
        for digest, file_name, taken_at, rows in (yield from fetch(_IMPORTS, merchant_id, limit))
    ]


def _cases(merchant_id: str, state: CaseState | None, after: str, limit: int) -> Steps[Sequence[Case]]:
    places = (yield from fetch(_PLACE, merchant_id, after)) if after else [(0,)]
    if not places:
        return []
    (place,) = places[0]
    if state is None:
        found = yield from fetch(_CASES, merchant_id, place, limit)
    else:
        found = yield from fetch(_CASES_IN, merchant_id, place, state, limit)
    return [decoded_case(body) for (body,) in found]


def _case(merchant_id: str, case_id: str) -> Steps[Case | None]:
    found = yield from fetch(_CASE, merchant_id, case_id)
    return decoded_case(found[0][0]) if found else None


def _close(merchant_id: str, case_id: str, word: CaseWord, seen: str | None) -> Steps[Case | Refused | None]:
    yield from alone(("settlements", merchant_id))
    case = yield from _case(merchant_id, case_id)
    if case is None:
        return None
    after = closed(case, word, seen)
    if isinstance(after, Case):
        yield from _write(merchant_id, after)
    return after
