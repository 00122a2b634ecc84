"""The map of the lifecycle has every status once and the ways of the rules, and tells which answers moved nothing."""

from itertools import pairwise

import pytest
from unit.builders import after_close, at, journal, listed, refund, refund_id, send, told

from paystate.core.describe.lifecycle_map import GROUPS, WAYS, answers_without_effect
from paystate.core.describe.path import lifecycle_path
from paystate.core.orders.derived import Status

S = Status


def test_every_status_stands_in_one_group() -> None:
    assert sorted(Status) == sorted(status for group in GROUPS for status in group.statuses)


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        (S.NEW, S.CHARGED),
        (S.FAILED, S.CHARGED),  # late, and counted all the same
        (S.NEW, S.EXPIRED),
        (S.FAILED, S.EXPIRED),
        (S.PENDING, S.EXPIRED),  # the answer that it failed may come after the order's time
        (S.EXPIRED, S.PENDING),
        (S.EXPIRED, S.CHARGED),
        (S.AUTHORIZED, S.VOIDED),
        (S.PARTIAL_CHARGED, S.CHARGED),
        (S.CHARGED, S.AUTO_REFUNDED),
        (S.CHARGED, S.PARTIALLY_REFUNDED),
        (S.CHARGED, S.REFUNDED),
        (S.PARTIALLY_REFUNDED, S.REFUNDED),
    ],
)
def test_one_step_leads_there(begin: Status, end: Status) -> None:
    assert end in WAYS[begin]


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        (S.CHARGED, S.PENDING),  # proved money stays proved
        (S.CHARGED, S.FAILED),
        (S.CHARGED, S.PARTIAL_CHARGED),
        (S.CHARGED, S.EXPIRED),
        (S.NEW, S.REFUNDED),
        (S.REFUNDED, S.CHARGED),
    ],
)
def test_no_step_leads_there(begin: Status, end: Status) -> None:
    assert end not in WAYS[begin]


def test_a_newer_answer_that_denies_proved_money_is_told_with_the_rule() -> None:
    (one,) = answers_without_effect(journal(told("CHARGED", 1), told("PENDING_VBV", 3)))
    assert (S.CHARGED, S.PENDING, at(2)) == (one.stood, one.claimed, one.at)
    assert "A12" in one.rules


def test_answers_that_moved_the_order_or_said_the_same_are_not_told() -> None:
    assert not answers_without_effect(journal(told("PENDING_VBV", 1), told("CHARGED", 2), told("CHARGED", 3)))
    assert not answers_without_effect(journal(told("CHARGED", 1), refund(1000)))


def test_an_answer_that_denies_a_refund_is_none_that_denies_a_payment() -> None:
    done, not_done = (listed(refund_id(), "10.00", word) for word in ("SUCCESS", "PENDING"))
    answers = (told("CHARGED", 2, refunds=[done]), told("CHARGED", 3, refunds=[not_done]))
    known = journal(told("CHARGED", 1), refund(1000), send(), *answers)
    assert "R13" in known[-1].rules
    assert not answers_without_effect(known)


def test_what_ends_unpaid_after_its_time_takes_ways_of_the_map() -> None:
    steps = (told("PENDING_VBV", 1), told("AUTHENTICATION_FAILED", 2, dated=after_close()), told("PENDING_VBV", 3))
    path = [stage.status for stage in lifecycle_path(journal(*steps))]
    assert [S.NEW, S.PENDING, S.EXPIRED, S.PENDING] == path
    assert all(after in WAYS[before] for before, after in pairwise(path))
