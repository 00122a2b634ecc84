"""What no answer of the API shows by itself: what is kept, what Juspay is told, and what a refusal leaves alone."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from attrs import define, evolve, field
from integration.api.world import CUSTOMER, FakeGateway, World, returning, signed, world

from paystate.core.errors import GatewayUnreachable, OutcomeUnknown
from paystate.core.evidence import Answer, Trust
from paystate.core.ids import CheckoutKey, OrderKey
from paystate.core.money import Money
from paystate.core.orders.commands.sale_commands import DoubtRecord
from paystate.core.orders.facts import FactKind, Refused
from paystate.core.orders.order import Order
from paystate.core.orders.timing.look_budget import Asker
from paystate.core.policy import Policy
from paystate.core.ports.gateway import OrderRequest, SessionAnswer
from paystate.core.use_cases import sale
from paystate.core.use_cases.finding import orders as finding
from paystate.core.use_cases.process_due_order import process_due_order
from paystate.core.use_cases.refund import refund
from paystate.core.use_cases.webhooks import follow_webhook

KEY = OrderKey("shop", "lamp-1")


async def stored(shop: World) -> Order:
    order = await shop.store.load(KEY)
    assert order is not None
    return order


# --- what an answer is evidence of


async def test_the_answer_to_a_refund_call_tells_of_the_refund_and_of_nothing_else(shop: World) -> None:
    await shop.charged()
    shop.gateway.says("lamp-1", "CHARGED", txn_id="t-2")  # a second payment, which only a look may bring
    await shop.refund("40.00", "k-1")
    order = await stored(shop)
    assert (["t-1"], ["PENDING"]) == ([*order.attempts], [one.state for one in order.refunds.values()])
    await shop.post("/v1/orders/lamp-1/look")
    assert ["t-1", "t-2"] == sorted((await stored(shop)).attempts)


async def test_the_answer_to_a_price_change_tells_of_the_order_as_a_look_does(shop: World) -> None:
    await shop.opened()
    shop.gateway.says("lamp-1", "NEW")
    await shop.post("/v1/orders/lamp-1/look")
    shop.gateway.says("lamp-1", "NEW", txn_id="t-2")
    assert 200 == (await shop.call("PATCH", "/v1/orders/lamp-1", {"amount": "90.00"})).status_code
    assert {"t-1", "t-2"} == set((await stored(shop)).attempts)


# --- what a refusal leaves alone


@pytest.mark.parametrize("of", ["another customer", "a cancelled order", "a paid order"])
async def test_a_process_payload_that_the_order_refuses_moves_no_checkout(shop: World, of: str) -> None:
    ready = await shop.ready()
    if of == "a paid order":
        await shop.charged()
    else:
        await shop.opened(customer={**CUSTOMER, "customer_id": "c-8"} if of == "another customer" else CUSTOMER)
    if of == "a cancelled order":
        await shop.post("/v1/orders/lamp-1/cancel", {"by": "Asha", "note": "sold out"})
    key = CheckoutKey("shop", ready["checkout_id"])
    before = await shop.store.load_checkout(key), await shop.store.checkout_journal(key)
    refused = await shop.post(
        f"/v1/checkouts/{ready['checkout_id']}/process", {"order_id": "lamp-1"}, token=ready["token"]
    )
    assert 400 <= refused.status_code < 500
    assert before == (await shop.store.load_checkout(key), await shop.store.checkout_journal(key))


async def test_a_key_that_is_another_order_s_is_refused_with_that_order_s_id(shop: World) -> None:
    await shop.charged()
    await shop.refund("40.00", "k-1")
    await shop.charged(order_id="lamp-2")
    ports, merchant = shop.runtime.ports, shop.runtime.merchants["shop"]
    part = Money.parse("40.00", "INR")
    refused = await refund(ports, merchant, OrderKey("shop", "lamp-2"), idempotency_key="k-1", amount=part)
    assert isinstance(refused, Refused)
    assert ("idempotency_key_reused", (("order_id", "lamp-1"),)) == (refused.code, refused.looked_at)


# --- what is kept


async def test_a_checkout_s_token_is_kept_as_a_digest_alone(shop: World) -> None:
    opened = await shop.checkout()
    renewed = (await shop.post(f"/v1/checkouts/{opened['checkout_id']}/token")).json()
    kept = await shop.store.load_checkout(CheckoutKey("shop", opened["checkout_id"]))
    journal = await shop.store.checkout_journal(CheckoutKey("shop", opened["checkout_id"]))
    assert kept is not None
    assert kept.issued is not None
    assert hashlib.sha256(renewed["token"].encode()).hexdigest() == kept.issued.token_digest
    assert 2 == len(journal)
    for token in (opened["token"], renewed["token"]):
        assert token not in f"{kept} {journal}"


@pytest.mark.parametrize(
    ("term", "policy"),
    [
        ("window_s", {"fulfilment_window_s": 61}),
        ("discount_max_percent", {"discount_max_percent": 7}),
        ("hold_window_s", {"hold_window_s": 62}),
        ("hold_warning_s", {"hold_warning_s": 63}),
    ],
)
async def test_an_order_keeps_the_terms_of_its_merchant_s_own_policy(term: str, policy: dict[str, Any]) -> None:
    async with world(policy=Policy(**policy)) as own:
        await own.opened()
        assert [*policy.values()] == [getattr((await stored(own)).opened, term)]


async def test_after_its_merchant_s_own_window_an_order_is_not_paid_any_more() -> None:
    async with world(policy=Policy(fulfilment_window_s=60)) as own:
        await own.opened()
        ready = await own.ready()
        path = f"/v1/checkouts/{ready['checkout_id']}/process"
        own.clock.advance(60)
        refused = await own.post(path, {"order_id": "lamp-1"}, token=ready["token"])
        assert (409, "order_not_payable") == (refused.status_code, refused.json()["code"])


async def test_a_checkout_s_token_lives_as_long_as_its_merchant_s_own_policy_says() -> None:
    async with world(policy=Policy(checkout_ttl_s=61)) as own:
        assert "2031-05-06T07:09:10Z" == (await own.checkout())["token_expires_at"]


# --- what Juspay is told


@pytest.mark.parametrize("own_page", ["", "https://shop.example.test/thanks"], ids=["none", "a page of its own"])
async def test_in_session_mode_juspay_sends_the_shopper_to_us_and_never_to_the_shop(own_page: str) -> None:
    async with world(signer=None) as session:
        await session.opened(**({"return_url": own_page} if own_page else {}))
        ready = await session.ready()
        path = f"/v1/checkouts/{ready['checkout_id']}/process"
        assert 200 == (await session.post(path, {"order_id": "lamp-1"}, token=ready["token"])).status_code
        assert ["https://pay.example.test/return/shop"] == [one.return_url for one in session.gateway.sessions]


async def test_in_session_mode_juspay_is_told_the_price_of_today() -> None:
    async with world(signer=None) as session:
        await session.opened()
        await session.call("PATCH", "/v1/orders/lamp-1", {"amount": "90.00"})
        ready = await session.ready()
        path = f"/v1/checkouts/{ready['checkout_id']}/process"
        await session.post(path, {"order_id": "lamp-1"}, token=ready["token"])
        assert [Money.parse("90.00", "INR")] == [one.amount for one in session.gateway.sessions]


@define
class Routed(FakeGateway):
    """A Juspay that remembers for whom each call was routed."""

    routes: list[str] = field(factory=list[str])
    of_transactions: list[str] = field(factory=list[str])

    async def create_session(self, request: OrderRequest, *, routing_id: str) -> SessionAnswer:
        self.routes.append(routing_id)
        return await super().create_session(request, routing_id=routing_id)

    async def order_status(self, order_id: str, *, routing_id: str) -> Answer:
        self.routes.append(routing_id)
        return await super().order_status(order_id, routing_id=routing_id)

    async def capture(self, txn_uuid: str, amount: Money | None, *, call_id: str, routing_id: str) -> Answer:
        self.routes.append(routing_id)
        return await super().capture(txn_uuid, amount, call_id=call_id, routing_id=routing_id)

    async def void(self, txn_uuid: str, *, routing_id: str) -> Answer:
        self.routes.append(routing_id)
        return await super().void(txn_uuid, routing_id=routing_id)

    async def update_order(self, order_id: str, amount: Money, *, routing_id: str) -> Answer:
        self.routes.append(routing_id)
        return await super().update_order(order_id, amount, routing_id=routing_id)

    async def refund(
        self, order_id: str, refund_id: str, amount: Money, *, routing_id: str, txn_id: str = ""
    ) -> Answer:
        self.routes.append(routing_id)
        self.of_transactions.append(txn_id)
        return await super().refund(order_id, refund_id, amount, routing_id=routing_id, txn_id=txn_id)


def routed(shop: World) -> Routed:
    """From now on the shop's Juspay is one that remembers."""
    gateway = Routed("shop")
    merchants = shop.runtime.merchants
    changed = {**merchants, "shop": evolve(merchants["shop"], gateway=gateway)}
    shop.runtime.current = evolve(shop.runtime.current, merchants=changed)
    shop.gateway = gateway
    return gateway


GUEST = {"email": "dev@example.test", "phone": "9000000001", "first_name": "Dev"}
each_shopper = pytest.mark.parametrize(("customer", "route"), [(GUEST, "lamp-1"), (CUSTOMER, "c-7")])


@each_shopper
async def test_a_look_and_a_refund_are_routed_by_the_customer_or_a_guest_s_order(
    shop: World, customer: dict[str, str], route: str
) -> None:
    gateway = routed(shop)
    await shop.charged(customer=customer)
    await shop.refund("40.00", "k-1")
    assert [route, route] == gateway.routes


@each_shopper
@pytest.mark.parametrize("ends", ["capture", "void"])
async def test_the_end_of_a_hold_is_routed_by_the_customer_or_a_guest_s_order(
    shop: World, customer: dict[str, str], route: str, ends: str
) -> None:
    gateway = routed(shop)
    await shop.held(customer=customer)
    await shop.post(f"/v1/orders/lamp-1/{ends}", {}, idempotency_key="k-1")
    assert [route, route] == gateway.routes


@each_shopper
async def test_a_price_change_is_routed_by_the_customer_or_a_guest_s_order(
    shop: World, customer: dict[str, str], route: str
) -> None:
    gateway = routed(shop)
    await shop.opened(customer=customer)
    shop.gateway.says("lamp-1", "NEW")
    await shop.post("/v1/orders/lamp-1/look")
    await shop.call("PATCH", "/v1/orders/lamp-1", {"amount": "90.00"})
    assert [route, route] == gateway.routes


async def test_a_session_is_routed_by_the_customer() -> None:
    async with world(signer=None) as session:
        gateway = routed(session)
        await session.opened()
        ready = await session.ready()
        path = f"/v1/checkouts/{ready['checkout_id']}/process"
        await session.post(path, {"order_id": "lamp-1"}, token=ready["token"])
        assert ["c-7"] == gateway.routes


async def test_a_refund_of_one_transaction_is_asked_for_with_its_name(shop: World) -> None:
    gateway = routed(shop)
    await shop.charged()
    ports, merchant = shop.runtime.ports, shop.runtime.merchants["shop"]
    part = Money.parse("40.00", "INR")
    await refund(ports, merchant, KEY, idempotency_key="k-1", amount=part, txn_id="t-1")
    assert ["t-1"] == gateway.of_transactions


async def test_a_refund_that_the_policy_wants_is_told_as_paystate_s_own_wish() -> None:
    async with world(policy=Policy(refund_when_cancelled=True)) as own:
        await own.opened()
        await own.post("/v1/orders/lamp-1/cancel", {"by": "Asha", "note": "sold out"})
        own.gateway.says("lamp-1", "CHARGED")
        await own.post("/v1/orders/lamp-1/look")
        await process_due_order(own.runtime.ports, own.runtime.merchants, KEY)
        wishes = [one.fact.trust for one in await own.store.journal(KEY) if one.fact.kind is FactKind.REFUND_REQUESTED]
        assert [Trust.SELF] == wishes


# --- who asks for a look: each has a share that another cannot spend


async def hinted_by(shop: World) -> Asker:
    return (await shop.store.schedule(KEY)).hint_by


async def test_a_look_that_an_app_asks_for_is_out_of_the_app_s_share(shop: World) -> None:
    await shop.opened()
    ready = await shop.ready()
    path, token = f"/v1/checkouts/{ready['checkout_id']}", ready["token"]
    await shop.post(f"{path}/process", {"order_id": "lamp-1"}, token=token)
    await shop.post(f"{path}/events", {"event": "hide_loader"}, token=token)
    assert (await shop.store.schedule(KEY)).hint_at is None  # nothing was paid yet
    await shop.post(f"{path}/events", {"event": "process_result", "payload": {"status": "CHARGED"}}, token=token)
    assert Asker.APP is await hinted_by(shop)


async def test_a_look_that_a_webhook_asks_for_is_out_of_the_webhooks_share(shop: World) -> None:
    await shop.opened()
    await shop.hook(b'{"id":"evt_1","event_name":"ORDER_SUCCEEDED","content":{"order":{"order_id":"lamp-1"}}}')
    (row,) = await shop.store.take_inbox()
    await follow_webhook(shop.runtime.ports, shop.runtime.merchants, shop.runtime.read_webhook, row)
    assert (Asker.WEBHOOK, []) == (await hinted_by(shop), list(await shop.store.take_inbox()))


async def test_a_look_that_a_return_asks_for_is_out_of_the_returns_share(shop: World) -> None:
    await shop.opened()
    await shop.http.get(f"/return/shop?{returning(order_id='lamp-1', status='CHARGED')}")
    assert Asker.RETURN is await hinted_by(shop)


async def test_a_look_that_a_lost_refund_asks_for_is_out_of_the_merchant_s_share(shop: World) -> None:
    await shop.charged()
    shop.gateway.fault = OutcomeUnknown("refund")
    await shop.refund("40.00", "k-1")
    assert Asker.MERCHANT is await hinted_by(shop)


# --- what is asked for once


async def test_one_return_however_its_address_is_spelled_asks_for_one_look(shop: World) -> None:
    await shop.opened()
    parameters = {"order_id": "lamp-1", "status": "CHARGED", "status_id": "21"}
    await shop.http.get(f"/return/shop?{returning(**parameters)}")
    first = await shop.store.schedule(KEY)
    shop.clock.advance(1)
    await shop.http.post("/return/shop", data=dict(reversed(signed(**parameters))))
    assert first.last_return == (await shop.store.schedule(KEY)).last_return


@pytest.mark.parametrize("fault", [GatewayUnreachable("update"), OutcomeUnknown("update")], ids=["never sent", "lost"])
async def test_a_price_change_without_an_answer_is_under_way_only_where_it_was_sent(
    shop: World, fault: Exception
) -> None:
    await shop.opened()
    shop.gateway.says("lamp-1", "NEW")
    await shop.post("/v1/orders/lamp-1/look")
    shop.clock.advance(60)
    shop.gateway.fault = fault
    await shop.call("PATCH", "/v1/orders/lamp-1", {"amount": "90.00"})
    is_lost = isinstance(fault, OutcomeUnknown)
    order, kept = await stored(shop), await shop.store.schedule(KEY)
    assert (is_lost, is_lost) == (order.price_change is not None, kept.hint_at is not None)


async def test_every_order_of_many_pages_is_put_in_doubt(shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "PAGE", 2)
    for number in range(5):
        await shop.opened(order_id=f"o{number}")
    doubt = DoubtRecord(since=shop.clock.now())
    done = await sale.resync(shop.runtime.ports, Policy(), "shop", doubt)
    assert 5 == done.marked


# --- what is told


async def test_a_failure_is_not_shown_while_a_look_is_due(shop: World) -> None:
    await shop.opened()
    ready = await shop.ready()
    path, token = f"/v1/checkouts/{ready['checkout_id']}", ready["token"]
    await shop.post(f"{path}/process", {"order_id": "lamp-1"}, token=token)
    shop.gateway.says("lamp-1", "AUTHORIZATION_FAILED")
    await shop.post("/v1/orders/lamp-1/look")
    assert "not_paid" == (await shop.get(f"{path}/result", token=token)).json()["result"]
    now = shop.clock.now()
    await shop.store.reschedule(KEY, lambda kept: (evolve(kept, hint_at=None, next_look_at=now), True))
    assert "waiting_for_proof" == (await shop.get(f"{path}/result", token=token)).json()["result"]


async def test_a_timeline_keeps_the_journal_s_order_though_the_clock_was_set_back(shop: World) -> None:
    await shop.opened()
    shop.clock.advance(-3600)
    shop.gateway.says("lamp-1", "CHARGED")
    await shop.post("/v1/orders/lamp-1/look")
    told = (await shop.get("/v1/orders/lamp-1/timeline")).json()["timeline"]
    assert ["2031-05-06T07:08:09Z", "2031-05-06T06:08:09Z"] == [moment["at"] for moment in told]
