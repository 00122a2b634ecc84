"""Somebody in front of a browser, in the words of a test; and what no page of ours may do while somebody looks."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, Final, Self, cast
from urllib.parse import urlsplit

from attrs import define, field
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import BrowserContext, ConsoleMessage, Page, Request

_HERE: Final = "127.0.0.1"
_REFUSED: Final = "Failed to load resource: the server responded with a status of 4"
"""What Chromium says of a page that is answered so; of a page that shows a mistake that is right."""
_AXE: Final = Axe()
_AXE_TAGS: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@define(slots=False)  # Playwright keeps a note of its own at whoever listens
class Visit:
    """One visit: a browser with cookies of its own, and the page in front.

    Attributes:
        wrong: What pages did that they may not: mistakes of a script, what a policy stopped, requests to strangers.
    """

    context: BrowserContext
    page: Page
    wrong: list[str] = field(factory=list[str])

    @classmethod
    @asynccontextmanager
    async def begun(cls, context: BrowserContext) -> AsyncGenerator[Self]:
        """A visit; raises AssertionError at its end where a page did what it may not."""
        visit = cls(context, await context.new_page())
        context.on("console", visit._told)
        context.on("weberror", lambda error: visit.wrong.append(f"{error.page and error.page.url}: {error.error}"))
        context.on("request", visit._asked)
        yield visit
        assert not visit.wrong, visit.wrong

    def _told(self, message: ConsoleMessage) -> None:
        place = message.location["url"]
        is_refusal = message.page is not None and place == message.page.url and message.text.startswith(_REFUSED)
        if message.type in {"error", "warning"} and not is_refusal:
            self.wrong.append(f"{place}: {message.text}")

    def _asked(self, request: Request) -> None:
        place = urlsplit(request.url)
        if place.scheme != "data" and place.hostname != _HERE:
            self.wrong.append(f"asks {request.url}")

    async def reads(self, heading: str) -> None:
        """Wait until that is what the page is about: to press a button does not wait for the page behind it."""
        await self.page.get_by_role("heading", name=heading, level=1, exact=True).wait_for()

    async def press(self, name: str) -> None:
        """Press the button that is called so."""
        await self.page.get_by_role("button", name=name).click()

    async def unfold(self) -> None:
        """Open all that is folded."""
        await self.page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")

    async def barriers(self) -> list[str]:
        """What keeps somebody out who does not see, cannot point, or needs contrast: one line for each place."""
        # A page in a frame has tests of its own; from here axe-core could not reach it without a complaint.
        only = {"runOnly": {"type": "tag", "values": _AXE_TAGS}, "resultTypes": ["violations"]}
        options: dict[str, Any] = {**only, "iframes": False}
        found = cast("dict[str, Any]", (await _AXE.run(self.page, options=options)).response)
        assert found["testEngine"]["name"] == "axe-core"
        return [
            f"{one['id']}: {node['html'][:120]} {node['failureSummary']}"
            for one in found["violations"]
            for node in one["nodes"]
        ]

    async def is_wider_than_the_screen(self) -> bool:
        """Whether one has to scroll sideways."""
        wide: bool = await self.page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
        return wide
