"""The merchant speaks of its own sale: cash, cancelling, another price."""

import json
from typing import Any

import pytest
from integration.api.world import START, World, world

from paystate.core.errors import GatewayRejected, GatewayUnreachable, OutcomeUnknown
from paystate.core.ids import CheckoutKey, OrderKey
from paystate.core.money import Money
from paystate.core.orders.commands.sale_commands import DoubtRecord
from paystate.core.orders.facts import Customer, FactKind, Opened, Refused
from paystate.core.policy import Policy
from paystate.core.requester import Requester
from paystate.core.use_cases.checkout import sign_process
from paystate.core.use_cases.process_due_order import process_due_order
from paystate.core.use_cases.sale import Resynced, adopt, resync, would_adopt

KEY = OrderKey("shop", "lamp-1")
WORD = {"by": "Meera", "note": "called off on the phone"}
COLLECTED = {"outcome": "collected", "by": "Ravi", "note": "receipt 8812"}


async def looked(shop: World) -> dict[str, Any]:
    answer = await shop.post("/v1/orders/lamp-1/look")
    assert 200 == answer.status_code, answer.text
    return answer.json()


async def announced(shop: World) -> list[str]:
    return [row.once_key for row in await shop.store.outbox("shop")]


async def price(shop: World, amount: str) -> Any:
    return await shop.call("PATCH", "/v1/orders/lamp-1", {"amount": amount})


# --- cash


async def test_cash_that_was_collected_is_shown_told_and_announced(shop: World) -> None:
    key_id = shop.key_id
    await shop.opened()
    shop.gateway.says("lamp-1", "COD_INITIATED")
    await looked(shop)
    answer = await shop.post("/v1/orders/lamp-1/cash", COLLECTED)
    told = {**COLLECTED, "at": "2031-05-06T07:08:09Z", "key_id": key_id}
    assert (200, told) == (answer.status_code, answer.json()["cash"])
    assert {**answer.json(), "deliveries": []} == (await shop.get("/v1/orders/lamp-1")).json()
    sentences = (await shop.get("/v1/orders/lamp-1/explain")).json()["sentences"]
    assert (
        f"Ravi (API key {key_id}) says that the cash was collected: receipt 8812 (2031-05-06 07:08:09 UTC)."
        in sentences
    )
    assert ["order.cash_on_delivery", "order.cash_collected"] == await announced(shop)


async def test_the_same_word_on_cash_is_already_so_and_the_opposite_is_refused(shop: World) -> None:
    await shop.opened()
    shop.gateway.says("lamp-1", "COD_INITIATED")
    await looked(shop)
    versions = [(await shop.post("/v1/orders/lamp-1/cash", COLLECTED)).json()["version"] for _ in range(2)]
    assert versions[0] == versions[1]
    no = await shop.post("/v1/orders/lamp-1/cash", {**COLLECTED, "outcome": "returned"})
    assert (409, "cash_told_otherwise", "G34") == (no.status_code, no.json()["code"], no.json()["rule"])


async def test_cash_of_an_order_that_is_not_paid_in_cash_is_refused(shop: World) -> None:
    await shop.charged()
    no = await shop.post("/v1/orders/lamp-1/cash", COLLECTED)
    assert (409, "cash_not_expected") == (no.status_code, no.json()["code"])


# --- cancelling


async def test_a_cancelled_order_lets_nobody_pay(shop: World) -> None:
    await shop.opened()
    checkout = await shop.ready()
    answer = await shop.post("/v1/orders/lamp-1/cancel", WORD)
    assert (200, "2031-05-06T07:08:09Z") == (answer.status_code, answer.json()["cancelled_at"])
    path = f"/v1/checkouts/{checkout['checkout_id']}/process"
    no = await shop.post(path, {"order_id": "lamp-1"}, token=checkout["token"])
    assert (409, "order_not_payable", "G35") == (no.status_code, no.json()["code"], no.json()["rule"])
    assert ["order.cancelled"] == await announced(shop)


async def test_cancelling_twice_is_one_cancelling(shop: World) -> None:
    await shop.opened()
    first, second = [(await shop.post("/v1/orders/lamp-1/cancel", WORD)).json() for _ in range(2)]
    assert first == second


async def test_a_paid_order_is_not_cancelled(shop: World) -> None:
    await shop.charged()
    no = await shop.post("/v1/orders/lamp-1/cancel", WORD)
    assert (409, "order_not_cancellable", "S2") == (no.status_code, no.json()["code"], no.json()["rule"])


async def test_money_for_a_cancelled_order_is_not_paid_until_a_person_takes_it(shop: World) -> None:
    await shop.opened()
    await shop.post("/v1/orders/lamp-1/cancel", WORD)
    shop.gateway.says("lamp-1", "CHARGED")
    order = await looked(shop)
    (reason,) = order["review"]
    assert (False, "late_success:cancelled:t-1", ["accepted", "declined"]) == (
        order["paid"],
        reason["key"],
        reason["verdicts"],
    )
    await shop.post("/v1/orders/lamp-1/review", {"reason": reason["key"], "verdict": "accepted", **WORD})
    assert (await shop.get("/v1/orders/lamp-1")).json()["paid"]


async def test_by_policy_the_worker_gives_the_money_of_a_cancelled_order_back_once() -> None:
    async with world(policy=Policy(refund_when_cancelled=True)) as shop:
        await shop.opened()
        await shop.post("/v1/orders/lamp-1/cancel", WORD)
        shop.gateway.says("lamp-1", "CHARGED")
        await looked(shop)
        ports, merchants = shop.runtime.ports, shop.runtime.merchants
        for _ in range(5):
            await process_due_order(ports, merchants, KEY)
            shop.clock.advance(10)
        assert 1 == sum(what == "refund" for what, _ in shop.gateway.calls)
        (refund,) = (await shop.get("/v1/orders/lamp-1/refunds")).json()["refunds"]
        assert ("100.00", "PENDING", "cancelled:lamp-1:t-1") == (
            refund["amount"],
            refund["state"],
            refund["idempotency_key"],
        )


async def test_without_the_policy_money_of_a_cancelled_order_stays(shop: World) -> None:
    await shop.opened()
    await shop.post("/v1/orders/lamp-1/cancel", WORD)
    shop.gateway.says("lamp-1", "CHARGED")
    await looked(shop)
    ports, merchants = shop.runtime.ports, shop.runtime.merchants
    for _ in range(5):
        await process_due_order(ports, merchants, KEY)
        shop.clock.advance(10)
    assert [] == (await shop.get("/v1/orders/lamp-1/refunds")).json()["refunds"]


# --- another price


async def test_a_price_that_juspay_cannot_know_changes_here_alone(shop: World) -> None:
    await shop.opened()
    answer = await price(shop, "120.00")
    assert (200, "120.00", None, []) == (
        answer.status_code,
        answer.json()["amount"],
        answer.json()["price_asked"],
        shop.gateway.calls,
    )


async def test_the_app_is_handed_the_new_price(shop: World) -> None:
    await shop.opened()
    checkout = await shop.ready()
    await price(shop, "120.00")
    path = f"/v1/checkouts/{checkout['checkout_id']}/process"
    answer = await shop.post(path, {"order_id": "lamp-1"}, token=checkout["token"])
    payload = answer.json()["process_payload"]["payload"]
    assert ("120.00", "120.00") == (payload["amount"], json.loads(payload["orderDetails"])["amount"])


async def test_a_price_that_changes_while_a_payload_is_asked_for_is_the_one_that_is_signed(shop: World) -> None:
    await shop.opened()
    opened = await shop.ready()
    read_before = await shop.store.load(KEY)
    checkout = await shop.store.load_checkout(CheckoutKey("shop", opened["checkout_id"]))
    assert read_before
    assert checkout
    await price(shop, "120.00")
    ports, merchant = shop.runtime.ports, shop.runtime.merchants["shop"]
    signed = await sign_process(ports, merchant, checkout, read_before)
    assert isinstance(signed, str)
    assert "120.00" == json.loads(signed)["payload"]["amount"]


async def test_a_price_that_juspay_knows_is_changed_there_and_holds_by_its_answer(shop: World) -> None:
    await shop.opened()
    shop.gateway.says("lamp-1", "NEW")
    await looked(shop)
    answer = await price(shop, "120.00")
    assert (200, "120.00", 1) == (
        answer.status_code,
        answer.json()["amount"],
        shop.gateway.calls.count(("update", "lamp-1")),
    )
    shop.gateway.says("lamp-1", "CHARGED", "120.00")
    order = await looked(shop)
    assert (True, "120.00", []) == (order["paid"], order["amount_captured"], order["review"])


async def test_a_change_without_an_answer_is_told_as_under_way_and_sent_once(shop: World) -> None:
    await shop.opened()
    shop.gateway.says("lamp-1", "NEW")
    await looked(shop)
    shop.gateway.fault = OutcomeUnknown("silence")
    first = await price(shop, "120.00")
    assert (202, "100.00", "120.00") == (first.status_code, first.json()["amount"], first.json()["price_asked"])
    again = await price(shop, "120.00")
    assert (202, 1) == (again.status_code, shop.gateway.calls.count(("update", "lamp-1")))
    other = await price(shop, "130.00")
    assert (409, "G36") == (other.status_code, other.json()["rule"])
    shop.gateway.fault = None
    shop.gateway.says("lamp-1", "NEW", "120.00")
    order = await looked(shop)
    assert ("120.00", None, []) == (order["amount"], order["price_asked"], order["review"])


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        (GatewayUnreachable("down"), 503, "upstream_unavailable"),
        (GatewayRejected("INVALID_ACTION", 400), 502, "upstream_rejected"),
    ],
)
async def test_a_change_that_juspay_did_not_take_leaves_the_price(
    shop: World, fault: Exception, status: int, code: str
) -> None:
    await shop.opened()
    shop.gateway.says("lamp-1", "NEW")
    await looked(shop)
    shop.gateway.fault = fault
    answer = await price(shop, "120.00")
    assert (status, code) == (answer.status_code, answer.json()["code"])
    order = (await shop.get("/v1/orders/lamp-1")).json()
    assert ("100.00", None) == (order["amount"], order["price_asked"])


async def test_a_change_that_juspay_refuses_because_it_has_no_such_order_holds_here(shop: World) -> None:
    await shop.opened()
    checkout = await shop.ready()
    path = f"/v1/checkouts/{checkout['checkout_id']}/process"
    await shop.post(path, {"order_id": "lamp-1"}, token=checkout["token"])
    answer = await price(shop, "120.00")
    assert (200, "120.00") == (answer.status_code, answer.json()["amount"])


async def test_a_change_that_comes_too_late_leaves_an_order_that_is_paid_at_its_price(shop: World) -> None:
    await shop.opened()
    shop.gateway.says("lamp-1", "NEW")
    await looked(shop)
    shop.gateway.says("lamp-1", "CHARGED")
    answer = await price(shop, "120.00")
    assert (502, "upstream_rejected") == (answer.status_code, answer.json()["code"])
    order = (await shop.get("/v1/orders/lamp-1")).json()
    assert ("100.00", None, True, []) == (order["amount"], order["price_asked"], order["paid"], order["review"])


async def test_a_paid_order_keeps_its_price(shop: World) -> None:
    await shop.charged()
    no = await price(shop, "120.00")
    assert (409, "order_not_amendable", "S4") == (no.status_code, no.json()["code"], no.json()["rule"])


# --- bad input, by the rows of the catalogue


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 400, "invalid_json"),
        (b'{"amount":"1.00","amount":"2.00"}', 400, "duplicate_key"),
        (b"[]", 422, "validation_failed"),
        (b'{"amount":"1.00","status":"CHARGED"}', 422, "unknown_field"),
        (b'{"amount":10.0}', 422, "invalid_amount"),
        (b'{"amount":"10.005"}', 422, "invalid_amount"),
        (b'{"amount":"0.00"}', 422, "invalid_amount"),
        (b'{"amount":"-1.00"}', 422, "invalid_amount"),
        (b"{}", 422, "validation_failed"),
        (b"\xff\xfe", 400, "invalid_encoding"),
    ],
)
async def test_a_price_that_is_none_changes_nothing(shop: World, content: bytes, status: int, code: str) -> None:
    before = await shop.opened()
    headers = {"authorization": f"Bearer {shop.key}", "content-type": "application/json"}
    answer = await shop.http.request("PATCH", "/v1/orders/lamp-1", content=content, headers=headers)
    assert (status, code) == (answer.status_code, answer.json()["code"])
    assert {**before, "deliveries": []} == (await shop.get("/v1/orders/lamp-1")).json()


@pytest.mark.parametrize("path", ["cash", "cancel"])
@pytest.mark.parametrize(
    "wrong",
    [
        {"by": ""},
        {"by": "x" * 101},
        {"note": ""},
        {"note": "x" * 1001},
        {"by": "Meera\n"},
        {"note": "\x00"},
        {"note": "\ud800"},
        {"more": 1},
        {"outcome": "lost"},
    ],
)
async def test_a_word_that_is_none_changes_nothing(shop: World, path: str, wrong: dict[str, Any]) -> None:
    before = await shop.opened()
    body = json.dumps({**(COLLECTED if path == "cash" else WORD), **wrong})
    headers = {"authorization": f"Bearer {shop.key}", "content-type": "application/json"}
    answer = await shop.http.post(f"/v1/orders/lamp-1/{path}", content=body, headers=headers)
    assert 422 == answer.status_code, answer.text
    assert {**before, "deliveries": []} == (await shop.get("/v1/orders/lamp-1")).json()


@pytest.mark.parametrize(("method", "path"), [("PATCH", ""), ("POST", "/cash"), ("POST", "/cancel")])
async def test_another_merchant_s_order_is_not_there(shop: World, method: str, path: str) -> None:
    await shop.opened()
    bodies: dict[str, Any] = {"": {"amount": "1.00"}, "/cash": COLLECTED, "/cancel": WORD}
    answer = await shop.call(method, f"/v1/orders/lamp-1{path}", bodies[path], token=shop.other_key)
    assert 404 == answer.status_code


async def test_the_instants_are_the_service_s_own(shop: World) -> None:
    await shop.opened()
    order = await shop.store.load(KEY)
    assert order
    assert START == order.created_at


# --- a record in doubt


async def test_orders_that_the_backup_held_are_passed_over_and_the_others_put_in_doubt_once(shop: World) -> None:
    await shop.opened(order_id="old-1")
    shop.clock.advance(60)
    since = shop.clock.now()
    await shop.opened(order_id="new-1")
    ports, policy = shop.runtime.ports, shop.runtime.merchants["shop"].policy
    first = await resync(ports, policy, "shop", DoubtRecord(since=since))
    again = await resync(ports, policy, "shop", DoubtRecord(since=since))
    assert (Resynced(marked=1, passed_over=1), Resynced(already=1, passed_over=1)) == (first, again)


async def test_an_order_from_before_is_taken_over_once_and_asking_first_changes_nothing(shop: World) -> None:
    ports, policy = shop.runtime.ports, shop.runtime.merchants["shop"].policy
    known = Opened(
        merchant_id="shop",
        order_id="old-7",
        amount=Money(10_000, "INR"),
        customer=Customer(customer_id="c-1"),
        window_s=policy.fulfilment_window_s,
        adopted=True,
    )
    asked_first = await would_adopt(ports, policy, known)
    assert not isinstance(asked_first, Refused)
    assert asked_first.fact
    assert (FactKind.OPENED, []) == (asked_first.fact.kind, [*(await shop.store.find("shop")).orders])
    for changes in (True, False):
        decided = await adopt(ports, policy, known, Requester("Asha"))
        assert not isinstance(decided, Refused)
        assert changes is (decided.fact is not None)


async def test_an_order_from_before_is_taken_over_on_the_same_terms_as_one_that_is_opened() -> None:
    terms = Policy(fulfilment_window_s=5555, discount_max_percent=33, hold_window_s=7777, hold_warning_s=5)
    async with world(policy=terms) as shop:
        await shop.opened(order_id="new-1")
        known = Opened(
            merchant_id="shop",
            order_id="old-1",
            amount=Money(10_000, "INR"),
            customer=Customer(customer_id="c-1"),
            adopted=True,
        )
        await adopt(shop.runtime.ports, terms, known, Requester("Asha"))
        for order in (await shop.store.find("shop")).orders:
            opened = order.opened
            told = (opened.window_s, opened.discount_max_percent, opened.hold_window_s, opened.hold_warning_s)
            assert (5555, 33, 7777, 5) == told
