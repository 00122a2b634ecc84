"""A finance person closes a day at the console alone: looks, imports the bank's report, closes the difference."""

from __future__ import annotations

from pathlib import Path

from browser.console import HEADING, Desk
from browser.visiting import Visit

DAY = "2031-05-06"


def csv_lines(path: Path) -> list[str]:
    return path.read_text("utf-8-sig").splitlines()


async def test_a_day_is_closed_by_clicking(visit: Visit, books: Desk) -> None:
    whole, short = await books.paid("349.50"), await books.paid("100000.00")
    await books.enter(visit, "omar")
    await visit.page.get_by_role("link", name="Finance").click()
    await visit.reads("Tuesday, 6 May 2031")
    captured = visit.page.get_by_role("row", name="Captured").first
    assert ["Captured", "2", "₹1,00,349.50"] == (await captured.inner_text()).split("\t")
    await captured.get_by_role("link").click()
    await visit.page.get_by_role("link", name=short).click()
    assert "₹1,00,000.00" in await visit.page.locator(".headline").inner_text()

    await visit.page.get_by_role("link", name="Finance").click()
    await visit.page.get_by_role("link", name="Settlements").click()
    await books.import_report(
        visit,
        f"{HEADING}\n"
        f"PAYMENT,{whole},P7,349.50,6.99,1.26,341.25,{DAY}\n"
        f"PAYMENT,{short},P7,99000.00,1980.00,356.40,96663.60,{DAY}\n",
    )
    told = await visit.page.locator("main").inner_text()
    assert "Payments and refunds that agree: 1. Differences, closed cases among them: 1 different sum." in told
    assert "₹97,004.85" in told  # 341.25 and 96,663.60
    await visit.page.get_by_role("link", name=short).click()
    sums = await visit.page.locator("dl").inner_text()
    assert "₹1,00,000.00" in sums
    assert "₹99,000.00" in sums
    await visit.page.get_by_label("Corrected").check()
    await visit.page.get_by_label("Why").fill("they pay the thousand on Monday")
    await visit.press("Close the difference")
    await visit.page.get_by_text("The difference is closed.").wait_for()
    assert "omar (console)" in await visit.page.locator("main").inner_text()

    await visit.page.get_by_role("link", name="The day").click()
    day = await visit.page.locator("main").inner_text()
    assert "None is known." in day
    assert "₹1,986.99" in day  # the fees: 6.99 and 1,980.00
    async with visit.page.expect_download() as download:
        await visit.page.get_by_role("link", name="All rows as a table").click()
    taken = await download.value
    lines = csv_lines(await taken.path())
    assert "teashop-2031-05-06.csv" == taken.suggested_filename
    assert 2 == len([line for line in lines if line.startswith("teashop,captured,")])
    assert any(line.endswith(",INR,100000.00") for line in lines)
