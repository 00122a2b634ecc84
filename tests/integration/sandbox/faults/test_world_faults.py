"""What happens to an order itself: each fault changes the world as its sentence says, and announces it (contract G, H).

Every check holds the truth, the order's body and the events against each other.
"""

from __future__ import annotations

from typing import Any

import pytest
from integration.sandbox.playing import SESSION, Player, bakery, player_of

from paystate.entrypoints.sandbox import SandboxConfig

ORDER = SESSION["order_id"]


async def pay(player: Player, *vpas: str) -> None:
    """One attempt after the other."""
    for vpa in vpas:
        await player.page_open()
        await player.act("pay", method={"upi": f"{vpa}@upi"})


async def hold_money(player: Player) -> None:
    await player.arm("hold", order_id=ORDER)
    await pay(player, "success")


async def happen(player: Player, name: str, **params: Any) -> dict[str, Any]:
    """Let a fault happen at once; it is not armed afterwards. Return the truth."""
    await player.arm(name, order_id=ORDER, params=params)
    assert [] == await player.armed()
    return await player.truth()


async def refusal(player: Player, name: str, **params: Any) -> str:
    """Why the fault cannot happen now."""
    body = {"name": name, "order_id": ORDER, "params": params}
    answer = await player.http.post("/_control/faults", json=body)
    assert 400 == answer.status_code
    return answer.json()["error"]


async def events(player: Player) -> list[str]:
    return [one["event_name"] for one in await player.deliveries()]


def attempts(truth: dict[str, Any]) -> list[str]:
    return [one["status"] for one in truth["attempts"]]


def money(truth: dict[str, Any]) -> tuple[str, str, str]:
    return truth["captured"], truth["charged"], truth["refunded"]


def refunds(truth: dict[str, Any]) -> list[tuple[str, ...]]:
    names = ("unique_request_id", "amount", "status", "initiated_by")
    return [tuple(one[name] for name in names) for one in truth["refunds"]]


async def body_of(player: Player, *names: str) -> tuple[Any, ...]:
    body = await player.status()
    return tuple(body[name] for name in names)


# --- attempts


async def test_late_success_charges_the_newest_failed_attempt(player: Player) -> None:
    await pay(player, "failure", "declined")
    truth = await happen(player, "late_success")
    assert (["AUTHORIZATION_FAILED", "CHARGED"], ("100.00", "100.00", "0.00")) == (attempts(truth), money(truth))
    assert "ORDER_SUCCEEDED" == (await events(player))[-1]


async def test_late_success_charges_the_named_attempt(player: Player) -> None:
    await pay(player, "failure", "failure")
    truth = await happen(player, "late_success", txn_id="bakery-bun-7Kq2-1")
    assert ["CHARGED", "AUTHORIZATION_FAILED"] == attempts(truth)


async def test_late_success_needs_a_failed_attempt(player: Player) -> None:
    await pay(player, "stuck")
    assert "the order has no failed attempt" == await refusal(player, "late_success")
    assert "the order has no such failed attempt" == await refusal(player, "late_success", txn_id="none")


async def test_second_charge_is_an_attempt_of_its_own(player: Player) -> None:
    await pay(player, "success")
    truth = await happen(player, "second_charge")
    assert (2, ("200.00", "200.00", "0.00"), "CHARGED") == (truth["charges"], money(truth), truth["status"])
    assert "bakery-bun-7Kq2-2" == (await player.status())["txn_id"]
    assert ["TXN_CREATED", "ORDER_SUCCEEDED"] == (await events(player))[-2:]
    assert ["txn_started", "txn_charged"] == (await player.effects())[-2:]


async def test_second_charge_needs_a_paid_order(player: Player) -> None:
    await pay(player, "failure")
    assert "the order is not paid" == await refusal(player, "second_charge")


async def test_second_charge_ends_at_25_attempts(player: Player) -> None:
    await pay(player, "success")
    for _ in range(24):
        await happen(player, "second_charge")
    assert "the order has too many attempts" == await refusal(player, "second_charge")


async def test_auto_refund_gives_the_one_payment_back(player: Player) -> None:
    await pay(player, "success")
    truth = await happen(player, "auto_refund")
    assert ("AUTO_REFUNDED", ("100.00", "0.00", "100.00")) == (truth["status"], money(truth))
    assert [("ARauto1", "100.00", "SUCCESS", "juspay")] == refunds(truth)
    assert ("AUTO_REFUNDED", 36, True, 100) == await body_of(
        player, "status", "status_id", "refunded", "amount_refunded"
    )
    (listed,) = (await player.status())["refunds"]
    assert ("ARauto1", 100, "SUCCESS", "AUTO_REFUNDED") == tuple(
        listed[name] for name in ("unique_request_id", "amount", "status", "initiated_by")
    )
    assert "AUTO_REFUND_SUCCEEDED" == (await events(player))[-1]


async def test_auto_refund_of_a_second_payment_leaves_the_order_charged(player: Player) -> None:
    await pay(player, "success")
    await happen(player, "second_charge")
    truth = await happen(player, "auto_refund")
    assert (["CHARGED", "AUTO_REFUNDED"], "CHARGED") == (attempts(truth), truth["status"])
    assert ("200.00", "100.00", "100.00") == money(truth)
    assert "bakery-bun-7Kq2-1" == (await player.status())["txn_id"]


async def test_auto_refund_gives_the_named_attempt_back(player: Player) -> None:
    await pay(player, "success")
    await happen(player, "second_charge")
    truth = await happen(player, "auto_refund", txn_id="bakery-bun-7Kq2-1")
    assert ["AUTO_REFUNDED", "CHARGED"] == attempts(truth)


async def test_auto_refund_leaves_what_another_attempt_took_refundable(player: Player) -> None:
    await pay(player, "success")
    await happen(player, "second_charge")
    await happen(player, "auto_refund")
    player.clock.advance(5)
    answers = [await player.refund(*refund) for refund in (("r1", "100.01"), ("r2", "100"), ("r3", "1"))]
    assert [400, 200, 400] == [answer.status_code for answer in answers]


async def test_auto_refund_of_the_only_payment_leaves_nothing_to_refund(player: Player) -> None:
    await pay(player, "success")
    await happen(player, "auto_refund")
    player.clock.advance(5)
    assert "invalid.order.not_successful" == (await player.refund("r1", "1")).json()["error_code"]


async def test_auto_refund_need_not_be_listed() -> None:
    player = player_of(SandboxConfig((bakery(),), auto_refunds_listed=False))
    await pay(player, "success")
    truth = await happen(player, "auto_refund")
    assert ("100.00", False, 0) == (truth["refunded"], *await body_of(player, "refunded", "amount_refunded"))
    assert "refunds" not in await player.status()


async def test_auto_refund_failed_begins_to_give_back_in_vain(player: Player) -> None:
    await pay(player, "success")
    truth = await happen(player, "auto_refund_failed")
    assert ("AUTO_REFUNDED", ("100.00", "0.00", "0.00")) == (truth["status"], money(truth))
    assert [("ARauto1", "100.00", "FAILURE", "juspay")] == refunds(truth)
    assert "AUTO_REFUND_FAILED" == (await events(player))[-1]


# --- held money


async def test_hold_makes_the_next_success_hold_the_money_only(player: Player) -> None:
    await player.arm("hold", order_id="BUN-7kq2")
    await pay(player, "failure", "success")
    truth = await player.truth()
    assert (["AUTHORIZATION_FAILED", "AUTHORIZED"], ("0.00", "0.00", "0.00")) == (attempts(truth), money(truth))
    assert ("AUTHORIZED", 25) == await body_of(player, "status", "status_id")
    assert ("ORDER_AUTHORIZED", []) == ((await events(player))[-1], await player.armed())


async def test_hold_leaves_other_orders_alone(player: Player) -> None:
    await player.arm("hold", order_id="bun-2")
    await pay(player, "success")
    assert ("CHARGED", ["hold"]) == ((await player.truth())["status"], await player.armed())


async def test_hold_holds_what_is_charged_later(player: Player) -> None:
    await pay(player, "pending")
    await player.arm("hold", order_id=ORDER)
    player.clock.advance(60)
    assert "AUTHORIZED" == (await player.status())["status"]


async def test_partial_charge_captures_a_part(player: Player) -> None:
    await hold_money(player)
    truth = await happen(player, "partial_charge", amount="60.50")
    assert ("PARTIAL_CHARGED", ["CHARGED"]) == (truth["status"], attempts(truth))
    assert ("60.50", "60.50", "0.00") == money(truth)
    body = await player.status()
    assert ("PARTIAL_CHARGED", 100, 100, 60.5, "PARTIAL_CHARGED") == (
        body["status"],
        body["amount"],
        body["effective_amount"],
        body["captured_amount"],
        body["txn_detail"]["status"],
    )
    assert "ORDER_PARTIAL_CHARGED" == (await events(player))[-1]
    effect = (await player.control("/_control/ledger?kind=effect"))["entries"][-1]
    assert ("txn_partly_charged", "60.50") == (effect["effect"], effect["amount"])


async def test_partial_charge_lets_that_part_be_given_back(player: Player) -> None:
    await hold_money(player)
    await happen(player, "partial_charge", amount="60")
    assert "invalid.amount.exceeded" == (await player.refund("r1", "60.01")).json()["error_code"]
    assert 200 == (await player.refund("r2", "60")).status_code


async def test_partial_charge_that_is_given_back_by_itself_gives_back_the_part(player: Player) -> None:
    await hold_money(player)
    await happen(player, "partial_charge", amount="60")
    assert ("60.00", "0.00", "60.00") == money(await happen(player, "auto_refund"))


async def test_partial_charge_takes_less_than_what_is_held(player: Player) -> None:
    await hold_money(player)
    assert "amount is less than what is held" == await refusal(player, "partial_charge", amount="100")


@pytest.mark.parametrize("name", ["partial_charge", "capture", "capture_failed", "void", "void_failed"])
async def test_what_ends_a_hold_needs_one(player: Player, name: str) -> None:
    await pay(player, "success")
    assert "the order has no attempt that holds money" == await refusal(player, name)


async def ended(player: Player, name: str) -> tuple[str, str, str, str]:
    """Hold money and let the fault end it: status, what is charged, the last event and the last effect."""
    await hold_money(player)
    truth = await happen(player, name)
    assert truth["status"] == (await player.status())["status"]
    return truth["status"], truth["charged"], (await events(player))[-1], (await player.effects())[-1]


async def test_capture_takes_the_held_money(player: Player) -> None:
    assert ("CHARGED", "100.00", "ORDER_SUCCEEDED", "txn_charged") == await ended(player, "capture")


async def test_capture_failed_takes_none(player: Player) -> None:
    told = await ended(player, "capture_failed")
    assert ("CAPTURE_FAILED", "0.00", "ORDER_CAPTURE_FAILED", "txn_capture_failed") == told
    assert (34, "CAPTURE_DENIED") == await body_of(player, "status_id", "bank_error_code")


async def test_capture_failed_may_be_followed_by_a_capture(player: Player) -> None:
    await ended(player, "capture_failed")
    await happen(player, "capture")
    assert ("CHARGED", "") == await body_of(player, "status", "bank_error_code")


async def test_void_releases_the_held_money(player: Player) -> None:
    assert ("VOIDED", "0.00", "ORDER_VOIDED", "txn_voided") == await ended(player, "void")
    assert "the order has no attempt that holds money" == await refusal(player, "capture")


async def test_void_failed_does_not_release_it(player: Player) -> None:
    assert ("VOID_FAILED", "0.00", "ORDER_VOID_FAILED", "txn_void_failed") == await ended(player, "void_failed")
    assert (35, "VOID_DENIED") == await body_of(player, "status_id", "bank_error_code")


# --- refunds


async def with_refund(player: Player, *amounts: str) -> None:
    await pay(player, "success")
    for number, amount in enumerate(amounts, 1):
        assert 200 == (await player.refund(f"r{number}", amount)).status_code


async def test_refund_success_ends_an_open_refund(player: Player) -> None:
    await with_refund(player, "10")
    truth = await happen(player, "refund_success")
    assert ([("r1", "10.00", "SUCCESS", "API")], "10.00") == (refunds(truth), truth["refunded"])
    assert "ORDER_REFUNDED" == (await events(player))[-1]


async def test_refund_failure_ends_an_open_refund(player: Player) -> None:
    await with_refund(player, "10")
    truth = await happen(player, "refund_failure")
    assert ([("r1", "10.00", "FAILURE", "API")], "0.00") == (refunds(truth), truth["refunded"])
    assert "ORDER_REFUND_FAILED" == (await events(player))[-1]


async def test_refund_failure_outlasts_the_end_it_would_have_had(player: Player) -> None:
    await with_refund(player, "10")
    await happen(player, "refund_failure")
    await player.control("/_control/clock", {"advance_s": 86_400})
    assert ["FAILURE"] == [one["status"] for one in (await player.truth())["refunds"]]


async def test_refund_manual_review_leaves_it_open(player: Player) -> None:
    await with_refund(player, "10")
    truth = await happen(player, "refund_manual_review")
    assert (["MANUAL_REVIEW"], 1) == ([one["status"] for one in truth["refunds"]], truth["refunds_pending"])
    assert "REFUND_MANUAL_REVIEW_NEEDED" == (await events(player))[-1]
    assert "SUCCESS" == (await happen(player, "refund_success"))["refunds"][0]["status"]


async def test_refund_pending_keeps_it_open_until_something_else_is_armed(player: Player) -> None:
    await with_refund(player, "10")
    await happen(player, "refund_pending")
    await player.control("/_control/clock", {"advance_s": 10 * 86_400})
    assert ["PENDING"] == [one["status"] for one in (await player.truth())["refunds"]]
    assert "SUCCESS" == (await happen(player, "refund_success"))["refunds"][0]["status"]


@pytest.mark.parametrize(
    ("name", "status"),
    [("refund_success", "SUCCESS"), ("refund_failure", "FAILURE"), ("refund_manual_review", "MANUAL_REVIEW")],
)
@pytest.mark.parametrize(("named", "which"), [("", 1), ("r1", 0)])
async def test_the_newest_open_refund_or_the_named_one_ends(
    player: Player, name: str, status: str, named: str, which: int
) -> None:
    await with_refund(player, "10", "20")
    truth = await happen(player, name, unique_request_id=named)
    expected = ["PENDING", "PENDING"]
    expected[which] = status
    assert expected == [one["status"] for one in truth["refunds"]]


@pytest.mark.parametrize("name", ["refund_success", "refund_failure", "refund_manual_review", "refund_pending"])
async def test_a_refund_that_is_not_open_cannot_end(player: Player, name: str) -> None:
    await with_refund(player, "10")
    await happen(player, "refund_success")
    assert "the order has no open refund" == await refusal(player, name)
    assert "the order has no such open refund" == await refusal(player, name, unique_request_id="r1")


async def test_external_refund_gives_all_that_is_left(player: Player) -> None:
    await with_refund(player, "10")
    truth = await happen(player, "external_refund")
    assert [("r1", "10.00", "PENDING", "API"), ("dash1", "90.00", "SUCCESS", "dashboard")] == refunds(truth)
    assert ["API", "shp_desk"] == [one["initiated_by"] for one in (await player.status())["refunds"]]
    assert "ORDER_REFUNDED" == (await events(player))[-1]
    assert "invalid.amount.exceeded" == (await player.refund("r2", "1")).json()["error_code"]


async def test_external_refund_does_not_obey_the_5_second_guard(player: Player) -> None:
    await with_refund(player, "10")
    truth = await happen(player, "external_refund", amount="10.00", unique_request_id="dash7")
    assert [("r1", "10.00"), ("dash7", "10.00")] == [one[:2] for one in refunds(truth)]


@pytest.mark.parametrize("status", ["PENDING", "FAILURE", "MANUAL_REVIEW"])
async def test_external_refund_has_the_status_it_is_told(player: Player, status: str) -> None:
    await pay(player, "success")
    await happen(player, "external_refund", amount="10", status=status)
    await player.control("/_control/clock", {"advance_s": 86_400})
    assert [status] == [one["status"] for one in (await player.truth())["refunds"]]


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"amount": "90.01"}, "the amount is more than what can be given back"),
        ({"unique_request_id": "r1"}, "the order has a refund of that id"),
    ],
)
async def test_external_refund_that_cannot_be_is_refused(player: Player, params: dict[str, str], message: str) -> None:
    await with_refund(player, "10")
    assert message == await refusal(player, "external_refund", **params)


async def test_external_refund_needs_a_paid_order(player: Player) -> None:
    await pay(player, "failure")
    assert "the order has no charged attempt" == await refusal(player, "external_refund")


# --- Mandates


async def with_mandate(player: Player, bank: str = "approve") -> None:
    await player.page_open(**{"options.create_mandate": "REQUIRED"})
    await player.act("pay", method={"upi": "success@upi"}, bank=bank)


async def mandate_after(player: Player, fault: str) -> tuple[str, str]:
    """How the mandate stands after the fault, and the event that told it."""
    await player.arm(fault, order_id="bun-7Kq2")
    return (await player.status())["mandate"]["mandate_status"], (await player.deliveries())[-1]["event_name"]


async def test_mandate_paused_keeps_it_from_being_executed(player: Player) -> None:
    await with_mandate(player)
    assert ("PAUSED", "MANDATE_PAUSED") == await mandate_after(player, "mandate_paused")
    mandate_id = (await player.status())["mandate"]["mandate_id"]
    fields = {"order.order_id": "bun-again", "order.amount": "20", "mandate_id": mandate_id}
    assert "JP_852" == (await player.post("/txns", fields)).json()["error_code"]


async def test_mandate_revoked_ends_it(player: Player) -> None:
    await with_mandate(player)
    assert ("REVOKED", "MANDATE_REVOKED") == await mandate_after(player, "mandate_revoked")


async def test_mandate_expired_ends_it(player: Player) -> None:
    await with_mandate(player)
    assert ("EXPIRED", "MANDATE_EXPIRED") == await mandate_after(player, "mandate_expired")


async def test_mandate_failed_happens_before_it_is_active(player: Player) -> None:
    await with_mandate(player, bank="wait")
    assert ("FAILURE", "MANDATE_FAILED") == await mandate_after(player, "mandate_failed")


@pytest.mark.parametrize("fault", ["mandate_paused", "mandate_revoked", "mandate_expired", "mandate_failed"])
async def test_without_a_mandate_nothing_happens_to_it(player: Player, fault: str) -> None:
    await player.paid()
    answer = await player.http.post("/_control/faults", json={"name": fault, "order_id": "bun-7Kq2"})
    assert 400 == answer.status_code
