"""A report is imported at the console, its differences are seen, and a person closes them."""

from __future__ import annotations

import csv
import re
from html import unescape
from io import StringIO
from typing import Any

import pytest
import structlog
from attrs import evolve
from integration.console.desk import Desk, csrf_in, filled, told
from integration.console.finance.books import BANK, HEADING, REPORT, TODAY, imports, opened_books
from structlog.testing import capture_logs

from paystate.core.errors import ConcurrentUpdate
from paystate.core.settlement.cases import CaseState, CaseVerdict
from paystate.entrypoints.console.finance import cases as case_pages
from paystate.entrypoints.console.finance import reports
from paystate.entrypoints.interface.settlement import report_file

SETTLEMENTS = "/finance/shop/settlements"
CLOSING = {"verdict": "corrected", "note": "they pay the rest on Monday"}


async def differences(desk: Desk, which: str = "open") -> dict[str, str]:
    """The page of each difference, by what it is about."""
    html = (await desk.get(f"{SETTLEMENTS}?which={which}")).text
    found = re.findall(r'class="name" href="(/finance/[^"]*)">([^<]*): <bdi>([^<]*)', html)
    return {f"{what}: {unescape(about)}": path for path, what, about in found}


def wrong_at(html: str, field: str) -> str:
    return unescape(html.partition(f'id="{field}-problem">')[2].partition("<")[0])


async def no_case(desk: Desk) -> bool:
    return not await desk.shop.store.settlement_cases("shop")


async def test_a_report_is_imported_and_its_differences_are_shown(books: Desk) -> None:
    answer = await imports(books)
    assert 200 == answer.status_code
    text = unescape(re.sub("<[^>]*>", "", answer.text))
    assert "The file has 4 rows of payments and refunds." in text
    assert f"It covers {TODAY}." in text
    assert "This day is not over in Asia/Kolkata" in text
    assert "Payments and refunds that agree: 2. Differences, closed cases among them: 1 different sum, 1 extra." in text
    # 349.50 + 1,20,000.00 + 12.00 in, 500.00 out, and what is left of it after fees and taxes.
    assert all(sum_ in text for sum_ in ("₹1,20,361.50", "₹500.00", "₹1,17,020.97"))
    assert {"Different sum: lamp-2", "Extra: =HYPERLINK(1)"} == (await differences(books)).keys()


async def test_an_import_is_logged_with_who_did_it(books: Desk) -> None:
    with capture_logs() as logged:
        structlog.configure()
        await imports(books)
        structlog.reset_defaults()
    (entry,) = [one for one in logged if one["event"] == "settlement report imported"]
    assert ("omar", "shop", 4, False) == (entry["user"], entry["merchant_id"], entry["rows"], entry["replaces"])


async def test_the_same_report_again_changes_nothing(books: Desk) -> None:
    await imports(books)
    again = await imports(books)
    assert "These rows were imported before." in again.text
    assert "No case has changed." in again.text
    assert 1 == len(await books.shop.store.settlement_reports("shop"))


async def test_a_difference_tells_both_sides_and_leads_to_its_order(books: Desk) -> None:
    await imports(books)
    found = await differences(books)
    html = unescape((await books.get(found["Different sum: lamp-2"])).text)
    facts = dict(re.findall("<dt>([^<]*)</dt><dd>(.*?)</dd>", html))
    assert ("₹1,23,456.50", "₹1,20,000.00") == (facts["Ours"], facts["The report's"])
    assert "/orders/shop/lamp-2" in facts["Order"]
    assert "settlement P7, line 3" in facts["Stands in"]
    assert "The report and the order have different sums (rule B6)." in html
    extra = unescape((await books.get(found["Extra: =HYPERLINK(1)"])).text)
    assert "/search?q=%3DHYPERLINK%281%29" in extra


async def test_a_person_closes_a_difference_and_the_name_is_kept(books: Desk) -> None:
    await imports(books)
    path = (await differences(books))["Different sum: lamp-2"]
    answer = await books.sends(path, path, **CLOSING)
    assert (path, "closed") == told(answer)
    shown = unescape((await books.get(path)).text)
    assert "The difference is closed." in shown
    assert "omar (console)" in shown
    assert "they pay the rest on Monday" in shown
    assert "Close the difference" not in shown
    (case,) = await books.shop.store.settlement_cases("shop", CaseState.CLOSED)
    (word,) = case.words
    assert (CaseVerdict.CORRECTED, "omar (console)", "they pay the rest on Monday") == (
        word.verdict, word.by.person, word.note,
    )  # fmt: skip
    assert ["Different sum: lamp-2"] == [*await differences(books, "closed")]
    assert "Different sum: lamp-2" not in await differences(books)


async def test_a_difference_that_somebody_else_closed_is_not_closed_again(books: Desk) -> None:
    await imports(books)
    path = (await differences(books))["Different sum: lamp-2"]
    fields = {**filled((await books.get(path)).text), **CLOSING}
    assert 303 == (await books.post(path, fields)).status_code
    again = await books.post(path, {**fields, "note": "no"})
    assert 409 == again.status_code
    assert "Nothing was done. Only an open case can be closed" in again.text
    (case,) = await books.shop.store.settlement_cases("shop", CaseState.CLOSED)
    assert 1 == len(case.words)


LESS = REPORT.replace("120000.00,2400.00,432.00,117168.00", "119000.00,2380.00,428.40,116191.60")
"""The same settlement with another sum of lamp-2, which is still not ours."""


async def test_a_report_that_comes_between_look_and_click_closes_nothing(books: Desk) -> None:
    await imports(books)
    path = (await differences(books))["Different sum: lamp-2"]
    looked_at = filled((await books.get(path)).text)
    assert 200 == (await imports(books, LESS, replace="1")).status_code
    answer = await books.post(path, {**looked_at, **CLOSING})
    assert 409 == answer.status_code
    html = unescape(answer.text)
    assert "Nothing was done. The case has changed since it was looked at" in html
    assert "<dt>The report's</dt><dd>₹1,19,000.00</dd>" in html
    assert "they pay the rest on Monday</textarea>" in html
    assert 'value="corrected" checked' in html
    assert not await books.shop.store.settlement_cases("shop", CaseState.CLOSED)
    assert (path, "closed") == told(await books.post(path, {**filled(answer.text), **CLOSING}))


async def test_a_form_that_came_back_with_a_mistake_still_is_about_what_was_looked_at(books: Desk) -> None:
    await imports(books)
    path = (await differences(books))["Different sum: lamp-2"]
    looked_at = filled((await books.get(path)).text)
    await imports(books, LESS, replace="1")
    mistake = await books.post(path, {**looked_at, **CLOSING, "note": " "})
    assert 422 == mistake.status_code
    assert 409 == (await books.post(path, {**filled(mistake.text), **CLOSING})).status_code


async def test_a_form_that_does_not_say_what_was_looked_at_closes_nothing(books: Desk) -> None:
    await imports(books)
    path = (await differences(books))["Different sum: lamp-2"]
    csrf = csrf_in((await books.get(path)).text)
    assert 409 == (await books.post(path, {"csrf": csrf, **CLOSING})).status_code


@pytest.mark.parametrize(
    ("fields", "field", "says"),
    [
        ({"verdict": ""}, "verdict", "Say what you have found."),
        ({"verdict": "gone"}, "verdict", "Say what you have found."),
        ({"note": "   "}, "note", "The reason"),
        ({"note": "card 4111 1111 1111 1111"}, "note", "card's number"),
    ],
)
async def test_a_word_that_says_nothing_closes_nothing(
    books: Desk, fields: dict[str, str], field: str, says: str
) -> None:
    await imports(books)
    path = (await differences(books))["Different sum: lamp-2"]
    answer = await books.sends(path, path, **{**CLOSING, **fields})
    assert 422 == answer.status_code
    assert says in wrong_at(answer.text, field)
    assert 2 == len(await differences(books))


async def test_closing_asks_for_the_password_once_more(books: Desk) -> None:
    await imports(books)
    for _ in range(2):
        books.shop.clock.advance(10 * 60)
        await books.get("/")
    path = (await differences(books))["Different sum: lamp-2"]
    wrong = await books.sends(path, path, **CLOSING, password="not this one, no")
    assert (422, "That is not your password.") == (wrong.status_code, wrong_at(wrong.text, "password"))
    assert CLOSING["note"] in wrong.text
    assert 303 == (await books.sends(path, path, **CLOSING, password="omar has a long one")).status_code


async def test_a_viewer_sees_and_changes_nothing(books: Desk) -> None:
    await imports(books)
    path = (await differences(books))["Different sum: lamp-2"]
    await books.signs_in("vik")
    assert 2 == len(await differences(books))
    assert "An operator or an admin imports." in (await books.get(SETTLEMENTS)).text
    shown = (await books.get(path)).text
    assert "An operator or an admin closes it." in shown
    csrf = shown.partition('name="csrf" value="')[2].partition('"')[0]
    assert 403 == (await books.post(path, {"csrf": csrf, **CLOSING})).status_code
    assert 403 == (await imports(books, REPORT.replace("P7", "P8"))).status_code
    assert 1 == len(await books.shop.store.settlement_reports("shop"))


@pytest.mark.parametrize(
    "wrong", [{"csrf": "another"}, {"origin": "https://evil.example.test"}, {"origin": "null"}], ids=str
)
async def test_a_form_that_is_not_ours_imports_nothing(books: Desk, wrong: dict[str, str]) -> None:
    assert 403 == (await imports(books, **wrong)).status_code
    assert await no_case(books)


async def test_what_is_no_form_with_a_file_imports_nothing(books: Desk) -> None:
    csrf = (await books.get(SETTLEMENTS)).text.partition('name="csrf" value="')[2].partition('"')[0]
    assert 400 == (await books.post("/finance/shop/import", {"csrf": csrf})).status_code
    headers = {
        "host": "console.example.test", "cookie": f"__Host-paystate={books.token}",
        "origin": "https://console.example.test",
    }  # fmt: skip
    part = b'--x\r\nContent-Disposition: form-data; name="csrf"\r\nContent-Type: text/plain; charset=%s\r\n\r\n\xff\r\n'
    for kind, body in (
        ("multipart/form-data", b"--x--\r\n"),
        ("multipart/form-data; boundary=x", b"no part"),
        ("multipart/form-data; boundary=x", part % b"utf-8" + b"--x--\r\n"),
        ("multipart/form-data; boundary=x", part % b"none-such" + b"--x--\r\n"),
    ):
        sent = {**headers, "content-type": kind}
        assert 400 == (await books.http.post("/finance/shop/import", content=body, headers=sent)).status_code
    assert await no_case(books)


@pytest.mark.parametrize(
    ("fields", "field", "says"),
    [
        ({"format": "none"}, "format", "Choose the format of the report."),
        ({"days": "today"}, "days", "It must be a day such as 2026-11-27"),
        ({"settlement": "P" * 201}, "settlement", "It is longer than 200 characters"),
        ({"file_name": ""}, "file", "Choose the file."),
        ({"content": ""}, "file", "It is empty: download the report again."),
        ({"content": b"\xff\xfe"}, "file", "It is not UTF-8 text: save it as CSV in UTF-8."),
    ],
    ids=str,
)
async def test_a_form_that_cannot_be_followed_imports_nothing(
    books: Desk, fields: dict[str, Any], field: str, says: str
) -> None:
    answer = await imports(books, **fields)
    assert 422 == answer.status_code
    assert says in wrong_at(answer.text, field)
    assert await no_case(books)


async def test_a_report_without_a_column_for_the_pay_out_needs_its_id() -> None:
    async with opened_books(settlement_formats={"bank": evolve(BANK, settlement="")}) as desk:
        report = f"{HEADING.replace(',payout', '')}\nPAYMENT,lamp-1,349.50,6.99,1.26,341.25,{TODAY}\n"
        answer = await imports(desk, report)
        assert "It is needed: this format has no column for it" in wrong_at(answer.text, "settlement")
        assert 200 == (await imports(desk, report, settlement="P9")).status_code


async def test_each_bad_line_is_named_and_nothing_is_taken(books: Desk) -> None:
    answer = await imports(
        books, f"{HEADING}\nPAYMENT,lamp-1,P7,349,6.99,1.26,341.25,{TODAY}\nGIFT,x,P7,1,,,,\nshort\n"
    )
    assert 422 == answer.status_code
    text = unescape(re.sub("<[^>]*>", "", answer.text))
    assert "Line 3, type says that the row is something which the format does not name" in text
    assert "Line 4 has 1 cells where the heading has 8" in text
    assert await no_case(books)


async def test_a_mark_that_spreadsheets_put_before_a_file_is_no_part_of_it(books: Desk) -> None:
    assert 200 == (await imports(books, b"\xef\xbb\xbf" + REPORT.encode())).status_code


async def test_a_corrected_report_is_taken_when_a_person_says_that_it_is_one(books: Desk) -> None:
    await imports(books)
    other = REPORT.replace("120000.00,2400.00,432.00,117168.00", "123456.50,2400.00,432.00,120624.50")
    refused = await imports(books, other)
    assert 409 == refused.status_code
    text = unescape(re.sub("<[^>]*>", "", refused.text))
    assert "Settlement P7 was imported with other rows: 1 row is gone, 1 row is new." in text
    assert "is now, line 3: payment lamp-2 ₹1,23,456.50" in text
    taken = await imports(books, other, replace="1")
    assert 200 == taken.status_code
    assert "Different sum: lamp-2" not in await differences(books)
    assert ["Matched: lamp-2"] == [*await differences(books, "resolved")]


async def test_a_file_beyond_the_bound_is_refused(books: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    line = f"PAYMENT,lamp-1,P7,349.50,6.99,1.26,341.25,{TODAY}\n"
    too_much = HEADING + "\n" + line * (report_file.BYTES_MAX // len(line) + 3000)
    answer = await imports(books, too_much)
    assert (413, True) == (answer.status_code, "The file is larger than 32 MiB." in answer.text)
    assert await no_case(books)


async def test_days_with_too_much_to_look_through_are_refused(books: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("paystate.core.use_cases.settlements.import_report.ROWS_MAX", 1)
    answer = await imports(books, days=f"2031-05-01..{TODAY}")
    assert (422, True) == (answer.status_code, "These days have more than 1 movements." in answer.text)


async def test_an_import_that_others_overtook_says_so(books: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    async def overtaken(*_: object) -> None:
        raise ConcurrentUpdate("others")

    monkeypatch.setattr(reports, "import_report", overtaken)
    answer = await imports(books)
    assert (422, "Another report was imported meanwhile. Import it again.") == (
        answer.status_code, wrong_at(answer.text, "file"),
    )  # fmt: skip


async def test_a_table_that_holds_not_all_differences_says_so_in_its_name(
    books: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await imports(books)
    monkeypatch.setattr(case_pages, "TABLE_MAX", 1)
    answer = await books.get("/finance/shop/settlements.csv")
    assert "shop-differences-open-not-all.csv" in answer.headers["content-disposition"]
    assert 1 + 1 == len(answer.text.splitlines())


async def test_differences_are_told_as_a_table_without_formulas(books: Desk) -> None:
    await imports(books)
    path = (await differences(books))["Different sum: lamp-2"]
    await books.sends(path, path, verdict="explained", note="+1 from the bank")
    answer = await books.get("/finance/shop/settlements.csv?which=all")
    assert 'attachment; filename="shop-differences-all.csv"' == answer.headers["content-disposition"]
    rows = {row["order_id"]: row for row in csv.DictReader(StringIO(answer.text.removeprefix("\ufeff")))}
    lamp = rows["lamp-2"]
    assert ("closed", "different sum", "B6", "123456.50", "INR", "120000.00", "explained", "'+1 from the bank") == (
        lamp["state"], lamp["difference"], lamp["rule"], lamp["ours"], lamp["ours_currency"], lamp["theirs"],
        lamp["verdict"], lamp["note"],
    )  # fmt: skip
    extra = rows["'=HYPERLINK(1)"]
    assert ("open", "", "12.00", "") == (extra["state"], extra["ours"], extra["theirs"], extra["by"])
    assert "2031-05-06T13:03:09+05:30" == extra["opened_at"]


async def test_many_differences_come_in_pages(books: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    await imports(books)
    monkeypatch.setattr(case_pages, "LISTED_MAX", 1)
    html = (await books.get(SETTLEMENTS)).text
    more = html.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0]
    second = (await books.get(more.replace("&amp;", "&"))).text
    assert ("HYPERLINK" in second, 'rel="next"' in second) == (True, False)


async def test_what_was_imported_is_listed(books: Desk) -> None:
    await imports(books, file_name="may-<6>.csv")
    html = (await books.get(SETTLEMENTS)).text
    assert "may-&lt;6&gt;.csv" in html
    assert "4 rows" in html


async def test_a_state_or_a_case_that_is_not_there_is_no_page(books: Desk) -> None:
    assert 404 == (await books.get(f"{SETTLEMENTS}?which=lost")).status_code
    assert 404 == (await books.get(f"{SETTLEMENTS}/case_aaaaaaaaaaaaaaaa")).status_code
