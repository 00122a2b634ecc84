"""What is kept of settled webhooks: the arithmetic."""

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from paystate.core.policy import DEFAULT, Policy
from paystate.core.retention import (
    BATCH_BYTES_MAX,
    BATCH_MAX,
    DROPS_MAX,
    NOTHING,
    Quarantine,
    Quota,
    Retention,
    StoredBody,
    Swept,
    batch,
    bodies_over,
    quota_of,
    retention_at,
    webhooks_over,
    would_leave_quarantine,
)

NOW = datetime(2026, 11, 23, tzinfo=UTC)
QUOTA = Quota(bytes_max=100, webhooks_max=10)


def bodies(*sizes: int) -> list[StoredBody]:
    return [StoredBody(n, size) for n, size in enumerate(sizes, 1)]


def test_a_policy_says_how_much_and_how_long() -> None:
    policy = Policy(quarantine_bytes_max=7, quarantine_webhooks_max=8, quarantine_kept_s=60, webhook_bodies_kept_s=3600)
    assert Quota(bytes_max=7, webhooks_max=8) == quota_of(policy)
    expected = Retention(
        quarantined_since=NOW - timedelta(minutes=1),
        bodies_since=NOW - timedelta(hours=1),
        quota=Quota(bytes_max=7, webhooks_max=8),
    )
    assert expected == retention_at(policy, NOW)


def test_a_quarantined_webhook_is_kept_no_longer_than_the_body_of_a_followed_one() -> None:
    retention = retention_at(Policy(quarantine_kept_s=3600, webhook_bodies_kept_s=60), NOW)
    assert NOW - timedelta(minutes=1) == retention.quarantined_since == retention.bodies_since


def test_by_default_64_mib_and_100_000_webhooks_are_kept_for_30_days_and_bodies_for_90() -> None:
    assert Quota(bytes_max=64 * 1024 * 1024, webhooks_max=100_000) == quota_of(DEFAULT)
    retention = retention_at(DEFAULT, NOW)
    assert (30, 90) == ((NOW - retention.quarantined_since).days, (NOW - retention.bodies_since).days)


@pytest.mark.parametrize(("count", "over"), [(0, 0), (10, 0), (11, 1), (25, 15), (10**6, 20)])
def test_webhooks_beyond_the_quota_go_a_bounded_number_at_a_time(count: int, over: int) -> None:
    assert over == webhooks_over(Quarantine(webhooks=count), QUOTA, most=20)


@pytest.mark.parametrize(
    ("held", "expected"), [(100, 0), (101, 1), (110, 1), (111, 2), (130, 3)], ids=lambda value: str(value)
)
def test_the_oldest_bodies_go_until_the_rest_fits(held: int, expected: int) -> None:
    oldest = bodies(10, 10, 10, 10)
    assert tuple(oldest[:expected]) == bodies_over(Quarantine(body_bytes=held), QUOTA, oldest)


def test_no_more_bodies_are_looked_at_than_go() -> None:
    endless = (StoredBody(n, 10) for n in count(1))
    assert 1 == len(bodies_over(Quarantine(body_bytes=105), QUOTA, endless))
    assert 2 == next(endless).row_id


def test_what_was_over_the_quota_before_goes_by_twice_what_comes() -> None:
    newcomer, oldest = StoredBody(0, 10), (StoredBody(n, 5) for n in count(1))
    dropped = bodies_over(Quarantine(body_bytes=10**6), QUOTA, oldest, newcomer)
    assert [1, 2, 3, 4] == [body.row_id for body in dropped]


def test_a_body_for_which_a_hundred_old_ones_make_no_room_goes_itself() -> None:
    newcomer, oldest = StoredBody(0, 10**6), (StoredBody(n, 1) for n in count(1))
    dropped = bodies_over(Quarantine(body_bytes=10**6), QUOTA, oldest, newcomer)
    assert (DROPS_MAX + 1, newcomer) == (len(dropped), dropped[-1])


def test_a_newcomer_that_is_the_oldest_goes_once() -> None:
    (only,) = bodies(500)
    assert (only,) == bodies_over(Quarantine(body_bytes=500), Quota(bytes_max=-1, webhooks_max=1), [only], only)


def test_a_newcomer_without_a_body_has_nothing_to_lose() -> None:
    assert () == bodies_over(Quarantine(body_bytes=500), QUOTA, (), StoredBody(1, 0))


def test_without_a_newcomer_what_is_left_over_waits_for_the_next_batch() -> None:
    assert () == bodies_over(Quarantine(body_bytes=500), QUOTA, ())


@pytest.mark.parametrize(
    ("sizes", "taken"),
    [
        ((), 0),
        ((1,) * 300, BATCH_MAX),
        ((BATCH_BYTES_MAX, 1), 1),
        ((BATCH_BYTES_MAX * 2, 1), 1),
        ((BATCH_BYTES_MAX - 1, 1, 1), 2),
    ],
)
def test_a_batch_is_bounded_in_number_and_in_bytes(sizes: tuple[int, ...], taken: int) -> None:
    assert taken == len(batch(bodies(*sizes)))


def test_two_sweeps_are_counted_together() -> None:
    both = Swept(webhooks=1, bodies=2, body_bytes=3) + Swept(webhooks=10, bodies=20, body_bytes=30)
    assert Swept(webhooks=11, bodies=22, body_bytes=33) == both
    assert both == both + NOTHING


RETENTION = Retention(quarantined_since=NOW, bodies_since=NOW, quota=Quota(bytes_max=10, webhooks_max=3))
OLD, NEW = NOW - timedelta(microseconds=1), NOW


@pytest.mark.parametrize(
    ("webhooks", "expected"),
    [
        ((), NOTHING),
        (((NEW, 4), (NEW, 6)), NOTHING),
        (((OLD, 4), (NEW, 6)), Swept(webhooks=1, body_bytes=4)),
        (((NEW, 2),) * 5, Swept(webhooks=2, body_bytes=4)),
        (((NEW, 0), (NEW, 5), (NEW, 6)), Swept(bodies=1, body_bytes=5)),
        (((OLD, 9), (NEW, 1), (NEW, 2), (NEW, 3), (NEW, 9)), Swept(webhooks=2, bodies=2, body_bytes=15)),
    ],
)
def test_what_leaves_a_quarantine_is_worked_out_beforehand(
    webhooks: tuple[tuple[datetime, int], ...], expected: Swept
) -> None:
    assert expected == would_leave_quarantine(RETENTION, webhooks)
