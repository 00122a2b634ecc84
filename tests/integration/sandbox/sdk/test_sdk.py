"""The SDK over HTTP: order of calls, signatures, events (contract C, D)."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import pytest
from integration.sandbox.playing import (
    BASE,
    INITIATE,
    KEY,
    START,
    Player,
    bakery,
    envelope,
    milliseconds,
    player_of,
    signed_initiate,
    signed_process,
)

from paystate.entrypoints.sandbox import SandboxConfig


def failure(answer: dict[str, Any]) -> tuple[str, bool, str, str]:
    (event,) = answer["events"]
    return event["event"], event["error"], event["errorCode"], event["payload"]["status"]


API_FAILURE = ("process_result", True, "JP_001", "api_failure")
INITIATE_FAILURE = ("initiate_result", True, "JP_001", "failure")


async def test_prefetch_is_legal_at_any_time_and_silent(player: Player) -> None:
    body = {"service": "in.juspay.hyperpay", "betaAssets": False, "payload": {"clientId": "bakery"}}
    answers = [await player.sdk("preFetch", body) for _ in range(2)]
    assert [[], []] == [answer["events"] for answer in answers]


async def test_initiate_makes_an_instance_and_says_so(player: Player) -> None:
    answer = await player.sdk("initiate", envelope(INITIATE), None)
    assert answer["instance"].startswith("sdk_")
    assert {
        "requestId": "req-1",
        "service": "in.juspay.hyperpay",
        "event": "initiate_result",
        "payload": {"action": "initiate", "status": "success"},
        "error": False,
        "errorCode": "",
        "errorMessage": "",
    } == answer["events"][0]


async def test_the_instance_may_be_named_in_the_body(player: Player) -> None:
    answer = await player.sdk("initiate", {**envelope(INITIATE), "instance": "mine"}, None)
    assert "mine" == answer["instance"]


@pytest.mark.parametrize(
    "change", [{"merchantId": "other"}, {"clientId": "other"}, {"action": "process"}, {"signature": "abc"}]
)
async def test_a_wrong_initiate_is_an_error(player: Player, change: dict[str, str]) -> None:
    assert INITIATE_FAILURE == failure(await player.sdk("initiate", envelope({**INITIATE, **change})))


async def test_a_member_of_the_wrong_type_is_jp_003(player: Player) -> None:
    answer = await player.sdk("initiate", envelope({**INITIATE, "clientId": 5}))
    assert "JP_003" == answer["events"][0]["errorCode"]


async def test_initiate_is_once_per_instance(player: Player) -> None:
    await player.initiated()
    assert INITIATE_FAILURE == failure(await player.sdk("initiate", envelope(INITIATE)))


@pytest.mark.parametrize("path", ["initiate", "process"])
@pytest.mark.parametrize("body", [{}, {"requestId": "r", "payload": []}, {"payload": {}}])
async def test_a_broken_envelope_is_400(player: Player, path: str, body: dict[str, Any]) -> None:
    answer = await player.http.post(f"/_sdk/{path}", json=body)
    assert (400, ["error"]) == (answer.status_code, list(answer.json()))


async def test_process_shows_and_hides_the_loader_and_opens_the_page(player: Player) -> None:
    await player.initiated()
    session = await player.session()
    answer = await player.sdk("process", session["sdk_payload"])
    assert ["show_loader", "hide_loader"] == [event["event"] for event in answer["events"]]
    assert f"{BASE}/payment-page/order/{session['id']}" == answer["page_url"]


async def test_process_before_initiate_is_an_api_failure(player: Player) -> None:
    answer = await player.sdk("process", (await player.session())["sdk_payload"])
    assert (API_FAILURE, None) == (failure(answer), answer["page_url"])


async def test_process_after_a_failed_initiate_is_an_api_failure(player: Player) -> None:
    await player.sdk("initiate", envelope({**INITIATE, "clientId": "other"}))
    assert API_FAILURE == failure(await player.sdk("process", (await player.session())["sdk_payload"]))


async def test_a_second_process_before_the_result_is_an_api_failure(player: Player) -> None:
    await player.page_open()
    assert API_FAILURE == failure(await player.sdk("process", (await player.session())["sdk_payload"]))


async def test_process_is_legal_again_after_the_result(player: Player) -> None:
    await player.page_open()
    await player.act("back")
    answer = await player.sdk("process", (await player.session())["sdk_payload"])
    assert answer["page_url"]


async def test_nothing_works_after_terminate(player: Player) -> None:
    await player.page_open()
    assert [] == (await player.sdk("terminate", envelope({})))["events"]
    assert API_FAILURE == failure(await player.sdk("process", (await player.session())["sdk_payload"]))
    assert INITIATE_FAILURE == failure(await player.sdk("initiate", envelope(INITIATE)))


# Session mode


async def test_the_session_payload_must_come_unchanged(player: Player) -> None:
    await player.initiated()
    sdk_payload = (await player.session())["sdk_payload"]
    sdk_payload["payload"]["amount"] = "1.0"
    assert API_FAILURE == failure(await player.sdk("process", sdk_payload))


@pytest.mark.parametrize(("seconds", "opens"), [(899, True), (900, False)])
async def test_the_client_auth_token_lives_15_minutes(player: Player, seconds: int, opens: bool) -> None:
    await player.initiated()
    session = await player.session()
    player.clock.advance(seconds)
    assert opens == ((await player.sdk("process", session["sdk_payload"]))["page_url"] is not None)


async def test_an_unknown_token_is_an_api_failure(player: Player) -> None:
    await player.initiated()
    payload = {"action": "paymentPage", "merchantId": "bakery", "clientId": "bakery", "clientAuthToken": "tkn_x"}
    assert API_FAILURE == failure(await player.sdk("process", envelope(payload)))


# Signature mode


async def test_a_signed_initiate_is_taken(player: Player) -> None:
    answer = await player.sdk("initiate", envelope(signed_initiate()))
    assert "success" == answer["events"][0]["payload"]["status"]


async def test_white_space_in_a_signature_is_ignored(player: Player) -> None:
    payload = signed_initiate()
    payload["signature"] = payload["signature"][:76] + "\n" + payload["signature"][76:] + "\r\n"
    answer = await player.sdk("initiate", envelope(payload))
    assert "success" == answer["events"][0]["payload"]["status"]


async def test_a_signed_process_makes_the_order(player: Player) -> None:
    await player.initiated()
    answer = await player.sdk("process", envelope(signed_process()))
    assert answer["page_url"]
    body = await player.status("bun-signed")
    assert ("NEW", 100) == (body["status"], body["amount"])
    assert ["order_created"] == await player.effects()


async def test_a_signed_process_links_to_an_order_that_is_there(player: Player) -> None:
    await player.initiated()
    await player.session(order_id="bun-signed")
    await player.sdk("process", envelope(signed_process()))
    assert ["order_created"] == await player.effects()


@pytest.mark.parametrize(
    "change",
    [
        {"signature": "AAAA"},
        {"signature": "not base64!"},
        {"signature": None},
        {"merchantKeyId": "key-2"},
        {"orderDetails": '{"order_id":"bun-other"}'},
        {"orderDetails": None},
        {"orderId": "bun-other"},
        {"amount": "1.00"},
        {"amount": "100.0"},
        {"customerId": "somebody"},
        {"merchantId": "other"},
    ],
)
async def test_a_tampered_process_payload_is_refused_and_makes_nothing(player: Player, change: dict[str, Any]) -> None:
    await player.initiated()
    assert API_FAILURE == failure(await player.sdk("process", envelope({**signed_process(), **change})))
    assert [] == await player.effects()


async def test_an_empty_copy_of_what_is_not_signed_is_no_tampering(player: Player) -> None:
    await player.initiated()
    empty = {"customerEmail": "", "customerMobile": ""}
    assert (await player.sdk("process", envelope({**signed_process(), **empty})))["page_url"]


async def test_every_changed_byte_of_the_signed_text_is_refused(player: Player) -> None:
    await player.initiated()
    payload = signed_process()
    text = payload["orderDetails"]
    for place in range(0, len(text), 7):
        changed = text[:place] + chr(ord(text[place]) ^ 1) + text[place + 1 :]
        assert API_FAILURE == failure(await player.sdk("process", envelope({**payload, "orderDetails": changed})))


@pytest.mark.parametrize("change", [{"customerId": "somebody"}, {"merchantKeyId": "key-2"}, {"signature": "AAAA"}])
async def test_a_tampered_initiate_payload_is_refused(player: Player, change: dict[str, str]) -> None:
    assert INITIATE_FAILURE == failure(await player.sdk("initiate", envelope({**signed_initiate(), **change})))


@pytest.mark.parametrize(("seconds", "taken"), [(-901, False), (-900, True), (900, True), (901, False)])
async def test_a_signed_timestamp_may_be_15_minutes_off(player: Player, seconds: int, taken: bool) -> None:
    payload = signed_initiate(at=START + timedelta(seconds=seconds))
    answer = await player.sdk("initiate", envelope(payload))
    assert taken == (not answer["events"][0]["error"])


@pytest.mark.parametrize("timestamp", [milliseconds(START), milliseconds(START)[:10], "1935817689.115680"])
async def test_a_signed_timestamp_is_in_milliseconds_or_seconds(player: Player, timestamp: str) -> None:
    answer = await player.sdk("initiate", envelope(signed_initiate(timestamp=timestamp)))
    assert "success" == answer["events"][0]["payload"]["status"]


@pytest.mark.parametrize("timestamp", ["", "1", milliseconds(START)[:12], "now", "1935817689."])
async def test_a_signed_timestamp_that_is_no_time_is_refused(player: Player, timestamp: str) -> None:
    payload = signed_initiate(timestamp=timestamp)
    assert INITIATE_FAILURE == failure(await player.sdk("initiate", envelope(payload)))


@pytest.mark.parametrize(
    "change", [{"amount": "0"}, {"amount": "1.234"}, {"merchant_id": "other"}, {"return_url": "nowhere"}, {"amount": 5}]
)
async def test_signed_details_that_make_no_order_are_refused(player: Player, change: dict[str, Any]) -> None:
    await player.initiated()
    answer = await player.sdk("process", envelope(signed_process(**change)))
    assert "process_result" == answer["events"][0]["event"]
    assert [] == await player.effects()


async def test_hex_signatures_are_taken_where_the_switch_is_on(player: Player) -> None:
    lenient = player_of(SandboxConfig((bakery(),), hex_signatures=True))
    payload = signed_initiate()
    payload["signature"] = base64.b64decode(payload["signature"]).hex()
    answers = [await one.sdk("initiate", envelope(payload)) for one in (player, lenient)]
    assert [True, False] == [answer["events"][0]["error"] for answer in answers]


# What the shopper does


@pytest.mark.parametrize(
    ("method", "status", "error", "code"),
    [
        ({"upi": "success@upi"}, "charged", False, ""),
        ({"upi": "failure@upi"}, "authorization_failed", True, "JP_001"),
        ({"upi": "pending@upi"}, "pending_vbv", True, "JP_006"),
        ({"upi": "declined@upi"}, "juspay_declined", True, "JP_000"),
        ({"cod": True}, "cod_initiated", False, ""),
    ],
)
async def test_paying_ends_in_a_process_result(
    player: Player, method: dict[str, Any], status: str, error: bool, code: str
) -> None:
    await player.page_open()
    answer = await player.act("pay", method=method)
    assert ("process_result", error, code, status) == failure(answer)
    assert ("closed", "bakery-bun-7Kq2-1") == (answer["page"], answer["txn_id"])


async def test_a_success_names_the_instrument(player: Player) -> None:
    await player.page_open()
    answer = await player.act("pay", method={"card": "4242424242424242"})
    assert {
        "action": "paymentPage",
        "status": "charged",
        "orderId": "bun-7Kq2",
        "paymentInstrument": "VISA",
        "paymentInstrumentGroup": "CARD",
    } == answer["events"][0]["payload"]


async def test_declining_at_the_bank_is_a_failed_authentication(player: Player) -> None:
    await player.page_open()
    answer = await player.act("pay", method={"upi": "success@upi"}, bank="decline")
    assert ("process_result", True, "JP_001", "authentication_failed") == failure(answer)


async def test_going_back_before_paying_is_backpressed(player: Player) -> None:
    await player.page_open()
    assert ("process_result", True, "JP_002", "backpressed") == failure(await player.act("back"))
    assert "NEW" == (await player.status())["status"]


@pytest.mark.parametrize("action", ["abort", "back"])
async def test_leaving_at_the_bank_is_user_aborted(player: Player, action: str) -> None:
    await player.page_open()
    waiting = await player.act("pay", method={"upi": "success@upi"}, bank="wait")
    assert ([], "bank") == (waiting["events"], waiting["page"])
    assert ("process_result", True, "JP_002", "user_aborted") == failure(await player.act(action))
    assert "PENDING_VBV" == (await player.status())["status"]


async def test_an_app_that_dies_never_hears_of_it(player: Player) -> None:
    await player.page_open()
    await player.act("pay", method={"upi": "success@upi"}, bank="wait")
    assert [] == (await player.act("close_app"))["events"]
    assert 404 == (await player.http.get("/_sdk/events?instance=app")).status_code
    assert "PENDING_VBV" == (await player.status())["status"]


@pytest.mark.parametrize(
    "body",
    [
        {"action": "abort"},
        {"action": "approve"},
        {"action": "dance"},
        {"action": "pay"},
        {"action": "pay", "method": {"upi": "nobody"}},
        {"action": "pay", "method": {"card": "4242424242424241"}},
        {"action": "pay", "method": {"nb": "NB_MOON"}},
        {"action": "pay", "method": {"upi": "success@upi"}, "bank": "maybe"},
        {"action": "pay", "method": {"upi": "success@upi"}, "instance": "nobody"},
    ],
)
async def test_what_the_page_does_not_offer_is_409(player: Player, body: dict[str, Any]) -> None:
    await player.page_open()
    answer = await player.http.post("/_sdk/act", json={"instance": "app", **body})
    assert (409, ["error"]) == (answer.status_code, list(answer.json()))
    assert ["order_created"] == await player.effects()


async def test_an_instance_is_initialised_from_initiate_to_terminate(player: Player) -> None:
    async def asked() -> bool:
        return bool((await player.http.get("/_sdk/isInitialised?instance=app")).json()["isInitialised"])

    words = [await asked()]
    await player.page_open()
    words.append(await asked())
    await player.act("back")
    words.append(await asked())
    await player.sdk("terminate", envelope({}))
    words.append(await asked())
    assert [False, True, True, False] == words


async def test_kept_ways_to_pay_are_managed_without_an_order(player: Player) -> None:
    await player.initiated()
    asked = {"payment_page_client_id": "bakery", "customer_id": "c-77", "action": "paymentManagement"}
    session = (await player.http.post("/session", json=asked, auth=(KEY, ""))).json()
    opened = await player.sdk("process", session["sdk_payload"])
    assert ["show_loader", "hide_loader", "process_result"] == [one["event"] for one in opened["events"]]
    assert ("backpressed", None) == (opened["events"][-1]["payload"]["status"], opened["page_url"])


async def test_an_iframe_gives_a_result_within_a_result() -> None:
    player = player_of(SandboxConfig((bakery(),), nested_results=True))
    await player.page_open()
    (event,) = (await player.act("pay", method={"upi": "success@upi"}))["events"]
    assert ("process_result", {"event", "payload"}) == (event["event"], event.keys())
    assert ("charged", False) == (event["payload"]["payload"]["status"], event["payload"]["error"])
