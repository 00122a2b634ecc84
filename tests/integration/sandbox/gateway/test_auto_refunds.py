"""Refunds that Juspay makes by itself: what order, entry and events tell of them (contract O.2)."""

from __future__ import annotations

import pytest
from integration.sandbox.happening import ORDER, cannot, happen, some, told
from integration.sandbox.playing import SESSION, Player, bakery, player_of
from integration.sandbox.receiving import Receiver, deliver, receiving

from paystate.entrypoints.sandbox import SandboxConfig

ENTRY = ("unique_request_id", "initiated_by", "amount", "status")
SUMS = ("status", "status_id", "amount_refunded", "refunded")


@pytest.mark.parametrize(
    ("status", "back", "refunded", "events"),
    [
        ("PENDING", 100, True, ["AUTO_REFUND_INITIATED"]),
        ("SUCCESS", 100, True, ["AUTO_REFUND_INITIATED", "AUTO_REFUND_SUCCEEDED"]),
        ("FAILURE", 0, False, ["AUTO_REFUND_INITIATED", "AUTO_REFUND_FAILED"]),
        ("MANUAL_REVIEW", 100, True, ["AUTO_REFUND_INITIATED", "REFUND_MANUAL_REVIEW_NEEDED"]),
    ],
)
async def test_order_and_transaction_read_auto_refunded_however_the_refund_stands(
    player: Player, status: str, back: int, refunded: bool, events: list[str]
) -> None:
    await player.paid()
    before = len(await player.deliveries())
    body = await happen(player, "auto_refund", status=status)
    assert ("AUTO_REFUNDED", 36, back, refunded) == some(body, *SUMS)
    assert "AUTO_REFUNDED" == body["txn_detail"]["status"]
    assert [("ARauto1", "AUTO_REFUNDED", 100, status)] == [some(one, *ENTRY) for one in body["refunds"]]
    assert events == [one["event_name"] for one in await player.deliveries()][before:]


async def test_the_events_of_an_automatic_refund_hold_an_order_that_reads_auto_refunded() -> None:
    receiver = Receiver()
    async with receiving(receiver) as player:
        await player.paid()
        await player.arm("auto_refund", order_id=ORDER, params={"status": "FAILURE"})
        begun, failed = (await told(player, receiver))[-2:]
    assert ("AUTO_REFUND_INITIATED", "AUTO_REFUND_FAILED") == (begun["event_name"], failed["event_name"])
    orders = [one["content"]["order"] for one in (begun, failed)]
    assert [("AUTO_REFUNDED", "PENDING"), ("AUTO_REFUNDED", "FAILURE")] == [
        (one["status"], one["refunds"][0]["status"]) for one in orders
    ]


async def test_an_open_one_ends_later(player: Player) -> None:
    await player.paid()
    await happen(player, "auto_refund", status="PENDING")
    body = await happen(player, "auto_refund", status="SUCCESS")
    assert ["SUCCESS"] == [one["status"] for one in body["refunds"]]
    assert ("AUTO_REFUNDED", 36, 100, True) == some(body, *SUMS)


async def test_a_failed_one_is_tried_again_under_its_id(player: Player) -> None:
    await player.paid()
    bodies = [await happen(player, "auto_refund_failed") for _ in range(3)]
    body = bodies[-1]
    assert [("ARauto1", "AUTO_REFUNDED", 100, "FAILURE")] * 3 == [some(one, *ENTRY) for one in body["refunds"]]
    assert ["ARauto1", "ARauto1_1", "ARauto1_2"] == [one["id"] for one in body["refunds"]]
    assert ("AUTO_REFUNDED", 36, 0, False) == some(body, *SUMS)
    body = await happen(player, "auto_refund", status="SUCCESS")
    assert ["FAILURE", "FAILURE", "FAILURE", "SUCCESS"] == [one["status"] for one in body["refunds"]]
    assert 100 == body["amount_refunded"]
    assert "nothing of the attempt is left to give back" == await cannot(player, "auto_refund")


async def test_what_juspay_could_not_give_back_the_merchant_can(player: Player) -> None:
    await player.paid()
    await happen(player, "auto_refund_failed")
    player.clock.advance(5)
    assert 400 == (await player.refund("r1", "100.01")).status_code
    assert 200 == (await player.refund("r2", "100")).status_code


async def test_juspays_own_refund_races_with_one_of_the_merchants_that_is_under_way(player: Player) -> None:
    await player.paid()
    await player.refund("r1", "35")
    body = await happen(player, "auto_refund")
    assert [("r1", 35, "PENDING"), ("ARauto1", 100, "SUCCESS")] == [
        some(one, "unique_request_id", "amount", "status") for one in body["refunds"]
    ]
    assert ("AUTO_REFUNDED", None) == some(body, "status", "maximum_eligible_refund_amount")


async def test_while_juspay_gives_it_back_the_merchant_cannot(player: Player) -> None:
    await player.paid()
    await happen(player, "auto_refund", status="PENDING")
    player.clock.advance(5)
    assert "invalid.order.not_successful" == (await player.refund("r1", "1")).json()["error_code"]


async def test_what_goes_back_is_what_was_paid_the_surcharge_included(player: Player) -> None:
    await player.page_open()
    await player.control(f"/_control/orders/{ORDER}/money", {"surcharge": "2.00", "tax": "0.36"})
    await player.act("pay", method={"upi": "success@upi"})
    body = await happen(player, "auto_refund")
    assert (100, 102.36, 102.36) == (body["amount"], body["effective_amount"], body["refunds"][0]["amount"])
    assert (102.36, True) == some(body, "amount_refunded", "refunded")


@pytest.mark.parametrize("status", ["PENDING", "SUCCESS", "FAILURE", "MANUAL_REVIEW"])
async def test_a_second_charge_that_is_given_back_leaves_the_order_charged(player: Player, status: str) -> None:
    await player.paid()
    body = await happen(player, "second_charge", auto_refund=status)
    assert ("CHARGED", 21, f"bakery-{ORDER}-1") == some(body, "status", "status_id", "txn_id")
    assert [("ARauto2", "AUTO_REFUNDED", 100, status)] == [some(one, *ENTRY) for one in body["refunds"]]


async def test_what_juspay_gave_back_of_another_payment_counts_in_the_sum(player: Player) -> None:
    await player.paid()
    body = await happen(player, "second_charge", auto_refund="SUCCESS")
    assert (100, 100) == some(body, "amount_refunded", "maximum_eligible_refund_amount")
    player.clock.advance(5)
    assert 200 == (await player.refund("r1", "100")).status_code


async def test_a_first_charge_that_is_given_back_leaves_the_order_charged_by_the_second(player: Player) -> None:
    await player.paid()
    await happen(player, "second_charge")
    body = await happen(player, "auto_refund", txn_id=f"bakery-{ORDER}-1")
    assert ("CHARGED", f"bakery-{ORDER}-2", 100) == some(body, "status", "txn_id", "maximum_eligible_refund_amount")
    assert ["ARauto1"] == [one["unique_request_id"] for one in body["refunds"]]


async def test_a_second_charge_without_a_refund_names_the_newer_transaction_only(player: Player) -> None:
    await player.paid()
    body = await happen(player, "second_charge")
    assert ("CHARGED", f"bakery-{ORDER}-2", None) == some(body, "status", "txn_id", "refunds")
    assert f"bakery-{ORDER}-1" not in str(body)


async def test_a_second_charge_is_refunded_by_its_transaction(player: Player) -> None:
    await player.paid()
    await happen(player, "second_charge")
    answer = await player.post("/refunds", {"txn_id": f"bakery-{ORDER}-2", "unique_request_id": "r2", "amount": "100"})
    assert (200, f"bakery-{ORDER}-2", 100) == (answer.status_code, *some(answer.json(), "txn_id", "amount"))
    more = {"txn_id": f"bakery-{ORDER}-2", "unique_request_id": "r3", "amount": "1"}
    assert "invalid.amount.exceeded" == (await player.post("/refunds", more)).json()["error_code"]
    first = {"txn_id": f"bakery-{ORDER}-1", "unique_request_id": "r4", "amount": "1"}
    assert 200 == (await player.post("/refunds", first)).status_code


async def test_where_the_feature_is_on_a_second_charge_is_begun_to_be_given_back_and_is_later() -> None:
    player = player_of(SandboxConfig((bakery(),), auto_refund=True))
    async with player.http:
        await player.paid()
        body = await happen(player, "second_charge")
        assert ("CHARGED", ["PENDING"]) == (body["status"], [one["status"] for one in body["refunds"]])
        player.clock.advance(30)
        assert ["SUCCESS"] == [one["status"] for one in (await player.status())["refunds"]]


async def test_how_it_stands_is_one_of_four_words(player: Player) -> None:
    await player.paid()
    assert "auto_refund: status is one of PENDING, MANUAL_REVIEW, SUCCESS, FAILURE" == await cannot(
        player, "auto_refund", status="DONE"
    )
    assert "CHARGED" == (await player.status())["status"]


async def test_a_refund_on_the_dashboard_names_somebody_else(player: Player) -> None:
    await player.paid()
    body = await happen(player, "external_refund", amount="40")
    assert [("dash1", "shp_desk", 40, "SUCCESS")] == [some(one, *ENTRY) for one in body["refunds"]]


async def test_each_event_tells_it_as_it_was_then() -> None:
    receiver = Receiver()
    async with receiving(receiver) as player:
        await player.paid(**{**SESSION, "amount": "8.00"})
        await player.arm("auto_refund", order_id=ORDER)
        await deliver(player)
    begun, ended = (one["content"]["order"]["refunds"] for one in receiver.bodies[-2:])
    assert (["PENDING"], ["SUCCESS"]) == ([one["status"] for one in begun], [one["status"] for one in ended])
