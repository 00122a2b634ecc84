"""Webhooks over real sockets: envelope, credentials, retries by the clock (contract I)."""

from __future__ import annotations

import asyncio
import re
import socket

import httpx
import pytest
from integration.sandbox.playing import HEADERS, KEY, SESSION, START, Player, bakery, player_of
from integration.sandbox.receiving import BASIC, Receiver, deliver, receiving
from patience import HANGS_S

from paystate.entrypoints.sandbox import SandboxClock, SandboxConfig, WebhookTarget, create_app, running


async def test_an_event_comes_with_its_envelope_and_credentials() -> None:
    receiver = Receiver()
    async with receiving(receiver) as player:
        await player.session()
        assert {"attempts": 1, "waiting": 0, "undelivered": 0} == await deliver(player)
    (body,), (headers,) = receiver.bodies, receiver.headers
    assert re.fullmatch(r"evt_V2_[0-9a-f]{32}", body["id"])
    assert ("ORDER_CREATED", "2031-05-06T07:08:09Z") == (body["event_name"], body["date_created"])
    assert ("NEW", "2031-05-13T07:08:09Z") == tuple(
        body["content"]["order"][name] for name in ("status", "order_expiry")
    )
    assert (BASIC, "42", "application/json") == tuple(
        headers[name] for name in ("authorization", "x-shop", "content-type")
    )


@pytest.mark.parametrize(
    ("vpa", "names"),
    [
        ("success@upi", ["ORDER_CREATED", "TXN_CREATED", "ORDER_SUCCEEDED"]),
        ("failure@upi", ["ORDER_CREATED", "TXN_CREATED", "ORDER_FAILED"]),
        ("pending@upi", ["ORDER_CREATED", "TXN_CREATED", "ORDER_SUCCEEDED"]),
    ],
)
async def test_a_payments_events_come_in_order(vpa: str, names: list[str]) -> None:
    receiver = Receiver()
    async with receiving(receiver) as player:
        await player.page_open()
        await player.act("pay", method={"upi": vpa})
        player.clock.advance(60)
        await deliver(player)
    assert names == receiver.names


@pytest.mark.parametrize(
    ("amount", "name"),
    [("1.00", "ORDER_REFUNDED"), ("1.91", "ORDER_REFUND_FAILED"), ("1.92", "REFUND_MANUAL_REVIEW_NEEDED")],
)
async def test_a_refunds_end_is_announced(amount: str, name: str) -> None:
    receiver = Receiver()
    async with receiving(receiver) as player:
        await player.paid()
        await player.refund("r1", amount)
        player.clock.advance(30)
        await deliver(player)
    assert name == receiver.names[-1]
    assert "CHARGED" == receiver.bodies[-1]["content"]["order"]["status"]


async def test_a_hold_and_a_second_charge_have_their_events() -> None:
    receiver = Receiver()
    async with receiving(receiver, auto_refund=True) as player:
        await player.page_open(order_id="held", **{"metadata.txns.auto_capture": "false"})
        await player.act("pay", method={"upi": "success@upi"})
        for vpa in ("pending@upi", "success@upi"):
            await player.page_open()
            await player.act("pay", method={"upi": vpa})
        for _ in range(2):  # the late charge, then the end of its refund
            player.clock.advance(60)
            await deliver(player)
    assert {"ORDER_AUTHORIZED", "AUTO_REFUND_INITIATED", "AUTO_REFUND_SUCCEEDED"} <= set(receiver.names)


async def test_events_the_merchant_does_not_want_are_not_sent() -> None:
    receiver = Receiver()
    async with running(receiver.app()) as url:
        hook = WebhookTarget(f"{url}/hook", events=frozenset({"ORDER_SUCCEEDED"}))
        player = player_of(SandboxConfig((bakery(webhook=hook),)))
        await player.paid()
        await deliver(player)
    assert ["ORDER_SUCCEEDED"] == receiver.names
    assert "authorization" not in receiver.headers[0]


async def test_the_body_is_the_order_as_it_was_when_announced() -> None:
    receiver = Receiver()
    async with receiving(receiver) as player:
        await player.paid()
        await deliver(player)
    assert ["NEW", "PENDING_VBV", "CHARGED"] == [body["content"]["order"]["status"] for body in receiver.bodies]


@pytest.mark.parametrize("status", [201, 204, 302, 401, 500])
async def test_only_200_is_success(status: int) -> None:
    receiver = Receiver(answer=lambda: status)
    async with receiving(receiver) as player:
        await player.session()
        assert 1 == (await deliver(player))["waiting"]


async def test_a_failed_event_is_tried_16_times_more_over_a_day_and_then_given_up() -> None:
    receiver = Receiver(answer=lambda: 503)
    async with receiving(receiver) as player:
        await player.session()
        await deliver(player)
        seconds = [60, 300, 300, 600, 600, 600, 600, 600] + 5 * [3600] + 3 * [21600]
        for delay in seconds:
            player.clock.advance(delay - 1)
            assert 0 == (await deliver(player))["attempts"]
            player.clock.advance(1)
            assert 1 == (await deliver(player))["attempts"]
        assert {"attempts": 0, "waiting": 0, "undelivered": 1} == await deliver(player)
        entries = (await player.control("/_control/ledger?kind=webhook"))["entries"]
    assert list(range(1, 18)) == [entry["attempt"] for entry in entries]
    assert {(503, False)} == {(entry["status"], entry["delivered"]) for entry in entries}
    assert 1 == len({body["id"] for body in receiver.bodies})


async def test_a_leap_of_a_day_makes_all_attempts_of_that_day() -> None:
    receiver = Receiver(answer=lambda: 503)
    async with receiving(receiver) as player:
        await player.session()
        player.clock.advance(2 * 86_400)
        assert {"attempts": 17, "waiting": 0, "undelivered": 1} == await deliver(player)


async def test_an_event_that_arrives_late_is_not_sent_again() -> None:
    answers = iter([500, 200])
    receiver = Receiver(answer=lambda: next(answers))
    async with receiving(receiver) as player:
        await player.session()
        player.clock.advance(86_400)
        assert {"attempts": 2, "waiting": 0, "undelivered": 0} == await deliver(player)


async def test_an_unreachable_merchant_is_recorded_and_tried_again(player: Player) -> None:
    with socket.socket() as held:  # bound, and nobody listens: no other program can be given the port
        held.bind(("127.0.0.1", 0))
        body = {"url": f"http://127.0.0.1:{held.getsockname()[1]}/hook"}
        await player.control("/_control/merchants/bakery/webhook", body)
        await player.session()
        assert 1 == (await deliver(player))["waiting"]
    (entry,) = (await player.control("/_control/ledger?kind=webhook"))["entries"]
    assert (None, False, "ConnectError") == (entry["status"], entry["delivered"], entry["problem"])


async def test_a_merchant_that_takes_too_long_was_not_reached() -> None:
    async def silent(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await hung_up.wait()
        writer.close()

    hung_up = asyncio.Event()
    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    async with server:
        hook = WebhookTarget(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook")
        player = player_of(SandboxConfig((bakery(webhook=hook),), webhook_timeout_s=0.05))
        await player.session()
        assert 1 == (await deliver(player))["waiting"]
        hung_up.set()


async def test_an_undelivered_event_can_be_sent_again_by_hand() -> None:
    answers = iter([500, 200])
    receiver = Receiver(answer=lambda: next(answers))
    async with receiving(receiver, webhook_retry_delays_s=()) as player:
        await player.session()
        assert 1 == (await deliver(player))["undelivered"]
        assert {"queued": 1} == await player.control("/_control/orders/bun-7Kq2/resend", {})
        await deliver(player)
        deliveries = (await player.control("/_control/webhooks"))["deliveries"]
    assert ["undelivered", "delivered"] == [one["state"] for one in deliveries]
    assert receiver.bodies[0] == receiver.bodies[1]


async def test_the_target_can_be_set_while_the_sandbox_runs() -> None:
    receiver = Receiver()
    async with running(receiver.app()) as url:
        player = player_of(SandboxConfig((bakery(),)))
        body = {"url": f"{url}/hook", "username": "u", "password": "p", "events": ["ORDER_CREATED"]}
        await player.control("/_control/merchants/bakery/webhook", body)
        await player.paid()
        await deliver(player)
    assert ["ORDER_CREATED"] == receiver.names


async def test_a_running_sandbox_delivers_by_itself() -> None:
    receiver = Receiver()
    async with running(receiver.app()) as url:
        hook = WebhookTarget(f"{url}/hook")
        app = create_app(SandboxConfig((bakery(webhook=hook),)), SandboxClock(START, frozen=True))
        async with running(app) as sandbox_url, httpx.AsyncClient(base_url=sandbox_url, timeout=HANGS_S) as client:
            answer = await client.post("/session", json=SESSION, headers=HEADERS, auth=(KEY, ""))
            async with asyncio.timeout(HANGS_S):
                await receiver.came.wait()
    assert answer.json()["payment_links"]["web"].startswith(sandbox_url)
    assert ["ORDER_CREATED"] == receiver.names


@pytest.mark.parametrize(("vpa", "event"), [("success@upi", "TXN_CHARGED"), ("failure@upi", "TXN_FAILED")])
async def test_what_an_attempt_came_to_is_told_to_those_who_subscribed(vpa: str, event: str) -> None:
    receiver = Receiver()
    async with receiving(receiver) as player:
        await player.page_open()
        await player.act("pay", method={"upi": vpa})
        await deliver(player)
        assert event not in receiver.names
        target = {"url": "http://127.0.0.1:9/hook", "events": [event]}
        await player.control("/_control/merchants/bakery/webhook", target)
        await player.page_open(order_id="bun-2")
        await player.act("pay", method={"upi": vpa})
        assert [event] == [one["event_name"] for one in await player.deliveries() if one["order_id"] == "bun-2"]
