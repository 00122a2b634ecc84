"""Juspay's own Node client against the sandbox: npm's `expresscheckout-nodejs` 1.0.0, unchanged, over TLS.

It sends the API key without the colon, every body in chunks, and no routing id (recorded, contract A.2 and A.4).
"""

from __future__ import annotations

from typing import Any

import pytest
from conformance.driving import Driver, Told
from conformance.juspay import Juspay
from integration.sandbox.playing import KEY, SESSION

ORDER = {"order_id": "bun-7Kq2", "amount": "100.00", "customer_id": "c-77", "udf1": "table 4"}
CUSTOMER = {"object_reference_id": "dev-0001", "mobile_number": "9000000001", "first_name": "Dev"}


@pytest.fixture
def shop(node: Driver, juspay: Juspay) -> Shop:
    return Shop(node, juspay)


class Shop:
    """A merchant who uses the Node client."""

    def __init__(self, node: Driver, juspay: Juspay) -> None:
        self.node, self.juspay, self.player = node, juspay, juspay.player

    async def call(self, name: str, *given: Any, **settings: Any) -> Told:
        client = {"apiKey": KEY, "merchantId": "bakery", "baseUrl": self.juspay.url, **settings}
        return await self.node.call(client, name, *given)

    async def ok(self, name: str, *given: Any, **settings: Any) -> dict[str, Any]:
        told = await self.call(name, *given, **settings)
        assert "ok" in told, told
        value: dict[str, Any] = told["ok"]
        return value

    async def error(self, name: str, *given: Any, **settings: Any) -> dict[str, Any]:
        told = await self.call(name, *given, **settings)
        assert "error" in told, told
        value: dict[str, Any] = told["error"]
        return value

    async def refund(self, request_id: str, amount: object = "40") -> Told:
        return await self.call("order.refund", "bun-7Kq2", {"unique_request_id": request_id, "amount": amount})


async def test_a_session_is_opened(shop: Shop) -> None:
    opened = await shop.ok("orderSession.create", SESSION)
    assert ("NEW", "bun-7Kq2", 200) == (
        opened["status"],
        opened["sdk_payload"]["payload"]["orderId"],
        opened["http"]["statusCode"],
    )
    assert opened["payment_links"]["web"].startswith(shop.juspay.url)


async def test_an_order_is_created(shop: Shop) -> None:
    order = await shop.ok("order.create", {**ORDER, "options.get_client_auth_token": True})
    assert ("NEW", 10, 100, "table 4") == (order["status"], order["status_id"], order["amount"], order["udf1"])
    assert {"web", "mobile", "iframe"} <= order["payment_links"].keys()
    assert order["juspay"]["client_auth_token"]


async def test_an_order_is_updated(shop: Shop) -> None:
    await shop.ok("order.create", ORDER)
    # It writes "/orders" and the id with no slash between.
    order = await shop.ok("order.update", "/bun-7Kq2", {"amount": "120.50", "udf2": "late"})
    assert (120.5, "table 4", "late") == (order["amount"], order["udf1"], order["udf2"])


async def test_the_status_of_an_order_is_read(shop: Shop) -> None:
    await shop.player.paid()
    order = await shop.ok("order.status", "bun-7Kq2")
    assert ("CHARGED", 21, 100) == (order["status"], order["status_id"], order["amount"])


async def test_the_status_of_an_unknown_order_is_an_invalid_request(shop: Shop) -> None:
    error = await shop.error("order.status", "nobody")
    assert ("InvalidRequestError", "NOT_FOUND") == (error["name"], error["status"])


async def test_a_wrong_key_is_an_authentication_error(shop: Shop) -> None:
    error = await shop.error("order.status", "bun-7Kq2", apiKey="WRONG")
    assert ("AuthenticationError", "access_denied") == (error["name"], error["error_code"])
    assert "UNAUTHORIZED" == error["error_info"]["code"]


async def test_the_key_of_another_merchant_is_an_authentication_error(shop: Shop) -> None:
    error = await shop.error("order.create", ORDER, merchantId="florist")
    assert "AuthenticationError" == error["name"]


async def test_a_bad_field_is_named(shop: Shop) -> None:
    error = await shop.error("order.create", {**ORDER, "amount": "1.234"})
    assert ("InvalidRequestError", "INVALID_INPUT") == (error["name"], error["error_info"]["code"])
    assert ["amount"] == [field["field_name"] for field in error["error_info"]["fields"]]


async def test_a_refund_of_an_unpaid_order_is_refused(shop: Shop) -> None:
    await shop.ok("order.create", ORDER)
    error = (await shop.refund("r1"))["error"]
    assert ("InvalidRequestError", "invalid.order.not_successful") == (error["name"], error["error_code"])


async def test_a_refund_of_an_unknown_order_is_refused(shop: Shop) -> None:
    error = await shop.error("order.refund", "nobody", {"unique_request_id": "r1", "amount": 1})
    assert ("InvalidRequestError", "NOT_FOUND") == (error["name"], error["status"])


async def test_a_refund_of_a_paid_order_is_made(shop: Shop) -> None:
    await shop.player.paid()
    order = (await shop.refund("r1", 40.5))["ok"]
    assert [("r1", 40.5, "PENDING")] == [
        (one["unique_request_id"], one["amount"], one["status"]) for one in order["refunds"]
    ]


async def test_a_repeated_refund_is_refused_and_makes_no_other(shop: Shop) -> None:
    await shop.player.paid()
    await shop.refund("r1")
    error = (await shop.refund("r1"))["error"]
    assert ("InvalidRequestError", "ERROR", "duplicate.call") == (error["name"], error["status"], error["error_code"])
    assert ["40.00"] == [one["amount"] for one in (await shop.player.truth())["refunds"]]


async def test_refunds_sent_at_once_never_exceed_what_was_paid(shop: Shop) -> None:
    await shop.player.paid()
    client = {"apiKey": KEY, "merchantId": "bakery", "baseUrl": shop.juspay.url}
    refunds = [
        ("order.refund", "bun-7Kq2", {"unique_request_id": f"r{amount}", "amount": amount}) for amount in range(27, 35)
    ]
    told = await shop.node.calls(client, *refunds)
    assert {"invalid.amount.exceeded"} == {one["error"]["error_code"] for one in told if "error" in one}
    assert 3 == sum("ok" in one for one in told)


async def test_a_customer_is_created_read_and_updated(shop: Shop) -> None:
    created = await shop.ok("customer.create", CUSTOMER)
    read = await shop.ok("customer.get", "dev-0001", {"options.get_client_auth_token": True})
    await shop.ok("customer.update", "dev-0001", {"first_name": "Devi"})
    again = await shop.ok("customer.get", created["id"])
    assert ("customer", "dev-0001", "Dev") == (created["object"], read["object_reference_id"], read["first_name"])
    assert read["juspay"]["client_auth_token"]
    assert ("Devi", "9000000001") == (again["first_name"], again["mobile_number"])


async def test_an_unknown_customer_is_an_invalid_request(shop: Shop) -> None:
    error = await shop.error("customer.get", "nobody-here")
    assert ("InvalidRequestError", "object_not_found") == (error["name"], error["error_code"])


async def test_an_error_of_juspays_is_an_api_error(shop: Shop) -> None:
    await shop.ok("order.create", ORDER)
    await shop.player.arm("status_5xx")
    assert "ApiError" == (await shop.error("order.status", "bun-7Kq2"))["name"]


async def test_a_page_of_html_with_a_500_is_an_internal_server_error(shop: Shop) -> None:
    await shop.ok("order.create", ORDER)
    await shop.player.arm("status_5xx_after_effect")
    await shop.player.arm("not_json")
    error = await shop.error("order.status", "bun-7Kq2")
    assert "InternalServerError" == error["name"]
    assert "<html>" in error["message"]


async def test_an_answer_that_never_comes_is_a_time_out(shop: Shop) -> None:
    await shop.ok("order.create", ORDER)
    await shop.player.arm("timeout_before_effect", params={"hold_s": 600})
    assert "TimeoutError" == (await shop.error("order.status", "bun-7Kq2", timeout=200))["name"]


async def test_what_the_client_sent_is_in_the_ledger(shop: Shop) -> None:
    await shop.ok("order.create", ORDER)
    await shop.ok("order.status", "bun-7Kq2")
    calls = (await shop.player.control("/_control/ledger?kind=call"))["entries"]
    assert [("order_create", 200, None), ("order_status", 200, None)] == [
        (one["name"], one["status"], one["routing_id"]) for one in calls
    ]


async def test_an_attempt_is_started(shop: Shop) -> None:
    await shop.ok("order.create", ORDER)
    bank = {"order_id": "bun-7Kq2", "payment_method_type": "NB", "payment_method": "NB_AXIS"}
    txn = await shop.ok("payments.create", bank)
    assert ("bun-7Kq2", "PENDING_VBV") == (txn["order_id"], txn["status"])
    assert txn["payment"]["authentication"]["url"].startswith(shop.juspay.url)
