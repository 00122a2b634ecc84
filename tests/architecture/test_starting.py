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
    line = [sys.executable, "-c", f"import sys, {begins_in}; print(*sys.modules)"]
    told = subprocess.run(line, timeout=HANGS_S, capture_output=True, text=True, check=True).stdout
    assert set() == unneeded & set(told.split())
