"""Settlement reports and their cases, as a person at a terminal reads them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Final

from attrs import asdict, frozen
from rich.console import Console

from paystate.adapters.signing.secret_files import FileUnusable, read_file
from paystate.core.describe.wording import who
from paystate.core.errors import ValueInvalid
from paystate.core.finding.day import signed
from paystate.core.finding.days import Days
from paystate.core.orders.facts import Refused
from paystate.core.settlement.cases import Case, CaseState, CaseVerdict
from paystate.core.settlement.reading import CELL_MAX, BadLine, ReadReport, ReportFormat
from paystate.core.settlement.rows import Correction, Total, totals_of
from paystate.core.settlement.rules import DIFFERENCES, MATCHED, SETTLEMENT_RULES
from paystate.core.text import one_line
from paystate.core.timestamps import stamp
from paystate.core.use_cases.settlements.close_case import close_case
from paystate.core.use_cases.settlements.import_report import (
    Imported,
    ReportToImport,
    days_of,
    import_report,
)
from paystate.entrypoints.cli.lookups import (
    check_set_up,
    has_no,
    merchant_named,
    note_refused,
    person_named,
    zone_of_merchant,
)
from paystate.entrypoints.cli.refusals import refused_with_fix
from paystate.entrypoints.cli.terminal import in_zone_of, print_rows, print_values, printed_as_json, say
from paystate.entrypoints.interface.settlement import told
from paystate.entrypoints.interface.settlement.report_file import BYTES_MAX, NoReport, read_report_file
from paystate.entrypoints.interface.views.settlement_views import case_page, case_view
from paystate.entrypoints.setup import bootstrap
from paystate.entrypoints.setup.problems import ConfigError, ConfigProblem
from paystate.entrypoints.setup.settings import Settings

PAGE: Final = 50
SHOWN_MAX: Final = 100
_HEADINGS: Final = ("case", "state", "what", "order", "payment or refund", "ours", "the report's")


@frozen(kw_only=True)
class Wish:
    """What is to be imported, and how."""

    file: Path
    form: str | None
    days: str | None
    settlement: str
    replace: bool


@frozen(kw_only=True)
class Word:
    """What a person says of a case; `seen` is its revision that this is about, where the person tells it."""

    verdict: CaseVerdict
    by: str
    note: str
    seen: str | None


async def take(settings: Settings, merchant: str | None, wish: Wish, clock_url: str | None, console: Console) -> None:
    """Import a report; raises ConfigError for a file that cannot be read, and for one that corrects another."""
    merchant_id = merchant_named(settings, merchant)
    check_set_up(settings, merchant_id)
    zone = zone_of_merchant(settings, merchant_id)
    form = _format_named(settings, merchant_id, wish.form)
    covers = _days_named(wish.days)
    if problem := told.wrong_settlement(form, wish.settlement):
        raise ConfigError(ConfigProblem("--settlement", *problem))
    read = _read(wish, form)
    report = ReportToImport(
        rows=read.rows,
        file_name=one_line(wish.file.name, CELL_MAX),
        covers=covers or days_of(read.rows),
        replaces=wish.replace,
    )
    clock = bootstrap.clock(settings, clock_url)
    async with bootstrap.opened_store(settings) as store:
        try:
            done = await import_report(store, clock, merchant_id, report, zone)
        except ValueInvalid as wrong:
            raise ConfigError(ConfigProblem("--days", wrong.rule, "import a report of fewer days")) from None
    if not isinstance(done, Imported):
        raise ConfigError(*map(_corrects, done))
    if printed_as_json(console, lambda: _import_document(done, read, report.covers)):
        return
    in_zone_of(console, zone)
    say(_summary(done, read, report.covers, zone, clock.now()), console)
    if done.changed:
        print_rows(_HEADINGS, map(_cells, done.changed[:SHOWN_MAX]), console)
        beyond = len(done.changed) - SHOWN_MAX
        more = [f"{beyond:,} more have changed and are not shown here."] if beyond > 0 else []
        say([*more, "To see one: paystate settle show CASE. All that are open: paystate settle list"], console)


def _read(wish: Wish, form: ReportFormat) -> ReadReport:
    try:
        data = read_file(wish.file, bytes_max=BYTES_MAX, counts_from="the current folder")
        read = read_report_file(data, form, wish.settlement)
    except FileUnusable as unusable:
        raise ConfigError(ConfigProblem(str(wish.file), str(unusable), unusable.fix)) from None
    except NoReport as none:
        raise ConfigError(ConfigProblem(str(wish.file), none.rule, none.fix)) from None
    if read.bad:
        raise ConfigError(*map(_bad_line, read.bad))
    return read


def _bad_line(bad: BadLine) -> ConfigProblem:
    place = f"line {bad.number}" + (f", {bad.column}" if bad.column else "")
    fix = "nothing of the file was taken; name another --format, correct the format in the settings, or ask the sender"
    return ConfigProblem(place, bad.rule, fix)


def _format_named(settings: Settings, merchant_id: str, name: str | None) -> ReportFormat:
    formats = settings.merchants[merchant_id].settlement_formats
    if name is None and len(formats) == 1:
        return next(iter(formats.values()))
    if name is None or name not in formats:
        message = "is needed here" if name is None else "is none of the formats"
        table = f"[merchants.{merchant_id}.settlement_formats.NAME]"
        fix = f"name one of: {', '.join(formats)}" if formats else f"write one into the settings, {table}"
        raise ConfigError(ConfigProblem("--format", message, fix))
    return formats[name]


def _days_named(text: str | None) -> Days | None:
    try:
        return None if text is None else Days.read(text)
    except ValueInvalid as wrong:
        raise ConfigError(ConfigProblem("--days", wrong.rule, "give 2026-11-27 or 2026-11-26..2026-11-27")) from None


def _corrects(one: Correction) -> ConfigProblem:
    fix = "nothing was changed; if the report is a corrected one, import it with --replace"
    return ConfigProblem(f"settlement {one.settlement_id}", told.corrected(one), fix)


def _summary(done: Imported, read: ReadReport, covers: Days | None, zone: tzinfo, now: datetime) -> Sequence[str]:
    """First what the file has, then what came of everything that was held against all reports."""
    again = ["These rows were imported before."] if done.is_again else []
    totals = map(_total, totals_of(read.rows))
    return [
        *again,
        told.rows_of(read),
        *totals,
        *told.read_and_covered(read, covers, zone, now),
        *told.held(done, covers),
    ]


def _total(one: Total) -> str:
    """What a report comes to in one currency; the net sum is to be found on the bank's statement."""
    payments = f"{one.payments:,} {'payment' if one.payments == 1 else 'payments'}"
    refunds = f"{one.refunds:,} {'refund' if one.refunds == 1 else 'refunds'}"
    net = "" if one.net_minor is None else f" Net, as it should be paid out: {signed(one.net_minor, one.currency)}."
    sums = (
        f"{payments} of {signed(one.paid_minor, one.currency)}, {refunds} of {signed(one.refunded_minor, one.currency)}"
    )
    return f"In {one.currency}: {sums}.{net}"


def _total_document(one: Total) -> object:
    return {
        "currency": one.currency,
        "payments": one.payments,
        "amount_paid": signed(one.paid_minor, one.currency),
        "refunds": one.refunds,
        "amount_refunded": signed(one.refunded_minor, one.currency),
        "net": None if one.net_minor is None else signed(one.net_minor, one.currency),
    }


def _import_document(done: Imported, read: ReadReport, covers: Days | None) -> object:
    return {
        "rows": len(read.rows),
        "totals": [*map(_total_document, totals_of(read.rows))],
        "left_out": read.left_out,
        "covers": {"first": covers.first, "last": covers.last} if covers else None,
        "is_again": done.is_again,
        "matched": sum(one.rule == MATCHED.id for one in done.findings),
        "differences": [one.case_id for one in done.findings if one.is_difference],
        "changed": [case_view(case) for case in done.changed],
    }


async def imports(settings: Settings, merchant: str | None, console: Console) -> None:
    """Print the newest imports."""
    merchant_id = merchant_named(settings, merchant)
    async with bootstrap.opened_store(settings) as store:
        found = await store.settlement_reports(merchant_id, limit=PAGE)
    if not found:
        check_set_up(settings, merchant_id)
    if printed_as_json(console, lambda: {"imports": [*map(asdict, found)]}):
        return
    if not found:
        say(["Nothing was imported."], console)
        return
    in_zone_of(console, zone_of_merchant(settings, merchant_id))
    rows = [(stamp(one.taken_at), one.file_name, f"{one.rows:,}", one.rows_digest[:16]) for one in found]
    print_rows(("when", "file", "rows", "digest of its rows"), rows, console)


async def listed(
    settings: Settings, merchant: str | None, state: CaseState | None, after: str, console: Console
) -> None:
    """Print one page of cases."""
    merchant_id = merchant_named(settings, merchant)
    async with bootstrap.opened_store(settings) as store:
        cases = await store.settlement_cases(merchant_id, state, after=after, limit=PAGE + 1)
    if not cases:
        check_set_up(settings, merchant_id)
    if printed_as_json(console, lambda: case_page(cases, PAGE)):
        return
    page, more = cases[:PAGE], cases[PAGE - 1].id if len(cases) > PAGE else None
    if not page:
        say(["No case." if state is None else f"No case is {state}."], console)
        return
    print_rows(_HEADINGS, map(_cells, page), console)
    say([*([f"More: add `--after {more}`."] if more else []), "To see one: paystate settle show CASE"], console)


async def shown(settings: Settings, merchant: str | None, case_id: str, console: Console) -> None:
    """Print one case."""
    merchant_id = merchant_named(settings, merchant)
    async with bootstrap.opened_store(settings) as store:
        case = await store.settlement_case(merchant_id, case_id)
    if case is None:
        raise _no_case(settings, merchant_id, case_id)
    if printed_as_json(console, lambda: case_view(case)):
        return
    in_zone_of(console, zone_of_merchant(settings, merchant_id))
    finding = case.finding
    print_values(
        (
            ("case", f"{case.id} is {case.state}"),
            ("what", DIFFERENCES[finding.rule]),
            ("rule", f"{finding.rule}: {SETTLEMENT_RULES[finding.rule].message}"),
            ("order", finding.order_id or "not known"),
            (str(finding.kind), finding.name or "not named"),
            *told.both_sums(finding),
            ("stands in", "; ".join(f"settlement {line}" for line in finding.lines) or "no report"),
            ("opened", stamp(case.opened_at)),
            ("changed", stamp(case.changed_at)),
        ),
        console,
    )
    say([f"{stamp(word.at)}, {who(word.by)}: {word.verdict}. {word.note}" for word in case.words], console)
    if case.state is CaseState.OPEN:
        verdicts = "|".join(CaseVerdict)
        command = f"paystate settle close {case.id} --revision {case.revision} --verdict {verdicts}"
        say(["", f"To close it as it is now: {command} --by NAME --note WORDS"], console)


async def close(
    settings: Settings, merchant: str | None, case_id: str, word: Word, clock_url: str | None, console: Console
) -> None:
    """Close a case in a person's name; raises ConfigError where it is not open, or not as it was seen."""
    merchant_id, person = merchant_named(settings, merchant), person_named(word.by)
    clock = bootstrap.clock(settings, clock_url)
    async with bootstrap.opened_store(settings) as store:
        try:
            case = await close_case(store, clock, merchant_id, case_id, word.verdict, person, word.note, seen=word.seen)
        except ValueInvalid as wrong:
            raise ConfigError(note_refused(wrong)) from None
    if case is None:
        raise _no_case(settings, merchant_id, case_id)
    if isinstance(case, Refused):
        fix = f"`paystate settle show {case_id}` says how it stands, `paystate settle list` shows open ones"
        raise ConfigError(refused_with_fix(case, setting="case", fix=fix))
    if printed_as_json(console, lambda: case_view(case)):
        return
    say([f"{case.id} is closed: {word.verdict}. It opens again only when its facts change."], console)


def _no_case(settings: Settings, merchant_id: str, case_id: str) -> ConfigError:
    return has_no(
        settings, merchant_id, f"case {case_id}", "case", "`paystate settle list --state all` shows which there are"
    )


def _cells(case: Case) -> Sequence[str]:
    finding = case.finding
    named = f"{finding.kind} {finding.name}".strip()
    return (
        case.id,
        case.state,
        DIFFERENCES[finding.rule],
        finding.order_id,
        named,
        told.sum_of(finding.ours),
        told.their_sums(finding),
    )
