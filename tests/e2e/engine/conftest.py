"""A Juspay that is up, and settings beside a fresh database; nothing of Paystate runs yet."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from e2e.shop import Shop, shop


@pytest.fixture
async def around(tmp_path: Path) -> AsyncIterator[Shop]:
    async with shop(tmp_path) as running:
        yield running
