"""One answer, read: whole, field by field, and no longer than a person can read."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve
from unit.builders import NOW, charged, listed, new_order, refund, refund_id, send, told

from paystate.core.evidence import OrderAnswer, RefundAnswer, TxnAnswer
from paystate.core.lifecycle.observations import GatewayReport, Particulars
from paystate.core.lifecycle.statuses import Paid, Refunded
from paystate.core.orders.attempt import UNNAMED
from paystate.core.orders.facts import Mismatch
from paystate.core.orders.reading import AttemptInput, Reading, RefundInput, read

LONG = "x" * 300
TXN = TxnAnswer(txn_id="t1", status="CHARGED", method="UPI", note="thanks")
ANSWER = OrderAnswer(
    merchant_id="acme", order_id="Order-1", amount=Decimal("100.00"), currency="INR", status="CHARGED", txn=TXN
)
RF = refund_id()


def attempt(txn_id: str, kind: Paid, reported: GatewayReport, price: int | None = None) -> AttemptInput:
    """One that an answer shows; `price` is the answer's own, told where money was taken."""
    told = reported if price is None else evolve(reported, particulars=Particulars(price_minor=price))
    return AttemptInput(txn_id=txn_id, kind=kind, reported=told)


def wrong(field: str, ours: str, theirs: str) -> Mismatch:
    return Mismatch(field, ours, theirs, juspay_status="CHARGED")


def test_an_answer_that_fits_is_read_whole() -> None:
    listing = RefundAnswer(refund_id="r1", amount=Decimal("5.5"), status="SUCCESS", note="arn 7", automatic=True,
                           created_at=NOW - timedelta(days=1))  # fmt: skip
    assert Reading(
        order=(Paid.CHARGED, GatewayReport("CHARGED", dated="2026-03-01T09:00:00Z")),
        attempts=(attempt("t1", Paid.CHARGED, GatewayReport("CHARGED", method="UPI", note="thanks"), 10_000),),
        refund_ids=frozenset({"r1"}),
        refunds=(
            RefundInput(refund_id="r1", kind=Refunded.SUCCESS, amount_minor=550, automatic=True,
                        since=NOW - timedelta(days=1), reported=GatewayReport("SUCCESS", 550, note="arn 7")),
        ),
    ) == read(new_order(), evolve(ANSWER, refunds=(listing,)), NOW)  # fmt: skip


def test_an_answer_without_a_date_has_none() -> None:
    assert (Paid.CHARGED, GatewayReport("CHARGED")) == read(new_order(), ANSWER, None).order


def test_a_refund_without_a_time_of_its_own_is_as_old_as_the_order() -> None:
    (shown,) = read(new_order(), evolve(ANSWER, refunds=(listed("r1", "5", "PENDING"),)), NOW).refunds
    assert (NOW, False, Refunded.PENDING) == (shown.since, shown.automatic, shown.kind)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"merchant_id": "other"}, [wrong("merchant", "acme", "other")]),
        ({"merchant_id": None}, [wrong("merchant", "acme", "nothing")]),
        ({"order_id": "Order-2"}, [wrong("order id", "Order-1", "Order-2")]),
        ({"order_id": None}, [wrong("order id", "Order-1", "nothing")]),
        ({"currency": "USD"}, [wrong("currency", "INR", "USD")]),
        ({"currency": None, "amount": None}, [wrong("currency", "INR", "nothing")]),
        ({"amount": Decimal(1)}, [wrong("amount", "100.00", "1")]),
        ({"amount": None}, [wrong("amount", "100.00", "nothing")]),
        ({"amount": Decimal("0.001")}, [wrong("amount", "100.00", "0.001")]),
        ({"merchant_id": LONG}, [wrong("merchant", "acme", "x" * 120)]),
        ({"merchant_id": "other", "amount": Decimal(1)},
         [wrong("merchant", "acme", "other"), wrong("amount", "100.00", "1")]),
    ],
)  # fmt: skip
def test_an_answer_that_does_not_fit_is_nothing_but_what_does_not_fit(
    changes: dict[str, Any], expected: list[Mismatch]
) -> None:
    assert Reading(mismatches=tuple(expected)) == read(new_order(), evolve(ANSWER, **changes), NOW)


def test_an_order_id_is_compared_without_case() -> None:
    assert () == read(new_order(), evolve(ANSWER, order_id="ORDER-1"), NOW).mismatches


@pytest.mark.parametrize(
    ("word", "txn", "expected"),
    [
        ("CHARGED", None, [attempt(UNNAMED, Paid.CHARGED, GatewayReport("CHARGED"), 10_000)]),
        ("CHARGED", evolve(TXN, txn_id=UNNAMED),
         [attempt(UNNAMED, Paid.CHARGED, GatewayReport("CHARGED", 0, "UPI", "thanks"), 10_000)]),
        ("CHARGED", evolve(TXN, status=""),
         [attempt("t1", Paid.CHARGED, GatewayReport("CHARGED", 0, "UPI", "thanks"), 10_000)]),
        ("NEW", None, []),
        ("PENDING_VBV", evolve(TXN, status="CHARGED"),
         [attempt("t1", Paid.PENDING, GatewayReport("CHARGED", 0, "UPI", "thanks"))]),
        ("CHARGED", evolve(TXN, status="AUTHORIZATION_FAILED"),
         [attempt("t1", Paid.FAILED, GatewayReport("AUTHORIZATION_FAILED", 0, "UPI", "thanks")),
          attempt(UNNAMED, Paid.CHARGED, GatewayReport("CHARGED", 0, "UPI", "thanks"), 10_000)]),
        ("PARTIAL_CHARGED", TXN,
         [attempt("t1", Paid.PARTIAL, GatewayReport("CHARGED", 6000, "UPI", "thanks"), 10_000)]),
        ("PARTIAL_CHARGED", None, [attempt(UNNAMED, Paid.PARTIAL, GatewayReport("PARTIAL_CHARGED", 6000), 10_000)]),
    ],
)  # fmt: skip
def test_an_attempt_counts_for_no_more_than_the_order_s_own_status(
    word: str, txn: TxnAnswer | None, expected: list[AttemptInput]
) -> None:
    answer = evolve(ANSWER, status=word, txn=txn, captured=Decimal(60))
    assert tuple(expected) == read(new_order(), answer, NOW).attempts


@pytest.mark.parametrize(
    ("captured", "minor"), [("60.00", 6000), ("100.01", 10_000), ("0.001", 0), ("-1", 0), (None, 0)]
)
def test_a_partial_capture_is_what_was_captured_and_at_most_the_whole(captured: str | None, minor: int) -> None:
    amount = None if captured is None else Decimal(captured)
    (seen,) = read(new_order(), evolve(ANSWER, status="PARTIAL_CHARGED", captured=amount), NOW).attempts
    assert minor == seen.reported.amount_minor


def test_words_are_cut_to_what_a_person_can_read() -> None:
    short = "x" * 120
    txn = TxnAnswer(txn_id="t1", status=LONG, method=LONG, note=LONG)
    listing = evolve(listed("r1", "5", LONG), note=LONG)
    seen = read(new_order(), evolve(ANSWER, status=LONG, txn=txn, refunds=(listing,)), None)
    assert (Paid.UNKNOWN, GatewayReport(short)) == seen.order
    assert (attempt("t1", Paid.UNKNOWN, GatewayReport(short, 0, short, short)),) == seen.attempts
    assert GatewayReport(short, 500, note=short) == seen.refunds[0].reported


@pytest.mark.parametrize(
    ("entry", "wrong"),
    [
        (listed(RF, "39", "SUCCESS"), Mismatch("amount", "40.00", "39", RF)),
        (listed(RF, "0.001", "SUCCESS"), Mismatch("amount", "40.00", "0.001", RF)),
        (listed("dash1", "0.001", "SUCCESS"), Mismatch("amount", "an amount of money", "0.001", "dash1")),
    ],
)  # fmt: skip
def test_a_refund_of_another_amount_is_no_evidence_of_a_refund(entry: RefundAnswer, wrong: Mismatch) -> None:
    order = charged(refund(4000), send())
    seen = read(order, evolve(ANSWER, refunds=(entry, listed("good", "1", "SUCCESS"))), NOW)
    assert ((wrong,), ["good"]) == (seen.mismatches, [one.refund_id for one in seen.refunds])


def test_a_refund_made_elsewhere_may_be_listed_with_another_amount_than_before() -> None:
    order = charged(told("CHARGED", 2, refunds=[listed("dash1", "5", "PENDING")]))
    seen = read(order, evolve(ANSWER, refunds=(listed("dash1", "7", "SUCCESS"),)), NOW)
    assert ((), 700) == (seen.mismatches, seen.refunds[0].amount_minor)
