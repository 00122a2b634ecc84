"""The oracle is trusted because it sees planted faults.

The scripted stories, told to the core and to the model side by side, must fail under each fault. Without one, they all
pass.
"""

from collections.abc import Callable

import pytest
from unit.model.mutations import MUTATIONS
from unit.model.stories import STORIES


@pytest.mark.parametrize("story", STORIES)
def test_the_oracle_finds_nothing_wrong_with_the_core(story: str) -> None:
    STORIES[story]()


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_the_oracle_sees_a_planted_fault(mutation: str) -> None:
    assert any(fails_under(mutation, story) for story in STORIES.values())


def fails_under(mutation: str, story: Callable[[], None]) -> bool:
    with MUTATIONS[mutation]():
        try:
            story()
        except (AssertionError, LookupError, ValueError):
            return True
    return False


def test_after_the_mutations_the_core_is_as_it_was() -> None:
    for mutation in MUTATIONS:
        with MUTATIONS[mutation]():
            pass
    for story in STORIES.values():
        story()
