"""What each kind of event holds, and what is hidden in it (contract O.6)."""

from __future__ import annotations

import pytest
from integration.sandbox.happening import MANDATE, ORDER, content, happen, paid_by, player_for, some
from integration.sandbox.receiving import Receiver, deliver


async def test_a_charge_is_told_as_a_transaction_that_names_no_merchant(receiver: Receiver) -> None:
    player = player_for(receiver)
    await paid_by(player, {"upi": "success@upi"})
    told = await content(player, receiver, "TXN_CHARGED")
    assert {"txn"} == told.keys()
    assert (ORDER, f"bakery-{ORDER}-1", "CHARGED", 21, 100, 100, "INR") == some(
        told["txn"], "order_id", "txn_id", "status", "status_id", "txn_amount", "net_amount", "currency"
    )
    assert not {"merchant_id", "amount", "order_status", "refunds"} & told["txn"].keys()


async def test_a_failure_is_told_as_a_transaction_too(receiver: Receiver) -> None:
    player = player_for(receiver)
    await paid_by(player, {"upi": "failure@upi"})
    told = await content(player, receiver, "TXN_FAILED")
    assert {"txn"} == told.keys()
    assert ("AUTHORIZATION_FAILED", 27, "BANK_REFUSED") == some(told["txn"], "status", "status_id", "error_code")


async def test_a_second_charge_names_its_own_transaction(receiver: Receiver) -> None:
    player = player_for(receiver)
    await paid_by(player, {"upi": "success@upi"})
    await player.arm("second_charge", order_id=ORDER)
    assert f"bakery-{ORDER}-2" == (await content(player, receiver, "TXN_CHARGED"))["txn"]["txn_id"]


async def test_a_transaction_that_begins_is_told_as_its_order(receiver: Receiver) -> None:
    player = player_for(receiver)
    await paid_by(player, {"upi": "success@upi"})
    assert {"order"} == (await content(player, receiver, "TXN_CREATED")).keys()


async def test_a_mandate_is_told_by_its_status_and_names_no_merchant(receiver: Receiver) -> None:
    player = player_for(receiver)
    await paid_by(player, {"upi": "success@upi"}, **MANDATE)
    told = await content(player, receiver, "MANDATE_ACTIVATED")
    assert {"mandate"} == told.keys()
    assert ("ACTIVE", ORDER, "250.00", "true") == some(
        told["mandate"], "status", "order_id", "max_amount", "revokable_by_customer"
    )
    mandate_id = (await player.status())["mandate"]["mandate_id"]
    assert mandate_id == told["mandate"]["mandate_id"]
    assert not {"merchant_id", "mandate_status"} & told["mandate"].keys()


async def test_a_list_of_mandates_writes_status_too(receiver: Receiver) -> None:
    player = player_for(receiver)
    await paid_by(player, {"upi": "success@upi"}, **MANDATE)
    (listed,) = (await player.get("/customers/c-77/mandates")).json()["list"]
    assert ("ACTIVE", None) == some(listed, "status", "mandate_status")
    assert {"payment_method_type": "UPI", "payment_method": "UPI", "upi": {"payer_vpa": "success@upi"}} == (
        listed["payment_info"]
    )


async def test_a_fault_that_changes_what_an_event_names_reaches_a_transaction_too(receiver: Receiver) -> None:
    player = player_for(receiver)
    await player.arm("webhook_unknown_order", route="TXN_CHARGED", params={"order_id": "never-opened"})
    await player.arm("webhook_other_merchant", route="TXN_CHARGED")
    await paid_by(player, {"upi": "success@upi"})
    told = (await content(player, receiver, "TXN_CHARGED"))["txn"]
    assert ("never-opened", f"bakery-{ORDER}-1", None) == some(told, "order_id", "txn_id", "merchant_id")


# --- what is hidden


async def test_an_order_in_an_event_hides_more_than_mail_and_phone(receiver: Receiver) -> None:
    player = player_for(receiver)
    await paid_by(player, {"card": "4242424242424242"}, udf4="four", udf5="five")
    order = (await content(player, receiver, "ORDER_SUCCEEDED"))["order"]
    names = ("customer_email", "customer_phone", "customer_id", "card", "udf5", "udf10", "effective_amount")
    assert ("FILTERED",) * 7 == some(order, *names)
    assert "FILTERED" == order["txn_detail"]["txn_flow_type"]
    assert (ORDER, "bakery", "CHARGED", 100, "four") == some(
        order, "order_id", "merchant_id", "status", "amount", "udf4"
    )


async def test_who_paid_by_upi_is_hidden_too(receiver: Receiver) -> None:
    player = player_for(receiver)
    await paid_by(player, {"upi": "success@upi"}, **MANDATE)
    order = (await content(player, receiver, "ORDER_SUCCEEDED"))["order"]
    assert ("FILTERED", "FILTERED") == some(order, "upi", "payer_vpa")
    assert "FILTERED" == order["mandate"]["mandate_token"]
    assert "success@upi" not in str(receiver.bodies)


@pytest.mark.parametrize(
    ("name", "told", "hidden"),
    [
        ("TXN_CHARGED", "txn", ("txn_flow_type", "card")),
        ("MANDATE_ACTIVATED", "mandate", ("customer_id", "payment_info")),
    ],
)
async def test_transactions_and_mandates_hide_theirs(
    receiver: Receiver, name: str, told: str, hidden: tuple[str, str]
) -> None:
    player = player_for(receiver)
    await paid_by(player, {"card": "4242424242424242"}, **MANDATE)
    assert ("FILTERED", "FILTERED") == some((await content(player, receiver, name))[told], *hidden)


async def test_an_answer_hides_nothing(receiver: Receiver) -> None:
    player = player_for(receiver)
    await paid_by(player, {"upi": "success@upi"})
    assert "FILTERED" not in str(await player.status())


async def test_the_preset_can_be_turned_off(receiver: Receiver) -> None:
    player = player_for(receiver, personal_data_filtered=False)
    await paid_by(player, {"upi": "success@upi"}, **MANDATE)
    await deliver(player)
    assert "FILTERED" not in str(receiver.bodies)


@pytest.mark.parametrize(("by", "named"), [("API", "API"), ("dashboard", "shp_desk")])
async def test_a_refund_that_is_begun_is_told_to_those_who_want_it(receiver: Receiver, by: str, named: str) -> None:
    # As in the samples of REFUND_INITIATED: an order that reads CHARGED, with an entry that is PENDING.
    player = player_for(receiver)
    await player.paid()
    if by == "API":
        await player.refund("r1", "35.50")
    else:
        await happen(player, "external_refund", amount="35.50", unique_request_id="r1", status="PENDING")
    order = (await content(player, receiver, "REFUND_INITIATED"))["order"]
    (entry,) = order["refunds"]
    assert ("CHARGED", 35.5, False) == some(order, "status", "amount_refunded", "refunded")
    assert ("r1", "PENDING", 35.5, named) == some(entry, "unique_request_id", "status", "amount", "initiated_by")
