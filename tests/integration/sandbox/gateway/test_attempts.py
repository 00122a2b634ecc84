"""Attempts: outcomes by amount and value, several attempts of one order, what the clock settles (contract G, K)."""

from __future__ import annotations

from typing import Any

import pytest
from integration.sandbox.playing import Player, bakery, player_of

from paystate.entrypoints.sandbox import SandboxConfig

NB = {"nb": "NB_AXIS"}


@pytest.mark.parametrize(
    ("amount", "status"),
    [
        ("0.01", "CHARGED"),
        ("499.99", "CHARGED"),
        ("500", "AUTHORIZATION_FAILED"),
        ("699.99", "AUTHORIZATION_FAILED"),
        ("700", "AUTHORIZING"),
    ],
)
async def test_the_amount_decides(player: Player, amount: str, status: str) -> None:
    await player.page_open(amount=amount)
    await player.act("pay", method=NB)
    assert status == (await player.status())["status"]


@pytest.mark.parametrize(
    ("method", "status"),
    [
        ({"upi": "success@upi"}, "CHARGED"),
        ({"upi": "failure@upi"}, "AUTHORIZATION_FAILED"),
        ({"upi": "pending@upi"}, "PENDING_VBV"),
        ({"upi": "declined@upi"}, "JUSPAY_DECLINED"),
        ({"card": "4111111111111111"}, "CHARGED"),
        ({"card": "5299920210000277"}, "CHARGED"),
        ({"cod": True}, "COD_INITIATED"),
    ],
)
async def test_a_known_value_wins_over_the_amount(player: Player, method: dict[str, Any], status: str) -> None:
    await player.page_open(amount="650")
    await player.act("pay", method=method)
    assert status == (await player.status())["status"]


async def test_another_card_leaves_it_to_the_amount(player: Player) -> None:
    await player.page_open(amount="650")
    await player.act("pay", method={"card": "4000056655665556"})
    assert "AUTHORIZATION_FAILED" == (await player.status())["status"]


@pytest.mark.parametrize(
    ("method", "status"),
    [
        (NB, "CHARGED"),
        ({"upi": "pending@upi"}, "CHARGED"),
        ({"upi": "pendingfail@upi"}, "AUTHORIZATION_FAILED"),
        ({"upi": "stuck@upi"}, "PENDING_VBV"),
        ({"upi": "late@upi"}, "CHARGED"),
    ],
)
async def test_the_clock_settles_what_is_pending(player: Player, method: dict[str, str], status: str) -> None:
    await player.page_open(amount="800")
    await player.act("pay", method=method)
    player.clock.advance(59)
    assert "CHARGED" != (await player.status())["status"]
    player.clock.advance(1)
    assert status == (await player.status())["status"]


async def test_what_is_settled_late_by_a_leap_is_dated_when_it_was_due(player: Player) -> None:
    await player.page_open(amount="800")
    await player.act("pay", method=NB)
    player.clock.advance(100_000)
    assert "2031-05-06T07:09:09Z" == (await player.status())["last_updated"]


async def test_an_order_left_at_the_bank_stays_pending_for_ever(player: Player) -> None:
    await player.page_open()
    await player.act("pay", method=NB, bank="wait")
    player.clock.advance(100_000)
    assert "PENDING_VBV" == (await player.status())["status"]


async def test_each_payment_choice_is_an_attempt_of_its_own(player: Player) -> None:
    for vpa in ("failure@upi", "success@upi"):
        await player.page_open()
        await player.act("pay", method={"upi": vpa})
    truth = await player.control("/_control/orders/bun-7Kq2")
    assert [("bakery-bun-7Kq2-1", "AUTHORIZATION_FAILED"), ("bakery-bun-7Kq2-2", "CHARGED")] == [
        (one["txn_id"], one["status"]) for one in truth["attempts"]
    ]
    assert "bakery-bun-7Kq2-2" == (await player.status())["txn_id"]


async def test_a_newer_failure_leaves_a_pending_order_pending(player: Player) -> None:
    for vpa in ("pending@upi", "failure@upi"):
        await player.page_open()
        await player.act("pay", method={"upi": vpa})
    body = await player.status()
    assert ("PENDING_VBV", "bakery-bun-7Kq2-1") == (body["status"], body["txn_id"])


async def test_there_are_at_most_25_attempts(player: Player) -> None:
    await player.initiated()
    for _ in range(25):
        await player.sdk("process", (await player.session())["sdk_payload"])
        await player.act("pay", method={"upi": "failure@upi"})
    answer = await player.sdk("process", (await player.session())["sdk_payload"])
    assert "api_failure" == answer["events"][0]["payload"]["status"]


async def test_a_paid_order_takes_no_further_attempt(player: Player) -> None:
    await player.page_open("first")
    await player.page_open("second")
    await player.act("pay", "first", method={"upi": "success@upi"})
    answer = await player.http.post(
        "/_sdk/act", json={"instance": "second", "action": "pay", "method": {"upi": "success@upi"}}
    )
    assert 409 == answer.status_code


async def two_charges(player: Player) -> dict[str, Any]:
    for vpa in ("pending@upi", "success@upi"):
        await player.page_open()
        await player.act("pay", method={"upi": vpa})
    player.clock.advance(60)
    return await player.control("/_control/orders/bun-7Kq2")


async def test_two_attempts_can_both_be_charged(player: Player) -> None:
    truth = await two_charges(player)
    assert (2, "200.00", "100.00") == (truth["charges"], truth["charged"], truth["amount"])


async def test_a_second_charge_is_given_back_where_the_switch_is_on() -> None:
    player = player_of(SandboxConfig((bakery(),), auto_refund=True))
    truth = await two_charges(player)
    assert (1, "CHARGED", "AUTO_REFUNDED") == (truth["charges"], truth["status"], truth["attempts"][0]["status"])


async def test_a_success_that_comes_too_late_is_given_back_where_the_switch_is_on() -> None:
    player = player_of(SandboxConfig((bakery(),), auto_refund=True, pending_settles_after_s=601))
    await player.page_open()
    await player.act("pay", method={"upi": "late@upi"})
    player.clock.advance(601)
    body = await player.status()
    assert ("AUTO_REFUNDED", 36) == (body["status"], body["status_id"])


async def test_an_order_without_auto_capture_is_only_authorized(player: Player) -> None:
    await player.page_open(**{"metadata.txns.auto_capture": "false"})
    await player.act("pay", method=NB)
    body = await player.status()
    assert ("AUTHORIZED", 25) == (body["status"], body["status_id"])


@pytest.mark.parametrize(("outcome", "status"), [("SUCCESS", "CHARGED"), ("FAILURE", "AUTHORIZATION_FAILED")])
async def test_control_settles_a_pending_attempt(player: Player, outcome: str, status: str) -> None:
    await player.page_open()
    await player.act("pay", method={"upi": "stuck@upi"})
    truth = await player.control("/_control/orders/bun-7Kq2/settle", {"outcome": outcome})
    assert status == truth["status"]


async def test_control_makes_a_named_failure_succeed_late(player: Player) -> None:
    await player.page_open()
    await player.act("pay", method={"upi": "failure@upi"})
    body = {"outcome": "SUCCESS", "txn_id": "bakery-bun-7Kq2-1"}
    assert "CHARGED" == (await player.control("/_control/orders/bun-7Kq2/settle", body))["status"]


async def test_an_expired_order_takes_no_attempt(player: Player) -> None:
    await player.initiated()
    await player.session()
    player.clock.advance(7 * 86_400)
    answer = await player.sdk("process", (await player.session())["sdk_payload"])
    assert "This order has expired." == answer["events"][0]["errorMessage"]


@pytest.mark.parametrize(
    ("vpa", "first", "last"),
    [
        ("nogateway@upi", "STARTED", "STARTED"),
        ("authenticated@upi", "VBV_SUCCESSFUL", "CHARGED"),
        ("tobecharged@upi", "TO_BE_CHARGED", "TO_BE_CHARGED"),
    ],
)
async def test_the_rarer_statuses_can_be_reached(player: Player, vpa: str, first: str, last: str) -> None:
    await player.page_open()
    await player.act("pay", method={"upi": vpa})
    assert first == (await player.status())["status"]
    player.clock.advance(60)
    assert last == (await player.status())["status"]


@pytest.mark.parametrize("vpa", ["nogateway@upi", "authenticated@upi", "tobecharged@upi"])
@pytest.mark.parametrize(("outcome", "status"), [("SUCCESS", "CHARGED"), ("FAILURE", "AUTHORIZATION_FAILED")])
async def test_they_can_be_settled_by_hand(player: Player, vpa: str, outcome: str, status: str) -> None:
    await player.page_open()
    await player.act("pay", method={"upi": vpa})
    await player.control("/_control/orders/bun-7Kq2/settle", {"outcome": outcome})
    player.clock.advance(60)
    assert status == (await player.status())["status"]
