"""What `Settlements` promises."""

from asyncio import gather
from typing import Any

from attrs import evolve
from contract.samples import MERCHANT, after_s

from paystate.core.money import Money
from paystate.core.orders.facts import Refused
from paystate.core.ports.settlements import PlacedRow, ReportRow, TakenReport
from paystate.core.ports.store import Store
from paystate.core.requester import Requester
from paystate.core.settlement.cases import Case, CaseState, CaseVerdict, CaseWord
from paystate.core.settlement.matching import Finding
from paystate.core.settlement.rows import RowKind, RowSums, SettlementRow

PRICE = Money.of(34_950, "INR")
WORD = CaseWord(verdict=CaseVerdict.CORRECTED, by=Requester("Meera"), note="they pay tomorrow", at=after_s(5))


def placed(settlement_id: str, name: str, known: str = "") -> PlacedRow:
    row = SettlementRow(
        line=2, settlement_id=settlement_id, kind=RowKind.PAYMENT, order_name="Order-1", name=name, reference="r",
        amount=PRICE, fee=Money.of(0, "INR"),
    )  # fmt: skip
    return PlacedRow(row=row, of=known)


def missing(case_id: str) -> Finding:
    return Finding(
        case_id=case_id, rule="B2", kind=RowKind.PAYMENT, order_id="Order-1", name="t1", ours=PRICE, theirs=None
    )


def taken(*rows: PlacedRow, findings: tuple[Finding, ...] = (), at: int = 0, **more: Any) -> TakenReport:
    report = ReportRow(rows_digest=f"d{at}", file_name="report.csv", taken_at=after_s(at), rows=len(rows))
    return TakenReport(report=report, rows=rows, findings=findings, is_again=more.get("is_again", False))


async def take(store: Store, *rows: PlacedRow, **more: Any) -> list[str]:
    """Import, and the cases that changed."""
    seen = await store.settlement_revision(MERCHANT)
    changed = await store.take_report(MERCHANT, taken(*rows, **more), seen=seen)
    assert changed is not None
    return [case.id for case in changed]


class SettlementsContract:
    async def test_rows_take_the_place_of_those_of_their_settlements(self, store: Store) -> None:
        one, two, three = placed("S1", "t1", "k1"), placed("S1", "t2"), placed("S2", "t1", "k1")
        await take(store, one, two, at=1)
        await take(store, three, at=2)
        assert [one, two] == [*await store.settlement_rows(MERCHANT, ["S1"])]
        assert [one, three] == [*await store.settlement_rows_of(MERCHANT, {"k1"})]
        await take(store, two, at=3)
        assert [two, three] == sorted(
            await store.settlement_rows(MERCHANT, ["S1", "S2"]), key=lambda o: o.row.settlement_id
        )
        assert [] == [*await store.settlement_rows("another", ["S1"])]
        assert [] == [*await store.settlement_rows_of("another", ["k1"])]

    async def test_of_the_rows_that_mean_a_sum_only_what_they_come_to_is_told(self, store: Store) -> None:
        one, untold = placed("S1", "t1", "k1"), placed("S2", "t1", "k1")
        await take(store, one, evolve(untold, row=evolve(untold.row, fee=None, tax=PRICE)), placed("S1", "t2", "k2"))
        assert [
            RowSums(of="k1", currency="INR", amount_minor=34_950, fee_minor=0, tax_minor=None),
            RowSums(of="k1", currency="INR", amount_minor=34_950, fee_minor=None, tax_minor=34_950),
        ] == [*await store.settlement_sums_of(MERCHANT, {"k1", "k9"})]
        assert [] == [*await store.settlement_sums_of("another", ["k1"])]

    async def test_each_import_is_noted_but_one_of_the_same_rows(self, store: Store) -> None:
        assert 0 == await store.settlement_revision(MERCHANT)
        await take(store, placed("S1", "t1"), at=1)
        seen = await store.settlement_revision(MERCHANT)
        await take(store, placed("S1", "t1"), at=2, is_again=True)
        assert seen == await store.settlement_revision(MERCHANT)
        await take(store, placed("S2", "t1"), at=3)
        assert seen < await store.settlement_revision(MERCHANT)
        assert ["d3", "d1"] == [one.rows_digest for one in await store.settlement_reports(MERCHANT)]
        assert ["d3"] == [one.rows_digest for one in await store.settlement_reports(MERCHANT, limit=1)]
        assert 0 == await store.settlement_revision("another")

    async def test_an_import_writes_nothing_after_another_one_came_in_between(self, store: Store) -> None:
        await take(store, placed("S1", "t1"))
        late = taken(placed("S1", "t2"), findings=(missing("case_1"),))
        assert None is await store.take_report(MERCHANT, late, seen=0)
        assert [placed("S1", "t1")] == [*await store.settlement_rows(MERCHANT, ["S1"])]
        assert None is await store.settlement_case(MERCHANT, "case_1")

    async def test_cases_are_told_page_by_page_and_by_state(self, store: Store) -> None:
        findings = tuple(missing(f"case_{number}") for number in (3, 1, 2))
        assert ["case_3", "case_1", "case_2"] == await take(store, findings=findings, at=1)
        assert [] == await take(store, findings=findings, at=2)
        await store.close_settlement_case(MERCHANT, "case_1", WORD)

        async def ids(*state: CaseState, **more: Any) -> list[str]:
            return [case.id for case in await store.settlement_cases(MERCHANT, *state, **more)]

        assert ["case_3", "case_1", "case_2"] == await ids()
        assert ["case_3", "case_2"] == await ids(CaseState.OPEN)
        assert ["case_2"] == await ids(CaseState.OPEN, after="case_3")
        assert ["case_1"] == await ids(after="case_3", limit=1)
        assert [] == await ids(after="case_9")
        assert [] == [*await store.settlement_cases("another")]

    async def test_a_case_keeps_its_word_and_opens_again_with_other_facts(self, store: Store) -> None:
        await take(store, findings=(missing("case_1"),), at=1)
        closed = await store.close_settlement_case(MERCHANT, "case_1", WORD)
        assert closed == await store.settlement_case(MERCHANT, "case_1")
        assert isinstance(closed, Case)
        assert (CaseState.CLOSED, (WORD,), after_s(1)) == (closed.state, closed.words, closed.opened_at)
        assert [] == await take(store, findings=(missing("case_1"),), at=6)
        assert ["case_1"] == await take(store, findings=(evolve(missing("case_1"), rule="B6", theirs=PRICE),), at=7)

    async def test_only_an_open_case_is_closed(self, store: Store) -> None:
        assert None is await store.close_settlement_case(MERCHANT, "case_1", WORD)
        await take(store, findings=(missing("case_1"),))
        await store.close_settlement_case(MERCHANT, "case_1", WORD)
        before = await store.settlement_case(MERCHANT, "case_1")
        refused = await store.close_settlement_case(MERCHANT, "case_1", WORD)
        assert isinstance(refused, Refused)
        assert "case_not_open" == refused.code
        assert before == await store.settlement_case(MERCHANT, "case_1")
        assert None is await store.close_settlement_case("another", "case_1", WORD)

    async def test_a_case_with_other_facts_than_were_seen_stays_open(self, store: Store) -> None:
        await take(store, findings=(missing("case_1"),), at=1)
        seen = await store.settlement_case(MERCHANT, "case_1")
        assert seen is not None
        await take(store, findings=(evolve(missing("case_1"), rule="B6", theirs=Money.of(34_900, "INR")),), at=2)
        now = await store.settlement_case(MERCHANT, "case_1")
        refused = await store.close_settlement_case(MERCHANT, "case_1", WORD, seen=seen.revision)
        assert isinstance(refused, Refused)
        assert "case_changed" == refused.code
        assert now is not None
        assert now == await store.settlement_case(MERCHANT, "case_1")
        assert isinstance(await store.close_settlement_case(MERCHANT, "case_1", WORD, seen=now.revision), Case)

    async def test_an_import_and_a_close_at_once_never_close_what_nobody_saw(self, store: Store) -> None:
        await take(store, findings=(missing("case_1"),), at=1)
        for at in range(2, 12):
            seen = await store.settlement_case(MERCHANT, "case_1")
            assert seen is not None
            other = evolve(missing("case_1"), rule="B6", theirs=Money.of(34_900 - at, "INR"))
            _, closed = await gather(
                take(store, findings=(other,), at=at),
                store.close_settlement_case(MERCHANT, "case_1", WORD, seen=seen.revision),
            )
            assert closed is not None
            assert isinstance(closed, Refused) or closed.finding == seen.finding
            now = await store.settlement_case(MERCHANT, "case_1")
            assert now is not None
            assert (CaseState.OPEN, other) == (now.state, now.finding)
