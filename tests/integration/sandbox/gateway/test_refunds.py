"""Refunds: what is taken, what is refused with which code, and how they end (contract H)."""

from __future__ import annotations

from typing import Any

import pytest
from integration.sandbox.playing import SESSION, Player, bakery, player_of

from paystate.entrypoints.sandbox import SandboxConfig


def refusal(answer: Any) -> tuple[int, object, object, object]:
    body = answer.json()
    return answer.status_code, body["status"], body.get("status_id"), body.get("error_code")


async def test_a_refund_is_pending_and_counted_at_once(player: Player) -> None:
    await player.paid()
    body = (await player.refund("r1", "40.00")).json()
    assert ("CHARGED", 40, False) == (body["status"], body["amount_refunded"], body["refunded"])
    (refund,) = body["refunds"]
    assert ("r1", 40, "PENDING", False, None) == tuple(
        refund[name] for name in ("unique_request_id", "amount", "status", "sent_to_gateway", "id")
    )


async def test_an_absent_amount_gives_back_all_that_is_left(player: Player) -> None:
    await player.paid()
    await player.refund("r1", "40.00")
    body = (await player.refund("r2")).json()
    assert ([40, 60], True) == ([one["amount"] for one in body["refunds"]], body["refunded"])


async def test_an_absent_amount_is_an_error_under_the_old_rule() -> None:
    player = player_of(SandboxConfig((bakery(),), refund_amount_required=True))
    await player.paid()
    assert (400, "Bad Request", None, "Mandatory fields are missing") == refusal(await player.refund("r1"))


async def test_a_refund_of_an_unknown_order_is_not_found(player: Player) -> None:
    assert (400, "NOT_FOUND", 40, None) == refusal(await player.refund("r1", "1"))


async def test_a_refund_without_id_lacks_a_mandatory_field(player: Player) -> None:
    await player.paid()
    answer = await player.post("/orders/bun-7Kq2/refunds", {"amount": "1"})
    assert (400, "Bad Request", None, "Mandatory fields are missing") == refusal(answer)


@pytest.mark.parametrize("request_id", ["x" * 21, "a+b", "a b"])
async def test_a_refund_id_has_up_to_twenty_plain_characters(player: Player, request_id: str) -> None:
    await player.paid()
    assert "INVALID_REQUEST" == (await player.refund(request_id, "1")).json()["error_code"]


async def test_an_unsuccessful_order_is_refused_in_juspay_s_words(player: Player) -> None:
    await player.session()
    assert "Cannot process unsuccessful order." == (await player.refund("r1", "1")).json()["error_message"]


async def test_a_refund_of_an_unpaid_order_is_refused(player: Player) -> None:
    await player.session()
    assert (400, "ERROR", -1, "invalid.order.not_successful") == refusal(await player.refund("r1", "1"))


@pytest.mark.parametrize("amount", ["0", "-5", "1.001", "much"])
async def test_a_wrong_refund_amount_is_refused(player: Player, amount: str) -> None:
    await player.paid()
    assert (400, "ERROR", -1, "invalid amount") == refusal(await player.refund("r1", amount))


async def test_the_same_id_again_is_a_duplicate_even_after_it_ended(player: Player) -> None:
    await player.paid()
    await player.refund("r1", "10")
    player.clock.advance(3600)
    assert (400, "ERROR", -1, "duplicate.call") == refusal(await player.refund("r1", "20"))


@pytest.mark.parametrize(("seconds", "status"), [(4.9, 400), (5, 200), (-4.9, 400), (-86_400, 200)])
async def test_the_same_amount_is_held_back_for_five_seconds(player: Player, seconds: float, status: int) -> None:
    await player.paid()
    await player.refund("r1", "10")
    player.clock.advance(seconds)
    assert status == (await player.refund("r2", "10.00")).status_code


async def test_the_five_second_refusal_has_its_status_id_as_text(player: Player) -> None:
    await player.paid()
    await player.refund("r1", "10")
    assert (400, "ERROR", "-1", "duplicate.call") == refusal(await player.refund("r2", "10"))


async def test_more_than_is_left_is_refused(player: Player) -> None:
    await player.paid()
    await player.refund("r1", "60")
    assert (400, "ERROR", -1, "invalid.amount.exceeded") == refusal(await player.refund("r2", "40.01"))


async def test_nothing_left_and_no_amount_is_refused(player: Player) -> None:
    await player.paid()
    await player.refund("r1")
    assert "invalid.amount.exceeded" == (await player.refund("r2")).json()["error_code"]


async def test_a_twenty_sixth_refund_is_refused(player: Player) -> None:
    await player.paid()
    for number in range(25):
        assert 200 == (await player.refund(f"r{number}", f"1.{number:02d}")).status_code
    assert (400, "ERROR", -1, "request.exceeded") == refusal(await player.refund("r26", "2"))


@pytest.mark.parametrize(
    ("amount", "status", "counted"),
    [("10.00", "SUCCESS", 10), ("10.91", "FAILURE", 0), ("10.92", "MANUAL_REVIEW", 10.92), ("10.93", "PENDING", 10.93)],
)
async def test_a_refund_ends_by_the_clock_as_its_amount_says(
    player: Player, amount: str, status: str, counted: float
) -> None:
    await player.paid()
    await player.refund("r1", amount)
    player.clock.advance(30)
    body = await player.status()
    assert (status, counted) == (body["refunds"][0]["status"], body["amount_refunded"])


async def test_a_refund_that_succeeded_tells_when(player: Player) -> None:
    await player.paid()
    await player.refund("r1", "10")
    player.clock.advance(500)
    (refund,) = (await player.status())["refunds"]
    assert ("2031-05-06T07:08:39Z", True, "dmyrf_r1") == (
        refund["pg_processed_at"],
        refund["sent_to_gateway"],
        refund["id"],
    )


async def test_a_failed_refund_frees_its_money_but_not_its_id(player: Player) -> None:
    await player.paid()
    await player.refund("r1", "99.91")
    player.clock.advance(30)
    assert "duplicate.call" == (await player.refund("r1", "99.91")).json()["error_code"]
    assert 200 == (await player.refund("r2", "100")).status_code


async def test_control_settles_a_refund_and_a_final_one_stays(player: Player) -> None:
    await player.paid()
    await player.refund("r1", "10")
    path = f"/_control/orders/{SESSION['order_id']}/refunds/r1"
    statuses = [
        (await player.control(path, {"status": status}))["refunds"][0]["status"]
        for status in ("MANUAL_REVIEW", "SUCCESS")
    ]
    assert ["MANUAL_REVIEW", "SUCCESS"] == statuses
    assert 404 == (await player.http.post(path, json={"status": "FAILURE"})).status_code


@pytest.mark.parametrize("request_id", ["refund_122_3472", "r-1"])
async def test_a_refund_id_may_look_as_in_juspays_samples(player: Player, request_id: str) -> None:
    await player.paid()
    assert 200 == (await player.refund(request_id, "1")).status_code


async def test_an_unpaid_order_is_told_before_a_malformed_id(player: Player) -> None:
    await player.session()
    assert (
        "invalid.order.not_successful" == (await player.refund("php_sdk_test_0123456789abc", "1")).json()["error_code"]
    )
