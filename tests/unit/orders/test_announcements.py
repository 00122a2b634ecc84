"""What the merchant is told: each thing once, and the goods are released only on proof."""

import pytest
from unit.builders import (
    after,
    after_close,
    charged,
    decision,
    fact_of,
    listed,
    new_order,
    not_found,
    opened,
    refund,
    refund_id,
    settle,
    sign,
    taken,
    told,
)

from paystate.core.evidence import DisputeClaim, Evidence
from paystate.core.orders.commands.decide import Command
from paystate.core.orders.commands.open_commands import OpenOrder
from paystate.core.orders.commands.webhook_claims import NoteWebhook
from paystate.core.orders.facts import Announcement, AnnouncementKind
from paystate.core.orders.order import Order

PAID = Announcement(AnnouncementKind.ORDER_PAID)


def disputed(dispute_id: str, stage: str) -> NoteWebhook:
    return NoteWebhook(dispute=DisputeClaim(dispute_id=dispute_id, stage=stage))


def heard(*inputs: Command | Evidence) -> list[str]:
    """Once-keys of everything that was announced, in order."""
    order: Order | None = None
    keys: list[str] = []
    for what in (OpenOrder(opened()), *inputs):
        result = taken(order, what)
        order = result.after
        keys += [effect.once_key for effect in result.effects]
    return keys


def test_a_charged_order_is_announced_paid() -> None:
    assert (PAID,) == taken(new_order(), told("CHARGED")).effects


def test_it_is_announced_in_the_same_row_as_its_proof() -> None:
    assert (PAID,) == fact_of(taken(new_order(), told("CHARGED"))).announced


@pytest.mark.parametrize(
    "more",
    [
        [told("CHARGED", 2)],
        [told("AUTHORIZATION_FAILED", 2), told("CHARGED", 3)],
        [told("CHARGED", 2, txn="t2")],
        [told("CHARGED", 2, refunds=[listed("x", "100", "SUCCESS")])],
        [told("CHARGED", 2, amount="1"), settle("mismatch:amount:1")],
    ],
    ids=["again", "denied and again", "second charge", "refunded", "mismatch and settled"],
)
def test_paid_is_announced_once_whatever_follows(more: list[Command | Evidence]) -> None:
    assert 1 == heard(told("CHARGED"), *more).count("order.paid")


@pytest.mark.parametrize(
    "word", ["NEW", "PENDING_VBV", "AUTHORIZED", "AUTHORIZATION_FAILED", "COD_INITIATED", "AUTO_REFUNDED", "charged"]
)
def test_nothing_else_is_paid(word: str) -> None:
    assert "order.paid" not in heard(told(word))


def test_a_mismatch_withholds_it_until_a_person_has_looked() -> None:
    wrong = told("CHARGED", amount="1")
    assert "order.paid" not in heard(wrong, told("CHARGED", 2))
    assert "order.paid" in heard(wrong, told("CHARGED", 2), settle("mismatch:amount:1"))


def test_a_partial_capture_withholds_it_until_a_person_has_looked() -> None:
    partly = told("PARTIAL_CHARGED", captured="60")
    assert "order.paid" not in heard(partly)
    assert "order.paid" in heard(partly, settle("partial_capture:t1:6000"))


def test_an_auto_refund_is_announced() -> None:
    assert ["order.auto_refunded"] == heard(told("AUTO_REFUNDED"))


def test_an_auto_refund_after_the_goods_were_released_is_announced_as_a_withdrawal_too() -> None:
    keys = heard(told("CHARGED"), told("AUTO_REFUNDED", 2))
    assert ["order.paid", "order.withdrawn", "order.auto_refunded", "review.opened:withdrawn:t1"] == keys


def test_a_second_payment_that_juspay_gives_back_is_told_again() -> None:
    first, paid = told("AUTO_REFUNDED", txn="t2"), told("CHARGED", 2, txn="t1")
    last = told("AUTO_REFUNDED", 3, txn="t1")
    keys = [key for key in heard(first, paid, last, last) if "auto_refunded" in key]
    assert ["order.auto_refunded", "order.auto_refunded:2"] == keys


def test_the_end_of_an_unpaid_order_is_announced() -> None:
    assert ["order.expired"] == heard(told("NEW", dated=after_close()))


def test_a_late_success_is_announced_paid_after_all() -> None:
    keys = heard(told("NEW", dated=after_close()), told("CHARGED", 2))
    assert ["order.expired", "order.paid", "review.opened:late_success:t1"] == keys


def test_a_reason_is_announced_once() -> None:
    assert ["review.opened:denied:order:NOT_FOUND"] == heard(told("NEW"), not_found(2), not_found(3), told("NEW", 4))


def test_a_reason_that_is_settled_before_anything_else_is_not_announced_again() -> None:
    assert 1 == heard(told("NEW"), not_found(2), settle("denied:order:NOT_FOUND"), not_found(5)).count(
        "review.opened:denied:order:NOT_FOUND"
    )


def test_how_a_refund_ended_is_announced_even_if_it_is_taken_back() -> None:
    failed, done = (told("CHARGED", asked, refunds=[listed("x", "1", word)])
                    for asked, word in ((2, "FAILURE"), (3, "SUCCESS")))  # fmt: skip
    keys = heard(told("CHARGED"), failed, done)
    assert ["order.paid", "refund.failed:x", "refund.found:x", "refund.succeeded:x"] == keys


def test_a_refund_that_we_did_not_make_is_announced_once() -> None:
    found = [told("CHARGED", asked, refunds=[listed("x", "1", "PENDING")]) for asked in (2, 3)]
    assert ["order.paid", "refund.found:x"] == heard(told("CHARGED"), *found)


def test_our_own_refund_is_not_announced_as_found() -> None:
    ours = told("CHARGED", 3, refunds=[listed(refund_id(), "40", "PENDING")])
    assert ["order.paid"] == heard(told("CHARGED"), refund(4000), ours)


def test_opening_and_signing_announce_nothing() -> None:
    assert [] == heard(sign())


def test_a_refusal_announces_nothing() -> None:
    assert not hasattr(decision(charged(), sign()), "effects")


def test_what_was_announced_is_part_of_the_record() -> None:
    order = after(charged(), not_found(2))
    assert {"order.paid", "review.opened:denied:order:NOT_FOUND"} == {told.once_key for told in order.announced}


def test_each_try_that_has_failed_is_announced_once_while_none_is_open() -> None:
    failed = told("AUTHORIZATION_FAILED", txn="t1")
    assert ["order.failed:t1"] == heard(failed, told("AUTHORIZATION_FAILED", 2, txn="t1"))
    again = heard(failed, told("PENDING_VBV", 2, txn="t2"), told("AUTHENTICATION_FAILED", 3, txn="t2"))
    assert ["order.failed:t1", "order.failed:t2"] == again


def test_a_failure_of_which_juspay_names_no_payment_is_announced_too() -> None:
    assert ["order.failed"] == heard(told("AUTHORIZATION_FAILED", txn=""))


def test_a_failure_that_gets_its_name_later_is_announced_once_and_the_next_try_that_fails_is_announced() -> None:
    unnamed, named = told("AUTHORIZATION_FAILED", txn=""), told("AUTHORIZATION_FAILED", 2, txn="t1")
    assert ["order.failed"] == heard(unnamed, named)
    again = told("AUTHENTICATION_FAILED", 3, txn="t2")
    assert ["order.failed", "order.failed:t2"] == heard(unnamed, named, again)


def test_a_shopper_who_pays_at_the_second_try_is_announced_paid_after_the_failure() -> None:
    failed = told("AUTHORIZATION_FAILED", txn="t1")
    assert ["order.failed:t1", "order.paid"] == heard(failed, told("CHARGED", 2, txn="t2"))


@pytest.mark.parametrize(
    ("word", "kind"),
    [("AUTHORIZED", "order.authorized"), ("VOIDED", "order.voided"), ("COD_INITIATED", "order.cash_on_delivery")],
)
def test_what_a_status_asks_of_the_merchant_is_announced_once(word: str, kind: str) -> None:
    assert [kind] == heard(told(word), told(word, 2))


def test_a_settled_reason_is_announced_with_what_it_lets_go() -> None:
    keys = heard(told("CHARGED", amount="1"), told("CHARGED", 2), settle("mismatch:amount:1"))
    assert ["review.opened:mismatch:amount:1", "order.paid", "review.settled:mismatch:amount:1"] == keys


def test_a_dispute_is_announced_when_it_opens_and_with_each_end() -> None:
    keys = heard(told("CHARGED"), disputed("d1", "RECEIVED"), disputed("d1", "RESOLVED_IN_CUSTOMER_FAVOUR"))
    assert ["dispute.opened:d1", "dispute.closed:d1:RESOLVED_IN_CUSTOMER_FAVOUR"] == [
        key for key in keys if key.startswith("dispute.")
    ]
