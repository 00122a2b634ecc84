"""What each fact moves of an order's money."""

from decimal import Decimal
from itertools import pairwise

import pytest
from unit.builders import T1, after, at, leg, listed, new_order, open_keys, refund, send, settle, told

from paystate.core.evidence import Answer, DisputeClaim, Evidence, OrderAnswer, TxnAnswer
from paystate.core.finding.movements import Movement, MovementKind, movements
from paystate.core.orders.amounts.totals import amounts
from paystate.core.orders.commands.webhook_claims import NoteWebhook
from paystate.core.orders.order import Order
from paystate.core.orders.reason import Verdict

CAPTURED, REFUNDED, CHARGED_BACK = MovementKind


def moved(kind: MovementKind, name: str, minor: int, method: str = "") -> Movement:
    return Movement(kind=kind, name=name, method=method, amount_minor=minor)


def by_upi(asked: int, txn_id: str = "t1", **changes: object) -> Evidence:
    txn = TxnAnswer(txn_id=txn_id, status="CHARGED", method="UPI")
    body = OrderAnswer(
        merchant_id="acme", order_id="Order-1", amount=Decimal(100), currency="INR", status="CHARGED", txn=txn,
        **changes,  # type: ignore[arg-type]
    )  # fmt: skip
    return Evidence(asked=asked, answer=Answer(body=body))


def test_opening_an_order_moves_nothing() -> None:
    assert () == movements(None, new_order())


def test_a_payment_is_captured_by_its_method() -> None:
    order = new_order()
    assert (moved(CAPTURED, "t1", 10_000, "UPI"),) == movements(order, after(order, by_upi(1)))


def test_an_adopted_order_that_was_paid_in_its_first_fact_moves_all_at_once() -> None:
    assert (moved(CAPTURED, "t1", 10_000, "UPI"),) == movements(None, after(new_order(), by_upi(1)))


def test_a_refund_moves_when_it_is_done_and_by_the_method_of_its_payment() -> None:
    paid = after(new_order(), by_upi(1))
    asked = after(paid, refund(3_000), send(), now=at(10))
    assert () == movements(paid, asked)
    (refund_id,) = asked.refunds
    done = after(asked, by_upi(5, refunds=(listed(refund_id, "30", "SUCCESS"),)))
    assert (moved(REFUNDED, refund_id, 3_000, "UPI"),) == movements(asked, done)


def test_of_two_payments_a_refund_that_names_none_has_no_method() -> None:
    twice = after(new_order(), by_upi(1), by_upi(2, "t2"))
    back = after(twice, by_upi(3, "t2", refunds=(listed("dash", "100", "SUCCESS"),)))
    assert (moved(REFUNDED, "dash", 10_000),) == movements(twice, back)


def test_the_same_again_moves_nothing() -> None:
    paid = after(new_order(), by_upi(1))
    assert () == movements(paid, after(paid, by_upi(2)))


def test_a_payment_that_is_named_later_moves_from_no_name_to_its_own() -> None:
    unnamed = after(new_order(), told("CHARGED", 1, txn=None))
    named = after(unnamed, by_upi(2))
    assert (moved(CAPTURED, "", 10_000),) == movements(new_order(), unnamed)
    assert {("", -10_000), ("t1", 10_000)} == {(one.name, one.amount_minor) for one in movements(unnamed, named)}


def test_a_payment_that_juspay_gives_back_itself_is_captured_and_refunded() -> None:
    gone = after(new_order(), told("AUTO_REFUNDED", 1))
    assert (moved(CAPTURED, "t1", 10_000), moved(REFUNDED, "", 10_000)) == movements(new_order(), gone)


def test_a_lost_dispute_is_charged_back() -> None:
    paid = after(new_order(), by_upi(1))
    claim = DisputeClaim(dispute_id="d1", stage="RESOLVED_IN_CUSTOMER_FAVOUR", amount=Decimal(40))
    disputed = after(paid, NoteWebhook(dispute=claim))
    (key,) = open_keys(disputed)
    lost = after(disputed, settle(key, Verdict.DONE))
    assert () == movements(paid, disputed)
    assert (moved(CHARGED_BACK, "", 4_000, "UPI"),) == movements(disputed, lost)


STORIES: tuple[tuple[Evidence, ...], ...] = (
    (by_upi(1), by_upi(2, "t2"), by_upi(3, "t2", refunds=(listed("d", "100", "PENDING"),)),
     by_upi(4, "t2", refunds=(listed("d", "100", "SUCCESS"),))),
    (told("PARTIAL_CHARGED", 1, paid="100", captured="62"), told("CHARGED", 2)),
    (told("CHARGED", 1, refunds=[listed("AR1", "100", "SUCCESS", automatic=True)]), told("AUTO_REFUNDED", 2)),
    (told("CHARGED", 1, txn=None), told("PARTIAL_CHARGED", 2, captured="40"), told("CHARGED", 3)),
    (told("AUTO_REFUNDED", 1), told("AUTO_REFUNDED", 2, refunds=[listed("AR1", "100", "PENDING", automatic=True)])),
)  # fmt: skip


WHOLE_THEN_LEGS = (
    told("CHARGED", 1, txn=T1),
    told("CHARGED", 2, txn=None, legs=[leg(1, "CHARGED", "70"), leg(2, "CHARGED", "30")]),
)


def test_a_payment_that_is_told_in_legs_later_moves_from_the_whole_to_them() -> None:
    whole = after(new_order(), WHOLE_THEN_LEGS[0])
    legs = after(whole, WHOLE_THEN_LEGS[1])
    assert {(T1, -10_000), (f"{T1}-1", 7_000), (f"{T1}-2", 3_000)} == {
        (one.name, one.amount_minor) for one in movements(whole, legs)
    }


@pytest.mark.parametrize("story", [*STORIES, WHOLE_THEN_LEGS])
def test_the_movements_of_an_order_add_up_to_its_amounts(story: tuple[Evidence, ...]) -> None:
    versions: list[Order | None] = [None, new_order()]
    for answer in story:
        versions.append(after(versions[-1], answer))
    told_of = [one for was, now in pairwise(versions) if now for one in movements(was, now)]
    last = versions[-1]
    assert last is not None
    sums = {kind: sum(one.amount_minor for one in told_of if one.kind is kind) for kind in MovementKind}
    assert (amounts(last).captured, amounts(last).refunded) == (sums[CAPTURED], sums[REFUNDED])
