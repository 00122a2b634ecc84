"""Cases about settlements over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from attrs import evolve
from integration.api.world import World

from paystate.core.money import Money
from paystate.core.ports.settlements import ReportRow, TakenReport
from paystate.core.requester import Requester
from paystate.core.settlement.cases import CaseState, CaseVerdict, CaseWord
from paystate.core.settlement.matching import Finding
from paystate.core.settlement.rows import RowKind

NOON = datetime(2031, 5, 6, 12, 0, tzinfo=UTC)
FIRST, SECOND = f"case_{'a' * 16}", f"case_{'b' * 16}"


async def two_cases(shop: World) -> None:
    """A sum that differs, which Meera has closed, and a refund that no report has."""
    findings = (
        Finding(
            case_id=FIRST, rule="B6", kind=RowKind.PAYMENT, order_id="lamp-1", name="t-1", ours=Money(10_000, "INR"),
            theirs=Money(9_900, "INR"), lines=("S1, line 2",),
        ),
        Finding(
            case_id=SECOND, rule="B3", kind=RowKind.REFUND, order_id="lamp-1", name="rf1", ours=Money(500, "INR"),
            theirs=None,
        ),
    )  # fmt: skip
    report = ReportRow(rows_digest="d", file_name="report.csv", taken_at=NOON, rows=0)
    await shop.store.take_report("shop", TakenReport(report=report, rows=(), findings=findings, is_again=False), seen=0)
    word = CaseWord(verdict=CaseVerdict.CORRECTED, by=Requester("Meera"), note="on Monday", at=NOON)
    await shop.store.close_settlement_case("shop", FIRST, word)


async def test_cases_are_listed_with_both_sums_the_rule_and_the_words(shop: World) -> None:
    await two_cases(shop)
    page = (await shop.get("/v1/settlements/cases")).json()
    assert ([FIRST, SECOND], None) == ([case["id"] for case in page["cases"]], page["next"])
    assert {
        "id": FIRST,
        "revision": page["cases"][0]["revision"],
        "state": "closed",
        "difference": "different sum",
        "rule": "B6",
        "message": "The report and the order have different sums.",
        "kind": "payment",
        "order_id": "lamp-1",
        "name": "t-1",
        "ours": {"amount": "100.00", "currency": "INR"},
        "theirs": {"amount": "99.00", "currency": "INR"},
        "besides": [],
        "rows": ["S1, line 2"],
        "opened_at": "2031-05-06T12:00:00Z",
        "changed_at": "2031-05-06T12:00:00Z",
        "words": [
            {"verdict": "corrected", "by": "Meera", "note": "on Monday", "at": "2031-05-06T12:00:00Z", "key_id": ""}
        ],
    } == page["cases"][0]
    assert None is page["cases"][1]["theirs"]


async def test_cases_come_in_pages_and_by_state(shop: World) -> None:
    await two_cases(shop)
    first = (await shop.get("/v1/settlements/cases?limit=1")).json()
    assert FIRST == first["next"]
    second = (await shop.get(f"/v1/settlements/cases?limit=1&after={FIRST}")).json()
    assert ([SECOND], None) == ([case["id"] for case in second["cases"]], second["next"])
    still_open = (await shop.get("/v1/settlements/cases?state=open")).json()
    assert [SECOND] == [case["id"] for case in still_open["cases"]]


async def test_another_merchant_sees_its_own_cases(shop: World) -> None:
    await two_cases(shop)
    assert [] == (await shop.get("/v1/settlements/cases", token=shop.other_key)).json()["cases"]


@pytest.mark.parametrize("query", ["state=lost", "after=x", "limit=101", "colour=red"])
async def test_a_parameter_that_does_not_fit_is_refused(shop: World, query: str) -> None:
    assert 422 == (await shop.get(f"/v1/settlements/cases?{query}")).status_code


WORD = {"verdict": "explained", "by": "Meera, finance", "note": "It comes on Monday."}


async def test_a_case_is_read_and_closed_in_a_person_s_name(shop: World) -> None:
    await two_cases(shop)
    path = f"/v1/settlements/cases/{SECOND}"
    before = (await shop.get(path)).json()
    closed = await shop.post(f"{path}/close", WORD)
    said = {**WORD, "at": "2031-05-06T07:08:09Z", "key_id": shop.key_id}
    now = {"state": "closed", "changed_at": said["at"], "words": [said], "revision": closed.json()["revision"]}
    assert (200, {**before, **now}) == (closed.status_code, closed.json())
    assert closed.json() == (await shop.get(path)).json()


async def test_only_an_open_case_is_closed_and_the_refusal_leads_to_its_rule(shop: World) -> None:
    await two_cases(shop)
    refused = (await shop.post(f"/v1/settlements/cases/{FIRST}/close", WORD)).json()
    assert (409, "case_not_open", "B11", [{"name": "state", "value": "closed"}]) == (
        refused["status"], refused["code"], refused["rule"], refused["facts"]
    )  # fmt: skip
    path, _, anchor = refused["help"].removeprefix(shop.runtime.public_url).partition("#")
    assert f'<article id="{anchor}">' in (await shop.get(path, token="")).text
    assert 1 == len((await shop.get(f"/v1/settlements/cases/{FIRST}")).json()["words"])


async def test_who_sends_what_was_looked_at_closes_nothing_that_has_changed_since(shop: World) -> None:
    await two_cases(shop)
    path = f"/v1/settlements/cases/{SECOND}"
    seen = (await shop.get(path)).json()["revision"]
    (case,) = await shop.store.settlement_cases("shop", CaseState.OPEN)
    other = evolve(case.finding, rule="B6", theirs=Money(499, "INR"))
    report = ReportRow(rows_digest="e", file_name="late.csv", taken_at=NOON, rows=0)
    taken = TakenReport(report=report, rows=(), findings=(other,), is_again=False)
    await shop.store.take_report("shop", taken, seen=await shop.store.settlement_revision("shop"))
    now = (await shop.get(path)).json()
    refused = (await shop.post(f"{path}/close", {**WORD, "revision": seen})).json()
    assert (409, "case_changed", "B12", [{"name": "revision", "value": now["revision"]}]) == (
        refused["status"], refused["code"], refused["rule"], refused["facts"]
    )  # fmt: skip
    assert now == (await shop.get(path)).json()
    assert 200 == (await shop.post(f"{path}/close", {**WORD, "revision": now["revision"]})).status_code


async def test_a_case_that_is_not_there_or_another_s_is_not_found(shop: World) -> None:
    await two_cases(shop)
    for case_id, token in ((f"case_{'c' * 16}", shop.key), ("x", shop.key), (FIRST, shop.other_key)):
        assert 404 == (await shop.get(f"/v1/settlements/cases/{case_id}", token=token)).status_code
        assert 404 == (await shop.post(f"/v1/settlements/cases/{case_id}/close", WORD, token=token)).status_code


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"verdict": "right"}, "/verdict"),
        ({"by": " "}, "/by"),
        ({"note": "4111 1111 1111 1111"}, "/note"),
        ({"colour": "red"}, "/colour"),
    ],
)
async def test_a_word_that_says_nothing_is_refused(shop: World, change: dict[str, str], pointer: str) -> None:
    await two_cases(shop)
    refused = await shop.post(f"/v1/settlements/cases/{SECOND}/close", {**WORD, **change})
    assert (422, pointer) == (refused.status_code, refused.json()["errors"][0]["pointer"])
    assert "open" == (await shop.get(f"/v1/settlements/cases/{SECOND}")).json()["state"]
