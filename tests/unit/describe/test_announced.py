"""Every kind of announcement is explained, and the example of its page is one of it."""

import pytest
from generate.announcement_page import example

from paystate.core.describe.announcements import EXPLAINED
from paystate.core.orders.facts import AnnouncementKind


@pytest.mark.parametrize("kind", AnnouncementKind)
def test_a_kind_is_explained_and_shown(kind: AnnouncementKind) -> None:
    event = example(kind)
    assert kind == event.type
    assert all((EXPLAINED[kind].when, EXPLAINED[kind].then))
    assert bool(event.data.about) <= bool(EXPLAINED[kind].about)
