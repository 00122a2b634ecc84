"""What happens to an order's money at Juspay: each fault does what its sentence says (contract O)."""

from __future__ import annotations

from typing import Any

import pytest
from integration.sandbox.happening import (
    MANDATE,
    ORDER,
    cannot,
    content,
    happen,
    paid_by,
    player_for,
    some,
)
from integration.sandbox.playing import Player
from integration.sandbox.receiving import Receiver

ENTRY = ("unique_request_id", "initiated_by", "amount", "status")


async def test_amount_changed_on_the_dashboard_before_anybody_paid(player: Player) -> None:
    await player.page_open()
    body = await happen(player, "amount_changed", amount="90.00")
    assert (90, 90, "NEW") == some(body, "amount", "effective_amount", "status")
    await player.act("pay", method={"upi": "success@upi"})
    assert ("CHARGED", 90) == some(await player.status(), "status", "amount")
    assert "the order is CHARGED" == await cannot(player, "amount_changed", amount="80.00")


async def test_refund_renamed_is_listed_under_another_id_and_its_own_is_unknown(player: Player) -> None:
    await player.paid()
    await player.refund("r1", "40")
    body = await happen(player, "refund_renamed", listed_as="zz9")
    assert [("zz9", "API", 40, "PENDING")] == [some(one, *ENTRY) for one in body["refunds"]]
    player.clock.advance(5)
    assert 200 == (await player.refund("r1", "40")).status_code
    assert ["zz9", "r1"] == [one["unique_request_id"] for one in (await player.status())["refunds"]]


async def test_partial_void_releases_the_rest(player: Player) -> None:
    await player.held(amount="90.00")
    await happen(player, "partial_charge", amount="30.00")
    body = await happen(player, "partial_void")
    assert ("PARTIAL_CHARGED", 30, 30) == some(body, "status", "captured_amount", "refundable_amount")
    told = [some(one, "txn_object_type", "status", "txn_amount") for one in body["txn_sub_details"]]
    assert [("PARTIAL_CAPTURE", "CHARGED", 30), ("PARTIAL_VOID", "VOIDED", 60)] == told
    assert "the order has no attempt of which a part is held" == await cannot(player, "partial_void")


async def word_told(receiver: Receiver, fault: str, name: str) -> dict[str, Any]:
    """Let the shopper be told, or not; return the notification, which names a mandate and no order."""
    player = player_for(receiver)
    await paid_by(player, {"upi": "success@upi"}, **MANDATE)
    await player.arm(fault, order_id=ORDER, params={"amount": "99.00"})
    told = await content(player, receiver, name)
    assert {"notification"} == told.keys()
    assert "MANDATE" == told["notification"]["source_object"]
    assert ("99", "1935817689") == some(told["notification"]["source_info"], "amount", "txn_date")
    assert (await player.status())["mandate"]["mandate_id"] == told["notification"]["mandate"]["mandate_id"]
    assert ORDER not in str(told)
    return told["notification"]


async def test_shopper_told_names_a_mandate_and_no_order(receiver: Receiver) -> None:
    told = await word_told(receiver, "shopper_told", "NOTIFICATION_SUCCEEDED")
    assert ("SUCCESS", None) == some(told, "status", "response_code")


async def test_shopper_not_told_says_why(receiver: Receiver) -> None:
    told = await word_told(receiver, "shopper_not_told", "NOTIFICATION_FAILED")
    assert ("FAILURE", "JP_852") == some(told, "status", "response_code")


async def test_shopper_told_needs_a_mandate(receiver: Receiver) -> None:
    player = player_for(receiver)
    await paid_by(player, {"upi": "success@upi"})
    assert "the order has no mandate" == await cannot(player, "shopper_told")


@pytest.mark.parametrize("status", ["RECEIVED", "RESOLVED_IN_CUSTOMER_FAVOUR", "RESOLVED_IN_MERCHANT_FAVOUR"])
async def test_chargeback_stands_beside_its_order(receiver: Receiver, status: str) -> None:
    player = player_for(receiver)
    await paid_by(player, {"upi": "success@upi"})
    await player.arm("chargeback", order_id=ORDER, params={"status": status, "amount": "55.00"})
    told = await content(player, receiver, f"CHARGEBACK_{status}")
    assert {"chargeback", "order"} == told.keys()
    assert ("cb1", ORDER, f"bakery-{ORDER}-1", 55, status) == some(
        told["chargeback"], "id", "order_id", "txn_id", "amount", "status"
    )
    assert ("CHARGED", ORDER) == some(told["order"], "status", "order_id")


async def test_chargeback_is_of_a_payment(receiver: Receiver) -> None:
    player = player_for(receiver)
    await player.session()
    assert "the order has no charged attempt" == await cannot(player, "chargeback")
