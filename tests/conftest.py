"""Hypothesis profiles (`ci` is the same on every run, `nightly` looks further: HYPOTHESIS_PROFILE=nightly), which tests
are fixed cases and in what order all run, and what no test leaves behind.
"""

from __future__ import annotations

import fcntl
import gc
import os
import pickle
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
import structlog
from coverage import Coverage
from hypothesis import HealthCheck, is_hypothesis_test, settings
from postgres_server import borrowed, database_made

pytest.register_assert_rewrite("contract.store", "contract.store_contract", "contract.samples")  # others import them

if TYPE_CHECKING:
    from paystate.entrypoints.verification.report import Exploration

_SLOW_MACHINE = [HealthCheck.too_slow]
settings.register_profile(
    "ci", derandomize=True, deadline=None, database=None, max_examples=100, suppress_health_check=_SLOW_MACHINE
)
settings.register_profile("nightly", deadline=None, max_examples=3000, suppress_health_check=_SLOW_MACHINE)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

TESTS = Path(__file__).parent
ON_THE_CORE = (
    "unit",
    "integration/api/use_cases",
    "integration/console",
    "integration/settlement",
    "integration/worker",
)
NO_CASES = ("unit/verification/test_worlds.py", "unit/docs/test_docs.py", "unit/model/test_mutations.py")
"""They explore, write all pages or plant faults, and so take branches that nobody thought of."""

SHORT = ("unit", "integration")
"""Folders of short tests; they run last, when the cores are kept even."""


def is_fixed_case(item: pytest.Item) -> bool:
    """Whether somebody wrote down what the core is given and what comes of it; dice are not asked.

    Nor is what takes the same few branches thousands of times: traced, it would take five times as long.
    """
    path = item.path.relative_to(TESTS)
    is_on_the_core = any(path.is_relative_to(folder) for folder in ON_THE_CORE)
    is_random = isinstance(item, pytest.Function) and is_hypothesis_test(item.obj)
    is_long = item.get_closest_marker("long") is not None
    return is_on_the_core and path.as_posix() not in NO_CASES and not is_random and not is_long


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark the fixed cases, for `-m fixed_case` and for what follows."""
    if is_fixed_case(item):
        item.add_marker("fixed_case")


def turn(item: pytest.Item) -> int:
    """When a test runs: fixed cases, then the long ones, then what starts servers, then the many short ones."""
    if item.get_closest_marker("fixed_case"):
        return 0
    if item.get_closest_marker("long"):
        return 1
    return 3 if item.path.relative_to(TESTS).parts[0] in SHORT else 2


@pytest.hookimpl(optionalhook=True)  # the release check runs some tests without xdist
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: a test that waits for a server leaves its core to another."""
    return (os.cpu_count() or 1) + 1


def pytest_configure(config: pytest.Config) -> None:
    """Let each worker begin to collect in another folder: what one has compiled, the others need not compile."""
    if config.args == ["tests"]:
        left_out = {*config.getini("norecursedirs"), "__pycache__"}
        folders = sorted({path.name for path in TESTS.iterdir() if path.is_dir()} - left_out)
        worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
        workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
        first = worker * len(folders) // workers
        config.args = [f"tests/{name}" for name in folders[first:] + folders[:first]]


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for no garbage meanwhile: next to nothing of what is collected is any."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the fixed cases run before all others, and in the same order on each worker.

    What another test has made a record remember would be missing from their branches. See
    docs/adr/0023-each-test-runs-once.md.
    """
    items.sort(key=lambda item: (turn(item), item.path))


def pytest_collection_finish() -> None:
    """Leave the tests themselves out of every later collection, and collect less often: most of what is kept stays."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(5_000, 10, 20)


@pytest.fixture(scope="session")
def explored(tmp_path_factory: pytest.TempPathFactory) -> Exploration:
    """The small worlds, explored once in a run: one worker does it, on all cores, and the others wait and read it."""
    from paystate.entrypoints.verification import report  # Not above: what is imported there is not measured.

    shared = _shared(tmp_path_factory)
    found = shared / "explored"
    with (shared / "explored.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not found.exists():
            found.write_bytes(pickle.dumps(report.small()))
    return cast("Exploration", pickle.loads(found.read_bytes()))  # noqa: S301 - our own


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of PostgreSQL's own database, for its owner: one server in a run, for all workers."""
    with borrowed(_shared(tmp_path_factory)) as dsn:
        yield dsn


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a migrated database that nobody opens: others are made from it."""
    from paystate.adapters.storage.postgres.config import PostgresConfig  # Not above, as in `explored`.
    from paystate.adapters.storage.postgres.migration import migrate

    name = "migrated"
    made = _shared(tmp_path_factory) / "postgres.migrated"
    with made.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists() or made.read_text() != postgres_server:
            migrate(PostgresConfig(address=database_made(postgres_server, name=name)))
            made.write_text(postgres_server)
    return name


@pytest.fixture
def postgres_database(postgres_server: str, postgres_template: str) -> str:
    """The address of a migrated database of the test's own."""
    return database_made(postgres_server, template=postgres_template)


def _shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of the run, the same one for all workers."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Measure no branches from the first test on that is no fixed case."""
    measuring = Coverage.current()
    if measuring and item.get_closest_marker("fixed_case") is None:
        measuring.stop()


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """A command that is run in this process sets logging up for itself; the next test must not inherit it."""
    yield
    structlog.reset_defaults()
