"""What all end-to-end tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from beginnings import copied_database, copied_pair
from patience import HANGS_S

from paystate.entrypoints.demo import stack, stage


@pytest.fixture(scope="session", autouse=True)
def demo_for_tests() -> Iterator[None]:
    """The demo gives up sooner than a test may, because somebody watches it.

    And it makes a pair of keys and a database for each story; that is a third of a story's start.
    """
    with pytest.MonkeyPatch.context() as demo:
        demo.setattr(stage, "PATIENCE_S", HANGS_S)
        demo.setattr(stack, "READY_WITHIN_S", HANGS_S)
        demo.setattr(stack, "migrate", copied_database)
        demo.setattr(stack, "new_key", copied_pair)
        yield
