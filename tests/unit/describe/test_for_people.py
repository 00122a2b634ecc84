"""What the console's people read: grouped amounts, the way of an order, and what may be told to its customer."""

import pytest
from attrs import evolve
from unit.builders import (
    NOW,
    after,
    at,
    charged,
    ended,
    journal,
    listed,
    new_order,
    open_keys,
    refund,
    send,
    settle,
    told,
)

from paystate.core.describe.grouped import grouped, grouped_signed, with_amounts_grouped
from paystate.core.describe.path import lifecycle_path
from paystate.core.describe.reply import reply_to_customer
from paystate.core.orders.commands.sale_commands import CancelOrder
from paystate.core.orders.order import Order
from paystate.core.orders.reason import Verdict
from paystate.core.orders.refund import LastCall
from paystate.core.requester import Requester
from paystate.core.text import with_unseen_shown


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (12345650, "INR", "\u20b91,23,456.50"),
        (1234567890, "INR", "\u20b91,23,45,678.90"),
        (99900, "INR", "\u20b9999.00"),
        (100000, "INR", "\u20b91,000.00"),
        (0, "INR", "\u20b90.00"),
        (123456789, "USD", "$1,234,567.89"),
        (1234567, "JPY", "1,234,567 JPY"),
        (123456, "AED", "1,234.56 AED"),
    ],
)
def test_an_amount_is_written_as_its_people_do(minor: int, currency: str, text: str) -> None:
    assert text == grouped(minor, currency)
    assert text == grouped_signed(minor, currency)


def test_what_is_below_nothing_has_a_minus_before_its_symbol() -> None:
    assert "\u2212\u20b91,23,456.50" == grouped_signed(-12345650, "INR")


@pytest.mark.parametrize(
    ("plain", "text"),
    [
        (
            "Money: 123456.50 INR captured, 0.00 INR refunded.",
            "Money: \u20b91,23,456.50 captured, \u20b90.00 refunded.",
        ),
        ("1234567 JPY", "1,234,567 JPY"),
        ("order 123456 XYZ", "order 123456 XYZ"),
        ("a123456 INR and 1.2.3 INR", "a123456 INR and 1.2.3 INR"),
        ("nothing", "nothing"),
    ],
)
def test_amounts_in_a_sentence_are_grouped_and_nothing_else_is_touched(plain: str, text: str) -> None:
    assert text == with_amounts_grouped(plain)


def test_the_way_has_a_stage_for_each_status_and_not_for_each_fact() -> None:
    stages = lifecycle_path(journal(told("PENDING_VBV"), told("CHARGED", asked=2), told("CHARGED", asked=3)))
    assert [("NEW", 1), ("PENDING", 2), ("CHARGED", 3)] == [(one.status, one.version) for one in stages]
    assert [NOW, at(1), at(2)] == [one.at for one in stages]
    assert "The order is paid in full." == stages[-1].meaning
    assert "Juspay's answer to our own question" == stages[-1].source


def test_without_facts_there_is_no_way() -> None:
    assert () == lifecycle_path([])


def reply(order: Order) -> str:
    head, *lines = reply_to_customer(order)
    assert "About your order Order-1:" == head
    return " ".join(lines)


@pytest.mark.parametrize(
    ("word", "part"),
    [
        ("PENDING_VBV", "Please do not pay again."),
        ("AUTHENTICATION_FAILED", "did not go through"),
        ("AUTHORIZED", "has not taken it yet"),
        ("COD_INITIATED", "nothing has been taken from you"),
        ("AUTO_REFUNDED", "it goes back to you by itself"),
    ],
)
def test_a_customer_is_told_where_the_payment_is(word: str, part: str) -> None:
    assert part in reply(after(new_order(), told(word)))


def test_a_customer_who_has_not_paid_is_told_that_nothing_was_seen() -> None:
    assert "We have not seen a payment for it." in reply(new_order())


def test_a_customer_who_has_paid_is_told_the_sum() -> None:
    assert "Your payment of \u20b9100.00 has reached us. Your order can be sent." == reply(charged())


def test_a_customer_whose_payment_has_another_sum_is_not_told_that_nothing_was_seen() -> None:
    order = after(new_order(), told("CHARGED", amount="90.00"))
    assert "We are looking into your payment and will write to you. Please do not pay again." == reply(order)


def test_a_customer_is_told_the_part_that_was_taken() -> None:
    part = after(new_order(), told("PARTIAL_CHARGED", captured="60.00"))
    (key,) = open_keys(part)
    assert "Your payment of \u20b960.00 has reached us. Your order can be sent." == reply(after(part, settle(key)))


def test_a_customer_who_paid_twice_is_told_the_payment_that_stays_and_the_one_that_goes_back() -> None:
    order = after(new_order(), told("CHARGED", 3), told("AUTO_REFUNDED", 2, txn="t2"))
    lines = (
        "Your payment of \u20b9100.00 has reached us.",
        "Another payment of \u20b9100.00 came, and it goes back to you by itself.",
        "Your order can be sent.",
    )
    assert " ".join(lines) == reply(order)


def test_a_customer_who_paid_twice_is_told_no_sum_before_a_person_has_looked() -> None:
    assert "We are looking into your payment" in reply(charged(told("CHARGED", 2, txn="t2")))


def test_a_customer_is_told_that_the_order_is_cancelled() -> None:
    order = after(new_order(), CancelOrder(by=Requester("Asha"), note="the customer called"))
    assert reply(order).startswith("Your order is cancelled. We have not seen a payment for it.")


def test_money_that_comes_for_a_cancelled_order_is_looked_at() -> None:
    cancelled = after(new_order(), CancelOrder(by=Requester("Asha"), note="the customer called"))
    order = after(cancelled, told("CHARGED", 2))
    assert reply(order).startswith("Your order is cancelled. We are looking into your payment")
    (key,) = open_keys(order)
    assert "has reached us" not in reply(after(order, settle(key, Verdict.DECLINED)))


def test_a_refund_whose_end_a_person_must_find_out_is_not_told_as_on_its_way() -> None:
    order = charged(told("CHARGED", asked=2, refunds=[listed("r1", "40.00", "SOMETHING_NEW")]))
    assert "We are looking into your refund of \u20b940.00 and will write to you." in reply(order)


def test_a_customer_whose_money_goes_back_is_not_told_that_goods_come() -> None:
    order = charged(refund(10_000))
    expected = "Your payment of \u20b9100.00 has reached us. Your refund of \u20b9100.00 is on its way."
    assert reply(order).startswith(expected)
    assert "can be sent" not in reply(order)


def test_a_payment_that_a_person_must_look_at_promises_nothing() -> None:
    order = after(new_order(), told("PARTIAL_CHARGED"))
    assert "We are looking into your payment and will write to you. Please do not pay again." == reply(order)


def test_a_refund_that_is_done_is_told_as_done() -> None:
    order = charged(told("CHARGED", asked=2, refunds=[listed("r1", "40.00", "SUCCESS")]))
    assert "Your refund of \u20b940.00 has left us. Your bank may need some days to show it." in reply(order)


def test_a_refund_that_failed_is_told_as_failed() -> None:
    order = charged(told("CHARGED", asked=2, refunds=[listed("r1", "40.00", "FAILURE")]))
    assert "A refund of \u20b940.00 did not go through. We will take care of it." in reply(order)


def test_a_refund_that_was_refused_is_told_as_failed() -> None:
    sent = charged(refund(4000), send())
    order = after(sent, ended(sent, LastCall.REFUSED, "invalid amount"))
    assert "did not go through. We will take care of it." in reply(order)


def test_a_refund_that_is_another_one_is_told_once() -> None:
    order = charged(told("CHARGED", asked=2, refunds=[listed("r1", "40.00", "SUCCESS")]), refund(4000))
    ours = next(one for one in order.refunds.values() if one.is_ours)
    same = evolve(order, refunds={**order.refunds, ours.refund_id: evolve(ours, same_as="r1")})
    assert 1 == reply(same).count("\u20b940.00")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain \u0905\u0936\u093e \U0001f600", "plain \u0905\u0936\u093e \U0001f600"),
        ("a\u202eb", "a\u27e8U+202E\u27e9b"),
        ("a\u200eb\u00ad", "a\u27e8U+200E\u27e9b\u27e8U+00AD\u27e9"),
        (
            "\u0928\u094d\u200d\u092f \U0001f468\u200d\U0001f469 \u200c",
            "\u0928\u094d\u200d\u092f \U0001f468\u200d\U0001f469 \u200c",
        ),
        ("a\nb", "a\u27e8U+000A\u27e9b"),
    ],
)
def test_what_nobody_sees_is_shown_by_its_number(text: str, shown: str) -> None:
    assert shown == with_unseen_shown(text)
