"""A day of a lamp shop in India, and the report that its bank sends of it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from attrs import evolve
from integration.console.desk import ORIGIN, Desk, opened_desk

from paystate.core.evidence import RefundAnswer
from paystate.core.settlement.reading import ReportFormat

INDIA = ZoneInfo("Asia/Kolkata")
TODAY = "2031-05-06"
"""The shop's day in which `integration.api.world` begins, at 12:38:09."""
BANK = ReportFormat(
    amount="amount", kind="type", payments=frozenset({"PAYMENT"}), refunds=frozenset({"REFUND"}),
    order="order", settlement="payout", fee="fee", tax="tax", net="net", day="day",
)  # fmt: skip
HEADING = "type,order,payout,amount,fee,tax,net,day"
REPORT = f"""{HEADING}
PAYMENT,lamp-1,P7,349.50,6.99,1.26,341.25,{TODAY}
PAYMENT,lamp-2,P7,120000.00,2400.00,432.00,117168.00,{TODAY}
REFUND,lamp-2,P7,500.00,0.00,0.00,-500.00,{TODAY}
PAYMENT,=HYPERLINK(1),P7,12.00,0.24,0.04,11.72,{TODAY}
"""
"""Of lamp-2 it has 3,456.50 too little, and one row is nobody's."""


@asynccontextmanager
async def opened_books(**merchant: Any) -> AsyncGenerator[Desk]:
    """The shop with its sales: 349.50 and 1,23,456.50 were captured, 500.00 of it went back, and one is unpaid."""
    given: dict[str, Any] = {"time_zone": INDIA, "settlement_formats": {"bank": BANK}, **merchant}
    async with opened_desk(**given) as desk:
        await sold(desk)
        await desk.signs_in("omar")
        yield desk


async def sold(desk: Desk) -> None:
    """Within a quarter of an hour: the refund stands in the hour after the payments."""
    shop = desk.shop
    await shop.charged(order_id="lamp-1", amount="349.50")
    await shop.charged(order_id="lamp-2", amount="123456.50")
    await shop.opened(order_id="lamp-3", amount="10.00")
    shop.clock.advance(timedelta(minutes=25).total_seconds())
    given_back = RefundAnswer(refund_id="rf-2", amount=Decimal(500), status="SUCCESS")
    shop.gateway.orders["lamp-2"] = evolve(shop.gateway.orders["lamp-2"], refunds=(given_back,))
    assert 200 == (await shop.post("/v1/orders/lamp-2/look")).status_code


async def imports(desk: Desk, content: str | bytes = REPORT, **fields: Any) -> httpx.Response:
    """Send the form with a file as a browser does; `csrf` and `origin` may be others."""
    page = (await desk.get("/finance/shop/settlements")).text
    csrf = page.partition('name="csrf" value="')[2].partition('"')[0]
    given = {"csrf": csrf, "format": "bank", "days": "", "settlement": "", **fields}
    origin, name = given.pop("origin", ORIGIN), given.pop("file_name", "report.csv")
    headers = {"host": "console.example.test", "cookie": f"__Host-paystate={desk.token}", "origin": origin}
    data = content.encode() if isinstance(content, str) else content
    return await desk.http.post(
        "/finance/shop/import", data=given, files={"file": (name, data, "text/csv")}, headers=headers
    )
