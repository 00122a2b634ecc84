"""What the app may tell the SDK while the page is open: updateOrder, resumePayment (contract D.4)."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from integration.sandbox.playing import START, Player, bakery, envelope, milliseconds, player_of, signed, signed_process

from paystate.entrypoints.sandbox import SandboxConfig

ORDER_ID = "bun-signed"


def details(**changes: str) -> dict[str, str]:
    facts = {
        "order_id": ORDER_ID,
        "merchant_id": "bakery",
        "amount": "80.00",
        "customer_id": "c-77",
        "timestamp": milliseconds(START),
    } | changes
    text = json.dumps(facts)
    return {"orderDetails": text, "signature": signed(text)}


async def tell(player: Player, action: str, **payload: Any) -> dict[str, Any]:
    return await player.sdk("process", envelope({"action": action, **payload}))


def problem(answer: dict[str, Any]) -> tuple[str, str, object]:
    (event,) = answer["events"]
    return event["payload"]["status"], event["errorCode"], answer["page_url"]


@pytest.fixture
async def opened() -> AsyncIterator[Player]:
    """An app with the page open, in signature mode, that is told of each payment."""
    player = player_of(SandboxConfig((bakery(),), payment_attempt_event=True))
    async with player.http:
        await player.initiated()
        await player.sdk("process", envelope(signed_process()))
        yield player


async def reference(player: Player, **more: Any) -> str:
    answer = await player.act("pay", method={"upi": "success@upi"}, **more)
    return str(answer["events"][0]["payload"]["txnReference"])


async def test_an_update_changes_the_amount_and_keeps_the_page_open(opened: Player) -> None:
    answer = await tell(opened, "updateOrder", **details(udf1="table 5"))
    order = await opened.status(ORDER_ID)
    assert ([], True, 80, "table 5") == (answer["events"], bool(answer["page_url"]), order["amount"], order["udf1"])


async def test_the_shopper_then_pays_the_new_amount(opened: Player) -> None:
    await tell(opened, "updateOrder", **details())
    await tell(opened, "resumePayment", txnReference=await reference(opened), status=True)
    assert "80.00" == (await opened.truth(ORDER_ID))["charged"]


@pytest.mark.parametrize(
    "payload",
    [
        {**details(), "signature": signed("another text")},
        {**details(), "merchantKeyId": "key-2"},
        details(order_id="bun-other"),
        details(merchant_id="florist"),
        details(amount="0"),
        {},
    ],
)
async def test_an_update_that_does_not_hold_ends_the_call_and_changes_nothing(
    opened: Player, payload: dict[str, str]
) -> None:
    assert ("api_failure", "JP_001", None) == problem(await tell(opened, "updateOrder", **payload))
    assert 100 == (await opened.status(ORDER_ID))["amount"]


async def test_once_a_payment_was_started_nothing_is_updated(opened: Player) -> None:
    await tell(opened, "resumePayment", txnReference=await reference(opened, bank="wait"), status=True)
    assert "api_failure" == problem(await tell(opened, "updateOrder", **details()))[0]
    assert 100 == (await opened.status(ORDER_ID))["amount"]


async def test_the_app_is_told_of_a_payment_before_it_starts(opened: Player) -> None:
    answer = await opened.act("pay", method={"card": "4242424242424242"})
    (event,) = answer["events"]
    assert ("paymentAttempt", "CARD", "VISA") == (
        event["event"],
        event["payload"]["payment_method_type"],
        event["payload"]["payment_method"],
    )
    assert ("choose", "NEW") == (answer["page"], (await opened.status(ORDER_ID))["status"])


async def test_it_goes_on_when_the_app_says_so(opened: Player) -> None:
    answer = await tell(opened, "resumePayment", txnReference=await reference(opened), status=True)
    assert ("charged", "", None) == problem(answer)
    assert "CHARGED" == (await opened.status(ORDER_ID))["status"]


async def test_it_goes_on_with_the_order_told_anew(opened: Player) -> None:
    await tell(opened, "resumePayment", txnReference=await reference(opened), status=True, **details())
    assert "80.00" == (await opened.truth(ORDER_ID))["charged"]


async def test_given_up_it_leaves_the_page_without_an_attempt(opened: Player) -> None:
    answer = await tell(opened, "resumePayment", txnReference=await reference(opened), status=False)
    assert ("backpressed", "NEW") == (problem(answer)[0], (await opened.status(ORDER_ID))["status"])


@pytest.mark.parametrize("payload", [{"txnReference": "txr_other"}, {"status": "true"}, {"orderDetails": "{}"}])
async def test_a_resumption_that_does_not_hold_starts_nothing(opened: Player, payload: dict[str, Any]) -> None:
    fields: dict[str, Any] = {"txnReference": await reference(opened), "status": True} | payload
    assert "api_failure" == problem(await tell(opened, "resumePayment", **fields))[0]
    assert "NEW" == (await opened.status(ORDER_ID))["status"]


async def test_while_it_waits_the_shopper_starts_no_other(opened: Player) -> None:
    await reference(opened)
    body = {"action": "pay", "method": {"upi": "success@upi"}}
    answer = await opened.http.post("/_sdk/act", json=body, headers={"x-sdk-instance": "app"})
    assert 409 == answer.status_code


async def test_without_an_open_page_nothing_is_updated(opened: Player) -> None:
    await opened.act("back")
    assert ("api_failure", "JP_001", None) == problem(await tell(opened, "updateOrder", **details()))
    assert 100 == (await opened.status(ORDER_ID))["amount"]


async def test_without_the_feature_a_payment_starts_at_once(player: Player) -> None:
    await player.page_open()
    answer = await player.act("pay", method={"upi": "success@upi"})
    assert ["process_result"] == [event["event"] for event in answer["events"]]
