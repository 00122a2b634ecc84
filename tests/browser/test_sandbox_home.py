"""The sandbox's own pages in a browser: what its forms do, and that nobody is shut out."""

from __future__ import annotations

import pytest
from browser.conftest import DESKTOP, Visitor
from browser.payment_page import PaymentPage
from browser.visiting import Visit
from playwright.async_api import expect

PHONE = (320, 640)
PAGES = ("/", "orders", "webhooks", "faults", "ledger", "reference", "order", "nothing")


async def looks_at(visit: Visit, sandbox: PaymentPage, name: str) -> None:
    """Go to one of the pages; to that of an order by clicking it."""
    order_id, _ = await sandbox.opened(description="<b>Two lamps</b>")
    await sandbox.player.arm("webhook_drop", order_id=order_id)
    url = str(sandbox.player.http.base_url).rstrip("/")
    if name == "order":
        await visit.page.goto(url)
        await visit.page.get_by_role("link", name=order_id, exact=True).click()
    else:
        await visit.page.goto(url if name == "/" else f"{url}/_home/{name}".replace("nothing", "orders/none"))


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(("size", "scheme"), [(DESKTOP, "light"), (PHONE, "dark")], ids=["desktop-light", "phone-dark"])
async def test_nobody_is_shut_out(
    visitor: Visitor, sandbox: PaymentPage, name: str, size: tuple[int, int], scheme: str
) -> None:
    async with visitor(size, color_scheme=scheme) as visit:
        await looks_at(visit, sandbox, name)
        await visit.unfold()
        assert not await visit.barriers()
        assert not await visit.is_wider_than_the_screen()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
async def test_a_fault_is_armed_and_disarmed_by_clicking(visitor: Visitor, sandbox: PaymentPage, script: bool) -> None:
    async with visitor(java_script_enabled=script) as visit:
        await looks_at(visit, sandbox, "order")
        await visit.page.get_by_role("link", name="Make something go wrong").click()
        fault = visit.page.locator("#status_5xx")
        await fault.locator("summary").click()
        await fault.get_by_label("How many times").fill("2")
        await fault.get_by_role("button", name="Arm it").click()
        await expect(visit.page.get_by_role("status")).to_have_text(
            "Done. The fault was armed. If it happens to an order at once, it has happened."
        )
        assert "status_5xx" in await sandbox.player.armed()
        await visit.page.get_by_role("button", name="Disarm all").click()
        await expect(visit.page.get_by_text("None: everything goes well.")).to_be_visible()


async def test_a_mistake_is_told_where_it_was_made(visit: Visit, sandbox: PaymentPage) -> None:
    await looks_at(visit, sandbox, "/")
    await visit.page.get_by_label("Seconds to move it").fill("far")
    await visit.press("Move")
    await expect(visit.page.get_by_role("alert")).to_contain_text(
        "Nothing was changed. “Seconds to move it” must be a number"
    )
    assert (await visit.page.title()).startswith("Problem: ")


async def test_an_order_is_made_paid_and_its_webhook_forged(visit: Visit, sandbox: PaymentPage) -> None:
    await looks_at(visit, sandbox, "/")
    await visit.page.get_by_label("Order id").fill("by-hand-1")
    await visit.page.get_by_label("Amount").fill("123456.50")
    await visit.page.get_by_label("It is paid already").check()
    await visit.press("Make it")
    await visit.page.get_by_role("link", name="by-hand-1", exact=True).click()
    await visit.reads("Order by-hand-1")
    await expect(visit.page.get_by_text("₹1,23,456.50").first).to_be_visible()
    await visit.page.get_by_role("button", name="Send it").click()
    await expect(visit.page.get_by_role("alert")).to_contain_text("the merchant has no address for webhooks")
