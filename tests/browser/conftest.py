"""Chromium without a window, and what it is pointed at. One browser and one sandbox serve all tests of a worker.

Without a browser these tests are skipped. `.ci/run` installs one, and sets `PAYSTATE_CHROMIUM`, so that a browser that
is missing there, or does not start, fails them.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
import pytest_asyncio
from browser.console import Desk
from browser.payment_page import AT_THE_SHOP, PaymentPage
from browser.visiting import Visit
from e2e.storefront.shopping import Mall
from e2e.storefront.shopping import mall as open_mall
from integration.sandbox.playing import Player, bakery
from litestar import Litestar, MediaType, get
from patience import HANGS_S
from playwright.async_api import Browser, ViewportSize, async_playwright

from paystate.entrypoints.demo import kept_console
from paystate.entrypoints.demo.stack import running_stack
from paystate.entrypoints.demo.stage import Stage
from paystate.entrypoints.sandbox import SandboxClock, SandboxConfig, create_app, running

HERE: Final = Path(__file__).parent
NAMES: Final = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""Debian's shell comes first: the same pages, without the desktop's part, for half of the work."""
DESKTOP: Final = (1280, 800)

Visitor = Callable[..., AbstractAsyncContextManager[Visit]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of them share the browser's event loop."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


def _chromium() -> str:
    named = os.environ.get("PAYSTATE_CHROMIUM")
    names = [named] if named else NAMES
    if found := next(filter(None, map(shutil.which, names)), None):
        return found
    missing = f"there is no browser here: no {', no '.join(names)}"
    if named:
        pytest.fail(missing)
    pytest.skip(missing)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    executable = _chromium()
    async with async_playwright() as playwright:
        # As root, which containers are, Chromium's own sandbox does not start; nothing here comes from elsewhere.
        arguments = ["--disable-dev-shm-usage", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
        started = await playwright.chromium.launch(executable_path=executable, args=arguments, timeout=HANGS_S * 1000)
        yield started
        await started.close()


@pytest.fixture(scope="session")
def visitor(browser: Browser) -> Visitor:
    """Begins visits, each with cookies of its own."""

    @asynccontextmanager
    async def visiting(size: tuple[int, int] = DESKTOP, **options: Any) -> AsyncGenerator[Visit]:
        viewport = ViewportSize(width=size[0], height=size[1])
        context = await browser.new_context(viewport=viewport, reduced_motion="reduce", **options)
        context.set_default_timeout(HANGS_S * 1000)
        async with Visit.begun(context) as visit:
            yield visit
        await context.close()

    return visiting


@pytest_asyncio.fixture(loop_scope="session")
async def visit(visitor: Visitor) -> AsyncIterator[Visit]:
    """Somebody at a desk."""
    async with visitor() as one:
        yield one


@get("/back", media_type=MediaType.HTML, sync_to_thread=False)
def _shop() -> str:
    return (
        f"<!doctype html><html lang=en><title>Bakery</title><link rel=icon href='data:,'><h1>{AT_THE_SHOP}</h1></html>"
    )


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def sandbox() -> AsyncIterator[PaymentPage]:
    """A sandbox whose webhooks go nowhere, and the shop to which its payment page leads back."""
    clock = SandboxClock()
    app = create_app(SandboxConfig((bakery(),)), clock)
    async with running(app) as url, running(Litestar([_shop])) as shop, httpx.AsyncClient(base_url=url) as http:
        yield PaymentPage(Player(http, clock), f"{shop}/back")


@asynccontextmanager
async def _opened_desk(folder: Path) -> AsyncGenerator[Desk]:
    """The console, as `paystate demo --keep` opens it."""
    start = datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC)
    async with (
        running_stack(folder, start) as stack,
        httpx.AsyncClient(trust_env=False, timeout=HANGS_S) as http,
        kept_console.console(stack) as told,
    ):
        url, _, password = told.values()
        yield Desk(url.rstrip("/"), password, Stage(stack, http))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    """The console of most tests."""
    async with _opened_desk(tmp_path_factory.mktemp("desk")) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def books(tmp_path: Path) -> AsyncIterator[Desk]:
    """A console of one test alone, whose day holds nothing but what the test plays."""
    async with _opened_desk(tmp_path) as opened:
        yield opened


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def mall(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Mall]:
    """The storefront, as `paystate demo --keep` opens it."""
    async with open_mall(tmp_path_factory.mktemp("mall")) as opened:
        yield opened
