"""Every call of our own client against the sandbox: two readings of the gateway contract, which must fit together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from typing import Any, cast

import httpx
import pytest
from attrs import evolve
from integration.sandbox.playing import BASE, KEY, START, Player, app_of, bakery

from paystate.adapters.juspay import (
    Address,
    DebitNotice,
    Fulfilment,
    JuspayClient,
    JuspayConfig,
    JuspayGateway,
    MandateExecution,
    MandateTerms,
    OffersAsked,
    OrderOptions,
    OrdersAsked,
    SplitRefund,
    SplitSettlement,
    VendorShare,
    WayToPay,
)
from paystate.core.errors import GatewayRejected
from paystate.core.evidence import NotFound, OrderAnswer, RefundsAnswer
from paystate.core.money import Money
from paystate.core.orders.facts import Capture, Customer
from paystate.core.ports.gateway import OrderRequest
from paystate.entrypoints.sandbox import SandboxClock, SandboxConfig


def rupees(text: str) -> Money:
    return Money.parse(text, "INR")


REQUEST = OrderRequest(
    order_id="bun-7Kq2",
    amount=rupees("100.00"),
    customer=Customer(customer_id="c-77-bakery", email="dev@example.test", phone="9000000001"),
    return_url="https://bakery.example.test/back?cart=9",
)
HELD = evolve(REQUEST, capture=Capture.MANUAL)
TO: dict[str, Any] = {"routing_id": "c-77-bakery"}


class Shop:
    """A merchant who uses our client, and everybody else."""

    def __init__(self, juspay: JuspayClient, player: Player) -> None:
        self.juspay, self.player = juspay, player

    async def session(self, request: OrderRequest = REQUEST, **options: Any) -> None:
        await self.juspay.create_session(request, options=OrderOptions(**options), **TO)

    async def mandated(self) -> str:
        """A mandate that the shopper gave with a payment."""
        await self.session(mandate=MandateTerms(max_amount=rupees("500.00"), frequency="MONTHLY"))
        await self.pays()
        order = await self.juspay.get_order("bun-7Kq2", **TO)
        assert order is not None
        assert order.mandate is not None
        return order.mandate.mandate_id

    async def pays(self) -> None:
        """The shopper pays what the session asks for."""
        session = await self.juspay.create_session(REQUEST, **TO)
        await self.player.http.post(
            f"{BASE}/_sdk/process", content=session.sdk_payload, headers={"x-sdk-instance": "app"}
        )
        await self.player.act("pay", method={"upi": "success@upi"})


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    clock = SandboxClock(START, frozen=True)
    transport = httpx.ASGITransport(cast("Any", app_of(SandboxConfig((bakery(),)), clock)))
    config = JuspayConfig(
        base_url=BASE.replace("http:", "https:"),
        merchant_id="bakery",
        client_id="bakery",
        api_key=KEY,
        allowed_origins=(BASE.replace("http:", "https:"),),
    )
    async with httpx.AsyncClient(transport=transport, base_url=config.base_url) as http:
        player = Player(http, clock)
        await player.initiated()
        yield Shop(JuspayClient(config, transport), player)


async def test_an_order_is_created_changed_and_read(shop: Shop) -> None:
    options = OrderOptions(udf={1: "table 4"}, billing=Address(city="Pune"), client_auth_token=True)
    created = await shop.juspay.create_order(REQUEST, options=options, **TO)
    changed = await shop.juspay.update_order("bun-7Kq2", rupees("120.50"), udf={2: "window"}, **TO)
    found = await shop.juspay.get_order("bun-7Kq2", full_gateway_response=True, **TO)
    assert (created.status, created.amount, created.udf) == ("NEW", Decimal(100), {"udf1": "table 4"})
    assert created.juspay is not None
    assert created.juspay.client_auth_token.startswith("tkn_")
    assert (changed.amount, changed.udf) == (Decimal("120.5"), {"udf1": "table 4", "udf2": "window"})
    assert found is not None
    assert found.payment_links is not None
    assert (found.id, found.amount) == (created.id, Decimal("120.5"))


async def test_an_unknown_order_is_none(shop: Shop) -> None:
    assert await shop.juspay.get_order("nobody", **TO) is None
    assert (await shop.juspay.order_status("nobody", **TO)).body == NotFound()


async def test_a_payment_is_refunded_by_order_and_by_transaction(shop: Shop) -> None:
    await shop.pays()
    paid = await shop.juspay.get_order("bun-7Kq2", **TO)
    assert paid is not None
    assert (paid.status, paid.answer.status, paid.payer_vpa) == ("CHARGED", "CHARGED", "success@upi")
    answer = await shop.juspay.refund("bun-7Kq2", "r1", rupees("40.00"), **TO)
    alone = await shop.juspay.refund_txn(paid.txn_id, "r2", rupees("10.00"), **TO)
    assert isinstance(answer.body, OrderAnswer)
    assert [one.refund_id for one in answer.body.refunds] == ["r1"]
    assert (alone.unique_request_id, alone.amount, alone.order_id) == ("r2", Decimal(10), "bun-7Kq2")
    found = await shop.juspay.get_order("bun-7Kq2", **TO)
    assert found is not None
    assert {one.unique_request_id for one in found.refunds} == {"r1", "r2"}


async def test_money_that_is_held_is_captured(shop: Shop) -> None:
    await shop.session(HELD)
    await shop.pays()
    held = await shop.juspay.get_order("bun-7Kq2", **TO)
    assert held is not None
    assert held.status == "AUTHORIZED"
    assert (await shop.juspay.capture(held.txn_uuid, **TO)).status == "CHARGED"


async def test_money_that_is_held_is_released_and_only_then(shop: Shop) -> None:
    await shop.session(HELD)
    await shop.pays()
    held = await shop.juspay.get_order("bun-7Kq2", **TO)
    assert held is not None
    released = await shop.juspay.void(held.txn_uuid, **TO)
    assert released.status in ("VOIDED", "VOID_INITIATED")
    with pytest.raises(GatewayRejected):
        await shop.juspay.void(held.txn_uuid, **TO)


async def held(shop: Shop) -> str:
    """The uuid of a transaction that holds the shopper's money."""
    await shop.session(HELD)
    await shop.pays()
    answer = await JuspayGateway(shop.juspay).order_status("bun-7Kq2", **TO)
    assert isinstance(answer.body, OrderAnswer)
    assert answer.body.txn is not None
    assert answer.body.txn.status == "AUTHORIZED"
    return answer.body.txn.txn_uuid


async def test_the_engine_captures_what_is_held(shop: Shop) -> None:
    answer = await JuspayGateway(shop.juspay).capture(await held(shop), None, call_id="k1", **TO)
    assert isinstance(answer.body, OrderAnswer)
    assert (answer.body.order_id, answer.body.status, answer.body.paid) == ("bun-7Kq2", "CHARGED", Decimal(100))
    assert answer.dated is not None


async def test_the_engine_releases_what_is_held(shop: Shop) -> None:
    uuid = await held(shop)
    answer = await JuspayGateway(shop.juspay).void(uuid, **TO)
    assert isinstance(answer.body, OrderAnswer)
    assert answer.body.status in ("VOIDED", "VOID_INITIATED")
    with pytest.raises(GatewayRejected):
        await JuspayGateway(shop.juspay).capture(uuid, None, call_id="k1", **TO)


async def test_the_engine_changes_a_price_before_it_is_paid(shop: Shop) -> None:
    await shop.session()
    answer = await JuspayGateway(shop.juspay).update_order("bun-7Kq2", rupees("64.25"), **TO)
    assert isinstance(answer.body, OrderAnswer)
    assert (answer.body.status, answer.body.amount) == ("NEW", Decimal("64.25"))


async def test_the_engine_refunds_one_transaction(shop: Shop) -> None:
    await shop.pays()
    gateway = JuspayGateway(shop.juspay)
    paid = await gateway.order_status("bun-7Kq2", **TO)
    assert isinstance(paid.body, OrderAnswer)
    assert paid.body.txn is not None
    answer = await gateway.refund("bun-7Kq2", "r7", rupees("12.75"), txn_id=paid.body.txn.txn_id, **TO)
    assert isinstance(answer.body, RefundsAnswer)
    assert answer.body.order_id == "bun-7Kq2"
    assert [(one.refund_id, one.amount, one.txn_id) for one in answer.body.refunds] == [
        ("r7", Decimal("12.75"), paid.body.txn.txn_id)
    ]


async def test_orders_are_listed_in_parts(shop: Shop) -> None:
    for number in range(3):
        await shop.juspay.create_order(evolve(REQUEST, order_id=f"bun-{number}"), **TO)
    page = await shop.juspay.list_orders(OrdersAsked(created_after=START - timedelta(days=1), count=2, offset=0))
    nothing = await shop.juspay.list_orders(OrdersAsked(created_after=START + timedelta(days=1)))
    assert (page.total, len(page.orders), nothing.orders) == (3, 2, ())


async def test_a_fulfilment_is_noted(shop: Shop) -> None:
    await shop.pays()
    sent = Fulfilment(status="SUCCESS", command="NO_ACTION", done_at=START, fulfilment_id="box-1")
    noted = await shop.juspay.fulfil_order("bun-7Kq2", sent, **TO)
    assert (noted.order_id, noted.status) == ("bun-7Kq2", "SUCCESS")
    assert [one.command for one in noted.commands] == ["NO_ACTION"]


async def test_customers_are_registered_changed_and_read(shop: Shop) -> None:
    created = await shop.juspay.create_customer(REQUEST.customer, mobile_country_code="91")
    changed = await shop.juspay.update_customer(Customer(customer_id="c-77-bakery", first_name="Asha"))
    found = await shop.juspay.get_customer("c-77-bakery", client_auth_token=True)
    assert found is not None
    assert found.juspay is not None
    assert (created.id, changed.first_name) == (found.id, "Asha")
    assert (found.object_reference_id, found.mobile_number) == ("c-77-bakery", "9000000001")
    assert await shop.juspay.get_customer("somebody-else") is None
    assert await shop.juspay.payment_methods("c-77-bakery") is not None


async def test_a_upi_address_is_looked_at(shop: Shop) -> None:
    good, bad = [await shop.juspay.verify_vpa(vpa, **TO) for vpa in ("success@upi", "nobody")]
    assert (good.vpa, good.status, bad.status) == ("success@upi", "VALID", "INVALID")
    assert good.mandate_details is not None
    assert bad.mandate_details is not None
    assert (good.mandate_details.is_handle_supported, bad.mandate_details.is_handle_supported) == (True, False)


async def test_a_mandate_is_given_used_and_ended(shop: Shop) -> None:
    await shop.juspay.create_customer(REQUEST.customer)
    mandate_id = await shop.mandated()
    execution = MandateExecution(
        order_id="bun-8", amount=rupees("20.00"), customer_id="c-77-bakery", mandate_id=mandate_id
    )
    executed = await shop.juspay.execute_mandate(execution, **TO)
    ended = await shop.juspay.revoke_mandate(mandate_id, **TO)
    assert (executed.order_id, ended.mandate_id, ended.mandate_status) == ("bun-8", mandate_id, "REVOKED")
    with pytest.raises(GatewayRejected):
        await shop.juspay.execute_mandate(evolve(execution, order_id="bun-9"), **TO)


async def test_a_mandate_is_paused_looked_at_and_resumed(shop: Shop) -> None:
    mandate_id = await shop.mandated()
    ends_at = shop.player.clock.now() + timedelta(days=3)
    paused = await shop.juspay.pause_mandate(mandate_id, ends_at=ends_at, **TO)
    seen = await shop.juspay.mandate_status(mandate_id, **TO)
    resumed = await shop.juspay.resume_mandate(mandate_id, **TO)
    assert (paused.mandate_status, paused.pause_end_date, paused.response_message) == (
        "PAUSED",
        ends_at.replace(microsecond=0),
        "Mandate is Paused.",
    )
    assert (seen.mandate_status, seen.order_id, seen.max_amount) == ("PAUSED", "bun-7Kq2", Decimal(500))
    assert (resumed.mandate_status, resumed.response_message) == ("ACTIVE", "Mandate is Resumed.")


async def test_a_customers_mandates_are_listed(shop: Shop) -> None:
    await shop.juspay.create_customer(REQUEST.customer)
    mandate_id = await shop.mandated()
    page = await shop.juspay.list_mandates("c-77-bakery")
    assert (page.total, [(one.mandate_id, one.mandate_status) for one in page.mandates]) == (
        1,
        [(mandate_id, "ACTIVE")],
    )
    assert (await shop.juspay.list_mandates("somebody-else")).mandates == ()


async def test_the_shopper_is_told_of_a_charge_and_it_is_asked_whether_that_went_well(shop: Shop) -> None:
    mandate_id = await shop.mandated()
    notice = DebitNotice(reference="ntf1", amount=rupees("20.00"), charged_at=START + timedelta(days=1))
    told = await shop.juspay.notify_mandate(mandate_id, notice, **TO)
    found = await shop.juspay.get_notification("ntf1", **TO)
    assert found is not None
    assert found.mandate is not None
    assert (told.id, told.status, found.mandate.mandate_id) == (found.id, "SUCCESS", mandate_id)
    assert await shop.juspay.get_notification("ntf2", **TO) is None


async def test_offers_are_listed_with_what_they_come_to(shop: Shop) -> None:
    ways = (WayToPay(reference="her card", group="CARD", method="VISA"), WayToPay(reference="her phone", group="UPI"))
    page = await shop.juspay.list_offers(OffersAsked(amount=rupees("1200.00"), ways=ways, code="CARD10"), **TO)
    (offer,) = page.offers
    assert (offer.offer_code, offer.status) == ("CARD10", "ELIGIBLE")
    assert offer.order_breakup is not None
    assert offer.order_breakup.final_order_amount == Decimal("1100.00")
    assert [one.payment_method_reference for one in page.best_offer_combinations] == ["her card"]


async def test_a_payment_link_is_sent_once_more_until_it_ends(shop: Shop) -> None:
    await shop.session(expires_after=timedelta(minutes=90), send_mail=True)
    shop.player.clock.advance(5399)
    sent = await shop.juspay.send_link("bun-7Kq2", send_mail=True, send_sms=True, **TO)
    shop.player.clock.advance(1)
    assert (sent.order_id, sent.email_status, sent.sms_status) == ("bun-7Kq2", "SUCCESS", "SUCCESS")
    with pytest.raises(GatewayRejected):
        await shop.juspay.send_link("bun-7Kq2", send_mail=True, **TO)


async def test_a_payment_link_is_called_back_once_and_for_all(shop: Shop) -> None:
    await shop.session()
    cancelled = await shop.juspay.cancel_order("bun-7Kq2", "sold out", **TO)
    assert cancelled["status"] == "Success"
    with pytest.raises(GatewayRejected):
        await shop.juspay.send_link("bun-7Kq2", send_mail=True, **TO)


async def test_a_customer_is_registered_where_there_is_none(shop: Shop) -> None:
    made = await shop.juspay.get_or_create_customer(REQUEST.customer, client_auth_token=True)
    known = await shop.juspay.get_or_create_customer(Customer(customer_id="c-77-bakery", first_name="Asha"))
    changed = await shop.juspay.get_or_create_customer(
        Customer(customer_id="c-77-bakery", first_name="Asha"), update=True
    )
    assert made.juspay is not None
    assert made.juspay.client_auth_token.startswith("tkn_")
    assert made.id == known.id == changed.id
    assert (known.first_name, changed.first_name, changed.mobile_number) == ("", "Asha", "9000000001")


async def test_money_is_split_and_so_is_its_refund(shop: Shop) -> None:
    shares = (VendorShare(vendor_id="flour", amount=rupees("60.00")),)
    await shop.session(split=SplitSettlement(marketplace=rupees("40.00"), vendors=shares))
    await shop.pays()
    taken = SplitRefund(marketplace=Money(0, "INR"), vendors={"flour": rupees("10.00")})
    await shop.juspay.refund("bun-7Kq2", "r1", rupees("10.00"), split=taken, **TO)
    order = await shop.juspay.get_order("bun-7Kq2", **TO)
    assert order is not None
    assert order.split_settlement_response is not None
    (flour,) = order.split_settlement_response.split_details
    assert (flour.sub_vendor_id, flour.amount) == ("flour", Decimal(60))
