"""Databases for tests: migrated once, then copied."""

import shutil
from pathlib import Path

import pytest

from paystate.adapters.storage.sqlite.migration import migrate


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file that nobody writes to."""
    path = tmp_path_factory.mktemp("migrated") / "paystate.db"
    migrate(path)
    return path


@pytest.fixture
def database(migrated: Path, tmp_path: Path) -> Path:
    """A migrated file of the test's own."""
    return Path(shutil.copy(migrated, tmp_path / "paystate.db"))
