"""What was paid, what was captured, and what Juspay will refund, as its bodies tell it (contract O.1, O.5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from integration.sandbox.happening import ORDER, happen, refusal, some
from integration.sandbox.playing import Player, bakery, player_of

from paystate.entrypoints.sandbox import SandboxConfig

MONEY = f"/_control/orders/{ORDER}/money"
DETAIL = ("txn_amount", "net_amount", "surcharge_amount", "tax_amount", "offer_deduction_amount")


async def paid_with(player: Player, terms: Mapping[str, str], amount: str = "100.00") -> dict[str, Any]:
    """An order of that price, on such terms, paid."""
    await player.page_open(amount=amount)
    await player.control(MONEY, terms)
    await player.act("pay", method={"upi": "success@upi"})
    return await player.status()


async def test_without_terms_the_shopper_pays_the_price(player: Player) -> None:
    await player.paid()
    body = await player.status()
    assert (100, 100, 100) == some(body, "amount", "effective_amount", "maximum_eligible_refund_amount")
    assert (100, 100, None, None, None) == some(body["txn_detail"], *DETAIL)


async def test_an_offer_takes_off(player: Player) -> None:
    body = await paid_with(player, {"discount": "60.00"}, "400.00")
    assert (400, 340, 340) == some(body, "amount", "effective_amount", "maximum_eligible_refund_amount")
    assert (340, 400, None, None, 60) == some(body["txn_detail"], *DETAIL)
    assert [{"type": "DISCOUNT", "amount": 60}] == body["offers"][0]["benefits"]


async def test_a_surcharge_and_its_tax_are_put_on(player: Player) -> None:
    body = await paid_with(player, {"surcharge": "7.50", "tax": "1.35"}, "300.00")
    assert (300, 308.85) == some(body, "amount", "effective_amount")
    assert (308.85, 300, 7.5, 1.35, None) == some(body["txn_detail"], *DETAIL)
    assert 308.85 == sum(one["amount"] for one in body["txn_detail"]["txn_amount_breakup"])


async def test_where_the_dashboard_says_so_the_surcharge_can_be_refunded_and_no_more() -> None:
    player = player_of(SandboxConfig((bakery(),), surcharge_refunded=True))
    paid = await paid_with(player, {"surcharge": "0.80"}, "10.00")
    assert 10.8 == paid["maximum_eligible_refund_amount"]
    assert "invalid.amount.exceeded" == (await player.refund("r1", "10.81")).json()["error_code"]
    body = (await player.refund("r2", "10.80")).json()
    assert (10.8, True, 0) == some(body, "amount_refunded", "refunded", "maximum_eligible_refund_amount")


async def test_of_an_offer_all_is_what_was_paid(player: Player) -> None:
    await paid_with(player, {"discount": "60.00"}, "400.00")
    body = (await player.refund("r1")).json()
    assert ([340], True) == ([one["amount"] for one in body["refunds"]], body["refunded"])


async def test_a_part_back_leaves_the_rest_eligible(player: Player) -> None:
    await player.paid()
    body = (await player.refund("r1", "30.25")).json()
    assert (30.25, False, 69.75) == some(body, "amount_refunded", "refunded", "maximum_eligible_refund_amount")


@pytest.mark.parametrize(
    ("eligible", "asked", "status"), [("50", "50.01", 400), ("50", "50", 200), ("130", "100", 200)]
)
async def test_juspay_may_name_another_sum_and_keeps_to_the_smaller(
    player: Player, eligible: str, asked: str, status: int
) -> None:
    await player.paid()
    await player.control(MONEY, {"eligible": eligible})
    assert int(eligible) == (await player.status())["maximum_eligible_refund_amount"]
    assert status == (await player.refund("r1", asked)).status_code


async def test_while_somebody_pays_the_terms_stand(player: Player) -> None:
    await player.paid()
    assert "the order is CHARGED" == await refusal(player, MONEY, {"discount": "1.00"})


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ({}, "give discount, surcharge, tax, eligible"),
        ({"rebate": "1.00"}, "there is no member rebate: there are discount, surcharge, tax, eligible"),
        ({"discount": "some"}, "discount is an amount such as 1.00"),
        ({"discount": "100.00"}, "nothing is left to pay"),
    ],
)
async def test_terms_that_cannot_be(player: Player, terms: Mapping[str, str], message: str) -> None:
    await player.session()
    assert message == await refusal(player, MONEY, terms)


# --- partial captures


async def test_a_partial_capture_is_told_beside_the_whole(player: Player) -> None:
    await player.held(amount="90.00")
    body = await happen(player, "partial_charge", amount="30.00")
    assert ("PARTIAL_CHARGED", 37, 90) == some(body, "status", "status_id", "effective_amount")
    assert (30, 30) == some(body, "captured_amount", "refundable_amount")
    (entry,) = body["txn_sub_details"]
    assert ("PARTIAL_CAPTURE", "CHARGED", 30, 90, f"bakery-{ORDER}-1") == some(
        entry, "txn_object_type", "status", "txn_amount", "order_amount", "source_object_id"
    )
    assert ("PARTIAL_CHARGED", 90) == some(body["txn_detail"], "status", "txn_amount")


async def test_what_of_a_partial_capture_is_back_is_not_refundable(player: Player) -> None:
    await player.held(amount="90.00")
    await happen(player, "partial_charge", amount="30.00")
    body = (await player.refund("r1", "12")).json()
    assert (30, 18, 12, False) == some(body, "captured_amount", "refundable_amount", "amount_refunded", "refunded")
    player.clock.advance(5)
    body = (await player.refund("r2")).json()
    assert (30, 0, 30, True) == some(body, "captured_amount", "refundable_amount", "amount_refunded", "refunded")


async def test_the_rest_is_captured_later_where_the_gateway_takes_several() -> None:
    player = player_of(SandboxConfig((bakery(),), several_captures=True))
    uuid = await player.held(amount="90.00")
    answers = [
        await player.post(f"/v2/txns/{uuid}/capture", {"amount": amount, "idempotence_key": key})
        for key, amount in (("k1", "30.00"), ("k2", "25.00"), ("k3", "35.00"))
    ]
    body = answers[-1].json()
    assert ("CHARGED", 21, 90) == some(body, "status", "status_id", "captured_amount")
    assert [30, 25, 35] == [one["txn_amount"] for one in body["txn_sub_details"]]


async def test_what_waits_to_be_charged_has_number_40(player: Player) -> None:
    await player.page_open()
    await player.act("pay", method={"upi": "tobecharged@upi"})
    assert ("TO_BE_CHARGED", 40) == some(await player.status(), "status", "status_id")
