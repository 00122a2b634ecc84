"""PyPI's `juspayp3` 1.0.1 against the sandbox, unchanged, over TLS: the older routes of Juspay (contract B.3, L).

It sends forms, and names no merchant: neither `x-merchantid` nor any other header but `version` 2016-10-27.
"""

from __future__ import annotations

from typing import Any

import pytest
from conformance.driving import Driver
from conformance.juspay import Juspay
from integration.sandbox.playing import KEY

ORDER = {"order_id": "bun-7Kq2", "amount": "100.00", "customer_id": "c-77", "udf1": "table 4"}
CUSTOMER = {"object_reference_id": "dev-0001", "mobile_number": "9000000001", "first_name": "Dev"}
CARD = {
    "merchant_id": "bakery",
    "customer_id": "c-77",
    "customer_email": "dev@example.test",
    "card_number": "4242424242424242",
    "card_exp_year": "2035",
    "card_exp_month": "11",
    "name_on_card": "Dev",
    "nickname": "blue",
}


class Shop:
    """A merchant who uses the Python client."""

    def __init__(self, python: Driver, juspay: Juspay) -> None:
        self.python, self.juspay, self.player = python, juspay, juspay.player

    async def told(self, name: str, key: str = KEY, **given: Any) -> dict[str, Any]:
        return await self.python.call({"base_url": self.juspay.url, "api_key": key}, name, given)

    async def ok(self, name: str, **given: Any) -> Any:
        told = await self.told(name, **given)
        assert "ok" in told, told
        return told["ok"]

    async def error(self, name: str, **given: Any) -> dict[str, Any]:
        told = await self.told(name, **given)
        assert "error" in told, told
        error: dict[str, Any] = told["error"]
        return error


@pytest.fixture
def shop(python: Driver, juspay: Juspay) -> Shop:
    return Shop(python, juspay)


async def test_an_order_is_created(shop: Shop) -> None:
    order = await shop.ok("Orders.create", **ORDER)
    assert ("CREATED", 1, 100, "table 4") == (order["status"], order["status_id"], order["amount"], order["udf1"])
    assert all(order["payment_links"].values())


async def test_an_order_is_updated_by_the_route_that_creates_it(shop: Shop) -> None:
    created = await shop.ok("Orders.create", **ORDER)
    updated = await shop.ok("Orders.update", order_id="bun-7Kq2", amount="120.50")
    assert (created["id"], 120.5, "table 4") == (updated["id"], updated["amount"], updated["udf1"])


async def test_the_status_of_a_paid_order_is_read(shop: Shop) -> None:
    await shop.player.paid()
    order = await shop.ok("Orders.status", order_id="bun-7Kq2")
    assert ("CHARGED", 21, 100) == (order["status"], order["status_id"], order["amount"])
    assert order["txn_id"]


async def test_the_status_of_an_unknown_order_is_an_invalid_request(shop: Shop) -> None:
    error = await shop.error("Orders.status", order_id="nobody")
    assert ("InvalidRequestException", 400, 40) == (error["name"], error["status"], error["body"]["status_id"])


async def test_orders_are_listed(shop: Shop) -> None:
    for number in range(3):
        await shop.ok("Orders.create", order_id=f"bun-{number}", amount="10")
    listed = await shop.ok("Orders.list", count=2, offset=1)
    assert (2, 1, 3, 2) == (int(listed["count"]), int(listed["offset"]), listed["total"], len(listed["list"]))


async def test_a_refund_is_made_once(shop: Shop) -> None:
    await shop.player.paid()
    order = await shop.ok("Orders.refund", order_id="bun-7Kq2", unique_request_id="r1", amount="40")
    again = await shop.error("Orders.refund", order_id="bun-7Kq2", unique_request_id="r1", amount="40")
    assert [(40, "PENDING")] == [(one["amount"], one["status"]) for one in order["refunds"]]
    assert ("InvalidRequestException", "duplicate.call") == (again["name"], again["body"]["error_code"])
    assert ["40.00"] == [one["amount"] for one in (await shop.player.truth())["refunds"]]


async def test_a_refund_of_an_unpaid_order_is_refused(shop: Shop) -> None:
    await shop.ok("Orders.create", **ORDER)
    error = await shop.error("Orders.refund", order_id="bun-7Kq2", unique_request_id="r1", amount="40")
    assert ("InvalidRequestException", "invalid.order.not_successful") == (error["name"], error["body"]["error_code"])


async def test_a_wrong_key_is_an_authentication_error(shop: Shop) -> None:
    error = await shop.error("Orders.status", key="WRONG", order_id="bun-7Kq2")
    assert ("AuthenticationException", 401, "access_denied") == (
        error["name"],
        error["status"],
        error["body"]["error_code"],
    )


async def test_an_error_of_juspays_is_an_api_error(shop: Shop) -> None:
    await shop.ok("Orders.create", **ORDER)
    await shop.player.arm("status_5xx")
    error = await shop.error("Orders.status", order_id="bun-7Kq2")
    assert ("APIException", 500) == (error["name"], error["status"])


async def test_an_answer_that_never_comes_is_a_connection_error(shop: Shop) -> None:
    await shop.ok("Orders.create", **ORDER)
    await shop.player.arm("timeout_before_effect")
    assert "APIConnectionException" == (await shop.error("Orders.status", order_id="bun-7Kq2"))["name"]


async def test_a_customer_is_created_read_listed_and_updated(shop: Shop) -> None:
    created = await shop.ok("Customers.create", **CUSTOMER)
    await shop.ok("Customers.update", id="dev-0001", first_name="Devi")
    read = await shop.ok("Customers.get", id=created["id"])
    listed = await shop.ok("Customers.list", count=10, offset=0)
    assert ("customer", "Dev", "Devi") == (created["object"], created["first_name"], read["first_name"])
    assert ["dev-0001"] == [one["object_reference_id"] for one in listed["list"]]


async def test_an_unknown_customer_is_an_invalid_request(shop: Shop) -> None:
    error = await shop.error("Customers.get", id="nobody-here")
    assert ("InvalidRequestException", 404) == (error["name"], error["status"])


async def test_a_card_is_kept_listed_and_deleted(shop: Shop) -> None:
    kept = await shop.ok("Cards.create", **CARD)
    listed = await shop.ok("Cards.list", customer_id="c-77")
    deleted = await shop.ok("Cards.delete", card_token=kept["token"])
    assert [(kept["token"], "Dev", "424242")] == [(one["token"], one["name"], one["isin"]) for one in listed]
    assert (kept["token"], True) == (deleted["token"], deleted["deleted"])
    assert [] == await shop.ok("Cards.list", customer_id="c-77")


async def test_an_order_is_paid_by_net_banking(shop: Shop) -> None:
    await shop.ok("Orders.create", **ORDER)
    txn = await shop.ok(
        "Payments.create_net_banking_payment",
        order_id="bun-7Kq2",
        merchant_id="bakery",
        payment_method="NB_AXIS",
        redirect_after_payment=True,
    )
    assert ("bun-7Kq2", "PENDING_VBV") == (txn["order_id"], txn["status"])
    assert txn["payment"]["authentication"]["url"]


async def test_payment_methods_are_listed(shop: Shop) -> None:
    methods = await shop.ok("Payments.get_payment_methods", merchant_id="bakery")
    assert {"NB", "CARD"} <= {one["payment_method_type"] for one in methods}


async def test_a_card_payment_leads_to_the_banks_page(shop: Shop) -> None:
    await shop.ok("Orders.create", **ORDER)
    card = {name: CARD[name] for name in ("card_number", "card_exp_year", "card_exp_month", "name_on_card")}
    txn = await shop.ok(
        "Payments.create_card_payment",
        order_id="bun-7Kq2",
        merchant_id="bakery",
        card_security_code="123",
        save_to_locker=False,
        redirect_after_payment=True,
        **card,
    )
    order = await shop.ok("Orders.status", order_id="bun-7Kq2")
    assert "PENDING_VBV" == txn["status"] == order["status"]
    assert txn["payment"]["authentication"]["url"].startswith(shop.juspay.url)


async def test_a_wallet_is_linked_listed_and_taken_off(shop: Shop) -> None:
    await shop.ok("Customers.create", **CUSTOMER)
    wallet = await shop.ok("Wallets.create_and_authenticate", customer_id="dev-0001", gateway="MOBIKWIK")
    linked = await shop.ok("Wallets.link", wallet_id=wallet["id"], otp="123456")
    listed = await shop.ok("Wallets.list", customer_id="dev-0001")
    delinked = await shop.ok("Wallets.delink", wallet_id=wallet["id"])
    assert ("MOBIKWIK", False, True) == (wallet["wallet"], wallet["linked"], linked["linked"])
    assert [(wallet["id"], True)] == [(one["id"], one["linked"]) for one in listed]
    assert delinked["linked"] is False
