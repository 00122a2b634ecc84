"""The settlement reports of the store in memory. Rows and cases are kept in their stored form, as in a file."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from paystate.adapters.storage.codec import decoded_case, decoded_row_sums, decoded_settlement_row, encoded
from paystate.core.orders.facts import Refused
from paystate.core.ports.settlements import PlacedRow, ReportRow, TakenReport
from paystate.core.settlement.cases import Case, CaseState, CaseWord, closed, judged
from paystate.core.settlement.rows import RowSums


class MemorySettlements:
    """See `Settlements`."""

    def __init__(self) -> None:
        self._reports: dict[str, list[ReportRow]] = {}
        self._settled: dict[str, list[tuple[str, str]]] = {}
        self._cases: dict[str, dict[str, str]] = {}

    async def settlement_revision(self, merchant_id: str) -> int:
        """See `Settlements.settlement_revision`."""
        return len(self._reports.get(merchant_id, ()))

    async def settlement_rows(self, merchant_id: str, settlement_ids: Collection[str]) -> Sequence[PlacedRow]:
        """See `Settlements.settlement_rows`."""
        return [one for one in self._rows(merchant_id) if one.row.settlement_id in settlement_ids]

    async def settlement_rows_of(self, merchant_id: str, known: Collection[str]) -> Sequence[PlacedRow]:
        """See `Settlements.settlement_rows_of`."""
        return [one for one in self._rows(merchant_id) if one.of in known]

    async def settlement_sums_of(self, merchant_id: str, known: Collection[str]) -> Sequence[RowSums]:
        """See `Settlements.settlement_sums_of`."""
        kept = self._settled.get(merchant_id, ())
        return [decoded_row_sums(text, of) for text, of in kept if of in known]

    def _rows(self, merchant_id: str) -> list[PlacedRow]:
        kept = self._settled.get(merchant_id, ())
        return [PlacedRow(row=decoded_settlement_row(text), of=of) for text, of in kept]

    async def take_report(self, merchant_id: str, taken: TakenReport, *, seen: int) -> Sequence[Case] | None:
        """See `Settlements.take_report`."""
        reports = self._reports.setdefault(merchant_id, [])
        if len(reports) != seen:
            return None
        replaced = {one.row.settlement_id for one in taken.rows}
        others = [one for one in self._rows(merchant_id) if one.row.settlement_id not in replaced]
        self._settled[merchant_id] = [(encoded(one.row), one.of) for one in (*others, *taken.rows)]
        reports.extend([] if taken.is_again else [taken.report])
        cases, changed = self._cases.setdefault(merchant_id, {}), list[Case]()
        for finding in taken.findings:
            case = decoded_case(cases[finding.case_id]) if finding.case_id in cases else None
            after = judged(case, finding, taken.report.taken_at)
            if after is not None and after is not case:
                cases[after.id] = encoded(after)
                changed.append(after)
        return changed

    async def settlement_reports(self, merchant_id: str, *, limit: int = 50) -> Sequence[ReportRow]:
        """See `Settlements.settlement_reports`."""
        return self._reports.get(merchant_id, [])[::-1][:limit]

    async def settlement_cases(
        self, merchant_id: str, state: CaseState | None = None, *, after: str = "", limit: int = 50
    ) -> Sequence[Case]:
        """See `Settlements.settlement_cases`."""
        ids = [*self._cases.get(merchant_id, {})]
        if after:
            ids = ids[ids.index(after) + 1 :] if after in ids else []
        cases = [decoded_case(self._cases[merchant_id][case_id]) for case_id in ids]
        return [case for case in cases if state in (None, case.state)][:limit]

    async def settlement_case(self, merchant_id: str, case_id: str) -> Case | None:
        """See `Settlements.settlement_case`."""
        text = self._cases.get(merchant_id, {}).get(case_id)
        return decoded_case(text) if text else None

    async def close_settlement_case(
        self, merchant_id: str, case_id: str, word: CaseWord, *, seen: str | None = None
    ) -> Case | Refused | None:
        """See `Settlements.close_settlement_case`."""
        case = await self.settlement_case(merchant_id, case_id)
        if case is None:
            return None
        after = closed(case, word, seen)
        if isinstance(after, Case):
            self._cases[merchant_id][case_id] = encoded(after)
        return after
