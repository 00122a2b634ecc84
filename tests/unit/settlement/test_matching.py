"""Rows held against what an order knows."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve
from unit.builders import after, listed, new_order, refund, send, told

from paystate.core.evidence import Answer, Evidence, OrderAnswer, References, TxnAnswer
from paystate.core.money import Money
from paystate.core.orders.order import Order
from paystate.core.settlement.matching import Finding, KnownSum, added_up, extra, held_against, known_sums, meant
from paystate.core.settlement.rows import RowKind, SettlementRow, Total, corrections, digest_of, totals_of

PAYMENT, REFUND = RowKind


def inr(minor: int) -> Money:
    return Money(minor, "INR")


def row(amount: int = 10_000, **more: Any) -> SettlementRow:
    values: dict[str, Any] = {
        "line": 2, "settlement_id": "S1", "kind": PAYMENT, "order_name": "Order-1", "name": "", "reference": "",
        "amount": inr(amount),
    }  # fmt: skip
    return SettlementRow(**(values | more))


def known(amount: int = 10_000, name: str = "t1", kind: RowKind = PAYMENT, *names: str) -> KnownSum:
    return KnownSum(
        merchant_id="acme",
        order_id="Order-1",
        kind=kind,
        name=name,
        amount=inr(amount),
        names=frozenset({name, *names}),
    )


def paid_with_references() -> Order:
    txn = TxnAnswer(
        txn_id="T1", status="CHARGED", txn_uuid="moz1", references=References(rrn="6330", arn="Arn9", gateway="epg7")
    )
    body = OrderAnswer(
        merchant_id="acme", order_id="Order-1", amount=Decimal(100), currency="INR", status="CHARGED", txn=txn
    )
    return after(new_order(), Evidence(asked=1, answer=Answer(body=body, dated=datetime(2026, 3, 1, tzinfo=UTC))))


def test_an_order_knows_its_payments_and_refunds_by_all_their_names() -> None:
    order = after(new_order(), told("CHARGED", 1, refunds=[listed("rf1", "40.00", "SUCCESS")]))
    assert [(PAYMENT, "t1", inr(10_000)), (REFUND, "rf1", inr(4_000))] == [
        (one.kind, one.name, one.amount) for one in known_sums(order)
    ]
    (payment,) = known_sums(paid_with_references())
    assert {"t1", "moz1", "6330", "arn9", "epg7"} == payment.names


def test_what_came_to_nothing_is_no_known_sum() -> None:
    assert () == known_sums(new_order())
    assert [PAYMENT] == [one.kind for one in known_sums(after(new_order(), told("CHARGED"), refund(10_000), send()))]


@pytest.mark.parametrize(
    ("found", "spelt"),
    [
        ("t1", row(name="T1")),
        ("t1", row(order_name="T1")),
        ("t1", row(reference="6330")),
        ("t2", row(20_000)),
        (None, row(30_000)),
        (None, row(name="t9")),
        (None, row(20_000, name="t9")),
        ("rf1", row(77, kind=REFUND)),
        (None, row(77, kind=REFUND, name="rf2")),
    ],
)
def test_a_row_means_a_sum_by_a_name_or_the_only_one_there_is(found: str | None, spelt: SettlementRow) -> None:
    sums = [known(10_000, "t1", PAYMENT, "6330"), known(20_000, "t2"), known(4_000, "rf1", REFUND)]
    one = meant(spelt, sums)
    assert found == (one.name if one else None)


def test_of_two_payments_with_one_reference_the_amount_decides() -> None:
    sums = [known(10_000, "t1", PAYMENT, "epg7"), known(20_000, "t2", PAYMENT, "epg7")]
    one = meant(row(20_000, reference="epg7"), sums)
    assert one is not None
    assert "t2" == one.name
    assert None is meant(row(5, reference="epg7"), sums)


@pytest.mark.parametrize(
    ("rule", "kind", "rows", "theirs"),
    [
        ("B1", PAYMENT, [row()], inr(10_000)),
        ("B1", PAYMENT, [row(4_000), row(6_000, settlement_id="S2")], inr(10_000)),
        ("B2", PAYMENT, [], None),
        ("B3", REFUND, [], None),
        ("B6", PAYMENT, [row(9_999)], inr(9_999)),
        ("B6", PAYMENT, [row(), row(settlement_id="S2")], inr(20_000)),
        ("B7", PAYMENT, [row(amount=10_000), evolve(row(), amount=Money(10_000, "AED"))], Money(10_000, "AED")),
        ("B7", PAYMENT, [row(amount=10_000), evolve(row(), amount=Money(500, "USD"))], Money(500, "USD")),
    ],
)
def test_each_difference_has_its_rule(
    rule: str, kind: RowKind, rows: list[SettlementRow], theirs: Money | None
) -> None:
    found = held_against(known(kind=kind), rows)
    assert (rule, inr(10_000), theirs, rule != "B1") == (found.rule, found.ours, found.theirs, found.is_difference)
    assert [f"{one.settlement_id}, line 2" for one in rows] == [*found.lines]


def test_each_currency_of_the_rows_is_a_fact() -> None:
    """So a case that was closed opens again when any of them grows."""
    dollars, euros = evolve(row(), amount=Money(600, "USD")), evolve(row(), amount=Money(500, "EUR"))
    found = [held_against(known(), rows) for rows in ([dollars], [dollars, row()], [dollars, row(), row()],
                                                      [dollars, euros], [dollars, dollars, euros])]  # fmt: skip
    assert ["B7"] * 5 == [one.rule for one in found]
    assert (Money(500, "EUR"), (Money(1_200, "USD"),)) == (found[4].theirs, found[4].besides)
    assert 5 == len({one.facts for one in found})


def test_a_row_of_no_order_and_one_of_no_payment_are_extra() -> None:
    nowhere, no_payment = extra("acme", [row(order_name="B9", name="x")]), extra("acme", [row()], order_id="Order-1")
    assert ("B4", "B9", "x", None, inr(10_000)) == facts(nowhere)
    assert ("B5", "Order-1", "", None, inr(10_000)) == facts(no_payment)
    assert not extra("acme", [row()], is_gone=True).is_difference


def facts(found: Finding) -> tuple[object, ...]:
    return found.rule, found.order_id, found.name, found.ours, found.theirs


@pytest.mark.parametrize(
    ("rule", "kind", "net", "ours"),
    [("B9", PAYMENT, 9_764, 9_764), ("B8", PAYMENT, 9_800, 9_764), ("B9", REFUND, 10_236, 10_236),
     ("B8", REFUND, 9_764, 10_236)],
)  # fmt: skip
def test_a_row_with_a_net_sum_must_add_up(rule: str, kind: RowKind, net: int, ours: int) -> None:
    found = added_up("acme", [row(kind=kind, fee=inr(200), tax=inr(36), net=inr(net))])
    assert found is not None
    assert (rule, inr(ours), inr(net)) == (found.rule, found.ours, found.theirs)


def test_two_rows_that_are_wrong_by_the_same_sum_do_not_hide_each_other() -> None:
    found = added_up("acme", [row(net=inr(10_001)), row(net=inr(9_999))])
    assert found is not None
    assert "B8" == found.rule


def test_a_row_whose_costs_are_more_than_its_payment_comes_to_nothing_that_could_be_paid() -> None:
    found = added_up("acme", [row(100, fee=inr(101), net=inr(0))])
    assert found is not None
    assert ("B8", None, inr(0)) == (found.rule, found.ours, found.theirs)


def test_extra_rows_of_two_currencies_are_two_cases() -> None:
    rupees, dirhams = row(), evolve(row(), amount=Money(1, "AED"))
    assert extra("acme", [rupees]).case_id != extra("acme", [dirhams]).case_id
    assert extra("acme", [rupees]).case_id == extra("acme", [row(7)]).case_id


def test_a_row_without_a_net_sum_is_not_added_up() -> None:
    assert None is added_up("acme", [row(fee=inr(1))])


def test_rows_have_one_digest_in_whatever_order_and_on_whatever_line() -> None:
    first, second = row(name="a"), row(name="b", line=3)
    assert digest_of([first, second]) == digest_of([evolve(second, line=9), first])
    assert digest_of([first]) != digest_of([first, first])


def test_a_report_comes_to_its_payments_its_refunds_and_what_is_paid_out() -> None:
    rows = [row(10_000, net=inr(9_700)), row(5_000, net=inr(4_900)), row(12_000, kind=REFUND, net=inr(12_100))]
    dirhams = evolve(row(), amount=Money(700, "AED"))
    assert (
        Total(currency="AED", payments=1, paid_minor=700, refunds=0, refunded_minor=0, net_minor=None),
        Total(currency="INR", payments=2, paid_minor=15_000, refunds=1, refunded_minor=12_000, net_minor=2_500),
    ) == totals_of([*rows, dirhams])
    (one,) = totals_of([row(100, net=inr(0)), row(5, kind=REFUND, net=inr(5))])
    assert -5 == one.net_minor


def test_a_corrected_settlement_says_what_is_gone_and_what_has_come() -> None:
    kept, wrong, right, other = row(name="a"), row(1, name="b"), row(2, name="b"), row(settlement_id="S2")
    (one,) = corrections([kept, wrong], [kept, right, other])
    assert ("S1", (wrong,), (right,)) == (one.settlement_id, one.gone, one.come)
    assert () == corrections([kept, wrong], [wrong, kept, other])
