"""Mandates: asked for, made with the first attempt, active with the payment, executed, revoked (contract L)."""

from __future__ import annotations

from typing import Any

import pytest
from integration.sandbox.playing import SESSION, START, Player, bakery, envelope, player_of, signed_process
from integration.sandbox.receiving import Receiver, deliver, receiving

from paystate.entrypoints.sandbox import SandboxConfig

WISH = {
    "options.create_mandate": "REQUIRED",
    "mandate.max_amount": "500.00",
    "mandate.frequency": "MONTHLY",
    "mandate.start_date": "1935903600",
    "mandate.end_date": "1967439600",
}


async def active(player: Player) -> str:
    """Bring a shopper's mandate to ACTIVE, and return its id."""
    await player.paid(**WISH)
    return str((await player.status())["mandate"]["mandate_id"])


async def execute(player: Player, mandate_id: str, amount: str = "20.00", **changes: str) -> Any:
    fields = {
        "order.order_id": "bun-again",
        "order.amount": amount,
        "order.customer_id": "c-77",
        "merchant_id": "bakery",
        "mandate_id": mandate_id,
        "format": "json",
    } | changes
    return await player.post("/txns", fields)


async def revoke(player: Player, mandate_id: str, command: str = "revoke") -> Any:
    return await player.post(f"/mandates/{mandate_id}", {"command": command})


async def test_there_is_no_mandate_before_the_first_attempt(player: Player) -> None:
    await player.session(**WISH)
    assert "mandate" not in await player.status()


async def test_an_order_without_the_wish_never_has_one(player: Player) -> None:
    await player.paid()
    assert "mandate" not in await player.status()


async def test_a_mandate_is_made_with_the_first_attempt(player: Player) -> None:
    await player.page_open(**WISH)
    await player.act("pay", method={"upi": "success@upi"}, bank="wait")
    mandate = (await player.status())["mandate"]
    assert ("CREATED", 500, "MONTHLY", "1935903600") == tuple(
        mandate[name] for name in ("mandate_status", "max_amount", "frequency", "start_date")
    )


async def test_a_failed_attempt_leaves_it_as_it_is_and_the_next_has_no_second(player: Player) -> None:
    await player.page_open(**WISH)
    await player.act("pay", method={"upi": "failure@upi"})
    first = (await player.status())["mandate"]
    await player.paid(**WISH)
    second = (await player.status())["mandate"]
    assert ("CREATED", "ACTIVE") == (first["mandate_status"], second["mandate_status"])
    assert first["mandate_id"] == second["mandate_id"]


@pytest.mark.parametrize("amount", ["10.00", "20.00", "30.00", "40.00"])
async def test_an_execution_takes_a_magic_amount_without_the_shopper(player: Player, amount: str) -> None:
    answer = await execute(player, await active(player), amount)
    order = await player.status("bun-again")
    assert (200, "CHARGED", "bakery-bun-again-1") == (
        answer.status_code,
        answer.json()["status"],
        answer.json()["txn_id"],
    )
    assert ("CHARGED", order["mandate"]["mandate_id"]) == (
        order["status"],
        (await player.status())["mandate"]["mandate_id"],
    )
    assert amount == (await player.truth("bun-again"))["charged"]


@pytest.mark.parametrize("amount", ["10.01", "11.00", "50.00"])
async def test_an_execution_of_another_amount_fails(player: Player, amount: str) -> None:
    answer = await execute(player, await active(player), amount)
    assert (200, "AUTHORIZATION_FAILED") == (answer.status_code, answer.json()["status"])
    assert "0.00" == (await player.truth("bun-again"))["charged"]


async def test_an_execution_waits_for_its_date(player: Player) -> None:
    due = str(int(START.timestamp()) + 3600)
    answer = await execute(player, await active(player), **{"mandate.execution_date": due})
    assert "PENDING_VBV" == answer.json()["status"]
    player.clock.advance(3599)
    assert "PENDING_VBV" == (await player.status("bun-again"))["status"]
    player.clock.advance(1)
    assert "CHARGED" == (await player.status("bun-again"))["status"]


async def test_an_execution_that_waits_takes_nothing_once_the_mandate_is_revoked(player: Player) -> None:
    mandate_id = await active(player)
    await execute(player, mandate_id, **{"mandate.execution_date": str(int(START.timestamp()) + 3600)})
    await revoke(player, mandate_id)
    player.clock.advance(3600)
    order = await player.status("bun-again")
    assert ("AUTHORIZATION_FAILED", "JP_852") == (order["status"], order["bank_error_code"])
    assert "0.00" == (await player.truth("bun-again"))["charged"]


async def test_a_mandate_is_not_executed_without_the_api_key(player: Player) -> None:
    mandate_id = await active(player)
    fields = {"order.order_id": "bun-again", "order.amount": "20", "merchant_id": "bakery", "mandate_id": mandate_id}
    answer = await player.http.post("/txns", data=fields)
    assert (401, "access_denied") == (answer.status_code, answer.json()["error_code"])
    assert "NOT_FOUND" == (await player.status("bun-again"))["status"]


async def test_an_order_id_in_use_is_a_duplicate(player: Player) -> None:
    answer = await execute(player, await active(player), **{"order.order_id": SESSION["order_id"]})
    assert (400, "DUPLICATE_ORDER_ID", 40) == (answer.status_code, answer.json()["status"], answer.json()["status_id"])


async def test_more_than_the_mandate_allows_is_refused(player: Player) -> None:
    answer = await execute(player, await active(player), "500.01")
    assert (400, "Invalid Request", "Invalid") == (
        answer.status_code,
        answer.json()["status"],
        answer.json()["error_code"],
    )


async def test_another_customer_is_refused(player: Player) -> None:
    answer = await execute(player, await active(player), **{"order.customer_id": "thief"})
    assert "order.customer_id" == answer.json()["error_info"]["fields"][0]["field_name"]


async def test_an_unreadable_date_is_refused(player: Player) -> None:
    answer = await execute(player, await active(player), **{"mandate.execution_date": "tomorrow"})
    assert "mandate.execution_date" == answer.json()["error_info"]["fields"][0]["field_name"]


async def test_a_mandate_that_is_not_active_is_not_executed(player: Player) -> None:
    await player.page_open(**WISH)
    await player.act("pay", method={"upi": "success@upi"}, bank="wait")
    answer = await execute(player, (await player.status())["mandate"]["mandate_id"])
    assert (400, "JP_852") == (answer.status_code, answer.json()["error_code"])


async def test_an_unknown_mandate_is_not_found(player: Player) -> None:
    answers = [await execute(player, "nobodys"), await revoke(player, "nobodys")]
    assert [(400, "Mandate not found")] * 2 == [(one.status_code, one.json()["error_code"]) for one in answers]


async def test_a_revoked_mandate_is_not_executed(player: Player) -> None:
    mandate_id = await active(player)
    answer = await revoke(player, mandate_id)
    assert (200, {"mandate_status": "REVOKED", "mandate_id": mandate_id}) == (answer.status_code, answer.json())
    assert "JP_852" == (await execute(player, mandate_id)).json()["error_code"]
    assert "REVOKED" == (await player.status())["mandate"]["mandate_status"]


async def test_a_customers_mandates_are_listed_by_either_id(player: Player) -> None:
    made = await player.post("/customers", {"object_reference_id": "c-77", "mobile_number": "9000000077"})
    mandate_id = await active(player)
    lists = [(await player.get(f"/customers/{one}/mandates")).json() for one in ("c-77", made.json()["id"], "c-78")]
    assert [1, 1, 0] == [one["total"] for one in lists]
    assert (mandate_id, "ACTIVE") == tuple(lists[0]["list"][0][name] for name in ("mandate_id", "status"))


async def test_another_command_changes_nothing(player: Player) -> None:
    mandate_id = await active(player)
    answer = await revoke(player, mandate_id, "dance")
    assert (400, "Invalid Request", "bad_request") == (
        answer.status_code,
        answer.json()["status"],
        answer.json()["error_code"],
    )
    assert "ACTIVE" == (await player.status())["mandate"]["mandate_status"]


async def test_its_events_have_a_structure_of_their_own() -> None:
    receiver = Receiver()
    async with receiving(receiver) as player:
        mandate_id = await active(player)
        await revoke(player, mandate_id)
        await revoke(player, mandate_id)
        await deliver(player)
    told = [body for body in receiver.bodies if body["event_name"].startswith("MANDATE_")]
    assert ["MANDATE_CREATED", "MANDATE_ACTIVATED", "MANDATE_REVOKED"] == [body["event_name"] for body in told]
    assert [{"mandate"}] * 3 == [set(body["content"]) for body in told]
    assert {(mandate_id, SESSION["order_id"])} == {
        (body["content"]["mandate"]["mandate_id"], body["content"]["mandate"]["order_id"]) for body in told
    }


async def test_a_webhook_fault_that_changes_orders_leaves_a_mandates_event_alone(player: Player) -> None:
    await player.arm("webhook_other_merchant", calls=9)
    await active(player)
    assert "MANDATE_ACTIVATED" in [one["event_name"] for one in await player.deliveries()]


@pytest.mark.parametrize("name", ["mandate.max_amount", "mandate_max_amount"])
async def test_both_spellings_of_the_most_it_may_take_are_read(player: Player, name: str) -> None:
    await player.paid(**{"options.create_mandate": "REQUIRED", name: "300.00"})
    assert 300 == (await player.status())["mandate"]["max_amount"]


@pytest.mark.parametrize("asked", [True, False])
async def test_terms_that_are_true_or_false_are_read(player: Player, asked: bool) -> None:
    await player.paid(
        **{"options.create_mandate": "REQUIRED", "mandate.block_funds": asked, "mandate.revokable_by_customer": asked}
    )
    mandate = (await player.status())["mandate"]
    assert (asked, asked) == (mandate["block_fund"], mandate["revokable_by_customer"])


async def test_signed_order_details_may_ask_for_one(player: Player) -> None:
    await player.initiated()
    wish: dict[str, Any] = {"options.create_mandate": "REQUIRED", "mandate.block_funds": True}
    await player.sdk("process", envelope(signed_process(**wish)))
    await player.act("pay", method={"upi": "success@upi"})
    mandate = (await player.status("bun-signed"))["mandate"]
    assert ("ACTIVE", True) == (mandate["mandate_status"], mandate["block_fund"])


async def test_one_is_asked_for_with_the_attempt_too(player: Player) -> None:
    fields = {
        "order.order_id": "bun-new",
        "order.amount": "1",
        "order.options.create_mandate": "REQUIRED",
        "order.mandate_max_amount": "16",
        "payment_method_type": "UPI",
        "payment_method": "UPI_COLLECT",
        "upi_vpa": "success@upi",
        "should_create_mandate": "true",
    }
    await player.post("/txns", fields)
    mandate = (await player.status("bun-new"))["mandate"]
    assert ("CREATED", 16) == (mandate["mandate_status"], mandate["max_amount"])


@pytest.mark.parametrize(("wish", "status"), [(WISH, "CHARGED"), ({}, "AUTO_REFUNDED")])
async def test_a_late_success_is_kept_where_there_is_a_mandate(wish: dict[str, str], status: str) -> None:
    player = player_of(SandboxConfig((bakery(),), auto_refund=True, late_success_limit_s=30))
    await player.page_open(**wish)
    await player.act("pay", method={"upi": "late@upi"})
    player.clock.advance(60)
    assert status == (await player.status())["status"]
