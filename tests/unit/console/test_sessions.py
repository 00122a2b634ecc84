"""A session ends when it is idle, and after a working day; money asks for a fresh proof."""

from datetime import timedelta

from attrs import evolve
from unit.builders import NOW

from paystate.core.console.sessions import (
    ABSOLUTE,
    IDLE,
    PROOF,
    SEEN_EVERY,
    ConsoleSession,
    is_live,
    is_proof_fresh,
    seen,
)

BEGUN = ConsoleSession(token_digest="CANARY", user="asha", began_at=NOW, seen_at=NOW, proved_at=NOW)
MOMENT = timedelta(microseconds=1)


def test_a_session_ends_after_so_long_without_a_request() -> None:
    assert is_live(BEGUN, NOW + IDLE - MOMENT)
    assert not is_live(BEGUN, NOW + IDLE)


def test_a_session_in_use_ends_after_a_working_day() -> None:
    used = evolve(BEGUN, seen_at=NOW + ABSOLUTE)
    assert is_live(used, NOW + ABSOLUTE - MOMENT)
    assert not is_live(used, NOW + ABSOLUTE)


def test_a_proof_is_fresh_for_a_while() -> None:
    assert is_proof_fresh(BEGUN, NOW + PROOF - MOMENT)
    assert not is_proof_fresh(BEGUN, NOW + PROOF)


def test_a_request_is_noted_now_and_then() -> None:
    assert seen(BEGUN, NOW + SEEN_EVERY - MOMENT) is BEGUN
    assert NOW + SEEN_EVERY == seen(BEGUN, NOW + SEEN_EVERY).seen_at


def test_a_token_s_digest_is_not_printed() -> None:
    assert "CANARY" not in repr(BEGUN)
