"""Disputes at the console: what webhooks tell of them, and what people have found."""

from __future__ import annotations

import csv
import json
import re
from html import unescape
from io import StringIO

import pytest
from integration.console.desk import Desk

from paystate.core.use_cases.finding import disputes as finding
from paystate.entrypoints.service.worker import Worker

DISPUTES = "/finance/shop/disputes"


async def disputed(desk: Desk, order_id: str, stage: str, name: str = "d-1", amount: float | None = 60.0) -> None:
    """The bank of whoever paid wants it back, and Juspay tells so."""
    told = {"dispute_id": name, **({"amount": amount} if amount else {})}
    content = {"order": {"order_id": order_id, "merchant_id": "shop"}, "chargeback": told}
    body = {"id": f"evt-{order_id}-{stage}", "event_name": f"CHARGEBACK_{stage}", "content": content}
    assert 200 == (await desk.shop.hook(json.dumps(body).encode())).status_code
    await Worker(desk.shop.runtime).turn()


async def shown(desk: Desk) -> str:
    return unescape(re.sub("<[^>]*>", " ", (await desk.get(DISPUTES)).text))


async def test_open_disputes_are_told_the_oldest_first(desk: Desk) -> None:
    for order_id in ("lamp-1", "lamp-2"):
        await desk.shop.charged(order_id=order_id)
    await disputed(desk, "lamp-2", "RECEIVED", "d-2", amount=None)
    desk.shop.clock.advance(3600)
    await disputed(desk, "lamp-1", "RECEIVED")
    await disputed(desk, "lamp-1", "EVIDENCE_REQUIRED")
    await desk.signs_in("vik")
    html = (await desk.get(DISPUTES)).text
    assert ["/orders/shop/lamp-2", "/orders/shop/lamp-1"] == re.findall('class="name" href="([^"]*)"', html)
    text = await shown(desk)
    assert "2031-05-06 08:08:09" in text
    assert "evidence required, received" in text
    assert "₹60.00" in text
    assert "sum not told" in text


async def test_what_a_person_found_of_a_dispute_is_told_while_another_is_open(desk: Desk) -> None:
    await desk.shop.charged()
    await disputed(desk, "lamp-1", "RESOLVED_IN_CUSTOMER_FAVOUR")
    await disputed(desk, "lamp-1", "RECEIVED", "d-2")
    (key,) = [
        one["key"] for one in (await desk.shop.get("/v1/orders/lamp-1/review")).json()["reasons"] if "d-1" in one["key"]
    ]
    word = {"reason": key, "verdict": "done", "by": "Meera", "note": "the bank has it"}
    assert 200 == (await desk.shop.post("/v1/orders/lamp-1/review", word)).status_code
    await desk.signs_in("vik")
    text = await shown(desk)
    assert "Meera (API key" in text
    assert "done, ₹60.00 taken back. the bank has it" in text
    assert 1 == text.count("Settled")
    rows = {
        row["dispute_id"]: row
        for row in csv.DictReader(StringIO((await desk.get(f"{DISPUTES}.csv")).text.removeprefix("\ufeff")))
    }
    assert ("60.00", "no", "yes", "") == (
        rows["d-1"]["amount"], rows["d-1"]["is_open"], rows["d-2"]["is_open"], rows["d-2"]["found"],
    )  # fmt: skip


async def test_where_there_is_no_dispute_the_page_says_so(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for order_id in ("a", "b"):
        await desk.shop.charged(order_id=order_id)
        desk.shop.gateway.says(order_id, "CHARGED", txn_id="t-2")
        await desk.shop.post(f"/v1/orders/{order_id}/look")
    await desk.signs_in("vik")
    assert "No dispute waits for a person." in await shown(desk)
    monkeypatch.setattr(finding, "ORDERS_MAX", 1)
    assert "there are too many" in await shown(desk)
    assert 404 == (await desk.get("/finance/none/disputes")).status_code
