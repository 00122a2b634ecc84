"""Held money over the wire: asked for, captured, captured in part, released, and what is refused (contract L)."""

from __future__ import annotations

from typing import Any

import pytest
from integration.sandbox.playing import SESSION, Player, bakery, envelope, player_of, signed_process

from paystate.entrypoints.sandbox import SandboxConfig


async def capture(player: Player, uuid: str, **fields: str) -> Any:
    return await player.post(f"/v2/txns/{uuid}/capture", fields)


async def void(player: Player, uuid: str) -> Any:
    return await player.post(f"/v2/txns/{uuid}/void")


async def webhooks(player: Player) -> list[str]:
    return [one["event_name"] for one in await player.deliveries()]


async def test_a_session_may_ask_that_success_only_holds_the_money(player: Player) -> None:
    await player.held()
    status, truth = await player.status(), await player.truth()
    assert ("AUTHORIZED", 25, "0.00") == (status["status"], status["status_id"], truth["charged"])


async def test_an_order_may_ask_for_it_too(player: Player) -> None:
    await player.post("/orders", {**SESSION, "metadata.txns.auto_capture": "false"})
    await player.post(
        "/txns", {"order_id": SESSION["order_id"], "payment_method_type": "UPI", "upi_vpa": "success@upi"}
    )
    await player.control(f"/_control/orders/{SESSION['order_id']}/settle", {"outcome": "SUCCESS"})
    assert "AUTHORIZED" == (await player.status())["status"]


async def test_signed_order_details_may_ask_for_it_too(player: Player) -> None:
    await player.initiated()
    changes: dict[str, Any] = {"metadata.txns.auto_capture": "false"}
    await player.sdk("process", envelope(signed_process(**changes)))
    await player.act("pay", method={"upi": "success@upi"})
    assert "AUTHORIZED" == (await player.status("bun-signed"))["status"]


async def test_a_capture_takes_all_and_answers_with_the_order(player: Player) -> None:
    body = (await capture(player, await player.held())).json()
    assert ("CHARGED", 21, "CHARGED") == (body["status"], body["status_id"], body["txn_detail"]["status"])
    assert ("100.00", "ORDER_SUCCEEDED") == ((await player.truth())["charged"], (await webhooks(player))[-1])


async def test_a_part_is_captured_under_a_key(player: Player) -> None:
    body = (await capture(player, await player.held(), amount="40.00", idempotence_key="k1")).json()
    assert ("PARTIAL_CHARGED", 100, 40, "PARTIAL_CHARGED") == (
        body["status"],
        body["effective_amount"],
        body["captured_amount"],
        body["txn_detail"]["status"],
    )
    assert ("40.00", "ORDER_PARTIAL_CHARGED") == ((await player.truth())["charged"], (await webhooks(player))[-1])


async def test_the_same_key_again_captures_nothing_more(player: Player) -> None:
    uuid = await player.held()
    await capture(player, uuid, amount="40.00", idempotence_key="k1")
    again = await capture(player, uuid, amount="40.00", idempotence_key="k1")
    assert (200, "PARTIAL_CHARGED") == (again.status_code, again.json()["status"])
    assert 1 == (await player.effects()).count("txn_partly_charged")


async def test_another_key_is_refused_once_the_money_is_taken(player: Player) -> None:
    uuid = await player.held()
    await capture(player, uuid, amount="40.00", idempotence_key="k1")
    assert 400 == (await capture(player, uuid, amount="40.00", idempotence_key="k2")).status_code
    assert "40.00" == (await player.truth())["charged"]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"amount": "40.00"}, "idempotence_key"),
        ({"amount": "100.01", "idempotence_key": "k"}, "amount"),
        ({"amount": "0", "idempotence_key": "k"}, "amount"),
        ({"amount": "much", "idempotence_key": "k"}, "amount"),
    ],
)
async def test_a_wrong_part_is_refused_and_nothing_is_taken(player: Player, fields: dict[str, str], field: str) -> None:
    answer = await capture(player, await player.held(), **fields)
    assert (400, field) == (answer.status_code, answer.json()["error_info"]["fields"][0]["field_name"])
    assert "AUTHORIZED" == (await player.status())["status"]


async def test_parts_are_refused_where_the_gateway_has_none() -> None:
    player = player_of(SandboxConfig((bakery(),), partial_captures=False))
    uuid = await player.held()
    assert 400 == (await capture(player, uuid, amount="40.00", idempotence_key="k1")).status_code
    assert 200 == (await capture(player, uuid, amount="100.00")).status_code


@pytest.mark.parametrize(
    ("amount", "first", "last", "charged"),
    [
        ("100.81", "CAPTURE_FAILED", "CAPTURE_FAILED", "0.00"),
        ("100.82", "CAPTURE_INITIATED", "CHARGED", "100.82"),
        ("100.83", "CAPTURE_INITIATED", "CAPTURE_FAILED", "0.00"),
        ("100.84", "AUTHORIZED", "AUTHORIZED", "0.00"),
    ],
)
async def test_a_capture_ends_as_its_amount_says(
    player: Player, amount: str, first: str, last: str, charged: str
) -> None:
    answer = await capture(player, await player.held(amount=amount))
    assert (200, first) == (answer.status_code, answer.json()["status"])
    player.clock.advance(60)
    assert (last, charged) == ((await player.status())["status"], (await player.truth())["charged"])


async def test_a_part_that_waits_is_a_part_in_the_end(player: Player) -> None:
    await capture(player, await player.held(), amount="40.82", idempotence_key="k1")
    player.clock.advance(60)
    assert ("PARTIAL_CHARGED", "40.82") == ((await player.status())["status"], (await player.truth())["charged"])


async def test_a_part_that_waits_and_fails_takes_nothing(player: Player) -> None:
    await capture(player, await player.held(), amount="40.83", idempotence_key="k1")
    player.clock.advance(60)
    assert ("CAPTURE_FAILED", "0.00") == ((await player.status())["status"], (await player.truth())["charged"])
    assert "ORDER_CAPTURE_FAILED" == (await webhooks(player))[-1]


async def test_a_capture_that_waits_can_be_settled_by_hand(player: Player) -> None:
    await capture(player, await player.held(amount="100.83"))
    await player.control(f"/_control/orders/{SESSION['order_id']}/settle", {"outcome": "SUCCESS"})
    player.clock.advance(60)
    assert "CHARGED" == (await player.status())["status"]


@pytest.mark.parametrize(
    ("amount", "first", "last"),
    [
        ("100.00", "VOIDED", "VOIDED"),
        ("100.71", "VOID_FAILED", "VOID_FAILED"),
        ("100.72", "VOID_INITIATED", "VOIDED"),
        ("100.73", "VOID_INITIATED", "VOID_FAILED"),
        ("100.74", "AUTHORIZED", "AUTHORIZED"),
    ],
)
async def test_a_release_ends_as_its_amount_says(player: Player, amount: str, first: str, last: str) -> None:
    answer = await void(player, await player.held(amount=amount))
    assert (200, first) == (answer.status_code, answer.json()["status"])
    player.clock.advance(60)
    assert (last, "0.00") == ((await player.status())["status"], (await player.truth())["charged"])


async def test_after_a_failure_the_hold_may_be_ended_again(player: Player) -> None:
    uuid = await player.held(amount="100.81")
    await capture(player, uuid)
    assert "VOIDED" == (await void(player, uuid)).json()["status"]


@pytest.mark.parametrize("call", ["capture", "void"])
@pytest.mark.parametrize("first", ["capture", "void"])
async def test_what_is_no_longer_held_cannot_be_ended_again(player: Player, first: str, call: str) -> None:
    uuid = await player.held()
    status = (await player.post(f"/v2/txns/{uuid}/{first}")).json()["status"]
    answer = await player.post(f"/v2/txns/{uuid}/{call}")
    body = answer.json()
    assert (400, "Bad Request", "Invalid", "INVALID_INPUT") == (
        answer.status_code,
        body["status"],
        body["error_code"],
        body["error_info"]["code"],
    )
    assert status in body["error_message"]


async def test_a_failed_attempt_holds_nothing_to_release(player: Player) -> None:
    await player.page_open()
    await player.act("pay", method={"upi": "success@upi"}, bank="decline")
    answer = await void(player, (await player.status())["txn_uuid"])
    assert "AUTHENTICATION_FAILED" in answer.json()["error_message"]


@pytest.mark.parametrize("call", ["capture", "void"])
async def test_the_attempt_is_named_by_its_uuid_and_not_by_its_id(player: Player, call: str) -> None:
    await player.held()
    txn_id = (await player.status())["txn_id"]
    answers = [await player.post(f"/v2/txns/{name}/{call}") for name in (txn_id, "moznobody")]
    assert [404, 404] == [one.status_code for one in answers]


async def test_a_stranger_captures_nothing(player: Player) -> None:
    uuid = await player.held()
    answer = await player.http.post(f"/v2/txns/{uuid}/capture", headers={"x-merchantid": "bakery"}, auth=("WRONG", ""))
    assert (401, "AUTHORIZED") == (answer.status_code, (await player.status())["status"])


async def test_a_fault_of_the_order_meets_its_capture(player: Player) -> None:
    uuid = await player.held()
    await player.arm("status_5xx_after_effect", order_id=SESSION["order_id"], route="capture")
    assert 500 == (await capture(player, uuid)).status_code
    (call,) = [
        one for one in (await player.control("/_control/ledger?kind=call"))["entries"] if one["name"] == "capture"
    ]
    assert (SESSION["order_id"], True, ["status_5xx_after_effect"]) == (
        call["order_id"],
        call["had_effect"],
        call["faults"],
    )
    assert "100.00" == (await player.truth())["charged"]
