"""The whole service in front of a Juspay that nobody of the sandbox's wrote: real processes, real HTTP."""

from __future__ import annotations

from collections import deque
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from e2e.shop import JUSPAY_KEY, MERCHANT, ORDER, PASSWORD, START, Shop, installed, process, shop
from e2e.standin import Fault
from patience import until

from paystate.adapters.clock import SettableClock
from paystate.entrypoints.service.worker import Worker
from paystate.entrypoints.setup.runtime import Runtime

ID: str = ORDER["order_id"]
PLAIN = {"amounts": "plain", "no_refunds": "absent", "is_reversed": True, "has_extras": False}
SPARE = {"amounts": "text", "no_refunds": "null", "has_status_id": False, "not_found": 404}

UNFIT: tuple[dict[str, Any], ...] = (
    {"amount": 349.49},
    {"amount": "349.5000001"},
    {"amount": None},
    {"currency": "USD"},
    {"merchant_id": "AcmeBooks"},
    {"order_id": "another"},
)


async def says(at: Shop, status: str, **more: Any) -> dict[str, Any]:
    """Wait until the order's status, and whatever else is named, is as expected."""

    async def as_expected() -> dict[str, Any]:
        order = await at.order()
        return order if {"status": status, **more}.items() <= order.items() else {}

    return await until(as_expected)


async def turns(at: Shop, one: Runtime, seconds: int, step_s: int = 1) -> None:
    """Let the worker work while the clock runs, so many seconds of its time."""
    clock, worker = one.ports.clock, Worker(one)
    assert isinstance(clock, SettableClock)
    for _ in range(0, seconds, step_s):
        clock.advance(step_s)
        at.juspay.now = clock.now() if at.juspay.now else None
        while await worker.turn():
            pass


@pytest.mark.parametrize(
    ("mode", "knobs"),
    [("signature", PLAIN), ("session", SPARE)],
    ids=["signed, plain and backwards", "session with little in it"],
)
async def test_the_flow_from_page_to_refund_by_a_real_process(tmp_path: Path, mode: str, knobs: dict[str, Any]) -> None:
    async with shop(tmp_path, mode, **knobs) as at, process(at) as service:
        checkout, token = await at.at_the_page(return_url="https://shop.example.test/done?a=1")
        at.juspay.paid(ID)
        hook = at.juspay.webhook(ID, "ORDER_SUCCEEDED", "evt_V2_1")
        assert [200, 200] == [(await at.hook(hook)).status_code for _ in range(2)]
        back = await at.http.get(f"{at.service_url}/return/{MERCHANT}?{at.juspay.return_query(ID, basket='a b&c')}")
        assert (303, f"https://shop.example.test/done?a=1&order_id={ID}") == (
            back.status_code,
            back.headers["location"],
        )
        await says(at, "CHARGED", paid=True, amount_captured="349.50", review=[])
        shown = (await at.call("GET", f"{checkout}/result", token=token)).json()
        assert ("paid", True) == (shown["result"], shown["is_proved"])

        part = (await at.refund("100.00", "part")).json()["refund"]
        rest = (await at.refund("249.50", "rest")).json()["refund"]
        assert ["PENDING", "PENDING"] == [part["state"], rest["state"]]
        assert 422 == (await at.refund("0.01", "paisa")).status_code
        at.juspay.settled(part["refund_id"])
        await at.hook(at.juspay.webhook(ID, "ORDER_REFUNDED", "evt_V2_2"))
        await says(at, "PARTIALLY_REFUNDED", amount_refunded="100.00", amount_refundable="0.00")
        at.juspay.settled(rest["refund_id"])
        await at.hook(at.juspay.webhook(ID, "ORDER_REFUNDED", "evt_V2_3"))
        await says(at, "REFUNDED", amount_refunded="349.50", review=[])
        assert at.juspay.effects == at.called("refund") == [part["refund_id"], rest["refund_id"]]
        assert {ORDER["customer"]["customer_id"]} == {call.headers["x-routing-id"] for call in at.juspay.calls}

        service.terminate()
        assert 0 == await service.wait()
        assert not (tmp_path / "paystate.sqlite3-wal").exists()  # everything was closed, not dropped


async def test_worker_and_service_may_be_two_processes(tmp_path: Path) -> None:
    async with (
        shop(tmp_path) as at,
        process(at, "serve", "--no-worker"),
        process(at, "worker", ready=b'"working"') as worker,
    ):
        await at.at_the_page()
        at.juspay.paid(ID)
        await says(at, "CHARGED", paid=True)
        worker.terminate()
        assert 0 == await worker.wait()


async def test_an_answer_that_is_none_changes_nothing(tmp_path: Path) -> None:
    async with shop(tmp_path) as at, installed(at, SettableClock(START)):
        await at.at_the_page()
        at.juspay.paid(ID)
        before = await at.order()
        for kind in ("html", "cut", "gone", "503", "429", "redirect"):
            at.juspay.down = Fault(kind)
            answer = await at.call("POST", f"/v1/orders/{ID}/look")
            assert 500 < answer.status_code < 505
            assert before == {**await at.order(), "next_look_at": before["next_look_at"]}
        assert {"status"} == {call.operation for call in at.juspay.calls}  # the redirect was not followed
        at.juspay.down = None
        assert "CHARGED" == (await at.look())["status"]


async def test_an_answer_that_does_not_fit_proves_nothing(tmp_path: Path) -> None:
    async with shop(tmp_path) as at, installed(at, SettableClock(START)):
        for number, changes in enumerate(UNFIT):
            await at.at_the_page(order_id=f"o{number}")
            at.juspay.paid(f"o{number}", **changes)
            order = await at.look(f"o{number}")
            assert ("NEW", False, "0.00") == (order["status"], order["paid"], order["amount_captured"]), changes
            assert ["mismatch"] == [reason["kind"] for reason in order["review"]], changes
            assert 409 == (await at.refund("1.00", f"k{number}", f"o{number}")).status_code


@pytest.mark.parametrize(
    ("fault", "calls"),
    [
        (Fault("gone", after_effect=True), 1),
        (Fault("cut", after_effect=True), 1),
        (Fault("busy"), 2),
        (Fault("429"), 2),
    ],
    ids=lambda value: f"{value.kind} {value.after_effect}" if isinstance(value, Fault) else "",
)
async def test_a_refund_without_an_answer_is_made_once(tmp_path: Path, fault: Fault, calls: int) -> None:
    async with shop(tmp_path) as at, installed(at, SettableClock(START)) as one:
        await at.charged()
        at.juspay.faults["refund"] = deque([fault])
        refund = (await at.refund("100.00", "k")).json()["refund"]
        assert "REQUESTED" == refund["state"]
        await turns(at, one, 90)
        assert [refund["refund_id"]] == at.juspay.effects
        assert [refund["refund_id"]] * calls == at.called("refund")
        await says(at, "CHARGED", amount_refundable="249.50", review=[])


async def test_the_same_id_sent_twice_is_found_in_the_list(tmp_path: Path) -> None:
    """The first call's effect comes late: a look lists nothing, the id is sent again and refused as a duplicate."""
    async with shop(tmp_path) as at, installed(at, SettableClock(START)) as one:
        await at.charged()
        at.juspay.faults["refund"] = deque([Fault("gone", after_effect=True)])
        order = at.juspay.orders[ID.lower()]
        order.changes["refunds"] = []
        refund_id = (await at.refund("100.00", "k")).json()["refund"]["refund_id"]
        await turns(at, one, 40)
        assert [refund_id] == at.juspay.effects
        assert {refund_id} == set(at.called("refund"))
        assert 1 < len(at.called("refund")) < 6
        del order.changes["refunds"]
        await turns(at, one, 120, 5)
        assert "PENDING" == (await at.order())["refunds"][0]["state"]
        assert [refund_id] == at.juspay.effects


async def test_money_once_proved_is_never_unproved(tmp_path: Path) -> None:
    async with shop(tmp_path) as at, installed(at, SettableClock(START)):
        await at.charged()
        for status in ("AUTHORIZATION_FAILED", "PENDING_VBV", "NEW"):
            at.juspay.orders[ID.lower()].status = status
            order = await at.look()
            assert ("CHARGED", True, ["denied"]) == (
                order["status"],
                order["paid"],
                [reason["kind"] for reason in order["review"]],
            )
        forgotten = at.juspay.orders.pop(ID.lower())
        assert "CHARGED" == (await at.look())["status"]
        assert 409 == (await at.refund("1.00", "k")).status_code
        at.juspay.orders[ID.lower()] = forgotten
        assert not at.juspay.effects


async def test_nothing_secret_is_logged_or_told(tmp_path: Path) -> None:
    async with shop(tmp_path) as at:
        async with process(at) as service:
            await at.charged()
            await at.refund("1.00", "k")
            for kind in ("html", "gone"):
                at.juspay.faults["status"] = deque([Fault(kind)])
                await at.call("POST", f"/v1/orders/{ID}/look")
            await at.http.get(f"{at.service_url}/return/{MERCHANT}?{at.juspay.return_query(ID)}&basket={PASSWORD}")
            await at.http.get(f"{at.service_url}/v1/orders?api_key={JUSPAY_KEY}")
            await at.call("POST", "/v1/orders", {**ORDER, "description": 5})
            await at.hook(f"no json: {PASSWORD} {ORDER['customer']}".encode())
            await says(at, "CHARGED")
            service.terminate()
            await service.wait()
        at.juspay.api_key = "another"
        async with process(at, "doctor", "--online", ready=b"access_denied") as doctor:
            assert 1 == await doctor.wait()
        assert b'"status": 504' in at.logged
        secrets = (b"CANARY", b"canary.mail", b"9876500001", b"pst_test_", b"pct_", b"PRIVATE KEY", b"Traceback")
        assert [] == [secret for secret in secrets if secret in at.logged]


async def test_an_order_expires_on_juspays_date_and_on_no_other(tmp_path: Path) -> None:
    async with shop(tmp_path) as at, installed(at, SettableClock(START)) as one:
        await at.at_the_page()
        at.juspay.paid(ID, "AUTHORIZATION_FAILED")
        assert "FAILED" == (await at.look())["status"]
        assert isinstance(one.ports.clock, SettableClock)
        one.ports.clock.advance(8 * 86400)
        assert "FAILED" == (await at.look())["status"]
        at.juspay.now = START + timedelta(days=7, seconds=1)
        assert "EXPIRED" == (await at.look())["status"]
        at.juspay.paid(ID)
        late = await at.look()
        assert ("CHARGED", True, ["late_success"]) == (
            late["status"],
            late["paid"],
            [reason["kind"] for reason in late["review"]],
        )


async def test_a_refund_made_elsewhere_takes_its_part(tmp_path: Path) -> None:
    async with shop(tmp_path) as at, installed(at, SettableClock(START)):
        await at.charged()
        elsewhere = {"unique_request_id": "dash1", "amount": Decimal(300), "status": "SUCCESS", "initiated_by": "x"}
        at.juspay.orders[ID.lower()].refunds.append(elsewhere)
        order = await at.look()
        assert ("PARTIALLY_REFUNDED", "49.50") == (order["status"], order["amount_refundable"])
        assert 422 == (await at.refund("49.51", "k")).status_code


async def test_an_outage_of_an_hour_is_no_storm(tmp_path: Path) -> None:
    async with shop(tmp_path) as at, installed(at, SettableClock(START)) as one:
        await at.at_the_page()
        at.juspay.paid(ID)
        at.juspay.down = Fault("503")
        await turns(at, one, 3600, 20)
        tried = len(at.called("status"))
        assert 30 < tried <= 60 * 2  # a read that finds nobody is repeated once
        at.juspay.down = None
        await turns(at, one, 70, 5)
        assert "CHARGED" == (await at.order())["status"]
        assert len(at.called("status")) - tried <= 2


async def test_a_clock_that_is_set_back_does_not_reorder_the_timeline(tmp_path: Path) -> None:
    async with shop(tmp_path) as at, installed(at, SettableClock(START)) as one:
        await at.charged()
        assert isinstance(one.ports.clock, SettableClock)
        one.ports.clock.advance(-86400)
        await at.refund("1.00", "k")
        told = (await at.call("GET", f"/v1/orders/{ID}/timeline")).json()["timeline"]
        versions = [moment["version"] for moment in told if moment["version"]]
        assert sorted(versions) == versions


async def test_a_clock_that_jumps_changes_no_state(tmp_path: Path) -> None:
    async with shop(tmp_path) as at, installed(at, SettableClock(START)) as one:
        await at.at_the_page()
        at.juspay.paid(ID, "PENDING_VBV")
        await turns(at, one, 10)
        assert isinstance(one.ports.clock, SettableClock)
        for jump_s in (86400, -86400, -86400, 2 * 86400):
            one.ports.clock.advance(jump_s)
            await turns(at, one, 120, 5)
            assert "PENDING" == (await at.order())["status"]
        one.ports.clock.advance(-86400)
        at.juspay.paid(ID)
        await at.hook(at.juspay.webhook(ID, "ORDER_SUCCEEDED", "evt_1"))  # a hint is heard at any time
        await turns(at, one, 5)
        assert "CHARGED" == (await at.order())["status"]
        assert len(at.called("status")) < 60


async def test_what_is_hinted_at_while_nobody_can_be_asked_is_asked_later(tmp_path: Path) -> None:
    async with shop(tmp_path) as at, installed(at, SettableClock(START)) as one:
        await at.charged()
        refund_id = (await at.refund("10.00", "k")).json()["refund"]["refund_id"]
        at.juspay.settled(refund_id)
        at.juspay.down = Fault("gone")
        await at.hook(at.juspay.webhook(ID, "ORDER_REFUNDED", "evt_1"))
        await turns(at, one, 3)
        at.juspay.down = None
        await turns(at, one, 70, 5)
        assert "PARTIALLY_REFUNDED" == (await at.order())["status"]
