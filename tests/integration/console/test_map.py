"""The case file has a map of the lifecycle: where the order stands, the way it took, and what did not move it."""

import re

import pytest
from integration.console.desk import Desk

from paystate.entrypoints.console import case_file


async def test_the_map_shows_the_way_and_where_the_order_stands(desk: Desk) -> None:
    await desk.shop.charged()
    await desk.signs_in("vik")
    html = (await desk.get("/orders/shop/lamp-1")).text
    boxes = re.findall(r'<g class="box (\w+) \w+">.*?<text [^>]*>([^<]*)</text>', html, re.DOTALL)
    assert [("been", "New"), ("now", "Charged")] == [one for one in boxes if one[0] in {"been", "now"}]
    assert ["Auto refunded", "Partially refunded", "Refunded"] == [name for kind, name in boxes if kind == "next"]
    assert 13 == len(boxes)
    said = html.partition('<desc id="map-words">')[2].partition("</desc>")[0]
    assert "New since 2031-05-06 07:08:09. Charged since 2031-05-06 07:08:09, where it stands." == said
    assert 1 == html.count('<polyline class="way"')
    assert 0 == html.count('<polyline class="refused"')


async def test_an_answer_that_denies_proved_money_is_on_the_map_as_refused(desk: Desk) -> None:
    await desk.shop.charged()
    desk.shop.gateway.says("lamp-1", "PENDING_VBV")
    desk.shop.clock.advance(60)
    await desk.shop.post("/v1/orders/lamp-1/look")
    await desk.signs_in("vik")
    html = (await desk.get("/orders/shop/lamp-1")).text
    assert 1 == html.count('<polyline class="refused"')
    assert "Juspay&#39;s answer Pending at 2031-05-06 07:09:09 did not move it (rule" in html


async def test_an_answer_that_is_denied_at_every_look_is_told_once(desk: Desk) -> None:
    await desk.shop.charged()
    desk.shop.gateway.says("lamp-1", "PENDING_VBV")
    for _ in range(3):
        desk.shop.clock.advance(60)
        await desk.shop.post("/v1/orders/lamp-1/look")
    await desk.signs_in("vik")
    caption = (await desk.get("/orders/shop/lamp-1")).text.partition("<figcaption")[2].partition("</figcaption>")[0]
    assert 1 == caption.count("did not move it")
    assert "Pending at 2031-05-06 07:11:09 did not move it (rules G27, A12), as 2 times before." in caption


async def test_a_box_has_the_newest_numbers_of_an_order_that_went_to_and_fro(desk: Desk) -> None:
    await desk.shop.opened()
    for number in range(12):
        desk.shop.gateway.says("lamp-1", ("PENDING_VBV", "AUTHENTICATION_FAILED")[number % 2])
        desk.shop.clock.advance(60)
        await desk.shop.post("/v1/orders/lamp-1/look")
    await desk.signs_in("vik")
    html = (await desk.get("/orders/shop/lamp-1")).text
    assert ["1", "… 6, 8, 10, 12", "… 7, 9, 11, 13"] == re.findall(r'class="steps-here"[^>]*>([^<]*)<', html)


async def test_of_an_order_with_too_many_facts_no_map_is_drawn(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    await desk.shop.charged()
    monkeypatch.setattr(case_file, "FACTS_MAX", 1)
    await desk.signs_in("vik")
    assert "<svg" not in (await desk.get("/orders/shop/lamp-1")).text
