"""A settlement report is imported, as at the terminal: by the same formats, rules and words."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final

from attrs import frozen
from litestar import post
from litestar.datastructures import UploadFile
from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from litestar.params import FromPath

from paystate.core.describe.grouped import grouped, grouped_signed, with_amounts_grouped
from paystate.core.errors import ConcurrentUpdate, ValueInvalid
from paystate.core.finding.days import Days
from paystate.core.settlement.reading import CELL_MAX, BadLine, ReadReport, ReportFormat
from paystate.core.settlement.rows import Total, totals_of
from paystate.core.text import one_line
from paystate.core.use_cases.context import Merchant
from paystate.core.use_cases.settlements.import_report import Imported, ReportToImport, days_of, import_report
from paystate.entrypoints.console.access import (
    AnyRequest,
    Console,
    address_at,
    console_of,
    may_act,
    needs_sign_in,
    person_at,
)
from paystate.entrypoints.console.finance.case_rows import case_row
from paystate.entrypoints.console.finance.frame import finance_page, path_to
from paystate.entrypoints.console.finance.upload import UPLOAD_BYTES_MAX, own_upload
from paystate.entrypoints.console.orders import merchant_named
from paystate.entrypoints.console.rendering import Page
from paystate.entrypoints.interface.settlement import told
from paystate.entrypoints.interface.settlement.report_file import BYTES_MAX, NoReport, read_report_file
from paystate.entrypoints.setup.logs import Logger

SHOWN_MAX: Final = 100
"""Cases that have changed, of one import."""
_log: Final = Logger("paystate.console")


@frozen(kw_only=True)
class Asked:
    """What the form asks for, as it was sent; `problems` says what is wrong with it, by field."""

    form: str = ""
    days: str = ""
    settlement: str = ""
    replaces: bool = False
    problems: Mapping[str, str] = {}


@frozen(kw_only=True)
class Wanted:
    """A form that can be followed."""

    form: ReportFormat
    covers: Days | None
    settlement: str


@frozen(kw_only=True)
class TotalRow:
    """What a report comes to in one currency, in words."""

    payments: str
    paid: str
    refunds: str
    refunded: str
    net: str


@post(
    "/finance/{merchant_id:str}/import",
    guards=[needs_sign_in, may_act],
    request_max_body_size=UPLOAD_BYTES_MAX,
    status_code=200,
)
async def import_one(request: AnyRequest, merchant_id: FromPath[str]) -> Page:
    """Import the file, all or nothing, and show what came of it. To send it again changes nothing."""
    console = console_of(request)
    merchant = merchant_named(console, merchant_id)
    try:
        upload = await own_upload(request)
    except RequestEntityTooLarge:
        problem = f"The file is larger than {BYTES_MAX // 2**20} MiB. Import it at the terminal, in parts."
        return form_page(request, merchant, Asked(problems={"file": problem}), status=413)
    asked = _asked(upload.fields)
    wanted = _wanted(merchant, asked)
    if isinstance(wanted, Mapping):
        return _wrong(request, merchant, asked, wanted)
    if upload.file is None:
        return _wrong(request, merchant, asked, {"file": "Choose the file."})
    async with console.importing:
        return await _imported(request, merchant, asked, wanted, upload.file)


HANDLERS: Final = (import_one,)


def form_page(request: AnyRequest, merchant: Merchant, asked: Asked, *, status: int, **facts: object) -> Page:
    """The form once more."""
    given = {"bad": (), "corrections": (), **facts}
    formats = [*merchant.settlement_formats]
    return finance_page(request, "import.html", merchant, "settlements", status, asked=asked, formats=formats,
        problems=asked.problems, **given)  # fmt: skip


def _wrong(request: AnyRequest, merchant: Merchant, asked: Asked, problems: Mapping[str, str]) -> Page:
    again = Asked(
        form=asked.form, days=asked.days, settlement=asked.settlement, replaces=asked.replaces, problems=problems
    )
    return form_page(request, merchant, again, status=422)


def _asked(fields: Mapping[str, str]) -> Asked:
    form, days, settlement = (fields.get(name, "").strip() for name in ("format", "days", "settlement"))
    return Asked(form=form, days=days, settlement=settlement, replaces="replace" in fields)


def _wanted(merchant: Merchant, asked: Asked) -> Wanted | Mapping[str, str]:
    """What is to be done, or what is wrong by field."""
    form = merchant.settlement_formats.get(asked.form)
    if form is None:
        return {"format": "Choose the format of the report."}
    if problem := told.wrong_settlement(form, asked.settlement):
        return {"settlement": f"It {'; '.join(problem)}."}
    try:
        covers = Days.read(asked.days) if asked.days else None
    except ValueInvalid as wrong:
        return {"days": f"It {wrong.rule}."}
    return Wanted(form=form, covers=covers, settlement=asked.settlement)


async def _imported(request: AnyRequest, merchant: Merchant, asked: Asked, wanted: Wanted, file: UploadFile) -> Page:
    console, zone = console_of(request), merchant.time_zone
    try:
        read = await asyncio.to_thread(read_report_file, await file.read(), wanted.form, wanted.settlement)
    except NoReport as none:
        return _wrong(request, merchant, asked, {"file": f"It {none.rule}: {none.fix}."})
    if read.bad:
        return form_page(request, merchant, asked, status=422, bad=[_bad(one) for one in read.bad])
    report = ReportToImport(
        rows=read.rows,
        file_name=one_line(file.filename, CELL_MAX),
        covers=wanted.covers or days_of(read.rows),
        replaces=asked.replaces,
    )
    try:
        done = await import_report(console.ports.store, console.ports.clock, merchant.merchant_id, report, zone)
    except ValueInvalid as wrong:
        return _wrong(request, merchant, asked, {"days": f"These days {wrong.rule}. Import a report of fewer days."})
    except ConcurrentUpdate:
        return _wrong(request, merchant, asked, {"file": "Another report was imported meanwhile. Import it again."})
    if not isinstance(done, Imported):
        found = [(one.settlement_id, with_amounts_grouped(told.corrected(one))) for one in done]
        return form_page(request, merchant, asked, status=409, corrections=found)
    _note(request, console, merchant, report)
    return _done_page(request, merchant, read, report, done)


def _note(request: AnyRequest, console: Console, merchant: Merchant, report: ReportToImport) -> None:
    who = person_at(request).user.name
    about = {"merchant_id": merchant.merchant_id, "rows": len(report.rows), "replaces": report.replaces}
    _log.info("settlement report imported", user=who, address=address_at(request), **about)


def _done_page(
    request: AnyRequest, merchant: Merchant, read: ReadReport, report: ReportToImport, done: Imported
) -> Page:
    zone, now = merchant.time_zone, console_of(request).now()
    return finance_page(
        request,
        "imported.html",
        merchant,
        "settlements",
        file_name=report.file_name,
        is_again=done.is_again,
        sentences=[
            told.rows_of(read),
            *told.read_and_covered(read, report.covers, zone, now),
            *told.held(done, report.covers),
        ],
        totals=[_total(one) for one in totals_of(read.rows)],
        changed=[case_row(merchant, case) for case in done.changed[:SHOWN_MAX]],
        beyond=max(0, len(done.changed) - SHOWN_MAX),
        back=path_to(merchant, "settlements"),
    )


def _total(one: Total) -> TotalRow:
    net = "not told" if one.net_minor is None else grouped_signed(one.net_minor, one.currency)
    return TotalRow(
        payments=f"{one.payments:,}",
        paid=grouped(one.paid_minor, one.currency),
        refunds=f"{one.refunds:,}",
        refunded=grouped(one.refunded_minor, one.currency),
        net=net,
    )


def _bad(one: BadLine) -> tuple[str, str]:
    return f"Line {one.number}{f', {one.column}' if one.column else ''}", one.rule
