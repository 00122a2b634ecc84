"""The same shop where Juspay makes the payloads: nothing in its program is different."""

from __future__ import annotations

from pathlib import Path

from e2e.storefront.browser import Browser
from e2e.storefront.shopping import mall


async def test_a_shopper_pays_and_the_panel_hides_the_session_s_token(tmp_path: Path) -> None:
    async with mall(tmp_path, "session") as around, Browser.of(around) as browser:
        order_id = await browser.orders()
        tab = await browser.tab(order_id)
        payload = await tab.call("process", {}, 200)
        token = payload["payload"]["clientAuthToken"]
        await tab.opens()
        await tab.pays("success@upi")
        await browser.reads(order_id, "Thank you. Your order is paid")
        text = (await browser.http.get(f"/orders/{order_id}")).text
        assert "clientAuthToken" in text
        assert token not in text
