"""What the tests of the command line share."""

from __future__ import annotations

from pathlib import Path

import pytest
from e2e.cli.terminal import CANARY, SECRETS


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of the test's own to work in, with the secrets in the environment that the settings name."""
    monkeypatch.chdir(tmp_path)
    for name in SECRETS:
        monkeypatch.setenv(name, f"{CANARY}-{name}")
    return tmp_path
