"""The process of the console."""

from __future__ import annotations

import gc

from paystate.entrypoints.console.server import freeze_what_stays


def test_what_was_made_before_the_first_request_is_not_gone_through_for_each_page() -> None:
    begun = gc.get_freeze_count()
    try:
        freeze_what_stays()
        assert begun < gc.get_freeze_count()
    finally:
        gc.unfreeze()
