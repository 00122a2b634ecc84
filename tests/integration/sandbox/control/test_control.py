"""The control API: clock, ledger, truth, keys (ours)."""

from __future__ import annotations

from typing import Any

import pytest
from integration.sandbox.playing import Player, app_at, bakery, envelope, key_pair, player_of, signed_initiate

from paystate.entrypoints.sandbox import SandboxClock, SandboxConfig
from paystate.entrypoints.sandbox.clock import SHARED_FOR_S, ClockSharing


async def test_the_clock_can_be_read_and_moved(player: Player) -> None:
    assert {"now": "2031-05-06T07:08:09+00:00"} == await player.control("/_control/clock")
    assert {"now": "2031-05-06T07:08:39+00:00"} == await player.control("/_control/clock", {"advance_s": 30})
    assert {"now": "2031-05-07T00:00:00+00:00"} == await player.control(
        "/_control/clock", {"set": "2031-05-07T00:00:00Z"}
    )


async def test_the_clock_can_be_set_back(player: Player) -> None:
    assert {"now": "2031-05-06T07:08:08+00:00"} == await player.control("/_control/clock", {"advance_s": -1})
    assert {"now": "2031-05-06T07:00:00+00:00"} == await player.control(
        "/_control/clock", {"set": "2031-05-06T07:00:00Z"}
    )


async def test_what_is_due_stays_due_at_its_instant_and_happens_once(player: Player) -> None:
    await player.page_open(amount="800")
    await player.act("pay", method={"nb": "NB_AXIS"})
    for seconds, status in ((59, "AUTHORIZING"), (-3600, "AUTHORIZING"), (3601, "CHARGED"), (-61, "CHARGED")):
        await player.control("/_control/clock", {"advance_s": seconds})
        assert status == (await player.status())["status"]
    await player.control("/_control/clock", {"advance_s": 3600})
    assert 1 == (await player.effects()).count("txn_charged")


@pytest.mark.parametrize(
    ("body", "code", "member"),
    [
        ({}, "missing_member", "advance_s"),
        ({"advance_s": 1, "set": "2031-05-07T00:00:00Z"}, "missing_member", "advance_s"),
        ({"set": "soon"}, "invalid_member", "set"),
        ({"set": "2031-05-07T00:00:00"}, "invalid_member", "set"),
        ({"advance_s": "x"}, "invalid_member", "advance_s"),
        ({"advance_s": 1e11}, "invalid_member", "advance_s"),
        ({"advance_s": -1e11}, "invalid_member", "advance_s"),
        ({"advance_s": 3e9}, "invalid_member", "advance_s"),
        ({"advance_s": -1e9}, "invalid_member", "advance_s"),
        ({"set": "9999-12-31T23:59:59Z"}, "invalid_member", "set"),
        ({"set": "1999-12-31T23:59:59Z"}, "invalid_member", "set"),
        ({"advance": 60}, "unknown_member", "advance"),
    ],
)
async def test_a_move_of_the_clock_that_cannot_be_names_the_member_and_moves_nothing(
    player: Player, body: dict[str, Any], code: str, member: str
) -> None:
    before = player.clock.now()
    answer = await player.http.post("/_control/clock", json=body)
    told = answer.json()
    assert (422, code, member, before) == (answer.status_code, told["code"], told["member"], player.clock.now())


def test_a_frozen_clock_stands_and_a_ticking_one_goes() -> None:
    frozen, ticking = SandboxClock(frozen=True), SandboxClock()
    assert frozen.now() == frozen.now()
    before = ticking.now()
    ticking.advance(3600)
    assert 3600 <= (ticking.now() - before).total_seconds() < 3700


async def test_moving_the_clock_settles_and_queues(player: Player) -> None:
    await player.page_open(amount="800")
    await player.act("pay", method={"nb": "NB_AXIS"})
    await player.control("/_control/clock", {"advance_s": 60})
    names = [one["event_name"] for one in (await player.control("/_control/webhooks"))["deliveries"]]
    assert ["ORDER_CREATED", "TXN_CREATED", "ORDER_SUCCEEDED"] == names


async def test_the_ledger_tells_calls_and_effects_in_order(player: Player) -> None:
    await player.paid()
    await player.refund("r1", "10")
    await player.refund("r1", "10")
    entries = (await player.control("/_control/ledger?order_id=BUN-7kq2"))["entries"]
    told = [(entry["kind"], entry.get("effect") or entry.get("name") or entry.get("what")) for entry in entries]
    assert [
        ("effect", "order_created"),
        ("call", "session"),
        ("sdk", "process"),
        ("effect", "txn_started"),
        ("effect", "txn_charged"),
        ("sdk", "act pay"),
        ("effect", "refund_created"),
        ("call", "refund"),
        ("call", "refund"),
    ] == told
    assert [(200, True, "r1"), (400, False, "r1")] == [
        (entry["status"], entry["had_effect"], entry["unique_request_id"])
        for entry in entries
        if entry.get("name") == "refund"
    ]


async def test_the_ledger_records_refused_calls_too(player: Player) -> None:
    await player.http.get("/orders/any")
    (call,) = (await player.control("/_control/ledger"))["entries"]
    assert (401, None, "GET", "/orders/{id}") == (call["status"], call["merchant_id"], call["verb"], call["route"])


async def test_the_truth_about_an_order_is_exact(player: Player) -> None:
    await player.paid(amount="349.50")
    await player.refund("r1", "100")
    player.clock.advance(30)
    await player.refund("r2", "20.05")
    (truth,) = (await player.control("/_control/orders"))["orders"]
    assert ("349.50", "349.50", "349.50", 1, "100.00", 1) == tuple(
        truth[name] for name in ("amount", "charged", "captured", "charges", "refunded", "refunds_pending")
    )
    assert [("r1", "100.00", "SUCCESS", "API"), ("r2", "20.05", "PENDING", "API")] == [
        (one["unique_request_id"], one["amount"], one["status"], one["initiated_by"]) for one in truth["refunds"]
    ]


OLD_BACKENDS = {"merchant_id": "bakery", "order_id": "bun-old", "amount": "349.50"}


async def test_an_order_of_somebody_elses_can_be_made(player: Player) -> None:
    truth = await player.control("/_control/orders", {**OLD_BACKENDS, "currency": "USD"})
    assert truth == await player.truth("bun-old")
    body = await player.status("bun-old")
    assert ("NEW", 349.5, "USD", "NEW") == (truth["status"], body["amount"], body["currency"], body["status"])
    assert ["ORDER_CREATED"] == [one["event_name"] for one in await player.deliveries()]


async def test_an_order_of_somebody_elses_can_be_paid_whatever_its_amount(player: Player) -> None:
    truth = await player.control("/_control/orders", {**OLD_BACKENDS, "amount": "800.00", "paid": True})
    assert ("CHARGED", "800.00", 1) == (truth["status"], truth["charged"], truth["charges"])
    names = [one["event_name"] for one in await player.deliveries()]
    assert ["ORDER_CREATED", "TXN_CREATED", "ORDER_SUCCEEDED"] == names


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"merchant_id": "nobody"}, 404, "no_such_merchant"),
        ({"order_id": "bun 1"}, 422, "invalid_member"),
        ({"order_id": 7}, 422, "invalid_member"),
        ({"amount": "-1"}, 422, "invalid_member"),
        ({"amount": 349.5}, 422, "invalid_member"),
        ({"currency": 7}, 422, "invalid_member"),
        ({"paid": "yes"}, 422, "invalid_member"),
        ({"order_id": "BUN-7kq2"}, 400, "cannot_happen"),
        ({"fields": {"metadata.expiryInMins": "soon"}}, 422, "invalid_member"),
    ],
)
async def test_an_order_that_cannot_be_made_is_refused(
    player: Player, changes: dict[str, Any], status: int, code: str
) -> None:
    await player.session()
    answer = await player.http.post("/_control/orders", json={**OLD_BACKENDS, **changes})
    assert (status, code) == (answer.status_code, answer.json()["code"])


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("orders/none", None),
        ("orders/none/settle", {"outcome": "SUCCESS"}),
        ("orders/none/resend", {}),
        ("merchants/none/webhook", {"url": "http://127.0.0.1:9/hook"}),
    ],
)
async def test_what_is_not_there_is_404(player: Player, path: str, body: dict[str, str] | None) -> None:
    answer = await player.http.request("GET" if body is None else "POST", f"/_control/{path}", json=body)
    assert (404, ["error", "code"]) == (answer.status_code, list(answer.json()))


async def test_a_key_can_be_uploaded(player: Player) -> None:
    payload = signed_initiate() | {"merchantKeyId": "key-new"}
    before = await player.sdk("initiate", envelope(payload))
    body = {"key_id": "key-new", "public_key": key_pair()[1]}
    assert ["key-1", "key-new"] == (await player.control("/_control/merchants/bakery/keys", body))["key_ids"]
    after = await player.sdk("initiate", envelope(payload))
    assert [True, False] == [answer["events"][0]["error"] for answer in (before, after)]


async def test_a_key_that_is_none_is_refused(player: Player) -> None:
    body = {"key_id": "key-new", "public_key": "-----BEGIN NOTHING-----"}
    answer = await player.http.post("/_control/merchants/bakery/keys", json=body)
    assert (422, "public_key") == (answer.status_code, answer.json()["member"])


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("clock", '{"advance_s": 1' + "0" * 400 + "}"),
        ("faults", '{"name": "\\ud800"}'),
        ("clock", '{"set": "\\ud800"}'),
    ],
)
async def test_what_no_program_can_use_is_refused_and_breaks_nothing(player: Player, path: str, body: str) -> None:
    answer = await player.http.post(
        f"/_control/{path}", content=body.encode(), headers={"content-type": "application/json"}
    )
    assert (answer.status_code, answer.json()["code"]) in {(400, "not_json"), (422, "invalid_member")}


async def test_an_order_made_elsewhere_may_have_the_fields_of_a_session(player: Player) -> None:
    fields = {"options.create_mandate": "REQUIRED", "mandate.max_amount": "250.00", "udf1": "counter 2"}
    made = {"merchant_id": "bakery", "order_id": "bun-old", "amount": "60.00", "paid": True, "fields": fields}
    await player.control("/_control/orders", made)
    body = await player.status("bun-old")
    assert ("CHARGED", "counter 2", "ACTIVE") == (body["status"], body["udf1"], body["mandate"]["mandate_status"])


# --- a service that goes by the clock


async def test_the_clock_cannot_be_moved_until_a_service_goes_by_it_nor_once_none_does_any_more() -> None:
    player = player_of(SandboxConfig((bakery(),), offers_clock=True))
    sandbox, real = app_at(player).state.sandbox, RealTime()
    sandbox.sharing = ClockSharing(real)

    async def moved() -> int:
        return (await player.http.post("/_control/clock", json={"advance_s": 60})).status_code

    async with player.http:
        assert 409 == await moved()
        await player.control("/_control/clock")
        assert 409 == await moved()
        await player.control("/_control/clock?shares=true")
        assert 200 == await moved()
        real.passed_s = SHARED_FOR_S - 1
        assert 200 == await moved()
        real.passed_s = SHARED_FOR_S + 1
        assert 409 == await moved()


class RealTime:
    """Real seconds, as a test lets them pass."""

    def __init__(self) -> None:
        self.passed_s = 0.0

    def __call__(self) -> float:
        return self.passed_s
