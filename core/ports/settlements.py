"""The port to settlement reports: what was imported, and the cases that came of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from attrs import frozen

from paystate.core.orders.facts import Refused
from paystate.core.settlement.cases import Case, CaseState, CaseWord
from paystate.core.settlement.matching import Finding
from paystate.core.settlement.rows import RowSums, SettlementRow


@frozen(kw_only=True)
class PlacedRow:
    """A row as it is kept.

    Attributes:
        of: `KnownSum.case_id` of the sum that it means; `""` where none is known.
    """

    row: SettlementRow
    of: str = ""


@frozen(kw_only=True)
class ReportRow:
    """One import: the digest of the rows, the name of the file as it was given, and how many rows it had."""

    rows_digest: str
    file_name: str
    taken_at: datetime
    rows: int


@frozen(kw_only=True)
class TakenReport:
    """What an import writes, all or nothing.

    Attributes:
        rows: They take the place of all rows of their settlements.
        findings: Each is held against its case.
        is_again: The very rows were kept before, so no import is noted.
    """

    report: ReportRow
    rows: tuple[PlacedRow, ...]
    findings: tuple[Finding, ...]
    is_again: bool


class Settlements(Protocol):
    """A merchant's settlement reports and cases."""

    async def settlement_revision(self, merchant_id: str) -> int:
        """A number that grows with each import that is noted; 0 before the first."""
        ...

    async def settlement_rows(self, merchant_id: str, settlement_ids: Collection[str]) -> Sequence[PlacedRow]:
        """All rows that are kept of these settlements, as they stood in their files."""
        ...

    async def settlement_rows_of(self, merchant_id: str, known: Collection[str]) -> Sequence[PlacedRow]:
        """All rows of all settlements that mean these sums."""
        ...

    async def settlement_sums_of(self, merchant_id: str, known: Collection[str]) -> Sequence[RowSums]:
        """What each of the same rows comes to: a day has thousands, and the rest of them is not read."""
        ...

    async def take_report(self, merchant_id: str, taken: TakenReport, *, seen: int) -> Sequence[Case] | None:
        """Write an import; returns the cases that it has changed, in the order of the findings.

        None, and nothing is written, where another import was noted since the revision `seen`.
        """
        ...

    async def settlement_reports(self, merchant_id: str, *, limit: int = 50) -> Sequence[ReportRow]:
        """Imports, newest first."""
        ...

    async def settlement_cases(
        self, merchant_id: str, state: CaseState | None = None, *, after: str = "", limit: int = 50
    ) -> Sequence[Case]:
        """Cases, the one first that came first; from the one behind `after`. After one that is not there comes none."""
        ...

    async def settlement_case(self, merchant_id: str, case_id: str) -> Case | None:
        """One case."""
        ...

    async def close_settlement_case(
        self, merchant_id: str, case_id: str, word: CaseWord, *, seen: str | None = None
    ) -> Case | Refused | None:
        """Close a case; returns what `cases.closed` does, and None where there is no such case.

        No import comes between the look at its revision and the close.
        """
        ...
