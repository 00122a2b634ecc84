"""The shop on a stack that runs: service, sandbox and storefront, each over HTTP."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import pytest_asyncio
from e2e.storefront.browser import Browser
from e2e.storefront.shopping import Mall, mall


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def around(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Mall]:
    folder: Path = tmp_path_factory.mktemp("storefront")
    async with mall(folder) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def browser(around: Mall) -> AsyncGenerator[Browser]:
    async with Browser.of(around) as opened:
        yield opened
