"""What the core is told of refunds, read from Juspay's bytes."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from integration.juspay.played import refund
from integration.juspay.wire.reading import read

from paystate.core.errors import ValueInvalid
from paystate.core.money import Money


def refunds_of(*entries: dict[str, Any]) -> list[str]:
    return [listed.refund_id for listed in read(refunds=list(entries)).refunds]


def test_a_whole_refund() -> None:
    (listed,) = read(refunds=[refund(error_message="processed")]).refunds
    assert (listed.refund_id, listed.amount, listed.status, listed.automatic, listed.note) == (
        "r1",
        Decimal("20.5"),
        "PENDING",
        False,
        "processed",
    )
    assert listed.created_at == datetime(2031, 2, 3, 4, 5, 6, tzinfo=UTC)


@pytest.mark.parametrize("empty", [None, []])
def test_no_refunds(empty: Any) -> None:
    assert read(refunds=empty).refunds == ()


def test_a_refund_is_known_by_our_id_else_by_theirs() -> None:
    assert refunds_of(refund(id="g9"), refund(unique_request_id=None, id="g9"), refund(unique_request_id="")) == [
        "r1",
        "g9",
        refunds_of(refund(unique_request_id=None))[0],
    ]


def test_a_refund_without_id_keeps_its_derived_name_while_it_is_carried_out() -> None:
    nameless = refund(unique_request_id=None)
    before = refunds_of(nameless, nameless)
    after = refunds_of(nameless | {"status": "SUCCESS", "ref": "g1"}, nameless | {"amount": "20.50"})
    assert before == after
    assert len(set(before)) == 2
    assert refunds_of(nameless | {"amount": 21}) != before[:1]


@pytest.mark.parametrize("amount", [None, "", "much"])
def test_a_refund_without_an_amount_becomes_no_money(amount: Any) -> None:
    (listed,) = read(refunds=[refund(amount=amount)]).refunds
    with pytest.raises(ValueInvalid):
        Money.from_decimal(listed.amount, "INR")
