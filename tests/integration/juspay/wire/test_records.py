"""A record of an order: all that Juspay's body holds, and what is odd in it spoils nothing else."""

from decimal import Decimal
from typing import Any

import pytest
from attrs import fields_dict
from integration.juspay.played import order, refund, text
from integration.juspay.wire.reading import record

from paystate.adapters.juspay import answers
from paystate.adapters.juspay.records import objects
from paystate.core.errors import Unreadable


def test_a_record_holds_what_the_core_is_told() -> None:
    whole = order(refunds=[refund()], card={"card_brand": "VISA"}, udf1="a", udf2="")
    found = objects.read_order_record(text(whole))
    assert found.answer == answers.read_order(text(whole))
    assert (found.order_id, found.status, found.amount) == ("tea-041", "CHARGED", Decimal("120.5"))
    assert (found.udf, found.refunds[0].unique_request_id) == ({"udf1": "a"}, "r1")
    assert found.card is not None
    assert found.card.card_brand == "VISA"


def test_what_is_new_is_kept_at_its_place() -> None:
    found = record(later=1, upi={"txn_flow_type": "QR", "later": [2]}, refunds=[refund(later=3)])
    assert found.upi is not None
    assert (found.extra, found.upi.extra, found.refunds[0].extra) == ({"later": 1}, {"later": [2]}, {"later": 3})


@pytest.mark.parametrize("member", sorted(fields_dict(objects.OrderRecord).keys() - {"answer", "extra", "udf"}))
@pytest.mark.parametrize("odd", [None, [], {}, [7], {"a": {"b": []}}, "", "text", 7, 1.5, True], ids=str)
def test_an_odd_value_in_a_record_spoils_nothing_else(member: str, odd: Any) -> None:
    try:
        strictly = answers.read_order(text(order(**{member: odd})))
    except Unreadable:
        return
    assert record(**{member: odd}).answer == strictly


@pytest.mark.parametrize("listed", [[{"name": "BASE", "sno": 1}], '[{"name": "BASE", "sno": 1}]'], ids=["list", "text"])
def test_a_list_may_be_written_as_text(listed: Any) -> None:
    found = record(txn_detail={"txn_id": "t1", "txn_amount_breakup": listed})
    assert found.txn_detail is not None
    assert found.txn_detail.txn_amount_breakup == ({"name": "BASE", "sno": 1},)


def test_a_long_address_is_kept_whole_or_not_at_all() -> None:
    address = "https://shop.example.test/" + "x" * 1000
    assert record(return_url=address).return_url == address
    assert record(return_url=address * 5).return_url == ""
