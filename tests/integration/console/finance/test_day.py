"""A day at the console: every figure is that of the orders that were played, and leads to them."""

from __future__ import annotations

import csv
import re
from datetime import date, datetime
from decimal import Decimal
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from integration.api.world import FakeGateway, merchant
from integration.console.desk import Desk, opened_desk
from integration.console.finance.books import INDIA, TODAY, imports, sold

from paystate.core.describe.grouped import grouped_signed
from paystate.core.use_cases.finding.days import add_up, read_day
from paystate.entrypoints.console.finance import day as day_page
from paystate.entrypoints.console.finance import day_rows

DAY = f"/finance/shop/day?date={TODAY}"


async def figures(desk: Desk, path: str = DAY) -> dict[str, tuple[str, str]]:
    """Of each figure of the page how many there are, and their sum."""
    html = (await desk.get(path)).text
    rows = re.findall(r'<th scope="row"><a href="[^"]*">([^<]*)</a></th><td[^>]*>([^<]*)</td><td[^>]*>([^<]*)<', html)
    return {name: (count, amount) for name, count, amount in rows}


async def links(desk: Desk, path: str = DAY) -> dict[str, str]:
    html = (await desk.get(path)).text
    found = re.findall(r'<th scope="row"><a href="([^"]*)">([^<]*)<', html)
    return {name: target.replace("&amp;", "&") for target, name in found}


async def test_a_day_tells_what_moved_and_what_was_opened(books: Desk) -> None:
    assert {
        "Captured": ("2", "₹1,23,806.00"),
        "Refunded": ("1", "₹500.00"),
        "Opened": ("3", "₹1,23,816.00"),
        "of them paid": ("2", "₹1,23,806.00"),
        "of them waiting": ("1", "₹10.00"),
    } == await figures(books)


async def test_money_that_came_in_several_ways_is_told_for_each(books: Desk) -> None:
    shop = books.shop
    await shop.opened(order_id="lamp-4", amount="5.00")
    shop.gateway.says("lamp-4", "CHARGED", "5.00")
    known = shop.gateway.orders["lamp-4"]
    assert known.txn is not None
    shop.gateway.orders["lamp-4"] = evolve(known, txn=evolve(known.txn, method=""))
    await shop.post("/v1/orders/lamp-4/look")
    told = await figures(books)
    assert (("3", "₹1,23,811.00"), ("2", "₹1,23,806.00"), ("1", "₹5.00")) == (
        told["Captured"], told["UPI"], told["way not told"],
    )  # fmt: skip
    upi = (await books.get((await links(books))["UPI"])).text
    assert ["/orders/shop/lamp-1", "/orders/shop/lamp-2"] == re.findall('class="name" href="([^"]*)"', upi)
    untold = (await books.get((await links(books))["way not told"])).text
    assert ["/orders/shop/lamp-4"] == re.findall('class="name" href="([^"]*)"', untold)
    table = untold.partition(' · <a href="')[2].partition('"')[0].replace("&amp;", "&")
    assert 1 + 1 == len((await books.get(table)).text.splitlines())


async def test_finance_begins_with_today_of_the_merchant_s_time_zone(books: Desk) -> None:
    begin = await books.get("/finance")
    assert (303, "/finance/shop/day") == (begin.status_code, begin.headers["location"])
    html = (await books.get("/finance/shop/day")).text
    assert "<h1>Tuesday, 6 May 2031</h1>" in html
    assert "Asia/Kolkata" in html
    assert "This day is not over" in html
    assert "/finance/shop/day?date=2031-05-05" in html


async def test_an_hour_tells_what_came_and_what_went_in_it(books: Desk) -> None:
    html = (await books.get(DAY)).text
    hours = re.findall(r'<th scope="row">(\d\d:\d\d)</th><td[^>]*>([^<]*)</td><td[^>]*>([^<]*)<', html)
    assert [("12:00", "₹1,23,806.00", "₹0.00"), ("13:00", "₹0.00", "₹500.00")] == hours
    assert 2 == html.count("<rect ")
    assert "style=" not in html


async def test_the_hour_that_clocks_repeat_stands_there_twice_with_its_offset() -> None:
    async with opened_desk(time_zone=ZoneInfo("Europe/Berlin")) as desk:
        shop = desk.shop
        for name, at in (("lamp-1", "2031-10-26T00:30:00Z"), ("lamp-2", "2031-10-26T01:30:00Z")):
            shop.clock.advance((datetime.fromisoformat(at) - shop.clock.now()).total_seconds())
            await shop.charged(order_id=name, amount="10.00")
        await desk.signs_in("vik")
        html = (await desk.get("/finance/shop/day?date=2031-10-26")).text
    assert ["02:00 UTC+0200", "02:00 UTC+0100"] == re.findall(r'<th scope="row">(\d\d:\d\d[^<]*)</th>', html)


async def test_the_figures_are_those_that_the_terminal_adds_up(books: Desk) -> None:
    shop, policy = books.shop, books.shop.runtime.current.merchants["shop"].policy
    read = await read_day(shop.store, "shop", date.fromisoformat(TODAY), INDIA, policy, shop.clock.now())
    named = {"opened": "Opened", "paid": "of them paid", "waiting": "of them waiting"}
    assert {
        named.get(one.of, one.of.capitalize()): (f"{one.count}", grouped_signed(one.amount_minor, one.currency))
        for one in add_up(read).sums
    } == await figures(books)


async def test_each_figure_leads_to_its_rows_and_each_row_to_its_order(books: Desk) -> None:
    html = (await books.get((await links(books))["Captured"])).text
    assert "₹1,23,806.00" in html
    assert ["/orders/shop/lamp-1", "/orders/shop/lamp-2"] == re.findall('class="name" href="([^"]*)"', html)
    assert "2031-05-06 12:38:09 · t-1 · UPI" in html
    assert "Pending now" not in html
    waiting = (await books.get((await links(books))["of them waiting"])).text
    assert "New now" in waiting


async def test_many_rows_come_in_pages(books: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(day_rows, "ROWS_MAX", 1)
    path = (await links(books))["Captured"]
    first = (await books.get(path)).text
    assert "1 more" in first
    second = (await books.get(f"{path}&after=1")).text
    assert ("lamp-2" in second, "lamp-1" in second, "more →" in second) == (True, False, False)


async def test_the_day_before_has_nothing(books: Desk) -> None:
    html = (await books.get("/finance/shop/day?date=2031-05-05")).text
    assert "Nothing was opened, and no money moved." in html
    assert "not over" not in html
    assert "This day has not begun." in (await books.get("/finance/shop/day?date=2031-05-07")).text


async def test_a_day_is_told_as_a_table(books: Desk) -> None:
    answer = await books.get(f"/finance/shop/day.csv?date={TODAY}&of=refunded")
    assert 'attachment; filename="shop-2031-05-06-refunded.csv"' == answer.headers["content-disposition"]
    assert answer.text.startswith("\ufeffmerchant_id,")
    (row,) = csv.DictReader(StringIO(answer.text.removeprefix("\ufeff")))
    assert ("lamp-2", "2031-05-06T13:03:09+05:30", "rf-2", "INR", "500.00") == (
        row["order_id"], row["at"], row["name"], row["currency"], row["amount"],
    )  # fmt: skip
    whole = await books.get(f"/finance/shop/day.csv?date={TODAY}")
    assert 1 + 3 + 2 + 1 + 2 + 1 == len(whole.text.splitlines())  # heading, opened, paid, waiting, captured, refunded


async def test_no_cell_of_a_table_is_a_formula(books: Desk) -> None:
    shop = books.shop
    await shop.opened(order_id="lamp-4", amount="5.00")
    shop.gateway.says("lamp-4", "CHARGED", "5.00", txn_id="=cmd|x")
    await shop.post("/v1/orders/lamp-4/look")
    text = (await books.get(f"/finance/shop/day.csv?date={TODAY}&of=captured")).text
    assert ",'=cmd|x," in text
    assert ",=cmd" not in text


async def test_what_is_no_day_is_said_beside_its_field(books: Desk) -> None:
    answer = await books.get("/finance/shop/day?date=%3Cb%3E")
    assert 422 == answer.status_code
    assert "The day must be one day such as 2026-11-27." in answer.text
    assert 'value="&lt;b&gt;"' in answer.text
    assert 404 == (await books.get("/finance/shop/rows?date=x&of=captured&currency=INR")).status_code


async def test_a_currency_that_is_none_has_no_rows(books: Desk) -> None:
    assert 404 == (await books.get(f"/finance/shop/rows?date={TODAY}&of=captured&currency=XXX")).status_code


async def test_a_day_with_too_many_rows_is_left_to_the_terminal(books: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(day_page, "READ_MAX", 1)
    answer = await books.get(DAY)
    assert (422, True) == (answer.status_code, "use `paystate day`" in answer.text)


async def test_a_merchant_who_is_not_there_has_no_pages(books: Desk) -> None:
    for part in ("day", "rows?date=2031-05-06&of=captured&currency=INR", "day.csv?date=2031-05-06", "settlements"):
        assert 404 == (await books.get(f"/finance/none/{part}")).status_code


async def test_nobody_reads_a_day_without_signing_in(books: Desk) -> None:
    books.token = ""
    for path in (DAY, f"/finance/shop/day.csv?date={TODAY}", "/finance/shop/settlements"):
        assert (303, "/sign-in") == ((await books.get(path)).status_code, (await books.get(path)).headers["location"])


async def test_a_viewer_reads_the_whole_day(books: Desk) -> None:
    await books.signs_in("vik")
    assert ("2", "₹1,23,806.00") == (await figures(books))["Captured"]


async def test_reports_tell_what_is_settled_and_the_fees(books: Desk) -> None:
    assert "In settlement reports" in (await books.get(DAY)).text
    assert 200 == (await imports(books)).status_code
    html = (await books.get(DAY)).text
    told = re.findall("<dt>([^<]*)</dt><dd>([^<]*)</dd>", html)
    assert [
        ("In a report", "2 of 2"), ("Their sum there", "₹1,20,349.50"), ("Fees", "₹2,406.99"),
        ("Taxes on them", "₹433.26"), ("In a report", "1 of 1"), ("Their sum there", "₹500.00"), ("Fees", "₹0.00"),
        ("Taxes on them", "₹0.00"),
    ] == told  # fmt: skip
    assert "Ours: ₹1,23,456.50; The report&#39;s: ₹1,20,000.00" in html
    assert "1 more is open" in html


async def test_a_payment_of_which_more_comes_on_a_later_day_is_in_reports_of_its_own_day_alone(books: Desk) -> None:
    shop = books.shop
    assert 200 == (await imports(books)).status_code
    shop.clock.advance(86_400)
    shop.gateway.orders["lamp-1"] = evolve(shop.gateway.orders["lamp-1"], paid=Decimal("351.50"))
    assert 200 == (await shop.post("/v1/orders/lamp-1/look")).status_code
    await books.signs_in("omar")
    assert {"Captured": ("1", "₹2.00")} == await figures(books, "/finance/shop/day?date=2031-05-07")
    assert "In a report" not in (await books.get("/finance/shop/day?date=2031-05-07")).text
    assert "<dt>In a report</dt><dd>2 of 2</dd>" in (await books.get(DAY)).text


async def test_a_refund_that_waits_and_what_was_paid_twice_are_told() -> None:
    async with opened_desk(time_zone=INDIA) as desk:
        await sold(desk)
        shop = desk.shop
        await shop.charged(order_id="lamp-5", amount="349.50")
        assert 201 == (await shop.refund("20.00", "k", "lamp-1")).status_code
        shop.clock.advance(8 * 86_400)
        await desk.signs_in("vik")
        html = (await desk.get(DAY)).text
    assert "Refunds that wait for too long" in html
    assert "₹20.00" in html
    assert "customer c-7" in html


async def test_a_shop_with_several_merchants_leads_from_one_to_the_other(books: Desk) -> None:
    current = books.shop.runtime.current
    merchants = {**current.merchants, "other": merchant("other", FakeGateway("other"))}
    books.shop.runtime.current = evolve(current, merchants=merchants)
    assert '<a href="/finance/other/day"><bdi>other</bdi></a>' in (await books.get(DAY)).text
    html = (await books.get(f"/finance/other/day?date={TODAY}")).text
    assert "Nothing was opened" in html
    assert "lamp" not in html
