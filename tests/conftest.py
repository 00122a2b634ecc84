"""Hypothesis profiles (`ci` is the same on every run, `nightly` looks further: HYPOTHESIS_PROFILE=nightly), and what no
test leaves behind.
"""

import os
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import HealthCheck, settings

_SLOW_MACHINE = [HealthCheck.too_slow]
settings.register_profile(
    "ci", derandomize=True, deadline=None, database=None, max_examples=100, suppress_health_check=_SLOW_MACHINE
)
settings.register_profile("nightly", deadline=None, max_examples=3000, suppress_health_check=_SLOW_MACHINE)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """A command that is run in this process sets logging up for itself; the next test must not inherit it."""
    yield
    structlog.reset_defaults()
