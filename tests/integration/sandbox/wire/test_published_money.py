"""Money as Juspay's published bodies tell it: their pattern, with figures of our own, worked out by hand (contract O).

Nothing here is computed from what the sandbox says of itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from integration.sandbox.happening import ORDER, content, happen, some
from integration.sandbox.playing import Player, bakery, player_of
from integration.sandbox.receiving import Receiver, receiving

from paystate.entrypoints.sandbox import SandboxConfig

MONEY = f"/_control/orders/{ORDER}/money"
LEGS = f"/_control/orders/{ORDER}/legs"
ELIGIBLE = "maximum_eligible_refund_amount"
SUMS = ("amount_refunded", "refunded", ELIGIBLE)


def sandbox(**switches: Any) -> Player:
    return player_of(SandboxConfig((bakery(),), **switches))


async def paid(player: Player, amount: str, **terms: str) -> dict[str, Any]:
    """An order of that price, on such terms, paid."""
    await player.page_open(amount=amount)
    if terms:
        await player.control(MONEY, terms)
    await player.act("pay", method={"upi": "success@upi"})
    return await player.status()


# --- what may still be refunded


async def test_of_a_plain_payment_all_is_eligible(player: Player) -> None:
    # As in the instalment samples: amount, effective_amount and the eligible sum are one figure.
    assert (1203, 1203, 1203) == some(await paid(player, "1203.00"), "amount", "effective_amount", ELIGIBLE)


async def test_a_part_that_is_only_pending_is_taken_off_at_once(player: Player) -> None:
    # As in the wallet's refund sample: a refund that is PENDING. 1203 - 402.36 = 800.64.
    await paid(player, "1203.00")
    body = (await player.refund("r1", "402.36")).json()
    assert ("PENDING", (402.36, False, 800.64)) == (body["refunds"][0]["status"], some(body, *SUMS))


async def test_once_all_is_back_nothing_is_eligible(player: Player) -> None:
    await paid(player, "7400.00")
    await player.refund("r1", "7400.00")
    player.clock.advance(60)
    assert (7400, True, 0) == some(await player.status(), *SUMS)


async def test_several_parts_are_taken_off_one_after_the_other(player: Player) -> None:
    # By the order and by its transaction: 500 - 120.50 - 79.50 = 300.
    await paid(player, "500.00")
    await player.refund("r1", "120.50")
    player.clock.advance(60)
    txn = {"txn_id": f"bakery-{ORDER}-1", "unique_request_id": "r2", "amount": "79.50"}
    assert 200 == (await player.post("/refunds", txn)).status_code
    assert (200, False, 300) == some(await player.status(), *SUMS)


async def test_a_surcharge_is_not_eligible(player: Player) -> None:
    # As in the surcharge sample: the price is eligible, what was paid is more. 65 + 1.30 = 66.30.
    body = await paid(player, "65.00", surcharge="1.30")
    assert (65, 66.3, 65) == some(body, "amount", "effective_amount", ELIGIBLE)
    assert (65, 66.3) == some(body["txn_detail"], "net_amount", "txn_amount")


async def test_with_the_price_back_the_order_reads_refunded_though_the_surcharge_is_not(player: Player) -> None:
    # As in the reward sample, refunded by its transaction: 4 of 4.96.
    await paid(player, "4.00", surcharge="0.96")
    assert "invalid.amount.exceeded" == (await player.refund("r0", "4.01")).json()["error_code"]
    await player.refund("r1")
    player.clock.advance(60)
    body = await player.status()
    assert (4, True, 0, 4.96) == some(body, *SUMS, "effective_amount")


async def test_a_cashback_makes_less_eligible_than_was_paid(player: Player) -> None:
    # As in the cashback sample: nothing is taken off the payment, and 200 less is eligible. 431 - 200 = 231.
    body = await paid(player, "431.00", eligible="231.00")
    assert (431, 431, 231) == some(body, "amount", "effective_amount", ELIGIBLE)
    assert "invalid.amount.exceeded" == (await player.refund("r1", "231.01")).json()["error_code"]
    assert (100.5, False, 130.5) == some((await player.refund("r2", "100.50")).json(), *SUMS)


async def test_another_party_s_share_makes_more_eligible_than_was_paid(player: Player) -> None:
    # As in the sample of instalments without cost: 401 - 48.80 = 352.20 is paid, and the price is eligible.
    body = await paid(player, "401.00", discount="48.80", eligible="401.00")
    assert (401, 352.2, 401) == some(body, "amount", "effective_amount", ELIGIBLE)


async def test_after_a_second_charge_both_are_eligible(player: Player) -> None:
    # No sample shows one: that the figure is the order's, and not the transaction's, is inferred. 250 + 250 - 40 = 460.
    await paid(player, "250.00")
    await happen(player, "second_charge")
    await player.refund("r1", "40.00")
    assert 460 == (await player.status())[ELIGIBLE]


@pytest.mark.parametrize("status", ["PENDING", "MANUAL_REVIEW", "FAILURE", "SUCCESS"])
async def test_an_order_that_juspay_gives_back_names_no_eligible_sum(player: Player, status: str) -> None:
    await paid(player, "238.00")
    body = await happen(player, "auto_refund", status=status)
    assert ("AUTO_REFUNDED", False) == (body["status"], ELIGIBLE in body)


async def test_newer_bodies_name_it_in_the_transaction() -> None:
    player = sandbox(eligible_in_transaction=True)
    await paid(player, "90.00")
    body = (await player.refund("r1", "15.25")).json()
    assert (False, 74.75) == (ELIGIBLE in body, body["txn_detail"]["remaining_refundable_amount"])


async def test_a_webhook_hides_it_unless_it_is_nothing() -> None:
    receiver = Receiver()
    async with receiving(receiver) as player:
        await paid(player, "86.00")
        begun = await content(player, receiver, "ORDER_SUCCEEDED")
        await player.refund("r1")
        player.clock.advance(60)
        ended = await content(player, receiver, "ORDER_REFUNDED")
    assert ["FILTERED", 0] == [one["order"][ELIGIBLE] for one in (begun, ended)]


# --- what Juspay gives back by itself


async def test_by_itself_juspay_gives_the_surcharge_back_too(player: Player) -> None:
    # As in the surcharge sample's webhook: price 325, 6.50 for the way to pay and 1.17 of tax on that make 332.67.
    await paid(player, "325.00", surcharge="6.50", tax="1.17")
    body = await happen(player, "auto_refund")
    assert (332.67, True, 332.67) == some(body, "amount_refunded", "refunded", "effective_amount")


@pytest.mark.parametrize("word", ["AUTO_REFUNDED", "AUTOREFUND_WORKFLOW"])
async def test_who_began_it_is_told_in_one_of_two_words(word: str) -> None:
    player = sandbox(auto_refund_initiator=word)
    await paid(player, "8.00")
    (entry,) = (await happen(player, "auto_refund"))["refunds"]
    assert (word, "AR") == (entry["initiated_by"], entry["unique_request_id"][:2])


# --- a success that came late, or twice


@pytest.mark.parametrize(("name", "before"), [("late_success", "failure@upi"), ("second_charge", "success@upi")])
async def test_a_conflict_is_told_where_newer_bodies_tell_it(name: str, before: str) -> None:
    player = sandbox(conflicts_told=True)
    await player.page_open()
    await player.act("pay", method={"upi": before})
    was = (await player.status())["txn_detail"]["conflicted"]
    assert (False, True) == (was, (await happen(player, name))["txn_detail"]["conflicted"])


async def test_older_bodies_tell_of_no_conflict(player: Player) -> None:
    await player.paid()
    assert "conflicted" not in (await happen(player, "second_charge"))["txn_detail"]


# --- a payment in parts


async def in_legs(player: Player, *legs: Mapping[str, str]) -> dict[str, Any]:
    await player.session(amount="240.00")
    await player.control(LEGS, {"legs": list(legs)})
    return await player.status()


async def test_a_leg_goes_back_while_another_failed(player: Player) -> None:
    # As in the sample of a reward beside a card: one leg failed, the other's refund waits for a person and counts not.
    legs = {"amount": "4.00", "status": "AUTHORIZATION_FAILED"}, {"amount": "236.00", "status": "AUTO_REFUNDED"}
    body = await in_legs(player, legs[0], {**legs[1], "refund": "MANUAL_REVIEW"})
    assert ("AUTO_REFUNDED", 36, 240, 0) == some(body, "status", "status_id", "effective_amount", "amount_refunded")
    failed, back = body["txn_list"]
    assert ("AUTHORIZATION_FAILED", 4, False) == some(failed, "status", "effective_amount", "refunded")
    assert ("AUTO_REFUNDED", 236, 0, False) == some(back, "status", "effective_amount", "amount_refunded", "refunded")
    assert ("MANUAL_REVIEW", "AUTO_REFUNDED") == some(back["refunds"][0], "status", "initiated_by")


async def test_a_leg_s_failure_may_be_spelt_otherwise(player: Player) -> None:
    body = await in_legs(player, {"amount": "4.00", "status": "Failure"}, {"amount": "236.00", "status": "STARTED"})
    assert ["Failure", "STARTED"] == [one["status"] for one in body["txn_list"]]
    assert ("AUTHORIZATION_FAILED", 27) == some(body, "status", "status_id")


async def test_such_a_leg_may_succeed_late(player: Player) -> None:
    await in_legs(player, {"amount": "4.00", "status": "Failure"}, {"amount": "236.00"})
    settle = {"outcome": "SUCCESS", "txn_id": f"bakery-{ORDER}-1-1"}
    assert "CHARGED" == (await player.control(f"/_control/orders/{ORDER}/settle", settle))["status"]
    assert ["CHARGED", "CHARGED"] == [one["status"] for one in (await player.status())["txn_list"]]
