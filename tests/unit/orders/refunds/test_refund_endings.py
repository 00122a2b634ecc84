"""How a refund ends, and what the merchant is told of it."""

import pytest
from unit.builders import charged, listed, open_keys, refund, refund_id, taken, told
from unit.orders.refunds.refunding import the

from paystate.core.ids import refund_id_for
from paystate.core.lifecycle.table import Outcome
from paystate.core.orders.amounts.totals import amounts
from paystate.core.orders.derived import status
from paystate.core.orders.facts import Announcement, AnnouncementKind


def test_a_failed_refund_frees_its_capacity_and_its_key_is_spent() -> None:
    order = charged(refund(10_000), told("CHARGED", 3, refunds=[listed(refund_id(), "100", "FAILURE")]))
    assert 10_000 == amounts(order).refundable
    assert Outcome.ALREADY == taken(order, refund(10_000)).outcome
    assert taken(order, refund(10_000, "k2")).fact


@pytest.mark.parametrize(("minor", "label"), [(4000, "PARTIALLY_REFUNDED"), (10_000, "REFUNDED")])
def test_a_success_is_read_off_the_order(minor: int, label: str) -> None:
    order = charged(refund(minor), told("CHARGED", 3, refunds=[listed(refund_id(), str(minor // 100), "SUCCESS")]))
    assert (label, minor) == (status(order), amounts(order).refunded)


@pytest.mark.parametrize("word", ["PENDING", "MANUAL_REVIEW", "SOMETHING_NEW"])
def test_until_it_is_done_nothing_counts_as_refunded(word: str) -> None:
    order = charged(refund(4000), told("CHARGED", 3, refunds=[listed(refund_id(), "40", word)]))
    assert ("CHARGED", 0, 6000) == (status(order), amounts(order).refunded, amounts(order).refundable)


def test_a_success_stands_and_its_denial_calls_a_person() -> None:
    done, denied = (told("CHARGED", asked, refunds=[listed(refund_id(), "40", word)])
                    for asked, word in ((3, "SUCCESS"), (4, "FAILURE")))  # fmt: skip
    order = charged(refund(4000), done, denied)
    assert ("SUCCESS", [f"denied:refund:{refund_id()}:FAILURE"]) == (the(order).state, open_keys(order))


@pytest.mark.parametrize(
    ("word", "announced"),
    [
        ("SUCCESS", Announcement(AnnouncementKind.REFUND_SUCCEEDED, refund_id())),
        ("FAILURE", Announcement(AnnouncementKind.REFUND_FAILED, refund_id())),
    ],
)
def test_the_merchant_is_told_how_it_ended(word: str, announced: Announcement) -> None:
    told_so = taken(charged(refund(4000)), told("CHARGED", 3, refunds=[listed(refund_id(), "40", word)]))
    assert (announced,) == told_so.effects


def test_ids_of_refunds_differ_by_merchant() -> None:
    assert refund_id_for("a", "k1") != refund_id_for("b", "k1")
