"""Faults: each does what its row says, as often and where it is asked to, and no more."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from integration.sandbox.playing import HEADERS, KEY, SESSION, START, Player, bakery

from paystate.entrypoints.sandbox import SandboxClock, SandboxConfig, create_app, running
from paystate.entrypoints.sandbox.faults import FAULTS


async def arm(player: Player, name: str, **more: Any) -> dict[str, Any]:
    return await player.control("/_control/faults", {"name": name, **more})


async def last_call(player: Player) -> dict[str, Any]:
    return (await player.control("/_control/ledger?kind=call"))["entries"][-1]


async def deliveries(player: Player) -> list[dict[str, Any]]:
    return (await player.control("/_control/webhooks"))["deliveries"]


def test_every_fault_says_what_it_does_and_how_sure_it_is() -> None:
    assert len(FAULTS) == len({fault.name for fault in FAULTS})
    assert {fault.mark for fault in FAULTS} <= {"documented", "recorded", "secondary", "inferred", "ours"}
    assert all(fault.says.endswith(".") for fault in FAULTS)


async def test_the_table_is_listed(player: Player) -> None:
    kinds = (await player.control("/_control/faults"))["kinds"]
    assert [fault.name for fault in FAULTS] == [kind["name"] for kind in kinds]


async def test_status_5xx_answers_500_once(player: Player) -> None:
    await player.session()
    await arm(player, "status_5xx")
    answers = [await player.get("/orders/bun-7Kq2") for _ in range(2)]
    assert [500, 200] == [answer.status_code for answer in answers]


async def test_status_5xx_on_a_refund_has_no_effect(player: Player) -> None:
    await player.paid()
    await arm(player, "status_5xx", route="refund")
    assert 500 == (await player.refund("r1", "1")).status_code
    assert "refund_created" not in await player.effects()
    call = await last_call(player)
    assert (False, ["status_5xx"]) == (call["had_effect"], call["faults"])


async def test_rate_limited_answers_429(player: Player) -> None:
    await player.session()
    await arm(player, "rate_limited")
    assert 429 == (await player.get("/orders/bun-7Kq2")).status_code


@pytest.mark.parametrize("call", ["session", "refund", "order_status"])
async def test_an_answer_can_be_lost_after_the_effect(player: Player, call: str) -> None:
    if call != "session":
        await player.paid()
    await arm(player, "timeout_after_effect", route=call)
    calls = {
        "session": lambda: player.session(),
        "refund": lambda: player.refund("r1", "1"),
        "order_status": lambda: player.get("/orders/bun-7Kq2"),
    }
    with pytest.raises(httpx.RemoteProtocolError):
        await calls[call]()
    entry = await last_call(player)
    assert (call, False, call != "order_status") == (entry["name"], entry["answered"], entry["had_effect"])


@pytest.mark.parametrize("hold_s", [0, 0.02])
async def test_over_a_socket_a_lost_answer_is_a_closed_connection(hold_s: float) -> None:
    app = create_app(SandboxConfig((bakery(),)), SandboxClock(START, frozen=True))
    async with running(app) as url, httpx.AsyncClient(base_url=url, headers=HEADERS, auth=(KEY, "")) as client:
        await client.post("/_control/faults", json={"name": "timeout_after_effect", "params": {"hold_s": hold_s}})
        with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
            await client.post("/session", json=SESSION)
        assert "NEW" == (await client.get("/orders/bun-7Kq2")).json()["status"]


async def test_not_json_answers_with_a_proxys_page(player: Player) -> None:
    await player.session()
    await arm(player, "not_json")
    assert (await player.get("/orders/bun-7Kq2")).headers["content-type"].startswith("text/html")


async def test_wrong_amount_changes_the_answer_and_not_the_order(player: Player) -> None:
    await player.session()
    await arm(player, "wrong_amount", params={"amount": "7.77"})
    faulty, true = await player.status(), await player.status()
    assert (7.77, 7.77, "NEW", 100) == (
        faulty["amount"],
        faulty["effective_amount"],
        faulty["status"],
        true["amount"],
    )


async def test_unknown_status_answers_with_one(player: Player) -> None:
    await player.session()
    await arm(player, "unknown_status")
    body = await player.status()
    assert ("SOMETHING_NEW", 99) == (body["status"], body["status_id"])


async def test_a_dropped_webhook_never_comes(player: Player) -> None:
    await arm(player, "webhook_drop")
    await player.session()
    assert [] == await deliveries(player)


async def test_a_duplicated_webhook_has_one_id(player: Player) -> None:
    await arm(player, "webhook_duplicate", params={"copies": 3})
    await player.session()
    sent = await deliveries(player)
    assert (3, 1) == (len(sent), len({one["event_id"] for one in sent}))


async def test_a_delayed_webhook_is_due_later(player: Player) -> None:
    await arm(player, "webhook_delay", params={"seconds": 60})
    await player.session()
    assert ["2031-05-06T07:09:09Z"] == [one["due_at"] for one in await deliveries(player)]


async def test_webhook_faults_work_together(player: Player) -> None:
    await arm(player, "webhook_duplicate")
    await arm(player, "webhook_delay")
    await player.session()
    assert ["2031-05-06T07:13:09Z"] * 2 == [one["due_at"] for one in await deliveries(player)]


async def test_a_fault_may_wait_for_one_event(player: Player) -> None:
    await arm(player, "webhook_drop", route="ORDER_SUCCEEDED")
    await player.paid()
    assert ["ORDER_CREATED", "TXN_CREATED"] == [one["event_name"] for one in await deliveries(player)]


async def test_a_fault_may_wait_for_one_order(player: Player) -> None:
    await player.session()
    await player.session(order_id="bun-2")
    await arm(player, "status_5xx", order_id="BUN-2")
    answers = [await player.get(f"/orders/{name}") for name in ("bun-7Kq2", "bun-2")]
    assert [200, 500] == [answer.status_code for answer in answers]


async def test_a_fault_acts_as_often_as_asked(player: Player) -> None:
    await player.session()
    await arm(player, "status_5xx", calls=2)
    answers = [await player.get("/orders/bun-7Kq2") for _ in range(3)]
    assert [500, 500, 200] == [answer.status_code for answer in answers]


async def test_faults_can_be_cleared_one_or_all(player: Player) -> None:
    ids = [(await arm(player, "status_5xx"))["id"] for _ in range(3)]
    assert 204 == (await player.http.delete(f"/_control/faults/{ids[0]}")).status_code
    assert ids[1:] == [one["id"] for one in (await player.control("/_control/faults"))["armed"]]
    assert 204 == (await player.http.delete("/_control/faults")).status_code
    assert [] == (await player.control("/_control/faults"))["armed"]


@pytest.mark.parametrize(
    "body", [{"name": "none"}, {"name": "status_5xx", "calls": 0}, {"name": "status_5xx", "params": {"x": 1}}, {}]
)
async def test_a_fault_that_cannot_be_is_400(player: Player, body: dict[str, Any]) -> None:
    assert 400 == (await player.http.post("/_control/faults", json=body)).status_code


async def test_a_denied_call_uses_up_no_fault(player: Player) -> None:
    await arm(player, "status_5xx")
    assert 401 == (await player.http.get("/orders/bun-7Kq2", headers=HEADERS)).status_code
    assert 1 == len((await player.control("/_control/faults"))["armed"])
