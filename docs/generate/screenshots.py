"""The pages of a demo as PNG, for docs/screenshots: `make screenshots`.

They are taken from orders that were really played. Taken anew, each differs in ids and times, so no test compares them.
It takes Chromium, and `PAYSTATE_CHROMIUM` where it is called otherwise.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from playwright.async_api import Browser, Page, ViewportSize, async_playwright
from rich.console import Console

from paystate.entrypoints.demo import kept, run
from paystate.entrypoints.demo.stack import running_stack
from paystate.entrypoints.demo.stories import STORIES

FOLDER: Final = Path(__file__).parents[1] / "screenshots"
DESKTOP: Final = ViewportSize(width=1280, height=720)
PHONE: Final = ViewportSize(width=360, height=720)
_PLAYED: Final = ("straight", "second-charge", "late-success")


async def main() -> None:
    """Play some stories, and take every picture."""
    FOLDER.mkdir(exist_ok=True)
    stories = {story.name: story for story in STORIES}
    with TemporaryDirectory() as folder:
        async with running_stack(Path(folder), run.START) as stack, _chromium() as browser:
            verdicts = [await run.tell(stories[name], stack, Console(file=StringIO())) for name in _PLAYED]
            stack.clock.tick()
            async with kept.pages(stack, [one.order_id for one in verdicts if one.order_id]) as addresses:
                await _shop(browser, addresses["shop"])
                await _console(browser, addresses["console"], addresses["  with the password"])
                await _sandbox(browser, stack.sandbox_url)


@asynccontextmanager
async def _chromium() -> AsyncGenerator[Browser]:
    path = shutil.which(os.environ.get("PAYSTATE_CHROMIUM") or "chromium")
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []  # which root's containers need
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        await browser.close()


async def _shop(browser: Browser, address: str) -> None:
    """From the shelf to the payment page, and to the parcel."""
    page = await browser.new_page(viewport=DESKTOP)
    await page.goto(address)
    await _keep(page, "shop")
    await page.get_by_role("button", name="Add to cart").nth(5).click()
    await page.get_by_role("link", name="Go to the cart").click()
    await page.get_by_role("button", name="Go to the order").click()
    await page.get_by_role("button", name="Pay ₹").click()
    payment = page.frame_locator("iframe")
    await payment.get_by_role("heading", name="How would you like to pay?").wait_for()
    await _keep(page, "payment-page")


async def _console(browser: Browser, address: str, password: str) -> None:
    """A customer's orders, one of them as a case file, and that on a phone in the dark."""
    context = await browser.new_context(viewport=DESKTOP)
    page = await context.new_page()
    await page.goto(address)
    await page.get_by_label("Name").fill("omar")
    await page.get_by_label("Password").fill(password)
    await page.get_by_role("button", name="Sign in").click()
    await page.get_by_role("searchbox").fill("asha")
    await page.get_by_role("button", name="Find").click()
    await page.get_by_role("heading", name="asha").wait_for()
    await _keep(page, "console-list")
    await page.get_by_role("link", name="tea-twice-1").click()
    await page.get_by_role("heading", name="Money").wait_for()
    await _keep(page, "case-file")
    await page.get_by_role("link", name="Finance").click()
    await _keep(page, "console-day")
    await page.go_back()
    await page.set_viewport_size(PHONE)
    await page.emulate_media(color_scheme="dark")
    await _keep(page, "case-file-phone")


async def _sandbox(browser: Browser, address: str) -> None:
    page = await browser.new_page(viewport=DESKTOP)
    await page.goto(address)
    await _keep(page, "sandbox")


async def _keep(page: Page, name: str) -> None:
    await page.screenshot(path=FOLDER / f"{name}.png", animations="disabled")


if __name__ == "__main__":
    asyncio.run(main())
