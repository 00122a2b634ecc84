"""When a message is sent again, what a subscriber hears, and how an announcement is named."""

from datetime import UTC, datetime, timedelta

import pytest

from paystate.core.announcements.delivery import (
    RETRY_AFTER_MAX_S,
    TRIES_MAX,
    NotDelivered,
    lease_until,
    next_try_at,
)
from paystate.core.announcements.subscription import kinds_wanted
from paystate.core.ids import OrderKey, event_id_for
from paystate.core.orders.facts import AnnouncementKind

NOW = datetime(2026, 11, 30, tzinfo=UTC)
HOUR_S = 3600


def wait_s(tries: int, *, retry_after_s: int | None = None, event_id: str = "ann_1") -> float | None:
    at = next_try_at(event_id, tries, NotDelivered("answered 500", retry_after_s), NOW)
    return None if at is None else (at - NOW).total_seconds()


@pytest.mark.parametrize(
    ("tries", "least"),
    [
        (1, 5),
        (2, 300),
        (3, 1800),
        *((tries, hours * HOUR_S) for tries, hours in ((4, 2), (5, 5), (6, 10), (7, 14), (8, 20), (9, 24))),
    ],
)
def test_each_wait_is_the_suggested_one_and_up_to_a_fifth_longer(tries: int, least: int) -> None:
    wait = wait_s(tries)
    assert wait is not None
    assert least <= wait < least * 1.2


def test_after_ten_tries_a_message_is_given_up() -> None:
    assert 10 == TRIES_MAX
    assert [None, None] == [wait_s(10), wait_s(11)]


def test_the_tries_are_spread_over_three_days() -> None:
    waits = [wait_s(tries) or 0 for tries in range(1, 10)]
    assert 75 * HOUR_S < sum(waits) < 92 * HOUR_S


def test_messages_that_failed_together_do_not_come_back_together_and_all_processes_agree() -> None:
    waits = {wait_s(4, event_id=f"ann_{n}") for n in range(100)}
    assert 100 == len(waits)
    assert wait_s(4) == wait_s(4)


def test_a_receiver_may_ask_for_a_longer_wait_up_to_a_day_and_never_for_a_shorter_one() -> None:
    assert 60 == wait_s(1, retry_after_s=60)
    assert RETRY_AFTER_MAX_S == wait_s(1, retry_after_s=10**9)
    assert wait_s(3) == wait_s(3, retry_after_s=1)


def test_a_try_is_leased_for_its_own_time_and_half_a_minute() -> None:
    assert timedelta(seconds=45) == lease_until(NOW, 15) - NOW


@pytest.mark.parametrize(
    ("patterns", "kinds"),
    [
        (["order.paid"], {"order.paid"}),
        (["refund.*"], {"refund.succeeded", "refund.failed", "refund.found"}),
        (["refund.found", "refund.*"], {"refund.succeeded", "refund.failed", "refund.found"}),
        (["*"], set(AnnouncementKind)),
        ([], set()),
    ],
)
def test_patterns_name_kinds(patterns: list[str], kinds: set[str]) -> None:
    assert kinds == kinds_wanted(patterns)


@pytest.mark.parametrize("pattern", ["", "order", "order.", "paid", "order.paid.*", "ord*", "Order.paid", "**"])
def test_a_pattern_that_names_nothing_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="names no kind"):
        kinds_wanted(["order.paid", pattern])


def test_an_announcement_is_named_the_same_however_its_order_is_spelled() -> None:
    named = event_id_for(OrderKey("shop", "Lamp-1"), "order.paid")
    assert named == event_id_for(OrderKey("shop", "lamp-1"), "order.paid")
    assert 4 + 26 == len(named)
    assert "ann_" == named[:4]
    assert "." not in named


def test_no_two_announcements_have_one_name() -> None:
    keys = [OrderKey(shop, order) for shop in ("a", "ab") for order in ("1", "b1")]
    named = [event_id_for(key, told) for key in keys for told in ("order.paid", "review.opened:x")]
    assert 8 == len(set(named))
