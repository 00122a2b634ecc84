"""What `Store` promises of counted failures of signatures and logins."""

from datetime import UTC, datetime, timedelta

from contract.samples import MERCHANT

from paystate.core.ports.store import Store
from paystate.core.signature_failures import (
    KEPT,
    RETURN,
    WEBHOOK,
    FailuresTold,
    HourOfFailures,
    SignatureFailure,
    failed_at,
    recent_since,
    together,
)

NOW = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)
OVER = datetime(2026, 3, 14, 10, tzinfo=UTC) + KEPT
"""From when on the hour of `NOW` is forgotten."""
LOGIN = SignatureFailure(MERCHANT, WEBHOOK, "unauthenticated")
OF_USER = SignatureFailure(MERCHANT, WEBHOOK, "unauthenticated", "juspay")
SIGNED = SignatureFailure(MERCHANT, RETURN, "signature_invalid")
ANOTHERS = SignatureFailure("another", RETURN, "signature_invalid")


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


def counted(failure: SignatureFailure, at: datetime, count: int) -> HourOfFailures:
    one = failed_at(failure, at)
    for _ in range(count - 1):
        one = together(one, failed_at(failure, at))
    return one


class SignatureFailuresContract:
    async def test_nothing_has_failed_at_first(self, store: Store) -> None:
        assert [] == await store.failures(NOW)

    async def test_each_kind_is_told_with_its_count_and_when_the_last_one_came(self, store: Store) -> None:
        failed = [counted(OF_USER, ago(minutes=1), 2), counted(LOGIN, NOW, 3), counted(SIGNED, ago(minutes=5), 1)]
        await store.add_failures([*failed, counted(ANOTHERS, ago(minutes=9), 4)], NOW)
        assert [
            FailuresTold(ANOTHERS, 4, ago(minutes=9)),
            FailuresTold(SIGNED, 1, ago(minutes=5)),
            FailuresTold(LOGIN, 3, NOW),
            FailuresTold(OF_USER, 2, ago(minutes=1)),
        ] == await store.failures(NOW)

    async def test_what_several_processes_have_counted_adds_up(self, store: Store) -> None:
        for minutes in (3, 1, 2):  # the one that has the newest does not write last
            await store.add_failures([counted(LOGIN, ago(minutes=minutes), minutes)], NOW)
        assert [FailuresTold(LOGIN, 6, ago(minutes=1))] == await store.failures(NOW)

    async def test_only_the_hours_of_a_day_are_recent(self, store: Store) -> None:
        since = recent_since(NOW)
        assert datetime(2026, 3, 13, 9, tzinfo=UTC) == since
        before = since - timedelta(seconds=1)
        await store.add_failures([counted(LOGIN, before, 7)], NOW)
        assert [FailuresTold(LOGIN, 0, before)] == await store.failures(NOW)
        await store.add_failures([counted(LOGIN, since, 2), counted(LOGIN, ago(hours=3), 1)], NOW)
        assert [FailuresTold(LOGIN, 3, ago(hours=3))] == await store.failures(NOW)

    async def test_an_hour_from_too_long_ago_is_not_told(self, store: Store) -> None:
        await store.add_failures([counted(LOGIN, NOW, 1)], NOW)
        assert [FailuresTold(LOGIN, 0, NOW)] == await store.failures(OVER - timedelta(seconds=1))
        assert [] == await store.failures(OVER)

    async def test_an_hour_from_too_long_ago_is_forgotten_with_what_is_added(self, store: Store) -> None:
        await store.add_failures([counted(LOGIN, NOW, 1), counted(SIGNED, NOW + timedelta(hours=1), 1)], NOW)
        await store.add_failures([counted(ANOTHERS, OVER, 1)], OVER)
        assert [ANOTHERS, SIGNED] == [one.failure for one in await store.failures(NOW)]  # as if nothing had been missed
