"""What Juspay's published samples have is sent, and taken (recorded, contract B.1, B.2, C, F.1, H.2, H.3, I.2).

Only names of members are recorded here. A body may have more of them: Juspay adds some over time (contract A.3).
"""

from __future__ import annotations

import json
from typing import Any, Final

import pytest
from integration.sandbox.playing import INITIATE, Player, envelope, milliseconds, signed
from integration.sandbox.playing import START as NOW
from integration.sandbox.receiving import Receiver, deliver, receiving

UDFS: Final = frozenset(f"udf{number}" for number in range(1, 11))
ORDER: Final = UDFS | {
    *("id", "order_id", "merchant_id", "status", "status_id", "amount", "effective_amount", "amount_refunded"),
    *("refunded", "currency", "date_created", "return_url", "product_id", "payment_links", "offers"),
    *("customer_id", "customer_email", "customer_phone"),
}
PAID: Final = ORDER | {
    *("txn_id", "txn_uuid", "txn_detail", "payment_method_type", "payment_method", "auth_type", "gateway_id"),
    *("gateway_reference_id", "bank_error_code", "bank_error_message", "resp_code", "resp_message", "resp_category"),
    *("payment_gateway_response", "emi_details"),
}
LINKS: Final = frozenset({"web", "mobile", "iframe"})
TXN_DETAIL: Final = frozenset(
    {
        *("txn_id", "order_id", "status", "error_code", "error_message", "net_amount", "surcharge_amount"),
        *("tax_amount", "txn_amount", "offer_deduction_amount", "gateway_id", "gateway", "currency"),
        *("express_checkout", "redirect", "txn_uuid", "created", "last_updated", "txn_flow_type"),
        *("is_cvv_less_txn", "txn_amount_breakup"),
    }
)
GATEWAY: Final = frozenset(
    {
        *("txn_id", "rrn", "epg_txn_id", "auth_id_code", "resp_code", "resp_message", "created", "arn", "eci"),
        *("auth_ref_num", "umrn", "network_error_code", "network_error_message", "gateway_merchant_id"),
        "current_blocked_amount",
    }
)
CARD: Final = frozenset(
    {
        *("expiry_year", "expiry_month", "card_reference", "card_fingerprint", "card_isin", "last_four_digits"),
        *("name_on_card", "card_type", "card_brand", "card_issuer", "card_issuer_country", "juspay_bank_code"),
        *("extended_card_type", "using_saved_card", "saved_to_locker", "using_token", "token_type", "tokens"),
        "payment_account_reference",
    }
)
REFUND: Final = frozenset(
    {
        *("id", "unique_request_id", "amount", "ref", "created", "status", "error_code", "error_message"),
        *("sent_to_gateway", "initiated_by", "refund_source", "refund_type"),
    }
)
REFUND_ALONE: Final = frozenset(
    {
        *("unique_request_id", "txn_id", "order_id", "status", "sent_to_gateway", "response_code", "refund_type"),
        *("refund_source", "refund_arn", "reference_id", "initiated_by", "gateway", "error_message", "epg_txn_id"),
        *("created", "authorization_id", "amount"),
    }
)
SDK_PAYLOAD: Final = frozenset(
    {
        *("action", "amount", "clientAuthToken", "clientAuthTokenExpiry", "clientId", "collectAvsInfo", "currency"),
        *("environment", "merchantId", "orderId", "service"),
    }
)


def missing(names: frozenset[str], body: Any) -> set[str]:
    return set(names - body.keys())


async def paid_by(player: Player, **method: str) -> Any:
    await player.page_open()
    await player.act("pay", method=method)
    return await player.status()


async def test_a_session(player: Player) -> None:
    body = await player.session()
    expected = {"status", "id", "order_id", "payment_links", "sdk_payload", "order_expiry"}
    assert set() == missing(frozenset(expected), body)
    assert set() == missing(frozenset({"web", "expiry"}), body["payment_links"])
    assert {"requestId", "service", "payload", "expiry"} == body["sdk_payload"].keys()
    assert set() == missing(SDK_PAYLOAD, body["sdk_payload"]["payload"])


async def test_an_order_without_a_payment(player: Player) -> None:
    body = (await player.post("/orders", {"order_id": "bun-2", "amount": "20"})).json()
    assert set() == missing(ORDER, body)
    assert LINKS == body["payment_links"].keys()
    assert body.keys().isdisjoint({"txn_id", "txn_uuid", "txn_detail", "payment_gateway_response"})


async def test_an_order_paid_by_card(player: Player) -> None:
    body = await paid_by(player, card="4242424242424242")
    assert set() == missing(PAID | {"card"}, body)
    assert set() == missing(TXN_DETAIL, body["txn_detail"])
    assert set() == missing(GATEWAY, body["payment_gateway_response"])
    assert set() == missing(CARD, body["card"])


async def test_an_order_paid_by_upi(player: Player) -> None:
    body = await paid_by(player, upi="success@upi")
    assert set() == missing(PAID | {"upi", "payer_vpa"}, body)
    assert set() == missing(frozenset({"payer_vpa", "txn_flow_type"}), body["upi"])
    assert "card" not in body


async def test_an_order_that_failed(player: Player) -> None:
    assert set() == missing(PAID, await paid_by(player, upi="failure@upi"))


async def test_a_refund_in_its_order(player: Player) -> None:
    await player.paid()
    body = (await player.refund("r1", "40")).json()
    assert set() == missing(PAID, body)
    (refund,) = body["refunds"]
    assert set() == missing(REFUND, refund)


async def test_a_refund_alone(player: Player) -> None:
    await player.paid()
    txn_id = (await player.status())["txn_id"]
    refund = (await player.post("/refunds", {"txn_id": txn_id, "unique_request_id": "r1", "amount": "1"})).json()
    assert set() == missing(REFUND_ALONE, refund)


async def test_a_webhook() -> None:
    receiver = Receiver()
    async with receiving(receiver) as player:
        await player.session()
        await deliver(player)
    (body,) = receiver.bodies
    assert {"id", "date_created", "event_name", "content"} == body.keys()
    assert set() == missing(ORDER | {"last_updated", "order_expiry", "emi_details"}, body["content"]["order"])


# What the samples send


@pytest.mark.parametrize("action", ["paymentPage", "paymentManagement", "quickPay"])
async def test_the_actions_of_the_samples_are_taken(player: Player, action: str) -> None:
    body = await player.session(action=action)
    assert action == body["sdk_payload"]["payload"]["action"]


@pytest.mark.parametrize("order_id", ["testing-order-one", "JP_1724825476", "T1740145892"])
async def test_order_ids_of_the_samples_are_taken(player: Player, order_id: str) -> None:
    body = await player.session(order_id=order_id)
    assert order_id == body["order_id"]


@pytest.mark.parametrize("left_out", ["merchant_id", "customer_id"])
async def test_a_signed_initiate_names_merchant_and_customer(player: Player, left_out: str) -> None:
    facts = {"merchant_id": "bakery", "customer_id": "c-77", "timestamp": milliseconds(NOW)}
    del facts[left_out]
    assert await refused(player, "initiate", INITIATE, "signaturePayload", facts)


@pytest.mark.parametrize("left_out", ["order_id", "merchant_id", "amount", "customer_id"])
async def test_signed_details_name_order_merchant_amount_and_customer(player: Player, left_out: str) -> None:
    await player.initiated()
    facts = {"order_id": "bun-9", "merchant_id": "bakery", "amount": "5.00", "customer_id": "c-77"}
    del facts[left_out]
    process = {"action": "paymentPage", "merchantId": "bakery", "clientId": "bakery"}
    assert await refused(player, "process", process, "orderDetails", {**facts, "timestamp": milliseconds(NOW)})
    assert [] == await player.effects()


async def refused(player: Player, call: str, outer: dict[str, Any], name: str, facts: dict[str, str]) -> bool:
    text = json.dumps(facts)
    payload = {**outer, name: text, "signature": signed(text), "merchantKeyId": "key-1"}
    (event,) = (await player.sdk(call, envelope(payload)))["events"]
    return bool(event["error"])


async def test_held_money_is_told_to_the_app_as_authorized(player: Player) -> None:
    await player.page_open(**{"metadata.txns.auto_capture": "false"})
    (event,) = (await player.act("pay", method={"upi": "success@upi"}))["events"]
    assert (False, "authorized") == (event["error"], event["payload"]["status"])


async def test_no_two_payments_have_one_bank_reference(player: Player) -> None:
    orders = [f"bun-{number}" for number in range(60)]
    for order_id in orders:
        made = {"merchant_id": "bakery", "order_id": order_id, "amount": "9.00", "paid": True}
        await player.control("/_control/orders", made)
    references = [(await player.status(order_id))["payment_gateway_response"]["rrn"] for order_id in orders]
    assert len(orders) == len({*references})
    assert {12} == {len(one) for one in references if one.isdecimal()}
