"""What waits is told by age, and each figure leads to its orders."""

from __future__ import annotations

import csv
import re
from io import StringIO

import pytest
from integration.console.desk import Desk, opened_desk
from integration.console.finance.books import INDIA

from paystate.core.use_cases.finding import ageing

WAITING = "/finance/shop/waiting"


async def groups(desk: Desk) -> list[tuple[str, str, str]]:
    html = (await desk.get(WAITING)).text
    return re.findall(r'<th scope="row"><a href="[^"]*">([^<]*)</a></th><td[^>]*>([^<]*)</td><td[^>]*>([^<]*)<', html)


async def waits(desk: Desk) -> None:
    """Two holds, five days apart; a refund and a second payment on the last of the five days."""
    shop = desk.shop
    await shop.held(order_id="old-1", amount="2000.00")
    shop.clock.advance(5 * 86_400)
    await shop.held(order_id="new-1", amount="100.00")
    await shop.charged(order_id="paid-1", amount="300.00")
    assert 201 == (await shop.refund("120.00", "k", "paid-1")).status_code
    await shop.charged(order_id="twice-1", amount="50.00")
    shop.gateway.says("twice-1", "CHARGED", "50.00", txn_id="t-2")
    await shop.post("/v1/orders/twice-1/look")
    await desk.signs_in("vik")


async def test_refunds_holds_and_reviews_are_told_by_age() -> None:
    async with opened_desk(time_zone=INDIA) as desk:
        await waits(desk)
        assert [
            ("A day at most", "1", "₹120.00"),
            ("3 to 7 days", "1", "₹2,000.00"),
            ("A day at most", "1", "₹100.00"),
            ("A day at most", "1", "₹50.00"),
        ] == await groups(desk)


async def test_a_group_leads_to_its_orders_and_a_hold_says_when_it_lapses() -> None:
    async with opened_desk(time_zone=INDIA) as desk:
        await waits(desk)
        old = (await desk.get(f"{WAITING}/holds?beyond=3")).text
        assert ["/orders/shop/old-1"] == re.findall('class="name" href="([^"]*)"', old)
        # Opened on 6 May at 12:38:09 in India, and held for the policy's five days.
        assert "since 2031-05-06 12:38:09 · t-1 · lapses at about 2031-05-11 12:38:09" in old
        refunds = (await desk.get(f"{WAITING}/refunds?beyond=0")).text
        assert "/orders/shop/paid-1" in refunds
        reviews = (await desk.get(f"{WAITING}/reviews?beyond=0")).text
        assert "second charge" in reviews


async def test_what_waits_is_told_as_a_table() -> None:
    async with opened_desk(time_zone=INDIA) as desk:
        await waits(desk)
        answer = await desk.get(f"{WAITING}.csv")
        assert 'attachment; filename="shop-waiting-2031-05-11.csv"' == answer.headers["content-disposition"]
        rows = [*csv.DictReader(StringIO(answer.text.removeprefix("\ufeff")))]
        assert [
            ("refunds", "paid-1", "120.00", ""),
            ("holds", "old-1", "2000.00", "2031-05-11T12:38:09+05:30"),
            ("holds", "new-1", "100.00", "2031-05-16T12:38:09+05:30"),
            ("reviews", "twice-1", "50.00", ""),
        ] == [(row["what"], row["order_id"], row["amount"], row["lapses_at"]) for row in rows]


async def test_a_group_that_is_too_large_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ageing, "GROUP_MAX", 1)
    async with opened_desk() as desk:
        for name in ("held-1", "held-2"):
            await desk.shop.held(order_id=name)
        for number in range(6):
            await desk.shop.charged(order_id=f"paid-{number}")
            await desk.shop.refund("1.00", f"k{number}", f"paid-{number}")
        await desk.signs_in("vik")
        assert [
            ("A day at most", "5 at least", "₹5.00 at least"),
            ("A day at most", "1 at least", "₹100.00 at least"),
        ] == await groups(desk)
        assert "There are more than 1," in (await desk.get(f"{WAITING}/holds?beyond=0")).text
        assert "There are more than 5," in (await desk.get(f"{WAITING}/refunds?beyond=0")).text
        assert "-not-all.csv" in (await desk.get(f"{WAITING}.csv")).headers["content-disposition"]


async def test_money_that_juspay_has_not_named_is_held_too(desk: Desk) -> None:
    await desk.shop.opened(order_id="held-1")
    desk.shop.gateway.says("held-1", "AUTHORIZED", txn_id="")
    await desk.shop.post("/v1/orders/held-1/look")
    await desk.signs_in("vik")
    assert [("A day at most", "1", "₹100.00")] == await groups(desk)
    assert "lapses" not in (await desk.get(f"{WAITING}/holds?beyond=0")).text


async def test_where_nothing_waits_the_page_says_so(desk: Desk) -> None:
    await desk.signs_in("vik")
    assert 3 == (await desk.get(WAITING)).text.count("None.")


async def test_a_group_that_is_not_there_is_no_page(desk: Desk) -> None:
    await desk.signs_in("vik")
    for path in ("holds?beyond=2", "loans?beyond=0", "none?beyond=x"):
        assert (await desk.get(f"{WAITING}/{path}")).status_code in {400, 404}
    assert 404 == (await desk.get("/finance/none/waiting")).status_code
