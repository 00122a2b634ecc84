"""Orders that are paid in parts: legs, their refunds, and the order around them (contract O.3)."""

from __future__ import annotations

from typing import Any

import pytest
from integration.sandbox.happening import ORDER, cannot, happen, refusal, some
from integration.sandbox.playing import Player
from integration.sandbox.receiving import Receiver, deliver, receiving

LEGS = f"/_control/orders/{ORDER}/legs"
CARD = {"card": "4242424242424242"}


async def paid_in_legs(player: Player, *legs: dict[str, Any]) -> dict[str, Any]:
    """An order of 100.00 in such legs; return what order status answers."""
    await player.session()
    await player.control(LEGS, {"legs": list(legs)})
    return await player.status()


async def paid_in_two(player: Player) -> dict[str, Any]:
    return await paid_in_legs(player, {"amount": "70.00", "method": CARD}, {"amount": "30.00"})


async def test_an_order_in_legs_names_no_transaction_of_its_own(player: Player) -> None:
    body = await paid_in_two(player)
    assert ("CHARGED", 21, 100, 100) == some(body, "status", "status_id", "amount", "effective_amount")
    assert (0, False, []) == some(body, "amount_refunded", "refunded", "refunds")
    of_legs = {"txn_id", "txn_uuid", "txn_detail", "payment_method", "card", "payment_gateway_response", "offers"}
    assert not of_legs & body.keys()
    assert all(one.keys() > of_legs - {"card"} for one in body["txn_list"])


async def test_each_leg_has_its_own_name_sum_and_way(player: Player) -> None:
    body = await paid_in_two(player)
    names = ("txn_id", "status", "effective_amount", "amount_refunded", "refunded", "payment_method")
    assert [
        (f"bakery-{ORDER}-1-1", "CHARGED", 70, 0, False, "VISA"),
        (f"bakery-{ORDER}-1-2", "CHARGED", 30, 0, False, "UPI"),
    ] == [some(one, *names) for one in body["txn_list"]]
    assert [(70, 100), (30, 100)] == [some(one["txn_detail"], "txn_amount", "net_amount") for one in body["txn_list"]]


@pytest.mark.parametrize(
    ("statuses", "word", "number"),
    [
        (("CHARGED", "TO_BE_CHARGED"), "PARTIAL_CHARGED", 37),
        (("AUTHORIZATION_FAILED", "AUTO_REFUNDED"), "AUTO_REFUNDED", 36),
        (("AUTHORIZATION_FAILED", "STARTED"), "AUTHORIZATION_FAILED", 27),
        (("PENDING_VBV", "STARTED"), "PENDING_VBV", 23),
    ],
)
async def test_the_order_follows_its_legs(player: Player, statuses: tuple[str, str], word: str, number: int) -> None:
    legs = [{"amount": "50.00", "status": one} for one in statuses]
    body = await paid_in_legs(player, *legs)
    assert (word, number, 100) == some(body, "status", "status_id", "effective_amount")
    assert list(statuses) == [one["status"] for one in body["txn_list"]]


async def test_a_leg_that_goes_back_lists_that_itself(player: Player) -> None:
    failed = {"amount": "2.00", "status": "AUTHORIZATION_FAILED"}
    body = await paid_in_legs(player, failed, {"amount": "98.00", "status": "AUTO_REFUNDED", "refund": "MANUAL_REVIEW"})
    assert ("AUTO_REFUNDED", 0, []) == some(body, "status", "amount_refunded", "refunds")
    (entry,) = body["txn_list"][1]["refunds"]
    assert ("ARauto1L2", "AUTO_REFUNDED", 98, "MANUAL_REVIEW") == some(
        entry, "unique_request_id", "initiated_by", "amount", "status"
    )
    assert "refunds" not in body["txn_list"][0]


async def test_what_waits_is_charged_by_its_name(player: Player) -> None:
    await paid_in_legs(player, {"amount": "60.00"}, {"amount": "40.00", "status": "TO_BE_CHARGED"})
    settle = {"outcome": "SUCCESS", "txn_id": f"bakery-{ORDER}-1-2"}
    assert "CHARGED" == (await player.control(f"/_control/orders/{ORDER}/settle", settle))["status"]


async def test_a_leg_that_fails_sends_the_others_back(player: Player) -> None:
    await paid_in_legs(player, {"amount": "60.00"}, {"amount": "40.00", "status": "TO_BE_CHARGED"})
    await player.control(f"/_control/orders/{ORDER}/settle", {"outcome": "FAILURE", "txn_id": f"bakery-{ORDER}-1-2"})
    body = await player.status()
    assert ("AUTO_REFUNDED", ["AUTO_REFUNDED", "AUTHORIZATION_FAILED"]) == (
        body["status"],
        [one["status"] for one in body["txn_list"]],
    )


# --- refunds


async def test_a_refund_of_the_order_answers_with_a_refund_in_parts(player: Player) -> None:
    await paid_in_two(player)
    answer = await player.refund("r1", "95")
    body = answer.json()
    assert (200, ORDER, "r1", 95, "PENDING") == (
        answer.status_code,
        *some(body, "order_id", "unique_request_id", "amount", "status"),
    )
    names = ("unique_request_id", "txn_id", "amount")
    assert [("r1", f"bakery-{ORDER}-1-1", 70), ("r1-1", f"bakery-{ORDER}-1-2", 25)] == [
        some(one, *names) for one in body["split_refund_details"]
    ]
    assert not {"merchant_id", "currency", "txn_list", "amount_refunded"} & body.keys()


async def test_the_legs_then_list_the_parts_and_the_order_none(player: Player) -> None:
    await paid_in_two(player)
    await player.refund("r1", "95")
    player.clock.advance(30)
    body = await player.status()
    assert (0, False, []) == some(body, "amount_refunded", "refunded", "refunds")
    legs = body["txn_list"]
    assert [["r1"], ["r1-1"]] == [[one["unique_request_id"] for one in leg["refunds"]] for leg in legs]
    assert [(70, True), (25, False)] == [some(leg, "amount_refunded", "refunded") for leg in legs]
    assert [["SUCCESS"], ["SUCCESS"]] == [[one["status"] for one in leg["refunds"]] for leg in legs]


async def test_a_refund_that_one_leg_covers_has_one_part(player: Player) -> None:
    await paid_in_two(player)
    body = (await player.refund("r1", "20")).json()
    assert ["r1"] == [one["unique_request_id"] for one in body["split_refund_details"]]
    assert 20 == body["amount"]


async def test_one_leg_is_refunded_by_its_transaction(player: Player) -> None:
    await paid_in_two(player)
    by_leg = {"txn_id": f"bakery-{ORDER}-1-2", "unique_request_id": "r1"}
    answer = await player.post("/refunds", {**by_leg, "amount": "30.01"})
    assert "invalid.amount.exceeded" == answer.json()["error_code"]
    answer = await player.post("/refunds", {**by_leg, "amount": "30"})
    assert ("r1", f"bakery-{ORDER}-1-2", 30) == some(answer.json(), "unique_request_id", "txn_id", "amount")
    first, second = (await player.status())["txn_list"]
    assert (None, ["r1"]) == (first.get("refunds"), [one["unique_request_id"] for one in second["refunds"]])


async def test_no_more_than_all_legs_took_goes_back(player: Player) -> None:
    await paid_in_two(player)
    assert "invalid.amount.exceeded" == (await player.refund("r1", "100.01")).json()["error_code"]


async def test_a_refund_by_juspay_of_one_leg_stands_in_that_leg(player: Player) -> None:
    await paid_in_two(player)
    body = await happen(player, "auto_refund", txn_id=f"bakery-{ORDER}-1-2", status="FAILURE")
    assert ["CHARGED", "AUTO_REFUNDED"] == [one["status"] for one in body["txn_list"]]
    assert (0, False) == some(body["txn_list"][1], "amount_refunded", "refunded")


# --- events and refusals


async def test_each_leg_and_the_order_are_told() -> None:
    receiver = Receiver()
    async with receiving(receiver) as player:
        await paid_in_legs(player, {"amount": "60.00"}, {"amount": "40.00", "status": "TO_BE_CHARGED"})
        await deliver(player)
    assert ["ORDER_CREATED", "TXN_CREATED", "TXN_CREATED", "ORDER_PARTIAL_CHARGED"] == receiver.names
    order = receiver.bodies[-1]["content"]["order"]
    assert [("CHARGED", 60), ("TO_BE_CHARGED", 40)] == [
        some(one, "status", "effective_amount") for one in order["txn_list"]
    ]
    assert "success@upi" not in str(receiver.bodies)


@pytest.mark.parametrize(
    ("legs", "message"),
    [
        ([], "an order is paid in two legs or more, which come to what is to be paid"),
        (
            [{"amount": "60.00"}, {"amount": "30.00"}],
            "an order is paid in two legs or more, which come to what is to be",
        ),
        ([{"amount": "60.00"}, {"status": "CHARGED"}], "legs[1].amount is missing"),
        ([{"amount": "60.00"}, {"amount": "40.00", "status": "PAID"}], "legs[1].status is one of CHARGED"),
        ([{"amount": "60.00"}, {"amount": "40.00", "refund": "DONE"}], "legs[1].refund is one of PENDING"),
        ([{"amount": "60.00"}, {"amount": "40.00", "method": {"coin": "1"}}], "legs[1].method is one of upi"),
    ],
)
async def test_legs_that_cannot_be(player: Player, legs: list[dict[str, str]], message: str) -> None:
    await player.session()
    assert message in await refusal(player, LEGS, {"legs": legs})
    assert "NEW" == (await player.status())["status"]


async def test_an_order_that_is_paid_takes_no_legs(player: Player) -> None:
    await player.paid()
    assert "This order is paid already." == await refusal(
        player, LEGS, {"legs": [{"amount": "60.00"}, {"amount": "40.00"}]}
    )


async def test_an_order_in_legs_is_not_charged_again(player: Player) -> None:
    await paid_in_two(player)
    assert "the order is not paid" == await cannot(player, "second_charge")
