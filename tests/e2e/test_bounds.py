"""Nothing grows without end: storms over HTTP, what they may use up, and that nothing accepted is lost in them."""

from __future__ import annotations

import asyncio
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

from e2e.shop import MERCHANT, ORDER, START, Shop, installed, shop

from paystate.adapters.clock import SettableClock
from paystate.core.ids import OrderKey
from paystate.core.policy import DEFAULT
from paystate.entrypoints.service.worker import Worker
from paystate.entrypoints.setup.runtime import Runtime

ID: str = ORDER["order_id"]
CALLERS = 32


async def turns(at: Shop, one: Runtime, seconds: int, step_s: int = 1) -> None:
    """Let the worker work while the clock runs."""
    clock, worker = one.ports.clock, Worker(one)
    assert isinstance(clock, SettableClock)
    for _ in range(0, seconds, step_s):
        clock.advance(step_s)
        while await worker.turn():
            pass


async def test_a_flood_of_webhooks_about_one_order_is_kept_in_bounds_and_still_followed(tmp_path: Path) -> None:
    floods = 1_200
    async with shop(tmp_path) as at, installed(at, SettableClock(START)) as one:
        await at.at_the_page()
        at.juspay.paid(ID, "PENDING_VBV")
        bodies = [at.juspay.webhook(ID, "TXN_CREATED", f"evt_{number}") for number in range(floods)]
        for begin in range(0, floods, CALLERS):
            answers = await asyncio.gather(*(at.hook(body) for body in bodies[begin : begin + CALLERS]))
            assert {200} == {answer.status_code for answer in answers}
        await turns(at, one, 1)
        rows = await one.ports.store.webhooks_of(OrderKey(MERCHANT, ID))
        assert DEFAULT.webhooks_max + 1 == len(rows)
        assert floods == sum(1 + row.repeats for row in rows)
        assert len(at.called("status")) <= DEFAULT.looks_per_minute

        at.juspay.paid(ID)  # and only one more webhook, beyond the bound, tells of it
        await turns(at, one, 60, 30)
        before = len(at.called("status"))
        assert 200 == (await at.hook(at.juspay.webhook(ID, "ORDER_SUCCEEDED", "evt_paid"))).status_code
        await turns(at, one, 1)
        assert before < len(at.called("status"))
        assert "CHARGED" == (await at.order())["status"]


async def test_events_of_one_checkout_are_taken_up_to_the_bound_and_cost_few_looks(tmp_path: Path) -> None:
    async with shop(tmp_path) as at, installed(at, SettableClock(START)) as one:
        checkout, token = await at.at_the_page()
        event = {"event": "process_result", "payload": {"status": "charged"}, "error": False}
        calls = (
            at.call("POST", f"{checkout}/events", event, token=token) for _ in range(DEFAULT.checkout_events_max + 50)
        )
        told = Counter(answer.status_code for answer in await asyncio.gather(*calls))
        before = 1  # initiate_result, on the way to the page
        assert {202: DEFAULT.checkout_events_max - before, 429: 50 + before} == told
        await turns(at, one, 30)
        assert len(at.called("status")) <= DEFAULT.looks_per_minute
        assert "NEW" == (await at.order())["status"]
        at.juspay.paid(ID)
        await turns(at, one, 60, 5)
        assert "paid" == (await at.call("GET", f"{checkout}/result", token=token)).json()["result"]


async def test_looks_on_demand_come_out_of_one_budget(tmp_path: Path) -> None:
    async with shop(tmp_path) as at, installed(at, SettableClock(START)):
        await at.at_the_page()
        answers = await asyncio.gather(*(at.call("POST", f"/v1/orders/{ID}/look") for _ in range(100)))
        most = 10  # the other askers keep their shares of the minute's 20
        assert {200: most, 429: 100 - most} == Counter(answer.status_code for answer in answers)
        assert {"60"} == {answer.headers["retry-after"] for answer in answers if answer.status_code == 429}
        assert most == len(at.called("status"))


async def test_a_backend_that_asks_again_and_again_leaves_a_look_to_a_webhook(tmp_path: Path) -> None:
    async with shop(tmp_path) as at, installed(at, SettableClock(START)) as one:
        await at.at_the_page()
        at.juspay.paid(ID, "PENDING_VBV")
        while 200 == (await at.call("POST", f"/v1/orders/{ID}/look")).status_code:
            pass
        at.juspay.paid(ID)
        await at.hook(at.juspay.webhook(ID, "ORDER_SUCCEEDED", "evt_1"))
        await turns(at, one, 1)
        assert "CHARGED" == (await at.order())["status"]


async def test_refunds_of_one_order_are_taken_up_to_juspays_own_bound_and_all_made(tmp_path: Path) -> None:
    async with shop(tmp_path) as at, installed(at, SettableClock(START)) as one:
        await at.charged()
        asked = [at.refund(f"1.{number:02}", f"k{number}") for number in range(DEFAULT.refunds_max + 8)]
        answers = await asyncio.gather(*asked)
        assert {201: DEFAULT.refunds_max, 409: 8} == Counter(answer.status_code for answer in answers)
        assert {"too_many_refunds"} == {answer.json()["code"] for answer in answers if answer.status_code == 409}
        await turns(at, one, 60)
        accepted = {answer.json()["refund"]["refund_id"] for answer in answers if answer.status_code == 201}
        assert accepted == set(at.juspay.effects)
        assert DEFAULT.refunds_max == len(at.juspay.effects) == len(at.called("refund"))


async def test_attempts_beyond_juspays_own_bound_are_not_kept_but_money_always_is(tmp_path: Path) -> None:
    async with shop(tmp_path) as at, installed(at, SettableClock(START)) as one:
        await at.at_the_page()
        for _ in range(DEFAULT.attempts_max + 15):
            at.juspay.paid(ID, "AUTHORIZATION_FAILED")
            await at.look()
            one.ports.clock.advance(181)  # type: ignore[attr-defined]
        assert DEFAULT.attempts_max + 1 == len((await at.order())["attempts"])
        at.juspay.paid(ID)
        order = await at.look()
        assert ("CHARGED", True, "349.50") == (order["status"], order["paid"], order["amount_captured"])


async def test_refunds_made_elsewhere_without_end_are_kept_in_bounds_and_seen_by_a_person(tmp_path: Path) -> None:
    async with shop(tmp_path) as at, installed(at, SettableClock(START)):
        await at.charged()
        at.juspay.orders[ID.lower()].refunds = [_elsewhere(number) for number in range(300)]
        order = await at.look()
        assert 2 * DEFAULT.refunds_max == len(order["refunds"])
        assert ["mismatch"] == [reason["kind"] for reason in order["review"]]
        assert 409 == (await at.refund("1.00", "k")).status_code


async def test_mismatches_without_end_are_kept_in_bounds(tmp_path: Path) -> None:
    async with shop(tmp_path) as at, installed(at, SettableClock(START)) as one:
        await at.at_the_page()
        for number in range(70):
            at.juspay.paid(ID, amount=number)
            await at.look()
            one.ports.clock.advance(181)  # type: ignore[attr-defined]
        reasons = (await at.order())["review"]
        assert {"mismatch"} == {reason["kind"] for reason in reasons}
        assert 50 == len(reasons)


def _elsewhere(number: int) -> dict[str, Any]:
    return {"unique_request_id": f"dash{number}", "amount": Decimal("0.01"), "status": "SUCCESS", "initiated_by": "x"}
