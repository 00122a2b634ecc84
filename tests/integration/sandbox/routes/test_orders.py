"""Sessions, orders and customers, server to server (contract B, F)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from integration.sandbox.playing import BASE, HEADERS, KEY, SESSION, Player, bakery, player_of

from paystate.entrypoints.sandbox import SandboxConfig


async def test_a_session_answers_with_links_and_sdk_payload(player: Player) -> None:
    answer = await player.session(amount="349.50")
    assert ("NEW", "bun-7Kq2") == (answer["status"], answer["order_id"])
    assert answer["id"].startswith("ordeh_")
    assert f"{BASE}/payment-page/order/{answer['id']}" == answer["payment_links"]["web"]
    assert "2031-05-13T07:08:09Z" == answer["order_expiry"] == answer["sdk_payload"]["expiry"]
    payload = answer["sdk_payload"]["payload"]
    assert ("349.5", "2031-05-06T07:23:09Z") == (payload["amount"], payload["clientAuthTokenExpiry"])
    assert ("bun-7Kq2", "c-77", "bakery") == (payload["orderId"], payload["customerId"], payload["clientId"])


async def test_a_session_may_be_asked_for_by_form(player: Player) -> None:
    answer = await player.post("/session", SESSION)
    assert "NEW" == answer.json()["status"]


async def test_a_chunked_body_is_read(player: Player) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"order_id=bun-chunked&"
        yield b"amount=10"

    headers = HEADERS | {"content-type": "application/x-www-form-urlencoded"}
    answer = await player.http.post("/orders", content=chunks(), headers=headers, auth=(KEY, ""))
    assert "bun-chunked" == answer.json()["order_id"]


@pytest.mark.parametrize(
    ("sent", "number"), [("349.50", "349.5"), ("100", "100"), ("100.15", "100.15"), ("0.10", "0.1")]
)
async def test_amounts_are_json_numbers_without_idle_zeros(player: Player, sent: str, number: str) -> None:
    answer = await player.post("/orders", {"order_id": "bun-1", "amount": sent})
    assert f'"amount":{number},' in answer.text


@pytest.mark.parametrize("amount", ["0", "-1", "1.234", "1e3", "ten", "", None, True, [], "NaN", " 5"])
async def test_a_wrong_amount_is_invalid_input(player: Player, amount: Any) -> None:
    body = {**SESSION, "amount": amount}
    answer = await player.http.post("/session", json=body, headers=HEADERS, auth=(KEY, ""))
    assert 400 == answer.status_code
    assert "INVALID_REQUEST" == answer.json()["error_code"]
    assert ["amount"] == [field["field_name"] for field in answer.json()["error_info"]["fields"]]


@pytest.mark.parametrize("order_id", ["", "x" * 21, "a b", "a/b", "å", None, 7])
async def test_a_wrong_order_id_is_invalid_input(player: Player, order_id: Any) -> None:
    body = {**SESSION, "order_id": order_id}
    answer = await player.http.post("/session", json=body, headers=HEADERS, auth=(KEY, ""))
    assert "order_id" == answer.json()["error_info"]["fields"][0]["field_name"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"payment_page_client_id": ""}, "PAYMENT_PAGE_CLIENT_ID_NOT_FOUND"),
        ({"payment_page_client_id": "other"}, "invalid.client.id"),
        ({"action": "paymentManagement", "customer_id": ""}, "CUSTOMER_ID_NOT_FOUND"),
        ({"action": "dance"}, "INVALID_REQUEST"),
        ({"return_url": "/back"}, "INVALID_REQUEST"),
        ({"return_url": "https://shop.test/\r\nx: y"}, "INVALID_REQUEST"),
    ],
)
async def test_a_session_names_what_is_wrong(player: Player, changes: dict[str, str], code: str) -> None:
    answer = await player.post("/session", {**SESSION, **changes})
    assert (400, code) == (answer.status_code, answer.json()["error_code"])


async def test_a_session_that_names_no_action_is_for_the_payment_page(player: Player) -> None:
    answer = await player.post("/session", {name: value for name, value in SESSION.items() if name != "action"})
    assert (200, "paymentPage") == (answer.status_code, answer.json()["sdk_payload"]["payload"]["action"])


async def test_a_session_to_manage_kept_ways_to_pay_needs_no_order(player: Player) -> None:
    asked = {"customer_id": "c-77", "payment_page_client_id": "bakery", "action": "paymentManagement"}
    body = (await player.http.post("/session", json=asked, auth=(KEY, ""))).json()
    payload = body["sdk_payload"]["payload"]
    assert ("paymentManagement", "c-77", "bakery") == (payload["action"], payload["customerId"], payload["merchantId"])
    assert payload["clientAuthToken"].startswith("tkn_")
    assert set() == {"id", "order_id", "payment_links"} & body.keys()
    assert [] == await player.effects()


async def test_a_session_to_manage_kept_ways_to_pay_of_an_order_is_of_that_order(player: Player) -> None:
    body = await player.session(action="paymentManagement")
    assert ("bun-7Kq2", "paymentManagement") == (body["order_id"], body["sdk_payload"]["payload"]["action"])


@pytest.mark.parametrize("body", [b"{", b"[1]", b'{"order_id":' + b"[" * 5000, b"\xff"])
async def test_a_body_that_is_no_json_object_is_invalid_input(player: Player, body: bytes) -> None:
    headers = HEADERS | {"content-type": "application/json"}
    answer = await player.http.post("/session", content=body, headers=headers, auth=(KEY, ""))
    assert (400, "INVALID_REQUEST") == (answer.status_code, answer.json()["error_code"])


async def test_half_a_character_is_refused_before_it_spoils_an_order(player: Player) -> None:
    headers = HEADERS | {"content-type": "application/json"}
    body = b'{"order_id": "bun-1", "amount": 1, "udf1": "\\ud800"}'
    answer = await player.http.post("/orders", content=body, headers=headers, auth=(KEY, ""))
    assert (400, "NOT_FOUND") == (answer.status_code, (await player.status("bun-1"))["status"])


async def test_the_same_session_again_is_the_same_order_with_a_new_token(player: Player) -> None:
    first, second = await player.session(), await player.session(order_id="BUN-7kq2")
    assert first["id"] == second["id"]
    tokens = {one["sdk_payload"]["payload"]["clientAuthToken"] for one in (first, second)}
    assert 2 == len(tokens)
    assert ["order_created"] == await player.effects()


async def test_another_amount_while_new_is_an_update(player: Player) -> None:
    await player.session()
    answer = await player.session(amount="55.00")
    assert "55.0" == answer["sdk_payload"]["payload"]["amount"]
    assert ["order_created", "order_updated"] == await player.effects()


async def test_a_session_for_a_paid_order_is_refused(player: Player) -> None:
    await player.paid()
    answer = await player.post("/session", SESSION)
    assert (400, "INVALID_ACTION") == (answer.status_code, answer.json()["error_info"]["code"])


async def test_an_order_is_created_with_the_recorded_fields(player: Player) -> None:
    answer = await player.post(
        "/orders", {"order_id": "bun-2", "amount": "20", "options.get_client_auth_token": "true"}
    )
    body = answer.json()
    assert (10, "NEW", "INR", "bakery") == (body["status_id"], body["status"], body["currency"], body["merchant_id"])
    assert (False, 0, []) == (body["refunded"], body["amount_refunded"], body["offers"])
    assert {""} == {body[f"udf{number}"] for number in range(1, 11)}
    assert {"web", "mobile", "iframe"} == set(body["payment_links"])
    assert "2031-05-06T07:23:09Z" == body["juspay"]["client_auth_token_expiry"]
    assert "txn_id" not in body


async def test_only_amount_addresses_and_udfs_can_be_updated(player: Player) -> None:
    await player.session()
    answer = await player.post("/orders/bun-7Kq2", {"amount": "80", "udf2": "late", "customer_id": "thief"})
    body = answer.json()
    assert (80, "late", "c-77") == (body["amount"], body["udf2"], body["customer_id"])


async def test_a_paid_order_cannot_be_updated(player: Player) -> None:
    await player.paid()
    answer = await player.post("/orders/bun-7Kq2", {"amount": "80"})
    assert "INVALID_ACTION" == answer.json()["error_info"]["code"]


@pytest.mark.parametrize("path", ["/orders/BUN-7KQ2", "/order/status?order_id=bun-7kq2"])
async def test_status_is_found_without_regard_to_case_on_both_routes(player: Player, path: str) -> None:
    await player.session()
    assert "bun-7Kq2" == (await player.get(path)).json()["order_id"]


async def test_the_old_status_route_takes_a_post_too(player: Player) -> None:
    await player.session()
    assert "NEW" == (await player.post("/order/status", {"order_id": "bun-7Kq2"})).json()["status"]


@pytest.mark.parametrize("status", [400, 404])
async def test_an_unknown_order_is_not_found_with_the_status_the_switch_says(status: int) -> None:
    player = player_of(SandboxConfig((bakery(),), unknown_order_status=status))
    answer = await player.get("/orders/nobody")
    assert (status, {"status_id": 40, "status": "NOT_FOUND", "order_id": "nobody"}) == (
        answer.status_code,
        answer.json(),
    )


async def test_a_card_payment_shows_the_recorded_shape(player: Player) -> None:
    await player.page_open()
    await player.act("pay", method={"card": "4242 4242 4242 4242"})
    body = await player.status()
    assert ("bakery-bun-7Kq2-1", "CARD", "VISA") == (
        body["txn_id"],
        body["payment_method_type"],
        body["payment_method"],
    )
    assert ("CHARGED", "DUMMY", 100) == (
        body["txn_detail"]["status"],
        body["txn_detail"]["gateway"],
        body["txn_detail"]["txn_amount"],
    )
    assert ("424242", "4242") == (body["card"]["card_isin"], body["card"]["last_four_digits"])
    assert "SUCCESS" == body["payment_gateway_response"]["resp_code"]
    assert "4242424242424242" not in str(body)


async def test_a_failed_payment_shows_why(player: Player) -> None:
    await player.page_open()
    await player.act("pay", method={"upi": "failure@upi"})
    body = await player.status()
    assert ("AUTHORIZATION_FAILED", 27, "PAYMENT_FAILED", "PAYMENT_FAILURE", "BANK_REFUSED") == (
        body["status"],
        body["status_id"],
        body["resp_code"],
        body["resp_category"],
        body["bank_error_code"],
    )


async def test_a_customer_is_found_by_either_id(player: Player) -> None:
    body = {"object_reference_id": "dev-0001", "mobile_number": "9000000001", "first_name": "Dev"}
    created = (await player.post("/customers", body)).json()
    assert created["id"].startswith("cst_")
    answers = [(await player.get(f"/customers/{name}")).json() for name in ("dev-0001", created["id"])]
    assert [created, created] == answers


async def test_a_customer_comes_with_a_client_auth_token_when_asked(player: Player) -> None:
    body = {"object_reference_id": "dev-0001", "mobile_number": "9000000001"}
    assert "juspay" not in (await player.post("/customers", body)).json()
    answer = await player.get("/customers/dev-0001?options.get_client_auth_token=true")
    assert "2031-05-06T07:23:09Z" == answer.json()["juspay"]["client_auth_token_expiry"]


async def test_a_customer_can_be_updated(player: Player) -> None:
    await player.post("/customers", {"object_reference_id": "dev-0001", "mobile_number": "9000000001"})
    answer = await player.post("/customers/dev-0001", {"email_address": "dev@example.test"})
    assert ("dev@example.test", "9000000001") == (answer.json()["email_address"], answer.json()["mobile_number"])


async def test_a_customer_needs_a_reference_and_a_number(player: Player) -> None:
    answer = await player.post("/customers", {"first_name": "Dev"})
    names = [field["field_name"] for field in answer.json()["error_info"]["fields"]]
    assert ["object_reference_id", "mobile_number"] == names


async def test_an_unknown_customer_is_404(player: Player) -> None:
    answer = await player.get("/customers/nobody")
    assert (404, "object_not_found", "RESOURCE_NOT_FOUND") == (
        answer.status_code,
        answer.json()["error_code"],
        answer.json()["error_info"]["code"],
    )


async def test_what_is_asked_of_a_mandate_is_in_the_sdks_payload(player: Player) -> None:
    wish = {"options.create_mandate": "REQUIRED", "mandate.max_amount": "300.00"}
    payload = (await player.session(**wish))["sdk_payload"]["payload"]
    assert ("REQUIRED", "300.00") == (payload["options.createMandate"], payload["mandate.maxAmount"])


async def test_metadata_is_told_back_without_its_prefix(player: Player) -> None:
    assert "metadata" not in (await player.post("/orders", {**SESSION, "order_id": "bun-2"})).json()
    body = (await player.post("/orders", {**SESSION, "metadata.JUSPAY:gateway_reference_id": "train"})).json()
    assert ({"JUSPAY:gateway_reference_id": "train"}, "train") == (body["metadata"], body["gateway_reference_id"])
