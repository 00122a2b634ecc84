"""Checkouts: opened by the backend, run by the app."""

import base64
import hashlib
import json
from typing import Any

import httpx
import pytest
from attrs import evolve
from integration.api.world import CUSTOMER, World, world

from paystate.core.errors import AnswerUnusable, GatewayUnreachable, OutcomeUnknown
from paystate.core.ids import OrderKey
from paystate.core.orders.facts import Capture
from paystate.core.policy import Policy

MINUTES_16 = 16 * 60


async def test_prefetch_needs_a_merchant_only_among_several(shop: World) -> None:
    payload = {"service": "in.juspay.hyperpay", "betaAssets": True, "payload": {"clientId": "shop"}}
    assert payload == (await shop.get("/v1/sdk/prefetch-payload?merchant=shop", token="")).json()
    assert 404 == (await shop.get("/v1/sdk/prefetch-payload?merchant=nobody", token="")).status_code
    assert 422 == (await shop.get("/v1/sdk/prefetch-payload", token="")).status_code
    async with world(alone=True) as single:
        assert payload == (await single.get("/v1/sdk/prefetch-payload", token="")).json()


async def test_a_checkout_is_opened_with_a_signed_payload(shop: World) -> None:
    answer = await shop.post("/v1/checkouts", {"customer": {**CUSTOMER, "first_name": 'Zoë "Z" \u00e9'}})
    told = answer.json()
    assert (201, "INITIATE_SIGNED", "2031-05-06T07:23:09Z") == (
        answer.status_code,
        told["state"],
        told["token_expires_at"],
    )
    payload = told["initiate_payload"]["payload"]
    digest = hashlib.sha256(payload["signaturePayload"].encode()).digest()
    assert base64.b64encode(digest).decode() == payload["signature"]
    assert 'Zoë "Z" é' == json.loads(payload["signaturePayload"])["first_name"]


async def test_a_checkout_needs_a_customer(shop: World) -> None:
    refused = await shop.post("/v1/checkouts", {"customer": {}})
    assert [{"pointer": "/customer/customer_id", "code": "invalid_customer_id"}] == refused.json()["errors"]


async def test_prefetched_is_noted(shop: World) -> None:
    opened = (await shop.post("/v1/checkouts", {"customer": CUSTOMER, "prefetched": True})).json()
    await shop.opened()
    event = {"event": "initiate_result", "payload": {"status": "success"}}
    await shop.post(f"/v1/checkouts/{opened['checkout_id']}/events", event, token=opened["token"])
    await shop.post(f"/v1/checkouts/{opened['checkout_id']}/process", {"order_id": "lamp-1"}, token=opened["token"])
    told = (await shop.get("/v1/orders/lamp-1/timeline")).json()["timeline"]
    assert "The app says prefetched" in [moment["title"] for moment in told]


async def test_the_whole_way_of_an_app(shop: World) -> None:
    await shop.opened(return_url="https://shop.example.test/thanks")
    opened = await shop.ready()
    path, token = f"/v1/checkouts/{opened['checkout_id']}", opened["token"]

    signed = await shop.post(f"{path}/process", {"order_id": "lamp-1"}, token=token)
    assert (200, "lamp-1") == (signed.status_code, signed.json()["order_id"])
    payload = signed.json()["process_payload"]["payload"]
    digest = hashlib.sha256(payload["orderDetails"].encode()).digest()
    assert base64.b64encode(digest).decode() == payload["signature"]
    assert "https://pay.example.test/return/shop" == json.loads(payload["orderDetails"])["return_url"]

    shown = await shop.post(f"{path}/events", {"event": "hide_loader"}, token=token)
    assert ("PROCESSING", "moves") == (shown.json()["state"], shown.json()["outcome"])
    claim = {"event": "process_result", "payload": {"status": "CHARGED", "amount": "0.01"}, "error": False, "extra": 1}
    told = await shop.post(f"{path}/events", claim, token=token)
    assert (202, "RETURNED") == (told.status_code, told.json()["state"])

    result = await shop.get(f"{path}/result", token=token)
    assert {"order_id": "lamp-1", "result": "waiting_for_proof", "is_proved": False} == result.json()
    assert "NEW" == (await shop.get("/v1/orders/lamp-1")).json()["status"]
    shop.gateway.says("lamp-1", "CHARGED")
    await shop.post("/v1/orders/lamp-1/look")
    result = await shop.get(f"{path}/result", token=token)
    assert {"order_id": "lamp-1", "result": "paid", "is_proved": True} == result.json()

    ended = await shop.post(f"{path}/terminate", token=token)
    assert (200, "TERMINATED", ["terminate"]) == (ended.status_code, ended.json()["state"], ended.json()["legal"])
    late = await shop.post(f"{path}/events", {"event": "whatever"}, token=token)
    assert (202, "stale") == (late.status_code, late.json()["outcome"])


async def test_an_event_within_an_iframe_is_read_in_the_payload_that_it_nests(shop: World) -> None:
    told = {"payload": {"action": "initiate", "status": "failure"}, "error": True, "errorCode": "JP_001"}
    states = []
    for event in ({"event": "initiate_result", **told}, {"event": "initiate_result", "payload": told}):
        opened = await shop.checkout()
        path = f"/v1/checkouts/{opened['checkout_id']}/events"
        states.append((await shop.post(path, event, token=opened["token"])).json()["state"])
    assert ["INITIATE_SIGNED"] * 2 == states


async def test_a_nested_word_that_is_no_word_is_pointed_at(shop: World) -> None:
    opened = await shop.checkout()
    event = {"event": "process_result", "payload": {"payload": {"status": "c" * 1000}}}
    answer = await shop.post(f"/v1/checkouts/{opened['checkout_id']}/events", event, token=opened["token"])
    assert ["/payload/payload/status"] == [one["pointer"] for one in answer.json()["errors"]]


async def test_a_checkout_is_read_by_both(shop: World) -> None:
    opened = await shop.checkout()
    path = f"/v1/checkouts/{opened['checkout_id']}"
    by_backend, by_app = await shop.get(path), await shop.get(path, token=opened["token"])
    assert 200 == by_backend.status_code == by_app.status_code
    assert by_backend.json() == by_app.json()
    assert ("c-7", "INITIATE_SIGNED") == (by_app.json()["customer_id"], by_app.json()["state"])


async def test_renewing_makes_the_old_token_worthless(shop: World) -> None:
    opened = await shop.checkout()
    path = f"/v1/checkouts/{opened['checkout_id']}"
    renewed = await shop.post(f"{path}/token")
    assert 201 == renewed.status_code
    assert 401 == (await shop.get(path, token=opened["token"])).status_code
    assert 200 == (await shop.get(path, token=renewed.json()["token"])).status_code


async def test_an_expired_token_still_tells_events_and_nothing_else(shop: World) -> None:
    await shop.opened()
    opened = await shop.ready()
    path, token = f"/v1/checkouts/{opened['checkout_id']}", opened["token"]
    shop.clock.advance(MINUTES_16)
    assert 202 == (await shop.post(f"{path}/events", {"event": "process_result"}, token=token)).status_code
    for refused in (
        await shop.post(f"{path}/process", {"order_id": "lamp-1"}, token=token),
        await shop.get(f"{path}/result", token=token),
        await shop.get(path, token=token),
    ):
        problem = refused.json()
        assert (409, "checkout_expired", "C12") == (refused.status_code, problem["code"], problem["rule"])
        assert problem["legal"] == ["sign initiate", "terminate"]
    renewed = (await shop.post(f"{path}/token")).json()
    assert 200 == (await shop.get(f"{path}/result", token=renewed["token"])).status_code


async def test_a_step_too_early_is_refused_with_the_rule(shop: World) -> None:
    await shop.opened()
    opened = await shop.checkout()
    path, token = f"/v1/checkouts/{opened['checkout_id']}/process", opened["token"]
    refused = await shop.post(path, {"order_id": "lamp-1"}, token=token)
    assert (409, "checkout_wrong_step", "C10") == (refused.status_code, refused.json()["code"], refused.json()["rule"])


async def test_an_app_cannot_tell_another_customer_s_order_from_none(shop: World) -> None:
    await shop.opened(customer={**CUSTOMER, "customer_id": "c-8"})
    await shop.opened(order_id="lamp-2", customer={**CUSTOMER, "customer_id": "c-8"})
    opened = await shop.checkout()
    for prepare in (None, "initiate_result", "process_result"):  # at every step of the checkout
        if prepare:
            event = {"event": prepare, "payload": {"status": "success"}, "error": False}
            await shop.post(f"/v1/checkouts/{opened['checkout_id']}/events", event, token=opened["token"])
        path = f"/v1/checkouts/{opened['checkout_id']}/process"
        foreign = await shop.post(path, {"order_id": "lamp-1"}, token=opened["token"])
        nothing = await shop.post(path, {"order_id": "lamp-9"}, token=opened["token"])
        assert 404 == foreign.status_code
        assert told(foreign) == told(nothing)


def told(answer: httpx.Response) -> tuple[int, dict[str, str], bytes]:
    """All of an answer but the request's own id."""
    named = answer.headers["x-request-id"]
    headers = {name: value for name, value in answer.headers.items() if name != "x-request-id"}
    return answer.status_code, headers, answer.content.replace(named.encode(), b"")


async def test_a_paid_order_is_not_paid_again(shop: World) -> None:
    await shop.charged()
    opened = await shop.ready()
    path, token = f"/v1/checkouts/{opened['checkout_id']}/process", opened["token"]
    refused = await shop.post(path, {"order_id": "lamp-1"}, token=token)
    problem = refused.json()
    assert (409, "order_not_payable", "O2") == (refused.status_code, problem["code"], problem["rule"])
    assert [{"name": "status", "value": "CHARGED"}] == problem["facts"]


async def test_a_payment_that_waits_goes_on_or_is_given_up(shop: World) -> None:
    await shop.opened()
    opened = await shop.ready()
    path, token = f"/v1/checkouts/{opened['checkout_id']}", opened["token"]
    await shop.post(f"{path}/process", {"order_id": "lamp-1"}, token=token)
    await shop.post(f"{path}/events", {"event": "paymentAttempt"}, token=token)
    for body, goes_on in (({}, True), ({"goes_on": False}, False)):
        answer = await shop.post(f"{path}/resume", {"txn_reference": "ref-1", **body}, token=token)
        told = answer.json()["process_payload"]
        assert (200, "lamp-1", "in.juspay.hyperpay") == (
            answer.status_code, answer.json()["order_id"], told["service"],
        )  # fmt: skip
        assert {"action": "resumePayment", "txnReference": "ref-1", "status": goes_on} == told["payload"]


async def test_a_second_payment_of_a_paid_order_does_not_go_on_and_may_be_given_up(shop: World) -> None:
    await shop.opened()
    opened = await shop.ready()
    path, token = f"/v1/checkouts/{opened['checkout_id']}", opened["token"]
    await shop.post(f"{path}/process", {"order_id": "lamp-1"}, token=token)
    shop.gateway.says("lamp-1", "CHARGED")
    await shop.post("/v1/orders/lamp-1/look")
    refused = await shop.post(f"{path}/resume", {"txn_reference": "ref-1"}, token=token)
    assert (409, "order_not_payable") == (refused.status_code, refused.json()["code"])
    given_up = await shop.post(f"{path}/resume", {"txn_reference": "ref-1", "goes_on": False}, token=token)
    assert 200 == given_up.status_code


async def test_without_an_open_page_no_payment_waits(shop: World) -> None:
    opened = await shop.ready()
    path, token = f"/v1/checkouts/{opened['checkout_id']}/resume", opened["token"]
    refused = await shop.post(path, {"txn_reference": "ref-1"}, token=token)
    assert (409, "checkout_wrong_step", "C27") == (refused.status_code, refused.json()["code"], refused.json()["rule"])


@pytest.mark.parametrize(
    "body", [{}, {"txn_reference": ""}, {"txn_reference": "x" * 129}, {"txn_reference": "x", "goes_on": 1}]
)
async def test_a_word_on_a_payment_is_checked(shop: World, body: dict[str, Any]) -> None:
    opened = await shop.ready()
    path, token = f"/v1/checkouts/{opened['checkout_id']}/resume", opened["token"]
    assert 422 == (await shop.post(path, body, token=token)).status_code


async def test_in_session_mode_juspay_s_payload_is_passed_on_byte_for_byte() -> None:
    async with world(signer=None) as shop:
        await shop.opened()
        opened = await shop.ready()
        path, token = f"/v1/checkouts/{opened['checkout_id']}/process", opened["token"]
        signed = await shop.post(path, {"order_id": "lamp-1"}, token=token)
        assert 200 == signed.status_code
        assert shop.gateway.session.encode() in signed.content


@pytest.mark.parametrize("capture", list(Capture))
async def test_in_session_mode_juspay_is_asked_for_the_hold(capture: Capture) -> None:
    async with world(signer=None) as shop:
        await shop.opened(capture=capture)
        opened = await shop.ready()
        path, token = f"/v1/checkouts/{opened['checkout_id']}/process", opened["token"]
        await shop.post(path, {"order_id": "lamp-1"}, token=token)
        assert [capture] == [request.capture for request in shop.gateway.sessions]


@pytest.mark.parametrize("capture", list(Capture))
async def test_in_signature_mode_the_signed_text_asks_for_the_hold(shop: World, capture: Capture) -> None:
    await shop.opened(capture=capture)
    opened = await shop.ready()
    path, token = f"/v1/checkouts/{opened['checkout_id']}/process", opened["token"]
    made = (await shop.post(path, {"order_id": "lamp-1"}, token=token)).json()["process_payload"]["payload"]
    signed = json.loads(made["orderDetails"])
    assert ("false" if capture is Capture.MANUAL else None) == signed.get("metadata.txns.auto_capture")


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"session": ""}, 502, "upstream_invalid"),
        ({"session": "[]"}, 502, "upstream_invalid"),
        ({"fault": AnswerUnusable("session")}, 502, "upstream_invalid"),
        ({"fault": OutcomeUnknown("session")}, 504, "upstream_unknown"),
        ({"fault": GatewayUnreachable("session")}, 503, "upstream_unavailable"),
    ],
)
async def test_a_session_that_is_none_is_not_handed_out(change: dict[str, Any], status: int, code: str) -> None:
    async with world(signer=None) as shop:
        await shop.opened()
        opened = await shop.ready()
        for name, value in change.items():
            setattr(shop.gateway, name, value)
        path, token = f"/v1/checkouts/{opened['checkout_id']}/process", opened["token"]
        refused = await shop.post(path, {"order_id": "lamp-1"}, token=token)
        assert (status, code) == (refused.status_code, refused.json()["code"])


async def test_events_are_bounded() -> None:
    async with world() as plain:
        policy = evolve(plain.runtime.merchants["shop"].policy, checkout_events_max=3)
    async with world(policy=policy) as shop:
        opened = await shop.checkout()
        path, token = f"/v1/checkouts/{opened['checkout_id']}/events", opened["token"]
        answers = [await shop.post(path, {"event": "log_stream"}, token=token) for _ in range(4)]
        assert [202, 202, 202, 429] == [answer.status_code for answer in answers]
        assert "retry-after" not in answers[3].headers  # waiting would not help


@pytest.mark.parametrize("policy", [Policy(checkout_rows_max=6), Policy(order_rows_max=6)], ids=["checkout", "order"])
async def test_process_payloads_are_bounded_for_each_checkout_and_each_order(policy: Policy) -> None:
    async with world(policy=policy) as shop:
        await shop.opened()
        opened = await shop.ready()
        path, token = f"/v1/checkouts/{opened['checkout_id']}/process", opened["token"]
        answers = [await shop.post(path, {"order_id": "lamp-1"}, token=token) for _ in range(20)]
        assert {200, 409} == {answer.status_code for answer in answers}
        assert "too_many_payloads" == answers[-1].json()["code"]
        rows = await shop.store.journal(OrderKey("shop", "lamp-1"))
        assert len(rows) <= 6


@pytest.mark.parametrize(
    ("event", "pointer"),
    [
        ({}, "/event"),
        ({"event": ""}, "/event"),
        ({"event": "a\u0000b"}, "/event"),
        ({"event": "x" * 65}, "/event"),
        ({"event": "x", "payload": {"status": "y" * 65}}, "/payload/status"),
        ({"event": "x", "errorCode": "JP\n002"}, "/errorCode"),
    ],
)
async def test_an_event_is_a_few_plain_words(shop: World, event: dict[str, Any], pointer: str) -> None:
    opened = await shop.checkout()
    refused = await shop.post(f"/v1/checkouts/{opened['checkout_id']}/events", event, token=opened["token"])
    assert (422, [{"pointer": pointer, "code": "validation_failed"}]) == (
        refused.status_code,
        refused.json()["errors"],
    )
