"""Faults in general: the table, how they are armed, and that each acts where and as often as asked, and no more."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from integration.sandbox.playing import HEADERS, Player

from paystate.entrypoints.sandbox.faults.arming import CALLS
from paystate.entrypoints.sandbox.faults.catalogue import FAULTS, FaultKind
from paystate.entrypoints.sandbox.faults.money_faults import CHARGEBACKS
from paystate.entrypoints.sandbox.routes.serve import ROUTES

ON_CALLS = [kind for kind in FAULTS if kind.seam in {"request", "answer"}]
ON_WEBHOOKS = [kind for kind in FAULTS if kind.seam == "webhook"]
IN_WORLD = [kind for kind in FAULTS if kind.seam == "world"]
QUICK = {"slow_drip": {"bytes": 1000, "every_s": 0}}


def name_of(kind: FaultKind) -> str:
    return kind.name


def test_every_fault_says_what_it_does_and_how_sure_it_is() -> None:
    assert len(FAULTS) == len({fault.name for fault in FAULTS})
    assert {fault.mark for fault in FAULTS} <= {"documented", "recorded", "secondary", "inferred", "ours"}
    assert all(fault.message.endswith(".") for fault in FAULTS)


def test_every_fault_has_a_test_of_its_own() -> None:
    """A test is a fault's own if it is called by its name: `test_webhook_drop_...`."""
    sources = "\n".join(path.read_text("utf-8") for path in Path(__file__).parent.glob("test_*_faults.py"))
    told = [line.split("(")[0] for line in sources.splitlines() if line.startswith("async def test_")]
    longest_first = sorted((kind.name for kind in FAULTS), key=len, reverse=True)
    own = {next((name for name in longest_first if f" test_{name}_" in one), "") for one in told}
    assert set[str]() == {kind.name for kind in FAULTS} - own


def test_calls_have_the_names_of_the_route_table() -> None:
    assert set(CALLS) == {row.name for row in ROUTES}


async def test_the_table_is_listed(player: Player) -> None:
    kinds = (await player.control("/_control/faults"))["kinds"]
    assert [(kind.name, kind.message, kind.mark, kind.seam, dict(kind.params)) for kind in FAULTS] == [
        tuple(kind[name] for name in ("name", "message", "mark", "seam", "params")) for kind in kinds
    ]


async def test_what_is_armed_is_listed_with_its_params(player: Player) -> None:
    armed = await player.arm("wrong_amount", order_id="bun-2", calls=3, params={"amount": "7.77"})
    assert {
        "id": 1,
        "name": "wrong_amount",
        "merchant_id": None,
        "order_id": "bun-2",
        "route": None,
        "calls": 3,
        "params": {"amount": "7.77"},
        "waits_for_order": True,
    } == armed
    assert [armed] == (await player.control("/_control/faults"))["armed"]


async def ask(player: Player, order_id: str) -> None:
    """Ask for order status, whatever comes of it."""
    with suppress(httpx.ReadError, httpx.RemoteProtocolError):
        await player.get(f"/orders/{order_id}")


@pytest.mark.parametrize("kind", ON_CALLS, ids=name_of)
async def test_on_calls_a_fault_acts_on_its_order_and_route_as_often_as_asked(player: Player, kind: FaultKind) -> None:
    for order_id in ("bun-1", "bun-2"):
        await player.paid(order_id=order_id)
    params = QUICK.get(kind.name, {})
    await player.arm(kind.name, order_id="BUN-2", route="order_status", calls=2, params=params)
    await ask(player, "bun-1")
    await player.session(order_id="bun-3")
    await player.post("/orders/bun-2/refunds", {"unique_request_id": "r1", "amount": "1"})
    for _ in range(3):
        await ask(player, "bun-2")
    calls = (await player.control("/_control/ledger?kind=call"))["entries"]
    assert [[], [], [], [kind.name], [kind.name], []] == [call["faults"] for call in calls[-6:]]
    assert [] == await player.armed()


@pytest.mark.parametrize("kind", ON_CALLS, ids=name_of)
async def test_on_calls_a_fault_does_not_change_the_order(player: Player, kind: FaultKind) -> None:
    await player.paid()
    before = await player.truth()
    await player.arm(kind.name, route="order_status", params=QUICK.get(kind.name, {}))
    await ask(player, "bun-7Kq2")
    assert (before, []) == (await player.truth(), await player.armed())


@pytest.mark.parametrize("kind", ON_WEBHOOKS, ids=name_of)
async def test_on_webhooks_a_fault_acts_on_its_order_and_event_as_often_as_asked(
    player: Player, kind: FaultKind
) -> None:
    await player.arm(kind.name, order_id="BUN-2", route="TXN_CREATED", calls=2)
    waiting = list[int]()
    for order_id, vpa in (("bun-1", "success"), ("bun-2", "failure"), ("bun-2", "failure"), ("bun-2", "success")):
        await player.page_open(order_id=order_id)
        await player.act("pay", method={"upi": f"{vpa}@upi"})
        waiting += [one["calls"] for one in (await player.control("/_control/faults"))["armed"]]
    assert [2, 1] == waiting


@pytest.mark.parametrize("kind", IN_WORLD, ids=name_of)
async def test_in_the_world_a_fault_wants_an_order(player: Player, kind: FaultKind) -> None:
    answer = await player.http.post("/_control/faults", json={"name": kind.name})
    assert (422, f"{kind.name}: order_id is wanted: this happens to one order") == refusal(answer)


@pytest.mark.parametrize("kind", [one for one in IN_WORLD if one.name != "hold"], ids=name_of)
async def test_in_the_world_a_fault_of_an_unknown_order_is_404(player: Player, kind: FaultKind) -> None:
    answer = await player.http.post("/_control/faults", json={"name": kind.name, "order_id": "none"})
    assert (404, "no such order", []) == (*refusal(answer), await player.armed())


@pytest.mark.parametrize("kind", [one for one in IN_WORLD if one.name not in {"hold", "amount_changed"}], ids=name_of)
async def test_in_the_world_what_cannot_happen_now_is_400_and_later_does_not_happen(
    player: Player, kind: FaultKind
) -> None:
    await player.session()
    before = await player.truth()
    order = {"name": kind.name, "order_id": "bun-7Kq2"}
    answer = await player.http.post("/_control/faults", json=order)
    await player.arm(kind.name, order_id="bun-7Kq2", params={"after_s": 1})
    await player.control("/_control/clock", {"advance_s": 1})
    assert (400, before, []) == (answer.status_code, await player.truth(), await player.armed())


async def test_in_the_world_a_fault_happens_at_its_time_and_once(player: Player) -> None:
    await player.paid()
    await player.arm("second_charge", order_id="bun-7kq2", params={"after_s": 60})
    charges = list[int]()
    for seconds in (59, 1, 3600, -7200, 7200):
        await player.control("/_control/clock", {"advance_s": seconds})
        charges.append((await player.truth())["charges"])
    assert [1, 2, 2, 2, 2] == charges
    assert "2031-05-06T07:09:09Z" == (await player.status())["last_updated"]


async def test_in_the_world_a_fault_can_be_taken_back_before_its_time(player: Player) -> None:
    await player.paid()
    armed = await player.arm("second_charge", order_id="bun-7Kq2", params={"after_s": 60})
    await player.http.delete(f"/_control/faults/{armed['id']}")
    await player.control("/_control/clock", {"advance_s": 60})
    assert 1 == (await player.truth())["charges"]


async def test_faults_can_be_cleared_one_or_all(player: Player) -> None:
    ids = [(await player.arm("status_5xx"))["id"] for _ in range(3)]
    assert 204 == (await player.http.delete(f"/_control/faults/{ids[0]}")).status_code
    assert ids[1:] == [one["id"] for one in (await player.control("/_control/faults"))["armed"]]
    assert 204 == (await player.http.delete("/_control/faults")).status_code
    assert [] == await player.armed()


def refusal(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]


@pytest.mark.parametrize(
    ("body", "member", "message"),
    [
        ({}, "name", "name is missing"),
        ({"name": "none"}, "name", "there is no fault none"),
        ({"name": "status_5xx", "calls": 0}, "calls", "calls must be a whole number, at least 1"),
        ({"name": "status_5xx", "calls": "2"}, "calls", "calls must be a whole number"),
        ({"name": "status_5xx", "calls": True}, "calls", "calls must be a whole number"),
        ({"name": "status_5xx", "order_id": 7}, "order_id", "order_id must be text"),
        ({"name": "status_5xx", "order_id": "bun 1"}, "order_id", "order_id has up to 20 letters"),
        ({"name": "status_5xx", "params": {"x": 1}}, "params.x", "status_5xx: it has no parameter x"),
        (
            {"name": "status_5xx", "params": {"status": 404}},
            "params.status",
            "status_5xx: status is a whole number from 500 to 599",
        ),
        ({"name": "status_5xx", "params": {"status": "500"}}, "params.status", "status_5xx: status is a number"),
        ({"name": "status_5xx", "params": {"status": True}}, "params.status", "status_5xx: status is a number"),
        ({"name": "slow_drip", "params": {"bytes": 0}}, "params.bytes", "slow_drip: bytes is a whole number from 1"),
        ({"name": "slow_drip", "params": {"bytes": 1.5}}, "params.bytes", "slow_drip: bytes is a whole number from 1"),
        ({"name": "slow_drip", "params": {"every_s": -1}}, "params.every_s", "slow_drip: every_s is 0 or more"),
        (
            {"name": "webhook_duplicate", "params": {"copies": 5000}},
            "params.copies",
            "webhook_duplicate: copies is a whole number",
        ),
        (
            {"name": "wrong_amount", "params": {"amount": "much"}},
            "params.amount",
            "wrong_amount: amount is an amount such as 1.00",
        ),
        (
            {"name": "wrong_amount", "params": {"amount": ""}},
            "params.amount",
            "wrong_amount: amount is an amount such as 1.00",
        ),
        ({"name": "wrong_amount", "params": {"amount": 1}}, "params.amount", "wrong_amount: amount is text"),
        (
            {"name": "auto_refund", "order_id": "a", "params": {"status": "SUCESS"}},
            "params.status",
            "auto_refund: status is one of PENDING",
        ),
        ({"name": "refused", "route": "refunds"}, "route", "refused: route is one of session, order_create"),
        ({"name": "webhook_drop", "route": "refund"}, "route", "webhook_drop: route is one of ORDER_SUCCEEDED"),
        ({"name": "hold", "order_id": "a", "route": "refund"}, "route", "hold: it has no route"),
        ({"name": "hold", "order_id": "a", "calls": 2}, "calls", "hold: this happens once"),
    ],
)
async def test_a_fault_that_cannot_be_names_the_member_and_says_why(
    player: Player, body: dict[str, Any], member: str, message: str
) -> None:
    answer = await player.http.post("/_control/faults", json=body)
    status, error = refusal(answer)
    assert (422, member, message, []) == (status, answer.json()["member"], error[: len(message)], await player.armed())


@pytest.mark.parametrize(
    ("body", "allowed"),
    [
        ({"name": "status_5xx", "parms": {}}, ["name", "order_id", "merchant_id", "route", "calls", "params"]),
        ({"name": "status_5xx", "params": {"statsu": 503}}, ["status"]),
        ({"name": "chargeback", "order_id": "a", "params": {"status": "LOST"}}, list(CHARGEBACKS)),
        (
            {"name": "external_refund", "order_id": "a", "params": {"status": "DONE"}},
            ["PENDING", "MANUAL_REVIEW", "SUCCESS", "FAILURE"],
        ),
    ],
)
async def test_a_misspelt_member_of_a_fault_is_told_with_what_it_may_be(
    player: Player, body: dict[str, Any], allowed: list[str]
) -> None:
    answer = await player.http.post("/_control/faults", json=body)
    assert (422, allowed, []) == (answer.status_code, answer.json()["allowed"], await player.armed())


async def test_a_fault_for_an_order_that_is_not_there_says_that_it_waits_for_it(player: Player) -> None:
    assert (await player.arm("status_5xx", order_id="bun-7Kq2", route="order_status"))["waits_for_order"]
    await player.session()
    assert [False] == [one["waits_for_order"] for one in (await player.control("/_control/faults"))["armed"]]
    assert 500 == (await player.get("/orders/bun-7Kq2")).status_code


async def test_a_denied_call_uses_up_no_fault(player: Player) -> None:
    await player.arm("status_5xx")
    assert 401 == (await player.http.get("/orders/bun-7Kq2", headers=HEADERS)).status_code
    assert ["status_5xx"] == await player.armed()


@pytest.mark.parametrize(
    "name",
    [kind.name for kind in FAULTS if kind.seam == "answer" and kind.routes] + ["not_found"],
)
async def test_what_changes_an_orders_answer_waits_for_an_order(player: Player, name: str) -> None:
    await player.arm(name, route="order_status")
    assert "NOT_FOUND" == (await player.status("none"))["status"]
    assert [name] == await player.armed()
