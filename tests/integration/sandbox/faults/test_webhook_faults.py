"""Faults of webhooks, as the merchant's endpoint sees them over a real socket (contract I)."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from integration.sandbox.playing import Player
from integration.sandbox.receiving import BASIC, Receiver, deliver, receiving

ALL = ["ORDER_CREATED", "TXN_CREATED", "ORDER_SUCCEEDED"]


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
async def player(receiver: Receiver) -> AsyncIterator[Player]:
    """A sandbox whose merchant's endpoint is `receiver`."""
    async with receiving(receiver) as one:
        yield one


async def pay_with(player: Player, name: str, *, event: str = "TXN_CREATED", **params: Any) -> None:
    """Arm a fault of one event, pay an order, and let its webhooks arrive."""
    await player.arm(name, route=event, params=params)
    await player.paid()
    await deliver(player)


async def test_webhook_drop_sends_nothing_of_the_event(player: Player, receiver: Receiver) -> None:
    await pay_with(player, "webhook_drop")
    assert ["ORDER_CREATED", "ORDER_SUCCEEDED"] == receiver.names


@pytest.mark.parametrize("copies", [2, 3])
async def test_webhook_duplicate_sends_the_very_same_bytes_again(
    player: Player, receiver: Receiver, copies: int
) -> None:
    await pay_with(player, "webhook_duplicate", copies=copies)
    assert ["ORDER_CREATED", *["TXN_CREATED"] * copies, "ORDER_SUCCEEDED"] == receiver.names
    assert 1 == len(set(receiver.raw[1 : 1 + copies]))


async def test_webhook_delay_sends_the_event_later(player: Player, receiver: Receiver) -> None:
    await pay_with(player, "webhook_delay", seconds=60)
    assert ["ORDER_CREATED", "ORDER_SUCCEEDED"] == receiver.names
    player.clock.advance(59)
    assert 0 == (await deliver(player))["attempts"]
    player.clock.advance(1)
    await deliver(player)
    assert "TXN_CREATED" == receiver.names[-1]


async def test_webhook_delay_of_a_duplicate_delays_both(player: Player, receiver: Receiver) -> None:
    await player.arm("webhook_duplicate")
    await player.arm("webhook_delay")
    await player.session()
    assert ["2031-05-06T07:13:09Z"] * 2 == [one["due_at"] for one in await player.deliveries()]


async def test_webhook_reorder_sends_the_event_after_the_next_one(player: Player, receiver: Receiver) -> None:
    await pay_with(player, "webhook_reorder", event="ORDER_CREATED")
    assert ["TXN_CREATED", "ORDER_CREATED", "ORDER_SUCCEEDED"] == receiver.names


async def test_webhook_reorder_waits_for_an_event_of_the_same_order(player: Player, receiver: Receiver) -> None:
    await player.arm("webhook_reorder")
    await player.session(order_id="bun-1")
    await player.paid(order_id="bun-2")
    player.clock.advance(86_400)
    await deliver(player)
    assert ALL == receiver.names
    assert "held" == (await player.deliveries())[0]["state"]


async def test_webhook_reorder_of_two_events_sends_both_after_the_third(player: Player, receiver: Receiver) -> None:
    await player.arm("webhook_reorder", calls=2)
    await player.paid()
    await deliver(player)
    assert ["ORDER_SUCCEEDED", "ORDER_CREATED", "TXN_CREATED"] == receiver.names


async def test_webhook_reorder_outlasts_a_next_event_that_is_dropped(player: Player, receiver: Receiver) -> None:
    await player.arm("webhook_reorder", route="ORDER_CREATED")
    await pay_with(player, "webhook_drop")
    assert ["ORDER_SUCCEEDED", "ORDER_CREATED"] == receiver.names


async def test_webhook_corrupt_cuts_the_body_in_the_middle(player: Player, receiver: Receiver) -> None:
    await pay_with(player, "webhook_corrupt")
    with pytest.raises(json.JSONDecodeError):
        json.loads(receiver.raw[1])
    assert receiver.raw[1].startswith(b'{"id":"evt_V2_')
    assert b'"TXN_CREATED"' in receiver.raw[1]


async def test_webhook_forge_sends_one_of_its_own_beside_the_true_one(player: Player, receiver: Receiver) -> None:
    await pay_with(player, "webhook_forge")
    assert ["ORDER_CREATED", "TXN_CREATED", "ORDER_SUCCEEDED", "ORDER_SUCCEEDED"] == receiver.names
    true, forged = receiver.bodies[1:3]
    assert true["id"] != forged["id"]
    assert ("PENDING_VBV", "CHARGED", 21, "CHARGED") == (
        true["content"]["order"]["status"],
        forged["content"]["order"]["status"],
        forged["content"]["order"]["status_id"],
        forged["content"]["order"]["txn_detail"]["status"],
    )
    assert {BASIC} == {headers["authorization"] for headers in receiver.headers}


async def test_webhook_forge_says_what_it_is_told_to(player: Player, receiver: Receiver) -> None:
    message: dict[str, Any] = {"status": "AUTHORIZATION_FAILED", "status_id": 27, "event_name": "ORDER_FAILED"}
    await pay_with(player, "webhook_forge", **message)
    forged = receiver.bodies[2]
    assert ("ORDER_FAILED", 27) == (forged["event_name"], forged["content"]["order"]["status_id"])


async def test_webhook_forge_beside_a_duplicate_forges_one(player: Player, receiver: Receiver) -> None:
    await player.arm("webhook_duplicate", route="TXN_CREATED")
    await pay_with(player, "webhook_forge", event_name="FORGED")
    assert ["TXN_CREATED", "TXN_CREATED", "FORGED"] == receiver.names[1:4]


async def test_webhook_forge_keeps_what_other_faults_added(player: Player, receiver: Receiver) -> None:
    await player.arm("webhook_unknown_fields", route="TXN_CREATED")
    await pay_with(player, "webhook_forge")
    true, forged = receiver.bodies[1:3]
    assert true["content"].keys() == forged["content"].keys()


async def test_webhook_changed_body_uses_an_event_id_twice(player: Player, receiver: Receiver) -> None:
    await pay_with(player, "webhook_changed_body", amount="7.77")
    true, other = receiver.bodies[1:3]
    assert (true["id"], true["event_name"]) == (other["id"], other["event_name"])
    assert (100, 7.77) == (true["content"]["order"]["amount"], other["content"]["order"]["amount"])


async def test_webhook_wrong_password_is_wrong_once_and_right_on_the_schedule(
    player: Player, receiver: Receiver
) -> None:
    receiver.answer = lambda: 200 if receiver.headers[-1]["authorization"] == BASIC else 401
    await pay_with(player, "webhook_wrong_password")
    wrong = "Basic " + base64.b64encode(b"bakery:not-hook-pass").decode()
    assert [BASIC, wrong, BASIC] == [headers["authorization"] for headers in receiver.headers]
    player.clock.advance(59)
    assert 0 == (await deliver(player))["attempts"]
    player.clock.advance(1)
    assert {"attempts": 1, "waiting": 0, "undelivered": 0} == await deliver(player)
    assert (receiver.raw[1], BASIC) == (receiver.raw[3], receiver.headers[3]["authorization"])


async def test_webhook_other_merchant_names_one_in_its_content(player: Player, receiver: Receiver) -> None:
    await pay_with(player, "webhook_other_merchant")
    assert ["bakery", "somebody-else", "bakery"] == [one["content"]["order"]["merchant_id"] for one in receiver.bodies]


async def test_webhook_unknown_order_names_one_in_its_content(player: Player, receiver: Receiver) -> None:
    await pay_with(player, "webhook_unknown_order")
    named = [(one["content"]["order"]["order_id"], one["event_name"]) for one in receiver.bodies]
    assert list(zip(["bun-7Kq2", "never-opened", "bun-7Kq2"], ALL, strict=True)) == named


async def test_webhook_unknown_event_has_a_name_nobody_has_heard_of(player: Player, receiver: Receiver) -> None:
    await pay_with(player, "webhook_unknown_event")
    assert ["ORDER_CREATED", "SOMETHING_HAPPENED", "ORDER_SUCCEEDED"] == receiver.names


async def test_webhook_unknown_fields_are_added_everywhere_and_change_no_known_one(
    player: Player, receiver: Receiver
) -> None:
    await player.arm("webhook_unknown_fields", route="TXN_CREATED")
    await player.arm("webhook_duplicate", route="TXN_CREATED")
    await player.page_open()
    await player.act("pay", method={"upi": "failure@upi"})
    await player.page_open()
    await player.act("pay", method={"upi": "success@upi"})
    await deliver(player)
    odd, plain = [one for one in receiver.bodies if one["event_name"] == "TXN_CREATED"][1:]
    assert {"orderId", "payment_status"} <= odd.keys() - plain.keys()
    assert {"orderId", "payment_status"} <= odd["content"]["order"].keys() - plain["content"]["order"].keys()
    assert ("evt_V2_", "bakery", "PENDING_VBV") == (
        odd["id"][:7],
        odd["content"]["order"]["merchant_id"],
        odd["content"]["order"]["status"],
    )


async def test_an_event_that_is_not_wanted_uses_up_no_fault(player: Player) -> None:
    body = {"url": "http://127.0.0.1:9/hook", "events": ["ORDER_SUCCEEDED"]}
    await player.control("/_control/merchants/bakery/webhook", body)
    await player.arm("webhook_drop")
    await player.session()
    assert ["webhook_drop"] == await player.armed()


async def test_webhook_odd_shapes_names_the_order_by_a_number(player: Player, receiver: Receiver) -> None:
    await player.arm("webhook_odd_shapes", route="ORDER_SUCCEEDED")
    await player.paid(order_id="20310506001", amount="12.50")
    await deliver(player)
    orders = [one["content"]["order"] for one in receiver.bodies]
    assert ["20310506001", "20310506001", 20310506001] == [one["order_id"] for one in orders]
    assert ("CHARGED", "27", "12.5", []) == tuple(
        orders[-1][name] for name in ("status", "status_id", "amount", "txn_detail")
    )
