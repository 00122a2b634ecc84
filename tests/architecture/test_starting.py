"""What a process loads before it does anything: most of the time that its start takes."""

import subprocess
import sys

import pytest
from patience import HANGS_S

SERVER = {"jinja2", "litestar", "prometheus_client", "uvicorn"}


@pytest.mark.parametrize(
    ("begins_in", "unneeded"),
    [
        ("paystate.entrypoints.cli.main", {*SERVER, "httpx", "joserfc", "sqlalchemy", "sqlite3", "structlog"}),
        ("paystate.entrypoints.service.process", SERVER),
    ],
    ids=["the command line", "a worker"],
)
def test_what_only_others_need_is_not_loaded(begins_in: str, unneeded: set[str]) -> None:
    assert set() == unneeded & loaded(begins_in)


@pytest.mark.parametrize(
    "part",
    [
        "adapters.passwords",
        "adapters.storage.sqlite.backup",
        "adapters.storage.sqlite.migration",
        "entrypoints.cli.doctor",
        "entrypoints.cli.keys",
        "entrypoints.console.server",
        "entrypoints.service.server",
    ],
)
def test_each_part_that_tests_fork_loads_by_itself(part: str) -> None:
    assert f"paystate.{part}" in loaded(f"paystate.{part}")


def loaded(module: str) -> set[str]:
    """All modules of a process that has imported this one and nothing else."""
    line = [sys.executable, "-c", f"import sys, {module}; print(*sys.modules)"]
    told = subprocess.run(line, timeout=HANGS_S, capture_output=True, text=True, check=True).stdout
    return {*told.split()}
