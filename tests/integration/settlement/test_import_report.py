"""A day's payments and refunds in a store, and reports of them with differences that were planted."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from attrs import define, evolve
from hypothesis import given
from hypothesis import strategies as st

from paystate.adapters.storage.memory import MemoryStore
from paystate.core.errors import ConcurrentUpdate, ValueInvalid
from paystate.core.evidence import Answer, Evidence, OrderAnswer, References, RefundAnswer, TxnAnswer, TxnClaim
from paystate.core.finding.days import Days
from paystate.core.ids import OrderKey
from paystate.core.money import Money
from paystate.core.orders.commands.decide import Command, decide
from paystate.core.orders.commands.open_commands import OpenOrder
from paystate.core.orders.commands.webhook_claims import NoteWebhook
from paystate.core.orders.decision import DecisionResult
from paystate.core.orders.facts import Customer, Opened
from paystate.core.orders.order import Order
from paystate.core.policy import DEFAULT
from paystate.core.ports.settlements import TakenReport
from paystate.core.requester import Requester
from paystate.core.settlement.cases import Case, CaseState, CaseVerdict, CaseWord
from paystate.core.settlement.rows import Correction, RowKind, SettlementRow
from paystate.core.use_cases.settlements import import_report as importing
from paystate.core.use_cases.settlements.import_report import Imported, ReportToImport, days_of, import_report

SHOP = "teashop"
INDIA = ZoneInfo("Asia/Kolkata")
EVENING = datetime(2026, 11, 26, 20, 0, tzinfo=UTC)
"""1:30 in the night of the 27th in India."""
THE_27TH = Days(date(2026, 11, 27), date(2026, 11, 27))


def inr(rupees: str) -> Money:
    return Money.parse(rupees, "INR")


@define
class SetClock:
    at: datetime = EVENING + timedelta(days=2)

    def now(self) -> datetime:
        return self.at


async def told(store: MemoryStore, order_id: str, *inputs: Command | Evidence, at: datetime = EVENING) -> None:
    for what in inputs:

        def decided(order: Order | None, what: Command | Evidence = what) -> DecisionResult:
            return decide(order, what, DEFAULT, at)

        await store.transact(OrderKey(SHOP, order_id), decided)


def answer(order_id: str, rupees: str, *refunds: RefundAnswer, asked: int = 1, rrn: str = "") -> Evidence:
    txn = TxnAnswer(txn_id=f"teashop-{order_id}-1", status="CHARGED", references=References(rrn=rrn))
    body = OrderAnswer(
        merchant_id=SHOP, order_id=order_id, amount=Decimal(rupees), currency="INR", status="CHARGED", txn=txn,
        refunds=refunds,
    )  # fmt: skip
    return Evidence(asked=asked, answer=Answer(body=body, dated=EVENING))


async def paid(
    store: MemoryStore, order_id: str, rupees: str, *refunds: RefundAnswer, rrn: str = "", at: datetime = EVENING
) -> None:
    opened = Opened(merchant_id=SHOP, order_id=order_id, amount=inr(rupees), customer=Customer(customer_id="asha"))
    await told(store, order_id, OpenOrder(opened), answer(order_id, rupees, *refunds, rrn=rrn), at=at)


async def a_day() -> MemoryStore:
    """Five paid orders; tea-3 has a refund of 40. tea-5 was paid on the day before."""
    store = MemoryStore()
    await paid(store, "tea-1", "500")
    await paid(store, "tea-2", "200", rrn="6330")
    await paid(store, "tea-3", "100", RefundAnswer(refund_id="rf3", amount=Decimal(40), status="SUCCESS"))
    await paid(store, "tea-4", "70")
    await paid(store, "tea-5", "60", at=EVENING - timedelta(hours=2))
    return store


def row(order: str, rupees: str, **more: Any) -> SettlementRow:
    values: dict[str, Any] = {
        "line": 2, "settlement_id": "S1", "kind": RowKind.PAYMENT, "order_name": order, "name": "", "reference": "",
        "amount": inr(rupees), "day": date(2026, 11, 27),
    }  # fmt: skip
    return SettlementRow(**(values | more))


AGREES = (
    row("tea-1", "500"),
    row("", "200", reference="6330"),
    row("teashop-tea-3-1", "100"),
    row("tea-3", "40", kind=RowKind.REFUND, name="RF3"),
    row("tea-4", "70", name="teashop-tea-4-1"),
)
PLANTED = (
    row("tea-1", "499"),
    row("tea-3", "100"),
    row("tea-4", "70", name="teashop-tea-4-1"),
    row("tea-4", "70", name="teashop-tea-4-2"),
    row("coffee-9", "12"),
    row("tea-5", "60", fee=inr("1"), net=inr("58")),
)
"""A sum too small, a payment (tea-2) and a refund left out, one payment too many, an order of another's, and a sum that
is not added up."""


async def take(
    store: MemoryStore, rows: Sequence[SettlementRow], *, covers: Days | None = THE_27TH, replaces: bool = False
) -> Imported:
    report = ReportToImport(rows=tuple(rows), file_name="report.csv", covers=covers, replaces=replaces)
    done = await import_report(store, SetClock(), SHOP, report, INDIA)
    assert isinstance(done, Imported)
    return done


async def refusals(store: MemoryStore, report: ReportToImport) -> Sequence[Correction]:
    refused = await import_report(store, SetClock(), SHOP, report, INDIA)
    assert not isinstance(refused, Imported)
    return refused


async def cases(store: MemoryStore, state: CaseState | None = CaseState.OPEN) -> list[tuple[str, str, str]]:
    found = await store.settlement_cases(SHOP, state)
    return sorted((one.finding.rule, one.finding.order_id, one.finding.name) for one in found)


async def test_a_report_that_agrees_opens_no_case() -> None:
    store = await a_day()
    done = await take(store, AGREES)
    assert (["B1"] * 5, [], False) == (
        [one.rule for one in done.findings if one.rule == "B1"], [*done.changed], done.is_again
    )  # fmt: skip


async def test_each_planted_difference_is_found_and_no_other() -> None:
    store = await a_day()
    await take(store, PLANTED)
    assert [
        ("B2", "tea-2", "teashop-tea-2-1"),
        ("B3", "tea-3", "rf3"),
        ("B4", "coffee-9", ""),
        ("B5", "tea-4", "teashop-tea-4-2"),
        ("B6", "tea-1", "teashop-tea-1-1"),
        ("B8", "tea-5", ""),
    ] == await cases(store)


async def test_the_same_report_again_changes_nothing() -> None:
    store = await a_day()
    await take(store, PLANTED)
    before, revision = await store.settlement_cases(SHOP), await store.settlement_revision(SHOP)
    again = await take(store, PLANTED)
    assert (True, []) == (again.is_again, [*again.changed])
    assert (before, revision) == (await store.settlement_cases(SHOP), await store.settlement_revision(SHOP))


def everything(store: MemoryStore) -> set[Case]:
    return set(asyncio.run(store.settlement_cases(SHOP)))


@given(st.permutations(PLANTED + AGREES[:1]))
def test_the_order_of_the_rows_makes_no_difference(rows: list[SettlementRow]) -> None:
    async def imported(rows: Sequence[SettlementRow]) -> MemoryStore:
        store = await a_day()
        await take(store, rows)
        await take(store, rows[::-1])
        return store

    assert everything(asyncio.run(imported(PLANTED + AGREES[:1]))) == everything(asyncio.run(imported(rows)))


async def test_a_later_report_resolves_what_was_missing() -> None:
    store = await a_day()
    await take(store, AGREES[:4])
    assert [("B2", "tea-4", "teashop-tea-4-1")] == await cases(store)
    await take(store, [row("tea-4", "70", settlement_id="S2", day=date(2026, 11, 28))], covers=None)
    assert ([], [("B1", "tea-4", "teashop-tea-4-1")]) == (await cases(store), await cases(store, CaseState.RESOLVED))


async def test_money_that_is_settled_twice_in_two_reports_shows() -> None:
    store = await a_day()
    await take(store, AGREES)
    done = await take(store, [row("tea-1", "500", settlement_id="S2")], covers=None)
    assert [("B6", inr("1000"))] == [(one.finding.rule, one.finding.theirs) for one in done.changed]


async def test_an_order_that_is_learned_of_later_clears_what_was_extra() -> None:
    store = await a_day()
    rows = (*AGREES, row("tea-6", "30"))
    await take(store, rows)
    assert [("B4", "tea-6", "")] == await cases(store)
    await paid(store, "tea-6", "30")
    done = await take(store, rows)
    assert (True, [], [CaseState.RESOLVED]) == (
        done.is_again, await cases(store), [one.state for one in done.changed]
    )  # fmt: skip


async def test_a_closed_case_stays_closed_until_its_facts_change() -> None:
    store = await a_day()
    rows = (row("tea-1", "499"), *AGREES[1:])
    (case,) = (await take(store, rows)).changed
    word = CaseWord(verdict=CaseVerdict.WRITTEN_OFF, by=Requester("Meera"), note="one rupee", at=EVENING)
    await store.close_settlement_case(SHOP, case.id, word)
    assert [] == [*(await take(store, rows)).changed]
    (again,) = (await take(store, (row("tea-1", "498"), *AGREES[1:]), replaces=True)).changed
    assert (CaseState.OPEN, inr("498"), (word,)) == (again.state, again.finding.theirs, again.words)


async def test_a_corrected_report_is_taken_only_when_it_is_meant() -> None:
    store = await a_day()
    await take(store, PLANTED)
    before = await store.settlement_cases(SHOP)
    corrected = ReportToImport(rows=AGREES, file_name="report-2.csv", covers=THE_27TH)
    refused = await refusals(store, corrected)
    assert [Correction(
        settlement_id="S1",
        gone=(PLANTED[0], PLANTED[1], PLANTED[3], PLANTED[4], PLANTED[5]),
        come=(AGREES[0], AGREES[1], AGREES[2], AGREES[3]),
    )] == [*refused]  # fmt: skip
    assert before == await store.settlement_cases(SHOP)
    await import_report(store, SetClock(), SHOP, evolve(corrected, replaces=True), INDIA)
    assert [] == [one for one in await cases(store) if one[1] != "tea-5"]


async def test_a_row_that_a_corrected_report_leaves_out_is_missing_again() -> None:
    store = await a_day()
    await take(store, AGREES, covers=None)
    await take(store, AGREES[1:], covers=None, replaces=True)
    assert [("B2", "tea-1", "teashop-tea-1-1")] == await cases(store)


async def test_a_net_sum_that_is_no_longer_told_differs_no_more() -> None:
    store = await a_day()
    wrong = row("tea-1", "500", fee=inr("1"), net=inr("500"))
    await take(store, [wrong], covers=None)
    assert [("B8", "tea-1", "")] == await cases(store)
    await take(store, [row("tea-1", "500")], covers=None, replaces=True)
    assert [] == await cases(store)
    await take(store, [wrong], covers=None, replaces=True)
    await take(store, [row("tea-2", "200")], covers=None, replaces=True)
    assert [("B2", "tea-1", "teashop-tea-1-1")] == await cases(store)


async def test_a_name_that_stands_on_two_orders_names_neither() -> None:
    store = await a_day()
    await paid(store, "tea-7", "200", rrn="6330")
    await take(store, [row("", "200", reference="6330"), row("no/order", "1")], covers=None)
    assert [("B4", "", "6330"), ("B4", "no/order", "")] == await cases(store)


async def test_a_reference_that_is_another_order_s_id_does_not_name_that_order() -> None:
    store = await a_day()
    await paid(store, "6330", "200")
    await take(store, [row("", "200", reference="6330")], covers=None)
    await take(store, [row("6330", "200", settlement_id="S2")], covers=None)
    assert [] == await cases(store)


async def test_of_two_orders_with_one_reference_the_sum_decides() -> None:
    store = await a_day()
    await paid(store, "tea-7", "90", rrn="6330")
    done = await take(store, [row("", "200", reference="6330"), row("", "90", reference="6330")], covers=None)
    assert {("B1", "tea-2"), ("B1", "tea-7")} == {(one.rule, one.order_id) for one in done.findings if one.rule == "B1"}
    assert [] == await cases(store)


async def test_a_webhook_that_names_a_payment_on_another_order_leads_no_row_astray() -> None:
    store = await a_day()
    await paid(store, "tea-7", "500")
    await told(store, "tea-7", NoteWebhook(txns=(TxnClaim(txn_id="teashop-tea-1-1", status="CHARGED"),)))
    await take(store, [row("teashop-tea-1-1", "500")], covers=None)
    assert [] == await cases(store)


async def test_one_row_that_stands_twice_in_a_file_is_money_that_was_settled_twice() -> None:
    store = await a_day()
    await take(store, [row("tea-1", "500"), row("tea-1", "500", line=3)], covers=None)
    assert [("B6", "tea-1", "teashop-tea-1-1")] == await cases(store)


async def test_two_files_that_overlap_are_told_and_none_of_the_second_is_taken() -> None:
    store = await a_day()
    await take(store, AGREES[:3], covers=None)
    rows = (*AGREES[2:], row("tea-5", "60", settlement_id="S2"))
    overlapping = ReportToImport(rows=rows, file_name="report-2.csv")
    (refused,) = await refusals(store, overlapping)
    assert ("S1", AGREES[:2], AGREES[3:]) == (refused.settlement_id, refused.gone, refused.come)
    assert [] == [*await store.settlement_rows(SHOP, {"S2"})]


async def test_two_files_of_which_one_holds_the_other_s_whole_settlement_are_taken() -> None:
    store = await a_day()
    await take(store, AGREES, covers=None)
    done = await take(store, (*AGREES, row("tea-5", "60", settlement_id="S2")), covers=None)
    assert (False, []) == (done.is_again, await cases(store))
    assert 6 == len(await store.settlement_rows(SHOP, {"S1", "S2"}))


async def test_a_corrected_row_that_is_no_longer_extra_resolves_its_case() -> None:
    store = await a_day()
    await take(store, [row("tea-1", "500"), row("tea-99", "70")], covers=None)
    await take(store, [row("tea-1", "500"), row("tea-4", "70")], covers=None, replaces=True)
    assert ([], [("B10", "tea-99", "")]) == (await cases(store), await cases(store, CaseState.RESOLVED))


async def test_a_sum_in_another_currency_is_no_match_however_it_looks() -> None:
    store = await a_day()
    await take(store, [row("tea-1", "500", amount=Money.parse("500", "AED"))], covers=None)
    assert [("B7", "tea-1", "teashop-tea-1-1")] == await cases(store)


async def test_a_name_that_stands_on_very_many_orders_is_nobody_s(monkeypatch: pytest.MonkeyPatch) -> None:
    store = await a_day()
    await paid(store, "tea-7", "90", rrn="6330")
    monkeypatch.setattr(importing, "_ALIKE_MAX", 1)
    await take(store, [row("", "90", reference="6330")], covers=None)
    assert [("B4", "", "6330")] == await cases(store)


async def test_the_days_of_a_report_are_those_of_its_rows() -> None:
    rows = [row("a", "1", day=date(2026, 11, day)) for day in (28, 26, 27)]
    assert Days(date(2026, 11, 26), date(2026, 11, 28)) == days_of([*rows, row("a", "1", day=None)])
    assert None is days_of([row("a", "1", day=None)])


async def test_days_with_too_many_movements_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    store = await a_day()
    monkeypatch.setattr(importing, "ROWS_MAX", 4)
    with pytest.raises(ValueInvalid, match="have more than 4 movements"):
        await take(store, AGREES)


class BusyStore(MemoryStore):
    """Other imports come in between `times` times."""

    times = 0

    async def take_report(self, merchant_id: str, taken: TakenReport, *, seen: int) -> Sequence[Case] | None:
        self.times -= 1
        return None if self.times >= 0 else await super().take_report(merchant_id, taken, seen=seen)


async def test_an_import_begins_again_when_another_came_in_between() -> None:
    store = BusyStore()
    store.times = 2
    assert [] == [*(await take(store, [])).changed]
    store.times = 3
    with pytest.raises(ConcurrentUpdate):
        await take(store, [])
