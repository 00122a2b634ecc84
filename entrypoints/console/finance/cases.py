"""Differences between settlement reports and orders: listed, shown, closed in a person's name."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Final

from attrs import frozen
from litestar import get, post
from litestar.params import FromPath, FromQuery

from paystate.core.console.users import Power
from paystate.core.describe.citations import cited
from paystate.core.describe.wording import who
from paystate.core.errors import ValueInvalid
from paystate.core.money import Money
from paystate.core.orders.facts import Refused
from paystate.core.settlement.cases import Case, CaseState, CaseVerdict, CaseWord
from paystate.core.settlement.rules import DIFFERENCES, SETTLEMENT_RULES
from paystate.core.text import NOTE_MAX
from paystate.core.use_cases.context import Merchant
from paystate.core.use_cases.settlements.close_case import close_case
from paystate.entrypoints.console.access import (
    AnyRequest,
    console_of,
    may_act,
    needs_sign_in,
    own_form,
    person_at,
)
from paystate.entrypoints.console.finance.case_rows import case_path, case_row
from paystate.entrypoints.console.finance.frame import finance_page, path_to, table_name, table_page
from paystate.entrypoints.console.orders import NoSuchOrder, merchant_named
from paystate.entrypoints.console.proof import needs_proof, unproved
from paystate.entrypoints.console.rendering import Page, see_told, told_at
from paystate.entrypoints.interface.settlement.told import sum_of
from paystate.entrypoints.interface.zones import clock_in, stamp_in

LISTED_MAX: Final = 50
TABLE_MAX: Final = 10_000
"""Differences of one table to download; the terminal lists any number."""
_STATES: Final = (*CaseState, None)
_COLUMNS: Final = (
    *("case", "state", "difference", "rule", "order_id", "kind", "name"),
    *("ours", "ours_currency", "theirs", "theirs_currency", "besides", "opened_at", "verdict", "by", "note"),
)
_VERDICTS: Final = {
    CaseVerdict.EXPLAINED: "Explained: the difference is right, and nobody owes anything",
    CaseVerdict.CORRECTED: "Corrected: the bank or gateway has put it right, or says that it will",
    CaseVerdict.WRITTEN_OFF: "Written off: it is wrong, and you leave it so",
}


@frozen(kw_only=True)
class WordRow:
    """What a person has found, and when."""

    at: str
    by: str
    verdict: str
    note: str


@get("/finance/{merchant_id:str}/settlements", guards=[needs_sign_in])
async def list_cases(
    request: AnyRequest, merchant_id: FromPath[str], which: FromQuery[str] = "open", after: FromQuery[str] = ""
) -> Page:
    """One page of differences, what was imported, and where to import more."""
    console = console_of(request)
    merchant, chosen = merchant_named(console, merchant_id), _state(which)
    found = await console.ports.store.settlement_cases(merchant_id, chosen, after=after, limit=LISTED_MAX + 1)
    reports = await console.ports.store.settlement_reports(merchant_id, limit=10)
    is_more = len(found) > LISTED_MAX
    return finance_page(
        request,
        "settlements.html",
        merchant,
        "settlements",
        cases=[case_row(merchant, case) for case in found[:LISTED_MAX]],
        states=[(_name(one), path_to(merchant, "settlements", which=one or "all"), one is chosen) for one in _STATES],
        state=_name(chosen).lower(),
        more=path_to(merchant, "settlements", which=which, after=found[LISTED_MAX - 1].id) if is_more else "",
        table=path_to(merchant, "settlements.csv", which=which),
        reports=[
            (clock_in(one.taken_at, merchant.time_zone), one.file_name, f"{one.rows:,}", one.rows_digest[:16])
            for one in reports
        ],
        may_act=_may_act(request),
        formats=[*merchant.settlement_formats],
        asked={"form": "", "days": "", "settlement": "", "replaces": False},
        problems={},
    )


@get("/finance/{merchant_id:str}/settlements.csv", guards=[needs_sign_in])
async def download_cases(request: AnyRequest, merchant_id: FromPath[str], which: FromQuery[str] = "open") -> Page:
    """The differences as a table, the one first that came first."""
    console = console_of(request)
    merchant, chosen = merchant_named(console, merchant_id), _state(which)
    found = await console.ports.store.settlement_cases(merchant.merchant_id, chosen, limit=TABLE_MAX + 1)
    name = table_name(f"{merchant_id}-differences-{which}", is_cut=len(found) > TABLE_MAX)
    cells = (_cells(case, merchant.time_zone) for case in found[:TABLE_MAX])
    return await asyncio.to_thread(table_page, name, _COLUMNS, cells)


@get("/finance/{merchant_id:str}/settlements/{case_id:str}", guards=[needs_sign_in])
async def show_case(request: AnyRequest, merchant_id: FromPath[str], case_id: FromPath[str]) -> Page:
    """One difference, and the form that closes it."""
    merchant = merchant_named(console_of(request), merchant_id)
    return _page(request, merchant, await _case(request, merchant, case_id))


@post("/finance/{merchant_id:str}/settlements/{case_id:str}", guards=[needs_sign_in, may_act])
async def close(request: AnyRequest, merchant_id: FromPath[str], case_id: FromPath[str]) -> Page:
    """Close it in the person's name, if it is as it was when its page was made.

    A form that is sent back with a mistake keeps its revision: only a page that says what is new brings the new one.
    """
    fields, console = await own_form(request), console_of(request)
    merchant, by = merchant_named(console, merchant_id), person_at(request).user.requester
    verdict, note = fields.get("verdict", ""), " ".join(fields.get("note", "").split())
    case = await _case(request, merchant, case_id)
    if verdict not in [*CaseVerdict]:
        return _page(request, merchant, case, 422, fields, {"verdict": "Say what you have found."})
    if problem := await unproved(request, fields):
        return _page(request, merchant, case, 422, fields, {"password": problem})
    store, clock = console.ports.store, console.ports.clock
    try:
        closed = await close_case(
            store, clock, merchant_id, case_id, CaseVerdict(verdict), by, note, seen=fields.get("revision", "")
        )
    except ValueInvalid as wrong:
        return _page(request, merchant, case, 422, fields, {"note": f"The reason {wrong.rule}."})
    if isinstance(closed, Refused):
        refusal, now = f"Nothing was done. {cited(closed.rule)}.", await _case(request, merchant, case_id)
        return _page(request, merchant, now, 409, {**fields, "revision": now.revision}, refusal=refusal)
    return see_told(case_path(merchant, case_id), "closed")


HANDLERS: Final = (list_cases, download_cases, show_case, close)


def _state(text: str) -> CaseState | None:
    """The state that a link of ours names; None for all. Raises NoSuchOrder for another word."""
    if text == "all":
        return None
    try:
        return CaseState(text)
    except ValueError:
        raise NoSuchOrder from None


def _name(state: CaseState | None) -> str:
    return state.capitalize() if state else "All"


def _may_act(request: AnyRequest) -> bool:
    return person_at(request).user.may(Power.ACT)


async def _case(request: AnyRequest, merchant: Merchant, case_id: str) -> Case:
    case = await console_of(request).ports.store.settlement_case(merchant.merchant_id, case_id)
    if case is None:
        raise NoSuchOrder
    return case


def _page(
    request: AnyRequest, merchant: Merchant, case: Case, status: int = 200, fields: Mapping[str, str] | None = None,
    problems: Mapping[str, str] | None = None, *, refusal: str = "",
) -> Page:  # fmt: skip
    finding, zone, given = case.finding, merchant.time_zone, fields or {}
    return finance_page(
        request,
        "case.html",
        merchant,
        "settlements",
        status,
        case=case_row(merchant, case),
        rule=cited(SETTLEMENT_RULES[finding.rule]),
        lines=finding.lines,
        opened=clock_in(case.opened_at, zone),
        changed=clock_in(case.changed_at, zone),
        words=[_word(one, merchant) for one in case.words],
        is_open=case.state is CaseState.OPEN,
        revision=given.get("revision", case.revision),
        may_act=_may_act(request),
        verdicts=[(one, name, one == given.get("verdict")) for one, name in _VERDICTS.items()],
        note=given.get("note", ""),
        note_max=NOTE_MAX,
        problems=problems or {},
        refusal=refusal,
        told=told_at(request, case_path(merchant, case.id)),
        needs_password=needs_proof(request),
    )


def _word(word: CaseWord, merchant: Merchant) -> WordRow:
    verdict = word.verdict.replace("_", " ").capitalize()
    return WordRow(at=clock_in(word.at, merchant.time_zone), by=who(word.by), verdict=verdict, note=word.note)


def _cells(case: Case, zone: tzinfo) -> Sequence[str]:
    finding, opened_at = case.finding, stamp_in(case.opened_at, zone)
    last = case.words[-1] if case.words else None
    found = (last.verdict, who(last.by), last.note) if last else ("", "", "")
    named = (DIFFERENCES[finding.rule], finding.rule, finding.order_id, finding.kind, finding.name)
    sums = (*_sum(finding.ours), *_sum(finding.theirs), "; ".join(map(sum_of, finding.besides)))
    return case.id, case.state, *named, *sums, opened_at, *found


def _sum(money: Money | None) -> tuple[str, str]:
    return (str(money), money.currency) if money else ("", "")
