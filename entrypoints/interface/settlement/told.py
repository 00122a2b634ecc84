"""What came of an import, in the words in which every way in tells it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo

from paystate.core.finding.days import Days
from paystate.core.money import Money
from paystate.core.settlement.cases import CaseState
from paystate.core.settlement.matching import Finding
from paystate.core.settlement.reading import CELL_MAX, ReadReport, ReportFormat
from paystate.core.settlement.rows import Correction, SettlementRow
from paystate.core.settlement.rules import DIFFERENCES, MATCHED, NET_DIFFERS
from paystate.core.text import is_clean
from paystate.core.use_cases.settlements.import_report import Imported


def wrong_settlement(form: ReportFormat, settlement_id: str) -> tuple[str, str] | None:
    """What is wrong with the id of a pay-out that is given beside a file, and how to put it right."""
    if not form.settlement and not settlement_id:
        return "is needed: this format has no column for it", "give the id of the pay-out as the sender writes it"
    if len(settlement_id) > CELL_MAX or not is_clean(settlement_id):
        message = f"is longer than {CELL_MAX} characters, or holds a hidden one"
        return message, "give the id as the sender writes it"
    return None


def read_and_covered(read: ReadReport, covers: Days | None, zone: tzinfo, now: datetime) -> Iterator[str]:
    """What the file is beside its sums: what was left out of it, and the days that it has all money of."""
    if read.left_out:
        yield f"Rows that the format leaves out: {read.left_out:,}."
    if covers is None:
        yield "It tells no days, so nothing was looked for that is missing. Give the days to have that done."
        return
    is_one = covers.first == covers.last
    yield f"It covers {covers.first}{'' if is_one else f' to {covers.last}'}."
    if covers.span(zone)[1] > now:
        days = "This day is" if is_one else "These days are"
        yield f"{days} not over in {zone}: what still moves was not looked for. Import the report again afterwards."


def rows_of(read: ReadReport) -> str:
    """How many rows count."""
    rows = len(read.rows)
    return f"The file has {rows:,} {'row of a payment or refund' if rows == 1 else 'rows of payments and refunds'}."


def held(done: Imported, covers: Days | None) -> Iterator[str]:
    """What came of it; the counts are of more than the file's own rows, so it is said of what."""
    and_what_moved = ", and what moved on these days" if covers else ""
    yield f"Held against all reports together: what the file's rows are about{and_what_moved}."
    matched = sum(one.rule == MATCHED.id for one in done.findings)
    differ = Counter(DIFFERENCES[one.rule] for one in done.findings if one.is_difference)
    words = ", ".join(f"{count:,} {word}" for word, count in differ.items()) or "none"
    yield f"Payments and refunds that agree: {matched:,}. Differences, closed cases among them: {words}."
    counts = Counter(case.state for case in done.changed)
    opened, resolved = counts[CaseState.OPEN], counts[CaseState.RESOLVED]
    yield (
        f"Cases that have changed: {opened:,} open, {resolved:,} resolved." if done.changed else "No case has changed."
    )


def corrected(one: Correction) -> str:
    """What a file says otherwise of a settlement that was imported before."""
    gone = "; ".join(f"was: {_said(row)}" for row in one.gone[:3])
    come = "; ".join(f"is now, line {row.line}: {_said(row)}" for row in one.come[:3])
    counts = f"{_rows(len(one.gone))} gone, {_rows(len(one.come))} new"
    return f"was imported with other rows: {counts}. {'; '.join(filter(None, (gone, come)))}"


def _rows(count: int) -> str:
    return f"{count:,} row is" if count == 1 else f"{count:,} rows are"


def _said(row: SettlementRow) -> str:
    named = " ".join(filter(None, (row.kind, row.name or row.reference, row.order_name)))
    costs = "".join(
        f", {name} {money}" for name, money in (("fee", row.fee), ("tax", row.tax), ("net", row.net)) if money
    )
    return f"{named} {sum_of(row.amount)}{costs}"


def both_sums(finding: Finding) -> Sequence[tuple[str, str]]:
    """Both sums, under what they are: a row that does not add up is held against itself."""
    is_net = finding.rule == NET_DIFFERS.id
    ours, theirs = ("less its costs", "net in the report") if is_net else ("ours", "the report's")
    return (ours, sum_of(finding.ours)), (theirs, their_sums(finding))


def their_sums(finding: Finding) -> str:
    """What the rows come to, in each currency."""
    return " and ".join(map(sum_of, (finding.theirs, *finding.besides)))


def sum_of(money: Money | None) -> str:
    """A sum with its currency, or that there is none."""
    return f"{money} {money.currency}" if money else "nothing"
